"""What the names of a database's tables become here. Pure."""

from __future__ import annotations

from ingestion.sources.field_names import normalised


def event_type_of(source: str, schema: str, table: str) -> str:
    """Return the type of a table's events; a schema is a part of it unless it is the default."""
    parts = [source, table] if schema in ("", "public") else [source, schema, table]
    return "_".join(normalised(part) for part in parts)
