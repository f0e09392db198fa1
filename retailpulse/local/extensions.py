"""DuckDB's extensions, from the installed wheels: nothing is downloaded, nothing is written."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import duckdb

from retailpulse.sql_text import sql_text

NAMES: Final = ("ducklake", "sqlite_scanner")


def load_extensions(connection: duckdb.DuckDBPyConnection) -> None:
    """Load what reads the lakehouse, also where the user's home folder cannot be written."""
    for name in NAMES:
        wheel = files(f"duckdb_extension_{name}")
        file = wheel / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        connection.execute(f"load {sql_text(str(file))}")
