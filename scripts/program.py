"""What the scripts that run `lacuna` share: the program that they were given, or one line that says how to build it."""

import shutil
import sys


def the_program(path):
    found = shutil.which(path)
    if found is None:
        sys.exit(f"error: {path}: there is no such program; cmake --preset release && cmake --build --preset release --target lacuna")
    return found
