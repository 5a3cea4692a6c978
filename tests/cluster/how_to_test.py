#!/usr/bin/python3
"""The scripts of docs/how-to, as far as one machine can run them (Slurm's: slurm_test.py).   how_to_test.py LACUNA CASE"""

import array
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

from sweeps import check_done, check_same, environment, run, small_sweep

LACUNA = pathlib.Path(sys.argv[1]).resolve()
HOW_TO = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/how-to"


def shell(folder, *command, **variables):
    path = os.pathsep.join([str(LACUNA.parent), os.environ["PATH"]])
    return check_done(run(*command, cwd=folder, env=environment(PATH=path, **variables)))


def whole(folder):
    sweep = small_sweep(folder)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "one", "--quiet"))
    return sweep


def xargs_shards(folder):
    sweep = whole(folder)
    shell(folder, HOW_TO / "xargs-shards.sh", sweep, folder / "out", 5, 2)
    check_same(folder / "out/whole", folder / "one")
    shutil.rmtree(folder / "out/part3")
    again = shell(folder, HOW_TO / "xargs-shards.sh", sweep, folder / "out", 5, 2)
    assert re.search(r"shard 3/5: (\d+) points: \1 run now, 0 from before", again.stdout), again.stdout
    check_same(folder / "out/whole", folder / "one")


def ci_matrix(folder):
    """Every job in a folder of its own, with the artifacts carried between them as the actions do."""
    whole(folder)
    text = (HOW_TO / "ci-matrix.yml").read_text()
    shards = [int(word) for word in re.search(r"shard: \[([\d, ]+)\]", text).group(1).split(",")]
    sweep_line, merge_line = re.findall(r"- run: (.*)", text)
    assert f"/{len(shards)} " in sweep_line and shards == list(range(1, len(shards) + 1)), (sweep_line, shards)
    merging = folder / "merge-job"
    merging.mkdir()

    def checkout(job):
        for name in ("sweep.yaml", "a.yaml", "b.yaml"):
            shutil.copy(folder / name, job)

    for shard in shards:
        job = folder / f"shard-job{shard}"
        job.mkdir()
        checkout(job)
        shell(job, "sh", "-c", sweep_line.replace("${{ matrix.shard }}", str(shard)))
        shutil.copytree(job / f"part{shard}", merging / f"part{shard}")
    checkout(merging)
    shell(merging, "sh", "-c", merge_line)
    check_same(merging / "whole", folder / "one")


def kubernetes_job(folder):
    whole(folder)
    text = (HOW_TO / "kubernetes-job.yaml").read_text()
    command = re.search(r'command: \["sh", "-c", "(.*)"\]', text).group(1).replace("/sweep/", f"{folder}/")
    completions = int(re.search(r"completions: (\d+)", text).group(1))
    assert f"--shard /{completions} " in command, command
    for index in range(completions):
        shell(folder, "sh", "-c", command, JOB_COMPLETION_INDEX=str(index))
    (folder / "out").mkdir()
    for index in range(completions):
        (folder / f"part{index + 1}").rename(folder / f"out/part{index + 1}")
    shell(folder, HOW_TO / "merge-shards.sh", folder / "out")
    check_same(folder / "out/whole", folder / "one")


def npy(path, kind, shape, values):
    """A NumPy file without NumPy: little-endian bytes of array('...')."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values.tobytes())


def small_search(folder):
    dice = random.Random(1)
    labels = array.array("q", [number % 4 for number in range(96)])
    images = array.array("f", [dice.random() + (label == pixel // 9) for label in labels for pixel in range(36)])
    npy(folder / "images.npy", "<f4", (96, 6, 6), images)
    npy(folder / "labels.npy", "<i8", (96,), labels)
    (folder / "any.yaml").write_text(
        "network:\n  layers:\n    - {name: in, kind: input, height: 1, width: 1, channels: 1}\n"
        "    - {name: a, kind: fully_connected, outputs: 1, weights: {generate: {}}}\n")
    (folder / "machine.yaml").write_text(
        "architecture: {kind: eie, pe_count: 4}\nworkload: {network: any.yaml}\nengine: timeline\n")
    search = folder / "search.yaml"
    search.write_text(
        "search:\n  skeleton: {height: 6, width: 6, classes: 4, stem_channels: 4, stages: [{blocks: 2, channels: 4}]}\n"
        "  blocks: [Conv, DConvA2, DConv, ConvB2]\n  machines: [{name: m, run: machine.yaml}]\n"
        "  filters: [m.cycles <= 1000000]\n  images: 2\n  score_images: 32\n  samples: 10\n  draws: 20\n"
        "  train: {npy: images.npy, labels: labels.npy}\n  test: {npy: images.npy, labels: labels.npy}\n"
        "  training: {top: 2, random: 1, batch: 32, steps: [{epochs: 1, rate: 0.1}]}\n")
    return search


def search_shards(folder):
    """Rounds of shards: a search for machines, and one for networks."""
    sweep = small_sweep(folder)
    sweep.write_text(sweep.read_text() + "sampling: {method: nsga2, evaluations: 16, population: 8, seed: 2}\n")
    one = run(LACUNA, "sweep", sweep, "--out", folder / "one", "--quiet")
    if "libpagmo" not in one.stderr:
        check_done(one)
        shell(folder, HOW_TO / "search-shards.sh", "sweep", sweep, folder / "out", 3, 2)
        check_same(folder / "out/whole", folder / "one")
    if not (LACUNA.parent / "lacuna-train").exists():
        print("skipped: the search for networks; lacuna-train is not built")
        return
    search = small_search(folder)
    one = folder / "single/one"  # as deep as the whole: networks name their data by relative paths
    one.parent.mkdir()
    check_done(run(LACUNA, "search", search, "--out", one, "--quiet"))
    shell(folder, HOW_TO / "search-shards.sh", "search", search, folder / "out2", 3, 2)
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert sum(name.endswith("network.yaml") for name in names) >= 2, names
    for name in names:
        if name not in ("sweep.sqlite", "lock"):
            assert (one / name).read_bytes() == (folder / "out2/whole" / name).read_bytes(), name


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lacuna-how-to-") as name:
        globals()[sys.argv[2]](pathlib.Path(name))
