"""A Slurm of one machine for a test: its own munge, controller and node daemon, in a temporary folder, on free ports,
without systemd, and stopped at the end whatever happens."""

import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from sweeps import environment, run, wait_until

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "sinfo"]
SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def missing_programs():
    return [name for name in PROGRAMS if not shutil.which(name, path=SBIN)]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Slurm:
    """with Slurm(folder, cpus=4) as slurm: slurm.sbatch(...)   Raises RuntimeError, with the daemons' last words, when
    one of them does not start."""

    def __init__(self, folder, cpus):
        self.folder = folder
        self.cpus = cpus
        self.daemons = []
        self.environment = environment(SLURM_CONF=str(folder / "slurm.conf"), PATH=SBIN)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.folder.mkdir(mode=0o755, exist_ok=True)
        for name in ("munge", "state", "spool"):
            (self.folder / name).mkdir(mode=0o755, exist_ok=True)
        self.write_configuration()
        self.start_munge()
        self.launch("slurmctld", "-D", "-c", "-i")
        self.launch("slurmd", "-D", "-c")
        self.wait_for(lambda: run("sinfo", "-h", "-o", "%T", env=self.environment).stdout.strip() == "idle",
                      "the node is not idle")

    def write_configuration(self):
        control, node = free_ports(2)
        user = getpass.getuser()
        host = socket.gethostname().split(".")[0]
        (self.folder / "slurm.conf").write_text(f"""ClusterName=lacuna
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={self.folder}/munge/socket
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
KillWait=2
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={self.cpus} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
""")

    def start_munge(self):
        key = self.folder / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        place = self.folder / "munge"
        self.launch("munged", "--foreground", "--force", f"--socket={place}/socket", f"--key-file={key}",
                    f"--pid-file={place}/pid", f"--log-file={self.folder}/munged.log", f"--seed-file={place}/seed")
        self.wait_for((place / "socket").exists, "munge has no socket")

    def launch(self, program, *arguments):
        """In a process group of its own, so that nothing that it starts is left."""
        words = open(self.folder / f"{program}.words", "w", encoding="utf-8")
        self.daemons.append((program, subprocess.Popen(
            [shutil.which(program, path=SBIN), *arguments], stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            env=self.environment, start_new_session=True)))
        words.close()

    def wait_for(self, holds, what):
        try:
            wait_until(lambda: self.check_alive() or holds(), what, seconds=60)
        except AssertionError as error:
            raise RuntimeError(f"{error}\n{self.last_words()}") from None

    def check_alive(self):
        for program, daemon in self.daemons:
            if daemon.poll() is not None:
                raise RuntimeError(f"{program} ended with {daemon.returncode}\n{self.last_words()}")

    def last_words(self):
        words = ""
        for program, _ in self.daemons:
            for kind in ("words", "log"):
                path = self.folder / f"{program}.{kind}"
                if path.exists():
                    words += f"-- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-8:]) + "\n"
        return words

    def stop(self):
        if len(self.daemons) == 3 and all(daemon.poll() is None for _, daemon in self.daemons):
            subprocess.run(["scancel", "--user", getpass.getuser(), "--signal=KILL", "--full"], env=self.environment,
                           timeout=20, check=False, capture_output=True)
            subprocess.run(["scancel", "--user", getpass.getuser()], env=self.environment, timeout=20, check=False,
                           capture_output=True)
        for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            for _, daemon in reversed(self.daemons):
                if daemon.poll() is None:
                    os.killpg(daemon.pid, number)
            end = time.monotonic() + patience
            while time.monotonic() < end and any(daemon.poll() is None for _, daemon in self.daemons):
                time.sleep(0.05)
        self.end_steps()

    def end_steps(self):
        """Step daemons that outlived theirs, and the jobs below them: those that know this configuration."""
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        os.kill(int(entry.name), signal.SIGKILL)
                except OSError:
                    pass

    def sbatch(self, *arguments, **variables):
        """Sends a job and returns its number."""
        ended = run("sbatch", "--parsable", *arguments, env={**self.environment, **variables})
        assert ended.returncode == 0, (ended.args, ended.stderr, self.last_words())
        return ended.stdout.strip().split(";")[0]

    def states(self, job):
        """Of the tasks that have ended, by their numbers, and whether all have."""
        shown = run("scontrol", "show", "job", job, "--oneliner", env=self.environment).stdout
        states = {}
        complete = bool(shown.strip())
        for line in shown.splitlines():
            words = dict(word.split("=", 1) for word in line.split() if "=" in word)
            state = words.get("JobState", "")
            if state in ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED"):
                complete = False
            else:
                states[words.get("ArrayTaskId", "0")] = (state, words.get("ExitCode", ""))
        return states, complete

    def wait_for_job(self, job, seconds=300):
        wait_until(lambda: self.check_alive() or self.states(job)[1], f"job {job} does not end\n{self.last_words()}",
                   seconds)
        return self.states(job)[0]
