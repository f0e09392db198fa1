"""Table properties of Iceberg tables on Athena."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from local_athena.errors import StatementFailed

# Kept with the table, and read by OPTIMIZE and VACUUM; the list is in Athena's page on creating
# Iceberg tables. Any other name is an error on Athena.
ICEBERG_EXTRA_PROPERTIES: Final = frozenset(
    {
        "compression_level",
        "optimize_rewrite_data_file_threshold",
        "optimize_rewrite_delete_file_threshold",
        "optimize_rewrite_max_data_file_size_bytes",
        "optimize_rewrite_min_data_file_size_bytes",
        "vacuum_max_metadata_files_to_keep",
        "vacuum_max_snapshot_age_seconds",
        "vacuum_min_snapshots_to_keep",
        "write_target_data_file_size_bytes",
    }
)


def refuse_unknown_iceberg_properties(names: Iterable[str]) -> None:
    """Fail on a name that TBLPROPERTIES of an Iceberg table cannot have.

    Raises:
        StatementFailed: As Hive's parser reports it on Athena.
    """
    for name in names:
        if name not in ICEBERG_EXTRA_PROPERTIES:
            raise StatementFailed(
                "FAILED", f"SemanticException Unsupported table property key: {name}"
            )
