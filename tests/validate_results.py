"""Holds results against a published JSON Schema.

    validate_results.py SCHEMA.json RESULT.json...

Prints a line for each violation (file, place in it, what is wrong) and ends with 0 when there is none, 1 when there
is one, 2 when a file cannot be read or the schema is no schema, and 77 where python3-jsonschema is missing.
"""

import json
import sys

try:
    import jsonschema
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SHOWN_CHARACTERS = 160


def load(path):
    def no_number(name):
        raise ValueError(f"{name} is no JSON")

    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file, parse_constant=no_number)
    except (OSError, ValueError) as error:
        print(f"{path}: {error}")
        sys.exit(2)


def violations(validator, result):
    """A line for each violation, in the order of their places."""
    errors = sorted(validator.iter_errors(result), key=lambda error: [str(key) for key in error.absolute_path])
    for error in errors:
        # Of several shapes that are allowed, the violation of the one that fits best says more than "none fits".
        best = jsonschema.exceptions.best_match([error])
        place = ".".join(str(key) for key in best.absolute_path) or "(root)"
        message = best.message
        if len(message) > SHOWN_CHARACTERS:
            message = message[: SHOWN_CHARACTERS // 2] + " ... " + message[-SHOWN_CHARACTERS // 2 :]
        yield f"{place}: {message}"


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.strip())
        return 2
    schema = load(arguments[0])
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        print(f"{arguments[0]}: is no JSON Schema: {error.message}")
        return 2
    validator = kind(schema)
    found = 0
    for path in arguments[1:]:
        for line in violations(validator, load(path)):
            print(f"{path}: {line}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
