"""The trace events of `lacuna run --timeline`, held against the run's result: sums, order, windows, sizes.

    timeline_test.py LACUNA SOURCE_FOLDER CASE
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

LACUNA, SOURCE, CASE = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
FOLDER = tempfile.TemporaryDirectory()
WORK = pathlib.Path(FOLDER.name)


def lacuna(*arguments, fails=0):
    done = subprocess.run([LACUNA, *map(str, arguments)], capture_output=True, text=True, cwd=WORK, check=False)
    assert done.returncode == fails, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def layers_file(pes=8, layers=None, **others):
    layers = layers or [{"generate": {"rows": 40, "columns": 60, "weight_density": 0.3, "activation_density": 0.5, "vectors": 3}, "name": "first"},
                        {"generate": {"rows": 24, "columns": 40, "weight_density": 0.2, "activation_density": 0.5}, "name": "second"}]
    path = WORK / "run.yaml"
    path.write_text(json.dumps({"architecture": {"kind": "eie", "pe_count": pes, "register_file_entries": 16, **others}, "workload": {"layers": layers}, "engine": "timeline"}))
    return path


def strict_json(text):
    """JSON as its standard has it: no NaN, and no key twice in an object."""

    def no_constant(name):
        raise AssertionError(f"{name} is no JSON")

    def pairs(items):
        keys = [key for key, _ in items]
        assert len(set(keys)) == len(keys), f"a key twice: {keys}"
        return dict(items)

    return json.loads(text, parse_constant=no_constant, object_pairs_hook=pairs)


def check_format(timeline):
    """What the Trace Event Format (Google's document of that name) demands of the phases that Lacuna writes, and what Perfetto's importer
    drops: X (complete events, which nest within a thread), C (counters) and M (names)."""
    assert set(timeline) <= {"traceEvents", "displayTimeUnit", "otherData"} and timeline["displayTimeUnit"] in ("ms", "ns")
    whole = lambda value: type(value) is int and 0 <= value < 2**53  # exact in a viewer written in JavaScript
    named, spans, counters = {}, collections.defaultdict(list), {}
    for event in timeline["traceEvents"]:
        kind = event["ph"]
        assert whole(event["pid"]) and type(event["name"]) is str and event["name"], event
        if kind == "M":
            assert set(event) == {"ph", "pid", "tid", "name", "args"} and whole(event["tid"]), event
            key, check = {"process_name": ("name", str), "thread_name": ("name", str), "thread_sort_index": ("sort_index", int)}[event["name"]]
            assert set(event["args"]) == {key} and type(event["args"][key]) is check, event
            place = (event["name"], event["pid"], None if event["name"] == "process_name" else event["tid"])
            assert place not in named, f"named twice: {event}"
            named[place] = event["args"][key]
        elif kind == "X":
            assert set(event) - {"args"} == {"ph", "pid", "tid", "ts", "dur", "name"}, event
            assert whole(event["tid"]) and whole(event["ts"]) and whole(event["dur"]) and whole(event["ts"] + event["dur"]), event
            assert all(whole(value) for value in event.get("args", {}).values()), event
            spans[event["pid"], event["tid"]].append((event["ts"], -event["dur"]))
        else:
            assert kind == "C" and set(event) == {"ph", "pid", "ts", "name", "args"} and whole(event["ts"]), event
            assert event["args"] and all(type(value) in (int, float) for value in event["args"].values()), event
            before = counters.setdefault((event["pid"], event["name"]), -1)
            assert event["ts"] > before, f"a counter goes back in time: {event}"
            counters[event["pid"], event["name"]] = event["ts"]
    for process in {process for process, _ in [*spans, *counters]}:
        assert ("process_name", process, None) in named, process
    for (process, thread), each in spans.items():
        assert ("thread_name", process, thread) in named, (process, thread)
        open_ends = []
        for first, minus_duration in sorted(each):
            end = first - minus_duration
            while open_ends and open_ends[-1] <= first:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1], f"spans of thread {thread} of process {process} overlap at {first} and do not nest"
            open_ends.append(end)


def run(configuration, *options):
    lacuna("run", configuration, "--engine", "timeline", "--quiet", "--force", "--json", "result.json", "--timeline", "timeline.json", *options)
    timeline = strict_json((WORK / "timeline.json").read_text(encoding="utf-8"))
    check_format(timeline)
    return json.loads((WORK / "result.json").read_text()), timeline


def lanes(timeline):
    """Of each PE or unit its name and its spans, (first, end, {class: cycles})."""
    names = {event["tid"]: event["args"]["name"] for event in timeline["traceEvents"] if event["ph"] == "M" and event["name"] == "thread_name" and event["pid"] == 2}
    spans = collections.defaultdict(list)
    for event in timeline["traceEvents"]:
        if event["ph"] == "X" and event["pid"] == 2:
            counts = event.get("args", {event["name"]: event["dur"]})
            assert sum(counts.values()) == event["dur"] and event["dur"] > 0, event
            assert counts[event["name"]] == max(counts.values()), event
            spans[event["tid"]].append((event["ts"], event["ts"] + event["dur"], counts))
    return {names[lane]: list_of for lane, list_of in sorted(spans.items())}


def sums(spans):
    total = collections.Counter()
    for _, _, counts in spans:
        total.update(counts)
    return {key: value for key, value in total.items() if value}


def check_contiguous(spans, first, end):
    at = first
    for span_first, span_end, _ in spans:
        assert span_first == at, (span_first, at)
        at = span_end
    assert at == end, (at, end)


def check_layers(result, timeline):
    """Each PE's classes are those of the result, over all layers; layers lie one behind the other."""
    cycles = result["totals"]["cycles"]
    of_pe = [collections.Counter() for _ in result["layers"][0]["eie"]["pe"]["busy"]]
    for layer in result["layers"]:
        for name, values in layer["eie"]["pe"].items():
            if name not in ("entries", "energy_pj"):
                for pe, value in enumerate(values):
                    of_pe[pe][name] += value
    told = lanes(timeline)
    assert list(told) == [f"PE {pe}" for pe in range(len(of_pe))], list(told)
    for pe, wanted in enumerate(of_pe):
        check_contiguous(told[f"PE {pe}"], 0, cycles)
        assert sums(told[f"PE {pe}"]) == {key: value for key, value in wanted.items() if value}, pe
    at = 0
    work = [event for event in timeline["traceEvents"] if event["ph"] == "X" and event["pid"] == 1]
    for layer in result["layers"]:
        (event,) = [each for each in work if each["name"] == layer["name"]]
        assert (event["ts"], event["dur"]) == (at, layer["cycles"]), (event, layer["name"])
        at += layer["cycles"]
    assert sum(event["dur"] for event in work if event["name"] in ("load", "compute", "store")) == cycles


def sums_are_the_classes():
    result, timeline = run(layers_file())
    check_layers(result, timeline)
    assert timeline["otherData"]["class_resolution_cycles"] == 1
    # Queues: as many entries came as went, and none was in one longer than the run.
    fill = collections.defaultdict(list)
    for event in timeline["traceEvents"]:
        if event["ph"] == "C":
            fill[event["name"]].append((event["ts"], event["args"]["entries"]))
    depth = result["configuration"]["architecture"]["queue_depth_entries"] if "queue_depth_entries" in result["configuration"]["architecture"] else 8
    assert len(fill) == 8
    for events in fill.values():
        assert events[-1][1] == 0 and all(0 <= value <= depth for _, value in events), events[-5:]
        assert [cycle for cycle, _ in events] == sorted({cycle for cycle, _ in events})
    # What checks the format finds what breaks it.
    def overlap(events):
        spans = [event for event in events if event["ph"] == "X" and event["pid"] == 2]
        first = next(one for one, other in zip(spans, spans[1:]) if one["tid"] == other["tid"] and other["dur"] > 1)
        first["dur"] += 1

    spoil = {
        "overlap": overlap,
        "a fraction": lambda events: next(event for event in events if event["ph"] == "X").update(ts=0.5),
        "a counter of text": lambda events: next(event for event in events if event["ph"] == "C").update(args={"entries": "1"}),
        "no name": lambda events: events.remove(next(event for event in events if event["name"] == "thread_name")),
    }
    for what, change in spoil.items():
        spoilt = json.loads(json.dumps(timeline))
        change(spoilt["traceEvents"])
        try:
            check_format(spoilt)
        except AssertionError:
            continue
        raise AssertionError(f"not found: {what}")
    # The same run gives the same bytes.
    before = (WORK / "timeline.json").read_bytes()
    run(layers_file())
    assert (WORK / "timeline.json").read_bytes() == before


def pipelines():
    result, timeline = run(SOURCE / "configs" / "tomato" / "residual.yaml", "--intervals", "100")
    told = lanes(timeline)
    for unit in result["tomato"]["units"]:
        check_contiguous(told[unit["name"]], 0, result["totals"]["cycles"])
        assert sums(told[unit["name"]]) == {key: value for key, value in unit["cycle_classes"].items() if value}, unit["name"]
    counters = {event["name"] for event in timeline["traceEvents"] if event["ph"] == "C"}
    assert counters == {fifo["name"] for fifo in result["tomato"]["fifos"]}, counters
    frames = [event for event in timeline["traceEvents"] if event["ph"] == "X" and event["pid"] == 1]
    assert [event["ts"] + event["dur"] - 1 for event in frames] == result["totals"]["tomato"]["frame_cycles"]
    # Busy cycles of each unit by intervals are those of its spans.
    busy = [0] * len(result["tomato"]["units"])
    for interval in result["intervals"]:
        assert sum(interval["busy_of_each"]) == interval["cycle_classes"]["busy"]
        busy = [a + b for a, b in zip(busy, interval["busy_of_each"])]
    assert busy == [unit["cycle_classes"]["busy"] for unit in result["tomato"]["units"]]


def windows_and_pes():
    _, whole = run(layers_file())
    cycles = whole["otherData"]["cycles"]
    _, part = run(layers_file(), "--timeline-window", f"50:{cycles - 7}", "--timeline-pes", "1-2,5")
    told = lanes(part)
    assert list(told) == ["PE 1", "PE 2", "PE 5"], list(told)
    for name, spans in told.items():
        check_contiguous(spans, 50, cycles - 7)
        cut = [(max(first, 50), min(end, cycles - 7), counts) for first, end, counts in lanes(whole)[name] if end > 50 and first < cycles - 7]
        assert [span[:2] for span in spans] == [span[:2] for span in cut], name
    assert {event["name"] for event in part["traceEvents"] if event["ph"] == "C"} <= {"PE 1", "PE 2", "PE 5"}


def refusals():
    for options, words in ((("--timeline-window", "9:9"), "no window"), (("--timeline-window", "x:3"), "no window"), (("--timeline-window", "5"), "no window"),
                           (("--timeline-pes", "3-1"), "no list"), (("--timeline-pes", "1,,2"), "no list"), (("--timeline-pes", "8-9"), "0 to 7"),
                           (("--engine", "systemc"), "--timeline")):
        message = lacuna("run", layers_file(), "--quiet", "--timeline", "out.json", *options, fails=2)
        assert words in message and len(message.splitlines()) == 1, message
        assert not (WORK / "out.json").exists()
    # One output goes to standard output, which then holds nothing else.
    message = lacuna("run", layers_file(), "--quiet", "--timeline", "-", "--json", "-", fails=2)
    assert "standard output" in message and len(message.splitlines()) == 1, message
    assert json.loads(lacuna("run", layers_file(), "--timeline", "-"))["traceEvents"]
    message = lacuna("run", SOURCE / "configs" / "tomato" / "residual.yaml", "--engine", "systemc", "--quiet", "--timeline", "out.json", fails=2)
    assert "--timeline" in message, message
    message = lacuna("run", SOURCE / "configs" / "lenet5-network.yaml", "--engine", "timeline", "--quiet", "--timeline", "out.json", fails=2)
    assert "--timeline" in message, message


def large_runs_stay_small():
    """More than a million cycles of 64 PEs: below 50 MB, and the sums still are the classes."""
    layer = {"generate": {"rows": 4096, "columns": 4096, "weight_density": 0.1, "activation_density": 0.5, "vectors": 66}, "name": "large"}
    result, timeline = run(layers_file(64, [layer], register_file_entries=64, spmat_capacity_bytes=1 << 20, pointer_capacity_bytes=1 << 18, pointer_width_bits=24))
    size = (WORK / "timeline.json").stat().st_size
    print(f"{result['totals']['cycles']} cycles, {size} bytes, {timeline['otherData']}")
    assert result["totals"]["cycles"] > 1_000_000 and 5_000_000 < size < 50_000_000, (result["totals"]["cycles"], size)
    check_layers(result, timeline)


globals()[CASE]()
