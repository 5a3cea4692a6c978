"""Writes type stubs of the families' modules into the package: `make_stubs.py PACKAGE`, which must be importable."""

import os
import sys

del sys.path[0]  # this script's folder holds the package's sources, without the extension
import lacuna  # noqa: E402
from lacuna.sections import Section, _object_of  # noqa: E402

PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}


def type_of(schema):
    section, plural = _object_of(schema)
    if schema.get("type") == "array":
        return "_Sequence[_Any]"
    if section is not None:
        return "_Section | dict[str, _Any]" + ("" if "properties" in schema else " | str")
    if "enum" in schema:
        return "_Literal[" + ", ".join(repr(each) for each in schema["enum"]) + "]"
    kinds = schema.get("type")
    return " | ".join(PLAIN.get(kind, "_Any") for kind in ([kinds] if isinstance(kinds, str) else kinds or ["any"]))


def stub_of(made):
    lines = [f"class {made.__name__}(_Section):"]
    lines += [f"    {line}".rstrip() for line in ('"""' + made.__doc__ + '\n"""').splitlines()]
    for key, schema in made._fields.items():
        lines.append(f"    {key}: {type_of(schema)} | None")
    keys = ", ".join(f"{key}: {type_of(schema)} | None = ..." for key, schema in made._fields.items())
    lines.append(f"    def __init__(self, *, {keys}) -> None: ...")
    return lines


def module_text(module):
    lines = [
        f'"""{module.__doc__} Made by make_stubs.py."""',
        "from collections.abc import Sequence as _Sequence",
        "from typing import Any as _Any, Literal as _Literal",
        "from lacuna.sections import Section as _Section",
    ]
    for made in vars(module).values():
        if isinstance(made, type) and issubclass(made, Section):
            lines += ["", *stub_of(made)]
    return "\n".join(lines) + "\n"


def main():
    for name, module in {**lacuna.families, "files": lacuna.files}.items():
        path = os.path.join(sys.argv[1], name + ".pyi")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(module_text(module))
        os.replace(path + ".new", path)


main()
