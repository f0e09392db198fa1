"""No statement comes near the 262,144 bytes that Athena takes, with 26 types more than there are.

The longest are those of a domain's quarantine in a first build, a rebuild and a backfill: they hold
the staging models of all its types, some 20 kB each.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.dbt.rendering import Rendering
from tests.support.many_types import add_many_types
from tests.support.project.followed import SOURCES, project_following

MOST_BYTES: Final = 200_000

# What a run splices in of what it has looked up, and a compilation without a warehouse has not.
DAYS: Final = 6 * 500 * len("date '2026-01-01', ")
"""Of the days of events: `in_dates` has 500 at most, and no statement more than six such lists."""

RANGES: Final = 25_000
RANGE_COUNT: Final = 200
"""Of the ranges of keys: what `shortened` lets through, and the look for arrivals."""


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    folder = tmp_path_factory.mktemp("many-types")
    project_following(folder / "project", *SOURCES)
    add_many_types(folder / "project")
    return Rendering(folder / "home", "athena", folder / "project")


@pytest.mark.parametrize("incremental", [False, True], ids=["full", "incremental"])
def test_every_statement_is_shorter_than_athena_takes(
    rendering: Rendering, incremental: bool
) -> None:
    nodes = rendering.compile_all({"force_incremental": incremental})
    merges = {
        node.name: merge_around(node)
        for node in nodes
        if incremental and node.config.materialized == "incremental"
    }
    if merges:
        merges = rendering.render(merges)

    sizes = {
        node.name: len((node.compiled_code + merges.get(node.name, "")).encode()) + looked_up(node)
        for node in nodes
    }
    assert {"area_1_quarantined", "holders_0", "area_1__is_right_where_this_run_wrote"} <= set(
        sizes
    )
    largest = max(sizes, key=lambda name: sizes[name])
    assert sizes[largest] < MOST_BYTES, f"{largest}: {sizes[largest]:,} bytes"
    print(f"the largest: {largest}, {sizes[largest]:,} bytes")  # noqa: T201


def merge_around(node: Any) -> str:
    """A call for the MERGE that a model's query is the source of."""
    return (
        f"{{{{ athena_merge('{node.relation_name}', '', {node.config.unique_key}, "
        f"{list(node.columns)}, '') }}}}"
    )


def looked_up(node: Any) -> int:
    """The most bytes that a run adds; a state names the ranges of its keys three times."""
    if node.config.materialized != "incremental" or node.config.meta.get("reads_raw"):
        return DAYS
    around = len(f"existing.{node.config.unique_key[1]} between '' and '' or ")
    return 3 * (RANGES + RANGE_COUNT * around)
