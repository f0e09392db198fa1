"""A layer reads only from the layers that the design lets it read, without exceptions."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.progress import run

PROJECT = Path(__file__).parents[3]

MAY_READ = {
    # The judged lines of the types of an accepted table are put together.
    "staging": {"raw", "staging"},
    # Silver may read silver: `orders` is made of `orders_events`, and no staging model remembers.
    "silver": {"staging", "silver", "seed"},
    "gold": {"silver", "gold"},
}


def layer(node: dict[str, Any]) -> str:
    """The layer of a manifest node."""
    if node["resource_type"] in ("source", "seed"):
        return "raw" if node["resource_type"] == "source" else "seed"
    return str(node["path"]).split("/", maxsplit=1)[0]


def violations(nodes: dict[str, dict[str, Any]]) -> Iterable[str]:
    """Each model that reads what its layer must not."""
    for node in nodes.values():
        if node["resource_type"] != "model":
            continue
        for parent in node["depends_on"]["nodes"]:
            if layer(nodes[parent]) not in MAY_READ.get(layer(node), set()):
                yield f"{node['name']} ({layer(node)}) reads {parent}"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("manifest")
    done = run(
        [Path(sys.executable).with_name("dbt"), "--quiet", "parse"],
        cwd=PROJECT,
        env=os.environ
        | {
            "RETAILPULSE_HOME": str(folder),
            "DBT_TARGET_PATH": str(folder),
            "DBT_LOG_PATH": str(folder),
        },
    )
    assert done.returncode == 0, done.stdout
    manifest = json.loads((folder / "manifest.json").read_text())
    return {**manifest["nodes"], **manifest["sources"]}


def test_every_model_reads_only_what_its_layer_may(nodes: dict[str, dict[str, Any]]) -> None:
    assert list(violations(nodes)) == []
    assert {layer(n) for n in nodes.values() if n["resource_type"] == "model"} == set(MAY_READ)


def test_a_model_that_skips_a_layer_is_found(nodes: dict[str, dict[str, Any]]) -> None:
    gold = "model.retailpulse.fact_orders"
    skipping = {"depends_on": {"nodes": ["source.retailpulse.raw.events"]}}
    assert len(list(violations({**nodes, gold: nodes[gold] | skipping}))) == 1


def test_every_model_and_column_is_described(nodes: dict[str, dict[str, Any]]) -> None:
    for node in nodes.values():
        if node["resource_type"] not in ("model", "seed", "source"):
            continue
        assert "Grain" in node["description"], node["name"]
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"


def test_every_gold_model_has_an_enforced_contract(nodes: dict[str, dict[str, Any]]) -> None:
    gold = [n for n in nodes.values() if n["resource_type"] == "model" and layer(n) == "gold"]
    assert gold
    assert all(node["contract"]["enforced"] for node in gold)
