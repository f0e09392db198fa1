"""A rebuild: silver and gold made again from raw, beside the tables in use, and swapped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from retailpulse.cloud.scheduled.beside import TablesBeside
from retailpulse.cloud.scheduled.kinds import Step
from retailpulse.cloud.scheduled.outcome import ErrorName, Failure
from retailpulse.cloud.scheduled.run import Run
from retailpulse.cloud.scheduled.transient import is_transient

_BUILD: Final = Step("build", ("build", "--vars", json.dumps({"rebuild": "beside"})))
_VIEWS: Final = Step(
    "views",
    (
        *("run", "--select", "config.materialized:view"),
        *("--vars", json.dumps({"rebuild": "views"})),
    ),
)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild, as somebody asked for it.

    Attributes:
        same_orders: Whether ids that several sources gave to orders are known to be of one order.
    """

    same_orders: bool = False

    def run(self, run: Run, tables: TablesBeside) -> Failure | None:
        """Rebuild; return why it failed, which has changed nothing before the tables are swapped.

        One that ended while they were goes on with that.
        """
        try:
            if not tables.are_taking_their_place():
                tables.delete()
                if failure := run.run([self._check()]) or run.run([_BUILD]):
                    tables.delete()
                    return failure
            tables.take_their_place()
            if failure := run.run([_VIEWS]):
                return failure
            tables.forget()
        except (BotoCoreError, ClientError) as error:
            name = ErrorName.TRANSIENT if is_transient(str(error)) else ErrorName.RUN_FAILED
            return Failure(name, f"the tables were not swapped: {error}")
        return None

    def _check(self) -> Step:
        arguments = json.dumps({"same_orders": self.same_orders})
        return Step("check", ("run-operation", "check_before_rebuild", "--args", arguments))
