"""What scripts that train networks several times have in common."""

import datetime
import json
import os
import subprocess

CODESIGN = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../configs/codesign"))
FIFTH_AND_TWELFTH = ("[{name: fifth, prune: {density: 0.2}, steps: [{epochs: 2, rate: 0.02}]}, {name: twelfth, prune: {density: 0.08}, "
                     "layers: [{name: ip3, prune: {density: 0.26}}], steps: [{epochs: 3, rate: 0.02}, {epochs: 2, rate: 0.004}]}]")


def seeds(text):
    """The seeds of an option: a number N is 1 to N, A-B are A to B, A,B,C those."""
    if "," in text:
        return [int(each) for each in text.split(",")]
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else list(range(1, int(first) + 1))


ORIGIN = ("date", "commit")  # the last columns of every table: when a row's network was trained, and by a program of which commit


def origin(result):
    """The cells of ORIGIN."""
    return result["date"], result["commit"]


def read_training(path):
    """A training.json, with the day of its end (UTC), which is the file's and not in it: the same recipe gives the same bytes."""
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    end = datetime.datetime.fromtimestamp(os.path.getmtime(path), datetime.timezone.utc)
    return {**result, "date": end.date().isoformat()}


def train(program, recipe, folder, settings):
    """The training.json of a recipe with settings (key: value). What the folder holds already is not run again; what was
    interrupted there goes on."""
    path = os.path.join(folder, "training.json")
    if not os.path.exists(path):
        command = [program, "train", recipe, "--quiet", "--out", folder]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        subprocess.run(command, check=True)
    return read_training(path)


def cut_lenet_300_100(program, folder, seed):
    """The folder and the training of a dense LeNet-300-100 that was cut to 20 and 8 % of its weights."""
    dense, cut = os.path.join(folder, f"dense-{seed}"), os.path.join(folder, f"cut-{seed}")
    train(program, os.path.join(CODESIGN, "lenet-300-100-dense.yaml"), dense, {"training.seed": seed})
    return cut, train(program, os.path.join(CODESIGN, "lenet-300-100-rung.yaml"), cut, {
        "training.network": os.path.join(os.path.abspath(dense), "network.yaml"), "training.seed": seed,
        "training.remove_dead_neurons": "false", "training.phases": FIFTH_AND_TWELFTH})


def phase_of(result, name):
    return next(phase for phase in result["phases"] if phase["name"] == name)


def wrong(evaluation):
    return evaluation["images"] - evaluation["correct"]


def outcome(result, phase, part):
    """Wrong classes at the end of a phase, of the images of a part: "validation" or "test"."""
    return wrong(phase_of(result, phase)[part])


def compress(program, folder, bits, index_bits):
    """The JSON of `lacuna compress` for the network in a folder, kept there."""
    path = os.path.join(folder, f"compressed-{bits}-{index_bits}.json")
    if not os.path.exists(path):
        subprocess.run([program, "compress", os.path.join(folder, "network.yaml"), "--quiet", "--weight-bits", str(bits),
                        "--index-bits", str(index_bits), "--json", path], check=True)
    with open(path, encoding="utf-8") as file:
        return json.load(file)
