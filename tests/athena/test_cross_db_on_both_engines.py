"""Every function of macros/cross_db on both engines, over edge values: the same value and type.

What the values must be is known from plain Python (tests/integration/dbt/test_cross_db_*.py); here
Athena is held to what DuckDB says.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.support.athena.both_engines import BothEngines, Expressions, Pair, Table
from tests.support.athena.edge_values import (
    ZONES,
    dates,
    instants,
    iso8601_days,
    iso8601_texts,
    json_documents,
    json_lists,
    quotients,
    sql_timestamps,
    texts,
)
from tests.support.dbt.rendering import PROJECT, Rendering

if TYPE_CHECKING:
    from local_athena import LocalAthena

# Stands for a zone in the rendered SQL: one rendering serves them all.
SOME_ZONE = "Some/Zone"


def _alone(values: Sequence[str | None]) -> list[list[str | None]]:
    return [[value] for value in values]


TABLES = {
    "texts": Table("texts", {"value": "varchar"}, _alone(texts(Random(1), 1000))),
    "moments": Table("moments", {"value": "varchar"}, _alone(iso8601_texts(Random(2), 1500))),
    "instants": Table("instants", {"value": "timestamp(6)"}, _alone(instants(Random(3)))),
    "days": Table("days", {"value": "varchar"}, _alone(iso8601_days(Random(9), 500))),
    "dates": Table("dates", {"value": "date"}, _alone(dates(Random(4), 500))),
    "timestamps": Table("timestamps", {"value": "varchar"}, _alone(sql_timestamps(Random(5), 300))),
    "quotients": Table(
        "quotients", {"amount": "decimal(38, 4)", "number": "bigint"}, quotients(Random(6), 1000)
    ),
    "documents": Table("documents", {"value": "varchar"}, _alone(json_documents(Random(7), 700))),
    "lists": Table("lists", {"value": "varchar"}, _alone(json_lists(Random(10), 700))),
}

# What is taken of a document, and what each macro makes of a member.
PATHS = ["$.a", "$.a.b", "$.é", "$.l"]
OF_A_MEMBER = {
    "json_extract_all": "{{ member }}",
    "json_is_string": "{{ json_is_string(member) }}",
    "json_is_given": "{{ json_is_given(member) }}",
    "json_text": "{{ json_text(member) }}",
    "json_decimal": "{{ json_decimal(member) }}",
    "json_integer": "{{ json_integer(member) }}",
    "json_boolean": "{{ json_boolean(member) }}",
    # Of a scalar only: of an object DuckDB gives the text and Athena NULL, and nobody asks.
    "json_scalar": (
        "case when {{ regexp_like(member, '^[\"tfn]') }} then {{ json_scalar(member) }} end"
    ),
    # The engines spell a number differently; what counts is which one it is.
    "json_scalar of a number": (
        "case when {{ regexp_like(member, '^[-0-9]') }} "
        "then try_cast({{ json_scalar(member) }} as double) end"
    ),
}

# What each macro makes of a part of the items of a list; one text of all items, as neither engine
# writes a list as the other does.
ITEMS = "{{ json_items('members[1]', ['$.a', '$.b']) }}"
OF_AN_ITEM = {
    "json_is_string": "cast({{ json_is_string(part) }} as varchar)",
    "json_is_given": "cast({{ json_is_given(part) }} as varchar)",
    "json_text": "{{ json_text(part) }}",
    "json_decimal": "cast({{ json_decimal(part) }} as varchar)",
    "json_integer": "cast({{ json_integer(part) }} as varchar)",
    "json_string": "case when {{ json_is_string(part) }} then {{ json_string(part) }} end",
    "iso8601_date": "cast({{ iso8601_date(json_text(part)) }} as varchar)",
}


def _of_items(expression: str, part: str) -> str:
    return (
        f"{{% set part = '{part}' %}}{{% set of_an_item %}}coalesce({expression}, '-')"
        "{% endset %}{{ join_texts(transform_list('items', 'item', of_an_item), '|') }}"
    )


# Where not all columns of the table as they are: all paths in one call, as staging does.
ROWS = {
    "documents": (
        f"select row_number, {{{{ json_extract_all('value', {PATHS}) }}}} as members from documents"
    ),
    "lists": (
        f"select row_number, {ITEMS} as items from ("
        "select row_number, {{ json_extract_all('value', ['$.l'], ['$.l']) }} as members from lists"
        ") as extracted"
    ),
}

EXPRESSIONS = {
    "texts": {
        # What is compared is what was written.
        "value": "value",
        "currency code": r"{{ regexp_like('value', '^[A-Z]{3}\\z') }}",
        "control character": r"{{ regexp_like('value', '[\\x00-\\x1f\\x7f]') }}",
        "number": "{{ regexp_like('value', '^[-0-9]') }}",
        "same value": """{{ same_value("nullif(value, '')", 'value') }}""",
    },
    "moments": {
        "iso8601_timestamp": "{{ iso8601_timestamp('value') }}",
        # DuckDB takes this way only beyond microseconds.
        "iso8601_from_parts": "{{ iso8601_from_parts('value') }}",
    },
    "instants": {"business_date": "{{ business_date('value') }}"},
    "days": {"iso8601_date": "{{ iso8601_date('value') }}"},
    "dates": {"iso_day_of_week": "{{ iso_day_of_week('value') }}"},
    "timestamps": {"type_timestamp6": "cast(value as {{ type_timestamp6() }})"},
    "quotients": {"divide_amount": "{{ divide_amount('amount', 'number') }}"},
    "documents": {
        f"{name} at {path}": f"{{% set member = 'members[{number}]' %}}{expression}"
        for number, path in enumerate(PATHS, 1)
        for name, expression in OF_A_MEMBER.items()
    },
    "lists": {
        "json_items whole": (
            "'[' || {{ join_texts(transform_list('items', 'item', 'item[1]'), ',') }} || ']'"
        ),
        **{
            f"{name} of {part}": _of_items(expression, part)
            for part in ("item[1]", "item[2]", "item[3]")
            for name, expression in OF_AN_ITEM.items()
        },
    },
}


@pytest.fixture(scope="module")
def both_engines(local_athena: LocalAthena) -> BothEngines:
    """The local Athena and DuckDB."""
    return BothEngines(local_athena)


@dataclass(frozen=True)
class Sql:
    """EXPRESSIONS in each engine's SQL, by table."""

    athena: Mapping[str, Expressions]
    duckdb: Mapping[str, Expressions]


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> Sql:
    """All expressions rendered, business_date for every zone."""

    def render(target: str) -> dict[str, Expressions]:
        project = Rendering(tmp_path_factory.mktemp(target), target)
        snippets = {
            f"{table}: {name}": text
            for table, by_name in EXPRESSIONS.items()
            for name, text in by_name.items()
        }
        rendered = project.render(snippets | ROWS, {"business_timezone": SOME_ZONE})
        by_table = {
            table: {name: rendered[f"{table}: {name}"] for name in by_name}
            for table, by_name in EXPRESSIONS.items()
        }
        date = by_table["instants"]["business_date"]
        by_table["instants"] = {
            f"business_date in {zone}": date.replace(SOME_ZONE, zone) for zone in ZONES
        }
        return {
            table: Expressions(rendered.get(table, f"select * from {table}"), by_name)
            for table, by_name in by_table.items()
        }

    return Sql(render("athena"), render("duckdb"))


def test_every_macro_is_compared() -> None:
    sources = [path.read_text() for path in (PROJECT / "macros/cross_db").glob("*.sql")]
    definitions = dict(
        re.findall(r"{% macro (\w+)\((.*?)(?={% macro|\Z)", "".join(sources), re.DOTALL)
    )
    assert len(definitions) > len(sources) > 0
    called: set[str] = set()
    reached = " ".join(text for each in [ROWS, *EXPRESSIONS.values()] for text in each.values())
    while new := {name for name in definitions if re.search(rf"\b{name}\b", reached)} - called:
        called |= new | {name for name in definitions if name.partition("__")[2] in new}
        reached = " ".join(definitions[name] for name in called)
    assert called == set(definitions)


@pytest.mark.parametrize("table", EXPRESSIONS)
def test_the_engines_agree(both_engines: BothEngines, sql: Sql, table: str) -> None:
    pairs = both_engines.evaluate(TABLES[table], sql.athena[table], sql.duckdb[table])

    assert [pair for pair in pairs if not agree(pair)][:10] == []
    # Each expression was worth comparing: it is not one value throughout.
    for name in sql.athena[table].by_name:
        assert len({pair.athena for pair in pairs if pair.expression == name}) > 1, name


def agree(pair: Pair) -> bool:
    """Whether two cells are the same; of JSON, whether they mean the same."""
    too_large = _TOO_LARGE.get(pair.expression.partition(" ")[0])
    if too_large is not None and pair.athena.text and pair.duckdb.text:
        return _meaning(pair.athena.text, too_large) == _meaning(pair.duckdb.text, too_large)
    return pair.athena == pair.duckdb


# What Athena has inside of objects and arrays for a number too large for a double, by the macro:
# 1e308 where items are read.
_TOO_LARGE: Mapping[str, Mapping[float, object]] = {
    "json_extract_all": {math.inf: "Infinity", -math.inf: "-Infinity"},
    "json_items": {math.inf: 1e308, -math.inf: 1e308},
}


def _meaning(text: str, too_large: Mapping[float, object]) -> object:
    """Whether a JSON text is a string, and what it says: numbers as doubles, objects as lists."""

    def number(token: str) -> object:
        value = float(token)
        return too_large.get(value, value)

    said = json.loads(text, parse_int=number, parse_float=number, object_pairs_hook=list)
    return text.startswith('"'), said
