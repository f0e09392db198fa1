"""Say what is going on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

Report = Callable[[str], None]

# Nobody looks at a silent terminal for longer than three seconds without doubt.
REPORT_SECONDS: Final = 2.0


class Progress:
    """Say what is going on, not more often than somebody wants to read it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun = self._said = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self._begun

    def say(self, text: str) -> None:
        """Report a text now if the last was REPORT_SECONDS ago, with the seconds until now."""
        if time.monotonic() - self._said >= REPORT_SECONDS:
            self._said = time.monotonic()
            self._report(f"{text} ({self.seconds:.0f} s)")
