"""Builds the Python package with CMake: `pip install .` (README.md, docs/python.md)."""

import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = os.path.dirname(os.path.abspath(__file__))


class CMakeBuild(build_ext):
    """Configures, builds and installs the package's part of the tree into the folder that becomes the wheel.

    CMAKE_ARGS in the environment holds more options of CMake. With LACUNA_BUILD, a build folder of this tree, what was built there is taken.
    """

    def run(self):
        package = os.path.join(os.path.abspath(self.build_lib), "lacuna")
        built = os.environ.get("LACUNA_BUILD")
        if built:
            self.take(built, package)
            return
        build = os.path.join(SOURCE, "build", f"pip-{sys.implementation.cache_tag}")
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
            **pybind11_folder(),
        }
        arguments = [*(f"-D{key}={value}" for key, value in options.items()), *shlex.split(os.environ.get("CMAKE_ARGS", ""))]
        subprocess.run(["cmake", "-S", SOURCE, "-B", build, "-G", "Ninja", *arguments], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "lacuna_python"], check=True)
        for part in ("python", "data"):
            subprocess.run(["cmake", "--install", build, "--component", part], check=True)

    @staticmethod
    def take(build, package):
        with tempfile.TemporaryDirectory() as prefix:
            for part in ("python", "data"):
                subprocess.run(["cmake", "--install", build, "--component", part, "--prefix", prefix], check=True)
            (module,) = glob.glob(os.path.join(prefix, "**", "lacuna", "_core*.so"), recursive=True)
            shutil.copytree(os.path.dirname(module), package, dirs_exist_ok=True)
            shutil.copytree(os.path.join(prefix, "share"), os.path.join(package, "share"), dirs_exist_ok=True)


def pybind11_folder():
    """Where pip has put pybind11 for this build, CMake does not look by itself; Debian's it finds."""
    try:
        import pybind11
    except ImportError:
        return {}
    return {"pybind11_DIR": pybind11.get_cmake_dir()}


def version():
    with open(os.path.join(SOURCE, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(Lacuna VERSION ([0-9.]+)", file.read()).group(1)


setup(version=version(), packages=[], ext_modules=[Extension("lacuna._core", [])], cmdclass={"build_ext": CMakeBuild})
