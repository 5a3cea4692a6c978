"""Builds the Python package with CMake: `pip install .` (README.md, docs/python.md)."""

import os
import re
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = os.path.dirname(os.path.abspath(__file__))


class CMakeBuild(build_ext):
    """Configures, builds and installs the package's part of the tree into the folder that becomes the wheel."""

    def run(self):
        build = os.path.join(os.path.abspath(self.build_temp), "cmake")
        package = os.path.join(os.path.abspath(self.build_lib), "lacuna")
        options = {
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_INSTALL_PREFIX": package,
            "LACUNA_PYTHON": "ON",
            "LACUNA_PYTHON_FOLDER": "..",
            "LACUNA_MPI": "OFF",
            "LACUNA_TESTS": "OFF",
            "LACUNA_TRAINING": "OFF",
            "LACUNA_UNITY": "ON",
            "Python_EXECUTABLE": sys.executable,
        }
        subprocess.run(["cmake", "-S", SOURCE, "-B", build, "-G", "Ninja", *(f"-D{key}={value}" for key, value in options.items())], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "lacuna_python"], check=True)
        for part in ("python", "data"):
            subprocess.run(["cmake", "--install", build, "--component", part], check=True)


def version():
    with open(os.path.join(SOURCE, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(Lacuna VERSION ([0-9.]+)", file.read()).group(1)


setup(version=version(), packages=[], ext_modules=[Extension("lacuna._core", [])], cmdclass={"build_ext": CMakeBuild})
