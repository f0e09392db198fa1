"""A lakehouse that an earlier version built: no run touches it, and `rebuild` takes it over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import progress
from tests.support.project.copies import copy_project
from tests.support.project.former import checked_out_former

ORDERS = 40
SILVER = """
    select order_id, source, order_amount, status from retailpulse_silver.orders order by all
"""

# What somebody meets who looks at gold all the while: the number of orders, by a table and by a
# view, and whether the tables are those of this version.
READER = """
import time
from retailpulse.local.home import find_home
from retailpulse.local.lakehouse import open_lakehouse
home = find_home()
while True:
    with open_lakehouse(home) as lakehouse:
        rows = lakehouse.sql("from retailpulse.fact_orders")
        revenue = lakehouse.sql("select sum(order_count) from retailpulse.agg_daily_revenue")
        print(len(rows.fetchall()), revenue.fetchone()[0], "system" in rows.columns, flush=True)
    time.sleep(0.1)
"""


def event(source: str, number: int, event_type: str, hour: int, **fields: object) -> str:
    detail = {
        "event_id": f"{event_type}-{number}-{hour}",
        "event_type": event_type,
        "event_ts": f"2026-0{number % 3 + 1}-14T{hour:02}:00:00Z",
        "order_id": f"o{number}",
        **fields,
    }
    return json.dumps(
        {"Source": source, "DetailType": event_type, "Detail": json.dumps(detail)}
        | {"EventBusName": "retailpulse-bus"}
    )


def history() -> str:
    """Orders of a shop; a till, whose ids are its own, has one with an id of the shop's."""
    lines = [
        event("shop", number, "order_created", 8, customer_id=f"c{number}", amount=number + 0.25)
        for number in range(ORDERS)
    ]
    lines += [
        event("shop", 1, "order_status_changed", 9, status="CANCELLED"),
        event("shop", 1, "order_status_changed", 10, status="SHIPPED"),
        event("till", 2, "order_created", 8, customer_id="regular", amount=99),
        event("shop", 3, "order_created", 11, customer_id="c3"),
    ]
    return "\n".join(lines)


class Version:
    """A checkout of some version at work on the lakehouse."""

    def __init__(self, project: Path, home: Path) -> None:
        self.project = project
        self.environment = os.environ | {
            "PYTHONPATH": str(project),
            "RETAILPULSE_HOME": str(home),
            "RETAILPULSE_TARGET": "duckdb",
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
        }

    def retailpulse(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(sys.executable, "-m", "retailpulse", *arguments)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        dbt = Path(sys.executable).with_name("dbt")
        return self._run(str(dbt), "--no-use-colors", *arguments)

    def orders(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(
            self.retailpulse("sql", SILVER, "--format", "json").stdout
        )
        return found

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return progress.run(command, cwd=self.project, env=self.environment)


@contextmanager
def reading(version: Version) -> Iterator[list[tuple[str, str, str]]]:
    """Read all the while; what was met is there after the block."""
    seen: list[tuple[str, str, str]] = []
    with subprocess.Popen(
        [sys.executable, "-c", READER],
        cwd=version.project,
        env=version.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        yield seen
        ended_by_itself = reader.poll()
        reader.kill()
        answers, errors = reader.communicate()
    assert ended_by_itself is None, errors
    for line in answers.splitlines():
        orders, counted, is_new = line.split()
        seen.append((orders, counted, is_new))


def test_it_is_taken_over_without_loss(tmp_path: Path) -> None:
    home = tmp_path / "lakehouse"
    former = Version(checked_out_former(tmp_path / "former"), home)
    events = tmp_path / "events.ndjson"
    events.write_text(history())
    assert former.retailpulse("ingest", str(events)).returncode == 0
    built = former.dbt("build", "--resource-type", "model", "--resource-type", "seed")
    assert built.returncode == 0, built.stdout
    before = former.orders()
    assert len(before) == ORDERS + 1

    copy_project(tmp_path / "project")
    now = Version(tmp_path / "project", home)
    for command in (("build", "--selector", "fast"), ("test",)):
        stopped = now.dbt(*command)
        assert stopped.returncode == 2, stopped.stdout
        assert "an earlier version of RetailPulse built this lakehouse" in stopped.stdout
        assert "`retailpulse rebuild` builds" in stopped.stdout
        assert "Traceback" not in stopped.stdout
    assert now.orders() == before

    refused = now.retailpulse("rebuild", "--yes")
    assert refused.returncode == 2
    assert "till" in refused.stdout
    assert "regular" in refused.stdout
    assert "variable `systems`" in refused.stdout
    settings = tmp_path / "project/dbt_project.yml"
    text = settings.read_text()
    assert text.count("systems: {}") == text.count("partition_by: month") == 1
    settings.write_text(
        text.replace("systems: {}", "systems: {till: tills}")
        # A change of this too is taken over by a rebuild.
        .replace("partition_by: month", "partition_by: day")
    )

    with reading(now) as seen:
        rebuilt = now.retailpulse("rebuild", "--yes")
    assert rebuilt.returncode == 0, rebuilt.stdout

    # Gold had one order of each id.
    as_it_was = (str(ORDERS), str(ORDERS), "False")
    as_it_is = (str(ORDERS + 1), str(ORDERS + 1), "True")
    met = sorted(set(seen), key=seen.index)
    assert met in ([as_it_was], [as_it_was, as_it_is])
    after = now.orders()
    assert [amount(row) for row in after] == [amount(row) for row in before]
    statuses = {row["order_id"]: row["status"] for row in after}
    # It went back to SHIPPED in the version before.
    assert statuses == dict.fromkeys((f"o{number}" for number in range(ORDERS)), "CREATED") | {
        "o1": "CANCELLED"
    }
    assert list(home.glob("data/retailpulse_silver/orders/event_date=*"))
    assert not (home / "rebuild").exists()
    built = now.dbt("run", "--selector", "fast")
    assert built.returncode == 0, built.stdout


def amount(row: dict[str, object]) -> tuple[object, object, float]:
    return row["order_id"], row["source"], float(str(row["order_amount"]))
