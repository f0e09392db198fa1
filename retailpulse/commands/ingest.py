"""`retailpulse ingest`: files of events, through the same code as the Lambda."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from ingestion.envelope import Message
from ingestion.sources.bodies import NumberedBody, read_bodies
from ingestion.sources.event_files import DamagedFileError, name_format, read_utf8
from ingestion.unpacking import messages_of
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.home import find_home, require_writable
from retailpulse.local.landing import Landing, batches, new_ingester
from retailpulse.terminal import Step, Terminal

STDIN: Final = "-"

_UPDATE_EVERY: Final = 1_000
# How much of a file may be held back while no event has been found in it.
_HELD_BODIES: Final = 10_000
_HELD_BYTES: Final = 16 * 1024 * 1024


def ingest(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="JSON of events, CloudEvents or EventBridge put-events entries: one a line, over "
            "several lines, or in an array; plain, gzip, bzip2 or zstd. - is stdin.",
        ),
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 1 if any event is malformed.")
    ] = False,
) -> None:
    """Land files of events in the raw zone. Then `dbt build` brings them to gold."""
    home = find_home()
    _check(files)
    require_writable(home)
    terminal = Terminal()
    regular = [name for name in files if name != STDIN and Path(name).is_file()]
    if regular:
        with terminal.step("Checking") as step:
            for name in regular:
                _check_content(name, step)
            step.update("")
    landing = Landing(new_ingester(home))
    with terminal.step("Ingesting") as step:
        # A batch is of one file: two files may have one name, and message ids follow from it.
        for name in files:
            try:
                for batch in batches(_messages(name, step)):
                    landing.land(batch)
            except DamagedFileError as error:
                raise WorkError(
                    f"{name} cannot be read to its end: {error}; {landing.totals.landed:,} events "
                    "landed before that. Send the whole of it: what has landed counts once"
                ) from error
        step.update("")
    terminal.say(landing.totals.text(step.seconds))
    malformed = landing.totals.malformed
    if malformed:
        terminal.say(
            f"{malformed:,} are malformed: after `dbt build`, `retailpulse quarantine` shows them"
        )
    terminal.say(f"Next: dbt build{' --selector fast' if home.catalog.exists() else ''}")
    if malformed and strict:
        raise WorkError(f"{malformed:,} of {landing.totals.landed:,} events are malformed")


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


def _check_content(name: str, step: Step) -> None:
    """Refuse a file that is damaged or has no event in it, before anything of any file lands.

    Raises:
        WorkError: It is such a file.
    """
    with Path(name).open("rb") as file:
        stream = read_utf8(file)
        try:
            _require_an_event(name, read_bodies(stream))
            # A compressed file tells only at its end whether it is whole.
            for _ in stream:
                step.update(f"{name}{_share(file)}")
        except DamagedFileError as error:
            raise WorkError(
                f"{name} cannot be read to its end: {error}; nothing was ingested. Send the whole "
                "of it"
            ) from error


def _require_an_event(name: str, bodies: Iterator[NumberedBody]) -> Iterator[NumberedBody]:
    """Return the bodies, once one of them was read as an event; an empty file is none.

    What lands stays, and a file of another kind would land line by line.

    Raises:
        WorkError: The first part of the file, or all of it, holds none.
    """
    held = []
    held_bytes = 0
    for body in bodies:
        held.append(body)
        held_bytes += len(body.body)
        if body.is_object:
            return chain(held, bodies)
        if len(held) == _HELD_BODIES or held_bytes > _HELD_BYTES:
            break
    if not held:
        return iter(())
    known = name_format(b"\n".join(body.body for body in held[:2]))
    raise WorkError(
        f"{name} {f'is {known}' if known else 'holds no JSON object'}: nothing of it was ingested. "
        "`retailpulse ingest` reads JSON events: one a line, over several lines, or in an array"
    )


def _messages(name: str, step: Step) -> Iterator[Message]:
    if name == STDIN:
        yield from _numbered(STDIN, sys.stdin.buffer, step)
    else:
        with Path(name).open("rb") as file:
            yield from _numbered(name, file, step)


def _numbered(name: str, file: BinaryIO, step: Step) -> Iterator[Message]:
    label = _as_text(Path(name).name)
    bodies = _require_an_event(name, read_bodies(read_utf8(file)))
    for count, (row, body, source, _) in enumerate(bodies, start=1):
        if count % _UPDATE_EVERY == 0:
            step.update(f"{label}, {count:,} events{_share(file)}")
        yield from messages_of(Message(body, f"{label}#{row:012d}", source))


def _share(file: BinaryIO) -> str:
    """Return how much of a regular file has been read; empty for a pipe."""
    try:
        return f", {file.tell() / os.fstat(file.fileno()).st_size:.0%}"
    except (OSError, ZeroDivisionError):
        return ""


def _as_text(file_name: str) -> str:
    # A file name is bytes; a message id is Unicode.
    return os.fsencode(file_name).decode(errors="replace")
