"""The command line as a process of its own, in circumstances that this one is not in."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "retailpulse")

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment for another lakehouse."""
    return {**os.environ, "RETAILPULSE_HOME": str(home), **more}


def run(
    home: Path,
    *arguments: str,
    prefix: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    stdout: int | None = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Run a command; what it says on stderr is no traceback, whatever happens."""
    process = subprocess.run(
        [*prefix, *COMMAND, *arguments],
        cwd=PROJECT,
        env=environment(home, **(variables or {})),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=before,
    )
    assert "Traceback" not in process.stderr, process.stderr
    assert "Exception ignored" not in process.stderr, process.stderr
    return process


def refused(process: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that a command ended with."""
    assert process.returncode in (1, 2), (process.stdout, process.stderr)
    assert process.stderr.startswith("retailpulse: "), process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    return process.stderr


def obey_permissions() -> None:
    """Let the root user, as whom tests may run, do only what the files' modes allow."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "cannot drop a capability")


def on_a_small_disk(folder: Path, kilobytes: int) -> tuple[str, ...]:
    """What runs a command with a disk of a few kB mounted on a folder, for that command alone."""
    script = f'mount -t tmpfs -o size={kilobytes}k tmpfs "{folder}" && exec "$@"'
    ways = [("unshare", "--mount"), ("unshare", "--mount", "--map-root-user"), ("sudo", "-nE")]
    ways[2] = (*ways[2], *ways[0])
    for way in ways:
        prefix = (*way, "sh", "-c", script, "sh")
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    raise AssertionError("a full disk cannot be tried here: it needs the right to mount a tmpfs")
