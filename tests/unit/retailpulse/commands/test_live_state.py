from __future__ import annotations

from datetime import datetime, timedelta

from retailpulse.commands.live_panel import line
from retailpulse.commands.live_state import Gold, LiveState, weighted_percentile

NOON = datetime(2026, 1, 14, 12)


def test_a_percentile_counts_each_event() -> None:
    assert weighted_percentile([], 0.5) is None
    assert weighted_percentile([(9.0, 1), (1.0, 99)], 0.5) == 1.0
    assert weighted_percentile([(9.0, 10), (1.0, 90)], 0.9) == 1.0
    assert weighted_percentile([(9.0, 10), (1.0, 90)], 0.95) == 9.0


def test_latency_and_lag_follow_the_runs() -> None:
    state = LiveState()
    state.batches = [(NOON, 10), (NOON + timedelta(seconds=3), 5)]
    assert (state.landed, state.lag) == (15, 15)
    gold = Gold(new_rows=((NOON, 8),), read_until=NOON + timedelta(seconds=3))
    state.built(gold, NOON + timedelta(seconds=4), seconds=2.0)
    assert (state.lag, state.latency(0.5), state.newest_seconds) == (5, 4.0, 4.0)
    gold = Gold(new_rows=((NOON + timedelta(seconds=3), 5),), read_until=NOON + timedelta(hours=1))
    state.built(gold, NOON + timedelta(seconds=9), seconds=2.0)
    assert (state.lag, state.latency(0.5), state.latency(0.95)) == (0, 4.0, 6.0)
    assert "p50 4.0 s, p95 6.0 s, newest 6.0 s" in line(state)


def test_a_run_that_brings_nothing_leaves_the_latency() -> None:
    state = LiveState()
    state.built(Gold(), NOON, seconds=1.0)
    assert state.newest_seconds is None
    assert "p50 -, p95 -, newest -" in line(state)
