"""What dbt-duckdb needs before it attaches the lakehouse, so that a plain ``dbt build`` works."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError
from duckdb_extensions import import_extension

from retailpulse.errors import SetupError
from retailpulse.local.catalog import BUSY_TIMEOUT_SECONDS
from retailpulse.local.extensions import NAMES
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.in_use import share
from retailpulse.local.lakehouse import set_raw_zone
from retailpulse.local.raw_check import damaged_objects, shown
from retailpulse.local.set_aside import objects_set_aside
from retailpulse.local.table_files import damaged_table_files

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
        for extension in NAMES:
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
        """Find the lakehouse and prepare it: what the profile attaches is relative to it."""
        del plugin_config
        leave_what_retry_reads()
        try:
            self._home = find_home()
            require_writable(self._home)
            share(self._home)
            prepare(self._home.root)
            _check_catalog(self._home)
        except SetupError as error:
            # What dbt tells without a traceback, unlike what DuckDB raises.
            raise DbtRuntimeError(str(error)) from error
        except OSError as error:
            raise DbtRuntimeError(
                f"cannot write in {self._home.root} ({error.strerror}): {error.filename}"
            ) from error
        for attachment in (self.creds and self.creds.attach) or []:
            scheme, _, catalog = attachment.path.rpartition(":")
            if scheme == "ducklake:sqlite":
                attachment.path = f"{scheme}:{self._home.root / catalog}"
                attachment.options = {
                    **(attachment.options or {}),
                    "data_path": f"{self._home.data}/",
                    "override_data_path": True,
                }

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Tell each connection where raw is."""
        set_raw_zone(cursor, self._home.raw)

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
        if of == "raw":
            for key, finding in damaged_objects(self._home.raw, days):
                yield shown(key), finding.problem
        elif of == "set_aside":
            for key in objects_set_aside(self._home.raw):
                yield shown(key), "is set aside"
        else:
            yield from damaged_table_files(self._home.catalog, self._home.data)


def _check_catalog(home: Home) -> None:
    """Open the catalog as DuckDB is going to.

    Raises:
        SetupError: It cannot be read.
    """
    if not home.catalog.is_file():
        return
    try:
        with closing(sqlite3.connect(home.catalog, timeout=BUSY_TIMEOUT_SECONDS)) as catalog:
            catalog.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise SetupError(
            f"the catalog {home.catalog} cannot be opened ({error}): make room if the disk is "
            "full; if the file is damaged, `retailpulse rebuild` makes all tables again from raw"
        ) from error
