"""Models: compression and import."""

import json
import os

from . import _core
from ._folders import share_folder
from .runs import assignments


def compress(recipe, *, out=None, container=None, set=()):
    """Prunes, shares and encodes weights, as `lacuna compress` does, and returns its report as a dict.

    recipe     a recipe's path, or the same as a dict or an object (lacuna.files.CompressionFile)
    out        where the compressed model goes: a trace of a single layer with activations, or the folder of a network
    container  where the coded weights go
    The report's key `text` holds the tables that the program prints. Raises ConfigurationError, InputDataError.
    """
    for path in (out, container):
        _refuse_existing(path)
    given = _core.compress(
        recipe,
        out=os.fspath(out) if out is not None else "",
        container=os.fspath(container) if container is not None else "",
        set=assignments(set),
        share=os.fspath(share_folder()),
    )
    return {**json.loads(given["json"]), "text": given["text"]}


def import_onnx(path, out, *, input_shapes=(), output=None):
    """Writes an ONNX model as a network's folder, which `network:` of a workload names (`out`/network.yaml).

    input_shapes  where the model leaves sizes open: "1x3x224x224", or "name=1x3x224x224"; output: the value that the network makes
    Returns what the user should know, a list of texts. Raises InputDataError for what cannot be read.
    """
    _refuse_existing(out)
    shapes = [input_shapes] if isinstance(input_shapes, str) else list(input_shapes)
    return _core.import_onnx(os.fspath(path), os.fspath(out), input_shapes=shapes, output=output or "")


def _refuse_existing(path):
    if path is not None and os.path.exists(path):
        raise _core.ConfigurationError(f"{os.fspath(path)}: exists already; allowed: another path")
