"""What dbt-duckdb needs before it attaches the lakehouse, so that a plain ``dbt build`` works."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from duckdb_extensions import import_extension

_EMPTY_OBJECT = "events/event_type=unknown/dt=1970-01-01/hour=00/empty.ndjson.gz"


def prepare(home: Path) -> None:
    """Make the folder of a lakehouse ready for DuckDB: folders, extensions, a readable raw zone.

    DuckDB refuses to read a folder without a file, so an object with no line in it stands in the
    raw zone from the start. The extensions come from the installed wheels: nothing is downloaded.

    Args:
        home: RETAILPULSE_HOME; created where it does not exist.

    Raises:
        OSError: the folder cannot be written.
    """
    (home / "data").mkdir(parents=True, exist_ok=True)
    empty = home / "raw" / _EMPTY_OBJECT
    if not empty.exists():
        empty.parent.mkdir(parents=True, exist_ok=True)
        empty.write_bytes(gzip.compress(b"", mtime=0))
    with duckdb.connect() as connection:
        for extension in ("ducklake", "sqlite_scanner"):
            import_extension(extension, con=connection)


def leave_what_retry_reads() -> None:
    """Let `dbt show` write no run_results.json.

    dbt 1.11 writes one, of a command that `dbt retry` does not know and ends in a traceback over
    (RetryTask's CMD_DICT has no `show`); and whoever looks at a table after a failed build wants to
    retry the build.
    """
    flags = get_flags()  # type: ignore[no-untyped-call]
    if getattr(flags, "WHICH", None) == "show":
        # dbt's flags are frozen, and dbt sets them so itself.
        object.__setattr__(flags, "WRITE_JSON", False)
        object.__setattr__(flags, "write_json", False)


class Plugin(BasePlugin):
    """The dbt-duckdb plugin that the profile names."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Prepare the lakehouse whose catalog the profile attaches."""
        del plugin_config
        leave_what_retry_reads()
        for attachment in (self.creds and self.creds.attach) or []:
            prefix, _, catalog = attachment.path.rpartition(":")
            if prefix == "ducklake:sqlite":
                prepare(Path(catalog).parent)
