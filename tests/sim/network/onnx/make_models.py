#!/usr/bin/python3
"""Makes the ONNX models of the tests, and what NumPy says they compute.

usage: make_models.py FOLDER   (needs python3-onnx and python3-numpy; the files are checked in)
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
random = np.random.RandomState(5)


def normal(*shape):
    return (random.randn(*shape) * 0.4).astype(np.float32)


def conv(x, w, b, stride=1, pads=(0, 0, 0, 0), group=1):
    top, left, bottom, right = pads
    x = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    o, i, kh, kw = w.shape
    rows, columns = (x.shape[1] - kh) // stride + 1, (x.shape[2] - kw) // stride + 1
    y = np.zeros((o, rows, columns))
    per = o // group
    for c in range(o):
        part = x[c // per * i:(c // per + 1) * i]
        for r in range(rows):
            for s in range(columns):
                y[c, r, s] = np.sum(part[:, r * stride:r * stride + kh, s * stride:s * stride + kw] * w[c]) + b[c]
    return y


def max_pool_ceil(x, size):
    rows, columns = -(-(x.shape[1] - size) // size) + 1, -(-(x.shape[2] - size) // size) + 1
    y = np.zeros((x.shape[0], rows, columns))
    for r in range(rows):
        for s in range(columns):
            y[:, r, s] = x[:, r * size:(r + 1) * size, s * size:(s + 1) * size].max(axis=(1, 2))
    return y


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def save(name, nodes, inputs, outputs, constants, data, result, opset=13):
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
    np.save(f"{folder}/{name}_input.npy", data.astype(np.float32))
    np.save(f"{folder}/{name}_output.npy", result.astype(np.float32))


def cnn():
    c = {"w1": normal(4, 3, 3, 3), "b1": normal(4), "gamma": normal(4) + 1, "beta": normal(4), "mean": normal(4),
         "variance": np.abs(normal(4)) + 0.5, "w2": normal(6, 4, 1, 1), "b2": normal(6), "w3": normal(6, 2, 2, 2),
         "w4": normal(12, 12, 1, 1), "zero": np.float32(0), "six": np.float32(6), "wg": normal(5, 36), "bg": normal(5),
         "wm": normal(5, 3), "bm": normal(3), "shape": np.array([0, -1], np.int64)}
    c = {k: np.asarray(v) for k, v in c.items()}
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("BatchNormalization", ["c1", "gamma", "beta", "mean", "variance"], ["n1"], epsilon=1e-3),
        helper.make_node("Relu", ["n1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], "conv2"),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("Conv", ["r1", "w3"], ["c3"], "conv3", group=2, auto_pad="SAME_UPPER"),
        helper.make_node("Clip", ["c3", "zero", "six"], ["r3"]),
        helper.make_node("Concat", ["r2", "r3"], ["joined"], axis=1),
        helper.make_node("Conv", ["joined", "w4"], ["c4"], "conv4"),
        helper.make_node("Add", ["joined", "c4"], ["sum"]),
        helper.make_node("MaxPool", ["sum"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        helper.make_node("AveragePool", ["pooled"], ["averaged"], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1],
                         count_include_pad=1),
        helper.make_node("AveragePool", ["pooled"], ["means"], kernel_shape=[1, 2], strides=[1, 1]),
        helper.make_node("Reshape", ["means", "shape"], ["flat"]),
        helper.make_node("Dropout", ["flat"], ["kept"]),
        helper.make_node("Gemm", ["kept", "wg", "bg"], ["g"], "gemm", transB=1, alpha=0.5, beta=2.0),
        helper.make_node("Relu", ["g"], ["gr"]),
        helper.make_node("MatMul", ["gr", "wm"], ["m"], "matmul"),
        helper.make_node("Add", ["m", "bm"], ["ma"]),
        helper.make_node("Softmax", ["ma"], ["y"], axis=1)]
    x = normal(3, 9, 8)
    y = conv(x, c["w1"], c["b1"], 2, (1, 1, 1, 1))
    y = (y - c["mean"][:, None, None]) / np.sqrt(c["variance"][:, None, None] + 1e-3)
    y = np.maximum(y * c["gamma"][:, None, None] + c["beta"][:, None, None], 0)
    left = np.maximum(conv(y, c["w2"], c["b2"]), 0)
    right = np.clip(conv(y, c["w3"], np.zeros(6), 1, (0, 0, 1, 1), 2), 0, 6)
    joined = np.concatenate([left, right])
    y = max_pool_ceil(joined + conv(joined, c["w4"], np.zeros(12)), 2)
    y = (y[:, :, :-1] + y[:, :, 1:]) / 2
    y = y.reshape(-1)
    assert y.size == 36, y.shape
    y = np.maximum(0.5 * c["wg"] @ y + 2.0 * c["bg"], 0)
    y = y @ c["wm"] + c["bm"]
    y = np.exp(y - y.max())
    save("cnn", nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 9, 8])],
         [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])], c, x, y / y.sum())


def lstm():
    steps, inputs, hidden = 5, 3, 4
    c = {"w": normal(1, 4 * hidden, inputs), "r": normal(1, 4 * hidden, hidden), "b": normal(1, 8 * hidden),
         "axes": np.array([1], np.int64)}
    nodes = [helper.make_node("LSTM", ["x", "w", "r", "b"], ["h"], "lstm", hidden_size=hidden),
             helper.make_node("Squeeze", ["h", "axes"], ["y"])]
    x = normal(steps, 1, inputs)
    h, cell, states = np.zeros(hidden), np.zeros(hidden), []
    for step in range(steps):
        gates = c["w"][0] @ x[step, 0] + c["r"][0] @ h + c["b"][0, :4 * hidden] + c["b"][0, 4 * hidden:]
        i, o, f, g = np.split(gates, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(cell)
        states.append(h)
    save("lstm", nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [steps, 1, inputs])],
         [helper.make_tensor_value_info("y", TensorProto.FLOAT, [steps, 1, hidden])], c, x[:, 0], np.array(states))


cnn()
lstm()
