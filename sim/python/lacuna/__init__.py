"""Lacuna: a cycle-accurate simulator of hardware that runs compressed neural networks.

    import lacuna

    result = lacuna.run("configs/main.yaml", engine="timeline")
    result.layers                       # a pandas.DataFrame, one row for each layer

    machine = lacuna.eie.Architecture(base=lacuna.preset("eie-64pe-45nm"), queue_depth_entries=4)
    layer = lacuna.Layer(weights, activations, relu=True)     # NumPy or SciPy arrays
    lacuna.run(machine, layers=[layer]).totals["cycles"]

    lacuna.sweep("configs/sweeps/fifo-depth.yaml")            # a DataFrame, one row for each point

Machines, workloads, sweeps and recipes are made of the same declarations as the YAML files, with the same keys, ranges,
defaults and error messages: `lacuna.eie`, `lacuna.tomato`, `lacuna.files`.
"""

from ._core import CapacityError, ConfigurationError, Error, InputDataError
from ._core import commit as __commit__
from ._core import version as __version__
from ._folders import preset, share_folder
from .layers import Layer
from .models import compress, import_onnx
from .result import Result
from .runs import run
from .sections import Section, families, files
from .sweeps import sweep

globals().update(families)
for _error in (CapacityError, ConfigurationError, Error, InputDataError):
    _error.__module__ = __name__  # where users find it

__all__ = [
    "CapacityError",
    "ConfigurationError",
    "Error",
    "InputDataError",
    "Layer",
    "Result",
    "Section",
    "compress",
    "files",
    "import_onnx",
    "preset",
    "run",
    "share_folder",
    "sweep",
    *families,
]
