#!/usr/bin/python3
"""Sweeps on a Slurm of one machine.   slurm_test.py LACUNA LACUNA_MPI|- CASE   (a function below)"""

import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

from slurm import Slurm, missing_programs
from sweeps import SKIPPED, check_done, check_same, kill, run, slow_sweep, small_sweep, wait_until

LACUNA = pathlib.Path(sys.argv[1]).resolve()
LACUNA_MPI = None if sys.argv[2] == "-" else pathlib.Path(sys.argv[2]).resolve()
HOW_TO = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/how-to"
SHARDS = 8


def send(slurm, folder, script, *arguments, options=(), **variables):
    path = os.pathsep.join([str(LACUNA.parent), slurm.environment["PATH"]])
    return slurm.sbatch(f"--chdir={folder}", f"--output={folder}/slurm-%A_%a.out", *options, HOW_TO / script, *arguments,
                        PATH=path, **variables)


def send_shards(slurm, folder, sweep, array):
    return send(slurm, folder, "slurm-array.sh", sweep, folder / "out", options=[f"--array={array}"], SHARDS=str(SHARDS))


def words_of(folder, job, task):
    path = folder / f"slurm-{job}_{task}.out"
    return path.read_text() if path.exists() else ""


def process_of_task(task):
    """The sweep of a task of an array, which has become the job's script."""
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "exe").resolve() == LACUNA:
                variables = (entry / "environ").read_bytes().split(b"\0")
                if f"SLURM_ARRAY_TASK_ID={task}".encode() in variables:
                    arguments = (entry / "cmdline").read_bytes().split(b"\0")
                    if b"--shard" in arguments:
                        return int(entry.name)
        except OSError:
            pass
    return None


def merge(folder):
    return run(HOW_TO / "merge-shards.sh", folder / "out",
               env={**os.environ, "PATH": os.pathsep.join([str(LACUNA.parent), os.environ["PATH"]])})


def an_array_with_a_killed_task(folder):
    """Eight shards, one killed in the middle, run again, merged: the bytes of one sweep."""
    sweep = slow_sweep(folder, points=40)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet", "-j", 2))
    with Slurm(folder / "slurm", cpus=4) as slurm:
        job = send_shards(slurm, folder, sweep, f"1-{SHARDS}")
        store = folder / "out/part3/sweep.sqlite"
        wait_until(store.exists, f"task 3 does not begin\n{slurm.last_words()}")
        process = wait_until(lambda: process_of_task(3), "task 3 does not run")
        kill(process)
        states = slurm.wait_for_job(job)
        expected = {str(task): ("COMPLETED", "0:0") for task in range(1, SHARDS + 1)}
        assert states["3"][0] in ("FAILED", "CANCELLED") and states.pop("3"), states
        expected.pop("3")
        assert states == expected, (states, words_of(folder, job, 1))
        merged = merge(folder)
        assert merged.returncode == 1 and f"of --shard 3/{SHARDS}\n" in merged.stderr, merged
        assert merged.stderr.count("missing: ") == 1, merged.stderr
        again = send_shards(slurm, folder, sweep, "3")
        assert slurm.wait_for_job(again) == {"3": ("COMPLETED", "0:0")}, words_of(folder, again, 3)
        merging = send(slurm, folder, "merge-shards.sh", folder / "out", options=[f"--dependency=afterany:{again}"])
        states = slurm.wait_for_job(merging)
        assert list(states.values()) == [("COMPLETED", "0:0")], states
    check_same(folder / "out/whole", folder / "whole")


def an_array_that_says_its_shards_by_itself(folder):
    """Without --shard: Slurm's own variables."""
    sweep = small_sweep(folder)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet"))
    with Slurm(folder / "slurm", cpus=4) as slurm:
        command = f"mkdir -p {folder}/out; {LACUNA} sweep {sweep} --out {folder}/out/part$SLURM_ARRAY_TASK_ID"
        job = slurm.sbatch(f"--chdir={folder}", f"--output={folder}/slurm-%A_%a.out", f"--array=0-{SHARDS - 1}",
                           "--wrap", command)
        states = slurm.wait_for_job(job)
        assert len(states) == SHARDS and set(states.values()) == {("COMPLETED", "0:0")}, states
        assert f"note: shard 1/{SHARDS} by SLURM_ARRAY_TASK_ID" in words_of(folder, job, 0), words_of(folder, job, 0)
    check_done(merge(folder))
    check_same(folder / "out/whole", folder / "whole")


def arrays_of_a_search(folder):
    """An array for each generation, and a merge behind it: what was merged, the next array goes on from."""
    sweep = small_sweep(folder)
    sweep.write_text(sweep.read_text() + "sampling: {method: nsga2, evaluations: 16, population: 8, seed: 2}\n")
    one = run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet")
    if "libpagmo" in one.stderr:
        print("skipped: lacuna is built without libpagmo (Debian: libpagmo-dev)")
        sys.exit(SKIPPED)
    check_done(one)
    with Slurm(folder / "slurm", cpus=4) as slurm:
        for _ in range(6):
            job = send_shards(slurm, folder, sweep, f"1-{SHARDS}")
            states = slurm.wait_for_job(job)
            assert set(states.values()) == {("COMPLETED", "0:0")}, (states, words_of(folder, job, 1))
            merged = merge(folder)
            if merged.returncode != 1:
                break
            assert "points of a generation are joined" in merged.stderr, merged.stderr
    check_done(merged)
    check_same(folder / "out/whole", folder / "whole")


def mpi_within_a_job(folder):
    """mpirun finds the tasks of its Slurm job."""
    if LACUNA_MPI is None:
        print("skipped: lacuna-mpi is not built (Debian: libboost-mpi-dev)")
        sys.exit(SKIPPED)
    sweep = small_sweep(folder)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet"))
    with Slurm(folder / "slurm", cpus=3) as slurm:
        job = send(slurm, folder, "slurm-mpi.sh", sweep, folder / "ranks", options=["--ntasks=3"])
        states = slurm.wait_for_job(job)
        said = "".join(path.read_text() for path in folder.glob("slurm-*.out"))
        assert list(states.values()) == [("COMPLETED", "0:0")], (states, said)
    check_same(folder / "ranks", folder / "whole")


def twenty_random_kills(folder):
    """Tasks are killed at random instants, twenty in all, then all shards are sent until they end, and merged."""
    seed = random.SystemRandom().randrange(1 << 30)
    print("seed", seed, flush=True)
    dice = random.Random(seed)
    sweep = slow_sweep(folder, points=48)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet", "-j", 2))
    killed = 0
    rounds = 0
    with Slurm(folder / "slurm", cpus=4) as slurm:
        while killed < 20:
            rounds += 1
            assert rounds <= 20, f"{killed} kills in {rounds - 1} rounds"
            shutil.rmtree(folder / "out", ignore_errors=True)
            job = send_shards(slurm, folder, sweep, f"1-{SHARDS}")
            while not slurm.states(job)[1] and killed < 20:
                time.sleep(dice.random() * 0.3)
                process = process_of_task(dice.randint(1, SHARDS))
                if process:
                    kill(process)
                    killed += 1
            slurm.wait_for_job(job)
        again = send_shards(slurm, folder, sweep, f"1-{SHARDS}")
        states = slurm.wait_for_job(again)
        assert len(states) == SHARDS and set(states.values()) == {("COMPLETED", "0:0")}, states
    print(f"{killed} kills in {rounds} arrays")
    check_done(merge(folder))
    check_same(folder / "out/whole", folder / "whole")


if __name__ == "__main__":
    if missing_programs():
        print("skipped: Slurm is not here (Debian: slurm-wlm, munge); missing:", *missing_programs())
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="lacuna-slurm-") as name:
        os.chmod(name, 0o755)
        globals()[sys.argv[3]](pathlib.Path(name))
