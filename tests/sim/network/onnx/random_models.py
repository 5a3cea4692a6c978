#!/usr/bin/python3
"""Random ONNX graphs against NumPy: whatever is not refused must be right.

usage: random_models.py ONNX_RUN SEED MODELS   (ends with 77 where python3-onnx or python3-numpy is missing)

Shapes, axes and orders are random, the images anywhere: most graphs move elements in ways that no exporter does.
"""
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper
except ImportError:
    sys.exit(77)

OPERATORS = ["Reshape", "Transpose", "Slice", "Concat", "Split", "Constant", "Values", "Relu", "Sigmoid", "MatMul", "Reduce", "Softmax",
             "Squeeze", "Unsqueeze", "Gather", "Expand", "Pad", "Conv", "MaxPool", "Flatten", "Back"]


def windows(padded, kernel, strides, function):
    """function of each window of [N, C, ...]; gives [N, O]"""
    places = [(padded.shape[2 + i] - kernel[i]) // strides[i] + 1 for i in range(len(kernel))]
    result = None
    for place in np.ndindex(*places):
        part = padded[(slice(None), slice(None)) + tuple(slice(p * s, p * s + k) for p, s, k in zip(place, strides, kernel))]
        value = function(part)
        result = np.zeros(value.shape + tuple(places)) if result is None else result
        result[(slice(None), slice(None)) + place] = value
    return result


class Model:
    def __init__(self, random):
        self.random = random
        self.nodes, self.constants = [], []
        self.images = int(random.choice([1, 1, 2]))
        shape = [self.images] + [int(random.choice([1, 2, 3, 4, 6])) for _ in range(random.choice([1, 2, 3, 3]))]
        self.x = random.randn(*shape).astype(np.float32)
        self.name, self.value = "x", self.x.astype(np.float64)
        self.values = [(self.name, self.value)]
        for _ in range(random.randint(2, 9)):
            if self.value.ndim == 0 or self.value.ndim > 6 or self.value.size > 4000:
                break
            getattr(self, "add_" + random.choice(OPERATORS).lower())()
        if self.name == "x":
            self.emit("Identity", ["x"], self.value)

    def below(self, limit):
        return int(self.random.randint(limit))

    def constant(self, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def emit(self, kind, inputs, value, **attributes):
        self.name, self.value = f"v{len(self.values)}", np.asarray(value)
        self.nodes.append(helper.make_node(kind, inputs, [self.name], **attributes))
        self.values.append((self.name, self.value))

    def save(self, base):
        graph = helper.make_graph(self.nodes, "random", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.x.shape)],
                                  [helper.make_tensor_value_info(self.name, TensorProto.FLOAT, None)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 7
        with open(base + ".onnx", "wb") as file:
            file.write(model.SerializeToString())
        self.x.tofile(base + ".in")

    def add_reshape(self):
        v, rest = self.value, self.value.size
        target = []
        if v.shape[0] == self.images:
            target, rest = [self.images], rest // self.images
        extents = []
        for _ in range(self.random.randint(1, 4)):
            extents.append(int(self.random.choice([f for f in (1, 2, 3, 4, 6, 8, 12) if rest % f == 0])))
            rest //= extents[-1]
        extents.append(rest)
        self.random.shuffle(extents)
        target += [int(e) for e in extents]
        self.emit("Reshape", [self.name, self.constant(np.array(target))], v.reshape(target))

    def add_transpose(self):
        order = [int(i) for i in self.random.permutation(self.value.ndim)]
        self.emit("Transpose", [self.name], self.value.transpose(order), perm=order)

    def add_slice(self):
        v, axis = self.value, self.below(self.value.ndim)
        step = int(self.random.choice([1, 1, 2, -1]))
        start = self.below(v.shape[axis]) if step > 0 else -1
        end = self.random.randint(start + 1, v.shape[axis] + 1) if step > 0 else -2**31
        index = [slice(None)] * v.ndim
        index[axis] = slice(start, end, step) if step > 0 else slice(None, None, -1)
        written = axis - (v.ndim if self.below(2) else 0)
        self.emit("Slice", [self.name] + [self.constant(np.array([int(e)])) for e in (start, end, written, step)], v[tuple(index)])

    def add_concat(self):
        v, axis = self.value, self.below(self.value.ndim)
        fitting = [(n, a) for n, a in self.values if a.ndim == v.ndim and all(a.shape[i] == v.shape[i] for i in range(v.ndim) if i != axis)]
        name, other = fitting[self.below(len(fitting))]
        self.emit("Concat", [self.name, name], np.concatenate([v, other], axis), axis=axis)

    def add_split(self):
        v, axis = self.value, self.below(self.value.ndim)
        if v.shape[axis] < 2:
            return
        first = self.random.randint(1, v.shape[axis])
        made = [f"v{len(self.values)}", f"v{len(self.values) + 1}"]
        self.nodes.append(helper.make_node("Split", [self.name, self.constant(np.array([first, v.shape[axis] - first]))], made, axis=axis))
        self.values += list(zip(made, np.split(v, [first], axis)))
        self.name, self.value = self.values[-1 - self.below(2)]

    def add_constant(self):
        shape = [e if self.below(2) else 1 for e in self.value.shape]
        operand = np.asarray(self.random.randn(*shape[self.below(len(shape) + 1) if self.below(2) else 0:])).astype(np.float32)
        kind = self.random.choice(["Add", "Mul"])
        self.emit(kind, [self.name, self.constant(operand)], self.value + operand if kind == "Add" else self.value * operand)

    def add_values(self):
        v = self.value
        fitting = [(n, a) for n, a in self.values if a.ndim == v.ndim and all(p == q or 1 in (p, q) for p, q in zip(a.shape, v.shape))]
        name, other = fitting[self.below(len(fitting))]
        kind = self.random.choice(["Add", "Mul", "Sub"])
        self.emit(kind, [self.name, name], v + other if kind == "Add" else v * other if kind == "Mul" else v - other)

    def add_relu(self):
        self.emit("Relu", [self.name], np.maximum(self.value, 0))

    def add_sigmoid(self):
        self.emit("Sigmoid", [self.name], 1 / (1 + np.exp(-self.value)))

    def add_matmul(self):
        v = self.value
        if v.ndim >= 2 and self.below(3) == 0:
            w = self.random.randn(self.random.randint(1, 5), v.shape[-2]).astype(np.float32)
            self.emit("MatMul", [self.constant(w), self.name], w @ v)
        elif v.ndim >= 2:
            w = self.random.randn(v.shape[-1], self.random.randint(1, 5)).astype(np.float32)
            self.emit("MatMul", [self.name, self.constant(w)], v @ w)

    def add_reduce(self):
        axes = sorted(int(i) for i in self.random.choice(self.value.ndim, self.random.randint(1, self.value.ndim + 1), replace=False))
        keeps = self.below(2)
        kind = self.random.choice(["ReduceMean", "ReduceMax"])
        function = self.value.mean if kind == "ReduceMean" else self.value.max
        self.emit(kind, [self.name], function(axis=tuple(axes), keepdims=bool(keeps)), axes=axes, keepdims=keeps)

    def add_softmax(self):
        axis = self.below(self.value.ndim)
        e = np.exp(self.value - self.value.max(axis=axis, keepdims=True))
        self.emit("Softmax", [self.name], e / e.sum(axis=axis, keepdims=True), axis=axis)

    def add_squeeze(self):
        ones = [i for i, e in enumerate(self.value.shape) if e == 1]
        if ones:
            axis = ones[self.below(len(ones))]
            self.emit("Squeeze", [self.name, self.constant(np.array([axis]))], self.value.squeeze(axis))

    def add_unsqueeze(self):
        axis = self.below(self.value.ndim + 1)
        self.emit("Unsqueeze", [self.name, self.constant(np.array([axis]))], np.expand_dims(self.value, axis))

    def add_gather(self):
        axis = self.below(self.value.ndim)
        index = self.below(self.value.shape[axis])
        self.emit("Gather", [self.name, self.constant(np.array(index))], np.take(self.value, index, axis), axis=axis)

    def add_expand(self):
        shape = [e if e > 1 else int(self.random.choice([1, 2, 3])) for e in self.value.shape]
        if self.value.size <= 500:
            self.emit("Expand", [self.name, self.constant(np.array(shape))], np.broadcast_to(self.value, shape).copy())

    def add_pad(self):
        axis = self.below(self.value.ndim)
        pads = [(0, 0)] * self.value.ndim
        pads[axis] = (self.below(3), self.below(3))
        value = 1.5 * self.below(2)
        listed = [p for p, _ in pads] + [p for _, p in pads]
        self.emit("Pad", [self.name, self.constant(np.array(listed)), self.constant(np.float32(value))], np.pad(self.value, pads, constant_values=value))

    def add_conv(self):
        v = self.value
        if v.ndim not in (3, 4):
            return
        kernel = [self.random.randint(1, min(3, e) + 1) for e in v.shape[2:]]
        w = self.random.randn(self.random.randint(1, 4), v.shape[1], *kernel).astype(np.float32)
        strides = [self.random.randint(1, 3) for _ in kernel]
        pads = [self.below(2) for _ in range(2 * len(kernel))]
        padded = np.pad(v, [(0, 0), (0, 0)] + list(zip(pads[:len(kernel)], pads[len(kernel):])))
        axes = list(range(1, v.ndim))
        self.emit("Conv", [self.name, self.constant(w)], windows(padded, kernel, strides, lambda p: np.tensordot(p, w, axes=(axes, axes))),
                  strides=strides, pads=pads)

    def add_maxpool(self):
        v = self.value
        if v.ndim in (3, 4):
            kernel = [self.random.randint(1, min(3, e) + 1) for e in v.shape[2:]]
            strides = [self.random.randint(1, 3) for _ in kernel]
            self.emit("MaxPool", [self.name], windows(v, kernel, strides, lambda p: p.max(axis=tuple(range(2, v.ndim)))), kernel_shape=kernel, strides=strides)

    def add_flatten(self):
        axis = self.below(self.value.ndim + 1)
        self.emit("Flatten", [self.name], self.value.reshape(int(np.prod(self.value.shape[:axis])), -1), axis=axis)

    def add_back(self):
        self.name, self.value = self.values[self.below(len(self.values))]


def main():
    program, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random = np.random.RandomState(seed)
    with tempfile.TemporaryDirectory() as folder:
        expected = []
        for i in range(count):
            model = Model(random)
            model.save(f"{folder}/{i}")
            expected.append(model.value)
        subprocess.run([program, folder, str(count)], check=True)
        right, wrong = 0, []
        for i, value in enumerate(expected):
            try:
                shape = tuple(int(e) for e in open(f"{folder}/{i}.shape").read().split())
            except FileNotFoundError:
                open(f"{folder}/{i}.refused").close()
                continue
            output = np.fromfile(f"{folder}/{i}.out", np.float32)
            same = shape == value.shape and np.allclose(output.reshape(shape), value, rtol=1e-4, atol=1e-5)
            right += same
            wrong += [] if same else [i]
    print(f"seed {seed}: {count} models, {right} right, {count - right - len(wrong)} refused, {len(wrong)} wrong {wrong}")
    sys.exit(1 if wrong or right < count // 2 else 0)


main()
