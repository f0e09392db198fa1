"""Waiting for what the emulated AWS does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_SECONDS = 120.0
_POLL_SECONDS = 0.1

_Found = TypeVar("_Found")


def wait_until(what: str, find: Callable[[], _Found | None], seconds: float = _SECONDS) -> _Found:
    """Ask until the answer is neither None nor anything else that counts as false; return it.

    Raises:
        TimeoutError: There is none in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := find()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)
    return found
