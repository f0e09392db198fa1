"""Stopping what this process does itself: by a signal, or by the thread of signs of life.

What is stopped so has to be of a kind that may be killed at any moment, as a pull is.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


class StoppedError(BaseException):
    """Ends whatever the main thread does: nobody takes it for an error of its own."""


class Interruption:
    """Runs work in the main thread, until it ends or is stopped."""

    def __init__(self) -> None:
        """Begin without a reason to stop."""
        self._because: str | None = None
        self._is_running = False

    def run(self, work: Callable[[], _Result]) -> _Result:
        """Return what the work returns. To be called by the main thread.

        Raises:
            StoppedError: It was stopped; the text says why.
        """
        # In this order: a signal in between is found by the one or raises in the other.
        self._is_running = True
        try:
            if self._because is not None:
                raise StoppedError(self._because)
            return work()
        finally:
            self._is_running = False

    def stop(self, because: str) -> None:
        """Stop the work, from any thread: the handler of the signal is `handle`."""
        self._because = self._because or because
        # To that thread: a sleep or a wait of another's would not end by it.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def handle(self, received: int, _frame: object) -> None:
        """Stop the work, as the handler of a signal: Python runs it in the main thread.

        Raises:
            StoppedError: There is work.
        """
        self._because = self._because or signal.Signals(received).name
        if self._is_running:
            self._is_running = False
            raise StoppedError(self._because)
