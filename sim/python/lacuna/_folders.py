"""Where the files are that Lacuna reads at run time: presets, energy tables, published figures, sources of RTL."""

import os
import pathlib

from . import _core


def share_folder():
    """The folder with `configs`, `traces` and `models`: beside the package (a wheel), or `share/lacuna` of the prefix or build that it lies in."""
    package = pathlib.Path(_core.__file__).parent  # in a build the Python files are links into the source tree
    for folder in [package, *package.parents]:
        share = folder / "share" / "lacuna"
        if (share / "configs").is_dir():
            return share
    raise _core.InputDataError(f"{package}: no share/lacuna beside it or above it, where Lacuna's files lie")


def preset(name):
    """The path of a shipped machine, such as "eie-64pe-45nm" (configs/architectures)."""
    folder = share_folder() / "configs" / "architectures"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.yaml")))
        raise _core.ConfigurationError(f"preset: '{name}' is no shipped machine; allowed: {known}")
    return os.fspath(path)
