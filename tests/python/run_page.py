"""Runs the Python of a page in the source tree, block after block, and compares what each prints with the text block behind it: `run_page.py PAGE SOURCE`."""

import contextlib
import io
import os
import re
import sys

try:
    import numpy  # noqa: F401
    import pandas  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

BLOCK = re.compile(r"```(\w+)\n(.*?)```\n", re.DOTALL)


def main():
    page, source = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    os.chdir(source)
    names, wrong, runs = {}, 0, 0
    for i, (kind, code) in enumerate(blocks):
        if kind != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"{page}: block {i + 1}", "exec"), names)
        runs += 1
        if i + 1 < len(blocks) and blocks[i + 1][0] == "text" and printed.getvalue() != blocks[i + 1][1]:
            wrong += 1
            print(f"block {i + 1} prints\n{printed.getvalue()}where the page has\n{blocks[i + 1][1]}")
    print(f"{runs} blocks, {wrong} wrong")
    sys.exit(1 if wrong or not runs else 0)


main()
