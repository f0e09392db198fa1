"""Which event types a node is made of, by the graph: what is looked for, and when it is due."""

from __future__ import annotations

import shutil

import pytest

from ingestion.contract_generator.__main__ import main
from tests.support.dbt.rendering import Rendering
from tests.support.project.copies import copy_project

TYPES = """
{%- for node in graph.nodes.values() if node.name == 'NODE' -%}
{{ upstream_event_types(node) | sort | join(' ') }}
{%- endfor -%}
"""


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """A project whose domain `operations` has facts of its own."""
    folder = tmp_path_factory.mktemp("facts-of-operations")
    copy_project(folder / "project")
    contracts = folder / "project/ingestion/contracts"
    (contracts / "operations").mkdir()
    shutil.copy(contracts / "carts/cart_abandoned.json", contracts / "operations/till_closed.json")
    assert main([], folder / "project") == 0
    return Rendering(folder / "home", "duckdb", folder / "project")


@pytest.mark.parametrize(
    ("node", "types"),
    [
        ("orders", "order_created order_refunded order_status_changed"),
        ("webshop_dim_users_versions_quarantined", "webshop_dim_users"),
        ("webshop_dim_users_versions__is_right_where_this_run_wrote", "webshop_dim_users"),
        ("operations_events", "till_closed"),
        ("operations_quarantined", "till_closed unknown"),
        # It counts the lines of no known type, too, which land for no accepted table.
        ("operations__is_right_where_this_run_wrote", "till_closed unknown"),
    ],
)
def test_a_node_has_the_types_that_land_for_it(rendering: Rendering, node: str, types: str) -> None:
    assert rendering.compile(TYPES.replace("NODE", node)).strip() == types
