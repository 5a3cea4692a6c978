"""Runs the code of a notebook, cell after cell, as Jupyter would, and demands the pictures that its cells show.

    run_notebook.py NOTEBOOK

Exit code 77 where matplotlib or pandas is not here. A cell that raises ends the test with its traceback.
"""

import ast
import json
import pathlib
import sys

try:
    import matplotlib
    import pandas  # noqa: F401
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-matplotlib python3-pandas)")
    sys.exit(77)

matplotlib.use("Agg")
import matplotlib.pyplot
import warnings

warnings.filterwarnings("ignore", message=".*non-interactive.*|.*non-GUI.*")
notebook = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
space = {"__name__": "__main__"}
wanted = 0
for number, cell in enumerate(notebook["cells"]):
    if cell["cell_type"] != "code":
        continue
    source = "".join(cell["source"])
    wanted += source.count(".show()")
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"cell {number}", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), space)
        if value is not None:
            print(value)
figures = [matplotlib.pyplot.figure(number) for number in matplotlib.pyplot.get_fignums()]
assert len(figures) == wanted >= 1, f"{len(figures)} pictures, {wanted} wanted"
for figure in figures:
    figure.canvas.draw()
    pixels = figure.canvas.buffer_rgba()
    assert len(set(bytes(pixels))) > 10, "an empty picture"
    for axes in figure.axes:
        assert axes.get_ylabel(), "an axis without a name"
