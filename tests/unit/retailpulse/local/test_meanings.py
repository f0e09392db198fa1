from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from retailpulse.local.meanings import column_meanings

PROJECT = Path(__file__).parents[4]
DESCRIBED = [
    file
    for folder in ("models/silver", "models/gold", "seeds")
    for file in (PROJECT / folder).rglob("*.yml")
    if "columns" in file.read_text() and not file.stem.startswith("_")
]


@pytest.mark.parametrize("file", DESCRIBED, ids=lambda file: file.stem)
def test_every_column_of_a_table_has_its_meaning(file: Path) -> None:
    [node] = next(
        nodes for key, nodes in yaml.safe_load(file.read_text()).items() if key != "version"
    )
    meanings = column_meanings(PROJECT, file.stem)
    assert list(meanings) == [column["name"] for column in node["columns"]]
    assert all(meanings.values())


def test_a_table_of_nobody_has_none() -> None:
    assert column_meanings(PROJECT, "../gold/orders/fact_orders") == {}
    assert column_meanings(PROJECT, "nope") == {}
