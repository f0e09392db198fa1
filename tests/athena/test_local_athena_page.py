"""docs/local-athena.md, word for word, and what an analyst then asks with nothing but boto3."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import duckdb
import pytest

from retailpulse.formats import cell_text
from tests.support.progress import run
from tests.support.project.copies import install
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import PROJECT, Lakehouse

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

PAGE = PROJECT / "docs" / "local-athena.md"
EVENTS = 3_000


class Shell:
    """One shell of a user, in the project, whose blocks are run one after the other.

    In a copy that follows no database, as the page has no rows of any.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._project = project_following(home / "project")
        self._environment = install(self._project)
        self.athena_home = home / "athena"
        self._script = ""

    def run(self, block: str) -> str:
        """Run a block after those before it have set the shell's environment."""
        own = block.replace("build/local-athena", str(self.athena_home))
        sourced = [line for line in own.splitlines() if line.startswith("source ")]
        process = run(
            ["bash", "-euo", "pipefail", "-c", f"{self._script}{own}"],
            cwd=self._project,
            env=os.environ
            | self._environment
            | {
                "RETAILPULSE_HOME": str(self.home / "lakehouse"),
                "ATHENA_HOME": str(self.athena_home),
                "DBT_TARGET_PATH": str(self.home / "target"),
                "DBT_LOG_PATH": str(self.home / "logs"),
            },
        )
        assert process.returncode == 0, process.stdout
        self._script += "".join(f"{line}\n" for line in sourced)
        return process.stdout


def blocks() -> list[str]:
    """The shell blocks of the page."""
    return re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell in which the page's first block has run, but for its last line, the stop."""
    shell = Shell(tmp_path_factory.mktemp("user"))
    first, *_ = blocks()
    before, stop, after = first.partition("make athena-down")
    assert stop
    assert not after.strip()
    simulated = shell.home / "simulated"
    shell.run(
        f"source .venv/bin/activate\n"
        f"retailpulse simulate --events {EVENTS} --orders-per-day 100 --out {simulated}\n"
        f"retailpulse ingest {simulated}/events.ndjson\n"
        "dbt build --resource-type seed --resource-type model"
    )
    try:
        shell.run(before)
        yield shell
    finally:
        output = shell.run(stop)
    assert "Stopped" in output


@pytest.fixture(scope="module")
def environment(shell: Shell) -> dict[str, str]:
    """What the file that the page sources sets."""
    return dict(
        line.removeprefix("export ").split("=", 1)
        for line in (shell.athena_home / "environment").read_text().splitlines()
        if line.startswith("export ")
    )


def client(environment: dict[str, str], service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture(scope="module")
def athena(environment: dict[str, str]) -> AthenaClient:
    made: AthenaClient = client(environment, "athena")
    return made


def ask(athena: AthenaClient, sql: str, page_size: int = 1_000) -> list[list[str]]:
    """The rows of a query as text, without the header, page by page."""
    execution = athena.start_query_execution(QueryString=sql, WorkGroup="retailpulse")
    id_ = execution["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]
        if status["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            break
        time.sleep(0.05)
    assert status["State"] == "SUCCEEDED", status
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=id_, PaginationConfig={"PageSize": page_size}
    )
    rows = [
        [cell.get("VarCharValue", "") for cell in row["Data"]]
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ]
    return rows[1:]


def test_the_readmes_first_queries_answer_the_same_by_boto3(
    shell: Shell, athena: AthenaClient
) -> None:
    queries = re.findall(
        r'^retailpulse sql .*?"(select [^"]+)"$', (PROJECT / "README.md").read_text(), re.MULTILINE
    )
    assert len(queries) >= 3
    embedded = Lakehouse(shell.home / "lakehouse")
    answered = 0
    for query in queries:
        expected = [[cell_text(value) for value in row] for row in embedded.query(query)]
        assert ask(athena, query) == expected, query
        answered += len(expected)
    assert answered >= 7


def test_boto3_pages_through_five_thousand_rows(athena: AthenaClient) -> None:
    query = "select date_day from retailpulse.dim_dates order by date_day limit 5000"
    with duckdb.connect() as connection:
        days = connection.execute(
            "select cast(date '1999-12-31' + cast(number as integer) as varchar) "
            "from range(5000) as days (number)"
        ).fetchall()
    assert ask(athena, query, page_size=999) == [list(day) for day in days]


def test_freshness_and_docs_and_upkeep_run(
    shell: Shell, athena: AthenaClient, environment: dict[str, str]
) -> None:
    assert "PASS" in shell.run("dbt source freshness --target athena")
    shell.run("dbt docs generate --target athena")
    catalog = json.loads((shell.home / "target" / "catalog.json").read_text())
    fact_orders = catalog["nodes"]["model.retailpulse.fact_orders"]["columns"]
    assert fact_orders["order_amount"]["type"] == "decimal(18,4)"
    assert catalog["sources"]["source.retailpulse.raw.events"]["columns"].keys() == {
        "line", "event_type", "dt", "hour"
    }  # fmt: skip
    # As a run of dbt's leaves it: a file of what is new, and one of what that takes the place of.
    ask(athena, "update retailpulse_silver.run_windows set variables = variables")
    files = 'select count(*) from retailpulse_silver."run_windows$files"'
    assert int(ask(athena, files)[0][0]) > 1
    output = shell.run("dbt run-operation compact --target athena")
    assert "compact: awsdatacatalog.retailpulse_silver.orders" in output
    assert ask(athena, files) == [["1"]]
    output = shell.run("dbt run-operation upkeep --target athena")
    assert "upkeep: awsdatacatalog.retailpulse_silver.orders" in output
    # Each commit left one, and Glue has room for so many.
    versions = client(environment, "glue").get_table_versions(
        DatabaseName="retailpulse_silver", TableName="run_windows"
    )
    assert len(versions["TableVersions"]) == 1


def test_the_pages_other_commands_run(shell: Shell) -> None:
    for block in blocks()[1:]:
        record = json.loads(shell.run(block))
        assert record["statement"]
        assert record["state"] == "SUCCEEDED"


def test_sql_refuses_what_writes_and_says_what_athena_says(shell: Shell) -> None:
    output = shell.run(
        'retailpulse sql --target athena "drop table retailpulse.fact_orders" || true\n'
        'retailpulse sql --target athena "select nope" || true\n'
        'retailpulse sql --target athena --format csv "select count(*) as n from '
        'retailpulse.fact_orders"'
    )
    assert "DROP is not allowed" in output
    assert "Column 'nope' cannot be resolved" in output
    assert "Traceback" not in output
    assert int(output.strip().splitlines()[-1]) > 0
