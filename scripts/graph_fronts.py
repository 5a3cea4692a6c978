"""Hypervolumes of searches for graph networks."""

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


def print_hypervolumes(path, axes):
    """For each split, axis and arm the hypervolume of each seed's front of wrong test nodes and the axis's logarithm, both brought
    to [0, 1] over all rows of the split."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for split in sorted({row["split"] for row in rows}):
        of_split = [row for row in rows if row["split"] == split]
        for axis in axes:
            points = [(-int(row["test"]), math.log(float(row[axis]))) for row in of_split]
            low = [min(point[i] for point in points) for i in range(2)]
            span = [(max(point[i] for point in points) - low[i]) or 1.0 for i in range(2)]
            arms = {}
            for row, point in zip(of_split, points):
                name = row["name"] if row["kind"] == "found" else row["kind"]
                arms.setdefault(name, {}).setdefault(row["seed"], []).append(
                    tuple((point[i] - low[i]) / span[i] for i in range(2)))
            print(f"{split}, {axis}")
            for name, seeds in arms.items():
                volumes = [volume_of(front) for front in seeds.values()]
                print(f"  {name:15} {sum(volumes) / len(volumes):.3f} over {len(volumes)} seeds: "
                      f"{', '.join(f'{volume:.3f}' for volume in volumes)}")
