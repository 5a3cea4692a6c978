"""Writes the notebooks of this folder, without outputs, from the texts below: cells are kept where a diff can be read.

    make_notebooks.py [--check]      --check: exit code 1 when a notebook is not what this file gives
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent

NOTEBOOKS = {
    "first-layer": [
        ("text", """# A first layer

How many processing elements, and how deep a queue before each? A layer of AlexNet (fc7, with the published sizes and densities) on the
published machine of EIE (Han et al., ISCA 2016)."""),
        ("code", """import lacuna
import matplotlib.pyplot as plt

machine = lacuna.preset("eie-64pe-45nm")
result = lacuna.run(machine, layers=[{"benchmark": "Alex-7"}], engine="timeline")
print(f"{result.totals['cycles']} cycles, {result.totals['time_us']:.2f} us")"""),
        ("text", """## Queue depth

A broadcast waits while any queue is full. Deeper queues let fast PEs run ahead of slow ones."""),
        ("code", """depths = [1, 2, 4, 8, 16, 32, 64]


def totals(**changes):
    changes = {f"architecture.{key}": value for key, value in changes.items()}
    return lacuna.run(machine, layers=[{"benchmark": "Alex-7"}], engine="timeline", set=changes).totals


by_depth = [totals(queue_depth_entries=depth) for depth in depths]
fig, axis = plt.subplots()
axis.plot(depths, [each["eie"]["load_balance_efficiency"] for each in by_depth], marker="o")
axis.set(xscale="log", xlabel="queue depth (entries)", ylabel="busy cycles / compute cycles", title="Alex-7, 64 PEs")
axis.set_xscale("log", base=2)
fig.show()"""),
        ("text", """## Number of PEs

More PEs finish sooner, but each has fewer entries of a column, and the busiest of them decides."""),
        ("code", """counts = [16, 32, 64, 128, 256]
roomy = {"spmat_capacity_bytes": 1 << 20, "pointer_capacity_bytes": 1 << 18, "pointer_width_bits": 24}
by_count = [totals(pe_count=count, **roomy) for count in counts]
fig, axis = plt.subplots()
axis.plot(counts, [each["time_us"] for each in by_count], marker="o", label="simulated")
axis.plot(counts, [by_count[0]["time_us"] * counts[0] / count for count in counts], linestyle="--", label="ideal")
axis.set(xlabel="PEs", ylabel="time (us)", title="Alex-7")
axis.set_xscale("log", base=2)
axis.set_yscale("log", base=2)
axis.legend()
fig.show()"""),
        ("text", "Where the cycles go, as shares of all PEs' cycles:"),
        ("code", """import pandas

shares = pandas.DataFrame(
    [{"busy": each["busy_cycles"], **each["stall_cycles"]} for each in by_count], index=pandas.Index(counts, name="PEs")
)
shares = shares.div(shares.sum(axis=1), axis=0)
axis = shares.loc[:, (shares > 0.001).any()].plot.bar(stacked=True)
axis.set_ylabel("share of cycles")
axis.figure.show()
shares.round(3)"""),
    ],
    "pareto-front": [
        ("text", """# A sweep to a Pareto front

Numbers of PEs and queue depths on four published layers, with time, energy and area from the bottom-up table in 45 nm."""),
        ("code", """import lacuna
import matplotlib.pyplot as plt

configs = lacuna.share_folder() / "configs"
table = lacuna.sweep(
    {
        "architecture": {"base": lacuna.preset("eie-64pe-45nm")},
        "workload": {"layers": [{"benchmark": name} for name in ("Alex-7", "Alex-8", "NT-We", "NT-LSTM")]},
        "energy": str(configs / "energy" / "bottom-up-45nm.yaml"),
        "axes": [
            {"key": "architecture.pe_count", "values": [64, 96, 128, 192, 256]},
            {"key": "architecture.queue_depth_entries", "values": [1, 2, 4, 8, 16]},
        ],
        "objectives": [{"metric": "time_us"}, {"metric": "energy_nj"}, {"metric": "area_mm2"}],
    },
    progress=False,
)
print(f"{len(table)} machines, {int(table['front'].sum())} of them on the front")"""),
        ("text", "Machines that no other beats in time, energy and area at once are drawn large."),
        ("code", """front = table[table["front"].astype(bool)]
fig, axis = plt.subplots()
for pes, group in table.groupby("architecture.pe_count"):
    axis.scatter(group["time_us"], group["energy_nj"], s=12, label=f"{pes} PEs")
axis.scatter(front["time_us"], front["energy_nj"], s=70, facecolors="none", edgecolors="black", label="front")
axis.set(xlabel="time (us)", ylabel="energy (nJ)")
axis.legend()
fig.show()"""),
        ("code", """front.sort_values("time_us")[["architecture.pe_count", "architecture.queue_depth_entries", "time_us", "energy_nj", "area_mm2"]]"""),
    ],
    "own-network": [
        ("text", """# An own pruned network on two machines

Weights from arrays: three layers, nine in ten weights pruned, run on two machines of the EIE family. A model of PyTorch gives the same
layers by `lacuna.torch.record(model, inputs)`."""),
        ("code", """import lacuna
import matplotlib.pyplot as plt
import numpy

generator = numpy.random.default_rng(7)
sizes = [400, 300, 100, 10]
inputs = generator.random((8, sizes[0])) * (generator.random((8, sizes[0])) < 0.6)
layers, values = [], inputs
for number, (before, after) in enumerate(zip(sizes, sizes[1:])):
    weights = generator.normal(scale=before**-0.5, size=(after, before)) * (generator.random((after, before)) < 0.1)
    layers.append(lacuna.Layer(weights, values, relu=number < 2, name=f"fc{number + 1}"))
    values = values @ weights.T
    values = numpy.maximum(values, 0) if number < 2 else values
layers"""),
        ("code", """machines = {
    "16 PEs": lacuna.eie.Architecture(base=lacuna.preset("eie-64pe-45nm"), pe_count=16),
    "64 PEs": lacuna.eie.Architecture(base=lacuna.preset("eie-64pe-45nm"), pe_count=64),
}
results = {name: lacuna.run(machine, layers=layers, engine="timeline", outputs="all", reference=True) for name, machine in machines.items()}
for name, result in results.items():
    print(f"{name}: {result.totals['cycles']} cycles, load balance {result.totals['eie']['load_balance_efficiency']:.2f}")"""),
        ("text", "Cycles of each layer on both machines:"),
        ("code", """fig, axis = plt.subplots()
for shift, (name, result) in enumerate(results.items()):
    axis.bar(numpy.arange(len(layers)) + 0.4 * shift, result.layers["cycles"], width=0.4, label=name)
axis.set_xticks(numpy.arange(len(layers)) + 0.2, [layer.name for layer in layers])
axis.set_ylabel("cycles")
axis.legend()
fig.show()"""),
        ("text", "Both machines compute the same numbers, and near what floating point gives for the shared weights:"),
        ("code", """one, other = results.values()
for layer in layers:
    assert numpy.array_equal(one.raw[layer.name], other.raw[layer.name])
    error = numpy.abs(one.outputs[layer.name] - one.reference[layer.name]).max()
    print(f"{layer.name}: largest error {error:.4f}")
    assert error < 0.05"""),
    ],
}


def notebook(name, cells):
    made = []
    for number, (kind, text) in enumerate(cells):
        cell = {"cell_type": "markdown" if kind == "text" else "code", "id": f"{name}-{number}", "metadata": {}}
        if kind == "code":
            cell.update(execution_count=None, outputs=[])
        made.append({**cell, "source": text.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": made, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


wrong = []
for name, cells in NOTEBOOKS.items():
    path = FOLDER / f"{name}.ipynb"
    if "--check" not in sys.argv:
        path.write_text(notebook(name, cells), encoding="utf-8")
    elif path.read_text(encoding="utf-8") != notebook(name, cells):
        wrong.append(path.name)
if wrong:
    sys.exit(f"not what make_notebooks.py gives: {', '.join(wrong)}")
