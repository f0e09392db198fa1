"""Instants as whole microseconds since 1970 UTC, which are fast and exact, and their text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_HOURS_AND_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02d}" for second in range(60))


def to_microseconds(at: datetime) -> int:
    """The instant of a datetime that has an offset."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def to_datetime(at_us: int) -> datetime:
    """The instant as a datetime in UTC."""
    return _EPOCH + timedelta(0, 0, at_us)


@lru_cache(maxsize=256)
def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


class TimeStyle:
    """How one producer writes a timestamp: its offset and the digits of its fractions.

    Args:
        offset_minutes: of the local time written; None writes UTC as `Z`.
        digits: of the fraction, 0 to 9. Beyond the sixth they are zeros.
    """

    __slots__ = ("_offset_us", "_suffix", "digits", "unit_us")

    def __init__(self, offset_minutes: int | None, digits: int) -> None:
        self.digits = digits
        self.unit_us: int = 10 ** max(0, 6 - digits)
        self._offset_us = (offset_minutes or 0) * MINUTE_US
        self._suffix = "Z"
        if offset_minutes is not None:
            hours, minutes = divmod(abs(offset_minutes), 60)
            self._suffix = f"{'-' if offset_minutes < 0 else '+'}{hours:02d}:{minutes:02d}"

    def round_up(self, at_us: int) -> int:
        """The first instant from then on that this style can write in full."""
        return -(-at_us // self.unit_us) * self.unit_us

    def text(self, at_us: int) -> str:
        """`YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`."""
        day, of_day = divmod(at_us + self._offset_us, DAY_US)
        seconds, fraction = divmod(of_day, SECOND_US)
        clock = f"{_day_text(day)}{_HOURS_AND_MINUTES[seconds // 60]}{_SECONDS[seconds % 60]}"
        if not self.digits:
            return clock + self._suffix
        if self.digits == 3:  # By far the most usual.
            return f"{clock}.{fraction // 1000:03d}{self._suffix}"
        digits = f"{fraction:06d}000"[: self.digits]
        return f"{clock}.{digits}{self._suffix}"
