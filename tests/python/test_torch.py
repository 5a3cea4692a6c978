"""lacuna.torch.record: a model's layers give on a machine what the model gives, by PyTorch's own arithmetic. 77 where torch is not here."""

import sys

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not here (Debian: python3-torch)")
    sys.exit(77)

import numpy

import lacuna
import lacuna.torch

torch.manual_seed(5)


def few_values(module):
    """Weights with at most 15 values, so that sharing them changes none, most of them 0."""
    with torch.no_grad():
        module.weight.copy_(torch.randint(-7, 8, module.weight.shape) * (torch.rand(module.weight.shape) < 0.3) / 16)
        module.bias.copy_(torch.randint(-3, 4, module.bias.shape) / 16)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.Conv2d(2, 5, (3, 2), stride=(2, 1), padding=(1, 0)), torch.nn.ReLU())
        self.hidden = torch.nn.Linear(5 * 3 * 5, 20)
        self.classes = torch.nn.Linear(20, 6)
        self.unused = torch.nn.Linear(3, 3)

    def forward(self, images, offset):
        values = self.features(images + offset).flatten(1)
        return self.classes(torch.nn.functional.relu(self.hidden(values)))


net = Net()
for module in (net.features[0], net.hidden, net.classes):
    few_values(module)
net.train()
net.unused.eval()
images = torch.randint(0, 4, (3, 2, 5, 6)) / 4
layers = lacuna.torch.record(net, (images, 0.0))
assert [layer.name for layer in layers] == ["features.0", "hidden", "classes"], layers
assert [layer.shape for layer in layers] == [(5, 2 * 3 * 2), (20, 75), (6, 20)], [layer.shape for layer in layers]
assert [layer.vectors for layer in layers] == [3 * 3 * 5, 3, 3]
assert net.training and net.features.training and not net.unused.training, "the model is not as it was"
assert not net.hidden._forward_hooks, "a hook was left"

result = lacuna.run({"kind": "eie", "pe_count": 4}, layers=layers, engine="timeline", outputs="all", reference=True)
with torch.no_grad():
    first = net.features(images)
    second = torch.relu(net.hidden(first.flatten(1)))
    third = net.classes(second)
wanted = {
    "features.0": first.permute(0, 2, 3, 1).reshape(-1, 5).numpy(),
    "hidden": second.numpy(),
    "classes": third.numpy(),
}
for name, values in wanted.items():
    assert numpy.allclose(result.reference[name], values, atol=1e-4), name
    assert numpy.allclose(result.outputs[name], values, atol=0.02), name
assert (wanted["classes"] < 0).any(), "nothing that a ReLU would change"

# Masks of PyTorch's own pruning; an input of several dimensions; a limit of vectors.
import torch.nn.utils.prune

linear = torch.nn.Linear(12, 8)
torch.nn.utils.prune.l1_unstructured(linear, "weight", amount=0.75)
(layer,) = lacuna.torch.record(linear, torch.rand(2, 5, 12), most_vectors=7)
assert layer.shape == (8, 12) and layer.vectors == 7 and layer.name == "linear"
counted = lacuna.run({"kind": "eie", "pe_count": 1}, layers=[layer], engine="timeline")
assert counted.to_dict()["layers"][0]["eie"]["true_nonzeros"] == 24 + 8, "pruned weights are stored"  # 24 weights and the biases

for model, inputs, words in (
    (torch.nn.ReLU(), torch.rand(3), "no Linear or Conv2d"),
    (torch.nn.Conv2d(4, 4, 3, groups=2), torch.rand(1, 4, 5, 5), "groups 2"),
    (torch.nn.Conv2d(4, 4, 3, padding="same"), torch.rand(1, 4, 5, 5), "'same'"),
):
    try:
        lacuna.torch.record(model, inputs)
    except lacuna.InputDataError as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"{model} was recorded")
print("lacuna.torch.record: as PyTorch computes")
