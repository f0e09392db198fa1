"""Waiting for what happens at once unless something hangs, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STUCK_SECONDS: Final = 180.0


def until(condition: Callable[[], bool]) -> bool:
    """Wait for what must come soon, and give up only long after that."""
    given_up_at = time.monotonic() + STUCK_SECONDS
    while not (holds := condition()) and time.monotonic() < given_up_at:
        time.sleep(0.02)
    return holds
