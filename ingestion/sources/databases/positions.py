"""Where in its source a row was read: what orders the versions of a row. Pure."""

from typing import Final

_EPOCH_DIGITS: Final = 10
_READ_DIGITS: Final = 20
_ROW_DIGITS: Final = 10


def prefix_of(epoch: int, read: int) -> str:
    """Return what the positions of one read begin with.

    Args:
        epoch: When it was begun, in seconds since 1970: it grows though all that was known of the
            table be lost.
        read: The read in this epoch, from 1 on; of a log, the position of the commit.
    """
    return f"{epoch:0{_EPOCH_DIGITS}d}/{read:0{_READ_DIGITS}d}/"


def prefix_before(epoch: int, log_position: int, read: int) -> str:
    """Return what the positions of one read begin with, of a table that a log tells of.

    They are before all that was committed at that position of the log or behind it, and behind all
    that was committed before. Commits begin at multiples of eight.

    Args:
        epoch: When it was begun, in seconds since 1970.
        log_position: All that was committed before it was seen by the read.
        read: The read in this epoch, from 1 on.
    """
    return f"{prefix_of(epoch, max(log_position - 1, 0))}{read:0{_ROW_DIGITS}d}."


def reading_of(epoch: int, read: int) -> str:
    """Return the name of a read, which grows with each: text of digits and a point."""
    return prefix_of(epoch, read).rstrip("/").replace("/", ".")


def epoch_of(reading: str) -> int:
    """Return the epoch of a read by its name."""
    return int(reading.partition(".")[0])


def place(row: int) -> str:
    """Return what the position of a read's row ends with: text in the order of the rows.

    Args:
        row: Which row of the read it is, from 0 on.
    """
    return f"{row:0{_ROW_DIGITS}d}"
