#!/usr/bin/python3
"""lacuna-mpi under mpirun.   mpi_test.py LACUNA LACUNA_MPI CASE   (a case is the name of a function below)"""

import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from sweeps import (SKIPPED, check_done, check_same, children, environment, kill, processor_seconds, run, runs, slow_sweep,
                    small_sweep, wait_until)

LACUNA, LACUNA_MPI = (pathlib.Path(word).resolve() for word in sys.argv[1:3])


def mpirun(ranks, *arguments):
    return ["mpirun", "--oversubscribe", "-n", ranks, LACUNA_MPI, *arguments]


def sweep_with_ranks(ranks, sweep, out, *more):
    return run(*mpirun(ranks, "sweep", sweep, "--out", out, *more))


def check_any_number_of_ranks(folder, sweep, *more, ranks=(1, 2, 3, 4)):
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet", *more))
    for count in ranks:
        out = folder / f"ranks{count}"
        ended = check_done(sweep_with_ranks(count, sweep, out, *more))
        assert " run now, 0 from before" in ended.stdout, ended.stdout
        check_same(out, folder / "whole")


def same_bytes_timeline(folder):
    check_any_number_of_ranks(folder, small_sweep(folder))


def same_bytes_clocked(folder):
    check_any_number_of_ranks(folder, small_sweep(folder, depths=4), "--engine", "systemc")


def same_bytes_with_failed_points(folder):
    """Pointers of some layers do not fit; the sweep ends with 1, however it is run."""
    sweep = small_sweep(folder, depths=2)
    sweep.write_text(sweep.read_text().replace(
        "powers_of_two: {from: 2, to: 8}", "values: [2, 8]").replace(
        "axes:\n", "axes:\n  - {key: architecture.pointer_capacity_bytes, values: [128, 32768]}\n"))
    whole = run(LACUNA, "sweep", sweep, "--out", folder / "whole")
    ranks = sweep_with_ranks(3, sweep, folder / "ranks")
    assert whole.returncode == 1 and ranks.returncode == 1, (whole, ranks)
    assert "failed: point " in ranks.stdout, ranks.stdout
    check_same(folder / "ranks", folder / "whole")


def same_bytes_streaming(folder):
    sweep = folder / "tomato.yaml"
    base = LACUNA.parent.parent / "share/lacuna/configs/tomato/lenet5.yaml"
    sweep.write_text(f"base: {base}\noutputs: false\naxes:\n"
                     "  - {key: architecture.balance.target_cycles_per_frame, values: [2048, 4096, 8192, 16384]}\n"
                     "  - {key: architecture.clock_mhz, values: [100, 150, 200]}\n"
                     "objectives: [{metric: cycles_per_frame}, {metric: weight_bits}]\n")
    check_any_number_of_ranks(folder, sweep, ranks=(2, 3))


def same_bytes_of_a_search(folder):
    """Generation after generation is dealt to the same workers."""
    sweep = small_sweep(folder)
    sweep.write_text(sweep.read_text() + "sampling: {method: nsga2, evaluations: 24, population: 8, seed: 2}\n")
    refused = run(LACUNA, "sweep", sweep, "--out", folder / "try")
    if "libpagmo" in refused.stderr:
        print("skipped: lacuna is built without libpagmo (Debian: libpagmo-dev)")
        sys.exit(SKIPPED)
    check_any_number_of_ranks(folder, sweep, ranks=(1, 3))


def same_bytes_several_threads(folder):
    check_any_number_of_ranks(folder, small_sweep(folder), "-j", "3", ranks=(2,))


def checks_on_the_reference_engine(folder):
    ended = check_done(sweep_with_ranks(3, small_sweep(folder), folder / "out", "--check", 5))
    assert "check: 5 of 5 points are equal on the engine systemc" in ended.stdout, ended.stdout


def one_line_for_one_error(folder):
    """Rank 0 alone speaks, and mpirun ends with its exit code."""
    for arguments, code, word in [
            (["sweep", folder / "nothing.yaml", "--out", folder / "out"], 2, "nothing.yaml: no such file"),
            (["sweep", small_sweep(folder)], 2, "--out is required"),
            (["run", "x.yaml"], 2, "'run' is not a subcommand"),
            (["sweep", small_sweep(folder), "--out", folder / "no/where"], 3, "cannot be made")]:
        ended = run(*mpirun(3, *arguments))
        assert ended.returncode == code, ended
        assert ended.stderr.count("error: ") == 1 and word in ended.stderr, ended.stderr
    help_text = run(*mpirun(3, "--help"))
    assert help_text.returncode == 0 and help_text.stdout.count("Usage: ") == 1, help_text


def a_sweep_that_one_worker_sees_otherwise(folder):
    """Rank 1 is a copy of the program beside other reference files."""
    sweep = small_sweep(folder)
    other = folder / "other"
    shutil.copytree(LACUNA.parent.parent / "share/lacuna", other / "share/lacuna", symlinks=True)
    (other / "bin").mkdir()
    shutil.copy(LACUNA_MPI, other / "bin")
    sweep.write_text(sweep.read_text().replace("[a.yaml, b.yaml]", "[Alex-8]"))
    reference = other / "share/lacuna/configs"
    reference.unlink()
    shutil.copytree(LACUNA.parent.parent / "share/lacuna/configs", reference)
    changed = [path for path in (reference / "reference").rglob("*.csv") if "Alex-8" in path.read_text()]
    assert changed
    for path in changed:
        path.write_text(path.read_text() + "\n")
    arguments = ["sweep", sweep, "--out", folder / "out"]
    ended = run("mpirun", "--oversubscribe", "-n", 1, LACUNA_MPI, *arguments, ":", "-n", 1, other / "bin/lacuna-mpi",
                *arguments)
    assert ended.returncode == 2, ended
    assert re.search(r"error: rank 1 on \S+: has another sweep, other input files or another program than rank 0",
                     ended.stderr), ended.stderr


class Job:
    """A job of three ranks on slow points, to be killed."""

    def __init__(self, folder, sweep, ranks=3):
        self.out = folder / "killed"
        self.process = subprocess.Popen([str(word) for word in mpirun(ranks, "sweep", sweep, "--out", self.out)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment())
        self.count = ranks

    def ranks(self):
        found = children(self.process.pid)
        return found if len(found) == self.count else []

    def workers(self):
        found = [worker for rank in self.ranks() for worker in children(rank)]
        return found if len(found) == self.count else []

    def wait_for_work(self):
        """Every worker is at a point, in a process of the point's own."""
        return wait_until(lambda: self.process.poll() is not None or (
            self.workers() and all(children(worker) for worker in self.workers()) and self.ranks()),
                          "the ranks are not at work")

    def end(self):
        out, err = self.process.communicate(timeout=120)
        return subprocess.CompletedProcess("mpirun", self.process.returncode, out, err)

    def processes(self):
        return [self.process.pid, *self.ranks(), *self.workers()]


def check_goes_on(folder, sweep, kept):
    ended = check_done(sweep_with_ranks(3, sweep, folder / "killed"))
    match = re.search(r"points: (\d+) run now, (\d+) from before", ended.stdout)
    assert match and (int(match.group(2)) > 0 or not kept), ended.stdout
    check_same(folder / "killed", folder / "whole")


def check_killed(folder, choose, number, word, points=40):
    sweep = slow_sweep(folder, points)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet", "-j", 2))
    job = Job(folder, sweep)
    store = job.out / "sweep.sqlite"
    job.wait_for_work()
    size = store.stat().st_size
    wait_until(lambda: job.process.poll() is not None or store.stat().st_size > size, "no point is kept")
    job.wait_for_work()
    processes = job.processes()
    assert len(processes) == 7, processes
    kill(choose(job), number)
    ended = job.end()
    assert ended.returncode != 0 and re.search(word, ended.stderr), ended
    wait_until(lambda: not any(runs(process) for process in processes), "processes are left")
    check_goes_on(folder, sweep, kept=True)


def a_killed_rank_ends_the_job(folder):
    check_killed(folder, lambda job: job.ranks()[2], signal.SIGKILL, "mpirun noticed that process rank 2 .* signal 9")


def a_killed_rank_0_ends_the_job(folder):
    check_killed(folder, lambda job: job.ranks()[0], signal.SIGKILL, "mpirun noticed that process rank 0 .* signal 9")


def a_killed_worker_ends_the_job(folder):
    check_killed(folder, lambda job: job.workers()[1], signal.SIGKILL,
                 r"error: rank \d on \S+: its worker was ended by signal 9")


def an_interrupted_job_says_how_to_go_on(folder):
    check_killed(folder, lambda job: job.process.pid, signal.SIGINT,
                 r"(?s)points are done; the same command goes on from there.*error: interrupted")


def ranks_end_when_mpirun_is_killed(folder):
    check_killed(folder, lambda job: job.process.pid, signal.SIGKILL, "")


def waiting_ranks_do_not_spin(folder):
    """Four ranks and one long point: three ranks wait, and rank 0 waits for its worker or another's."""
    sweep = slow_sweep(folder, points=1, vectors=400)
    job = Job(folder, sweep, ranks=4)
    ranks = wait_until(job.ranks, "there are no ranks")
    wait_until(lambda: job.process.poll() is not None or any(children(worker) for worker in job.workers()), "no point runs")
    begin = time.monotonic()
    before = [processor_seconds(rank) for rank in ranks]
    spent = before
    while job.process.poll() is None and len(job.ranks()) == 4:
        spent = [max(old, processor_seconds(rank)) for old, rank in zip(spent, ranks)]
        waited = time.monotonic() - begin
        time.sleep(0.01)
    check_done(job.end())
    assert waited > 0.5, f"the point took {waited} s"
    for rank, (old, new) in enumerate(zip(before, spent)):
        assert new - old < 0.25 * waited, f"rank {rank} took {new - old:.2f} s of processor time in {waited:.2f} s"
    print(f"in {waited:.2f} s the ranks took", [round(new - old, 2) for old, new in zip(before, spent)], "s of processor time")


def twenty_random_kills(folder):
    """Somebody of mpirun, ranks and workers is killed at a random instant, twenty times; then the sweep ends."""
    seed = random.SystemRandom().randrange(1 << 30)
    print("seed", seed, flush=True)
    dice = random.Random(seed)
    sweep = slow_sweep(folder, points=60, vectors=2)
    check_done(run(LACUNA, "sweep", sweep, "--out", folder / "whole", "--quiet", "-j", 2))
    in_time = 0
    for _ in range(200):
        if in_time == 20:
            break
        job = Job(folder, sweep)
        if dice.random() < 0.7:
            job.wait_for_work()
        time.sleep(dice.random() * 0.4)
        processes = job.processes()
        kill(dice.choice(processes), dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        in_time += job.end().returncode != 0
        wait_until(lambda: not any(runs(process) for process in processes), "processes are left")
        if (job.out / "results.csv").exists():  # it ended: from the beginning again
            check_same(job.out, folder / "whole")
            shutil.rmtree(job.out)
    assert in_time == 20
    check_goes_on(folder, sweep, kept=False)


if __name__ == "__main__":
    if not shutil.which("mpirun"):
        print("skipped: there is no mpirun (Debian: openmpi-bin)")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="lacuna-mpi-") as name:
        globals()[sys.argv[3]](pathlib.Path(name))
