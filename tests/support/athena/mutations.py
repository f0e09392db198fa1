"""Seeded mistakes, each a change of one file, and the step at which it must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.support.athena.contents import Contents, differences
from tests.support.athena.engines import AthenaEngine
from tests.support.athena.history import FIRST_BUILD, SECOND_RUN, eventful_days
from tests.support.athena.project_copies import Changes, changed


@dataclass(frozen=True)
class Mutation:
    """A mistake that somebody could make.

    Attributes:
        name: What is wrong.
        file: Where.
        old: Text that the file holds once.
        new: What takes its place.
        seen_in: The first step after which something is not right.
        told: What is said of it: part of a difference, or of why dbt failed.
    """

    name: str
    file: str
    old: str
    new: str
    seen_in: str
    told: str

    @property
    def changes(self) -> Changes:
        """What is changed."""
        return {self.file: [(self.old, self.new)]}

    def is_seen_by(self, step: str, told: str) -> bool:
        """Whether what was not right after a step is this mistake, and no other."""
        return step == self.seen_in and self.told in told


MUTATIONS: Final = (
    Mutation(
        "a merge predicate that is too narrow",
        "macros/overrides/merge_at_once.sql",
        "in_dates(date, event_days())",
        "in_dates(date, event_days()[:1])",
        SECOND_RUN,
        "orders__is_right_where_this_run_wrote: fail",
    ),
    Mutation(
        "a timestamp with milliseconds",
        "macros/cross_db/type_timestamp6.sql",
        "    timestamp(6)\n",
        "    timestamp(3)\n",
        FIRST_BUILD,
        "Timestamp precision (3)",
    ),
    Mutation(
        "money through double",
        "models/gold/orders/agg_daily_revenue.sql",
        "sum(gross) as gross_revenue",
        "sum(cast(gross as double)) as gross_revenue",
        FIRST_BUILD,
        "gross_revenue is",
    ),
    Mutation(
        "the business's day taken in UTC",
        "macros/cross_db/business_date.sql",
        "at_timezone(with_timezone({{ timestamp_utc }}, 'UTC'), '{{ business_timezone() }}')",
        "{{ timestamp_utc }}",
        FIRST_BUILD,
        "event_date is",
    ),
    Mutation(
        "no lookback",
        "macros/engine/run_window.sql",
        "{{- return(add_minutes(last.high, -lookback)) -}}",
        "{{- return(last.high) -}}",
        SECOND_RUN,
        # Of whichever domain has something late first.
        "__is_right_where_this_run_wrote: fail",
    ),
    Mutation(
        "NULL keys let in",
        "macros/generators/reject_rules.sql",
        "        then 'missing_field {{ column.name }}'\n",
        "        then cast(null as varchar)\n",
        FIRST_BUILD,
        "1 rows, not 0",
    ),
    Mutation(
        "a tie-break dropped",
        "macros/generators/accepted_events.sql",
        "        cast(event_at as date) as event_utc_date,\n"
        "        row_number() over (\n"
        "            partition by source, event_id order by received_at, message_id\n",
        "        cast(event_at as date) as event_utc_date,\n"
        "        row_number() over (\n"
        "            partition by source, event_id order by received_at\n",
        FIRST_BUILD,
        "retailpulse_silver.orders_events",
    ),
    Mutation(
        "an order's old day not looked up",
        "macros/generators/rebuilt_keys.sql",
        "        'partition_date': partition_date,\n",
        "        'partition_date': partition_date,\n        'keys_move': 'never',\n",
        SECOND_RUN,
        "retailpulse_silver.orders",
    ),
    Mutation(
        "the later of two conflicting bodies wins",
        "macros/generators/accepted_events.sql",
        "        cast(event_at as date) as event_utc_date,\n"
        "        row_number() over (\n"
        "            partition by source, event_id order by received_at, message_id\n",
        "        cast(event_at as date) as event_utc_date,\n"
        "        row_number() over (\n"
        "            partition by source, event_id order by received_at desc, message_id desc\n",
        FIRST_BUILD,
        "retailpulse_silver.orders_events",
    ),
    Mutation(
        "deleted keys stay",
        "macros/overrides/merge_at_once.sql",
        "    when matched and {{ is_deleted }} then delete\n",
        "    when matched and {{ is_deleted }} "
        "then update set processed_at = target.processed_at\n",
        SECOND_RUN,
        "'mistaken0'}: 1 rows, not 0",
    ),
)


def first_difference(
    athena: AthenaEngine, expected: Mapping[str, Contents], seed: int, mutation: Mutation
) -> tuple[str, str] | None:
    """Tell a mutated project the eventful days, until something is not right.

    Args:
        athena: Of a copy of the project, reset.
        expected: What each step must come to.
        seed: Of the history.
        mutation: What is changed in the copy.

    Returns:
        The step, and what was not right after it; None if all was.

    Raises:
        LookupError: The mutation does not fit its file any more.
    """
    with changed(athena.project, mutation.changes):
        athena.parse_again()
        steps = eventful_days(athena, seed)
        for step in (FIRST_BUILD, SECOND_RUN):
            try:
                next(steps)
            except AssertionError as failed:
                return step, f"dbt failed: {failed}"
            if found := differences(expected[step], athena.everything()):
                return step, next((each for each in found if mutation.told in each), found[0])
    return None
