"""The alarms as they were deployed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra.ingestion import Ingestion

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"


@pytest.fixture(scope="module")
def alarms(ingestion: Ingestion) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ingestion.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert found
    return found


def test_each_alarm_is_in_the_row_of_its_runbook(alarms: list[dict[str, Any]]) -> None:
    rows = re.findall(
        r"^\| \[(.+\.md)\]\(\1\) \| (.+) \|$", (RUNBOOKS / "README.md").read_text(), re.MULTILINE
    )
    listed = {name: runbook for runbook, names in rows for name in re.findall("`(.+?)`", names)}
    linked = {alarm["AlarmName"]: alarm["AlarmDescription"].rpartition("/")[2] for alarm in alarms}
    assert linked.items() <= listed.items()


def test_each_alarm_tells_the_topic_when_it_begins_and_when_it_ends(
    ingestion: Ingestion, alarms: list[dict[str, Any]]
) -> None:
    for alarm in alarms:
        assert alarm["ActionsEnabled"]
        # The state machine tells of a failed run itself (infra/modules/monitoring/README.md).
        if alarm["AlarmName"] == "retailpulse-run-failed":
            assert alarm["AlarmActions"] == alarm["OKActions"] == []
            continue
        assert alarm["AlarmActions"] == alarm["OKActions"] == [ingestion.topic_arn]
