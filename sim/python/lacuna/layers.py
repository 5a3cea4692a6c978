"""Layers made of arrays."""

import os
import re

import numpy

from . import _core


class Layer:
    """A compressed layer with its activations, from NumPy or SciPy arrays.

    weights       [outputs, inputs], NumPy or scipy.sparse; zeros are pruned weights
    activations   [vectors, inputs] or [inputs]
    relu          whether outputs pass through ReLU; must be said
    bias          [outputs]
    labels        [vectors], the right class of each
    codebook_bits the nonzero weights are shared by k-means among 2^bits - 1 values (exactly, where they have no more)
    initialisation, seed  of k-means: linear, density, random, optimal

    Raises InputDataError for shapes that do not fit, and for values that are not finite.
    """

    def __init__(
        self,
        weights,
        activations,
        *,
        relu,
        bias=None,
        labels=None,
        name="layer",
        codebook_bits=4,
        initialisation="linear",
        seed=1,
        provenance=None,
    ):
        given = {
            "bias": _array(bias, numpy.float32),
            "activations": numpy.atleast_2d(_array(activations, numpy.float32)),
            "labels": _array(labels, numpy.int64),
            "codebook_index_bits": codebook_bits,
            "initialisation": initialisation,
            "seed": seed,
            "name": name,
            "relu": bool(relu),
            "provenance": {str(key): str(value) for key, value in (provenance or {}).items()},
        }
        if hasattr(weights, "tocsc"):
            columns = weights.tocsc()
            self._core = _core.sparse_layer(
                data=columns.data, indices=columns.indices, indptr=columns.indptr, rows=columns.shape[0], **given
            )
        else:
            self._core = _core.dense_layer(weights=_array(weights, numpy.float32), **given)

    name = property(lambda self: self._core.name)
    shape = property(lambda self: self._core.shape, doc="(outputs, inputs)")
    vectors = property(lambda self: self._core.vectors)
    codebook = property(lambda self: self._core.codebook, doc="the shared values; the first is 0")
    provenance = property(lambda self: self._core.provenance, doc="how the weights were shared, and the error")

    def save(self, path):
        """Writes it as a trace (HDF5), which `trace:` of a workload names."""
        self._core.write(os.fspath(path), packed=True)

    def __repr__(self):
        outputs, inputs = self.shape
        return f"<lacuna.Layer {self.name}: {outputs} x {inputs}, {self.vectors} vectors>"

    def _trace_entry(self, folder, number):
        """An element of `workload.layers`; the trace is written into a folder that the caller removes."""
        path = os.path.join(folder, f"{number}-{re.sub(r'[^A-Za-z0-9._-]', '_', self.name)[:60]}.h5")
        self._core.write(path)
        return {"trace": path}


def _array(values, kind):
    return numpy.asarray([] if values is None else values, dtype=kind)
