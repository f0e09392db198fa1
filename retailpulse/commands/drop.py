"""`retailpulse drop`: files of feeds, row by row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from ingestion.raw_zone import StorageError
from ingestion.sources.errors import SourceError, TransientError
from ingestion.sources.files.decoding import DamagedFileError
from ingestion.sources.files.delivering import Delivered, Receiver
from ingestion.sources.files.feeds import Feed, feeds_of, told_of_no_feed
from ingestion.sources.files.header import HeaderError
from ingestion.sources.state_store import FolderStateStore
from retailpulse.commands.drop_folder import DropFolder
from retailpulse.commands.followed_feeds import followed_feeds
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.landing import new_ingester
from retailpulse.terminal import Step, Terminal, counted

_WATCHED_EVERY_SECONDS: Final = 1.0


def drop(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files to copy into the folder drop of RETAILPULSE_HOME; what waits there is "
            "landed, too.",
        ),
    ] = None,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on landing what is dropped there, until Ctrl-C.")
    ] = False,
) -> None:
    """Land the rows of files that ingestion/feeds describes. Then `dbt build` brings them to gold.

    A file that has landed moves to the folder archive; one that no feed has, or whose header is
    none of its feed's, moves to the folder rejected, with a report.
    """
    home = find_home()
    given = files or []
    for file in given:
        if not file.is_file() or file.name.startswith("."):
            raise SetupError(
                f"{file} is no file that can be dropped: give files, whose names begin with no "
                "point, or copy a folder into drop"
            )
    feeds = followed_feeds(home.project)
    require_writable(home)
    folder = DropFolder(home.root)
    terminal = Terminal()
    with folder.alone():
        refused, landed = _land_waiting(folder, feeds, home, terminal)
        for file in given:
            _put(folder, file)
            more_refused, more_landed = _land_waiting(folder, feeds, home, terminal)
            refused += more_refused
            landed += more_landed
        while watch:
            more_refused, _ = _land_waiting(folder, feeds, home, terminal)
            for told in more_refused:
                terminal.say(told)
            time.sleep(_WATCHED_EVERY_SECONDS)
    if landed:
        terminal.say(f"Next: dbt build{' --selector fast' if home.catalog.exists() else ''}")
    elif not refused and not given:
        terminal.say(f"Nothing waits in {folder.drop}")
    if refused:
        raise WorkError("\n".join(refused))


def _put(folder: DropFolder, file: Path) -> None:
    if folder.drop in file.resolve().parents:
        # It lies there, and has been landed.
        return
    try:
        folder.put(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be copied into {folder.drop}: {error}") from error


class RejectedError(Exception):
    """A file was moved to those that cannot be read; the text says why, and where it is."""


def _land_waiting(
    folder: DropFolder, feeds: Sequence[Feed], home: Home, terminal: Terminal
) -> tuple[list[str], int]:
    """Land what waits; return what is to be told of files that did not land, and the rows."""
    refused: list[str] = []
    rows = 0
    for path in folder.waiting():
        try:
            rows += _land(folder, path, feeds, home, terminal)
        except TransientError as error:
            refused.append(str(error))
        except (RejectedError, SourceError, StorageError, OSError) as error:
            refused.append(f"{folder.name_of(path)}: {error}")
    return refused, rows


def _land(
    folder: DropFolder, path: Path, feeds: Sequence[Feed], home: Home, terminal: Terminal
) -> int:
    """Land a file, and return its rows.

    Raises:
        RejectedError: It cannot be read.
    """
    name = folder.name_of(path)
    found = feeds_of(feeds, name)
    if len(found) != 1:
        raise _rejected(folder, path, told_of_no_feed(feeds, found))
    [feed] = found
    file = folder.dropped(path)
    receiver = Receiver(new_ingester(home), FolderStateStore(home.root / "files"))
    try:
        with terminal.step(name) as step:
            receiver.tell = partial(_show, step)
            delivered = receiver.receive(file, feed)
            step.update(_told(delivered))
    except (HeaderError, DamagedFileError) as error:
        raise _rejected(folder, path, str(error)) from error
    folder.archive(path, file, feed.name, delivered)
    if delivered.unknown_columns:
        terminal.say(
            f"{name}: {', '.join(delivered.unknown_columns)} is in the file and not in "
            f"ingestion/feeds/{feed.name}.yml: it has landed, and nothing reads it"
        )
    return 0 if delivered.is_unchanged else delivered.progress.landed


def _show(step: Step, records: int) -> None:
    step.update(counted(records, "record"))


def _told(delivered: Delivered) -> str:
    if delivered.is_unchanged:
        return f"as delivery {delivered.number}, nothing landed"
    progress = delivered.progress
    told = [counted(progress.landed, "row")]
    if progress.rejected:
        told.append(f"{counted(progress.rejected, 'line')} that cannot be read")
    return f"{', '.join(told)} ({progress.bytes_written / 1e6:.1f} MB)"


def _rejected(folder: DropFolder, path: Path, why: str) -> RejectedError:
    return RejectedError(f"{why}. It is in {folder.reject(path, why).parent} now")
