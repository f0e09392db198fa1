"""A repair: what of the lake is built anew, as somebody asked for it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retailpulse.cloud.scheduled.kinds import Step
from retailpulse.errors import SetupError

# A statement on Athena writes to at most 100 partitions.
MOST_DAYS: Final = 100

# ECS takes 8,192 characters for all that is told to a container, the task's token among them.
_LONGEST_SELECTION: Final = 2_000

# A word of dbt's selection syntax: names, methods, graph operators. None begins as an option does.
_WORD: Final = re.compile(r"[A-Za-z0-9_@+*][A-Za-z0-9_.:@+*,/-]*")


@dataclass(frozen=True, slots=True)
class Repair:
    """What is to be built anew: nodes, or the arrivals of some days, or all tables beside these.

    Attributes:
        select: Nodes by dbt's selection syntax; None for days.
        full_refresh: Whether the nodes forget what they hold and read all of their history.
        first: The first day of arrival, UTC; None for nodes.
        end: The day after the last.
        rebuild: Whether silver and gold are rebuilt beside the tables in use, and swapped.
        same_orders: In that, whether ids that several sources gave to orders are of one order.
    """

    select: str | None = None
    full_refresh: bool = False
    first: date | None = None
    end: date | None = None
    rebuild: bool = False
    same_orders: bool = False

    def __post_init__(self) -> None:
        """Refuse what is none of these, or several.

        Raises:
            SetupError: It is not what a repair can do.
        """
        if self.same_orders and not self.rebuild:
            raise SetupError("--same-orders is said of a rebuild: it goes with --rebuild alone")
        if self.rebuild:
            if self.select is not None or self.full_refresh or self.first or self.end:
                raise SetupError("--rebuild is of all tables: it goes with --same-orders alone")
            return
        if (self.first is None) != (self.end is None):
            raise SetupError("--from and --to go together")
        if (self.select is None) == (self.first is None):
            raise SetupError(
                "name nodes by --select, or days of arrival by --from and --to, or give --rebuild"
            )
        if self.select is not None:
            self._check_selection(self.select)
        elif self.full_refresh:
            raise SetupError("--full-refresh reads all days: it goes with --select alone")
        if self.first and self.end and not 0 < (self.end - self.first).days <= MOST_DAYS:
            raise SetupError(
                f"from {self.first} to before {self.end} are not 1 to {MOST_DAYS} days: "
                "repair longer times one after the other"
            )

    @staticmethod
    def _check_selection(select: str) -> None:
        words = select.split()
        if not words or not all(_WORD.fullmatch(word) for word in words):
            raise SetupError(
                f"{select!r} is no selection of dbt's: names such as orders_events+, "
                "methods such as tag:fast, and nothing else"
            )
        if len(select) > _LONGEST_SELECTION:
            raise SetupError(f"a selection has at most {_LONGEST_SELECTION} characters")

    def arguments(self) -> list[str]:
        """Return what tells it to the container, after its kind."""
        if self.rebuild:
            return ["--rebuild", *(["--same-orders"] if self.same_orders else [])]
        if self.select is None:
            return [f"--from={self.first}", f"--to={self.end}"]
        return [f"--select={self.select}", *(["--full-refresh"] if self.full_refresh else [])]

    def steps(self) -> Sequence[Step]:
        """Return dbt's commands, each of which builds what it reads and tests what it built.

        A rebuild is more than these (rebuild.py).
        """
        if self.select is None:
            # As `retailpulse backfill` does on the laptop: what reads raw reads those days, and
            # then everything after it is compared with all that it is made of.
            days = _variables(backfill={"from": f"{self.first}", "to": f"{self.end}"})
            return (
                Step("backfill", ("run", "--select", "config.meta.reads_raw:true", *days)),
                Step("build", ("build", *days)),
            )
        # dbt_project.yml protects silver on Athena from a full refresh that nobody asked for.
        anew = ("--full-refresh", *_variables(allow_full_refresh=True)) if self.full_refresh else ()
        return (Step("build", ("build", "--select", *self.select.split(), *anew)),)


def _variables(**variables: Any) -> tuple[str, str]:
    return "--vars", json.dumps(variables)
