#include "sim/tomato/unit_structure.h"

#include <algorithm>
#include <utility>

#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

using Term = StructureTerm;

std::uint64_t bits_of(const Stream& stream) {
  return static_cast<std::uint64_t>(hardware_bits(stream));
}
std::uint64_t token_bits(const Stream& stream) {
  return stream.values_per_token() * bits_of(stream);
}

bool all_equal(const std::vector<std::int32_t>& values) {
  return !values.empty() && std::equal(values.begin() + 1, values.end(), values.begin());
}

/// Shape of a unit with an issue stage, as its module takes it in parameters.
struct Steps {
  std::uint64_t groups = 1;  ///< of output channels
  std::uint64_t inner = 1;   ///< steps of a group
  std::uint64_t slices = 1;  ///< of the token
  std::uint64_t tokens = 1;  ///< joined to a result
};

class Builder {
 public:
  Builder(const Pipeline& pipeline, const Analysis& analysis, const std::vector<EdgeHardware>& edges,
          std::size_t position)
      : unit_(pipeline.units[position]),
        plan_(analysis.units[position]),
        analysis_(analysis),
        has_values_(has_values(pipeline)) {
    if (!plan_.inputs.empty()) {
      const EdgeHardware& in = edges[plan_.inputs.front()];
      takes_slices_ = (in.store || in.counts_alone) && reads_slices(unit_, plan_);
    }
    if (!plan_.outputs.empty()) {
      const EdgeHardware& out = edges[plan_.outputs.front()];
      gives_slices_ = out.store && writes_slices(unit_, plan_);
      hands_over_counts_ = out.counts_alone;
    }
  }

  HardwareParts whole() {
    switch (unit_.kind) {
      case UnitKind::source:
        break;
      case UnitKind::sink:
        add(Term::counter_bit, counter_bits(input().tokens_per_frame()));
        break;
      case UnitKind::window:
        add_window();
        break;
      case UnitKind::convolution:
      case UnitKind::depthwise:
      case UnitKind::pointwise:
      case UnitKind::fully_connected:
        control();
        add_engine();
        break;
      case UnitKind::max_pool:
      case UnitKind::sum_pool:
      case UnitKind::global_sum_pool:
        control();
        add_pool();
        break;
      case UnitKind::add:
        control();
        add_slices(input().values_per_token() * (bits_of(input()) + bits_of(input(1))));
        add(Term::adder_bit, lanes() * bits_of(output()));
        add_results();
        break;
      case UnitKind::requantise:
        control();
        add_requantisation();
        break;
      case UnitKind::boost:
        control();
        add_slices(input().values_per_token() * (bits_of(input()) + bits_of(input(1))));
        add(Term::held_bit, token_bits(input(1)));
        add(Term::register_bit, lanes() * bits_of(output()) * (plan_.latency_cycles - 1));
        add_results();
        break;
      case UnitKind::winners:
        control();
        add(Term::held_bit, token_bits(input()));
        add(Term::choice_bit, token_bits(input()));
        add_results();
        break;
      case UnitKind::concat:
      case UnitKind::fork:
      case UnitKind::select:
        control();
        add_results();
        break;
      case UnitKind::link:
        control();
        add_ram(unit_.link.buffer_tokens, token_bits(output()));
        break;
    }
    return std::move(parts_);
  }

 private:
  /// Results that can wait between the arithmetic and the push.
  std::uint64_t result_slot_count() const { return plan_.latency_cycles + 1; }

  const Stream& input(std::size_t number = 0) const { return analysis_.streams[plan_.inputs[number]]; }
  const Stream& output() const { return analysis_.streams[plan_.outputs.front()]; }
  std::uint64_t lanes() const { return unit_.unroll.output_channels; }

  Steps steps() const {
    Steps s;
    const UnitTraits& kind = traits(unit_.kind);
    s.groups = plan_.output_steps;
    s.inner = std::uint64_t{plan_.input_steps} * plan_.tap_steps;
    // An engine of all channels takes the same slices for each group of outputs, one of several groups
    // others.
    const bool same_slices = kind.joins_channels && channel_groups(unit_) == 1;
    s.slices = same_slices ? s.inner : s.groups * s.inner;
    s.tokens = kind.collects_frame ? plan_.tokens_per_frame : 1;
    return s;
  }

  /// The issue stage, its pipe and counters, and what accompanies a step.
  void control() {
    const Steps s = steps();
    if (unit_.kind == UnitKind::link) {
      add(Term::counter_bit, counter_bits(plan_.issue_cycles) +
                                 2 * counter_bits(unit_.link.buffer_tokens + 1) +
                                 2 * counter_bits(unit_.link.buffer_tokens));
      add(Term::delay_bit, 2 * (plan_.latency_cycles - 1));
      add(Term::issue, 1);
      return;
    }
    add(Term::issue, 1);
    add(Term::stage, plan_.latency_cycles);
    add(Term::counter_bit, counter_bits(s.groups) + counter_bits(s.inner) + counter_bits(s.tokens) +
                               (gives_slices_ ? 0 : 2 * counter_bits(result_slot_count())));
    if (traits(unit_.kind).has_weights) {
      add(Term::counter_bit, counter_bits(s.groups * s.inner * s.tokens) +
                                 (s.slices > 1 && !takes_slices_ ? counter_bits(s.slices) : 0));
      add(Term::delay_bit, (plan_.latency_cycles - 1) * (3 + counter_bits(s.groups)));
      if (plan_.output_gate_input || plan_.input_gate_input) {
        add(Term::choice_bit, output().map.channels + input().map.channels);
      }
    } else if (unit_.kind == UnitKind::winners) {
      add(Term::counter_bit, counter_bits(plan_.issue_cycles));
    } else {
      add(Term::counter_bit, counter_bits(s.slices));
      add(Term::delay_bit, (plan_.latency_cycles - 1) * (1 + counter_bits(s.groups)));
    }
  }

  void add(Term term, std::uint64_t count) { parts_.structure.add(term, count); }

  void add_ram(std::uint64_t words, std::uint64_t width, std::uint64_t copies = 1) {
    parts_.add({words, width, copies, true, false});
  }

  void add_rom(std::uint64_t words, std::uint64_t width, bool is_registered = false) {
    parts_.add({words, width, 1, false, is_registered});
  }

  /// The token held and the choice of a slice of it.
  void add_slices(std::uint64_t held_bits) {
    if (takes_slices_) {
      return;
    }
    const Steps s = steps();
    add(Term::held_bit, held_bits);
    add(Term::slice_bit, divide_up(held_bits, s.slices) * (s.slices - 1));
  }

  void add_results() {
    if (gives_slices_) {
      return;
    }
    add_ram(result_slot_count(), lanes_of_results() * bits_of(output()), result_groups());
  }
  bool whole_results() const {
    return unit_.kind == UnitKind::winners || unit_.kind == UnitKind::concat || unit_.kind == UnitKind::fork;
  }
  std::uint64_t result_groups() const { return whole_results() ? 1 : plan_.output_steps; }
  std::uint64_t lanes_of_results() const { return whole_results() ? output().map.channels : lanes(); }

  /// A tree of each lane and the registers behind its levels.
  /// Sums grow by a bit a level, up to `most_bits`.
  void add_tree(std::uint64_t terms, std::uint64_t bits, std::uint64_t most_bits, bool sums) {
    for (std::uint64_t left = terms; left > 1; left = divide_up(left, 2)) {
      if (sums) {
        bits = std::min(bits + 1, most_bits);
        add(Term::adder_bit, lanes() * (left / 2) * bits);
      }
      add(Term::register_bit, lanes() * divide_up(left, 2) * bits);
    }
  }

  /// Of a product in an engine: what the largest weight and the largest value need (tomato_dot.sv).
  std::uint64_t product_bits() const {
    const NumberFormat& format = unit_.weights.format;
    std::uint64_t added = 1;
    if (format.is_two_complement()) {
      added = static_cast<std::uint64_t>(format.width_bits);
    } else if (format.kind == NumberKind::shift) {
      added = std::uint64_t{1} << (format.width_bits - 2);
    } else if (format.kind == NumberKind::recentralised_shift) {
      return bits_of(output());
    }
    return std::min(bits_of(output()), bits_of(input()) + added);
  }

  void add_accumulator(std::uint64_t bits, bool sums) {
    const Steps s = steps();
    if (s.inner > 1 || s.tokens > 1) {
      if (sums) {
        add(Term::adder_bit, lanes() * bits);
      }
      add(Term::register_bit, lanes() * bits);
    }
    if (s.tokens > 1) {
      add_ram(plan_.output_steps, lanes() * bits);
      if (s.inner > 1) {
        add(Term::slice_bit, lanes() * bits);  // the group's sum so far, or the frame's
      }
    }
    add_results();
  }

  void add_engine() {
    const Steps s = steps();
    const UnitTraits& kind = traits(unit_.kind);
    const std::uint64_t terms = std::uint64_t{kind.joins_channels ? unit_.unroll.input_channels : 1} *
                                (kind.unrolls_taps ? unit_.unroll.taps : 1);
    const std::uint64_t sum_bits = bits_of(output());
    const auto weight_bits = static_cast<std::uint64_t>(unit_.weights.format.width_bits);
    add_slices(token_bits(input()));
    add_rom(s.groups * s.inner * s.tokens, lanes() * terms * weight_bits, takes_slices_);
    // DSP blocks have registers of their own.
    if (!unit_.weights.format.is_two_complement()) {
      add(Term::register_bit, lanes() * terms * product_bits());
    }
    add_tree(terms, product_bits(), sum_bits, true);
    add_accumulator(sum_bits, true);
  }

  void add_pool() {
    const bool sums = unit_.kind != UnitKind::max_pool;
    const std::uint64_t taps = traits(unit_.kind).unrolls_taps ? unit_.unroll.taps : 1;
    add_slices(token_bits(input()));
    add_tree(taps, bits_of(output()), bits_of(output()), sums);
    add_accumulator(bits_of(output()), sums);
  }

  void add_requantisation() {
    const Requantisation& r = unit_.requantisation;
    // What all channels have alike synthesis knows: it lies in no memory.
    const bool one_scale = has_values_ && all_equal(r.scale);
    const bool one_offset = has_values_ && all_equal(r.offset);
    const bool adds = !one_offset || r.offset.front() != 0;
    const std::uint64_t product_bits = bits_of(input()) + Requantisation::scale_bits;
    const std::uint64_t sum_bits =
        adds ? std::max<std::uint64_t>(product_bits, r.offset_shift + Requantisation::scale_bits) + 1
             : product_bits;
    add_slices(token_bits(input()));
    const std::uint64_t kept = (one_scale ? 0 : 1) + (one_offset ? 0 : 1);
    if (kept > 0) {
      add_rom(plan_.output_steps, lanes() * kept * Requantisation::scale_bits, takes_slices_);
    }
    add(Term::rounding_bit, lanes() * sum_bits);
    if (adds) {
      add(Term::adder_bit, lanes() * sum_bits);
    }
    add_results();
  }

  void add_window() {
    const WindowGeometry geometry(unit_.window, input().map);
    const std::uint64_t pixel = token_bits(input());
    const std::uint64_t height = geometry.rows().kernel;
    const std::uint64_t width = geometry.columns().kernel;
    const std::uint64_t lines = geometry.lines();
    const std::uint64_t bank_words = divide_up(geometry.columns().size, width);
    const std::uint64_t count_bits = counter_bits(geometry.pixels() + geometry.buffer_pixels() + 1);
    add(Term::window, 1);
    add(Term::window_bit, count_bits);
    // Rows and columns of the next window and of the one behind it.
    add(Term::counter_bit,
        2 * (counter_bits(geometry.rows().positions) + counter_bits(geometry.columns().positions)));
    add_rom(geometry.rows().positions, 3 * count_bits + 3);
    add_rom(geometry.columns().positions, 2 * count_bits + 2);
    if (hands_over_counts_) {
      return;
    }
    add(Term::counter_bit, 2 * counter_bits(lines) + counter_bits(geometry.columns().size) +
                               counter_bits(width) + counter_bits(bank_words));
    add_ram(bank_words, pixel, lines * width);
    add(Term::line_bit, height * width * pixel * (lines - 1) + height * width * pixel * (width - 1));
    add_rom(geometry.rows().positions, height + counter_bits(lines));
    add_rom(geometry.columns().positions, width + counter_bits(width) + counter_bits(bank_words));
  }

  const Unit& unit_;
  const UnitPlan& plan_;
  const Analysis& analysis_;
  bool has_values_ = false;
  bool takes_slices_ = false;
  bool gives_slices_ = false;
  bool hands_over_counts_ = false;  ///< a window whose consumer reads the line buffers
  HardwareParts parts_;
};

}  // namespace

std::uint64_t counter_bits(std::uint64_t count) {
  std::uint64_t bits = 0;
  while (count > 1 && (count - 1) >> bits != 0) {
    ++bits;
  }
  return bits;
}

bool has_values(const Pipeline& pipeline) {
  return std::none_of(pipeline.units.begin(), pipeline.units.end(), [](const Unit& unit) {
    return traits(unit.kind).has_weights && unit.weights.mantissas.empty();
  });
}

void HardwareParts::add(const HardwareMemory& memory) {
  if (memory.words > 1) {
    memories.push_back(memory);
  } else if (memory.is_written) {
    structure.add(StructureTerm::register_bit, memory.count * memory.width_bits);
  }
}

Structure& Structure::operator+=(const Structure& other) {
  for (std::size_t term = 0; term < counts_.size(); ++term) {
    counts_[term] += other.counts_[term];
  }
  return *this;
}

HardwareParts unit_parts(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t unit) {
  return Builder(pipeline, analysis, edges, unit).whole();
}

HardwareParts store_parts(const Pipeline& pipeline, const Analysis& analysis, const PixelStore& store) {
  HardwareParts parts;
  const Stream& pixels = analysis.streams[store.write_edge];
  const std::uint64_t bits = bits_of(pixels);
  const std::uint64_t size = store.entries * store.words;
  const std::uint64_t address_bits = counter_bits(size);
  const std::uint64_t bank_bits = counter_bits(store.banks);
  const std::size_t reader = pipeline.edges[store.read_edge].to;
  const UnitPlan& plan = analysis.units[reader];
  Structure& s = parts.structure;
  s.add(Term::ring, 1);
  // Writer, then reader: parts of words, words, steps, windows.
  s.add(Term::counter_bit, counter_bits(divide_up(pixels.map.channels, store.write_lanes)) +
                               counter_bits(store.word_writes) + 2 * address_bits + bank_bits +
                               counter_bits(divide_up(pixels.map.channels, store.read_lanes)) +
                               counter_bits(store.word_reads) + address_bits + counter_bits(plan.tap_steps));
  if (reads_slices(pipeline.units[reader], plan) && traits(pipeline.units[reader].kind).joins_channels) {
    s.add(Term::counter_bit, counter_bits(plan.output_steps));
  }
  std::uint64_t places = 1;
  if (store.window) {
    const WindowGeometry geometry(pipeline.units[*store.window].window, pixels.map);
    s.add(Term::counter_bit,
          2 * (counter_bits(geometry.rows().positions) + counter_bits(geometry.columns().positions)));
    places = 2 + store.tap_lanes;
  }
  // Places that are computed, and those of the next two steps.
  s.add(Term::place_bit, places * (address_bits + bank_bits) + 2 * store.banks * address_bits);
  // From the memories to the slice.
  const std::uint64_t slice_bits = store.read_lanes * bits;
  s.add(Term::slice_bit,
        store.banks * (store.word_reads - 1) * slice_bits + store.tap_lanes * (store.banks - 1) * slice_bits);
  if (store.window) {
    s.add(Term::slice_bit, store.tap_lanes * slice_bits);  // padding
  }
  parts.add({size, store.write_lanes * bits, store.banks * store.word_writes});
  return parts;
}

HardwareParts fifo_parts(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t edge) {
  HardwareParts parts;
  Structure& structure = parts.structure;
  const std::uint64_t depth = pipeline.edges[edge].depth;
  structure.add(Term::counter_bit, counter_bits(depth + 1));
  if (!edges[edge].store && !edges[edge].counts_alone) {
    const std::uint64_t bits = token_bits(analysis.streams[edge]);
    structure.add(Term::counter_bit, 2 * counter_bits(depth));
    parts.add({depth, bits, 1, true, false});
  }
  return parts;
}

}  // namespace lacuna::tomato
