"""What tests of sweeps on many machines share: sweeps, runs of the programs, comparison of results, processes."""

import os
import pathlib
import signal
import subprocess
import time

SKIPPED = 77  # what ctest takes for a skipped test

OBJECTIVES = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n"
RESULTS = ["results.csv", "results.json", "pareto.csv"]


def small_sweep(folder, depths=8):
    """6 x depths points that take microseconds, of two workloads."""
    (folder / "a.yaml").write_text(
        "workload: {layers: [{generate: {rows: 60, columns: 50, weight_density: 0.3, activation_density: 0.5, "
        "vectors: 2}}]}\n")
    (folder / "b.yaml").write_text(
        "workload:\n  layers:\n"
        "    - generate: {rows: 90, columns: 40, weight_density: 0.1, activation_density: 0.6, has_bias: true}\n"
        "    - generate: {rows: 30, columns: 90, weight_density: 0.4, activation_density: 1}\n"
        "      activations: from_previous\n")
    sweep = folder / "sweep.yaml"
    sweep.write_text(
        "architecture: {kind: eie, register_file_entries: 8}\n"
        "axes:\n"
        "  - {key: workload, values: [a.yaml, b.yaml]}\n"
        "  - {key: architecture.pe_count, powers_of_two: {from: 2, to: 8}}\n"
        f"  - {{key: architecture.queue_depth_entries, range: {{from: 1, to: {depths}, step: 1}}}}\n" + OBJECTIVES)
    return sweep


def slow_sweep(folder, points=24, vectors=24):
    """Points that take tenths of a second each, on SystemC, in a build with sanitizers too."""
    vectors = max(1, vectors // int(os.environ.get("LACUNA_SLOWDOWN", "1")))
    (folder / "slow-layer.yaml").write_text(
        "workload: {layers: [{generate: {rows: 2000, columns: 2000, weight_density: 0.1, activation_density: 0.5, "
        f"vectors: {vectors}}}}}]}}\n")
    sweep = folder / "slow.yaml"
    sweep.write_text(
        "architecture: {kind: eie}\n"
        "engine: systemc\n"
        "axes:\n"
        "  - {key: workload, values: [slow-layer.yaml]}\n"
        f"  - {{key: architecture.queue_depth_entries, range: {{from: 1, to: {points}, step: 1}}}}\n" + OBJECTIVES)
    return sweep


def environment(**more):
    """Open MPI refuses root unless told; its own memory is none of the sanitizers' business."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "OMPI_", "PMIX_"))}
    own.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", ASAN_OPTIONS="detect_leaks=0")
    own.update(more)
    return own


def run(*command, timeout=300, **options):
    """Runs a command to its end; its output is kept."""
    options.setdefault("env", environment())
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, check=False, **options)


def check_done(ended):
    assert ended.returncode == 0, (ended.args, ended.returncode, ended.stdout[-2000:], ended.stderr[-4000:])
    return ended


def check_same(folder, other):
    """Results with the same bytes."""
    for name in RESULTS:
        here, there = (pathlib.Path(each) / name for each in (folder, other))
        assert here.stat().st_size > 0, here
        assert here.read_bytes() == there.read_bytes(), f"{here} and {there} differ"


def children(process):
    """Processes that this one started and that still run."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = stat_of(int(entry.name))
            if fields and int(fields[1]) == process and fields[0] != "Z":
                found.append(int(entry.name))
    return sorted(found)


def stat_of(process):
    """/proc/PID/stat from the state on; None when it is gone."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def processor_seconds(process):
    fields = stat_of(process)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def runs(process):
    fields = stat_of(process)
    return fields is not None and fields[0] != "Z"


def wait_until(holds, what, seconds=120):
    """Waits for a sign, never for some time that a loaded machine would need twice."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s: {what}")


def kill(process, number=signal.SIGKILL):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass
