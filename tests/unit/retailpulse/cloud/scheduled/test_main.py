from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from retailpulse.cloud.scheduled import __main__ as entry_point
from retailpulse.cloud.scheduled.__main__ import main


def test_a_wrong_setting_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETAILPULSE_DOCS", "docs")
    assert main(["fast"]) == 2
    assert capsys.readouterr().out == (
        "retailpulse: RETAILPULSE_DOCS is docs: it must be s3://<bucket>/ or "
        "s3://<bucket>/<prefix>/\n"
    )


class FakeStepFunctions:
    """Notes what it is told; knows no task once it is closed."""

    def __init__(self, *, is_closed: bool = False) -> None:
        self.told: list[tuple[str, dict[str, str]]] = []
        self._is_closed = is_closed

    def send_task_heartbeat(self, **_: str) -> None:
        pass

    def send_task_success(self, **arguments: str) -> None:
        self._tell("success", arguments)

    def send_task_failure(self, **arguments: str) -> None:
        self._tell("failure", arguments)

    def _tell(self, what: str, arguments: dict[str, str]) -> None:
        if self._is_closed:
            error = {"Error": {"Code": "TaskTimedOut", "Message": ""}}
            raise ClientError(error, "SendTaskSuccess")  # type: ignore[arg-type]
        self.told.append((what, arguments))


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(
    monkeypatch: pytest.MonkeyPatch,
    dbt: str,
    step_functions: FakeStepFunctions,
    token: str = "t",
    arguments: tuple[str, ...] = ("fast",),
) -> int:
    """Run with a script for dbt, which takes dbt's arguments for its own."""
    monkeypatch.setattr(entry_point, "_DBT", ("sh", "-c", dbt))
    monkeypatch.setattr("boto3.client", lambda *_, **__: step_functions)
    monkeypatch.setenv("RETAILPULSE_TASK_TOKEN", token)
    monkeypatch.setenv("RETAILPULSE_RUN_ID", "fast-1/1")
    return main(list(arguments))


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["weekly"], "invalid choice: 'weekly'"),
        (["fast", "--select", "orders"], "unrecognized arguments"),
        (["repair", "--select", "orders; rm -r /"], "is no selection of dbt's"),
        (["repair", "--from", "yesterday", "--to", "2026-01-02"], "invalid fromisoformat value"),
    ],
)
def test_arguments_that_are_refused_are_reported_before_dbt_starts(
    arguments: list[str], cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_functions = FakeStepFunctions()
    assert run(monkeypatch, "exit 0", step_functions, arguments=tuple(arguments)) == 1
    ((what, told),) = step_functions.told
    assert (what, told["error"]) == ("failure", "RunFailed")
    assert cause in told["cause"]


@pytest.mark.usefixtures("_signals")
def test_success_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    step_functions = FakeStepFunctions()
    assert run(monkeypatch, "exit 0", step_functions) == 0
    expected = {"taskToken": "t", "output": '{"run_id": "fast-1/1"}'}
    assert step_functions.told == [("success", expected)]


@pytest.mark.usefixtures("_signals")
def test_the_memory_of_dbt_is_told_where_its_alarm_reads_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An own line of JSON, with the member that the metric filter names."""
    filters = (Path(__file__).parents[5] / "infra/modules/monitoring/memory.tf").read_text()
    assert re.findall(r'"\$\.(dbt_\w+)"', filters) == ["dbt_memory_mib"]
    hungry = f"exec {sys.executable} -c 'bytearray(300_000_000)'"
    assert run(monkeypatch, hungry, FakeStepFunctions()) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("{"))
    assert 286 <= json.loads(line)["dbt_memory_mib"] < 10_000


@pytest.mark.usefixtures("_signals")
def test_failure_is_reported_with_its_name_and_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    step_functions = FakeStepFunctions()
    assert run(monkeypatch, "echo no profile; exit 2", step_functions) == 1
    ((what, arguments),) = step_functions.told
    assert (what, arguments["error"]) == ("failure", "RunFailed")
    assert arguments["cause"].endswith("no profile")


@pytest.mark.usefixtures("_signals")
def test_a_run_that_nobody_waits_for_any_more_ends_in_peace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "exit 0", FakeStepFunctions(is_closed=True)) == 0
    assert "waits for this run no more" in capsys.readouterr().out


@pytest.mark.usefixtures("_signals")
def test_by_hand_the_outcome_is_printed_and_nobody_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step_functions = FakeStepFunctions()
    assert run(monkeypatch, "kill -9 $$", step_functions, token="") == 1
    assert step_functions.told == []
    assert "RunFailed: dbt was killed by signal 9" in capsys.readouterr().out


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("pull",), "the following arguments are required: source"),
        (("pull", "nothing"), "there is no source nothing"),
        (("pull", "../shop"), "there is no source ../shop"),
    ],
)
def test_a_pull_is_reported_as_a_run_is(
    arguments: tuple[str, ...], cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETAILPULSE_RAW", "s3://raw/")
    monkeypatch.setenv("RETAILPULSE_RAW_TABLE", "retailpulse_raw.events")
    step_functions = FakeStepFunctions()
    assert run(monkeypatch, "exit 9", step_functions, arguments=arguments) == 1
    ((what, told),) = step_functions.told
    assert (what, told["error"]) == ("failure", "RunFailed")
    assert cause in told["cause"]
