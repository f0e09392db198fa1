"""What is replayed is read as it was meant: a row as an event, a line that is none as none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.envelope import Line, to_line
from ingestion.sources.databases.row_lines import RowLines, RowType
from ingestion.sources.files.file_lines import Delivery, FileLines
from ingestion.sources.files.records import Unreadable
from retailpulse.local.home import Home
from retailpulse.local.open_events import Selection
from retailpulse.local.replay import open_messages

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
LOOKS_LIKE_AN_EVENT = b'{"event_type":"order_created","event_id":"1"}'

ROW = RowLines(RowType("webshop", "webshop_dim_users", ("id",)), "1/2/", AT, AT).line(b"7", 0)
NO_ROW = FileLines(Delivery("grocery_orders", "o.csv", 1, AT), (), (), {}, AT).line_of_unreadable(
    Unreadable(4, 99, LOOKS_LIKE_AN_EVENT)
)


@pytest.mark.parametrize(
    ("line", "event_type", "encoding"),
    [(ROW, "webshop_dim_users", "json"), (NO_ROW, "unknown", "text")],
)
def test_a_row_is_an_event_again_and_what_is_none_is_not(
    line: Line, event_type: str, encoding: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema retailpulse_silver")
        connection.execute(
            "create table retailpulse_silver.quarantined_events_status as select "
            "'open' as status, 'wrong_type' as reject_reason, null as reject_field, "
            "'webshop' as source, $id as event_id, null::varchar as event_name, $line as line, "
            "timestamp '2026-01-15 10:00:00' as received_at, $id as message_id, "
            "null::varchar as replayed_from",
            {"id": line.message_id, "line": line.data.decode()},
        )
        [message] = open_messages(connection, Home(Path(), Path()), Selection())
    again = to_line(message, AT)
    assert (again.event_type, again.payload_encoding) == (event_type, encoding)
