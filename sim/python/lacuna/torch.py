"""Layers from PyTorch models: weights as they are when the model runs, with the activations that they meet.

    import lacuna, lacuna.torch

    layers = lacuna.torch.record(model, inputs)
    lacuna.run(lacuna.preset("eie-64pe-45nm"), layers=layers)
"""

import numpy
import torch

from ._core import InputDataError
from .layers import Layer

_RELUS = {torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_, torch.nn.functional.relu, torch.nn.functional.relu_}


class _Call:
    """What one module met: its weights and all its inputs, as matrices."""

    def __init__(self, module):
        self.weights = _array(module.weight).reshape(module.weight.shape[0], -1)
        self.bias = None if module.bias is None else _array(module.bias)
        self.activations = []
        self.relu = []


class _Watch(torch.overrides.TorchFunctionMode):
    """Notes which outputs pass through a ReLU, as a module or as a function."""

    def __init__(self):
        super().__init__()
        self.outputs = []  # tensors, kept so that none takes another's place, with what to call when one is rectified

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in _RELUS and args:
            for tensor, rectified in self.outputs:
                if args[0] is tensor:
                    rectified()
        return function(*args, **(kwargs or {}))


def record(model, inputs, *, codebook_bits=4, most_vectors=None):
    """Runs a model on inputs and returns its Linear and Conv2d modules as Layers, in the order of their first calls.

    model          a torch.nn.Module; it runs in evaluation mode, without gradients, and is left as it was. Masks of
                   torch.nn.utils.prune are applied: zeros are pruned weights
    inputs         what the model takes: a tensor, or a tuple of arguments
    codebook_bits  as in Layer
    most_vectors   at most so many activation vectors a layer, the first ones

    A Linear module's vectors are the rows of its inputs. A Conv2d module is the matrix of its kernels (groups are 1), and its vectors
    are the patches under them, position after position. A layer has ReLU when each of its outputs goes straight into one, as
    torch.nn.ReLU or as a function. Names are the modules' names in the model. Raises InputDataError when no such module is called, and
    for a Conv2d with groups or other padding than zeros.
    """
    calls = {}
    watch = _Watch()

    def hook(name):
        def met(module, arguments, output):
            call = calls.get(name)
            if call is None:
                call = calls[name] = _Call(module)
            call.activations.append(_vectors(name, module, arguments[0]))
            place = len(call.relu)
            call.relu.append(False)
            watch.outputs.append((output, lambda: call.relu.__setitem__(place, True)))

        return met

    modules = [(name, module) for name, module in model.named_modules() if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d))]
    handles = [module.register_forward_hook(hook(name or type(module).__name__.lower())) for name, module in modules]
    training = [module for module in model.modules() if module.training]
    try:
        model.eval()
        with torch.no_grad(), watch:
            model(*inputs) if isinstance(inputs, tuple) else model(inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module in training:
            module.training = True
    if not calls:
        raise InputDataError("lacuna.torch.record: the model called no Linear or Conv2d module; allowed: a model with such modules")
    return [
        Layer(
            call.weights,
            numpy.concatenate(call.activations)[:most_vectors],
            relu=all(call.relu),
            bias=call.bias,
            name=name,
            codebook_bits=codebook_bits,
            provenance={"recorded_by": "lacuna.torch.record"},
        )
        for name, call in calls.items()
    ]


def _array(tensor):
    return tensor.detach().to("cpu", torch.float32).numpy().copy()


def _vectors(name, module, inputs):
    """What a module meets, one vector a row."""
    if isinstance(module, torch.nn.Linear):
        return _array(inputs).reshape(-1, module.in_features)
    if module.groups != 1 or module.padding_mode != "zeros" or isinstance(module.padding, str):
        raise InputDataError(
            f"{name}: a Conv2d with groups {module.groups} and padding {module.padding!r} ({module.padding_mode}) is no single matrix; "
            "allowed: groups 1, numbers as padding, with zeros"
        )
    images = inputs if inputs.dim() == 4 else inputs.unsqueeze(0)
    patches = torch.nn.functional.unfold(images, module.kernel_size, module.dilation, module.padding, module.stride)
    return _array(patches.transpose(1, 2)).reshape(-1, patches.shape[1])
