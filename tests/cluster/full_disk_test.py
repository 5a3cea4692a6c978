#!/usr/bin/python3
"""Sweeps on many machines whose disk is full: one clear error, and nothing lost.
full_disk_test.py LACUNA LACUNA_MPI|- CASE   (a function below; each runs in a mount namespace of its own)"""

import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from slurm import Slurm, missing_programs
from sweeps import OBJECTIVES, SKIPPED, check_done, check_same, environment, run

LACUNA = pathlib.Path(sys.argv[1]).resolve()
LACUNA_MPI = None if sys.argv[2] == "-" else pathlib.Path(sys.argv[2]).resolve()
HOW_TO = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/how-to"
UNSHARED = "LACUNA_TEST_UNSHARED"
NO_ROOM = re.compile("disk is full|No space left|with room for it")


class Disk:
    """A file system of its own of so many KiB."""

    def __init__(self, folder, kibibytes):
        self.path = folder / "disk"
        self.path.mkdir()
        check_done(run("mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", self.path))

    def resize(self, kibibytes):
        check_done(run("mount", "-o", f"remount,size={kibibytes}k", self.path))


def sweep_of(folder, points):
    """Points of some milliseconds each, so that the store grows commit by commit."""
    (folder / "layer.yaml").write_text(
        "workload: {layers: [{generate: {rows: 1500, columns: 1500, weight_density: 0.1, activation_density: 0.5, "
        "vectors: 4}}]}\n")
    sweep = folder / "sweep.yaml"
    sweep.write_text("architecture: {kind: eie}\naxes:\n"
                     "  - {key: workload, values: [layer.yaml]}\n"
                     f"  - {{key: architecture.queue_depth_entries, range: {{from: 1, to: {points}, step: 1}}}}\n" + OBJECTIVES)
    return sweep


def whole(folder, points):
    sweep = sweep_of(folder, points)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet"))
    return sweep


def kept(folder):
    """Points of a store that is whole; 0 where none was made."""
    with sqlite3.connect(folder / "sweep.sqlite") as store:
        assert store.execute("PRAGMA quick_check").fetchone() == ("ok",), folder
        tables = store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return store.execute("SELECT count(*) FROM points").fetchone()[0] if tables else 0


def check_full(ended, file):
    """One line, that says where and what."""
    assert ended.returncode == 3, (ended.returncode, ended.stderr)
    errors = [line for line in ended.stderr.splitlines() if "error" in line]
    assert len(errors) == 1 and errors[0].startswith("error: "), ended.stderr
    assert file in errors[0] and NO_ROOM.search(errors[0]), errors


def no_halves(folder):
    names = [path.name for path in folder.iterdir()]
    assert not [name for name in names if name.startswith(("results", "pareto"))], names


def merge(folder):
    """The joined store does not fit; then it does, and the results do not; then all fits."""
    sweep = whole(folder, 300)
    parts = [folder / f"part{i}" for i in (1, 2)]
    for number, part in enumerate(parts, 1):
        check_done(run(LACUNA, "sweep", sweep, "--quiet", "--shard", f"{number}/2", "--out", part))
    before = [(part / "sweep.sqlite").read_bytes() for part in parts]
    store = (folder / "whole/sweep.sqlite").stat().st_size // 1024
    disk = Disk(folder, store // 2)
    merged = disk.path / "merged"
    command = [LACUNA, "merge", *parts, "--out", merged, "--quiet"]
    check_full(run(*command), "merged/sweep.sqlite")
    no_halves(merged)
    disk.resize(store + 60)
    check_full(run(*command), "merged/results.")
    no_halves(merged)
    assert kept(merged) == 300
    assert before == [(part / "sweep.sqlite").read_bytes() for part in parts]
    disk.resize(1 << 16)
    check_done(run(*command))
    check_same(merged, folder / "whole")


def mpi(folder):
    if LACUNA_MPI is None or not shutil.which("mpirun"):
        print("skipped: lacuna-mpi or mpirun is missing (Debian: libboost-mpi-dev, openmpi-bin)")
        sys.exit(SKIPPED)
    sweep = whole(folder, 600)
    store = (folder / "whole/sweep.sqlite").stat().st_size // 1024
    disk = Disk(folder, store)  # the journal takes room beside the store
    out = disk.path / "out"
    command = ["mpirun", "--oversubscribe", "-n", 3, LACUNA_MPI, "sweep", sweep, "--out", out]
    check_full(run(*command), "out/sweep.sqlite")
    no_halves(out)
    points = kept(out)
    assert points < 600, points  # a fast machine has nothing committed yet
    disk.resize(1 << 16)
    ended = check_done(run(*command))
    assert f"{600 - points} run now, {points} from before" in ended.stdout, (points, ended.stdout)
    check_same(out, folder / "whole")


def slurm_array(folder):
    if missing_programs():
        print("skipped: Slurm is not here (Debian: slurm-wlm, munge); missing:", *missing_programs())
        sys.exit(SKIPPED)
    shards = 4
    sweep = whole(folder, 600)
    disk = Disk(folder, 160)
    out = disk.path / "out"
    with Slurm(folder / "slurm", cpus=4) as slurm:
        path = os.pathsep.join([str(LACUNA.parent), slurm.environment["PATH"]])

        def send():
            job = slurm.sbatch(f"--chdir={folder}", f"--output={folder}/slurm-%A_%a.out", f"--array=1-{shards}",
                               HOW_TO / "slurm-array.sh", sweep, out, PATH=path, SHARDS=str(shards))
            return job, slurm.wait_for_job(job)

        job, states = send()
        failed = [task for task, state in states.items() if state == ("FAILED", "3:0")]
        assert failed, states
        for task in failed:
            said = (folder / f"slurm-{job}_{task}.out").read_text()
            assert said.count("error: ") == 1 and NO_ROOM.search(said), said
        points = sum(kept(out / f"part{task}") for task in range(1, shards + 1) if (out / f"part{task}/sweep.sqlite").exists())
        disk.resize(1 << 16)
        job, states = send()
        assert set(states.values()) == {("COMPLETED", "0:0")}, states
        said = "".join((folder / f"slurm-{job}_{task}.out").read_text() for task in range(1, shards + 1))
        assert sum(int(number) for number in re.findall(r"(\d+) from before", said)) == points, (points, said)
    check_done(run(HOW_TO / "merge-shards.sh", out, env=environment(PATH=path)))
    check_same(out / "whole", folder / "whole")


def unshared():
    """This program again, where mounts are its own; ends with 77 where that is not allowed."""
    prefix = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    probe = [*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode != 0:
        print("skipped: a small file system cannot be mounted here (needs unshare and mount)")
        sys.exit(SKIPPED)
    os.execvpe(prefix[0], [*prefix, sys.executable, "-B", *sys.argv], {**os.environ, UNSHARED: "1"})


if __name__ == "__main__":
    if os.environ.get(UNSHARED) != "1":
        unshared()
    with tempfile.TemporaryDirectory(prefix="lacuna-disk-", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o755)
        try:
            globals()[sys.argv[3]](pathlib.Path(name))
        finally:
            subprocess.run(["umount", "--lazy", f"{name}/disk"], capture_output=True, check=False)
