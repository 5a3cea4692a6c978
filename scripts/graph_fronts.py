"""Fronts of searches for graph networks: wrong test nodes against what networks cost, of the rows of graph-search's and graph-loop's tables."""

import csv
import math

REFERENCE = 1.1


def volume_of(points):
    """Of what points (error, cost) dominate below the reference, as a share of all below it."""
    volume, error = 0.0, REFERENCE
    for point in sorted(points, key=lambda each: each[1]):
        if point[0] < error:
            volume += (error - point[0]) * (REFERENCE - point[1])
            error = point[0]
    return volume / REFERENCE**2


def arm_of(row):
    """By what a searched network was found; the name of a network of people."""
    return "random" if row["kind"] == "random" else row["name"]


def hypervolumes(rows, axis):
    """{arm: {seed: volume}} of each seed's front of wrong test nodes and the axis's logarithm, both brought to [0, 1] over all rows."""
    points = [(-int(row["test"]), math.log(float(row[axis]))) for row in rows]
    low = [min(point[i] for point in points) for i in range(2)]
    span = [(max(point[i] for point in points) - low[i]) or 1.0 for i in range(2)]
    arms = {}
    for row, point in zip(rows, points):
        arms.setdefault(arm_of(row), {}).setdefault(row["seed"], []).append(tuple((point[i] - low[i]) / span[i] for i in range(2)))
    return {arm: {seed: volume_of(front) for seed, front in seeds.items()} for arm, seeds in arms.items()}


def least(rows, axis, right):
    """The least cost of a network with at least so many test nodes right; None without one."""
    return min((float(row[axis]) for row in rows if int(row["test"]) >= right), default=None)


def print_hypervolumes(path, axes):
    """For each split and axis of a table."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for split in sorted({row["split"] for row in rows}):
        for axis in axes:
            print(f"{split}, {axis}")
            for name, seeds in hypervolumes([row for row in rows if row["split"] == split], axis).items():
                volumes = list(seeds.values())
                print(f"  {name:15} {sum(volumes) / len(volumes):.3f} over {len(volumes)} seeds: "
                      f"{', '.join(f'{volume:.3f}' for volume in volumes)}")
