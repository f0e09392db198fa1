"""`retailpulse ingest`: files of events, through the same code as the Lambda."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from ingestion.envelope import Message
from retailpulse.bodies import read_bodies
from retailpulse.errors import SetupError
from retailpulse.home import find_home, require_writable
from retailpulse.landing import Landing, batches, new_ingester
from retailpulse.terminal import Terminal

STDIN: Final = "-"

_UPDATE_EVERY: Final = 1_000


def ingest(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="NDJSON of events or CloudEvents, or EventBridge put-events entries; - is stdin.",
        ),
    ],
) -> None:
    """Land files of events in the raw zone. Then `dbt build` brings them to gold."""
    home = find_home()
    _check(files)
    require_writable(home)
    terminal = Terminal()
    landing = Landing(new_ingester(home))
    with terminal.step("Ingesting") as step:
        # A batch is of one file: two files may have one name, and message ids follow from it.
        for name in files:
            for batch in batches(_messages(name, step.update)):
                landing.land(batch)
        step.update("")
    terminal.say(landing.totals.text(step.seconds))
    terminal.say("Next: dbt build")


def _check(names: list[str]) -> None:
    for name in names:
        path = Path(name)
        if name == STDIN:
            continue
        if path.is_dir():
            raise SetupError(f"{name} is a folder: name its files, such as {name.rstrip('/')}/*")
        if not path.exists():
            raise SetupError(f"there is no file {name}; nothing was ingested")
        if not os.access(path, os.R_OK):
            raise SetupError(f"{name} cannot be read; nothing was ingested")


def _messages(name: str, tell: Callable[[str], None]) -> Iterator[Message]:
    if name == STDIN:
        yield from _numbered(STDIN, sys.stdin.buffer, None, tell)
    else:
        path = Path(name)
        with path.open("rb") as file:
            yield from _numbered(_as_text(path.name), file, path.stat().st_size, tell)


def _numbered(
    name: str, file: BinaryIO, size: int | None, tell: Callable[[str], None]
) -> Iterator[Message]:
    for count, (row, body, source, end) in enumerate(read_bodies(file), start=1):
        if count % _UPDATE_EVERY == 0:
            share = f", {end / size:.0%}" if size else ""
            tell(f"{name}, {count:,} events{share}")
        yield Message(body, f"{name}#{row:012d}", source)


def _as_text(file_name: str) -> str:
    # A file name is bytes; a message id is Unicode.
    return os.fsencode(file_name).decode(errors="replace")
