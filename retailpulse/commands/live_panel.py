"""A live session as people see it: a panel on a terminal, a line anywhere else. Pure."""

from __future__ import annotations

from rich.panel import Panel
from rich.table import Table

from retailpulse.commands.live_state import LiveState


def facts(state: LiveState) -> dict[str, str]:
    """Return what a session shows, each fact by its name."""
    gold = state.gold
    revenue = ", ".join(f"{code} {amount:,.2f}" for code, amount in gold.revenue.items())
    orders = ", ".join(f"{status} {count:,}" for status, count in gold.orders.items())
    return {
        "landed": f"{state.landed:,} events, {state.rate:,.0f} a second",
        "lag": f"{state.lag:,} events landed and not yet in gold",
        "event to gold": (
            f"p50 {_seconds(state.latency(0.5))}, p95 {_seconds(state.latency(0.95))}, "
            f"newest {_seconds(state.newest_seconds)}"
        ),
        "dbt builds": _builds(state),
        f"revenue {gold.revenue_date or 'today'}": revenue or "none yet",
        "orders": orders or "none yet",
    }


def panel(state: LiveState, note: str) -> Panel:
    """Return a session as a panel; `note` says what is going on."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    for name, fact in facts(state).items():
        table.add_row(name, fact)
    return Panel(table, title="RetailPulse live", subtitle=note, padding=(1, 2))


def line(state: LiveState) -> str:
    """Return a session as a line."""
    return "; ".join(f"{name}: {fact}" for name, fact in facts(state).items())


def _builds(state: LiveState) -> str:
    last = f", the last took {state.build_seconds:.1f} s" if state.builds else ""
    now = f", now {state.building}" if state.building else ""
    return f"{state.builds}{last}{now}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"
