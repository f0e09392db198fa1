"""What `order_statuses` makes of a status, and what it and `disabled_sources` refuse."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support.dbt.rendering import Rendering, RenderingError
from tests.support.project.copies import copy_project

STATUS = "select {{ order_status('webshop', 'status') }} as status from theirs order by place"


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    return Rendering(tmp_path_factory.mktemp("order-status"), "duckdb")


@pytest.mark.parametrize(
    ("statuses", "ours"),
    [
        ({"webshop": {"PAID": "CREATED", "it's gone": "CANCELLED"}}, ["CREATED", "CANCELLED"]),
        ({"wholesale": {"PAID": "CREATED"}}, ["UNKNOWN", "UNKNOWN"]),
        ({"webshop": None}, ["UNKNOWN", "UNKNOWN"]),
        (None, ["UNKNOWN", "UNKNOWN"]),
    ],
)
def test_what_is_not_mapped_is_unknown(
    rendering: Rendering, statuses: dict[str, object] | None, ours: list[str]
) -> None:
    sql = rendering.compile(STATUS, {"order_statuses": statuses})
    with duckdb.connect() as connection:
        connection.execute(
            "create table theirs as select * from "
            "(values (1, 'PAID'), (2, 'it''s gone'), (3, null)) as t (place, status)"
        )
        found = [status for (status,) in connection.execute(sql).fetchall()]
    assert found == [*ours, "UNKNOWN"]


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ({"webshop": {"PAID": "PLACED"}}, "maps webshop's PAID to PLACED, which is none of"),
        ({"webshpo": {"PAID": "CREATED"}}, "names webshpo, which is no database that is followed"),
    ],
)
def test_what_it_cannot_say_is_refused(
    rendering: Rendering, statuses: dict[str, object], told: str
) -> None:
    with pytest.raises(RenderingError, match=told):
        rendering.compile(STATUS, {"order_statuses": statuses})


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (["webshpo"], "lists sources of ingestion/contracts: .*, wholesale; it has webshpo"),
        ("webshop", r"disabled_sources is a list: write \[webshop\]"),
    ],
)
def test_disabled_sources_are_a_list_of_sources(
    rendering: Rendering, named: object, told: str
) -> None:
    with pytest.raises(RenderingError, match=told):
        rendering.compile("{{ stop_at_unknown_sources() }}", {"disabled_sources": named})


def test_a_status_that_yaml_takes_for_a_boolean_is_refused(tmp_path: Path) -> None:
    copy_project(tmp_path / "project")
    settings = tmp_path / "project/dbt_project.yml"
    text = settings.read_text()
    assert "    webshop: {PENDING: CREATED," in text
    settings.write_text(text.replace("webshop: {PENDING:", "webshop: {No: CANCELLED, PENDING:"))
    with pytest.raises(RenderingError, match="a status of webshop that YAML takes for False"):
        Rendering(tmp_path / "home", "duckdb", tmp_path / "project")
