"""A table of users in MariaDB: what is in it, and what of it has landed."""

from __future__ import annotations

from tests.support.databases.pulling import Home


def add(home: Home, first: int, last: int) -> None:
    """Rows that are older than any overlap."""
    home.database.execute(
        "insert into users (id, name, updated_at) "
        "select seq, concat('user ', seq), now() - interval 1 day "
        f"from seq_{first}_to_{last}"
    )


def texts(home: Home) -> dict[tuple[str, ...], tuple[str | None, ...]]:
    """What the table holds, in the database's own text."""
    rows = home.database.rows(
        "select cast(id as char), name, city, "
        "concat(convert_tz(updated_at, @@session.time_zone, '+00:00'), '+00') from users"
    )
    return {(row[0],): row for row in rows}
