"""A hundred rows' versions, each in an order of its own: the history is that of their lives."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tests.support.road.lakehouse import Lakehouse
from tests.support.road.row_histories import (
    CURRENT,
    HISTORY,
    build_in_any_order,
    current_of,
    history_of,
    lives,
)


@pytest.mark.parametrize("seed", range(2))
def test_history_is_that_of_the_rows_lives(lakehouse: Lakehouse, seed: int) -> None:
    rng = Random(seed)
    told = lives(rng)

    build_in_any_order(lakehouse, rng, told)

    history = history_of(told)
    assert lakehouse.query(HISTORY) == history
    assert lakehouse.query(CURRENT) == current_of(told)
    # Rows that were gone for a while, and such as changed more than once.
    assert any(a[0] == b[0] and a[3] < b[2] for a, b in pairwise(history))
    assert len(history) > 2 * len(told)
