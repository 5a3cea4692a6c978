#!/usr/bin/python3
"""Makes models as exporters write them, their inputs, and what NumPy says they compute.

usage: make_exports.py FOLDER   (needs python3-onnx and python3-numpy; the files are checked in)

NAME_x.npy is the input and NAME_expected.npy the output (float64), both in the model's own shapes.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
random = np.random.RandomState(11)


def normal(*shape):
    return (random.randn(*shape) * 0.4).astype(np.float32)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(",") if inputs else [], outputs.split(","), name=outputs.split(",")[0] or kind, **attributes)


def save(name, nodes, x, constants, expected, opset=13, shape=None, kind=TensorProto.FLOAT, outputs=("y",), domains=()):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", kind, shape or list(x.shape))],
        [helper.make_tensor_value_info(each, kind, None) for each in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains])
    model.ir_version = 7
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
    np.save(f"{folder}/{name}_x.npy", x.astype(np.float32))
    np.save(f"{folder}/{name}_expected.npy", np.asarray(expected, dtype=np.float64))


def conv(x, w, b=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1):
    """x [N, C, H, W], w [O, C / group, h, w]"""
    x = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    n, _, height, width = x.shape
    o, i, h, v = w.shape
    rows = (height - (h - 1) * dilations[0] - 1) // strides[0] + 1
    columns = (width - (v - 1) * dilations[1] - 1) // strides[1] + 1
    y = np.zeros((n, o, rows, columns))
    for c in range(o):
        part = x[:, c // (o // group) * i:(c // (o // group) + 1) * i]
        for r in range(rows):
            for s in range(columns):
                top, left = r * strides[0], s * strides[1]
                patch = part[:, :, top:top + (h - 1) * dilations[0] + 1:dilations[0], left:left + (v - 1) * dilations[1] + 1:dilations[1]]
                y[:, c, r, s] = (patch * w[c]).sum(axis=(1, 2, 3)) + (0 if b is None else b[c])
    return y


def max_pool(x, size):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // size, size, w // size, size).max(axis=(3, 5))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def lstm(x, w, r, b, reverse=False):
    """x [T, N, I]; gates i, o, f, c as ONNX has them; returns [T, N, H]"""
    hidden = r.shape[1]
    h = np.zeros((x.shape[1], hidden))
    c = np.zeros((x.shape[1], hidden))
    out = [None] * len(x)
    for t in (reversed(range(len(x))) if reverse else range(len(x))):
        i, o, f, g = np.split(x[t] @ w.T + h @ r.T + b[:4 * hidden] + b[4 * hidden:], 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out[t] = h
    return np.stack(out)


def mnist_8():
    """The graph of the model zoo's mnist-8 (CNTK): SAME padding, Add of [C, 1, 1], Reshape of a constant."""
    c = {"p5": normal(4, 1, 5, 5), "p6": normal(4, 1, 1), "p87": normal(6, 4, 5, 5), "p88": normal(6, 1, 1),
         "p193": normal(6, 2, 2, 10), "shape": np.array([24, 10]), "p194": normal(1, 10), "flat": np.array([1, 24])}
    x = normal(1, 1, 12, 12)
    nodes = [node("Reshape", "p193,shape", "w"),
             node("Conv", "x,p5", "c1", kernel_shape=[5, 5], strides=[1, 1], auto_pad="SAME_UPPER", group=1, dilations=[1, 1]),
             node("Add", "c1,p6", "a1"), node("Relu", "a1", "r1"),
             node("MaxPool", "r1", "m1", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0], auto_pad="NOTSET"),
             node("Conv", "m1,p87", "c2", kernel_shape=[5, 5], strides=[1, 1], auto_pad="SAME_UPPER", group=1, dilations=[1, 1]),
             node("Add", "c2,p88", "a2"), node("Relu", "a2", "r2"),
             node("MaxPool", "r2", "m2", kernel_shape=[3, 3], strides=[3, 3], pads=[0, 0, 0, 0], auto_pad="NOTSET"),
             node("Reshape", "m2,flat", "f"), node("MatMul", "f,w", "t"), node("Add", "t,p194", "y")]
    a = max_pool(relu(conv(x, c["p5"], c["p6"].ravel(), pads=(2, 2, 2, 2))), 2)
    b = max_pool(relu(conv(a, c["p87"], c["p88"].ravel(), pads=(2, 2, 2, 2))), 3)
    save("mnist_8", nodes, x, c, b.reshape(1, 24) @ c["p193"].reshape(24, 10) + c["p194"], opset=8)


def keras_cnn():
    """tf2onnx: NHWC input, Transpose around each layer, shape computed of Shape, Reshape in NHWC order."""
    c = {"k": normal(4, 3, 3, 3), "b": normal(4), "scale": normal(4), "bias": normal(4), "mean": normal(4),
         "var": np.abs(normal(4)) + 0.5, "axes": np.array([0]), "start": np.array([0]), "end": np.array([1]), "minus": np.array([-1]),
         "w": normal(16 * 4, 5), "wb": normal(5), "factor": np.array(1 / 127.5, np.float32), "one": np.array(1, np.float32)}
    x = (random.rand(2, 10, 10, 3) * 255).astype(np.float32)
    nodes = [node("Mul", "x,factor", "scaled"), node("Sub", "scaled,one", "centred"),
             node("Transpose", "centred", "nchw", perm=[0, 3, 1, 2]),
             node("Conv", "nchw,k,b", "conv", kernel_shape=[3, 3], pads=[0, 0, 0, 0]),
             node("Transpose", "conv", "nhwc", perm=[0, 2, 3, 1]), node("LeakyRelu", "nhwc", "act", alpha=0.3),
             node("Transpose", "act", "nchw2", perm=[0, 3, 1, 2]),
             node("BatchNormalization", "nchw2,scale,bias,mean,var", "bn", epsilon=1e-3),
             node("MaxPool", "bn", "pool", kernel_shape=[2, 2], strides=[2, 2]),
             node("Transpose", "pool", "nhwc2", perm=[0, 2, 3, 1]),
             node("Shape", "nhwc2", "s"), node("Slice", "s,start,end,axes", "batch"), node("Concat", "batch,minus", "target", axis=0),
             node("Reshape", "nhwc2,target", "flat"), node("MatMul", "flat,w", "mm"), node("Add", "mm,wb", "logits"),
             node("Softmax", "logits", "y", axis=1)]
    a = (x.astype(np.float64) * c["factor"] - 1).transpose(0, 3, 1, 2)
    a = conv(a, c["k"], c["b"])
    a = np.where(a < 0, np.float32(0.3) * a, a)
    per = lambda v: v.reshape(1, -1, 1, 1)
    a = (a - per(c["mean"])) / np.sqrt(per(c["var"]) + 1e-3) * per(c["scale"]) + per(c["bias"])
    a = max_pool(a, 2).transpose(0, 2, 3, 1).reshape(2, -1)
    save("keras_cnn", nodes, x, c, softmax(a @ c["w"] + c["wb"]))


def keras_lstm():
    """tf2onnx: batch first, Transpose to [T, N, I], Squeeze of the directions, Slice of the last step."""
    w, r, b = normal(1, 16, 3), normal(1, 16, 4), normal(1, 32)
    c = {"W": w, "R": r, "B": b, "ax1": np.array([1]), "ax0": np.array([0]), "last": np.array([-1]), "big": np.array([2**31 - 1]),
         "fw": normal(4, 2), "fb": normal(2)}
    x = normal(2, 5, 3)
    nodes = [node("Transpose", "x", "t", perm=[1, 0, 2]), node("LSTM", "t,W,R,B", "Y", hidden_size=4, direction="forward"),
             node("Squeeze", "Y,ax1", "s"), node("Transpose", "s", "n", perm=[1, 0, 2]),
             node("Slice", "n,last,big,ax1", "l"), node("Squeeze", "l,ax1", "h"), node("MatMul", "h,fw", "m"), node("Add", "m,fb", "y")]
    h = lstm(x.transpose(1, 0, 2).astype(np.float64), w[0], r[0], b[0])[-1]
    save("keras_lstm", nodes, x, c, h @ c["fw"] + c["fb"])


def torch_bilstm():
    """PyTorch: bidirectional, zero states made by ConstantOfShape of the batch, Transpose and Reshape of Y."""
    w, r, b = normal(2, 16, 3), normal(2, 16, 4), normal(2, 32)
    c = {"W": w, "R": r, "B": b, "one": np.array(1), "two": np.array([2]), "four": np.array([4]), "ax": np.array([0]), "rs": np.array([0, 0, -1]),
         "fw": normal(6, 8), "fb": normal(6)}
    x = normal(5, 2, 3)
    nodes = [node("Shape", "x", "s"), node("Gather", "s,one", "g", axis=0), node("Unsqueeze", "g,ax", "u"),
             node("Concat", "two,u,four", "zs", axis=0), node("ConstantOfShape", "zs", "h0"),
             node("LSTM", "x,W,R,B,,h0,h0", "Y", hidden_size=4, direction="bidirectional"),
             node("Transpose", "Y", "t", perm=[0, 2, 1, 3]), node("Reshape", "t,rs", "seq"),
             node("Transpose", "fw0", "fwt", perm=[1, 0]), node("MatMul", "seq,fwt", "m"), node("Add", "fb,m", "y")]
    c["fw0"] = c.pop("fw")
    a = np.concatenate([lstm(x.astype(np.float64), w[0], r[0], b[0]), lstm(x.astype(np.float64), w[1], r[1], b[1], True)], axis=2)
    save("torch_bilstm", nodes, x, c, a @ c["fw0"].T + c["fb"])


def bilstm_last():
    """The last states of both directions, joined by Transpose and Reshape; layout and lengths given."""
    w, r, b = normal(2, 16, 3), normal(2, 16, 4), normal(2, 32)
    c = {"W": w, "R": r, "B": b, "lengths": np.array([5, 5], np.int32), "rs": np.array([-1, 8])}
    x = normal(5, 2, 3)
    nodes = [node("LSTM", "x,W,R,B,lengths", ",Yh", hidden_size=4, direction="bidirectional"),
             node("Transpose", "Yh", "t", perm=[1, 0, 2]), node("Reshape", "t,rs", "y")]
    forward = lstm(x.astype(np.float64), w[0], r[0], b[0])[-1]
    backward = lstm(x.astype(np.float64), w[1], r[1], b[1], True)[0]
    save("bilstm_last", nodes, x, c, np.concatenate([forward, backward], axis=1))


def residual_old():
    """Opset 6: broadcast and axis of Add and Mul, is_test of normalisations, Sum; a shortcut and a squeeze-and-excite branch."""
    c = {"k": normal(4, 4, 3, 3), "b": normal(4), "m": normal(4), "scale": normal(4), "bias": normal(4), "mean": normal(4), "var": np.abs(normal(4)) + 0.5,
         "s1": normal(4, 4)}
    x = normal(1, 4, 6, 6)
    nodes = [node("Conv", "x,k", "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Add", "c,b", "cb", broadcast=1, axis=1),
             node("BatchNormalization", "cb,scale,bias,mean,var", "n", is_test=1, epsilon=1e-5),
             node("Mul", "n,m", "nm", broadcast=1, axis=1), node("Relu", "nm", "r"), node("Sum", "r,x", "sum"),
             node("GlobalAveragePool", "sum", "g"), node("Flatten", "g", "gf"), node("Gemm", "gf,s1,b", "fc", broadcast=1),
             node("Sigmoid", "fc", "gate"), node("Reshape", "gate,gs", "gate4"), node("Mul", "sum,gate2", "y", broadcast=1, axis=0)]
    nodes[-2] = node("Unsqueeze", "gate", "gate2", axes=[2, 3])
    nodes[-1] = node("Mul", "sum,gate2", "y", broadcast=1)
    per = lambda v: v.reshape(1, -1, 1, 1)
    a = conv(x, c["k"], c["b"], pads=(1, 1, 1, 1))
    a = (a - per(c["mean"])) / np.sqrt(per(c["var"]) + 1e-5) * per(c["scale"]) + per(c["bias"])
    a = relu(a * per(c["m"])) + x
    gate = sigmoid(a.mean(axis=(2, 3)) @ c["s1"] + c["b"])
    save("residual_old", nodes, x, c, a * gate[:, :, None, None], opset=6)


def geometry():
    """Strides that differ, dilation, asymmetric Pad before a Conv, Conv1D, ReduceMean over space, Clip with one side."""
    c = {"k1": normal(4, 2, 3, 3), "k2": normal(6, 4, 3, 2), "b2": normal(6), "pads": np.array([0, 0, 1, 0, 0, 0, 0, 2]),
         "k3": normal(4, 6, 3), "low": np.array(-0.3, np.float32), "axes": np.array([-1])}
    x = normal(1, 2, 11, 9)
    nodes = [node("Pad", "x,pads", "p"), node("Conv", "p,k1", "c1", strides=[2, 1]),
             node("Conv", "c1,k2,b2", "c2", dilations=[2, 3]), node("Clip", "c2,low", "cl"), node("ReduceMean", "cl", "m", axes=[3], keepdims=0),
             node("Conv", "m,k3", "c3", pads=[2, 1], strides=[2]), node("HardSwish", "c3", "hs"), node("Tanh", "hs", "y")]
    a = np.pad(x, ((0, 0), (0, 0), (1, 0), (0, 2)))
    a = conv(a, c["k1"], strides=(2, 1))
    a = np.maximum(conv(a, c["k2"], c["b2"], dilations=(2, 3)), np.float32(-0.3)).mean(axis=3)
    a = conv(a[..., None], c["k3"][..., None], pads=(2, 0, 1, 0), strides=(2, 1))[..., 0]
    a = a * np.clip(a / 6 + 0.5, 0, 1)
    save("geometry", nodes, x, c, np.tanh(a), opset=14)


def shuffle():
    """ShuffleNet: grouped convolution, channel shuffle by Reshape and Transpose, Split and Concat, LRN, PRelu."""
    c = {"k": normal(8, 4, 1, 1), "s5": np.array([0, 2, 4, 5, 5]), "s4": np.array([0, 8, 5, 5]), "k2": normal(4, 4, 3, 3), "slope": normal(8, 1, 1), "parts": np.array([3, 5])}
    x = normal(1, 8, 5, 5)
    nodes = [node("Conv", "x,k", "g", group=2), node("Reshape", "g,s5", "r5"), node("Transpose", "r5", "t", perm=[0, 2, 1, 3, 4]),
             node("Reshape", "t,s4", "sh"), node("Split", "sh", "left,right", axis=1), node("Conv", "right,k2", "rc", pads=[1, 1, 1, 1]),
             node("Concat", "left,rc", "cat", axis=-3), node("PRelu", "cat,slope", "pr"), node("LRN", "pr", "l", size=3, alpha=0.1, beta=0.75, bias=1.0),
             node("Softmax", "l", "sm", axis=1), node("Split", "sm,parts", ",y", axis=1)]
    a = conv(x, c["k"], group=2).reshape(1, 2, 4, 5, 5).transpose(0, 2, 1, 3, 4).reshape(1, 8, 5, 5)
    a = np.concatenate([a[:, :4], conv(a[:, 4:], c["k2"], pads=(1, 1, 1, 1))], axis=1)
    a = np.where(a < 0, c["slope"] * a, a)
    squares = np.pad(a**2, ((0, 0), (1, 1), (0, 0), (0, 0)))
    a = a / (1 + np.float32(0.1) / 3 * (squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]))**0.75
    save("shuffle", nodes, x, c, softmax(a, axis=1)[:, 3:])


def tokens():
    """A matrix on either side, tokens, Gather of the last one, Softmax over a middle axis, the default of opset 11."""
    c = {"w": normal(4, 6), "left": normal(3, 5), "b": normal(6), "last": np.array(-1)}
    x = normal(1, 5, 4)
    nodes = [node("MatMul", "x,w", "m"), node("Add", "m,b", "mb"), node("Softmax", "mb", "sm", axis=1), node("MatMul", "left,sm", "lm"),
             node("Gather", "lm,last", "y", axis=1)]
    a = softmax(x.astype(np.float64) @ c["w"] + c["b"], axis=1)
    save("tokens", nodes, x, c, (c["left"] @ a)[:, -1])
    nodes = [node("MatMul", "x,w", "m"), node("Softmax", "m", "y")]  # over all axes behind the images
    e = np.exp(x.astype(np.float64) @ c["w"])
    save("softmax_opset_11", nodes, x, {"w": c["w"]}, e / e.sum(), opset=11)


def two_outputs():
    c = {"w": normal(4, 3), "v": normal(3, 2)}
    x = normal(1, 4)
    nodes = [node("MatMul", "x,w", "hidden"), node("Relu", "hidden", "r"), node("MatMul", "r,v", "y")]
    save("two_outputs", nodes, x, c, relu(x.astype(np.float64) @ c["w"]) @ c["v"], shape=["n", "width"], outputs=("y", "hidden"))


def binary():
    """Brevitas' binary networks: BipolarQuant on weights and activations, a scale for each channel."""
    d = "qonnx.custom_op.general"
    c = {"w": normal(6, 4), "s": np.float32(0.5), "cs": np.float32([[0.25, 0.5, 0.125, 0.25]]), "z": np.float32(0), "b": np.float32(3)}
    x = normal(3, 6)
    nodes = [node("BipolarQuant", "x,s", "xq", domain=d), node("BipolarQuant", "w,s", "wq", domain=d), node("MatMul", "xq,wq", "m"),
             node("Quant", "m,cs,z,b", "y", domain=d, signed=1, narrow=0, rounding_mode="FLOOR")]
    a = np.where(x >= 0, 0.5, -0.5) @ np.where(c["w"] >= 0, 0.5, -0.5)
    save("binary", nodes, x, c, np.clip(np.floor(a / c["cs"]), -4, 3) * c["cs"], domains=(d,))


def qonnx():
    """Brevitas: weights and activations through Quant, and FINN's MultiThreshold in place of the last one."""
    d = "qonnx.custom_op.general"
    c = {"w": normal(4, 2, 3, 3), "ws": np.float32([[[[0.125]]], [[[0.25]]], [[[0.0625]]], [[[0.125]]]]), "z": np.float32(0), "wb": np.float32(4),
         "as": np.float32(0.25), "ab": np.float32(3), "v": normal(64, 3), "vs": np.float32(0.0625),
         "t": np.float32([[0.125, 0.375, 0.625, 0.875, 1.125, 1.375, 1.625]])}
    x = normal(1, 2, 6, 6) * 2
    nodes = [node("Quant", "w,ws,z,wb", "wq", domain=d, signed=1, narrow=1, rounding_mode="ROUND"), node("Conv", "x,wq", "c"), node("Relu", "c", "r"),
             node("Quant", "r,as,z,ab", "q", domain=d, signed=0, narrow=0, rounding_mode="ROUND"),
             node("Quant", "v,vs,z,wb", "vq", domain=d, signed=1, narrow=0, rounding_mode="ROUND"), node("Flatten", "q", "f"), node("MatMul", "f,vq", "m"),
             node("MultiThreshold", "m,t", "y", domain="finn.custom_op.general", out_scale=0.25, out_bias=-1.0, out_dtype="INT3")]
    wq = np.clip(np.round(c["w"].astype(np.float64) / c["ws"]), -7, 7) * c["ws"]
    a = np.clip(np.round(relu(conv(x, wq)) / 0.25), 0, 7) * 0.25
    vq = np.clip(np.round(c["v"].astype(np.float64) / 0.0625), -8, 7) * 0.0625
    m = a.reshape(1, -1) @ vq
    count = (m[:, :, None] >= c["t"][0]).sum(axis=2)
    save("qonnx", nodes, x, c, count * 0.25 - 1, domains=(d, "finn.custom_op.general"))


def lstm_from(x, w, r, b, h, c):
    """lstm of one direction, from a state h and a content c of the cell [H]"""
    hidden = r.shape[1]
    h, c = np.tile(h.astype(np.float64), (x.shape[1], 1)), np.tile(c.astype(np.float64), (x.shape[1], 1))
    out = []
    for step in x:
        i, o, f, g = np.split(step @ w.T + h @ r.T + b[:4 * hidden] + b[4 * hidden:], 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.stack(out)


def gru(x, w, r, b, h, linear_before_reset):
    """x [T, N, I]; gates z, r, h as ONNX has them, from a state h [H]; returns [T, N, H]"""
    hidden = r.shape[1]
    wz, wr, wh = np.split(w.astype(np.float64), 3)
    rz, rr, rh = np.split(r.astype(np.float64), 3)
    bz, br, bh, cz, cr, ch = np.split(b.astype(np.float64), 6)
    h = np.tile(h.astype(np.float64), (x.shape[1], 1))
    out = []
    for step in x:
        z = sigmoid(step @ wz.T + h @ rz.T + bz + cz)
        reset = sigmoid(step @ wr.T + h @ rr.T + br + cr)
        if linear_before_reset:
            n = np.tanh(step @ wh.T + reset * (h @ rh.T + ch) + bh)
        else:
            n = np.tanh(step @ wh.T + (reset * h) @ rh.T + ch + bh)
        h = (1 - z) * n + z * h
        out.append(h)
    return np.stack(out)


def lstm_state():
    """A state and a content that do not start at zero, the same for both images, by direction."""
    w, r, b = normal(2, 16, 3), normal(2, 16, 4), normal(2, 32)
    h, c = normal(2, 1, 4) * 3, normal(2, 1, 4) * 3
    x = normal(5, 2, 3)
    constants = {"W": w, "R": r, "B": b, "h0": np.tile(h, (1, 2, 1)), "c0": np.tile(c, (1, 2, 1))}
    nodes = [node("LSTM", "x,W,R,B,,h0,c0", "y", hidden_size=4, direction="bidirectional")]
    v = x.astype(np.float64)
    forward = lstm_from(v, w[0], r[0], b[0], h[0, 0], c[0, 0])
    backward = lstm_from(v[::-1], w[1], r[1], b[1], h[1, 0], c[1, 0])[::-1]
    save("lstm_state", nodes, x, constants, np.stack([forward, backward], axis=1))


def keras_gru():
    """tf2onnx of Keras' GRU: reset_after (linear_before_reset 1), batch first, the last step."""
    w, r, b = normal(1, 15, 4), normal(1, 15, 5), normal(1, 30)
    c = {"W": w, "R": r, "B": b, "ax0": np.array([0]), "fw": normal(5, 2)}
    x = normal(3, 6, 4)
    nodes = [node("Transpose", "x", "t", perm=[1, 0, 2]), node("GRU", "t,W,R,B", ",Yh", hidden_size=5, linear_before_reset=1),
             node("Squeeze", "Yh,ax0", "h"), node("MatMul", "h,fw", "y")]
    h = gru(x.transpose(1, 0, 2), w[0], r[0], b[0], np.zeros(5), True)[-1]
    save("keras_gru", nodes, x, c, h @ c["fw"].astype(np.float64))


def torch_gru():
    """Bidirectional, both kinds one behind the other, the first from a state, the second without biases."""
    w, r, b, h = normal(2, 12, 3), normal(2, 12, 4), normal(2, 24), normal(2, 1, 4) * 3
    w2, r2 = normal(1, 9, 8), normal(1, 9, 3)
    c = {"W": w, "R": r, "B": b, "h0": h, "W2": w2, "R2": r2, "rs": np.array([0, 0, -1]), "ax1": np.array([1])}
    x = normal(5, 1, 3)
    nodes = [node("GRU", "x,W,R,B,,h0", "Y", hidden_size=4, direction="bidirectional", activations=["Sigmoid", "tanh"] * 2),
             node("Transpose", "Y", "t", perm=[0, 2, 1, 3]), node("Reshape", "t,rs", "seq"),
             node("GRU", "seq,W2,R2", "Y2", hidden_size=3, direction="reverse", linear_before_reset=1), node("Squeeze", "Y2,ax1", "y")]
    forward = gru(x, w[0], r[0], b[0], h[0, 0], False)
    backward = gru(x[::-1], w[1], r[1], b[1], h[1, 0], False)[::-1]
    joined = np.concatenate([forward, backward], axis=2)
    save("torch_gru", nodes, x, c, gru(joined[::-1], w2[0], r2[0], np.zeros(18), np.zeros(3), True)[::-1])


for make in (mnist_8, keras_cnn, keras_lstm, torch_bilstm, bilstm_last, residual_old, geometry, shuffle, tokens, two_outputs, binary, qonnx, lstm_state,
             keras_gru, torch_gru):
    make()
