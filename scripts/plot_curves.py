"""Draws curves over a logarithmic axis; used by scripts/plot."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

# Okabe and Ito's palette, which the colour-blind can tell apart, with a marker of its own for each curve.
COLOURS = ["#56B4E9", "#0072B2", "#009E73", "#F0C000", "#8C4A00", "#7F7F7F", "#D55E00", "#CC79A7", "#000000"]
MARKERS = "osD^v<>PX"
GREY = "#666666"


def mark_statements(axes, mark, xs):
    """Lines for what is published."""
    if "vertical" in mark:
        axes.axvline(mark["vertical"], color=GREY, linestyle=":", linewidth=1)
        axes.annotate(mark["vertical_text"], (mark["vertical"], 0.02), xycoords=("data", "axes fraction"),
                      xytext=(4, 0), textcoords="offset points", color=GREY, fontsize=8)
    if "horizontal" in mark:
        axes.axhline(mark["horizontal"], color=GREY, linestyle=":", linewidth=1)
        axes.annotate(mark["horizontal_text"], (0.99, mark["horizontal"]), xycoords=("axes fraction", "data"),
                      xytext=(0, 3), textcoords="offset points", ha="right", color=GREY, fontsize=8)
    if mark.get("diagonal"):
        axes.plot(xs, xs, color="#cccccc", linestyle="-", linewidth=5, zorder=1, label="linear")


def set_scales(axes, figure, xs):
    axes.set_xscale("log", base=2)
    axes.set_xticks(xs, [f"{x:g}" for x in xs])
    axes.minorticks_off()
    if figure.scale == "speedup":
        axes.set_yscale("log", base=2)
        axes.set_yticks(xs, [f"{x:g}" for x in xs])
    else:
        axes.set_ylim(0, 104)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def draw(curves, figure, output):
    """Writes output.png and output.svg."""
    # Text stays text; without dates and with fixed ids the file is the same each time.
    plt.rcParams.update({"svg.hashsalt": "lacuna", "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 10})
    picture, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
    xs = sorted({x for points in curves.values() for x, _ in points})
    set_scales(axes, figure, xs)
    mark_statements(axes, figure.mark, xs)
    for i, (name, points) in enumerate(curves.items()):
        # Every other curve is dashed with hollow markers: layers of equal density lie on each other.
        style = {"linestyle": (0, (4, 3)), "markerfacecolor": "white", "markersize": 6.5} if i % 2 else {"markersize": 4}
        axes.plot(*zip(*points), color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)], linewidth=1.3,
                  label=name, zorder=3 + i % 2, **style)
    axes.set_xlabel(figure.x_label)
    axes.set_ylabel(figure.y_label)
    axes.set_title(f"{figure.title}\n", fontsize=11, loc="left")
    axes.text(0, 1.02, figure.statement, transform=axes.transAxes, fontsize=8.5, color=GREY)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8.5, frameon=False)
    picture.savefig(output + ".png", dpi=100, metadata={"Software": None})
    picture.savefig(output + ".svg", metadata={"Date": None, "Creator": None})
    plt.close(picture)
