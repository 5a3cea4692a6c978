#!/usr/bin/python3
"""Synthesizes a generated project and holds the resource model against what Yosys makes of it: block RAM exactly, look-up tables
within 15 %. Usage: counts.py LACUNA CONFIG DEVICE TARGET [SETTING...]"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Of the netlist's cells: those that are look-up tables, and blocks of memory with how many halves of the model's each is.
LUTS = {"ice40": {r"SB_LUT4": 1}, "xilinx": {r"LUT[1-6]|INV": 1, r"RAM32M16|RAM64M8": 8, r"SRL16E|SRLC32E": 1}}
BLOCKS = {"ice40": {r"SB_RAM40_4K\w*": 2}, "xilinx": {r"RAMB18E2": 1, r"RAMB36E2": 2}}

NAMES = {"ice40": "EBR", "xilinx": "BRAM36"}


def count(cells, patterns):
    return sum(weight * number for pattern, weight in patterns.items() for cell, number in cells.items() if re.fullmatch(pattern, cell))


def main():
    lacuna, config, device, target, *settings = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "project"
        command = [lacuna, "generate", config, "--frames", "1", "-o", str(folder), "--set", f"architecture.device={device}"]
        for setting in settings:
            command += ["--set", setting]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["make", "-C", str(folder), "synth", f"TARGET={target}"], check=True, stdout=subprocess.DEVNULL)
        manifest = json.loads((folder / "manifest.json").read_text())
        report = (folder / "build" / f"resources-{target}.txt").read_text()
    cells = {name: int(number) for name, number in re.findall(r"^     (\S+) +(\d+)$", report, re.MULTILINE)}
    parts = manifest["units"] + manifest["fifos"] + [fifo["store"] for fifo in manifest["fifos"] if "store" in fifo]
    modelled = sum(part["estimate"]["cells"] for part in parts)
    luts, halves = count(cells, LUTS[target]), count(cells, BLOCKS[target])
    blocks = manifest["estimated_resources"][0][NAMES[target]]
    print(f"{target}: {luts} look-up tables, modelled {modelled}; {halves / 2:g} blocks of memory, modelled {blocks}")
    if blocks != (halves + 1) // 2 or abs(modelled - luts) > 0.15 * luts:
        sys.exit("error: the model is off")


if __name__ == "__main__":
    main()
