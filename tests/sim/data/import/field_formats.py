#!/usr/bin/env python3
"""Files as NumPy, SciPy, h5py and others write them go through `lacuna import`; the traces hold the values that these libraries read.

usage: field_formats.py LACUNA_PROGRAM
"""

import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
    import scipy.io
    import scipy.sparse
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

LACUNA = sys.argv[1]
failures = []


def run(*arguments):
    return subprocess.run([LACUNA, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def matrix_of(path):
    """Dense weights [outputs, inputs], and the biases."""
    with h5py.File(path) as file:
        group = file["matrix"]
        dense = scipy.sparse.csc_matrix((file["codebook"][:][group["data"][:]], group["indices"][:], group["indptr"][:]),
                                        group["shape"][:]).toarray()
        has_bias = bool(file.attrs["has_bias"])
    return (dense[:, :-1], dense[:, -1]) if has_bias else (dense, None)


def imported(kind, path, columns, *options):
    np.save("act.npy", np.ones(columns, np.float32))
    words = ["import", kind, path, "--activations", "act.npy", "--codebook-bits", "8", "--no-relu", "--force", "-o", "t.h5", *options]
    return run(*words)


def same(name, kind, path, expected, *options, bias=None):
    expected = np.asarray(expected, np.float64).astype(np.float32)
    end = imported(kind, path, expected.shape[1], *options)
    if end.returncode != 0:
        failures.append(f"{name}: {end.stderr.strip()}")
        return end
    weights, found_bias = matrix_of("t.h5")
    if weights.shape != expected.shape or not np.array_equal(weights, expected):
        failures.append(f"{name}: other weights:\n{weights}\n{expected}")
    if bias is not None and not np.array_equal(found_bias, np.asarray(bias, np.float32)):
        failures.append(f"{name}: other biases: {found_bias}")
    return end


def refused(name, kind, path, columns, text, *options, code=3):
    end = imported(kind, path, columns, *options)
    lines = end.stderr.strip().splitlines()
    if end.returncode != code or len(lines) != 1 or not lines[0].startswith("error: ") or text not in lines[0]:
        failures.append(f"{name}: exit code {end.returncode}, not {code}; no '{text}' in {end.stderr.strip()!r}")


def gzipped(path):
    with open(path, "rb") as plain, gzip.open(path + ".gz", "wb") as packed:
        packed.write(plain.read())
    return path + ".gz"


def text_file(path, content):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return path


def test_npy():
    values = np.array([[0, 1, 2, 0, -3], [4, 0, 0, 5, 0], [0, 7, 0, 0, 1]])
    for letter in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"):
        for order in "<>":
            for fortran in (False, True):
                array = (np.abs(values) if letter[0] == "u" else values != 0 if letter == "b1" else values).astype(order + letter)
                np.save("w.npy", np.asfortranarray(array) if fortran else array)
                same(f"npy {order}{letter} fortran {fortran}", "npy", "w.npy", array.astype(np.float64))
    exact = np.array([[0.5, 6e-8], [65504, -0.333251953125]], np.float16)  # a subnormal, the largest
    np.save("w.npy", exact)
    same("npy float16", "npy", "w.npy", exact.astype(np.float64))
    same("npy gzip", "npy", gzipped("w.npy"), exact.astype(np.float64))
    for version in ((1, 0), (2, 0), (3, 0)):
        with open("w.npy", "wb") as file:
            np.lib.format.write_array(file, np.array([[1.5, 0]], np.float32), version=version)
        same(f"npy {version}", "npy", "w.npy", [[1.5, 0]])
    np.save("w.npy", np.array([[1, 2]], np.float32))
    raw = open("w.npy", "rb").read().replace(b"'shape': (1, 2), }  ", b"'shape': (1L, 2L), }")
    open("w.npy", "wb").write(raw)
    same("npy of Python 2", "npy", "w.npy", [[1, 2]])
    np.save("a.npy", np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3)))
    np.save("w.npy", np.eye(3, dtype=np.float32))
    end = run("import", "npy", "w.npy", "--activations", "a.npy", "--relu", "--force", "-o", "t.h5")
    if end.returncode or not np.array_equal(h5py.File("t.h5")["activations"][:], np.arange(6).reshape(2, 3)):
        failures.append(f"activations in Fortran order: {end.stderr}")
    same("npy transposed", "npy", "a.npy", np.arange(6).reshape(2, 3).T, "--transpose")
    refusals = {"complex": np.ones((2, 2), np.complex64), "texts": np.array([["a", "b"]]), "times": np.array([["2020-01-01"]], "M8[D]"),
                "more than 64 bits": np.ones((2, 2), np.longdouble), "records": np.ones((2, 2), [("a", "f4"), ("b", "f4")]),
                "raw bytes": np.ones((2, 2), "V2")}
    for text, array in refusals.items():
        np.save("w.npy", array)
        refused(f"npy of {text}", "npy", "w.npy", 2, text)
    np.save("w.npy", np.array([[{}]], object), allow_pickle=True)
    refused("npy of objects", "npy", "w.npy", 1, "Python objects")
    for integer in (2**24 + 1, -2**24 - 1, 2**53 + 1, 2**63 - 1):
        np.save("w.npy", np.array([[1, integer]]))
        refused(f"npy of {integer}", "npy", "w.npy", 2, "element 1")
    np.save("w.npy", np.array([[2**24, 2**40, -2**62]]))
    same("npy of exact integers", "npy", "w.npy", [[2**24, 2**40, -2**62]])
    np.save("w.npy", np.ones((2, 2), np.float32))
    packed = open(gzipped("w.npy"), "rb").read()
    for name, content in (("cut", packed[:-4]), ("changed", packed[:40] + b"\xff" + packed[41:]), ("followed", packed + b"more")):
        open("d.npy", "wb").write(content)
        refused(f"gzip {name}", "npy", "d.npy", 2, "gzip data")


def test_npz():
    dense = np.array([[0, 1.5, 0, 0], [-2, 0, 0, 0.25], [0, 0, 0, 3], [0, 0, 4, 0]])
    coo = scipy.sparse.coo_matrix(dense)
    matrices = {kind: coo.asformat(kind) for kind in ("csr", "csc", "coo", "dia")}
    matrices["bsr"] = scipy.sparse.bsr_matrix(dense, blocksize=(2, 2))
    matrices["wide dia"] = scipy.sparse.dia_matrix((np.arange(1, 13).reshape(2, 6), [1, -2]), shape=(3, 5))
    matrices["tall dia"] = scipy.sparse.dia_matrix((np.arange(1, 5).reshape(2, 2), [0, -4]), shape=(6, 2))
    matrices["dia outside"] = scipy.sparse.dia_matrix((np.ones((2, 3)), [0, 7]), shape=(3, 3))
    matrices["one-row bsr"] = scipy.sparse.bsr_matrix(dense, blocksize=(1, 4))
    for kind, matrix in matrices.items():
        for dtype in (np.float32, np.float64, np.int8, np.int64, bool):
            for compressed in (False, True):
                typed = (matrix * 4).astype(dtype)
                scipy.sparse.save_npz("w.npz", typed, compressed=compressed)
                same(f"npz {kind} {dtype}", "npz", "w.npz", typed.toarray().astype(np.float64))
        same(f"npz {kind} gzip", "npz", gzipped("w.npz"), typed.toarray().astype(np.float64))
    same("npz transposed", "npz", "w.npz", typed.toarray().T.astype(np.float64), "--transpose")
    half = np.array([0.5, -1.5], np.float16)
    np.savez("w.npz", format=np.array("coo".encode()), shape=np.array([2, 3]), data=half, coords=np.array([[0, 1], [2, 0]]),
             _is_array=np.array(True))
    same("npz coords", "npz", "w.npz", [[0, 0, 0.5], [-1.5, 0, 0]])
    np.savez("w.npz", format=np.array("csr"), shape=np.array([1, 2]), data=[1.5], indices=np.array([1], np.int64), indptr=np.array([0, 1]))
    same("npz format as unicode", "npz", "w.npz", [[0, 1.5]])
    np.savez("w.npz", format=np.array(b"coo"), shape=np.array([2, 2]), data=[1.0, 2, 4], row=[0, 0, 1], col=[1, 1, 0])
    end = same("npz duplicates", "npz", "w.npz", [[0, 3], [4, 0]])
    if "1 entries stood at places that had one already" not in end.stdout:
        failures.append(f"npz duplicates: no note in {end.stdout}")
    for data, expected in (([1, -1], 0), ([True, True], 1), ([2**24, -1], 2**24 - 1)):
        np.savez("w.npz", format=np.array(b"coo"), shape=np.array([1, 2]), data=data, row=[0, 0], col=[1, 1])
        same(f"npz sum of {data}", "npz", "w.npz", [[0, expected]])
    np.savez("w.npz", format=np.array(b"coo"), shape=np.array([1, 2]), data=[2**24, 1], row=[0, 0], col=[1, 1])
    refused("npz inexact sum", "npz", "w.npz", 2, "add up to one that is not exact")
    np.savez("w.npz", format=np.array(b"lil"), shape=np.array([1, 2]), data=[1])
    refused("npz lil", "npz", "w.npz", 2, "csr, csc, coo, bsr or dia")
    np.savez("w.npz", format=np.array(b"bsr"), shape=np.array([2, 3]), data=np.ones((1, 2, 2)), indices=[0], indptr=[0, 1])
    refused("npz bsr that does not fit", "npz", "w.npz", 3, "blocks of 2 x 2")
    np.savez("w.npz", format=np.array(b"bsr"), shape=np.array([2, 4]), data=np.ones((1, 2, 2)), indices=[2], indptr=[0, 1])
    refused("npz bsr outside", "npz", "w.npz", 4, "a block at column 2")
    np.savez("w.npz", first=dense, second=np.array([1.0, 2, 3, 4]))
    same("npz of arrays", "npz", "w.npz", dense, "--tensor", "first", "--bias-tensor", "second", bias=[1, 2, 3, 4])
    refused("npz of two arrays", "npz", "w.npz", 4, "first, second")
    refused("npz without the array", "npz", "w.npz", 4, "first, second", "--tensor", "third")
    np.savez_compressed("w.npz", dense)
    same("npz of one array", "npz", "w.npz", dense)


def test_mtx():
    random = np.random.default_rng(7)
    square = np.round(random.normal(size=(5, 5)), 2) * (random.random((5, 5)) < 0.5)
    for name, matrix in {"general": square, "symmetric": square + square.T, "skew-symmetric": square - square.T}.items():
        for dense in (False, True):
            source = matrix if dense else scipy.sparse.coo_matrix(matrix)
            scipy.io.mmwrite("w.mtx", source, symmetry=name)
            same(f"mtx {name} dense {dense}", "mtx", "w.mtx", scipy.io.mmread("w.mtx") if dense else scipy.io.mmread("w.mtx").toarray())
            same(f"mtx.gz {name} dense {dense}", "mtx", gzipped("w.mtx"), matrix.astype(np.float32))
    integers = scipy.sparse.coo_matrix((square * 100).astype(np.int64))
    scipy.io.mmwrite("w.mtx", integers)
    same("mtx integer", "mtx", "w.mtx", integers.toarray())
    real, whole = "%%MatrixMarket matrix coordinate real general\n", "%%MatrixMarket matrix coordinate integer general\n"
    right = {
        "indented comments": (real + "  % one\n\t%two\n\n1 2 1\n1 1 3\n", [[3, 0]]),
        "comments between entries": (real + "% a\n1 2 2\n% b\n1 1 3\n   % c\n\n1 2 4\n% d\n", [[3, 4]]),
        "a comment behind an entry": (real + "1 2 1 % size\n1 1 3 % value\n", [[3, 0]]),
        "Fortran exponents": (real + "1 3 3\n1 1 1.5D+01\n1 2 -2.5d-1\n1 3 +1.D0\n", [[15, -0.25, 1]]),
        "underflow": (real + "1 3 3\n1 1 1e-400\n1 2 2\n1 3 -1d-999\n", [[0, 2, 0]]),
        "float32's underflow": (real + "1 2 2\n1 1 1e-60\n1 2 2\n", [[0, 2]]),
        "duplicates": (real + "1 2 3\n1 1 1\n1 1 2\n1 2 1\n", [[3, 1]]),
        "duplicates of a symmetric file": ("%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 1\n1 1 2\n2 1 4\n", [[3, 4], [4, 0]]),
        "unsigned-integer": ("%%MatrixMarket matrix coordinate unsigned-integer general\n1 2 1\n1 2 7\n", [[0, 7]]),
        "double": ("%%MatrixMarket matrix array double general\n1 2\n0.5\n0\n", [[0.5, 0]]),
        "hermitian of reals": ("%%MatrixMarket matrix coordinate real hermitian\n2 2 1\n2 1 4\n", [[0, 4], [4, 0]]),
        "upper case, CRLF": (real.upper().replace("\n", "\r\n") + "1 2 1\r\n1 1 3\r\n", [[3, 0]]),
        "exact integers": (whole + "1 2 2\n1 1 16777216\n1 2 -33554432\n", [[2**24, -2**25]]),
        "an integer with a plus": (whole + "1 2 1\n+1 +2 +7\n", [[0, 7]]),
    }
    for name, (content, expected) in right.items():
        same(f"mtx {name}", "mtx", text_file("w.mtx", content), expected)
    wrong = {
        "no banner": ("1 2 1\n1 1 3\n", "w.mtx:1: "),
        "an inexact integer": (whole + "1 2 2\n1 1 1\n1 2 16777217\n", "w.mtx:4: a value is \"16777217\""),
        "a huge integer": (whole + "1 2 1\n1 1 99999999999999999999\n", "w.mtx:3: a value is"),
        "no integer": (whole + "1 2 1\n1 1 1.5\n", "w.mtx:3: a value is \"1.5\""),
        "a value too many": (real + "% c\n1 2 2\n1 1 3 4\n1 2 1\n", "w.mtx:4: more stands"),
        "a value too few": (real + "\n1 2 2\n1 1\n1 2 1\n", "w.mtx:4: the line ends where a value"),
        "a column too few": (real + "1 2 2\n1\n1 2 1\n", "w.mtx:3: the line ends where a column"),
        "an entry too many": (real + "1 2 1\n1 1 3\n% c\n1 2 1\n", "w.mtx:5: more follows"),
        "an entry too few": (real + "1 2 3\n1 1 3\n1 2 1\n", "ends where a row should stand"),
        "a row outside": (real + "1 2 2\n1 1 3\n2 2 1\n", "w.mtx:4: a row is \"2\""),
        "overflow": (real + "1 2 1\n1 1 1e400\n", "w.mtx:3: a value is \"1e400\""),
        "infinity": (real + "1 2 1\n1 1 inf\n", "w.mtx:3: a value is \"inf\""),
        "complex": ("%%MatrixMarket matrix coordinate complex hermitian\n1 1 1\n1 1 1 0\n", "w.mtx:1: \"complex\""),
        "no rows": (real + "0 2 0\n", "w.mtx:2: a matrix of 0 x 2"),
        "above the diagonal": ("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", "w.mtx:3: an entry above"),
    }
    for name, (content, text) in wrong.items():
        refused(f"mtx {name}", "mtx", text_file("w.mtx", content), 2, text)
    text_file("w.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n")
    imported("mtx", "w.mtx", 3)
    if not np.array_equal(matrix_of("t.h5")[0] != 0, scipy.io.mmread("w.mtx").toarray() != 0):
        failures.append("mtx pattern: other positions")
    imported("smtx", gzipped(text_file("w.smtx", "2, 3, 2\n0 1 2\n0 2\n")), 3)
    if not np.array_equal(matrix_of("t.h5")[0] != 0, [[1, 0, 0], [0, 0, 1]]):
        failures.append("smtx.gz: other positions")


def plain_trace(path, libver=None, **changes):
    """A trace as anyone would write it with h5py."""
    with h5py.File(path, "w", libver=libver) as file:
        file.attrs["schema"] = changes.get("schema", "lacuna.trace/1")
        file.attrs["name"] = "plain ü"
        file.attrs["has_bias"] = False
        file.attrs["relu"] = True
        weights = scipy.sparse.csc_matrix(np.array([[0, 2, 0], [1, 0, 2]]))
        group = file.create_group("matrix")
        group.attrs["format"] = "csc"
        group["data"], group["indices"], group["indptr"], group["shape"] = (weights.data, weights.indices, weights.indptr, weights.shape)
        file["codebook"] = [0, 0.5, -1.25]
        file.create_dataset("activations", data=np.array([[1.0, 2, 3]]), chunks=True, compression="gzip")
        file.create_group("provenance").attrs["origin"] = "made up"


def test_hdf5():
    for libver in (None, "earliest", "latest", "v110"):
        plain_trace("p.h5", libver)
        end = run("inspect", "p.h5")
        for text in ("plain ü", "2 outputs x 3 inputs", "3 (50.00 %)", "made up"):
            if text not in end.stdout:
                failures.append(f"plain trace {libver}: no {text!r} in {end.stdout} {end.stderr}")
    plain_trace("p.h5", schema="other/1")
    end = run("inspect", "p.h5")
    if end.returncode != 3 or 'p.h5: schema: is "other/1"' not in end.stderr:
        failures.append(f"plain trace of another schema: {end.stderr}")
    plain_trace("p.h5")
    whole = open("p.h5", "rb").read()
    random = np.random.default_rng(3)
    for case in range(50):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 6000), size=random.integers(1, 12)):
            damaged[place] = random.integers(256)
        open("d.h5", "wb").write(damaged[:random.integers(100, len(whole))] if case % 5 == 0 else damaged)
        end = run("inspect", "d.h5")
        if end.returncode not in (0, 3) or (end.returncode == 3 and len(end.stderr.strip().splitlines()) != 1):
            failures.append(f"damaged old file {case}: exit code {end.returncode}: {end.stderr}")
    kernel = np.array([[0, 1, -0.5], [2, 0, 0]], np.float32)  # Keras: [inputs, outputs]
    with h5py.File("keras.h5", "w") as file:
        file.attrs["keras_version"] = "2.9.0"
        file["dense/dense/kernel:0"] = kernel
        file["dense/dense/bias:0"] = np.array([0.25, 0, 1], np.float32)
        file["half"] = kernel.astype(np.float16)
        file["big"] = kernel.astype(">f8")
        file["integers"] = (kernel * 2).astype(np.int16)
        file["inexact"] = np.array([[1, 2**24 + 1]])
        file["nan"] = np.array([[1, np.nan]])
        file["texts"] = np.array([b"a", b"b"])
        file["mask"] = kernel != 0
        file["mask_bias"] = np.array([True, False])
        boolean = h5py.enum_dtype({"TRUE": 1, "FALSE": 0}, basetype="i1")  # the other order
        file.create_dataset("turned", data=(kernel != 0).astype(np.int8), dtype=boolean, chunks=True, compression="gzip")
        file.create_dataset("no_boolean", data=np.array([[0, 2]], np.int8), dtype=boolean)
        for name, members in {"colours": {"RED": 0, "BLUE": 1}, "three": {"FALSE": 0, "TRUE": 1, "MAYBE": 2}, "swapped": {"FALSE": 1, "TRUE": 0}}.items():
            file.create_dataset(name, data=np.array([[0, 1]], np.int8), dtype=h5py.enum_dtype(members, basetype="i1"))
    same("keras", "hdf5", "keras.h5", kernel.T, "--transpose", "--tensor", "dense/dense/kernel:0", "--bias-tensor", "dense/dense/bias:0",
         bias=[0.25, 0, 1])
    same("hdf5 float16", "hdf5", "keras.h5", kernel, "--no-transpose", "--tensor", "/half")
    same("hdf5 big-endian", "hdf5", "keras.h5", kernel, "--no-transpose", "--tensor", "big")
    same("hdf5 integers", "hdf5", "keras.h5", kernel * 2, "--no-transpose", "--tensor", "integers")
    same("hdf5 booleans", "hdf5", "keras.h5", kernel != 0, "--no-transpose", "--tensor", "mask", "--bias-tensor", "mask_bias", bias=[1, 0])
    same("hdf5 booleans, the other order", "hdf5", "keras.h5", (kernel != 0).T, "--transpose", "--tensor", "turned")
    refused("hdf5 no boolean", "hdf5", "keras.h5", 2, "keras.h5: no_boolean: element 1 is 2; FALSE", "--no-transpose", "--tensor", "no_boolean")
    for name in ("colours", "three", "swapped"):
        refused(f"hdf5 {name}", "hdf5", "keras.h5", 2, f"keras.h5: {name}: has the wrong type", "--no-transpose", "--tensor", name)
    refused("hdf5 inexact", "hdf5", "keras.h5", 2, "keras.h5: inexact: element 1", "--no-transpose", "--tensor", "inexact")
    refused("hdf5 nan", "hdf5", "keras.h5", 2, "keras.h5: nan: element 1", "--no-transpose", "--tensor", "nan")
    refused("hdf5 texts", "hdf5", "keras.h5", 2, "keras.h5: texts: has the wrong type", "--no-transpose", "--tensor", "texts")
    refused("hdf5 group", "hdf5", "keras.h5", 2, "keras.h5: dense: ", "--no-transpose", "--tensor", "dense")
    refused("hdf5 without it", "hdf5", "keras.h5", 2, "dense/dense/kernel:0", "--no-transpose", "--tensor", "none")
    refused("hdf5 without --tensor", "hdf5", "keras.h5", 2, "--tensor: is missing", "--no-transpose", code=2)
    refused("hdf5 without --transpose", "hdf5", "keras.h5", 2, "--transpose: is missing", "--tensor", "half", code=2)
    refused("hdf5 bias", "hdf5", "keras.h5", 3, "shape [3]", "--no-transpose", "--tensor", "dense/dense/bias:0")
    whole = open("keras.h5", "rb").read()
    for case in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), size=20):
            damaged[place] = random.integers(256)
        open("d.h5", "wb").write(damaged)
        end = imported("hdf5", "d.h5", 2, "--tensor", "dense/dense/kernel:0", "--transpose")
        if end.returncode not in (0, 3) or (end.returncode == 3 and len(end.stderr.strip().splitlines()) != 1):
            failures.append(f"damaged Keras file {case}: exit code {end.returncode}: {end.stderr}")


def safetensors(path, tensors, metadata=None):
    """The format: length of the header (uint64), JSON, data."""
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (kind, shape, content) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    return path


def bfloat16(array):
    return (np.asarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()


def test_safetensors():
    weights = np.array([[0, 1.5, 0, -2, 0, 0.25, 0, 0, 3], [4, 0, 0, 0, 0, 0, -8, 0, 0]])
    kinds = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
             "BOOL": bool}
    tensors = {kind: (kind, weights.shape, weights.astype(dtype).tobytes()) for kind, dtype in kinds.items()}
    for kind, dtype in {"U8": np.uint8, "U16": np.uint16, "U32": np.uint32, "U64": np.uint64}.items():
        tensors[kind] = (kind, weights.shape, np.abs(weights).astype(dtype).tobytes())
    tensors["BF16"] = ("BF16", weights.shape, bfloat16(weights))
    tensors["bias"] = ("F32", (2,), np.array([1, 0.5], np.float32).tobytes())
    mask = weights != 0
    tensors["sparse.weight.compressed"] = ("F16", (int(mask.sum()),), weights[mask].astype(np.float16).tobytes())
    tensors["sparse.weight.bitmask"] = ("U8", (2, 2), np.packbits(mask, axis=-1, bitorder="little").tobytes())
    tensors["sparse.weight.shape"] = ("I64", (2,), np.array(weights.shape, np.int64).tobytes())
    tensors["sparse.weight.row_offsets"] = ("I64", (2,), np.array([0, 4], np.int64).tobytes())
    pruned = np.array([[0, 1, 2, 0, 3, 0, 0, 4], [0, 0, 5, 6, 7, 8, 0, 0]], np.float32)
    tensors["half.compressed"] = ("BF16", (2, 4), bfloat16(pruned[pruned != 0]))
    tensors["half.bitmask"] = ("U8", (2, 1), np.packbits(pruned != 0, axis=-1, bitorder="little").tobytes())
    tensors["half.shape"] = ("I64", (2, 1), np.array(pruned.shape, np.int64).tobytes())
    tensors["fp8"] = ("F8_E4M3", (1, 2), b"\0\0")
    tensors["inexact"] = ("I32", (1, 2), np.array([1, 2**24 + 1], np.int32).tobytes())
    tensors["q.weight_packed"] = ("I32", (1, 1), b"\0\0\0\0")
    safetensors("m.safetensors", tensors, {"format": "pt"})
    for kind, dtype in kinds.items():
        same(f"safetensors {kind}", "safetensors", "m.safetensors", weights.astype(dtype).astype(np.float64), "--tensor", kind)
    for kind in ("U8", "U16", "U32", "U64"):
        same(f"safetensors {kind}", "safetensors", "m.safetensors", np.abs(weights).astype(np.uint8), "--tensor", kind)
    same("safetensors BF16", "safetensors", "m.safetensors", weights, "--tensor", "BF16", "--bias-tensor", "bias", bias=[1, 0.5])
    same("safetensors bitmask", "safetensors", "m.safetensors", weights, "--tensor", "sparse.weight")
    same("safetensors 2:4", "safetensors", "m.safetensors", pruned, "--tensor", "half.weight")
    refused("safetensors FP8", "safetensors", "m.safetensors", 2, "m.safetensors: fp8: the type F8_E4M3", "--tensor", "fp8")
    refused("safetensors inexact", "safetensors", "m.safetensors", 2, "m.safetensors: inexact: element 1", "--tensor", "inexact")
    refused("safetensors packed", "safetensors", "m.safetensors", 2, "quantised layout", "--tensor", "q.weight")
    refused("safetensors without name", "safetensors", "m.safetensors", 2, "--tensor NAME")
    refused("safetensors without it", "safetensors", "m.safetensors", 2, "BF16", "--tensor", "none")
    safetensors("a.safetensors", {"first": tensors["F32"]})
    same("safetensors of one tensor", "safetensors", "a.safetensors", weights)
    safetensors("b.safetensors", {"second": tensors["bias"]})
    index = {"metadata": {}, "weight_map": {"first": "a.safetensors", "second": "b.safetensors", "gone": "c.safetensors"}}
    text_file("m.safetensors.index.json", json.dumps(index))
    same("safetensors sharded", "safetensors", "m.safetensors.index.json", weights, "--tensor", "first", "--bias-tensor", "second",
         bias=[1, 0.5])
    refused("a shard that is not there", "safetensors", "m.safetensors.index.json", 2, "c.safetensors", "--tensor", "gone")
    text_file("m.safetensors.index.json", json.dumps({"weight_map": {"up": "../a"}}))
    refused("a shard elsewhere", "safetensors", "m.safetensors.index.json", 2, "a file in the same folder", "--tensor", "up")
    whole = open("m.safetensors", "rb").read()
    header = 8 + struct.unpack("<Q", whole[:8])[0]
    for name, content in {"empty": b"", "cut header": whole[:100], "cut data": whole[:header + 5], "no JSON": struct.pack("<Q", 4) + b"{{{{",
                          "a list": struct.pack("<Q", 4) + b"[12]", "deep": struct.pack("<Q", 4000) + b"[" * 4000,
                          "huge header": struct.pack("<Q", 2**60)}.items():
        open("d.safetensors", "wb").write(content)
        refused(f"safetensors {name}", "safetensors", "d.safetensors", 9, "d.safetensors", "--tensor", "F32")
    random = np.random.default_rng(5)
    for rows, columns in ((1, 8), (3, 12), (5, 16), (4, 20), (7, 4)):
        dense = np.round(random.normal(size=(rows, columns)), 3).astype(np.float32)
        order = np.argsort(-np.abs(dense.reshape(-1, 4)), axis=1, kind="stable")[:, :2]
        kept = np.zeros((rows * columns // 4, 4), bool)
        np.put_along_axis(kept, order, True, axis=1)
        kept = kept.reshape(rows, columns)
        for layout in ("24", "bitmask"):
            mask = kept if layout == "24" else kept & (random.random((rows, columns)) < 0.6)
            counts = mask.sum(axis=1)
            parts = {"l.shape": ("I64", (2, 1) if layout == "24" else (2,), np.array(dense.shape, np.int64).tobytes()),
                     "l.compressed": ("F32", (rows, columns // 2) if layout == "24" else (int(mask.sum()),), dense[mask].tobytes()),
                     "l.bitmask": ("U8", (rows, -(-columns // 8)), np.packbits(mask, axis=-1, bitorder="little").tobytes())}
            if layout == "bitmask":
                parts["l.row_offsets"] = ("I64", (rows,), (np.cumsum(counts) - counts).astype(np.int64).tobytes())
            safetensors("c.safetensors", parts)
            same(f"{layout} {rows} x {columns}", "safetensors", "c.safetensors", dense * mask, "--tensor", "l.weight")
            same(f"{layout} {rows} x {columns} by its stem", "safetensors", "c.safetensors", dense * mask, "--tensor", "l")
    wrong = {"a bit too many": ("l.bitmask", b"\xff", "values"), "a bit too few": ("l.bitmask", b"\0", "values"),
             "offsets": ("l.row_offsets", struct.pack("<q", 1), "row 0 begins at value 1"),
             "a shape": ("l.shape", struct.pack("<q", 8), "l.bitmask: does not fit the shape")}
    for name, (tensor, start, text) in wrong.items():
        kind, shape, content = parts[tensor]
        damaged = {**parts, tensor: (kind, shape, start + content[len(start):])}
        if text == "values":
            safetensors("d.safetensors", damaged)
            refused(f"bitmask with {name}", "safetensors", "d.safetensors", columns, "l.row_offsets: row 1", "--tensor", "l.weight")
            del damaged["l.row_offsets"]
        safetensors("d.safetensors", damaged)
        refused(f"bitmask with {name}", "safetensors", "d.safetensors", columns, text, "--tensor", "l.weight")
    safetensors("d.safetensors", {**parts, "l.row_offsets": ("I64", (1,), struct.pack("<q", 0))})
    refused("bitmask with one offset", "safetensors", "d.safetensors", columns, "1 numbers", "--tensor", "l.weight")
    for case in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, header, size=3):
            damaged[place] = random.integers(256)
        open("d.safetensors", "wb").write(damaged)
        end = imported("safetensors", "d.safetensors", 9, "--tensor", "sparse.weight")
        if end.returncode not in (0, 3) or (end.returncode == 3 and len(end.stderr.strip().splitlines()) != 1):
            failures.append(f"damaged safetensors {case}: exit code {end.returncode}: {end.stderr}")


def test_banks():
    """The data folder of the EIE authors' simulator: banks of code and zeros before, columns filled up, a bias."""
    random = np.random.default_rng(11)
    rows, inputs, banks = 150, 10, 4
    codes = random.integers(1, 16, (rows, inputs + 1)) * (random.random((rows, inputs + 1)) < 0.06)
    codes[rows - 1, 0] = 3
    codebook = np.concatenate([[0], random.normal(size=15)]).astype(np.float32)
    act = np.maximum(random.normal(size=inputs), 0).astype(np.float32)
    os.makedirs("eie/ptr", exist_ok=True)
    os.makedirs("eie/spm", exist_ok=True)
    filled = -(-inputs // banks) * banks
    padding = 0
    for bank in range(banks):
        pointers, words = [0], []
        for column in [*range(inputs), *[None] * (filled - inputs), inputs]:
            zeros = 0
            for code in [] if column is None else codes[bank::banks, column]:
                if code:
                    words += [code, zeros]
                    zeros = 0
                elif zeros == 15:
                    words += [0, 15]
                    zeros = 0
                    padding += 1
                else:
                    zeros += 1
            while words[-2:] == [0, 15] and len(words) // 2 > pointers[-1]:
                words = words[:-2]  # nothing follows in this column
            pointers.append(len(words) // 2)
        np.array(pointers, np.uint32).tofile(f"eie/ptr/ptr{bank}.dat")
        np.array(words, np.uint32).tofile(f"eie/spm/spm{bank}.dat")
    assert padding > 5
    codebook.tofile("eie/arithm.dat")
    act.tofile("eie/act.dat")
    end = run("import", "banks", "eie", "--relu", "--force", "-o", "t.h5")
    if end.returncode:
        failures.append(f"banks: {end.stderr}")
        return
    weights, bias = matrix_of("t.h5")
    expected = codebook[codes]
    with h5py.File("t.h5") as file:
        right = np.array_equal(weights, expected[:, :-1]) and np.array_equal(bias, expected[:, -1]) and np.array_equal(
            file["activations"][0], act) and np.array_equal(file["codebook"][:], codebook)
    if not right:
        failures.append("banks: other values")
    words = np.fromfile("eie/spm/spm1.dat", np.uint32)
    for name, change, text in (("code", (0, 16), "code 16"), ("jump", (1, 2**31), "entry 0")):
        changed = words.copy()
        changed[change[0]] = change[1]
        changed.tofile("eie/spm/spm1.dat")
        end = run("import", "banks", "eie", "--relu", "--force", "-o", "t.h5")
        if end.returncode != 3 or text not in end.stderr or "spm1.dat" not in end.stderr:
            failures.append(f"banks with a wrong {name}: {end.stderr}")
    words[:-2].tofile("eie/spm/spm1.dat")
    end = run("import", "banks", "eie", "--relu", "--force", "-o", "t.h5")
    if end.returncode != 3 or "ptr1.dat" not in end.stderr:
        failures.append(f"banks, cut: {end.stderr}")


def noted(name, end, role, count):
    """The note and the provenance say how many numbers of that role became 0."""
    text = "1 number is" if count == 1 else f"{count} numbers are"
    text += " too small for float32 and became 0"
    if end.returncode or f"note: {role}_vanished: {text}\n" not in end.stdout:
        failures.append(f"{name}: no note of {count} {role} in {end.stdout} {end.stderr}")
        return
    with h5py.File("t.h5") as file:
        if file["provenance"].attrs.get(f"{role}_vanished") not in (text, text.encode()):
            failures.append(f"{name}: other provenance: {dict(file['provenance'].attrs)}")


def vanishing(values):
    with np.errstate(under="ignore"):
        return int(np.count_nonzero((values != 0) & (values.astype(np.float32) == 0)))


def proto(number, content):
    """A field of bytes of a protocol buffer."""
    size = len(content)
    return bytes([number << 3 | 2]) + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + content


def onnx_values(name, *extents):
    shape = b"".join(proto(1, bytes([8, extent])) for extent in extents)
    return proto(1, name) + proto(2, proto(1, b"\x08\x0b" + proto(2, shape)))


def onnx_of_doubles(path, weights):
    """x * w as a MatMul of float64, written by hand."""
    tensor = b"\x08" + bytes([weights.shape[1]]) + b"\x08" + bytes([weights.shape[0]]) + b"\x10\x0b"
    tensor += proto(8, b"w") + proto(9, weights.T.astype("<f8").tobytes())
    node = proto(1, b"x") + proto(1, b"w") + proto(2, b"y") + proto(3, b"fc") + proto(4, b"MatMul")
    graph = proto(1, node) + proto(2, b"g") + proto(5, tensor)
    graph += proto(11, onnx_values(b"x", 1, weights.shape[1])) + proto(12, onnx_values(b"y", 1, weights.shape[0]))
    with open(path, "wb") as file:
        file.write(b"\x08\x08" + proto(7, graph) + proto(8, b"\x10\x0d"))


def test_vanishing():
    """Numbers that are not 0 and too small for float32 are counted; its subnormals (1e-44) are kept."""
    tiny = np.array([[1e-300, 1, -1e-50, 0], [0, 5e-324, 2, 1e-44]])
    count = vanishing(tiny)
    assert count == 3
    np.save("w.npy", tiny)
    noted("npy", same("npy", "npy", "w.npy", tiny), "weights", count)
    np.save("w.npy", tiny.T)
    noted("npy transposed", same("npy transposed", "npy", "w.npy", tiny, "--transpose"), "weights", count)
    np.save("b.npy", [1e-200, 3])
    np.save("a.npy", tiny)
    np.save("w.npy", np.ones((2, 4)))
    end = run("import", "npy", "w.npy", "--activations", "a.npy", "--bias", "b.npy", "--relu", "--force", "-o", "t.h5")
    noted("npy bias", end, "bias", 1)
    noted("npy activations", end, "activations", count)
    end = same("npy without", "npy", "w.npy", np.ones((2, 4)))
    if "vanished" in end.stdout:
        failures.append(f"npy without: a note in {end.stdout}")
    sparse = scipy.sparse.coo_matrix(tiny)
    for kind in ("csr", "csc", "coo", "dia", "bsr"):
        scipy.sparse.save_npz("w.npz", sparse.asformat(kind))
        noted(f"npz {kind}", same(f"npz {kind}", "npz", "w.npz", tiny), "weights", count)
    noted("npz transposed", same("npz transposed", "npz", "w.npz", tiny.T, "--transpose"), "weights", count)
    np.savez("w.npz", w=tiny, b=[1e-200, -1e-200])
    end = same("npz of arrays", "npz", "w.npz", tiny, "--tensor", "w", "--bias-tensor", "b", bias=[0, 0])
    noted("npz of arrays", end, "weights", count)
    noted("npz of arrays", end, "bias", 2)
    halves = {"data": [3e-46, 6e-46, 1e-300, -1e-300], "row": [0, 0, 1, 1], "col": [1, 1, 0, 0]}  # sums: float32's smallest, and 0
    np.savez("w.npz", format=np.array(b"coo"), shape=np.array([2, 2]), **halves)
    end = same("npz sums", "npz", "w.npz", [[0, 9e-46], [0, 0]])
    if "vanished" in end.stdout:
        failures.append(f"npz sums: a note in {end.stdout}")
    real = "%%MatrixMarket matrix coordinate real "
    files = {"general": ("general\n2 3 4\n1 1 1e-300\n1 2 2\n2 1 -1d-999\n2 3 0\n", [[0, 2, 0], [0, 0, 0]], 2),
             "symmetric": ("symmetric\n2 2 2\n1 1 4\n2 1 1e-400\n", [[4, 0], [0, 0]], 2)}
    for name, (content, expected, lost) in files.items():
        noted(f"mtx {name}", same(f"mtx {name}", "mtx", text_file("w.mtx", real + content), expected), "weights", lost)
    with h5py.File("w.h5", "w") as file:
        for name, dtype in (("little", "<f8"), ("big", ">f8")):
            file.create_dataset(name, data=tiny.astype(dtype))
        file["bias"] = np.array([1e-100, 1])
    for name in ("little", "big"):
        end = same(f"hdf5 {name}", "hdf5", "w.h5", tiny.T, "--transpose", "--tensor", name)
        noted(f"hdf5 {name}", end, "weights", count)
    end = same("hdf5 bias", "hdf5", "w.h5", tiny, "--no-transpose", "--tensor", "big", "--bias-tensor", "bias", bias=[0, 1])
    noted("hdf5 bias", end, "bias", 1)
    mask = tiny != 0
    safetensors("w.safetensors", {"w": ("F64", tiny.shape, tiny.tobytes()),
                                  "s.compressed": ("F64", (int(mask.sum()),), tiny[mask].tobytes()),
                                  "s.bitmask": ("U8", (2, 1), np.packbits(mask, axis=-1, bitorder="little").tobytes()),
                                  "s.shape": ("I64", (2,), np.array(tiny.shape, np.int64).tobytes())})
    for name in ("w", "s"):
        end = same(f"safetensors {name}", "safetensors", "w.safetensors", tiny, "--tensor", name)
        noted(f"safetensors {name}", end, "weights", count)
    os.makedirs("csc", exist_ok=True)
    for name, array in {"indptr": [0, 1, 2], "indices": [0, 1], "codes": np.array([1, 2], np.uint8), "codebook": [0, 1e-300, 2],
                        "activations": [1e-300, 1]}.items():
        np.save(f"csc/{name}.npy", array)
    end = run("import", "csc-npy", "csc", "--no-relu", "--force", "-o", "t.h5")
    noted("csc-npy", end, "codebook", 1)
    noted("csc-npy", end, "activations", 1)
    onnx_of_doubles("w.onnx", tiny)
    np.save("act.npy", np.array([1, 1e-300, 1, 1]))
    end = run("import", "onnx", "w.onnx", "--layer", "fc", "--activations", "act.npy", "--codebook-bits", "8", "--force", "-o", "t.h5")
    noted("onnx activations", end, "activations", 1)
    text = f"{count} numbers are too small for float32 and became 0"
    with h5py.File("t.h5") as file:
        found = file["provenance"].attrs.get("onnx_vanished")
    if f"note: float64: {text}\n" not in end.stdout or found not in (text, text.encode()):
        failures.append(f"onnx: no note in {end.stdout} {end.stderr}, or {found!r}")
    if not np.array_equal(matrix_of("t.h5")[0], tiny.astype(np.float32)):
        failures.append("onnx: other weights")
    end = run("import", "onnx", "w.onnx", "--force", "-o", "network")
    if f"note: float64: {text}\n" not in end.stdout:
        failures.append(f"onnx network: no note in {end.stdout} {end.stderr}")
    with open("network/network.yaml", encoding="utf-8") as file:
        written = file.read()
    if text not in written[written.find("source:"):]:
        failures.append(f"onnx network: its source does not say it: {written}")
    end = run("compress", "network/network.yaml")  # reads it again
    if end.returncode:
        failures.append(f"onnx network: {end.stderr}")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for test in (test_npy, test_npz, test_mtx, test_hdf5, test_safetensors, test_banks, test_vanishing):
        test()
    os.chdir("/")
for failure in failures:
    print("failed:", failure)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
