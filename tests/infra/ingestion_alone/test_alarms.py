"""The alarms as they were deployed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.infra.ingestion import Ingestion
from tests.support.infra.queues import on_call
from tests.support.infra.waiting import wait_until

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


def test_each_alarm_tells_the_topic_when_it_begins(
    ingestion: Ingestion, alarms: list[dict[str, Any]]
) -> None:
    for alarm in alarms:
        assert alarm["ActionsEnabled"]
        # A new alarm goes to OK, too.
        assert alarm["OKActions"] == []
        # The state machine tells of a failed run itself (infra/modules/monitoring/README.md).
        told = [] if alarm["AlarmName"] == "retailpulse-run-failed" else [ingestion.topic_arn]
        assert alarm["AlarmActions"] == told


def test_the_end_of_an_alarm_is_told_and_not_that_it_is_new(ingestion: Ingestion) -> None:
    name = "retailpulse-ingestion-errors"
    told: list[str] = []

    def become(state: str) -> None:
        ingestion.client("cloudwatch").set_alarm_state(
            AlarmName=name, StateValue=state, StateReason="a test"
        )

    with on_call(ingestion.client, ingestion.topic_arn) as url:

        def hear() -> None:
            answer = ingestion.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            told.extend(
                json.loads(found["Body"])["Message"] for found in answer.get("Messages", [])
            )

        def has_begun(times: int) -> bool:
            hear()
            return sum(message.startswith("{") for message in told) == times

        def ended() -> list[str]:
            hear()
            return [message for message in told if not message.startswith("{")]

        # As a new one does; what follows on the same road comes after it.
        for state in ("INSUFFICIENT_DATA", "OK", "ALARM"):
            become(state)
        wait_until("its beginning is told", lambda: has_begun(1))
        assert ended() == []
        become("OK")
        (over,) = wait_until("its end is told", ended)
        assert re.fullmatch(rf'"?RetailPulse: the alarm {name} is over, since 20\S+Z\."?', over)
