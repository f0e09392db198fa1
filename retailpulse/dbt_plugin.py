"""What dbt-duckdb needs before it attaches the lakehouse, so that a plain ``dbt build`` works."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from duckdb_extensions import import_extension

from retailpulse.raw_check import damaged_objects, shown
from retailpulse.set_aside import objects_set_aside
from retailpulse.table_files import damaged_table_files

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
                self._catalog = Path(catalog).resolve()
                prepare(self._catalog.parent)

    def store(self, target_config: TargetConfig) -> None:
        """Answer the macro `damaged_files`: `adapter.store_relation` is its one way to Python.

        Args:
            target_config: Its `config` is a dict: what `of` asks for (of raw, of the days of
                arrival in `days`, None for all) is put into the list `found`, as
                {"file", "problem"}.
        """
        asked = target_config.config
        asked["found"] += [
            {"file": file, "problem": problem}
            for file, problem in self._damaged(asked["of"], asked["days"])
        ]

    def _damaged(self, of: str, days: list[str] | None) -> Iterator[tuple[str, str]]:
        home = self._catalog.parent
        if of == "raw":
            for key, finding in damaged_objects(home / "raw", days):
                yield shown(key), finding.problem
        elif of == "set_aside":
            for key in objects_set_aside(home / "raw"):
                yield shown(key), "is set aside"
        else:
            yield from damaged_table_files(self._catalog, home / "data")
