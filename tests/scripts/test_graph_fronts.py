"""Hypervolumes and fewest cycles of small fronts, by hand."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(sys.argv.pop(1)) / "scripts"))
from graph_fronts import hypervolumes, least, volume_of  # noqa: E402


def row(name, seed, test, cycles, kind="found"):
    return {"name": name, "seed": seed, "kind": kind, "test": str(test), "cycles": str(cycles)}


class Fronts(unittest.TestCase):
    def test_volume(self):
        self.assertAlmostEqual(volume_of([(0.0, 0.0)]), 1.0)
        # 1.1 - 0.1 times 1.1 - 0.2; then what lies further left, 0.6 high; a dominated point adds nothing.
        self.assertAlmostEqual(volume_of([(0.1, 0.2), (0.6, 0.1), (0.7, 0.3)]), (1.0 * 0.9 + 0.5 * 0.1) / 1.21)
        self.assertEqual(volume_of([]), 0.0)

    def test_arms_and_seeds(self):
        e = math.e
        rows = [row("size", "1", 800, e**2), row("size", "1", 700, e), row("size", "2", 700, e**2), row("none", "1", 750, e, "random")]
        found = hypervolumes(rows, "cycles")
        self.assertEqual(sorted(found), ["random", "size"])
        self.assertAlmostEqual(found["size"]["1"], (0.1 * 1.1 + 1.0 * 0.1) / 1.21)  # the ends of both axes
        self.assertAlmostEqual(found["size"]["2"], 0.01 / 1.21)
        self.assertAlmostEqual(found["random"]["1"], 0.6 * 1.1 / 1.21)

    def test_least(self):
        rows = [row("size", "1", 800, 30), row("size", "1", 790, 20), row("size", "1", 700, 10)]
        self.assertEqual([least(rows, "cycles", right) for right in (700, 790, 795, 801)], [10, 20, 30, None])


if __name__ == "__main__":
    unittest.main()
