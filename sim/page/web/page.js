// Draws a page's pictures with Vega from the data that stand in the page. No other file, no address.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  // Colours that the colour-blind can tell apart (Okabe and Ito).
  const palette = ['#0072b2', '#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#d55e00', '#b9a900', '#999999'];
  const pictures = [];

  const themed = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    Object.assign(made, attributes);
    made.append(...children);
    return made;
  };
  const shown = (value) =>
    typeof value === 'number' ? value.toLocaleString('en', {maximumSignificantDigits: Number.isInteger(value) ? 21 : 6}) : String(value);
  const percent = (part, whole) => (whole > 0 ? (100 * part / whole).toFixed(1) + ' %' : '-');
  const distinct = (values) => [...new Set(values)];
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  /// A metric's or a key's name with its unit, which the name's last word says.
  const unit_words = {nj: 'nJ', pj: 'pJ', us: '\u00b5s', ns: 'ns', ms: 'ms', s: 's', mw: 'mW', mhz: 'MHz', ghz: 'GHz', mm2: 'mm\u00b2', um2: '\u00b5m\u00b2', db: 'dB', efficiency: 'share', ratio: 'share',
    share: 'share', utilisation: 'share', density: 'share', count: 'number', frames: 'number', macs: 'number', vectors: 'number', broadcasts: 'number'};
  const with_unit = (name) => {
    if (name.startsWith('counters.')) return name + ' (number)';
    const word = name.split(/[._]/).pop();
    return word in unit_words && word !== name ? `${name} (${unit_words[word]})` : name;
  };
  /// Names of series, classes and modules apart, in the order in which a page meets them first, so that a class has one colour in
  /// all pictures.
  const seen = {classes: [], modules: []};
  const colour_of = (name, kind = 'classes') => {
    if (!seen[kind].includes(name)) seen[kind].push(name);
    const index = seen[kind].indexOf(name);
    return index < palette.length ? palette[index] : themed('--last');
  };

  // ---- tooltips ----
  const tooltip = element('div', {id: 'tooltip', hidden: true});
  document.body.append(tooltip);
  const show_tooltip = (lines) => (handler, event, item, value) => {
    const content = value == null ? null : lines ? lines(value) : value;
    if (!content || typeof content !== 'object') {
      tooltip.hidden = true;
      return;
    }
    const rows = Object.entries(content).map(([key, text]) => element('tr', {}, element('td', {}, key), element('td', {}, shown(text))));
    tooltip.replaceChildren(element('table', {}, element('tbody', {}, ...rows)));
    tooltip.hidden = false;
    const box = tooltip.getBoundingClientRect();
    const at = (pointer, size, room) => Math.max(4, pointer + 14 + size < room ? pointer + 14 : pointer - 14 - size);
    tooltip.style.left = at(event.clientX, box.width, window.innerWidth) + 'px';
    tooltip.style.top = at(event.clientY, box.height, window.innerHeight) + 'px';
  };

  // ---- pictures ----
  const config = () => {
    const axis = {
      labelColor: themed('--text'), titleColor: themed('--text'), titleFontWeight: 'normal', gridColor: themed('--grid'),
      domainColor: themed('--line'), tickColor: themed('--line'), labelLimit: 260, labelOverlap: true,
    };
    return {
      axis, text: {fill: themed('--text')},
      legend: {labelColor: themed('--text'), titleColor: themed('--text'), titleFontWeight: 'normal', labelLimit: 220, symbolStrokeWidth: 0},
      style: {'guide-label': {fontSize: 11}, 'guide-title': {fontSize: 12}},
    };
  };
  /// `make(width)` gives {spec, marks, lines, ready}: a Vega specification, about how many marks it draws, what a tooltip says of a
  /// value, and what follows the drawing.
  const picture = (holder, make) => {
    const made = {holder, make, view: null, width: 0, failure: null};
    pictures.push(made);
    redraw(made);
    sizes.observe(holder);
    return made;
  };
  const redraw = (picture) => {
    picture.width = picture.holder.clientWidth;
    if (picture.width === 0) return;
    if (picture.view) picture.view.finalize();
    picture.holder.replaceChildren();
    delete picture.holder.dataset.drawn;
    const {spec, marks, lines, ready} = picture.make(picture.width);
    const runtime = vega.parse({padding: {left: 4, right: 14, top: 4, bottom: 4}, background: null, ...spec}, config());
    const view = new vega.View(runtime, {renderer: marks > 1500 ? 'canvas' : 'svg', container: picture.holder, hover: true});
    picture.view = view;
    view.tooltip(show_tooltip(lines));
    if (ready) ready(view);
    view.runAsync().then(() => { if (picture.view === view) picture.holder.dataset.drawn = view.container().querySelector('canvas') ? 'canvas' : 'svg'; });
  };
  const sizes = new ResizeObserver(() => {
    for (const picture of pictures) {
      if (Math.abs(picture.holder.clientWidth - picture.width) > 8) redraw(picture);
    }
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => pictures.forEach(redraw));

  const chooser = (label, names, chosen, changed) => {
    const select = element('select', {}, ...names.map((name) => element('option', {value: name, selected: name === chosen}, name)));
    select.addEventListener('change', () => changed(select.value));
    return element('label', {}, label + ' ', select);
  };
  const controls_before = (holder, ...parts) => {
    const bar = element('div', {className: 'controls'}, ...parts);
    holder.before(bar);
    return bar;
  };
  const legend_of = (width, names) =>
    ({fill: 'colour', orient: 'top', direction: 'horizontal', columns: Math.max(1, Math.floor((width - 80) / (30 + 7 * Math.max(...names.map((n) => n.length)))))});

  // ---- bars: categories down the page, stacked series, one bar for each result ----
  const bars = ({categories, results, series, unit, share, kind}) => (width) => {
    const rows = [];
    results.forEach((result, r) => result.parts.forEach((part, s) => part.values.forEach((value, c) => {
      if (value > 0) {
        const all = sum(result.parts.map((other) => other.values[c]));
        rows.push({c: categories[c], k: c, r: result.name, s: part.name, i: series.indexOf(part.name), v: share ? 100 * value / all : value, raw: value, all});
      }
    })));
    const band = results.length > 1 ? 34 : 22;
    return {
      marks: rows.length,
      lines: (row) => ({layer: row.c, ...(results.length > 1 ? {result: row.r} : {}), [row.s]: row.raw, share: percent(row.raw, row.all), sum: row.all, unit: unit}),
      spec: {
        width, height: band * categories.length, autosize: {type: 'fit-x', contains: 'padding'},
        data: [{name: 'rows', values: rows, transform: [{type: 'stack', groupby: ['k', 'r'], field: 'v', sort: {field: 'i'}, as: ['v0', 'v1']}]}],
        scales: [
          {name: 'y', type: 'band', domain: categories.map((_, c) => c), range: 'height', paddingInner: 0.25, paddingOuter: 0.1},
          {name: 'inner', type: 'band', domain: results.map((result) => result.name), range: [0, {signal: 'bandwidth(\'y\')'}], paddingInner: 0.1},
          {name: 'x', type: 'linear', domain: share ? [0, 100] : {data: 'rows', field: 'v1'}, range: 'width', nice: !share, zero: true},
          {name: 'colour', type: 'ordinal', domain: series, range: series.map((name) => colour_of(name, kind))},
          {name: 'name', type: 'ordinal', domain: categories.map((_, c) => c), range: categories},
        ],
        axes: [
          {scale: 'x', orient: 'bottom', grid: true, title: share ? '% of ' + unit : unit, tickCount: Math.max(2, Math.round(width / 130))},
          {scale: 'y', orient: 'left', ticks: false, labelPadding: 6, labelLimit: Math.max(80, width * 0.35), labelOverlap: false,
            encode: {labels: {update: {text: {scale: 'name', field: 'value'}}}}},
        ],
        legends: series.length > 1 ? [legend_of(width, series)] : [],
        marks: [{
          type: 'rect', from: {data: 'rows'},
          encode: {
            enter: {
              y: {scale: 'y', field: 'k', offset: {scale: 'inner', field: 'r'}}, height: {scale: 'inner', band: 1},
              x: {scale: 'x', field: 'v0'}, x2: {scale: 'x', field: 'v1'}, fill: {scale: 'colour', field: 's'}, tooltip: {signal: 'datum'},
            },
            update: {fillOpacity: {value: 1}}, hover: {fillOpacity: {value: 0.7}},
          },
        }],
      },
    };
  };
  /// Bars with a choice between amounts and shares; results: [{name, parts: [{name, values}]}].
  const bar_picture = (holder, table, kind) => {
    const all = table.results.flatMap((result) => result.parts);
    all.forEach((part) => colour_of(part.name, kind));
    const series = distinct(all.filter((part) => part.values.some((value) => value > 0)).map((part) => part.name));
    let share = false;
    const drawn = picture(holder, (width) => bars({...table, series, share, kind})(width));
    if (series.length > 1) {
      controls_before(holder, chooser('length of a bar:', [table.unit, 'share'], table.unit, (chosen) => {
        share = chosen === 'share';
        redraw(drawn);
      }));
    }
  };

  // ---- columns: many positions across the page, stacked series ----
  const columns = ({parts: all, unit, title, position, step}) => (width) => {
    const rows = [];
    all.forEach((part) => colour_of(part.name));
    const parts = all.filter((part) => part.values.some((value) => value > 0));
    const count = all.length ? all[0].values.length : 0;
    for (let c = 0; c < count; ++c) {
      let below = 0;
      for (const part of parts) {
        if (part.values[c] > 0) rows.push({c, s: part.name, v0: below, v1: below + part.values[c], v: part.values[c]});
        below += part.values[c];
      }
    }
    return {
      marks: rows.length,
      lines: (row) => ({[position]: row.c * step, [row.s]: row.v, unit}),
      spec: {
        width, height: 170, autosize: {type: 'fit-x', contains: 'padding'},
        data: [{name: 'rows', values: rows}],
        scales: [
          {name: 'x', type: 'linear', domain: [0, count * step], range: 'width', nice: false},
          {name: 'y', type: 'linear', domain: {data: 'rows', field: 'v1'}, range: 'height', nice: true, zero: true},
          {name: 'colour', type: 'ordinal', domain: parts.map((part) => part.name), range: parts.map((part) => colour_of(part.name))},
        ],
        axes: [
          {scale: 'x', orient: 'bottom', title, tickCount: Math.max(2, Math.round(width / 130))},
          {scale: 'y', orient: 'left', grid: true, title: unit, tickCount: 5},
        ],
        legends: parts.length ? [legend_of(width, parts.map((part) => part.name))] : [],
        marks: [{
          type: 'rect', from: {data: 'rows'},
          encode: {
            enter: {
              x: {scale: 'x', signal: 'datum.c * ' + step}, x2: {scale: 'x', signal: '(datum.c + 1) * ' + step}, y: {scale: 'y', field: 'v1'}, y2: {scale: 'y', field: 'v0'},
              fill: {scale: 'colour', field: 's'}, tooltip: {signal: 'datum'},
            },
          },
        }],
      },
    };
  };

  // ---- heat map: units down, time across, share of useful cycles as colour ----
  const heat_map = ({names, rows, step, cycles, useful}) => (width) => {
    const cells = [];
    rows.forEach((row, unit) => row.forEach((value, column) => cells.push({u: unit, t: column, v: value / Math.min(step, cycles - column * step)})));
    const height = Math.max(120, Math.min(16 * names.length, 420));
    return {
      marks: cells.length + 1500,  // a canvas always: cells are drawn without gaps
      lines: (cell) => ({unit: names[cell.u], 'from cycle': cell.t * step, 'to cycle': Math.min((cell.t + 1) * step, cycles), [useful]: percent(cell.v, 1)}),
      spec: {
        width, height, autosize: {type: 'fit-x', contains: 'padding'},
        data: [{name: 'cells', values: cells}],
        scales: [
          {name: 'x', type: 'linear', domain: [0, cycles], range: 'width', nice: false},
          {name: 'y', type: 'linear', domain: [0, names.length], range: [0, height], nice: false},
          {name: 'name', type: 'band', domain: names, range: [0, height]},
          {name: 'heat', type: 'linear', domain: [0, 1], range: {scheme: 'viridis'}, clamp: true},
        ],
        axes: [
          {scale: 'x', orient: 'bottom', title: 'cycle', tickCount: Math.max(2, Math.round(width / 130))},
          {scale: 'name', orient: 'left', ticks: false, labelLimit: Math.max(60, width * 0.2), labelOverlap: 'greedy'},
        ],
        legends: [{fill: 'heat', type: 'gradient', orient: 'top', direction: 'horizontal', format: '.0%', title: 'share of cycles ' + useful, gradientLength: Math.min(240, width / 2)}],
        marks: [{
          type: 'rect', from: {data: 'cells'},
          encode: {
            enter: {
              x: {scale: 'x', signal: 'datum.t * ' + step}, x2: {scale: 'x', signal: 'min((datum.t + 1) * ' + step + ', ' + cycles + ')'},
              y: {scale: 'y', field: 'u'}, y2: {scale: 'y', signal: 'datum.u + 1'}, fill: {scale: 'heat', field: 'v'}, tooltip: {signal: 'datum'},
            },
          },
        }],
      },
    };
  };

  // ---- roofline: what a unit attains, below what its multipliers and its streams allow ----
  const roofline = (units) => (width) => {
    const points = units.map((unit) => ({...unit, roof: Math.min(unit.peak, unit.intensity * unit.bytes_per_cycle)}));
    const positive = points.filter((point) => point.attained > 0 && point.intensity > 0 && point.roof > 0);
    // A point has its name beside it where no other name is near.
    const apart = (a, b) => Math.abs(Math.log(a.intensity / b.intensity)) > 0.9 || Math.abs(Math.log(a.attained / b.attained)) > 0.3;
    const named = positive.reduce((kept, point) => (kept.every((other) => apart(point, other)) ? [...kept, point] : kept), []);
    // Each roof is the line that the unit's point would move below: up with the streams, level with the multipliers.
    const [low, high] = [Math.min(...positive.map((point) => point.intensity)) / 2, Math.max(...positive.map((point) => point.intensity)) * 2];
    const line_of = (point) => [low, point.peak / point.bytes_per_cycle, high].filter((x) => x >= low && x <= high).map((x) => ({r: point.name, x, y: Math.min(point.peak, x * point.bytes_per_cycle)}));
    const drawn = new Set();
    const lines = positive.filter((point) => {
      const key = `${point.peak}/${point.bytes_per_cycle}`;
      return !drawn.has(key) && drawn.add(key);
    }).flatMap(line_of);
    return {
      marks: 3 * positive.length,
      lines: (point) => ({unit: point.name, 'MACs per byte': point.intensity, 'attained MACs per cycle': point.attained,
        'multipliers (MACs per cycle)': point.peak, 'streams allow (MACs per cycle)': point.intensity * point.bytes_per_cycle, 'of its roof': percent(point.attained, point.roof)}),
      spec: {
        width, height: 360, autosize: {type: 'fit', contains: 'padding'},
        signals: [{name: 'pointed', value: null, on: [{events: 'symbol:mouseover', update: 'datum'}, {events: 'symbol:mouseout', update: 'null'}]}],
        data: [{name: 'points', values: positive}, {name: 'named', values: named}, {name: 'roofs', values: lines},
          {name: 'roof', values: positive.flatMap(line_of), transform: [{type: 'filter', expr: 'pointed && datum.r === pointed.name'}]}],
        scales: [
          {name: 'x', type: 'log', domain: [low, high], range: 'width', nice: false},
          {name: 'y', type: 'log', domain: {fields: [{data: 'points', field: 'attained'}, {data: 'points', field: 'roof'}, {data: 'points', field: 'peak'}]}, range: 'height', nice: true},
        ],
        axes: [
          {scale: 'x', orient: 'bottom', grid: true, title: 'MACs per byte of activations through the unit', format: '~g', tickCount: 6},
          {scale: 'y', orient: 'left', grid: true, title: 'MACs per cycle', format: '~g', tickCount: 6},
        ],
        marks: [
          {type: 'group', clip: true, interactive: false, from: {facet: {name: 'line', data: 'roofs', groupby: 'r'}}, encode: {enter: {width: {signal: 'width'}, height: {signal: 'height'}}}, marks: [
            {type: 'line', interactive: false, from: {data: 'line'}, encode: {enter: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, stroke: {value: themed('--mark')}, strokeWidth: {value: 1}, strokeOpacity: {value: 0.35}}}}]},
          {type: 'group', clip: true, interactive: false, encode: {enter: {width: {signal: 'width'}, height: {signal: 'height'}}}, marks: [
            {type: 'line', interactive: false, from: {data: 'roof'}, encode: {update: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, stroke: {value: themed('--mark')}, strokeWidth: {value: 2.5}}}}]},
          {type: 'rule', from: {data: 'points'}, encode: {enter: {x: {scale: 'x', field: 'intensity'}, y: {scale: 'y', field: 'attained'}, y2: {scale: 'y', field: 'roof'}, stroke: {value: themed('--faint')}, strokeDash: {value: [3, 3]}}}},
          {type: 'symbol', from: {data: 'points'}, encode: {enter: {x: {scale: 'x', field: 'intensity'}, y: {scale: 'y', field: 'roof'}, shape: {value: 'stroke'}, size: {value: 260}, stroke: {value: themed('--mark')}, strokeWidth: {value: 2}, tooltip: {signal: 'datum'}}}},
          {type: 'symbol', from: {data: 'points'}, encode: {enter: {x: {scale: 'x', field: 'intensity'}, y: {scale: 'y', field: 'attained'}, size: {value: 90}, fill: {value: palette[0]}, tooltip: {signal: 'datum'}}}},
          {type: 'text', interactive: false, from: {data: 'named'}, encode: {enter: {x: {scale: 'x', field: 'intensity', offset: 9}, y: {scale: 'y', field: 'attained', offset: 13}, text: {field: 'name'}, fontSize: {value: 10}, fill: {value: themed('--text')}}}},
        ],
      },
    };
  };

  // ---- pipeline: units as boxes with their cycles, FIFOs as links between them ----
  /// Rows by the longest way from a source; units of a row side by side, each near the mean of those before it.
  const layout = ({units, fifos}) => {
    const row = units.map(() => 0);
    for (let changed = true, rounds = 0; changed && rounds <= units.length; ++rounds) {
      changed = false;
      for (const fifo of fifos) {
        if (row[fifo.to] < row[fifo.from] + 1) {
          row[fifo.to] = row[fifo.from] + 1;
          changed = true;
        }
      }
    }
    const lane = units.map(() => 0);
    const rows = Math.max(...row) + 1;
    let lanes = 1;
    for (let r = 0; r < rows; ++r) {
      const here = units.map((_, u) => u).filter((u) => row[u] === r);
      const wished = (u) => {
        const before = fifos.filter((fifo) => fifo.to === u).map((fifo) => lane[fifo.from]);
        return before.length ? sum(before) / before.length : 0;
      };
      here.sort((a, b) => wished(a) - wished(b));
      let free = 0;
      for (const u of here) {
        // A link that passes a row keeps its lane free.
        const passing = fifos.filter((fifo) => row[fifo.from] < r && row[fifo.to] > r).map((fifo) => lane[fifo.from]);
        lane[u] = Math.max(free, Math.floor(wished(u)));
        while (here.length === 1 && passing.includes(lane[u]) && lane[u] < 4) ++lane[u];
        free = lane[u] + 1;
      }
      lanes = Math.max(lanes, free);
    }
    return {row, lane, rows, lanes};
  };
  const pipeline = ({units, fifos}) => (width) => {
    const {row, lane, rows, lanes} = layout({units, fifos});
    // A long pipeline goes on in the next column, as many as the page has room for.
    const least = Math.max(60, Math.min(140, (width - 40) / lanes - 24));
    const folds = rows <= 20 ? 1 : Math.max(1, Math.min(Math.floor((width - 20) / (lanes * (least + 40))), Math.ceil(rows / 12)));
    const rows_of_fold = Math.ceil(rows / folds);
    const fold_width = (width - 20) / folds;
    const box = {width: Math.max(60, Math.min(220, fold_width / lanes - 40)), height: 26, down: 58};
    const across = Math.min(box.width + 60, fold_width / lanes);
    const fold = (u) => Math.floor(row[u] / rows_of_fold);
    const left = (u) => 10 + fold(u) * fold_width + lane[u] * across;
    const top = (u) => 14 + (row[u] % rows_of_fold) * box.down;
    const classes = distinct(units.flatMap((unit) => Object.keys(unit.classes)));
    classes.forEach((name) => colour_of(name));
    const parts = units.flatMap((unit, u) => {
      const all = sum(Object.values(unit.classes));
      let x = left(u);
      return Object.entries(unit.classes).map(([name, cycles]) => {
        const from = x;
        x += all > 0 ? box.width * cycles / all : 0;
        return {u, s: name, x: from, x2: x, y: top(u)};
      });
    });
    const boxes = units.map((unit, u) => ({u, x: left(u), y: top(u), name: unit.name}));
    const cycles = Math.max(...units.map((unit) => sum(Object.values(unit.classes))));
    const links = fifos.map((fifo, f) => {
      const [x, y, x2, y2] = [left(fifo.from) + box.width / 2, top(fifo.from) + box.height, left(fifo.to) + box.width / 2, top(fifo.to)];
      const far = row[fifo.to] > row[fifo.from] + 1;
      const folded = fold(fifo.from) !== fold(fifo.to);
      const gap = 10 + fold(fifo.to) * fold_width - 14;
      const side = far && !folded ? Math.max(left(fifo.from), left(fifo.to)) + box.width + 14 : 0;
      const path = folded ? `M${x},${y}V${y + 22}H${gap}V${y2 - 8}H${x2}V${y2}`
        : far && lane[fifo.from] === lane[fifo.to]
          ? `M${x},${y}C${x},${y + 22},${side},${y},${side},${y + 30}L${side},${y2 - 30}C${side},${y2},${x2},${y2 - 22},${x2},${y2}`
          : `M${x},${y}C${x},${(y + y2) / 2},${x2},${(y + y2) / 2},${x2},${y2}`;
      const [full, empty] = [fifo.full_stall_cycles / cycles, fifo.empty_stall_cycles / cycles];
      const waited = Math.max(full, empty) < 0.005 ? [] : [(full >= empty ? 'full ' : 'empty ') + Math.round(100 * Math.max(full, empty)) + ' %'];
      return {f, path, full, starves: empty > full && empty >= 0.1, x: folded ? x : side || (x + x2) / 2, y: folded ? y + 9 : (y + y2) / 2 - waited.length * 6,
        label: folded ? [fifo.high_water_mark + '/' + fifo.depth, ...waited].join(', ') : [fifo.high_water_mark + '/' + fifo.depth, ...waited]};
    });
    const unit_lines = (u) => {
      const unit = units[u];
      const all = sum(Object.values(unit.classes));
      return {unit: unit.name, ...(unit.kind ? {kind: unit.kind} : {}), ...Object.fromEntries(Object.entries(unit.classes).map(([name, cycles]) => [name, shown(cycles) + ' cycles, ' + percent(cycles, all)]))};
    };
    return {
      marks: 0,
      lines: (value) => (value.f === undefined ? unit_lines(value.u) : {
        FIFO: fifos[value.f].name, depth: fifos[value.f].depth, 'high-water mark': fifos[value.f].high_water_mark, pushes: fifos[value.f].pushes,
        'full, its producer waited (cycles)': fifos[value.f].full_stall_cycles, 'empty, its consumer waited (cycles)': fifos[value.f].empty_stall_cycles}),
      spec: {
        width: width - 24, height: rows_of_fold * box.down + 14, autosize: {type: 'pad'},
        data: [{name: 'parts', values: parts}, {name: 'boxes', values: boxes}, {name: 'links', values: links}],
        scales: [{name: 'colour', type: 'ordinal', domain: classes, range: classes.map((name) => colour_of(name))},
          {name: 'heat', type: 'linear', domain: [0, 1], range: [themed('--faint'), themed('--mark')]}],
        legends: [legend_of(width, classes)],
        marks: [
          {type: 'path', from: {data: 'links'}, encode: {enter: {path: {field: 'path'}, stroke: {scale: 'heat', field: 'full'}, strokeWidth: {signal: '1.5 + 2.5 * datum.full'}, strokeDash: {signal: 'datum.starves ? [5, 4] : [1, 0]'}, tooltip: {signal: 'datum'}}, hover: {strokeOpacity: {value: 0.6}}, update: {strokeOpacity: {value: 1}}}},
          {type: 'text', from: {data: 'links'}, encode: {enter: {x: {field: 'x', offset: 6}, y: {field: 'y', offset: 4}, text: {field: 'label'}, fontSize: {value: 10}, lineHeight: {value: 12}, fill: {value: themed('--faint')}, tooltip: {signal: 'datum'}}}},
          {type: 'rect', from: {data: 'parts'}, encode: {enter: {x: {field: 'x'}, x2: {field: 'x2'}, y: {field: 'y'}, height: {value: box.height}, fill: {scale: 'colour', field: 's'}, fillOpacity: {value: 0.75}, tooltip: {signal: 'datum'}}}},
          {type: 'rect', from: {data: 'boxes'}, encode: {enter: {x: {field: 'x'}, width: {value: box.width}, y: {field: 'y'}, height: {value: box.height}, stroke: {value: themed('--text')}, fill: {value: 'transparent'}, tooltip: {signal: 'datum'}}}},
          // A halo first: names stand on any colour.
          ...[{stroke: {value: themed('--back')}, strokeWidth: {value: 3}, strokeJoin: {value: 'round'}}, {fill: {value: themed('--text')}}].map((paint) => ({
            type: 'text', interactive: false, from: {data: 'boxes'},
            encode: {enter: {x: {field: 'x', offset: 6}, y: {field: 'y', offset: 17}, text: {field: 'name'}, limit: {value: box.width - 10}, fontSize: {value: 11}, ...paint}},
          })),
        ],
      },
    };
  };

  // ---- networks: layers as boxes, one below the other, the darker the more cycles ----
  const network_graph = (layers, machine) => (width) => {
    const links = layers.flatMap((layer, to) => layer.inputs.map((from) => ({from, to})));
    const {row, lane, rows, lanes} = layout({units: layers, fifos: links});
    const folds = Math.max(1, Math.min(Math.floor((width - 20) / (lanes * 170)), Math.ceil(rows / 12)));
    const rows_of_fold = Math.ceil(rows / folds);
    const fold_width = (width - 20) / folds;
    const across = fold_width / lanes;
    const box = {width: Math.max(70, Math.min(190, across - 34)), height: 34, down: 60};
    const fold = (u) => Math.floor(row[u] / rows_of_fold);
    const left = (u) => 10 + fold(u) * fold_width + lane[u] * Math.min(across, box.width + 40);
    const top = (u) => 8 + (row[u] % rows_of_fold) * box.down;
    const cycles = (layer) => layer.cycles[machine] ?? null;
    const all = sum(layers.map((layer) => cycles(layer) ?? 0));
    const most = Math.max(1e-9, ...layers.map((layer) => cycles(layer) ?? 0));
    const boxes = layers.map((layer, u) => ({u, x: left(u), y: top(u), name: layer.name, share: (cycles(layer) ?? 0) / most,
      below: cycles(layer) === null ? layer.kind.replaceAll('_', ' ') : shown(Math.round(cycles(layer))) + ' cycles'}));
    const paths = links.map(({from, to}, f) => {
      const [x, y, x2, y2] = [left(from) + box.width / 2, top(from) + box.height, left(to) + box.width / 2, top(to)];
      if (fold(from) !== fold(to)) {
        const gap = 10 + fold(to) * fold_width - 10;
        return {f, path: `M${x},${y}V${y + 12}H${gap}V${y2 - 6}H${x2}V${y2}`};
      }
      const side = Math.max(left(from), left(to)) + box.width + 12;
      return {f, path: row[to] > row[from] + 1 && lane[from] === lane[to]
        ? `M${x},${y}C${x},${y + 20},${side},${y},${side},${y + 28}L${side},${y2 - 28}C${side},${y2},${x2},${y2 - 20},${x2},${y2}`
        : `M${x},${y}C${x},${(y + y2) / 2},${x2},${(y + y2) / 2},${x2},${y2}`};
    });
    const words = (field, offset, size) => [{stroke: {value: themed('--back')}, strokeWidth: {value: 3}, strokeJoin: {value: 'round'}}, {fill: {value: themed('--text')}}].map((paint) => ({
      type: 'text', interactive: false, from: {data: 'boxes'},
      encode: {enter: {x: {field: 'x', offset: 6}, y: {field: 'y', offset}, text: {field}, limit: {value: box.width - 10}, fontSize: {value: size}, ...paint}},
    }));
    return {
      marks: 0,
      lines: (value) => {
        const layer = layers[value.u];
        return {layer: layer.name, kind: layer.kind, output: layer.shape,
          ...Object.fromEntries(Object.entries(layer.cycles).map(([name, count]) => [name + ', cycles', count])),
          ...(cycles(layer) === null ? {} : {'of all layers': percent(cycles(layer), all)})};
      },
      spec: {
        width: width - 24, height: Math.min(rows, rows_of_fold) * box.down, autosize: {type: 'pad'},
        data: [{name: 'boxes', values: boxes}, {name: 'paths', values: paths}],
        marks: [
          {type: 'path', interactive: false, from: {data: 'paths'}, encode: {enter: {path: {field: 'path'}, stroke: {value: themed('--faint')}, strokeWidth: {value: 1.5}}}},
          {type: 'rect', from: {data: 'boxes'}, encode: {enter: {x: {field: 'x'}, width: {value: box.width}, y: {field: 'y'}, height: {value: box.height}, fill: {value: themed('--back')}}}},
          {type: 'rect', from: {data: 'boxes'}, encode: {enter: {x: {field: 'x'}, width: {value: box.width}, y: {field: 'y'}, height: {value: box.height},
            fill: {value: palette[1]}, fillOpacity: {field: 'share'}, stroke: {value: themed('--text')}, tooltip: {signal: 'datum'}}}},
          ...words('name', 14, 11), ...words('below', 28, 10),
        ],
      },
    };
  };
  const networks = (holder) => {
    const machines = distinct(data.networks.flatMap((network) => network.layers.flatMap((layer) => Object.keys(layer.cycles))));
    const names = data.networks.map((network) => network.name);
    const look = {network: data.networks[0], machine: machines[0]};
    const drawn = picture(holder, (width) => network_graph(look.network.layers, look.machine)(width));
    const choose = (change) => (name) => { change(name); redraw(drawn); };
    controls_before(holder,
      ...(names.length > 1 ? [chooser('network:', names, names[0], choose((name) => { look.network = data.networks[names.indexOf(name)]; }))] : []),
      ...(machines.length > 1 ? [chooser('machine:', machines, machines[0], choose((name) => { look.machine = name; }))] : []));
  };

  // ---- lines over epochs, with the beginnings of phases ----
  const curves = ({unit, lines, phases}) => (width) => {
    const rows = lines.flatMap((line) => line.points.map(([x, y]) => ({x, y, s: line.name, p: phases.filter((phase) => phase.from <= x).pop().name})));
    const names = lines.map((line) => line.name);
    const [low, high] = [Math.min(...rows.map((row) => row.y)), Math.max(...rows.map((row) => row.y))];
    const logarithmic = low > 0 && high > 50 * low;
    return {
      marks: rows.length,
      lines: (row) => ({epoch: row.x, phase: row.p, [row.s]: row.y, unit}),
      spec: {
        width, height: 260, autosize: {type: 'fit', contains: 'padding'},
        data: [{name: 'rows', values: rows}, {name: 'phases', values: phases}],
        scales: [
          {name: 'x', type: 'linear', domain: [0.5, Math.max(...rows.map((row) => row.x)) + 0.5], range: 'width', nice: false, zero: false},
          {name: 'y', type: logarithmic ? 'log' : 'linear', domain: logarithmic ? [low, high] : [Math.min(0, low), high === low ? high + 1 : high], range: 'height', nice: true},
          {name: 'colour', type: 'ordinal', domain: names, range: palette},
        ],
        axes: [
          {scale: 'x', orient: 'bottom', title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 10},
          {scale: 'y', orient: 'left', grid: true, title: unit, tickCount: 6},
        ],
        legends: [legend_of(width, names)],
        marks: [
          {type: 'rule', interactive: false, from: {data: 'phases'}, encode: {enter: {x: {scale: 'x', signal: 'datum.from - 0.5'}, y: {value: 0}, y2: {signal: 'height'}, stroke: {value: themed('--faint')}}}},
          {type: 'text', interactive: false, from: {data: 'phases'}, encode: {enter: {x: {scale: 'x', signal: 'datum.from - 0.5', offset: 4}, y: {value: 11}, text: {field: 'name'}, fontSize: {value: 10}, fill: {value: themed('--faint')}}}},
          {type: 'group', from: {facet: {name: 'line', data: 'rows', groupby: 's'}}, marks: [
            {type: 'line', interactive: false, from: {data: 'line'}, encode: {enter: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, stroke: {scale: 'colour', field: 's'}, strokeWidth: {value: 1.5}}}}]},
          {type: 'symbol', from: {data: 'rows'}, encode: {enter: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, size: {value: 40}, fill: {scale: 'colour', field: 's'}, tooltip: {signal: 'datum'}}, update: {fillOpacity: {value: 1}}, hover: {fillOpacity: {value: 0.6}}}},
        ],
      },
    };
  };

  // ---- sweeps ----
  const sweep = (holder) => {
    const {columns: all, axes, objectives, ids, front} = data;
    const column = (name) => all.find((each) => each.name === name);
    const names = all.map((each) => each.name);
    const is_number = (name) => column(name).values.every((value) => value === null || typeof value === 'number');
    const numeric = names.filter(is_number);
    const few = (name) => distinct(column(name).values).length <= palette.length;
    const is_axis = (name) => axes.includes(name);
    const is_front = new Set(front);
    const look = {colour: axes.find((axis) => column(axis) && distinct(column(axis).values).length > 1) || '(none)', shape: '(none)'};
    const plots = [];
    let chosen = null;
    let pointed = null;

    const tip = (id) => {
      const at = ids.indexOf(id);
      const lines = {point: id};
      for (const name of [...axes, ...objectives.map((objective) => objective.metric), ...plots.flatMap((plot) => [plot.x, plot.y])]) {
        if (column(name) && !(name in lines)) lines[name] = column(name).values[at];
      }
      return {...lines, ...(is_front.has(id) ? {'Pareto front': 'yes'} : {})};
    };
    const scale_of = (name, scale, range) => {
      const values = distinct(column(name).values.filter((value) => value !== null));
      if (!is_number(name)) return {scale: {name: scale, type: 'point', domain: values, range, padding: 0.5}, axis: {}};
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const powers = low > 0 && values.length > 1 && values.every((value) => Number.isInteger(Math.log2(value)));
      if (powers || (low > 0 && high > 50 * low)) {
        return {
          scale: {name: scale, type: 'log', base: powers ? 2 : 10, domain: [powers ? low / 1.2 : low, powers ? high * 1.2 : high], range, nice: !powers},
          axis: powers && values.length <= 16 ? {values: values.sort((a, b) => a - b), format: '~r'} : {tickCount: 6, format: '~g'},
        };
      }
      return {scale: {name: scale, type: 'linear', domain: low === high ? [low - Math.abs(low) / 10 - 1e-9, high + Math.abs(high) / 10 + 1e-9] : [low, high], range, nice: true, zero: false}, axis: {tickCount: 6}};
    };
    const scatter = (plot) => (width) => {
      const [x, y] = [column(plot.x).values, column(plot.y).values];
      const colour = column(look.colour);
      const shape = column(look.shape);
      const rows = [];
      ids.forEach((id, at) => {
        if (x[at] !== null && y[at] !== null) rows.push({id, x: x[at], y: y[at], f: is_front.has(id) ? 1 : 0, c: colour ? colour.values[at] : '', s: shape ? shape.values[at] : ''});
      });
      rows.sort((a, b) => a.f - b.f);
      plot.rows = rows;
      const x_scale = scale_of(plot.x, 'x', 'width');
      const y_scale = scale_of(plot.y, 'y', 'height');
      const sorted = (each) => distinct(each.values).sort((a, b) => (typeof a === 'number' ? a - b : String(a).localeCompare(String(b))));
      const by_kind = colour && few(look.colour);
      const scales = [x_scale.scale, y_scale.scale];
      const legends = [];
      const legend = {orient: 'top', direction: 'horizontal', columns: Math.max(2, Math.floor(width / 90)), symbolSize: 70};
      if (colour) {
        scales.push(by_kind ? {name: 'colour', type: 'ordinal', domain: sorted(colour), range: palette}
          : {name: 'colour', type: 'linear', domain: {data: 'rows', field: 'c'}, range: {scheme: 'viridis'}});
        legends.push(by_kind ? {...legend, fill: 'colour', title: colour.name} : {fill: 'colour', type: 'gradient', orient: 'top', direction: 'horizontal', title: colour.name, gradientLength: Math.min(200, width / 2)});
      }
      if (shape) {
        scales.push({name: 'shape', type: 'ordinal', domain: sorted(shape), range: ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-left', 'triangle-right']});
        legends.push({...legend, shape: 'shape', title: shape.name, symbolFillColor: themed('--faint')});
      }
      return {
        marks: rows.length > 1000 ? 1e6 : 0,
        lines: (row) => tip(row.id),
        ready: (view) => {
          view.signal('chosen', chosen).signal('pointed', pointed);
          view.addSignalListener('box', (_, box) => brushed(plot, view, box));
          view.addEventListener('mouseover', (_, item) => { if (item && item.datum && item.datum.id !== undefined) point_at(item.datum.id); });
        },
        spec: {
          width, height: 330, autosize: {type: 'fit', contains: 'padding'},
          signals: [
            {name: 'chosen', value: null}, {name: 'pointed', value: null},
            {name: 'box', value: null, on: [
              {events: 'view:mousedown', update: '[clamp(x(), 0, width), clamp(y(), 0, height), clamp(x(), 0, width), clamp(y(), 0, height)]'},
              {events: '[view:mousedown, window:mouseup] > window:mousemove!', update: 'box ? [box[0], box[1], clamp(x(), 0, width), clamp(y(), 0, height)] : null'},
            ]},
          ],
          data: [{name: 'rows', values: rows}], scales, legends,
          axes: [
            {scale: 'x', orient: 'bottom', grid: true, title: with_unit(plot.x), ...x_scale.axis},
            {scale: 'y', orient: 'left', grid: true, title: with_unit(plot.y), ...y_scale.axis},
          ],
          marks: [
            {type: 'rect', interactive: false, encode: {update: {
              x: {signal: 'box ? box[0] : 0'}, x2: {signal: 'box ? box[2] : 0'}, y: {signal: 'box ? box[1] : 0'}, y2: {signal: 'box ? box[3] : 0'},
              fill: {value: themed('--faint')}, fillOpacity: {value: 0.15}, stroke: {value: themed('--faint')}}}},
            {type: 'symbol', from: {data: 'rows'}, encode: {
              enter: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, tooltip: {signal: 'datum'},
                fill: colour ? {scale: 'colour', field: 'c'} : {value: palette[0]}, shape: shape ? {scale: 'shape', field: 's'} : {value: 'circle'}},
              update: {
                size: {signal: 'datum.id === pointed ? 220 : datum.f ? 90 : 36'},
                opacity: {signal: '!chosen || chosen[datum.id] ? 0.95 : 0.12'},
                stroke: {signal: `datum.id === pointed ? '${themed('--mark')}' : datum.f ? '${themed('--text')}' : null`},
                strokeWidth: {signal: 'datum.id === pointed ? 3 : 1.3'},
              }}},
          ],
        },
      };
    };
    const everywhere = (name, value) => plots.forEach((plot) => { if (plot.drawn && plot.drawn.view) plot.drawn.view.signal(name, value).runAsync(); });
    const rows_of_table = () => document.querySelectorAll('tr[data-point]');
    const count = element('span', {id: 'chosen'}, '');
    const choose = (ids_chosen) => {
      chosen = ids_chosen ? Object.fromEntries(ids_chosen.map((id) => [id, 1])) : null;
      everywhere('chosen', chosen);
      rows_of_table().forEach((row) => row.classList.toggle('left-out', chosen !== null && !chosen[row.dataset.point]));
      count.textContent = ids_chosen ? `${ids_chosen.length} of ${ids.length} points chosen` : '';
      clear.hidden = ids_chosen === null;
    };
    const brushed = (plot, view, box) => {
      const [left, right] = box ? [Math.min(box[0], box[2]), Math.max(box[0], box[2])] : [0, 0];
      const [top, bottom] = box ? [Math.min(box[1], box[3]), Math.max(box[1], box[3])] : [0, 0];
      if (box && right - left < 3 && bottom - top < 3) {
        if (chosen) choose(null);
        return;
      }
      if (box) plots.forEach((other) => { if (other !== plot && other.drawn.view.signal('box')) other.drawn.view.signal('box', null); });
      if (!box) return;
      const [x, y] = [view.scale('x'), view.scale('y')];
      choose(plot.rows.filter((row) => x(row.x) >= left && x(row.x) <= right && y(row.y) >= top && y(row.y) <= bottom).map((row) => row.id));
    };
    const point_at = (id) => {
      if (id === pointed) return;
      pointed = id;
      everywhere('pointed', id);
      rows_of_table().forEach((row) => row.classList.toggle('pointed', row.dataset.point === String(id)));
    };
    const clear = element('button', {type: 'button', hidden: true}, 'show all');
    clear.addEventListener('click', () => {
      plots.forEach((plot) => plot.drawn.view.signal('box', null).runAsync());
      choose(null);
    });
    const add = element('button', {type: 'button'}, 'another picture');
    const redraw_all = () => plots.forEach((plot) => redraw(plot.drawn));
    controls_before(holder,
      chooser('colour:', ['(none)', ...names], look.colour, (name) => { look.colour = name; redraw_all(); }),
      chooser('shape:', ['(none)', ...names.filter(few)], look.shape, (name) => { look.shape = name; redraw_all(); }),
      add, clear, count);
    const plot_of = (x, y) => {
      const plot = {x, y};
      const drawn_in = element('div', {className: 'picture'});
      const group = element('div', {}, drawn_in);
      holder.append(group);
      plots.push(plot);
      plot.drawn = picture(drawn_in, (width) => scatter(plot)(width));
      const changed = (key) => (name) => { plot[key] = name; redraw(plot.drawn); };
      controls_before(drawn_in, chooser('across:', names, x, changed('x')), chooser('up:', names, y, changed('y')));
    };
    const measures = numeric.filter((name) => !is_axis(name));
    const goals = objectives.map((objective) => objective.metric).filter((name) => column(name));
    const first_axis = axes.find((axis) => column(axis) && distinct(column(axis).values).length > 1) || names[0];
    const wanted = goals.length > 1 ? [[goals[0], goals[1]], ...(goals.length > 2 ? [[goals[0], goals[2]]] : []), [first_axis, goals[0]]]
      : [[first_axis, goals[0] || measures[0]]];
    if (goals.length < 2 && measures.length > 1) wanted.push([first_axis, measures.find((name) => name !== (goals[0] || measures[0]))]);
    for (const [x, y] of wanted) if (x && y) plot_of(x, y);
    add.addEventListener('click', () => plot_of(first_axis, goals[0] || measures[0]));
    rows_of_table().forEach((row) => {
      row.addEventListener('mouseenter', () => point_at(Number(row.dataset.point)));
      row.addEventListener('click', () => point_at(Number(row.dataset.point)));
    });
  };

  // ---- tables that can be sorted ----
  const sortable = (table) => {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((cell, index) => {
      const button = element('button', {type: 'button'}, cell.textContent);
      cell.replaceChildren(button);
      button.addEventListener('click', () => {
        const direction = cell.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
        const key = (row) => row.cells[index] ? row.cells[index].textContent : '';
        const compare = (a, b) => {
          const [x, y] = [Number(a), Number(b)];
          return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
        };
        [...table.tHead.rows[0].cells].forEach((other) => other.removeAttribute('aria-sort'));
        cell.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
        body.append(...[...body.rows].sort((a, b) => direction * compare(key(a), key(b))));
      });
    });
  };

  const makers = {
    cycles: (holder) => bar_picture(holder, data.cycles, 'classes'),
    energy: (holder) => bar_picture(holder, data.energy, 'modules'),
    over_time: (holder) => {
      const {parts, interval_cycles} = data.over_time;
      picture(holder, columns({parts, unit: '% of the cycles of all units', title: 'cycle', position: 'from cycle', step: interval_cycles}));
    },
    heat_map: (holder) => picture(holder, heat_map(data.heat_map)),
    pes: (holder) => {
      let layer = data.pes[0];
      const drawn = picture(holder, (width) => columns({parts: layer.parts, unit: 'cycles', title: 'PE', position: 'PE', step: 1})(width));
      if (data.pes.length > 1) {
        const names = data.pes.map((each, i) => `${i + 1}: ${each.layer}`);
        controls_before(holder, chooser('layer:', names, names[0], (name) => { layer = data.pes[names.indexOf(name)]; redraw(drawn); }));
      }
    },
    roofline: (holder) => picture(holder, roofline(data.roofline)),
    pipeline: (holder) => picture(holder, pipeline(data.pipeline)),
    loss: (holder) => picture(holder, curves(data.loss)),
    wrong: (holder) => picture(holder, curves(data.wrong)),
    sweep,
    networks,
  };
  document.querySelectorAll('table.sortable').forEach(sortable);
  document.querySelectorAll('[data-picture]').forEach((holder) => makers[holder.dataset.picture](holder));
})();
