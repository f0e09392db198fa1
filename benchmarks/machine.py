"""Where and with what a benchmark ran: commit, processor, memory, versions."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.command import PROJECT


def machine() -> str:
    """Return the machine and the versions, as one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {_system()}; "
        f"Python {platform.python_version()}, duckdb {duckdb.__version__}"
    )


def commit(ignored: Sequence[Path] = ()) -> str:
    """Return the commit's short hash, with `+changes` if any file differs from it.

    Args:
        ignored: Files, below the project, whose changes do not count.
    """
    short = _git("rev-parse", "--short", "HEAD").strip()
    exclusions = [f":(exclude){path.relative_to(PROJECT)}" for path in ignored]
    changes = _git("status", "--porcelain", "--", ".", *exclusions).strip()
    return f"{short}+changes" if changes else short


def _git(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - every argument is ours
        ["git", *arguments],  # noqa: S607 - the user's git
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name} ({platform.machine()})"
