"""The EIE authors' simulator (GitHub RalphMao/EIE-simulator) on a layer of ours: its files, its program, its cycles.

It states no licence, so none of it is here: the user has a checkout. Its sizes are constants of its program, so it is compiled for each
layer, as its Makefile does with DEBUG=0 PROFILE=1. The files are those that `lacuna import banks` reads."""

import re
import subprocess
from pathlib import Path

import numpy as np

QUEUE_SLOTS = 8  # seven of them usable: queue_depth_entries of configs/architectures/eie-authors-simulator.yaml
ENTRIES_A_ROW = 8  # 64 bits of sparse matrix
LONGEST_RUN = 15  # zeros before an entry


def bank(starts, rows, codes, pe, pes):
    """Pointers [inputs + 1] and entries [entries, 2] (code, zeros before it) of one PE."""
    columns = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    mine = rows % pes == pe
    columns, local, codes = columns[mine], rows[mine] // pes, codes[mine]
    follows = np.zeros(local.size, dtype=bool)
    follows[1:] = columns[1:] == columns[:-1]
    zeros = np.where(follows, local - np.roll(local, 1) - 1, local)
    padding = zeros // (LONGEST_RUN + 1)
    ends = np.cumsum(padding + 1)
    entries = np.zeros((int(ends[-1]) if ends.size else 0, 2), dtype=np.uint32)
    entries[:, 1] = LONGEST_RUN
    entries[ends - 1, 0] = codes
    entries[ends - 1, 1] = zeros % (LONGEST_RUN + 1)
    pointers = np.zeros(starts.size, dtype=np.uint32)
    np.cumsum(np.bincount(columns, weights=padding + 1, minlength=starts.size - 1).astype(np.uint32), out=pointers[1:])
    return pointers, entries


def write_layer(folder, csc, codebook, activations, outputs, pes):
    """The layer as data/ of their simulator, and its sizes as src/params.h. Their bias column is there and empty."""
    starts, rows, codes = csc
    inputs = starts.size - 1
    for part in ("data/ptr", "data/spm", "src"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    pointers_count = -(-inputs // pes) * pes + 2
    most_entries = 0
    for pe in range(pes):
        pointers, entries = bank(starts, rows, codes, pe, pes)
        most_entries = max(most_entries, len(entries))
        np.pad(pointers, (0, pointers_count - pointers.size), mode="edge").tofile(folder / f"data/ptr/ptr{pe}.dat")
        entries.tofile(folder / f"data/spm/spm{pe}.dat")
    np.asarray(codebook, dtype=np.float32).tofile(folder / "data/arithm.dat")
    np.asarray(activations, dtype=np.float32).tofile(folder / "data/act.dat")
    constants = {"NUM_PE": pes, "ACTRW_maxcapacity": max(inputs, outputs), "NZFETCH_buffersize": QUEUE_SLOTS,
                 "PTRVEC_num_lines": pointers_count, "SPMAT_unit_line": ENTRIES_A_ROW,
                 "SPMAT_num_lines": -(-most_entries // ENTRIES_A_ROW), "SPMAT_index_bits": 4, "SPMAT_weights_bits": 4,
                 "ARITHM_codebooksize": 16, "ACT_length": inputs}
    lines = [f"const int {name} = {value};" for name, value in constants.items()]
    (folder / "src/params.h").write_text("\n".join(["#ifndef PARAMS", "#define PARAMS", *lines, "#endif", ""]), encoding="utf-8")


def build(checkout, folder):
    """Compiles the checkout with the sizes in folder/src/params.h to folder/simulation."""
    sources = [path for path in sorted(Path(checkout, "src").glob("*.cpp")) if not path.name.startswith("test_")]
    if not sources:
        raise SystemExit(f"error: {checkout}: no src/*.cpp; a checkout of RalphMao/EIE-simulator is needed")
    for path in [*sources, *Path(checkout, "src").glob("*.h")]:
        if path.name != "params.h":
            (folder / "src" / path.name).write_bytes(path.read_bytes())
    subprocess.run(["g++", "-std=c++11", "-O3", "-DPROFILE=1", "-o", "simulation", *[f"src/{path.name}" for path in sources],
                    "-rdynamic"], cwd=folder, check=True)


def cycles(folder):
    """What one run of folder/simulation prints."""
    done = subprocess.run(["./simulation"], cwd=folder, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return int(re.search(r"cycles:(\d+)", done.stdout).group(1))
