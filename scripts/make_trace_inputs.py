"""Writes the .npy files from which scripts/make-traces imports the checked-in traces.

usage: make_trace_inputs.py DATA_FOLDER OUTPUT_FOLDER

The labels of the first MNIST test images, the centre of the photograph, and the real inputs of some 1x1 layers of the deep-compressed SqueezeNet: a
forward pass in float64 (so that the values, rounded once to float32, do not depend on the machine's order of summation).
"""

import gzip
import pathlib
import struct
import sys

import numpy as np

IMAGES = 16  # that the LeNet-5 activations hold
SAMOYED, PROBABILITY = 258, 0.776  # of the image, as its README says

FIRES = {  # squeezed and expanded channels
    "fire2": (16, 64), "fire3": (16, 64), "fire4": (32, 128), "fire5": (32, 128),
    "fire6": (48, 192), "fire7": (48, 192), "fire8": (64, 256), "fire9": (64, 256),
}
POOL_AFTER = ("conv1", "fire4", "fire8")
TRACED = {  # layer: side of the square grid of sampled pixels; 0 takes all pixels
    "fire2/conv1x1_1": 14,
    "fire5/conv1x1_1": 10,
    "fire9/conv1x1_1": 10,
    "fire9/conv1x1_2": 0,
}


def layer_shapes():
    """Yields (name, outputs, inputs, kernel side) in the order of the file."""
    yield "conv1", 96, 3, 7
    channels = 96
    for fire, (squeezed, expanded) in FIRES.items():
        yield f"{fire}/conv1x1_1", squeezed, channels, 1
        yield f"{fire}/conv1x1_2", expanded, squeezed, 1
        yield f"{fire}/conv3x3_2", expanded, squeezed, 3
        channels = 2 * expanded
    yield "conv_final", 1000, channels, 1


def read_net(path):
    """Decodes all layers of a .net file: {name: (weights [out, in, k, k], biases [out])}."""
    data = path.read_bytes()
    shapes = list(layer_shapes())
    counts = struct.unpack_from(f"<{len(shapes)}I", data)
    offset = 4 * len(shapes)
    layers = {}
    for (name, outputs, inputs, side), count in zip(shapes, counts):
        codebook = np.frombuffer(data, "<f4", 256, offset)
        biases = np.frombuffer(data, "<f4", outputs, offset + 1024)
        offset += 1024 + 4 * outputs
        codes = np.frombuffer(data, np.uint8, count, offset)
        packed = np.frombuffer(data, np.uint8, (count + 1) // 2, offset + count)
        offset += count + (count + 1) // 2
        gaps = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)[:count].astype(np.int64)
        weights = np.zeros(outputs * inputs * side * side)
        weights[np.cumsum(gaps + 1) - 1] = codebook[codes]
        layers[name] = weights.reshape(outputs, inputs, side, side), biases.astype(np.float64)
    assert offset == len(data), "bytes left over"
    return layers


def convolve(image, weights, biases, stride=1, pad=0):
    """Convolution and ReLU of an image [channels, height, width]."""
    image = np.pad(image, ((0, 0), (pad, pad), (pad, pad)))
    side = weights.shape[2]
    windows = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    sums = np.tensordot(weights, windows, axes=([1, 2, 3], [0, 3, 4]))
    return np.maximum(sums + biases[:, None, None], 0)


def pool(image):
    """Maximum over 3x3 windows, stride 2, sizes rounded up."""
    extra = [(side - 3) % 2 for side in image.shape[1:]]
    image = np.pad(image, ((0, 0), (0, extra[0]), (0, extra[1])), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(3, 4))


def squeezenet_inputs(image, layers):
    """Forward pass: inputs [channels, height, width] of each 1x1 layer, and the class probabilities."""
    inputs = {}
    image = pool(convolve(image, *layers["conv1"], stride=2))
    for fire in FIRES:
        inputs[f"{fire}/conv1x1_1"] = image
        squeezed = convolve(image, *layers[f"{fire}/conv1x1_1"])
        inputs[f"{fire}/conv1x1_2"] = squeezed
        image = np.concatenate([convolve(squeezed, *layers[f"{fire}/conv1x1_2"]),
                                convolve(squeezed, *layers[f"{fire}/conv3x3_2"], pad=1)])
        if fire in POOL_AFTER:
            image = pool(image)
    scores = convolve(image, *layers["conv_final"], pad=1).mean(axis=(1, 2))
    powers = np.exp(scores - scores.max())
    return inputs, powers / powers.sum()


def sample_pixels(image, grid):
    """Activation vectors [pixels, channels] of a grid of pixels, and the sentence that says which."""
    height, width = image.shape[1:]
    rows, columns = (np.arange(size) if grid == 0 else (2 * np.arange(grid) + 1) * size // (2 * grid)
                     for size in (height, width))
    vectors = image[:, rows][:, :, columns].reshape(image.shape[0], -1).T
    what = f"all {height} x {width} pixels" if grid == 0 else f"{grid} x {grid} of {height} x {width} pixels, evenly spaced"
    return np.ascontiguousarray(vectors, dtype=np.float32), f"{what}, row by row"


def crop(image, side):
    """The centre of an image [channels, height, width]."""
    top, left = ((size - side) // 2 for size in image.shape[1:])
    return np.ascontiguousarray(image[:, top:top + side, left:left + side])


def main():
    data, output = (pathlib.Path(argument) for argument in sys.argv[1:3])
    with gzip.open(data / "mnist" / "t10k-labels-idx1-ubyte.gz") as file:
        np.save(output / "labels.npy", np.frombuffer(file.read(8 + IMAGES)[8:], np.uint8))
    image = np.load(data / "images" / "samoyed_227_bgr.npy")
    np.save(output / "samoyed_67_bgr.npy", crop(image, 67))
    image = image.astype(np.float64)
    layers = read_net(data / "squeezenet" / "compressed_SqueezeNet.net")
    inputs, probabilities = squeezenet_inputs(image, layers)
    best = int(probabilities.argmax())
    print(f"SqueezeNet: class {best} with probability {probabilities[best]:.3f}")
    if best != SAMOYED or abs(probabilities[best] - PROBABILITY) > 0.0005:
        sys.exit(f"error: expected class {SAMOYED} with probability {PROBABILITY}")
    for name, grid in TRACED.items():
        vectors, sample = sample_pixels(inputs[name], grid)
        stem = output / name.replace("/", "-")
        np.save(f"{stem}.npy", vectors)
        pathlib.Path(f"{stem}.txt").write_text(sample, encoding="utf-8")


if __name__ == "__main__":
    main()
