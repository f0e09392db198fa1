"""Work that is stopped ends at once, and work that has ended is left alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from retailpulse.cloud.scheduled.interruption import Interruption, StoppedError


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    interruption = Interruption()
    before = signal.signal(signal.SIGTERM, interruption.handle)
    yield interruption
    signal.signal(signal.SIGTERM, before)


def wait_for_ever() -> None:
    while True:
        try:
            time.sleep(20)
        except Exception:
            continue


def test_a_signal_stops_it(interruption: Interruption) -> None:
    threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGTERM]).start()

    with pytest.raises(StoppedError, match="SIGTERM"):
        interruption.run(wait_for_ever)


def test_another_thread_stops_it_and_says_why(interruption: Interruption) -> None:
    threading.Timer(0.05, interruption.stop, ["nobody waits for it"]).start()

    with pytest.raises(StoppedError, match="nobody waits for it"):
        interruption.run(wait_for_ever)


def test_what_is_stopped_before_does_not_begin(interruption: Interruption) -> None:
    signal.raise_signal(signal.SIGTERM)

    with pytest.raises(StoppedError, match="SIGTERM"):
        interruption.run(lambda: pytest.fail("it began"))


def test_what_has_ended_is_left_alone(interruption: Interruption) -> None:
    assert interruption.run(lambda: 7) == 7

    interruption.stop("too late")
    interruption.handle(signal.SIGTERM, None)
