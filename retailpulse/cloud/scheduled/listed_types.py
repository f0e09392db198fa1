"""Which event types queries of raw see: those that the projection of Glue's raw table lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_VALUES: Final = "projection.event_type.values"
"""See ingestion/raw_events_table.json.tftpl."""


def listed_types(glue: GlueClient, database: str, table: str) -> frozenset[str]:
    """Return the event types that a raw table lists.

    Raises:
        ClientError, BotoCoreError: Glue does not tell.
    """
    found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    return frozenset(found.get("Parameters", {}).get(_VALUES, "").split(",")) - {""}
