"""Design-space exploration."""

import os
import sys
import tempfile

from . import _core
from ._folders import share_folder
from .runs import _with_traces, assignments


def sweep(
    configuration,
    *,
    out=None,
    set=(),
    engine=None,
    energy=None,
    jobs=None,
    checks=0,
    progress=None,
):
    """Runs many machines, as `lacuna sweep` does, and returns a pandas.DataFrame, one row for each point.

    configuration  a sweep file's path, or the same as a dict or an object (lacuna.eie.SweepFile)
    out            folder that keeps store and results; if the same sweep was begun there, only the rest is run. Default: none is kept
    jobs           points at a time; default: all cores. checks: points to run again on the reference engine
    progress       True prints a line; or called with (doing, done, total); default: on a terminal

    Columns are those of results.csv; `front` marks the Pareto front. DataFrame.attrs: text (the summary), axes, failures. Ctrl-C stops it; with
    `out` the same call goes on from there. Raises ConfigurationError, InputDataError, and RuntimeError where a check failed.
    """
    import pandas

    if progress is None:
        progress = sys.stderr.isatty()
    with tempfile.TemporaryDirectory(prefix="lacuna-") as folder:
        results = os.fspath(out) if out is not None else os.path.join(folder, "sweep")
        summary = _core.sweep(
            _with_traces(configuration, folder),
            results,
            set=assignments(set),
            engine=engine,
            energy=None if energy is None else os.fspath(energy),
            jobs=jobs or os.cpu_count() or 1,
            checks=checks,
            progress=_print_progress if progress is True else progress or None,
            share=os.fspath(share_folder()),
        )
        if progress is True:
            print(file=sys.stderr)
        if not summary["passed"]:
            raise RuntimeError("the reference engine gives other counts:\n" + summary["text"])
        table = pandas.read_csv(os.path.join(results, "results.csv"))
    front = {int(point) for point in summary["front"]}
    if front:
        table["front"] = table["point"].isin(front)
    table.attrs.update({key: summary[key] for key in ("text", "axes", "failures")})
    return table


def _print_progress(doing, done, total):
    print(f"\r{doing} {done} of {total}", end="", file=sys.stderr, flush=True)
