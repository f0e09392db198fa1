"""`retailpulse quarantine`: what was rejected and why, and what becomes of it."""

from __future__ import annotations

import getpass
import os
import textwrap
from typing import Annotated, Final

import duckdb
import typer

from retailpulse.commands.refused import refused_value
from retailpulse.errors import SetupError
from retailpulse.formats import printable
from retailpulse.local import open_events
from retailpulse.local.closings import SEED, Closing, read_closings, write_closings
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.lakehouse import has_table, open_lakehouse
from retailpulse.local.landing import Landing, batches, new_ingester
from retailpulse.local.open_events import Selection
from retailpulse.local.replay import CONFLICT, open_messages, payload_of
from retailpulse.local.reports import quarantine as quarantine_table
from retailpulse.terminal import Terminal, counted

WIDTH: Final = 80

_SHOWN: Final = 20
_INDENT: Final = "    "


def quarantine(
    reason: Annotated[
        str | None, typer.Option(help="Only this reject reason, e.g. invalid_value.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only events from this source.")] = None,
    event_id: Annotated[str | None, typer.Option(help="Only the event with this id.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="How many to show (20 if not given) or replay (all of them)."),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Send the open events down the road again.")
    ] = False,
    close: Annotated[
        bool, typer.Option("--close", help="Say that the open events will not be fixed.")
    ] = False,
    reopen: Annotated[
        bool, typer.Option("--reopen", help="Take back a --close with the same options.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="Why --close closes them.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> None:
    """Show what was rejected, why and what to do; --replay sends it again after a fix."""
    _check_options(replay, close, reopen, reason, note, limit, dry_run)
    home = find_home()
    selection = Selection(reason, source, event_id)
    terminal = Terminal()
    with open_lakehouse(home) as lakehouse:
        _check_lakehouse(lakehouse, home, reason)
        if replay:
            _replay(lakehouse, home, selection, limit, terminal, is_dry=dry_run)
        elif close:
            _close(lakehouse, home, selection, note or "", terminal, is_dry=dry_run)
        elif reopen:
            _reopen(home, selection, terminal, is_dry=dry_run)
        else:
            _show(lakehouse, home, selection, _SHOWN if limit is None else limit, terminal)


def _check_options(
    replay: bool,
    close: bool,
    reopen: bool,
    reason: str | None,
    note: str | None,
    limit: int | None,
    dry_run: bool,
) -> None:
    if replay + close + reopen > 1:
        raise SetupError("--replay, --close and --reopen exclude each other: give one of them")
    if (close or reopen) and reason is None:
        raise SetupError("say which events: --close and --reopen need --reason")
    if (close or reopen) and limit is not None:
        raise SetupError("--limit is for showing and --replay: choose by --source or --event-id")
    if close and not (note and note.strip()):
        raise SetupError("say why they will not be fixed: --close needs --note")
    if note is not None and not close:
        raise SetupError("--note is for --close: leave it out, or add --close")
    if dry_run and not (replay or close or reopen):
        raise SetupError("--dry-run is for --replay, --close or --reopen: add one of them")


def _check_lakehouse(lakehouse: duckdb.DuckDBPyConnection, home: Home, reason: str | None) -> None:
    needed = ("quarantined_events_status", "reject_reasons", "quarantine_closings")
    if not all(has_table(lakehouse, "retailpulse_silver", name) for name in needed):
        raise SetupError(
            f"the lakehouse in {home.root} has no quarantine yet: run `dbt build` to its end"
        )
    codes = [
        code
        for (code,) in lakehouse.execute(
            "select reject_reason from retailpulse_silver.reject_reasons order by reject_reason"
        ).fetchall()
    ]
    if reason is not None and reason not in codes:
        raise SetupError(f"there is no reject reason {reason}: choose one of {', '.join(codes)}")


def _show(
    lakehouse: duckdb.DuckDBPyConnection,
    home: Home,
    selection: Selection,
    limit: int,
    terminal: Terminal,
) -> None:
    terminal.show(quarantine_table(lakehouse))
    for code, meaning, what_to_do in open_events.reasons(lakehouse, selection):
        terminal.say(_wrapped(f"{code}: {meaning} {what_to_do}"))
    terminal.say()
    for event in open_events.latest(lakehouse, selection, limit):
        payload = payload_of(event.line, event.original_id, home)
        terminal.say(f"{event.received_at:%Y-%m-%d %H:%M:%S}  {event.reject_reason}")
        terminal.say(_INDENT + refused_value(payload, event.reject_field, WIDTH - len(_INDENT)))
        named = f" ({event.event_name})" if event.event_name else ""
        terminal.say(_INDENT + printable(f"{event.event_id} from {event.source}{named}"))
    terminal.say()
    terminal.say(
        "Whole lines: retailpulse sql --format json \\\n"
        '  "select line from retailpulse_silver.quarantined_events_status"'
    )
    terminal.say("After a fix: retailpulse quarantine --replay, then dbt build")
    terminal.say("What will not be fixed: retailpulse quarantine --close --reason … --note …")
    _show_closings(home, terminal)


def _show_closings(home: Home, terminal: Terminal) -> None:
    for closing in read_closings(home):
        what = ", ".join(part for part in closing[:3] if part)
        terminal.say(
            printable(
                f"Closed by {closing.closed_by}: {what}, until {closing.received_until}. "
                f"{closing.note}"
            )
        )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=_INDENT)


def _replay(
    lakehouse: duckdb.DuckDBPyConnection,
    home: Home,
    selection: Selection,
    limit: int | None,
    terminal: Terminal,
    *,
    is_dry: bool,
) -> None:
    messages = open_messages(lakehouse, home, selection, limit)
    if is_dry:
        terminal.say(
            f"{counted(sum(1 for _ in messages), 'event')} would be sent down the road again"
        )
    else:
        require_writable(home)
        landing = Landing(new_ingester(home))
        with terminal.step("Replaying") as step:
            for batch in batches(messages):
                landing.land(batch)
                step.update(f"{landing.totals.landed:,} events")
        terminal.say(f"{counted(landing.totals.landed, 'event')} sent down the road again")
    if selection.reason is None:
        terminal.say(
            f"Left out: {CONFLICT}, which loses to the accepted event again "
            f"(--reason {CONFLICT} sends it all the same)"
        )
    if not is_dry:
        terminal.say("Next: dbt build")


def _close(
    lakehouse: duckdb.DuckDBPyConnection,
    home: Home,
    selection: Selection,
    note: str,
    terminal: Terminal,
    *,
    is_dry: bool,
) -> None:
    count, last = open_events.extent(lakehouse, selection)
    if last is None:
        terminal.say("No open event is like that: nothing to close")
    elif is_dry:
        terminal.say(f"{counted(count, 'event')} would be closed")
    else:
        # Athena reads a seed line by line.
        closing = Closing.of(selection, last, " ".join(note.split()), _user())
        write_closings(home, [*read_closings(home), closing])
        terminal.say(f"{counted(count, 'event')} closed in {SEED}")
        terminal.say("Next: dbt seed, and commit that file")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # In a container nobody may have a name.
        return f"uid {os.getuid()}"


def _reopen(home: Home, selection: Selection, terminal: Terminal, *, is_dry: bool) -> None:
    closings = read_closings(home)
    kept = [closing for closing in closings if not closing.is_of(selection)]
    count = len(closings) - len(kept)
    if not count:
        raise SetupError(
            "nothing was closed with exactly these options: `retailpulse quarantine` lists what was"
        )
    if is_dry:
        terminal.say(f"{count:,} closings would be taken back")
    else:
        write_closings(home, kept)
        terminal.say(f"{count:,} closings taken back in {SEED}")
        terminal.say("Next: dbt seed, and commit that file")
