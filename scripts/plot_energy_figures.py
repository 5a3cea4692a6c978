"""Draws the figures of scripts/plot-energy."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from plot_curves import COLOURS, GREY, MARKERS  # noqa: E402


def begin(columns, width, height):
    # Text stays text; without dates and with fixed ids the file is the same each time.
    plt.rcParams.update({"svg.hashsalt": "lacuna", "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 9})
    return plt.subplots(1, columns, figsize=(width, height), layout="constrained")


def finish(picture, output):
    picture.savefig(output + ".png", dpi=100, metadata={"Software": None})
    picture.savefig(output + ".svg", metadata={"Date": None, "Creator": None})
    plt.close(picture)


def tidy(axes, title, x_label, y_label):
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def log2_axis(axes, xs):
    axes.set_xscale("log", base=2)
    axes.set_xticks(xs, [f"{x:g}" for x in xs])
    axes.minorticks_off()


def draw_spmat_width(layers, output):
    """layers: name -> list of (width, reads, energy of the reads in nJ, energy of the module in nJ)."""
    picture, (reads, one, total) = begin(3, 12.5, 4.2)
    widths = sorted({point[0] for points in layers.values() for point in points})
    for i, (name, points) in enumerate(layers.items()):
        style = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "markersize": 4, "linewidth": 1.3}
        xs = [point[0] for point in points]
        reads.plot(xs, [point[1] for point in points], label=name, **style)
        total.plot(xs, [point[2] for point in points], label=name, **style)
        least = min(points, key=lambda point: point[2])
        total.plot([least[0]], [least[2]], marker="o", markersize=10, markerfacecolor="none", color="#000000", linewidth=0)
    first = next(iter(layers.values()))
    one.plot([point[0] for point in first], [1000 * point[2] / point[1] for point in first], color="#000000", marker="o")
    for axes in (reads, one, total):
        log2_axis(axes, widths)
    reads.set_yscale("log")
    total.set_yscale("log")
    one.set_ylim(0, None)
    tidy(reads, "Reads fall (Fig. 6.12)", "SRAM width (bits)", "row reads, 64 PEs")
    tidy(one, "each costs more", "SRAM width (bits)", "energy of one read (pJ)")
    tidy(total, "together (Fig. 6.13); circles: least", "SRAM width (bits)", "energy of all reads (nJ)")
    total.axvline(64, color=GREY, linestyle=":", linewidth=1)
    total.annotate("published least: 64", (64, 0.02), xycoords=("data", "axes fraction"), xytext=(4, 0),
                   textcoords="offset points", color=GREY, fontsize=8)
    total.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8, frameon=False)
    finish(picture, output)


def draw_precision(points, floats, accuracy, output):
    """points: bits -> pJ of a fixed-point multiply; floats: the same of floating point; accuracy: bits -> %."""
    picture, axes = begin(1, 7.2, 4.4)
    xs = sorted(points)
    labels = ["float 32"] + [f"fixed {bits}" for bits in reversed(xs)]
    energies = [floats[32]] + [points[bits] for bits in reversed(xs)]
    bars = axes.bar(range(len(labels)), energies, color="#56B4E9", width=0.6, label="multiply")
    axes.bar_label(bars, [f"{energy:.2f}" for energy in energies], fontsize=8, color="#0072B2")
    axes.set_xticks(range(len(labels)), labels)
    tidy(axes, "Precision (Fig. 6.11): energy of a multiply in 45 nm" + (", and accuracy" if accuracy else ""), "",
         "energy of one multiply (pJ)")
    axes.set_ylim(0, 1.25 * max(energies))
    if accuracy:
        keys = ["float"] + list(reversed(xs))
        shown = [(i, accuracy[key]) for i, key in enumerate(keys) if key in accuracy]
        right = axes.twinx()
        right.plot(*zip(*shown), color="#D55E00", marker="o", linewidth=1.5)
        for i, percent in shown:
            right.annotate(f"{percent:.2f}", (i, percent), xytext=(0, 6), textcoords="offset points", ha="center",
                           color="#D55E00", fontsize=8)
        right.set_ylabel("accuracy (%), axis from 98", color="#D55E00")
        right.set_ylim(98, 99.5)
    finish(picture, output)


def draw_front(points, front, output):
    """Rows of results.csv and pareto.csv: energy against time, area as colour, PEs as marker."""
    picture, axes = begin(1, 8.2, 5)
    counts = sorted({int(row["architecture.pe_count"]) for row in points})
    areas = [float(row["area_mm2"]) for row in points]
    kept = {row["point"] for row in front}
    for i, count in enumerate(counts):
        here = [row for row in points if int(row["architecture.pe_count"]) == count]
        for on_front in (False, True):
            rows = [row for row in here if (row["point"] in kept) == on_front]
            drawn = axes.scatter([float(row["time_us"]) for row in rows], [float(row["energy_nj"]) / 1000 for row in rows],
                                 c=[float(row["area_mm2"]) for row in rows], vmin=min(areas), vmax=max(areas),
                                 cmap="viridis", marker=MARKERS[i], s=46 if on_front else 14,
                                 edgecolors="black" if on_front else "none", linewidths=0.8, zorder=3 if on_front else 2,
                                 alpha=1.0 if on_front else 0.5)
        axes.scatter([], [], marker=MARKERS[i], color="#888888", s=40, label=f"{count} PEs")
    axes.scatter([], [], marker="o", facecolors="none", edgecolors="black", s=40, label="Pareto front")
    axes.set_xscale("log", base=2)
    ticks = [25, 50, 100, 200]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    tidy(axes, "Time, energy and area over PEs x row width x queue depth", "time of eight layers (us)",
         "energy of eight layers (uJ)")
    picture.colorbar(drawn, ax=axes, label="area (mm2)")
    axes.legend(fontsize=8)
    finish(picture, output)
