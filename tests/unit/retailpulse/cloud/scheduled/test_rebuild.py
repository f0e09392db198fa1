from __future__ import annotations

from collections.abc import Sequence

import pytest
from botocore.exceptions import ClientError

from retailpulse.cloud.scheduled.kinds import Step
from retailpulse.cloud.scheduled.outcome import ErrorName, Failure
from retailpulse.cloud.scheduled.rebuild import Rebuild

FAILED = Failure(ErrorName.TEST_FAILED, "1 of 9 nodes failed")


class FakeRun:
    """Notes each of dbt's commands, and what is done to the tables; one of them may fail."""

    def __init__(self, failing: str = "", *, unfinished: bool = False) -> None:
        self.done: list[str] = []
        self._failing = failing
        self._unfinished = unfinished

    def run(self, steps: Sequence[Step]) -> Failure | None:
        (step,) = steps
        self.done.append(" ".join(step.command))
        return FAILED if step.name == self._failing else None

    def are_taking_their_place(self) -> bool:
        return self._unfinished

    def delete(self) -> None:
        self.done.append("delete")

    def take_their_place(self) -> None:
        self.done.append("take their place")
        if self._failing in ("ThrottlingException", "AccessDeniedException"):
            error = {"Error": {"Code": self._failing, "Message": "no"}}
            raise ClientError(error, "UpdateTable")  # type: ignore[arg-type]

    def forget(self) -> None:
        self.done.append("forget")


CHECK = 'run-operation check_before_rebuild --args {"same_orders": false}'
BUILD = 'build --vars {"rebuild": "beside"}'
SWAP = ["take their place", 'run --select config.materialized:view --vars {"rebuild": "views"}']


@pytest.mark.parametrize(
    ("run", "done"),
    [
        (FakeRun(), ["delete", CHECK, BUILD, *SWAP, "forget"]),
        (FakeRun(unfinished=True), [*SWAP, "forget"]),
        # Nothing was touched, and nothing is left.
        (FakeRun("check"), ["delete", CHECK, "delete"]),
        (FakeRun("build"), ["delete", CHECK, BUILD, "delete"]),
        # The next one goes on from here.
        (FakeRun("views"), ["delete", CHECK, BUILD, *SWAP]),
    ],
)
def test_only_what_was_built_and_tested_takes_the_place_of_the_tables(
    run: FakeRun, done: list[str]
) -> None:
    failure = Rebuild().run(run, run)  # type: ignore[arg-type]
    assert run.done == done
    assert (failure is None) == (done[-1] == "forget")


def test_that_orders_are_the_same_is_told_to_the_check() -> None:
    run = FakeRun()
    assert Rebuild(same_orders=True).run(run, run) is None  # type: ignore[arg-type]
    assert 'run-operation check_before_rebuild --args {"same_orders": true}' in run.done


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ThrottlingException", ErrorName.TRANSIENT),
        ("AccessDeniedException", ErrorName.RUN_FAILED),
    ],
)
def test_what_glue_refuses_is_told(code: str, name: ErrorName) -> None:
    run = FakeRun(code)
    failure = Rebuild().run(run, run)  # type: ignore[arg-type]
    assert failure is not None
    assert failure.error == name
    assert code in failure.cause
    assert run.done[-1] == "take their place"
