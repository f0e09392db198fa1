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
    assert not [meaning for meaning in meanings.values() if "{" in meaning or "\n" in meaning]


def test_a_description_that_many_columns_share_is_found(tmp_path: Path) -> None:
    beside = tmp_path / "models/silver/carts"
    beside.mkdir(parents=True)
    (beside / "carts.yml").write_text(
        "models:\n"
        "  - name: carts\n"
        "    columns:\n"
        "      - name: system\n"
        """        description: "{{ doc('shared_system') }} Part of the key."\n"""
        "      - name: items\n"
        """        description: '{{doc("items")}}'\n"""
        "      - name: bare\n"
        "        description: Nothing shared.\n"
        "      - name: lost\n"
        """        description: "{{ doc('nowhere') }}"\n"""
    )
    (tmp_path / "models/_shared.md").write_text(
        "Of all.\n{% docs shared_system %}\nWhose ids\nit speaks of.\n{% enddocs %}\n"
    )
    (beside / "_carts.md").write_text("{%- docs items -%} What is in it. {%- enddocs -%}")
    assert column_meanings(tmp_path, "carts") == {
        "system": "Whose ids it speaks of. Part of the key.",
        "items": "What is in it.",
        "bare": "Nothing shared.",
        "lost": "{{ doc('nowhere') }}",
    }


def test_a_table_of_nobody_has_none() -> None:
    assert column_meanings(PROJECT, "../gold/orders/fact_orders") == {}
    assert column_meanings(PROJECT, "nope") == {}
