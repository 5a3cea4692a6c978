"""Tests validate_results.py: it passes what fits, and names file and place of each violation of what does not."""

import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("validate_results.py")
SCHEMA = {
    "type": "object",
    "required": ["name", "layers"],
    "properties": {
        "name": {"type": "string"},
        "layers": {"type": "array", "items": {"$ref": "#/$defs/layer"}},
    },
    "additionalProperties": False,
    "$defs": {
        "layer": {
            "type": "object",
            "required": ["cycles"],
            "properties": {"cycles": {"type": "integer", "minimum": 0}, "energy_pj": {"type": ["number", "null"]}},
            "additionalProperties": False,
        }
    },
}


def validate(folder, *contents, schema=None):
    """The exit code and the lines for results with these contents."""
    schema_path = folder / "schema.json"
    schema_path.write_text(json.dumps(SCHEMA if schema is None else schema))
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(content if isinstance(content, str) else json.dumps(content))
    done = subprocess.run([sys.executable, str(SCRIPT), str(schema_path), *map(str, paths)], capture_output=True,
                          text=True, check=False)
    if done.returncode == 77:
        print(done.stdout.strip())
        sys.exit(77)
    lines = [line.replace(str(folder) + "/", "") for line in done.stdout.splitlines()]
    return done.returncode, lines


def check(actual, expected):
    if actual != expected:
        sys.exit(f"expected {expected}\n     got {actual}")


GOOD = {"name": "a", "layers": [{"cycles": 1, "energy_pj": None}, {"cycles": 0, "energy_pj": 2.5}]}

with tempfile.TemporaryDirectory() as temporary:
    here = pathlib.Path(temporary)
    check(validate(here, GOOD, GOOD), (0, []))
    check(validate(here, GOOD, {"name": 3, "layers": [{"cycles": 1}, {"cycles": -1}, {"cycles": 2, "cicles": 3}]}),
          (1, ["1.json: layers.1.cycles: -1 is less than the minimum of 0",
               "1.json: layers.2: Additional properties are not allowed ('cicles' was unexpected)",
               "1.json: name: 3 is not of type 'string'"]))
    check(validate(here, {"name": "a"}), (1, ["0.json: (root): 'layers' is a required property"]))
    check(validate(here, {"name": "a", "layers": [{"cycles": 1.5}]})[0], 1)
    check(validate(here, GOOD, "{")[0], 2)
    check(validate(here, '{"name": "a", "layers": [{"cycles": NaN}]}')[0], 2)
    check(validate(here, GOOD, schema={"type": "objekt"})[0], 2)
