"""Whether each raw line was accepted, quarantined or found to be a duplicate."""

from __future__ import annotations

from tests.support.road.lakehouse import Lakehouse

_HOURS = """
    select
        sum(landed_count),
        count(*) filter (
            where landed_count <> accepted_count + quarantined_count + duplicate_count
        )
    from retailpulse_silver.event_conservation
"""


def unaccounted(lakehouse: Lakehouse, landed: int) -> list[str]:
    """Say what is wrong with the balance of a lakehouse in whose raw zone are `landed` lines."""
    [(counted, wrong_hours)] = lakehouse.query(_HOURS)
    found = []
    if counted != landed:
        found.append(f"{counted:,} lines counted of {landed:,} landed")
    if wrong_hours:
        found.append(f"{wrong_hours} hours of arrival that do not add up")
    return found
