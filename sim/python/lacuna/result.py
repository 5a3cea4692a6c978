"""What a run gave."""

import json

import numpy


class Result:
    """What a run gave.

    totals, notes, configuration   as in the result's JSON
    layers      pandas.DataFrame, one row for each layer: name, cycles, time_us, ..., `stall_cycles.<class>`, `counters.<event>`, `energy_pj.<module>`
    pes         {layer: {class or count: array [PEs]}} of a machine of PEs: cycles of each class, entries
    units       pandas.DataFrame, one row for each unit of a pipeline, with its cycle classes and counters
    intervals   pandas.DataFrame, one row for each interval, where they were asked for
    busy_of_each  array [intervals, PEs or units] of busy cycles, where intervals hold them (timeline engine)
    outputs     {layer: float64 array [vectors, ...]}, the exact values of the machine's integers; raw: these integers
    reference   {layer: float64 array}: what floating point gives
    text        the tables that the program prints
    """

    def __init__(self, given):
        self._json = given["json"]
        self._values = given["values"]
        self._parsed = None
        self.text = given["text"]
        self.checks_passed = given["checks_passed"]

    def to_json(self):
        """The result as JSON: the same bytes as `lacuna run --json` writes."""
        return self._json

    def to_dict(self):
        """The JSON as Python's types."""
        if self._parsed is None:
            self._parsed = json.loads(self._json)
        return self._parsed

    totals = property(lambda self: self.to_dict()["totals"])
    notes = property(lambda self: self.to_dict().get("notes", []))
    configuration = property(lambda self: self.to_dict()["configuration"])
    family = property(lambda self: self.to_dict()["family"])
    engine = property(lambda self: self.to_dict()["engine"])

    @property
    def layers(self):
        import pandas

        return pandas.DataFrame([_row(layer) for layer in self.to_dict()["layers"]])

    @property
    def intervals(self):
        import pandas

        return pandas.DataFrame([_row(interval) for interval in self.to_dict().get("intervals", [])])

    @property
    def pes(self):
        counts = {layer["name"]: layer.get(self.family, {}).get("pe") for layer in self.to_dict()["layers"]}
        return {name: {key: numpy.array(values) for key, values in each.items()} for name, each in counts.items() if each}

    @property
    def units(self):
        import pandas

        return pandas.DataFrame([_row(unit) for unit in self.to_dict().get(self.family, {}).get("units", [])])

    @property
    def busy_of_each(self):
        return numpy.array([interval["busy_of_each"] for interval in self.to_dict().get("intervals", []) if "busy_of_each" in interval])

    @property
    def outputs(self):
        return {each["name"]: numpy.ldexp(each["raw"].astype(float), each["unit_exponent"]) for each in self._kept("raw")}

    @property
    def raw(self):
        return {each["name"]: each["raw"] for each in self._kept("raw")}

    @property
    def reference(self):
        return {each["name"]: each["reference"] for each in self._kept("reference")}

    def _kept(self, what):
        return [each for each in self._values if each[what] is not None]

    def __repr__(self):
        totals = self.totals
        return f"<lacuna.Result {self.family}, engine {self.engine}: {len(self.to_dict()['layers'])} layers, {totals['cycles']} cycles>"


def _row(entry):
    """A flat row: numbers and texts by their key, mappings of counts by a prefix."""
    row = {}

    def add(prefix, value):
        if isinstance(value, dict):
            for key, each in value.items():
                add(f"{prefix}.{key}" if prefix else key, each)
        elif not isinstance(value, list):
            row[prefix] = value

    add("", entry)
    return row
