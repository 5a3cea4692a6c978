"""Reads the checked-in traces as docs/file-formats.md shows and checks what the LeNet-5 output layer computes."""

import pathlib
import sys

try:
    import h5py
    import numpy as np
    import scipy.sparse
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)


def read(path):
    with h5py.File(path) as file:
        matrix = file["matrix"]
        weights = scipy.sparse.csc_matrix(
            (file["codebook"][:][matrix["data"][:]], matrix["indices"][:], matrix["indptr"][:]), matrix["shape"][:])
        activations = file["activations"][:]
        if file.attrs["has_bias"]:
            activations = np.c_[activations, np.ones(len(activations), np.float32)]
        return weights, activations, file["labels"][:] if "labels" in file else None


folder = pathlib.Path(sys.argv[1])
traces = sorted(folder.glob("*/*.h5"))
assert len(traces) >= 6, traces
for path in traces:
    weights, activations, labels = read(path)
    outputs = weights @ activations.T
    assert outputs.shape == (weights.shape[0], len(activations)) and weights.nnz > 0 and np.isfinite(outputs).all()
    print(path.name, weights.shape, weights.nnz)
weights, activations, labels = read(folder / "lenet5" / "logits.h5")
assert (np.argmax(weights @ activations.T, axis=0) == labels).all()
