"""What the columns of a database's table hold of its own texts, on DuckDB over edge values.

tests/athena/test_staging_on_both_engines.py holds Athena to the same.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.support.dbt.macro_calls import results
from tests.support.dbt.rendering import Rendering

VALUES: dict[str, dict[str, Any]] = {
    "row_text": {"": "", "t": "t", "é\n\U0001f600": "é\n\U0001f600", "x" * 9_000: "x" * 9_000},
    "row_integer": {
        "0": 0,
        "-7": -7,
        "9223372036854775807": 2**63 - 1,
        "-9223372036854775808": -(2**63),
        "9223372036854775808": None,
        "1.0": None,
        "1e3": None,
        "": None,
    },
    "row_decimal": {
        "12.30": Decimal("12.300000000"),
        "-0.000000001": Decimal("-0.000000001"),
        "0.0000000001": None,
        "1.5000000000": Decimal("1.500000000"),
        "9" * 29 + "." + "9" * 9: Decimal("9" * 29 + "." + "9" * 9),
        "1" + "0" * 29: None,
        "NaN": None,
        "Infinity": None,
        "1e3": None,
    },
    "row_double": {"12.3": 12.3, "1e+30": 1e30, "-5e-324": -5e-324, "NaN": None, "Infinity": None}
    | dict.fromkeys(("1_0", "1d", "0x1F", "1."), None),
    "row_boolean": {"t": True, "f": False, "true": True, "false": False, "1": None, "T": None},
    "row_instant": {
        "2026-01-02 03:04:05.678901+00": datetime(2026, 1, 2, 3, 4, 5, 678901),
        "2026-01-02 03:04:05+00": datetime(2026, 1, 2, 3, 4, 5),
        "2026-01-02 03:04:05": None,
        "infinity": None,
        "0044-03-15 12:00:00+00 BC": None,
        "10000-01-01 00:00:00+00": None,
    },
    "row_local_time": {
        "2026-01-02 03:04:05.6": datetime(2026, 1, 2, 3, 4, 5, 600000),
        "9999-12-31 23:59:59.999999": datetime(9999, 12, 31, 23, 59, 59, 999999),
        "0000-00-00 00:00:00": None,
        "2026-02-29 00:00:00": None,
        "infinity": None,
        "-infinity": None,
        "0044-03-15 12:00:00 BC": None,
        "2026-01-02": None,
        # To DuckDB it would be the next day, to Trino no time.
        "2026-01-02 24:00:00": None,
        "2026-01-02 23:59:60": None,
    },
    "row_day": {
        "2026-01-02": date(2026, 1, 2),
        "2026-02-29": None,
        "0000-00-00": None,
        "0044-03-15 BC": None,
        "infinity": None,
    },
}


@pytest.fixture(scope="module")
def expressions(duckdb_project: Rendering) -> dict[str, str]:
    return duckdb_project.render(
        {name: f"{{{{ row_value({{'type': '{name}'}}, 'json', 'value') }}}}" for name in VALUES}
    )


@pytest.mark.parametrize("name", VALUES)
def test_a_column_holds_what_it_can_of_a_text(name: str, expressions: dict[str, str]) -> None:
    found = results(
        expressions[name],
        [[json.dumps(text), text] for text in VALUES[name]],
        "json varchar, value varchar",
    )

    assert dict(zip(VALUES[name], found, strict=True)) == VALUES[name]
