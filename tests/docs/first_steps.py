#!/usr/bin/env python3
"""Runs the five commands of docs/how-to/own-layer.md that lead from a SciPy matrix to a swept design space with a picture.

usage: first_steps.py LACUNA_PROGRAM SOURCE_FOLDER
"""

import csv
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import scipy.sparse
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
page = (source / "docs/how-to/own-layer.md").read_text(encoding="utf-8")
section = re.search(r"^## From a SciPy matrix.*?(?=^## )", page, re.M | re.S)
commands = re.findall(r"^(lacuna .*)$", section.group(0), re.M) if section else []
if len(commands) != 5:
    sys.exit(f"failed: {len(commands)} commands, not five")

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name in ("configs", "traces"):
        os.symlink(source / name, name)
    matrix = scipy.sparse.random(300, 500, density=0.1, format="csr", random_state=np.random.default_rng(1))
    scipy.sparse.save_npz("weights.npz", matrix)
    for command in commands:
        words = shlex.split(command)
        end = subprocess.run([program, *words[1:]], capture_output=True, text=True, timeout=300)
        print(f"$ {command}\n{end.stdout}{end.stderr}", end="")
        if end.returncode != 0 or end.stderr:
            sys.exit(f"failed with {end.returncode}: {command}")
    with open("sweep/results.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    points = {(int(row["architecture.pe_count"]), int(row["architecture.queue_depth_entries"])) for row in rows}
    assert points == {(pes, depth) for pes in (16, 32, 64, 128, 256) for depth in (1, 2, 4, 8, 16, 32)}, points
    assert all(row["status"] == "ok" and int(row["true_nonzeros"]) == matrix.nnz for row in rows)
    # A deeper queue never takes more cycles, and every point uses energy.
    by_pes = {}
    for row in rows:
        by_pes.setdefault(row["architecture.pe_count"], []).append((int(row["architecture.queue_depth_entries"]), int(row["cycles"])))
    for pes, runs in by_pes.items():
        cycles = [count for _, count in sorted(runs)]
        assert cycles == sorted(cycles, reverse=True), (pes, cycles)
    assert all(float(row["energy_nj"]) > 0 for row in rows)
    html = pathlib.Path("sweep.html").read_text(encoding="utf-8")
    assert 'data-picture="sweep"' in html and "queue_depth_entries" in html
print("passed")
