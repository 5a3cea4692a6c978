"""Sections of Lacuna's YAML files as objects.

The classes are made from the declarations that the program reads files with: keys, ranges, defaults and meanings are the same.
A value is checked by that same reader when it is set; the message is the program's.
"""

import json
import keyword
import types

from . import _core
from .layers import Layer


class Section:
    """Part of a file: attributes are its keys. A key that is not given keeps the file's default."""

    _family = ""
    _kind = ""
    _keys = ()
    _path = ""
    _fields = {}

    def __init__(self, **values):
        object.__setattr__(self, "_values", {})
        for key, value in values.items():
            if value is not None:
                self._values[key] = value
        self._check()

    def _check(self):
        # Layers of arrays count as traces, without writing any.
        values = plain(self, lambda layer: {"trace": "layer.h5"})
        _core.check(self._family, self._kind, list(self._keys), self._path, values)

    def __setattr__(self, key, value):
        before = dict(self._values)
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value
        try:
            self._check()
        except Exception:
            object.__setattr__(self, "_values", before)
            raise

    def __getattr__(self, key):
        if key.startswith("_"):
            raise AttributeError(key)
        if key in self._values:
            return self._values[key]
        if key in self._fields:
            return self._fields[key].get("default")
        raise AttributeError(f"{type(self).__name__} has no key '{key}'")

    def __dir__(self):
        return [*super().__dir__(), *self._fields]

    def __repr__(self):
        values = ", ".join(f"{key}={value!r}" for key, value in self._values.items())
        return f"{type(self).__name__}({values})"

    def __eq__(self, other):
        return type(self) is type(other) and self._values == other._values

    __hash__ = None

    def __getstate__(self):
        return self._values

    def __setstate__(self, values):
        object.__setattr__(self, "_values", values)

    def replace(self, **values):
        """A copy with other values; None takes a key away."""
        return type(self)(**{**self._values, **values})

    def to_dict(self):
        """As a dict that a YAML file would hold; layers of arrays stay what they are."""
        return plain(self, lambda layer: layer)


_MOST_DEPTH = 30  # the reader refuses what is nested so deeply


def plain(value, entry_of, depth=0):
    """A value with its sections as dicts, and with `entry_of(layer)` in the place of each layer of arrays."""
    if depth > _MOST_DEPTH:
        return None
    if isinstance(value, Layer):
        return entry_of(value)
    if isinstance(value, Section):
        value = value._values
    if isinstance(value, dict):
        return {key: plain(each, entry_of, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, entry_of, depth + 1) for each in value]
    return value


def _class_name(key, plural):
    name = "".join(part.capitalize() for part in key.split("_"))
    return name[:-1] if plural and name.endswith("s") and not name.endswith("ss") else name


def _range_text(schema):
    if "enum" in schema:
        return "one of " + ", ".join(str(each) for each in schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    kinds = schema.get("type", "")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _field_line(key, schema):
    line = f"    {key}: {schema.get('description', '')}".rstrip()
    notes = [_range_text(schema)]
    if "default" in schema:
        notes.append(f"default {schema['default']}")
    notes = [note for note in notes if note]
    return line + (f" ({'; '.join(notes)})" if notes else "")


def _object_of(schema):
    """The part of a property's schema that has keys of its own, and whether it is a list's item."""
    if schema.get("type") == "array":
        item = schema.get("items", {})
        return (item, True) if "properties" in item else (None, True)
    for choice in schema.get("anyOf", []):
        if "properties" in choice:
            return choice, False
    return (schema, False) if "properties" in schema else (None, False)


def _make_class(family, kind, keys, name, schema, space, meaning):
    fields = schema["properties"]
    lines = [meaning or f"A file of kind {kind}.", "", "Keys:"]
    lines += [_field_line(key, field) for key, field in fields.items()]
    made = type(
        name,
        (Section,),
        {
            "__doc__": "\n".join(lines),
            "_family": family,
            "_kind": kind,
            "_keys": tuple(keys),
            "_path": ".".join(keys),
            "_fields": fields,
            "__module__": space.__name__,
        },
    )
    if not hasattr(space, name):
        setattr(space, name, made)
        for key, field in fields.items():
            section, plural = _object_of(field)
            if section is not None:
                _make_class(family, kind, [*keys, key], _class_name(key, plural), section, space, field.get("description"))


def _make_spaces():
    families = {}
    common = types.ModuleType("lacuna.files", "Files that belong to no family: networks, regression suites, recipes.")
    for family, kinds in _core.schemas().items():
        space = common
        if family:
            name = family if not keyword.iskeyword(family) else family + "_"
            space = types.ModuleType(f"lacuna.{name}", f"Files of the machines of kind {family}.")
            families[name] = space
        for kind, text in kinds.items():
            short = kind[len(family) + 1 :] if family and kind.startswith(family + "_") else kind
            _make_class(family, kind, [], _class_name(short, False) + "File", json.loads(text), space, None)
    return families, common


families, files = _make_spaces()
