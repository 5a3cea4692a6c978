"""What scripts that train networks several times have in common."""

import json
import os
import subprocess


def train(program, recipe, folder, settings):
    """The training.json of a recipe with settings (key: value). What the folder holds already is not run again; what was
    interrupted there goes on."""
    path = os.path.join(folder, "training.json")
    if not os.path.exists(path):
        command = [program, "train", recipe, "--quiet", "--out", folder]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        subprocess.run(command, check=True)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


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
