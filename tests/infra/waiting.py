"""Waiting for what the emulated AWS does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS = 120.0
_POLL_SECONDS = 0.2


def wait_until(what: str, is_so: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: It is not so in time.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)
