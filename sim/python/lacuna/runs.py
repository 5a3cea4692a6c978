"""Running a machine."""

import itertools
import os
import pickle
import tempfile
import traceback

from . import _core
from ._folders import share_folder
from .result import Result
from .sections import plain


def run(
    configuration,
    *,
    layers=None,
    set=(),
    engine=None,
    seed=None,
    energy=None,
    threads=None,
    outputs=None,
    reference=False,
    intervals=None,
    progress=None,
):
    """Runs a workload on a machine, as `lacuna run` does, and returns a Result.

    configuration  a YAML file's path; the same as a dict or an object (lacuna.eie.RunFile); or, with `layers`, a machine alone
                   (lacuna.eie.Architecture, the path of a preset)
    layers         what the machine runs: Layer objects, or elements of `workload.layers`
    set            changes: {"architecture.pe_count": 16}, or ["architecture.pe_count=16"]
    engine, seed   as the configuration's keys; energy: a shipped table's name, or a path
    threads        where the engine can use them; default: all cores
    outputs        "last" or "all": keep the outputs of the last or of every layer; reference: also what floating point gives
    intervals      cycle classes of each so many cycles
    progress       called now and then with (layer, layers, name, vector, vectors)

    Engines of which a process can have only one (SystemC) run in a forked child. Raises ConfigurationError, CapacityError, InputDataError.
    """
    if outputs not in (None, "last", "all"):
        raise _core.ConfigurationError(f"outputs: {outputs!r} is not known; allowed: None, 'last', 'all'")
    with tempfile.TemporaryDirectory(prefix="lacuna-") as folder:
        job = _core.Job(
            _with_traces(_with_layers(configuration, layers), folder),
            set=assignments(set),
            engine=engine,
            seed=None if seed is None else str(seed),
            energy=None if energy is None else os.fspath(energy),
            share=os.fspath(share_folder()),
        )

        def work():
            return job.run(
                threads=threads or os.cpu_count() or 1,
                intervals=intervals,
                outputs=outputs or "",
                reference=reference,
                progress=progress,
            )

        return Result(_in_child(work) if job.one_per_process else work())


def assignments(changes):
    """Changes as the command line has them: "path.to.key=value"."""
    if isinstance(changes, str):
        return [changes]
    if isinstance(changes, dict):
        return [f"{key}={_scalar(value)}" for key, value in changes.items()]
    return list(changes)


def _scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _with_layers(configuration, layers):
    if layers is None:
        return configuration
    machine = configuration
    if isinstance(configuration, (str, os.PathLike)):
        machine = {"base": os.fspath(configuration)}
    return {"architecture": machine, "workload": {"layers": list(layers)}}


def _with_traces(value, folder):
    """Layers of arrays become traces in a folder."""
    numbers = itertools.count(1)
    return plain(value, lambda layer: layer._trace_entry(folder, next(numbers)))


def _in_child(work):
    """What `work` returns, run in a forked child: its result or its exception comes back through a pipe."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            try:
                answer = pickle.dumps((True, work()))
            except BaseException as error:  # noqa: B902 - whatever it is, the parent raises it
                answer = _packed(error)
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(answer)
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            answer = pipe.read()
    except BaseException:
        os.kill(child, 15)
        os.waitpid(child, 0)
        raise
    status = os.waitpid(child, 0)[1]
    if not answer:
        raise RuntimeError(f"the engine's process ended without an answer (status {os.waitstatus_to_exitcode(status)})")
    done, value = pickle.loads(answer)
    if done:
        return value
    raise value


def _packed(error):
    try:
        return pickle.dumps((False, error))
    except Exception:
        return pickle.dumps((False, RuntimeError("".join(traceback.format_exception_only(type(error), error)).strip())))
