"""A test waits for what works, and not for what has hung."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.progress import StuckError, run

STUCK_SECONDS = 2.0


def python(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return run(command, cwd=Path.cwd(), env=os.environ, stuck_seconds=STUCK_SECONDS)


def test_what_works_silently_is_waited_for() -> None:
    began = time.monotonic()
    done = python(f"import time\nwhile time.process_time() < {2 * STUCK_SECONDS}: pass")
    assert (done.returncode, done.stdout) == (0, "")
    assert time.monotonic() - began > STUCK_SECONDS


def test_what_works_in_a_process_of_its_own_is_waited_for() -> None:
    busy = f"import time\nwhile time.process_time() < {2 * STUCK_SECONDS}: pass"
    done = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])")
    assert done.returncode == 0


def test_what_says_something_now_and_then_is_waited_for() -> None:
    done = python("import time\nfor n in range(8): print(n, flush=True); time.sleep(0.5)")
    assert done.stdout.split() == [str(number) for number in range(8)]


def test_what_does_nothing_is_told_of() -> None:
    with pytest.raises(StuckError, match="no output and no work for 2 s: thinking"):
        python("import time; print('thinking', flush=True); time.sleep(600)")
