"""What dbt-duckdb needs before it attaches the lakehouse, so that a plain ``dbt build`` works."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
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


class Plugin(BasePlugin):
    """The dbt-duckdb plugin that the profile names."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Prepare the lakehouse whose catalog the profile attaches."""
        del plugin_config
        for attachment in (self.creds and self.creds.attach) or []:
            prefix, _, catalog = attachment.path.rpartition(":")
            if prefix == "ducklake:sqlite":
                prepare(Path(catalog).parent)
