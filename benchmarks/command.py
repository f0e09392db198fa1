"""What every benchmark's command shares: its folder, and how it ends."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from retailpulse.errors import RetailPulseError

PROJECT: Final = Path(__file__).resolve().parent.parent
_WORK: Final = PROJECT / "build" / "benchmarks"


class BenchmarkError(RetailPulseError):
    """A benchmark cannot be run, or what it compares does not agree: one clear sentence."""


def work_folder(name: str) -> Path:
    """Return a benchmark's own folder, empty, outside version control."""
    folder = _WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def kept_folder(name: str) -> Path:
    """Return a folder that stays from run to run: what takes minutes to make."""
    folder = _WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def tool(name: str) -> str:
    """Return the path of a command of this virtual environment, such as `dbt`."""
    return str(Path(sys.executable).with_name(name))


def run(benchmark: Callable[[], None]) -> None:
    """Run a benchmark and end the process: 0 also where a goal was missed, else a sentence."""
    try:
        benchmark()
    except RetailPulseError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
