"""How a command ends that cannot do its work: with a sentence and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import typer

from retailpulse.errors import RetailPulseError, WorkError
from retailpulse.local.read_only import one_line

INTERRUPTED: Final = 130

_WAYS_OUT: Final = {
    errno.ENOSPC: "free some space and run the same command again",
    errno.EDQUOT: "free some space and run the same command again",
    errno.EACCES: "choose another, or ask its owner for permission",
    errno.EPERM: "choose another, or ask its owner for permission",
    errno.EROFS: "choose one that can be written",
}


@contextmanager
def ended_by_a_sentence() -> Iterator[None]:
    """Turn what a command fails with into a line on stderr and an exit code.

    What is nobody's fault but the program's stays a traceback.
    """
    try:
        with _interrupts(), _failures():
            yield
            sys.stdout.flush()
    except RetailPulseError as error:
        typer.echo(f"retailpulse: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _interrupts() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt, where so far it ends the process (`__main__`)."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what libraries raise into what the command line tells."""
    try:
        yield
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        _forget_output()
        raise typer.Exit(1) from None
    except OSError as error:
        raise _told(error) from error
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        # Of a query of ours (`sql` tells of its user's), so the tables are not as this version's.
        raise WorkError(
            "the tables were made by another version of RetailPulse: `dbt build` brings them up to "
            f"date ({one_line(error)})"
        ) from error
    except duckdb.Error as error:
        raise WorkError(one_line(error)) from error
    except sqlite3.Error as error:
        raise WorkError(f"the catalog cannot be read: {error}") from error


def _told(error: OSError) -> WorkError:
    try:
        sys.stdout.flush()
    except OSError:
        _forget_output()
    where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    way_out = _WAYS_OUT.get(error.errno or 0)
    return WorkError(f"{where}{error.strerror or error}{f': {way_out}' if way_out else ''}")


def _forget_output() -> None:
    """Let what could not be written go, of which Python would complain when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
