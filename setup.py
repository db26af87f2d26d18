"""Builds the Python package: CMake makes its module, setuptools packs it.

    pip install --no-build-isolation .

Environment variables:
    CMAKE_ARGS    options for CMake's configuration, such as -DCMAKE_CXX_COMPILER=clang++
    IRENE_BUILD   a build folder of CMake's that is there, whose module is brought up to date and taken; else one is
                  made, and only the module built in it
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import SetupError

ROOT = pathlib.Path(__file__).resolve().parent


def version():
    """It stands in CMakeLists.txt alone."""
    return re.search(r"project\(irene VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def run(*command):
    try:
        subprocess.run([str(word) for word in command], check=True)
    except FileNotFoundError:
        raise SetupError(f"{command[0]} is absent; it is needed to build irene") from None
    except subprocess.CalledProcessError as error:
        raise SetupError(f"{shlex.join(error.cmd)} failed") from None


class CMakeBuild(build_ext):
    """The module, and what ships beside it, as `cmake --install` lays them out."""

    def run(self):
        if self.inplace:
            raise SetupError("irene is not built in place; for work on it put BUILD/python into PYTHONPATH")
        with tempfile.TemporaryDirectory() as prefix:
            run("cmake", "--install", self.built(), "--component", "python", "--strip", "--prefix", prefix)
            modules = list(pathlib.Path(prefix).glob("**/irene/_irene" + sysconfig.get_config_var("EXT_SUFFIX")))
            if not modules:
                raise SetupError("the build has no module for this Python; pybind11 or Python's headers are absent")
            package = pathlib.Path(self.build_lib) / "irene"
            package.mkdir(parents=True, exist_ok=True)
            shutil.copy(modules[0], package)
            shutil.copytree(modules[0].parent / "share", package / "share", dirs_exist_ok=True)

    def built(self):
        """The build folder."""
        given = os.environ.get("IRENE_BUILD")
        folder = pathlib.Path(given or self.build_temp).resolve()
        if not given:
            options = ["-DCMAKE_BUILD_TYPE=Release", "-DIRENE_BUILD_TESTS=OFF", "-DIRENE_UNITY_BUILD=ON"]
            options.append(f"-DPython_EXECUTABLE={sys.executable}")
            if shutil.which("ninja"):
                options += ["-G", "Ninja"]
            try:
                import pybind11

                options.append(f"-Dpybind11_DIR={pybind11.get_cmake_dir()}")
            except ImportError:
                pass  # CMake finds that of the system
            run("cmake", "-S", ROOT, "-B", folder, *options, *shlex.split(os.environ.get("CMAKE_ARGS", "")))
        run("cmake", "--build", folder, "--target", "irene_python", "--parallel")
        return folder


setup(
    version=version(),
    package_dir={"": "python"},
    packages=find_packages("python", include=["irene", "irene.*"]),
    package_data={"irene": ["py.typed", "*.pyi"]},
    ext_modules=[Extension("irene._irene", [])],
    cmdclass={"build_ext": CMakeBuild},
    zip_safe=False,
)
