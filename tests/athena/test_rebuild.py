"""A lakehouse that an earlier version built on Athena is rebuilt beside its tables, and swapped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local_athena import LocalAthena
from retailpulse.cloud.athena_lake import find_athena_lake
from retailpulse.cloud.scheduled.beside import UNFINISHED
from tests.integration.road.test_corrections import created, status
from tests.support import progress
from tests.support.athena.athena_lakehouse import Arrivals, AthenaLakehouse
from tests.support.athena.history import FAST
from tests.support.athena.project_copies import change
from tests.support.project.followed import project_following
from tests.support.project.former import checked_out_former

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

# Of the shop; the till, whose ids are its own, has one with an id of the shop's.
ORDERS = 12
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)
EARLIER = "an earlier version of RetailPulse built this lakehouse"
COMMAND = "`retailpulse cloud run <environment> repair --rebuild` builds"

# They are three quarters of the statements of a build, and say nothing of a rebuild.
WITHOUT_TESTS_OF_COLUMNS = {
    "dbt_project.yml": [
        (
            "on-run-start:\n",
            "data_tests: {retailpulse: {silver: {+enabled: false}, gold: {+enabled: false}}}\n\n"
            "on-run-start:\n",
        )
    ]
}
TILL_APART = {"dbt_project.yml": [("systems: {}", "systems: {till: tills}")]}

# What is asked all the while: each of them is of one table, or of one view over one or several.
QUESTIONS = {
    "table": "select count(*), sum(order_amount) from retailpulse_silver.orders",
    "view": "select sum(order_count), sum(daily_revenue) from retailpulse.agg_daily_revenue",
    "table that becomes a view": "select count(*), sum(order_amount) from retailpulse.fact_orders",
    "table that becomes a view over several": """
        select count(*), min(reject_reason) from retailpulse_silver.quarantined_events
    """,
}


Answer = tuple[str | None, ...]


class Reader:
    """Somebody who asks all questions over and over; an answer is kept where it is another.

    By boto3 alone: dbt's runs change the environment of this process, where pyathena looks.
    """

    def __init__(self, athena: AthenaClient, results: str) -> None:
        self.answers: dict[str, list[Answer]] = {name: [] for name in QUESTIONS}
        self.errors: list[str] = []
        self._athena = athena
        self._results = results

    def ask(self) -> None:
        for name, question in QUESTIONS.items():
            answer = self._answer(question)
            if answer not in self.answers[name][-1:]:
                self.answers[name].append(answer)

    def _answer(self, question: str) -> Answer:
        execution = self._athena.start_query_execution(
            QueryString=question, ResultConfiguration={"OutputLocation": self._results}
        )["QueryExecutionId"]
        while True:
            told = self._athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
            if told["Status"]["State"] == "SUCCEEDED":
                break
            assert told["Status"]["State"] in ("QUEUED", "RUNNING"), told["Status"]
            time.sleep(0.05)
        result = self._athena.get_query_results(QueryExecutionId=execution)["ResultSet"]
        return tuple(cell.get("VarCharValue") for cell in result["Rows"][1]["Data"])


@contextmanager
def reading(lake: AthenaLakehouse, local_athena: LocalAthena) -> Iterator[Reader]:
    """Read all the while."""
    results = find_athena_lake(lake.environment).results
    reader, ended = Reader(local_athena.client("athena"), results), threading.Event()

    def read() -> None:
        while not ended.is_set():
            try:
                reader.ask()
            except Exception as error:
                reader.errors.append(str(error))
            ended.wait(0.2)

    reader.ask()
    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield reader
    finally:
        ended.set()
        thread.join()
    reader.ask()


def start(lake: AthenaLakehouse, *arguments: str) -> subprocess.Popen[str]:
    """Start what the state machine's container runs; what it says goes to a file."""
    with (lake.home / "said").open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "retailpulse.cloud.scheduled", *arguments],
            cwd=lake.project,
            env=os.environ | lake.environment | {"PYTHONPATH": str(lake.project)},
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def event(number: int) -> bytes:
    return created(f"c{number}", f"o{number}", "2026-03-14T08:00:00Z", number, "EUR")


@pytest.fixture
def lake(local_athena: LocalAthena, tmp_path: Path) -> AthenaLakehouse:
    """A lakehouse that an earlier version built, and the project as it is now."""
    arrivals = Arrivals((YESTERDAY.date(), (NOW + timedelta(hours=1)).date()))
    former = checked_out_former(tmp_path / "former")
    lake = AthenaLakehouse(tmp_path / "lake", local_athena, arrivals, former)
    lake.reset()
    lake.land(
        [
            *(event(number) for number in range(ORDERS)),
            status("s1", "o1", "2026-03-14T09:00:00Z", "CANCELLED"),
            status("s2", "o1", "2026-03-14T10:00:00Z", "SHIPPED"),
            b"malformed",
        ],
        *(YESTERDAY, "shop"),
    )
    lake.land([created("t", "o2", "2026-03-14T08:00:00Z", 99, "EUR")], YESTERDAY, "till", "till")
    lake.upload()
    lake.build("--resource-type", "model", "--resource-type", "seed")
    lake.project = project_following(tmp_path / "project")
    change(lake.project, WITHOUT_TESTS_OF_COLUMNS)
    lake.parse_again()
    return lake


def test_it_is_rebuilt_without_loss_or_mixture(
    lake: AthenaLakehouse, local_athena: LocalAthena, capfd: pytest.CaptureFixture[str]
) -> None:
    glue, s3 = local_athena.client("glue"), local_athena.client("s3")

    def names() -> set[str]:
        databases = ("retailpulse", "retailpulse_silver")
        pages = [glue.get_tables(DatabaseName=database)["TableList"] for database in databases]
        return {table["Name"] for page in pages for table in page}

    def stops(*arguments: str) -> str:
        with pytest.raises(AssertionError):
            lake.build(*arguments)
        return capfd.readouterr().out

    as_it_was = names()
    assert COMMAND in stops(*FAST)
    with pytest.raises(AssertionError):
        lake.run_operation("compact")
    assert EARLIER in capfd.readouterr().out

    bucket = find_athena_lake(lake.environment).raw.split("/")[2]
    (kept,) = (
        stored["Key"]
        for stored in s3.list_objects_v2(Bucket=bucket)["Contents"]
        if "order_status_changed" in stored["Key"]
    )
    body = s3.get_object(Bucket=bucket, Key=kept)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=kept)
    with pytest.raises(AssertionError):
        lake.run_operation("check_before_rebuild", same_orders=True)
    assert f"from {YESTERDAY:%Y-%m-%d %H}:00 to" in capfd.readouterr().out
    s3.put_object(Bucket=bucket, Key=kept, Body=body)

    with pytest.raises(AssertionError):
        lake.run_operation("check_before_rebuild")
    assert "(1 ids, such as o2 of shop and till)" in capfd.readouterr().out
    assert names() == as_it_was

    change(lake.project, TILL_APART)
    with reading(lake, local_athena) as reader:
        killed = start(lake, "repair", "--rebuild")
        while UNFINISHED not in names():
            assert killed.poll() is None, (lake.home / "said").read_text()
            time.sleep(0.01)
        progress.kill(killed)
        assert "a rebuild of this lakehouse ended before it was done" in stops(*FAST)
        # It had been built before.
        lake.land([event(ORDERS)], datetime.now(UTC), "meanwhile")
        lake.upload()
        again = start(lake, "repair", "--rebuild")
        progress.end_of(again)
        said = (lake.home / "said").read_text()
        assert again.returncode == 0, said
        assert "incremental model" not in said
    assert reader.errors == []
    assert reader.answers == {
        "table": [("13", "165.00"), ("13", "165.0000")],
        "view": [("12", "66.00"), ("13", "164.0000")],
        "table that becomes a view": [("12", "66.00"), ("13", "165.0000")],
        "table that becomes a view over several": [("1", "malformed_payload")],
    }

    lake.build(*FAST)
    orders = lake.query(
        "select system, order_id, source, order_amount, status from retailpulse_silver.orders"
    )
    assert sorted(orders) == sorted(
        [
            ("retailpulse", f"o{n}", "shop", Decimal(n), "CANCELLED" if n == 1 else "CREATED")
            for n in range(ORDERS + 1)
        ]
        + [("tills", "o2", "till", Decimal(99), "CREATED")]
    )
    assert lake.query("select count(*) from retailpulse.fact_orders") == [(ORDERS + 2,)]
    before = {name for name in names() if "__before_" in name}
    assert {name.partition("__before_")[0] for name in before} >= {"order_events", "fact_orders"}
    assert not {
        name for name in names() if "__next" in name or name in ("order_events", UNFINISHED)
    }

    # Not yet: queries are at work on them.
    lake.run_operation("upkeep")
    assert before <= names()
    lake.run_operation("upkeep", keep_hours=0)
    assert not before & names()
    assert lake.query("select count(*) from retailpulse.fact_orders") == [(ORDERS + 2,)]
