"""The state machine's definition, executed: as Terraform made it, by the emulator's Step Functions.

The test plays the container: it reads what ECS was told, and answers with the task's token. Not
executed by MiniStack 1.5.33: HeartbeatSeconds, which heartbeats.py does in its place, and Retry's
JitterStrategy, which is not shown here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.infra.deployed.orchestration import Container, Orchestration, container_of
from tests.support.infra.waiting import wait_until
from tests.support.progress import end_of

PROJECT = Path(__file__).parents[3]

Change = Callable[[dict[str, Any]], None]

CLEAN_UP = ["FindTasks", "StopTasks", "WaitForTasks", "FindQueries"]


@pytest.fixture(autouse=True)
def _between_tests(orchestration: Orchestration) -> Iterator[None]:
    """Each test begins and ends without a lease and without a notification."""
    orchestration.notifications()
    yield
    lease, notifications = orchestration.lease(), orchestration.notifications()
    orchestration.forget_lease()
    assert lease is None
    assert notifications == []


@pytest.fixture
def changed(orchestration: Orchestration) -> Iterator[Callable[[Change], str]]:
    """Makes a state machine of the deployed one's states, with a change; returns its ARN."""
    states = orchestration.client("stepfunctions")
    deployed = states.describe_state_machine(stateMachineArn=orchestration.state_machine_arn)
    made: list[str] = []

    def make(change: Change) -> str:
        definition = json.loads(deployed["definition"])
        change(definition["States"])
        answer = states.create_state_machine(
            name=f"changed-{uuid4()}",
            definition=json.dumps(definition),
            roleArn=deployed["roleArn"],
        )
        made.append(answer["stateMachineArn"])
        return made[-1]

    yield make
    for arn in made:
        states.delete_state_machine(stateMachineArn=arn)


def test_a_run_gets_its_kind_and_lets_go_of_the_lease(orchestration: Orchestration) -> None:
    counted = orchestration.counted("RunsSucceeded", "hourly")
    execution = orchestration.start("hourly")
    container = container_of(orchestration, execution)
    assert container.command == ["hourly"]
    lease = orchestration.lease()
    assert lease is not None
    assert (lease["owner"], lease["kind"]) == (execution, "hourly")
    assert time.time() < int(lease["expires_at"])
    container.succeed()
    ended = orchestration.end_of(execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"outcome": "succeeded"})
    assert orchestration.counted("RunsSucceeded", "hourly") == counted + 1
    # Each is a transition, for which AWS charges.
    assert orchestration.states_of(execution) == [
        "KindOfRun",
        "TakeLease",
        "WhichRun",
        "RunHourly",
        "CountSucceeded",
        "ReleaseLease",
    ]


def test_a_second_start_while_one_runs_does_nothing_and_is_counted(
    orchestration: Orchestration,
) -> None:
    counted = orchestration.counted("RunsSkipped")
    first = orchestration.start("fast")
    container = container_of(orchestration, first)
    second = orchestration.start("fast")
    ended = orchestration.end_of(second)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"outcome": "skipped"})
    assert orchestration.containers_of(second) == []
    assert orchestration.counted("RunsSkipped") == counted + 1
    lease = orchestration.lease()
    assert lease is not None
    assert lease["owner"] == first
    container.succeed()
    assert orchestration.end_of(first)["status"] == "SUCCEEDED"


def test_a_daily_run_waits_for_its_turn(orchestration: Orchestration) -> None:
    fast = orchestration.start("fast")
    container = container_of(orchestration, fast)
    daily = orchestration.start("daily")
    wait_until("the daily run waits", lambda: "WaitForLease" in orchestration.states_of(daily))
    container.succeed()
    container_of(orchestration, daily).succeed()
    assert orchestration.end_of(daily)["status"] == "SUCCEEDED"


def test_a_daily_run_that_never_has_its_turn_is_told_of(
    orchestration: Orchestration, changed: Callable[[Change], str]
) -> None:
    def wait_less(states: dict[str, Any]) -> None:
        states["WaitForLease"]["Seconds"] = 1

    failed = orchestration.counted("RunsFailed")
    fast = orchestration.start("fast")
    container = container_of(orchestration, fast)
    state_machine = changed(wait_less)
    daily = orchestration.start("daily", state_machine)
    ended = orchestration.end_of(daily)
    assert (ended["status"], ended["error"]) == ("FAILED", "LeaseIsHeld")
    assert orchestration.states_of(daily).count("WaitForLease") == 45
    assert orchestration.counted("RunsFailed") == failed + 1
    (notification,) = orchestration.notifications()
    assert notification["Subject"] == "RetailPulse dev: the daily run failed: LeaseIsHeld"
    # What it cleaned up would have been the other run's.
    assert set(orchestration.states_of(daily)).isdisjoint(CLEAN_UP)
    container.succeed()
    assert orchestration.end_of(fast)["status"] == "SUCCEEDED"


def test_a_transient_failure_is_tried_again(orchestration: Orchestration) -> None:
    failed = orchestration.counted("RunsFailed")
    execution = orchestration.start("fast")
    first = container_of(orchestration, execution)
    assert orchestration.capacity_of(first) == "FARGATE_SPOT"
    lease = orchestration.lease()
    first.fail("Transient", "dbt was stopped: SIGTERM")
    second = container_of(orchestration, execution, attempt=2)
    assert orchestration.capacity_of(second) == "FARGATE"
    # The first has been stopped, whether it still did anything or not, and the lease renewed.
    assert orchestration.containers_of(execution) == [second.task_arn]
    renewed = orchestration.lease()
    assert lease is not None
    assert renewed is not None
    assert renewed["owner"] == execution
    assert int(renewed["expires_at"]) > int(lease["expires_at"])
    second.succeed()
    assert orchestration.end_of(execution)["status"] == "SUCCEEDED"
    assert orchestration.states_of(execution).count("BackOff") == 1
    assert orchestration.counted("RunsFailed") == failed


def test_a_failure_that_does_not_pass_is_told_after_the_last_attempt(
    orchestration: Orchestration,
) -> None:
    execution = orchestration.start("fast")
    for attempt in (1, 2, 3):
        container_of(orchestration, execution, attempt).fail("Transient", f"no {attempt}")
    ended = orchestration.end_of(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Transient", "no 3")
    (notification,) = orchestration.notifications()
    assert "at attempt 3 of 3" in notification["Message"]


@pytest.mark.parametrize("error", ["TestFailed", "RunFailed"])
def test_a_failure_that_stays_is_told_once_and_not_tried_again(
    orchestration: Orchestration, error: str
) -> None:
    counted = orchestration.counted("RunsFailed")
    cause = "1 of 9 nodes failed:\n- key_is_unique (fail): Got 2 results"
    execution = orchestration.start("fast")
    container_of(orchestration, execution).fail(error, cause)
    ended = orchestration.end_of(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", error, cause)
    assert orchestration.states_of(execution).count("RunFast") == 1
    assert orchestration.counted("RunsFailed") == counted + 1
    (notification,) = orchestration.notifications()
    assert notification["Subject"] == f"RetailPulse dev: the fast run failed: {error}"
    assert cause in notification["Message"]
    assert f"Execution: {execution}" in notification["Message"]
    assert "/failed-runs.md" in notification["Message"]


def test_a_timeout_stops_the_container_and_cancels_its_queries(
    orchestration: Orchestration,
    changed: Callable[[Change], str],
    long_query: Callable[[str], str],
) -> None:
    def time_out(states: dict[str, Any]) -> None:
        states["RunFast"]["TimeoutSeconds"] = 2

    athena = orchestration.client("athena")

    def state_of(query: str) -> str:
        described = athena.get_query_execution(QueryExecutionId=query)
        return str(described["QueryExecution"]["Status"]["State"])

    # It is found by its work group: that it began first keeps the test from racing the timeout.
    dbts, analysts = long_query(orchestration.work_group), long_query("retailpulse-analysts")
    wait_until("dbt's query runs", lambda: state_of(dbts) == "RUNNING")
    execution = orchestration.start("fast", changed(time_out))
    ended = orchestration.end_of(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert orchestration.containers_of(execution) == []
    assert len(orchestration.containers_of(execution, "STOPPED")) == 1
    assert (state_of(dbts), state_of(analysts)) == ("CANCELLED", "RUNNING")
    assert orchestration.states_of(execution).count("RunFast") == 1
    (notification,) = orchestration.notifications()
    assert notification["Subject"] == "RetailPulse dev: the fast run failed: States.Timeout"


def test_a_container_that_falls_silent_is_stopped_and_tried_again(
    orchestration: Orchestration, changed: Callable[[Change], str]
) -> None:
    """What a failed pull of the image, a lack of memory and a kill look like."""

    def notice_soon(states: dict[str, Any]) -> None:
        states["RunFast"]["HeartbeatSeconds"] = 2

    execution = orchestration.start("fast", changed(notice_soon))
    ended = orchestration.end_of(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "HeartbeatTimeout")
    assert orchestration.states_of(execution).count("RunFast") == 3
    assert orchestration.states_of(execution).count("StopTasks") == 3
    assert orchestration.containers_of(execution) == []
    (notification,) = orchestration.notifications()
    assert notification["Subject"] == "RetailPulse dev: the fast run failed: HeartbeatTimeout"
    assert "at attempt 3 of 3" in notification["Message"]
    assert "gave no sign of life" in notification["Message"]


def test_the_lease_of_a_dead_run_is_taken_over_after_its_expiry_and_not_before(
    orchestration: Orchestration,
) -> None:
    now = int(time.time())
    orchestration.hold_lease("arn:of:a:dead:run", now + 600)
    early = orchestration.start("fast")
    assert orchestration.end_of(early)["status"] == "SUCCEEDED"
    assert orchestration.states_of(early)[-1] == "Skipped"
    orchestration.hold_lease("arn:of:a:dead:run", now - 1)
    late = orchestration.start("fast")
    container = container_of(orchestration, late)
    lease = orchestration.lease()
    assert lease is not None
    assert lease["owner"] == late
    container.succeed()
    assert orchestration.end_of(late)["status"] == "SUCCEEDED"


def test_a_lease_that_another_has_taken_over_is_left_to_it(orchestration: Orchestration) -> None:
    execution = orchestration.start("fast")
    container = container_of(orchestration, execution)
    orchestration.hold_lease("arn:of:another:run", int(time.time()) + 600)
    container.succeed()
    assert orchestration.end_of(execution)["status"] == "SUCCEEDED"
    lease = orchestration.lease()
    assert lease is not None
    assert lease["owner"] == "arn:of:another:run"
    orchestration.forget_lease()


@pytest.mark.parametrize(
    ("broken", "notifications"),
    [
        (["FindTasks", "FindQueries", "CountFailed"], 1),
        # What nobody was told of is not counted: an alarm compares the two.
        (["Notify"], 0),
    ],
)
def test_a_step_of_the_clean_up_that_fails_keeps_no_later_one_from_its_work(
    orchestration: Orchestration,
    changed: Callable[[Change], str],
    broken: list[str],
    notifications: int,
) -> None:
    def break_steps(states: dict[str, Any]) -> None:
        for name in broken:
            states[name]["Resource"] = "arn:aws:states:::aws-sdk:athena:noSuchAction"

    counted = orchestration.counted("RunsFailed")
    state_machine = changed(break_steps)
    execution = orchestration.start("fast", state_machine)
    container_of(orchestration, execution).fail("RunFailed", "no such column")
    ended = orchestration.end_of(execution)
    assert (ended["error"], ended["cause"]) == ("RunFailed", "no such column")
    assert len(orchestration.notifications()) == notifications
    assert orchestration.counted("RunsFailed") == counted
    assert "ReleaseLeaseOfFailed" in orchestration.states_of(execution)


def test_a_failure_is_told_whatever_the_container_calls_it(orchestration: Orchestration) -> None:
    """SNS refuses a subject of 100 characters, one with a line break, and once all but ASCII."""
    error = "Größe\nMaß" + "x" * 200
    execution = orchestration.start("repair", arguments=["--select=orders"])
    container = container_of(orchestration, execution)
    orchestration.client("stepfunctions").send_task_failure(taskToken=container.token, error=error)
    assert orchestration.end_of(execution)["status"] == "FAILED"
    (notification,) = orchestration.notifications()
    subject = f"RetailPulse dev: the repair run failed: Gr??e?Ma?{'x' * 200}"[:99]
    assert notification["Subject"] == subject
    assert f"Error: {error}" in notification["Message"]
    assert "Nobody could say why" in notification["Message"]


def test_a_repair_tells_the_container_what_it_was_asked_for(orchestration: Orchestration) -> None:
    asked = ["--select=orders_events+ tag:fast", "--full-refresh", 7]
    execution = orchestration.start("repair", arguments=asked)
    container = container_of(orchestration, execution)
    assert container.command == [
        "repair",
        "--select=orders_events+ tag:fast",
        "--full-refresh",
        "7",
    ]
    container.succeed()
    assert orchestration.end_of(execution)["status"] == "SUCCEEDED"


def test_a_repair_without_arguments_and_a_run_with_some(orchestration: Orchestration) -> None:
    """The container refuses the one; the other is as if there were none."""
    for kind, arguments in {"repair": [], "fast": ["--select=orders"]}.items():
        execution = orchestration.start(kind, arguments=arguments)
        container = container_of(orchestration, execution)
        assert container.command == [kind]
        container.succeed()
        assert orchestration.end_of(execution)["status"] == "SUCCEEDED"


def test_an_attempt_after_a_deployment_is_of_its_task_definition(
    orchestration: Orchestration, changed: Callable[[Change], str]
) -> None:
    """As Terraform makes it: the new revision first, and then the old one goes."""
    ecs = orchestration.client("ecs")
    deployed = ecs.describe_task_definition(taskDefinition="retailpulse-dbt")["taskDefinition"]
    family = f"changed-{uuid4()}"

    def register() -> str:
        given = ("networkMode", "containerDefinitions", "cpu", "memory", "volumes")
        answer = ecs.register_task_definition(
            family=family, **{name: deployed[name] for name in given}
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def use_family(states: dict[str, Any]) -> None:
        states["RunFast"]["Arguments"]["TaskDefinition"] = family
        states["FindTasks"]["Arguments"]["Family"] = family

    def revision_of(container: Container) -> str:
        (task,) = (task for task in orchestration.tasks() if task["taskArn"] == container.task_arn)
        return str(task["taskDefinitionArn"])

    old = register()
    execution = orchestration.start("fast", changed(use_family))
    first = container_of(orchestration, execution)
    assert revision_of(first) == old
    new = register()
    ecs.deregister_task_definition(taskDefinition=old)
    first.fail("Transient", "SlowDown")
    second = container_of(orchestration, execution, attempt=2)
    assert revision_of(second) == new
    assert orchestration.containers_of(execution, "STOPPED") == [first.task_arn]
    second.succeed()
    assert orchestration.end_of(execution)["status"] == "SUCCEEDED"
    ecs.deregister_task_definition(taskDefinition=new)


def test_an_unknown_kind_is_refused_before_anything_is_done(orchestration: Orchestration) -> None:
    execution = orchestration.start("weekly")
    ended = orchestration.end_of(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "UnknownKind")
    assert orchestration.states_of(execution) == ["KindOfRun", "UnknownKind"]


def test_the_real_container_command_reports_that_it_was_stopped(
    orchestration: Orchestration, container_environment: dict[str, str]
) -> None:
    """What AWS does to a task whose host goes away: the run is tried again at once."""
    execution = orchestration.start("fast")
    container = container_of(orchestration, execution)
    process = subprocess.Popen(
        [sys.executable, "-m", "retailpulse.cloud.scheduled", *container.command],
        cwd=PROJECT,
        env=os.environ | container_environment | container.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    process.terminate()
    rest, _ = end_of(process)
    assert process.returncode == 1, f"{lines[0]}{rest}"
    container_of(orchestration, execution, attempt=2).succeed()
    assert orchestration.end_of(execution)["status"] == "SUCCEEDED"
    history = orchestration.client("stepfunctions").get_execution_history(executionArn=execution)
    (failed,) = [
        event["taskFailedEventDetails"]
        for event in history["events"]
        if event["type"] == "TaskFailed"
    ]
    assert failed["error"] == "Transient"
    assert failed["cause"].startswith("dbt was stopped: SIGTERM")
