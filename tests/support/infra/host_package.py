"""The ingester's zip for the machine that runs the tests: emulated functions run on it."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Final

from ingestion.package import Target, download_wheels, package_files, write_zip
from tests.support.road.lakehouse import PROJECT

_IS_ARM: Final = platform.machine() in ("arm64", "aarch64")

HOST: Final = Target(
    "arm64" if _IS_ARM else "x86_64",
    f"manylinux2014_{'aarch64' if _IS_ARM else 'x86_64'}",
    f"{sys.version_info.major}.{sys.version_info.minor}",
)


def build_package(file: Path) -> None:
    """Build it; its folder is to have nothing in it."""
    wheels = file.parent / "wheels"
    wheels.mkdir(parents=True)
    write_zip(package_files(download_wheels(HOST, wheels), PROJECT / "ingestion"), file)
