"""`retailpulse quarantine`: what was rejected and why, and sending it again after a fix."""

from __future__ import annotations

from typing import Annotated, Final

import duckdb
import typer

from retailpulse.errors import SetupError
from retailpulse.formats import table_of
from retailpulse.home import Home, find_home, require_writable
from retailpulse.lakehouse import has_table, open_lakehouse
from retailpulse.landing import Landing, batches, new_ingester
from retailpulse.replay import CONFLICT, payload_of, unresolved_messages
from retailpulse.reports import quarantine as quarantine_table
from retailpulse.terminal import Terminal

_HEAD_LENGTH: Final = 100

_SAMPLE: Final = """
    select received_at, source, event_id, event_name, reject_reason, line, message_id
    from retailpulse_silver.quarantined_events_status
    where
        not is_resolved
        and reject_reason = coalesce($reason, reject_reason)
    order by received_at desc, message_id desc
    limit $limit
"""


def quarantine(
    reason: Annotated[
        str | None, typer.Option(help="Only this reject reason, e.g. negative_amount.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many unresolved events to show.")] = 20,
    replay: Annotated[
        bool, typer.Option("--replay", help="Send the unresolved events down the road again.")
    ] = False,
) -> None:
    """Show what was rejected, why and what to do; --replay sends it again after a fix."""
    home = find_home()
    with open_lakehouse(home) as lakehouse:
        _check(lakehouse, home, reason)
        terminal = Terminal()
        if replay:
            _replay(lakehouse, home, reason, terminal)
        else:
            _show(lakehouse, home, reason, limit, terminal)


def _check(lakehouse: duckdb.DuckDBPyConnection, home: Home, reason: str | None) -> None:
    needed = ("quarantined_events_status", "reject_reasons")
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
    reason: str | None,
    limit: int,
    terminal: Terminal,
) -> None:
    terminal.show(quarantine_table(lakehouse, reason, explained=True))
    lakehouse.execute(_SAMPLE, {"reason": reason, "limit": limit})
    sample = [
        (*row[:5], payload_of(row[5], row[6], home)[:_HEAD_LENGTH].decode(errors="replace"))
        for row in lakehouse.fetchall()
    ]
    columns = ("received_at", "source", "event_id", "event_name", "reject_reason", "payload")
    terminal.show(table_of(columns, sample, "Unresolved events, the latest first"))
    terminal.say(
        "Whole lines: retailpulse sql "
        '"select line from retailpulse_silver.quarantined_events_status" --format json'
    )
    terminal.say("After a fix: retailpulse quarantine --replay, then dbt build")


def _replay(
    lakehouse: duckdb.DuckDBPyConnection, home: Home, reason: str | None, terminal: Terminal
) -> None:
    require_writable(home)
    landing = Landing(new_ingester(home))
    with terminal.step("Replaying") as step:
        for batch in batches(unresolved_messages(lakehouse, home, reason)):
            landing.land(batch)
            step.update(f"{landing.totals.landed:,} events")
    terminal.say(f"{landing.totals.landed:,} events sent down the road again")
    if reason is None:
        terminal.say(
            f"Left out: {CONFLICT}, which loses to its rival again "
            f"(--reason {CONFLICT} sends it all the same)"
        )
    terminal.say("Next: dbt build")
