"""What pyproject.toml cannot say: the version, and a wheel of one platform for any Python."""

import pathlib
import re

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

# In the repository the version is the library's; an archive of the sources alone has a copy.
FOLDER = pathlib.Path(__file__).parent
SOURCES = [FOLDER / "src/rnncore/VERSION", FOLDER.parent / "Sources/RNNCore/Version.swift"]


def version() -> str:
    for source in SOURCES:
        if source.exists():
            return re.search(r"\d+\.\d+\.\d+", source.read_text())[0]
    raise RuntimeError("no version")


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


class PlatformWheel(bdist_wheel):
    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(
    version=version(),
    distclass=PlatformDistribution,
    cmdclass={"bdist_wheel": PlatformWheel},
)
