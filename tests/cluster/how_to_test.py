#!/usr/bin/python3
"""The scripts of docs/how-to, as far as one machine can run them (Slurm's: slurm_test.py).   how_to_test.py LACUNA CASE"""

import os
import pathlib
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


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lacuna-how-to-") as name:
        globals()[sys.argv[2]](pathlib.Path(name))
