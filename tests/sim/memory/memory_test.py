"""Runs with a memory outside the machine, held against figures that this script computes by itself.

    memory_test.py LACUNA SOURCE_FOLDER CASE
"""

import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

LACUNA, SOURCE, CASE = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
FOLDER = tempfile.TemporaryDirectory()
WORK = pathlib.Path(FOLDER.name)

MACHINE = {"pe_count": 4, "register_file_entries": 16, "clock_mhz": 800.0}
MEMORY = {"bandwidth_gb_per_s": 3.2, "latency_ns": 40.0, "burst_bytes": 64, "outstanding_bursts": 3,
          "port_width_bytes": 8, "double_buffering": False, "energy_pj_per_bit": 20.0}
LAYERS = [{"generate": {"rows": 40, "columns": 60, "weight_density": 0.3, "activation_density": 0.5, "vectors": 3},
           "name": "first"},
          {"generate": {"rows": 24, "columns": 40, "weight_density": 0.2, "activation_density": 0.5, "seed": 5},
           "name": "second", "activations": "from_previous"}]


def lacuna(*arguments, fails=False):
    done = subprocess.run([LACUNA, *map(str, arguments)], capture_output=True, text=True, cwd=WORK, check=False)
    assert (done.returncode != 0) == fails, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def configuration(layers=None, memory=None, engine="timeline", machine=None, **others):
    document = {"architecture": {"kind": "eie", **MACHINE, **(machine or {})}, "workload": {"layers": layers or LAYERS},
                "engine": engine, **others}
    if memory is not None:
        document["memory"] = {**MEMORY, **memory}
    path = WORK / "run.yaml"
    path.write_text(json.dumps(document))  # JSON is YAML
    return path


def run(*arguments, **of_configuration):
    lacuna("run", configuration(**of_configuration), "--quiet", "--force", "--json", "out.json", *arguments)
    return json.loads((WORK / "out.json").read_text())


def equal(found, expected, what):
    assert found == expected, f"{what}: {found}, expected {expected}"


def transfer_ps(address, size, memory, period_ps, write):
    """A transfer alone on port and bus, from its first request to its last answer: one burst after the other."""
    free = bus = response = 0
    ends = []
    while size > 0:
        part = min(size, memory["burst_bytes"] - address % memory["burst_bytes"])
        beats = -(-part // memory["port_width_bytes"]) * period_ps
        waits = ends[len(ends) - memory["outstanding_bursts"]] if len(ends) >= memory["outstanding_bursts"] else 0
        request = max(free, waits)
        free = request + (beats if write else period_ps)
        bus = max(bus, request + round(memory["latency_ns"] * 1000)) + round(part / memory["bandwidth_gb_per_s"] * 1000)
        response = max(response, bus) + (period_ps if write else beats)
        ends.append(response)
        address += part
        size -= part
    return ends[-1], len(ends)


def expected_of(layer, memory, period_ps, run_cycles, chained):
    """Cycles of a layer's phases without overlap, from what the result says of the layer. All starts are counted
    from the beginning of its job, at an edge."""
    eie = layer["eie"]
    pes, held = MACHINE["pe_count"], MACHINE["register_file_entries"] * MACHINE["pe_count"]
    batches = -(-eie["rows"] // held)
    sizes = {"load_descriptor": 128, "load_codebook": 16 * 2,
             "load_pointers": pes * ((eie["columns"] + eie["has_bias"]) * batches + 1) * 2,
             "load_weights": sum(-(-entries // 8) * 8 for entries in eie["pe"]["entries"])}
    now, exposed = 0, collections.Counter()
    bytes_of, bursts = collections.Counter(), collections.Counter()

    def move(phase, size, address=0):
        nonlocal now
        if size:
            took, count = transfer_ps(address, size, memory, period_ps, phase == "store_results")
            now += took
            bytes_of[phase] += size
            bursts[phase] += count

    def pass_cycles(phase, before):
        exposed[phase] += -(-now // period_ps) - -(-before // period_ps)

    for phase, size in sizes.items():
        before = now
        move(phase, size)
        pass_cycles(phase, before)
    for vector in range(eie["vectors"]):
        before = now
        move("load_inputs", eie["columns"] * 2, vector * eie["columns"] * 2)
        begin = now // period_ps + 1
        exposed["load_inputs"] += begin - -(-before // period_ps)
        now = (begin + run_cycles[vector]) * period_ps
        before = now
        move("store_results", eie["rows"] * 2, vector * eie["rows"] * 2)
        pass_cycles("store_results", before)
    return exposed, bytes_of, bursts


def bytes_and_cycles():
    """Each vector's cycles come from runs without a memory; all else is computed here."""
    for memory in ({}, {"latency_ns": 333.0, "outstanding_bursts": 1}, {"bandwidth_gb_per_s": 0.4, "burst_bytes": 32},
                   {"port_width_bytes": 1, "outstanding_bursts": 8}, {"burst_bytes": 256, "latency_ns": 0.0}):
        first = [LAYERS[0]]
        cycles = [0]
        for vectors in (1, 2, 3):
            alone = run(layers=[{**LAYERS[0], "max_vectors": vectors}])["layers"][0]
            cycles.append(alone["cycles"])
        per_vector = [cycles[i + 1] - cycles[i] for i in range(3)]
        result = run(layers=first, memory=memory)
        layer = result["layers"][0]
        full = {**MEMORY, **memory}
        exposed, bytes_of, bursts = expected_of(layer, full, 1250, per_vector, False)
        phases = layer["memory"]["phases"]
        for phase, counts in phases.items():
            equal(counts["bytes"], bytes_of[phase], f"{memory}: bytes of {phase}")
            equal(counts["bursts"], bursts[phase], f"{memory}: bursts of {phase}")
            equal(counts["exposed_cycles"], exposed[phase], f"{memory}: cycles of {phase}")
            equal(layer["stall_cycles"][phase], exposed[phase] * MACHINE["pe_count"], f"class {phase}")
            assert math.isclose(counts["energy_pj"], bytes_of[phase] * 8 * 20.0), phase
        equal(layer["memory"]["run_cycles"], sum(per_vector), "runs")
        equal(layer["cycles"], sum(per_vector) + sum(exposed.values()), "cycles")
        equal(layer["busy_cycles"] + sum(layer["stall_cycles"].values()), layer["cycles"] * MACHINE["pe_count"], "classes")
        assert math.isclose(layer["time_us"], layer["cycles"] / 800.0)


def engines_agree():
    for double_buffering in (False, True):
        memory = {"double_buffering": double_buffering}
        fast = run(memory=memory, engine="timeline")
        clocked = run(memory=memory, engine="systemc")
        fast.pop("engine")
        clocked.pop("engine")
        equal(fast, clocked, "timeline and systemc")
        path = configuration(memory=memory, engine="rtl")
        done = subprocess.run([LACUNA, "run", path, "--quiet", "--force", "--json", "rtl.json"], capture_output=True, text=True,
                              cwd=WORK, check=False)
        if done.returncode != 0:
            assert "built" in done.stderr or "verilator" in done.stderr.lower(), done.stderr
            continue
        emitted = json.loads((WORK / "rtl.json").read_text())
        emitted.pop("engine")
        equal(emitted, fast, "rtl and timeline")
    text = lacuna("run", configuration(memory={}))
    assert "memory, cycles" in text and "load_pointers" in text, text
    without = run()
    assert "memory" not in without["layers"][0] and "memory" not in without["configuration"], "off by default"


def parts_sum_to_the_whole():
    """A machine whose pointer or sparse-matrix memories are too small gives the outputs of a roomy one."""
    layer = {"generate": {"rows": 100, "columns": 200, "weight_density": 0.3, "activation_density": 0.5, "vectors": 2,
                          "has_bias": True}}
    whole = run(layers=[layer], memory={})["layers"][0]
    equal(whole["memory"]["jobs"], 1, "jobs of a roomy machine")
    # 201 columns in 2 row batches are 403 pointers; 256 bytes hold 128.
    for machine, parts_at_least in (({"pointer_capacity_bytes": 256}, 4), ({"spmat_capacity_bytes": 1024}, 2),
                                    ({"pointer_capacity_bytes": 512, "spmat_capacity_bytes": 1024}, 2)):
        message = lacuna("run", configuration(layers=[layer], machine=machine), fails=True)
        assert "SRAM" in message, message
        small = run(layers=[layer], machine=machine, memory={})["layers"][0]
        assert small["memory"]["jobs"] >= parts_at_least, small["memory"]["jobs"]
        equal(small["outputs_checksum"], whole["outputs_checksum"], f"{machine}: outputs")
        equal(small["counters"]["multiplies"], whole["counters"]["multiplies"], "multiplies")
        equal(small["eie"]["true_nonzeros"], whole["eie"]["true_nonzeros"], "nonzeros")
        clocked = run(layers=[layer], machine=machine, memory={}, engine="systemc")["layers"][0]
        equal(clocked["cycles"], small["cycles"], "cycles of the parts")
        equal(clocked["outputs_checksum"], whole["outputs_checksum"], "outputs on systemc")
    # Wide accumulators do not fit into results: only outputs are split.
    wide = {"accumulator_width_bits": 32, "pointer_capacity_bytes": 64}
    message = lacuna("run", configuration(layers=[layer], machine=wide, memory={}), fails=True)
    assert "pointer SRAM" in message, message


def overlap():
    alone = run(memory={})["totals"]
    both = run(memory={"double_buffering": True})["totals"]
    assert both["cycles"] < alone["cycles"], (both["cycles"], alone["cycles"])
    equal(both["memory"]["items_overlapped"], 4, "items: all but each layer's first")
    equal(both["memory"]["run_cycles"], alone["memory"]["run_cycles"], "runs")
    # In each PE 15 inputs beside 10 results of 2 bytes, and 10 beside 6.
    for size, items in ((50, 4), (48, 2), (32, 2), (30, 0)):
        full = run(memory={"double_buffering": True}, machine={"activation_sram_bytes": size})["totals"]
        equal(full["memory"]["items_overlapped"], items, f"items in {size} bytes")
    # Independent layers: the second begins to be loaded while the first runs, where the memories hold both.
    layers = [LAYERS[0], {**LAYERS[0], "name": "again"}]
    chained = run(layers=layers, memory={"double_buffering": True})
    hidden = chained["layers"][1]["memory"]["phases"]["load_pointers"]
    assert hidden["exposed_cycles"] < hidden["under_way_cycles"], hidden
    # 61 pointers of 2 bytes in each PE, for one layer.
    tight = run(layers=layers, memory={"double_buffering": True}, machine={"pointer_capacity_bytes": 242})
    exposed = tight["layers"][1]["memory"]["phases"]["load_pointers"]
    assert exposed["exposed_cycles"] > hidden["exposed_cycles"], exposed
    assert tight["totals"]["cycles"] > chained["totals"]["cycles"]


def traces():
    result = run("--memory-trace", "requests.stl", memory={"double_buffering": True})
    counts = collections.Counter()
    last = 0
    for line in (WORK / "requests.stl").read_text().splitlines():
        time, size, command, address = line.split()
        assert int(time) >= last and size[0] + size[-1] == "()" and command in ("read", "write"), line
        last = int(time)
        counts[command] += int(size[1:-1])
        counts["bursts"] += 1
        assert int(address, 16) // 64 == (int(address, 16) + int(size[1:-1]) - 1) // 64, line
    phases = result["totals"]["memory"]["phases"]
    equal(counts["write"], phases["store_results"]["bytes"], "bytes written")
    equal(counts["read"] + counts["write"], sum(each["bytes"] for each in phases.values()), "bytes")
    equal(counts["bursts"], sum(each["bursts"] for each in phases.values()), "bursts")
    assert last <= result["totals"]["time_us"] * 1000, (last, result["totals"]["time_us"])
    run("--memory-trace", "requests.trace", memory={"double_buffering": True})
    lines = [line.split() for line in (WORK / "requests.trace").read_text().splitlines()]
    assert {command for command, _ in lines} == {"LD", "ST"}
    assert all(int(address, 16) % 64 == 0 for _, address in lines)
    equal(len(lines), counts["bursts"], "transactions of 64 bytes")  # bursts of 64 bytes touch one each
    assert "no format" in lacuna("run", configuration(memory={}), "--memory-trace", "requests.txt", fails=True)
    assert "no memory outside" in lacuna("run", configuration(), "--memory-trace", "requests.stl", "--force", fails=True)


def sweeps():
    base = configuration(memory={})
    sweep = {"base": str(base), "axes": [{"key": "memory.bandwidth_gb_per_s", "values": [0.8, 3.2]},
                                         {"key": "architecture.pe_count", "values": [2, 4]}]}
    (WORK / "sweep.yaml").write_text(json.dumps(sweep))
    lacuna("sweep", "sweep.yaml", "--out", "swept", "--check", "4")
    points = json.loads((WORK / "swept" / "results.json").read_text())["points"]
    equal(len(points), 4, "points")
    for point in points:
        axes = point["axes"]
        expected = run(memory={"bandwidth_gb_per_s": axes["memory.bandwidth_gb_per_s"]},
                       machine={"pe_count": axes["architecture.pe_count"]})["totals"]
        equal(point["totals"]["cycles"], expected["cycles"], f"cycles of {axes}")
        equal(point["totals"]["memory.exposed_cycles"], expected["memory"]["exposed_cycles"], f"exposed, {axes}")
        assert math.isclose(point["totals"]["memory.energy_nj"], expected["memory"]["energy_pj"] / 1000)
    sweep["base"] = str(configuration())
    (WORK / "sweep.yaml").write_text(json.dumps(sweep))
    assert "no memory" in lacuna("sweep", "sweep.yaml", "--out", "none", fails=True)


def network_run(*arguments, memory=None, engine="timeline", images=2, fails=False):
    settings = [f"--set=memory.{key}={str(value).lower()}" for key, value in (memory or {}).items()]
    output = lacuna("run", SOURCE / "configs" / "lenet5-network.yaml", "--quiet", "--force", "--json", "out.json", "--engine",
                    engine, f"--set=workload.lowering.timed_images={images}", "--set=architecture.register_file_entries=16",
                    "--set=architecture.pe_count=4", "--set=architecture.spmat_capacity_bytes=1048576",
                    "--set=architecture.pointer_capacity_bytes=65536", *settings, *arguments, fails=fails)
    return output if fails else json.loads((WORK / "out.json").read_text())


def whole_networks():
    """Each layer is a job of all images' vectors. What lies outside the runs does not depend on their cycles where nothing
    is loaded meanwhile, so it is computed here with runs of no cycles."""
    memory = {**MEMORY, "double_buffering": False}
    without = network_run()
    result = network_run("--memory-trace", "requests.stl", memory=memory)
    assert any(layer["eie"]["vectors"] > 100 for layer in result["layers"]), "a convolution"
    for layer, alone in zip(result["layers"], without["layers"]):
        equal(layer["memory"]["jobs"], 1, "jobs")
        equal(layer["memory"]["run_cycles"], alone["cycles"], "runs")
        exposed, bytes_of, bursts = expected_of(layer, memory, 1250, [0] * layer["eie"]["vectors"], False)
        for phase, counts in layer["memory"]["phases"].items():
            equal(counts["bytes"], bytes_of[phase], f"{layer['name']}: bytes of {phase}")
            equal(counts["bursts"], bursts[phase], f"{layer['name']}: bursts of {phase}")
            equal(counts["exposed_cycles"], exposed[phase], f"{layer['name']}: cycles of {phase}")
        equal(layer["cycles"], alone["cycles"] + sum(exposed.values()), "cycles")
    requests = (WORK / "requests.stl").read_text().splitlines()
    equal(len(requests), sum(counts["bursts"] for counts in result["totals"]["memory"]["phases"].values()), "requests")
    # One image more costs its vectors alone: weights are loaded once.
    more = network_run(memory=memory, images=3)["totals"]["memory"]["phases"]
    equal(more["load_weights"], result["totals"]["memory"]["phases"]["load_weights"], "weights of three images")
    equal(more["load_inputs"]["bytes"] * 2, result["totals"]["memory"]["phases"]["load_inputs"]["bytes"] * 3, "inputs")
    # Loads hide behind runs, on any engine alike, and in sweeps.
    fast = network_run(memory=MEMORY | {"double_buffering": True}, images=1)
    clocked = network_run(memory=MEMORY | {"double_buffering": True}, images=1, engine="systemc")
    fast.pop("engine")
    clocked.pop("engine")
    equal(fast, clocked, "timeline and systemc")
    assert fast["totals"]["memory"]["items_overlapped"] > 0
    for key in ("engine", "energy"):
        fast["configuration"].pop(key, None)
    (WORK / "base.yaml").write_text(json.dumps(
        {"memory": MEMORY | {"double_buffering": True},
         "architecture": {"base": str(SOURCE / "configs" / "architectures" / "eie-64pe-45nm.yaml"), "register_file_entries": 16,
                          "pe_count": 4, "spmat_capacity_bytes": 1048576, "pointer_capacity_bytes": 65536},
         "workload": {"network": str(SOURCE / "configs" / "networks" / "lenet5.yaml"), "lowering": {"timed_images": 1}}}))
    for engine in ("timeline", "systemc"):
        (WORK / "sweep.yaml").write_text(json.dumps(
            {"base": "base.yaml", "engine": engine, "axes": [{"key": "memory.latency_ns", "values": [40.0, 400.0]}]}))
        lacuna("sweep", "sweep.yaml", "--out", f"swept-{engine}")
        points = json.loads((WORK / f"swept-{engine}" / "results.json").read_text())["points"]
        equal(points[0]["totals"]["cycles"], fast["totals"]["cycles"], "cycles of the sweep's point")
        assert points[1]["totals"]["cycles"] > points[0]["totals"]["cycles"]
    recurrent = {"network": {"layers": [{"name": "in", "kind": "input", "height": 3, "channels": 4},
                                        {"name": "l", "kind": "lstm", "outputs": 2, "weights": {"generate": {"seed": 1}}}]}}
    (WORK / "recurrent.yaml").write_text(json.dumps(recurrent))
    (WORK / "run.yaml").write_text(json.dumps({"architecture": {"kind": "eie", "pe_count": 2}, "memory": {}, "workload": {
        "network": "recurrent.yaml", "data": "random"}}))
    message = lacuna("run", "run.yaml", fails=True)
    assert "layer l is recurrent" in message and len(message.splitlines()) == 1, message


def streaming():
    base = SOURCE / "configs" / "tomato" / "lenet5.yaml"
    arguments = ["--engine", "timeline", "--set", "workload.frames=2", "--json", "out.json", "--force", "--quiet"]
    lacuna("run", base, *arguments)
    alone = json.loads((WORK / "out.json").read_text())["totals"]
    memory = ["--set", "memory.bandwidth_gb_per_s=0.1", "--set", "memory.energy_pj_per_bit=20"]
    lacuna("run", base, *arguments, *memory)
    totals = json.loads((WORK / "out.json").read_text())["totals"]
    phases = totals["memory"]["phases"]
    equal(totals["memory"]["run_cycles"], alone["cycles"], "runs")
    equal(totals["cycles"], alone["cycles"] + sum(each["exposed_cycles"] for each in phases.values()), "cycles")
    equal(phases["load_inputs"]["bytes"] % (2 * 28 * 28), 0, "bytes of 2 pictures")
    equal(phases["store_results"]["bytes"] % (2 * 10), 0, "bytes of 2 results")
    equal(phases["load_weights"]["bytes"], 0, "weights are part of the machine")
    lacuna("run", base, *arguments, *memory, "--set", "memory.load_weights=true")
    loaded = json.loads((WORK / "out.json").read_text())["totals"]
    assert loaded["memory"]["phases"]["load_weights"]["bytes"] > 0
    assert loaded["cycles"] > totals["cycles"]
    message = lacuna("run", base, *arguments, *memory, "--set", "memory.input_buffer_bytes=100", fails=True)
    assert "input_buffer_bytes 100" in message, message
    document = {"architecture": {"kind": "tomato", "clock_mhz": 200}, "engine": "timeline", "memory": {"latency_ns": 80},
                "workload": {"network": str(SOURCE / "configs" / "networks" / "lenet5.yaml"), "frames": 2}}
    (WORK / "base.yaml").write_text(json.dumps(document))
    axes = [{"key": "memory.bandwidth_gb_per_s", "values": [0.1, 6.4]}, {"key": "memory.load_weights", "values": [False, True]}]
    (WORK / "sweep.yaml").write_text(json.dumps({"base": "base.yaml", "axes": axes}))
    lacuna("sweep", "sweep.yaml", "--out", "swept")
    for point in json.loads((WORK / "swept" / "results.json").read_text())["points"]:
        document["memory"] = {"latency_ns": 80, **{key.split(".")[1]: value for key, value in point["axes"].items()}}
        (WORK / "base.yaml").write_text(json.dumps(document))
        lacuna("run", "base.yaml", "--json", "out.json", "--force", "--quiet")
        expected = json.loads((WORK / "out.json").read_text())["totals"]
        equal(point["totals"]["cycles"], expected["cycles"], f"cycles of {point['axes']}")
        equal(point["totals"]["memory.bytes.load_weights"], expected["memory"]["phases"]["load_weights"]["bytes"], "weights")


def results_are_valid():
    """Against the published schemas, and the page and the lines of CSV are made of them."""
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not here")
        sys.exit(77)
    schema = json.loads(lacuna("schema", "result"))
    result = run(memory={})
    jsonschema.validate(result, schema)
    jsonschema.validate(run(), schema)
    lacuna("report", "out.json", "--output", "page.html", "--force")
    lacuna("run", configuration(memory={}), "--quiet", "--csv", "out.csv")
    header = (WORK / "out.csv").read_text().splitlines()[0]
    assert "memory.phases.load_weights.bytes" in header, header


def refusals():
    for memory, words in (({"burst_bytes": 48}, "a power of two"), ({"latency_ns": -1}, "latency_ns"),
                          ({"latency_n": 1}, "latency_ns")):
        message = lacuna("run", configuration(memory=memory), fails=True)
        assert words in message and len(message.splitlines()) == 1, message
    message = lacuna("run", configuration(memory={}), "--json", "out.json", "--force", "--intervals", "100", fails=True)
    assert "intervals" in message, message


def waves_by_name():
    path = configuration(engine="systemc")
    lacuna("run", path, "--quiet", "--wave", "all.vcd")
    lacuna("run", path, "--quiet", "--wave", "some.vcd", "--wave-only", "*CCU*")

    def names(file):
        scope, found = [], set()
        for line in (WORK / file).read_text().splitlines():
            words = line.split()
            if words[:1] == ["$scope"]:
                scope.append(words[2])
            elif words[:1] == ["$upscope"]:
                scope.pop()
            elif words[:1] == ["$var"]:
                found.add(".".join(scope[1:] + [words[4]]))
        return found

    every, some = names("all.vcd"), names("some.vcd")
    equal(some, {name for name in every if "CCU" in name}, "signals")
    assert some and some != every
    message = lacuna("run", path, "--wave", "none.vcd", "--wave-only", "nothing*", fails=True)
    assert "nothing*" in message and not (WORK / "none.vcd").exists(), message


globals()[CASE]()
