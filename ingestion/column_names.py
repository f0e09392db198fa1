"""What a field can be called: it becomes a column beside others, unquoted in SQL."""

import re
from typing import Final

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

STAGING_COLUMNS: Final = frozenset(
    {
        *("source", "event_id", "event_type", "event_name", "event_ts", "payload_encoding"),
        *("received_at", "message_id", "replayed_from", "dt", "hour", "line", "event_at"),
        *("op", "sequence", "reject_reason", "reject_field", "reject_value"),
        *("is_cloudevent", "verdict", "faulty_field"),
        # Of silver.
        *("system", "event_utc_date", "timeliness", "processed_at", "arrival_rank", "latest_rank"),
        *("changed_at", "first_seen_date", "valid_from", "valid_to", "is_current"),
        *("is_first_known", "place", "next_at"),
    }
)
"""Columns of a staging model that no contract declares, and those it works with."""

STAGING_SUFFIXES: Final = ("_json", "_text", "_json_items", "_json_faults")
"""Endings of what a staging model calls a field's JSON and its text, and of a list its items."""

SQL_WORDS: Final = frozenset(
    {
        # Reserved on Athena: https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html
        *("alter", "and", "as", "between", "by", "case", "cast", "constraint", "create", "cross"),
        *("cube", "current_catalog", "current_date", "current_path", "current_role"),
        *("current_schema", "current_time", "current_timestamp", "current_user", "deallocate"),
        *("delete", "describe", "distinct", "drop", "else", "end", "escape", "except", "execute"),
        *("exists", "extract", "false", "first", "for", "from", "full", "group", "grouping"),
        *("having", "in", "inner", "insert", "intersect", "into", "is", "join", "json_array"),
        *("json_exists", "json_object", "json_query", "json_table", "json_value", "last", "left"),
        *("like", "listagg", "localtime", "localtimestamp", "natural", "normalize", "not", "null"),
        *("on", "or", "order", "outer", "prepare", "recursive", "right", "rollup", "select"),
        *("skip", "table", "then", "trim", "true", "uescape", "union", "unnest", "using"),
        *("values", "when", "where", "with"),
        # And in its data definitions, which are Hive's.
        *("all", "array", "authorization", "bigint", "binary", "boolean", "both", "cache", "char"),
        *("column", "commit", "conf", "database", "date", "dayofweek", "decimal", "double"),
        *("exchange", "exclusive", "extended", "external", "fetch", "float", "floor", "following"),
        *("foreign", "function", "grant", "if", "import", "int", "integer", "interval", "lateral"),
        *("less", "local", "macro", "map", "minus", "more", "none", "numeric", "of", "only"),
        *("out", "over", "partialscan", "partition", "percent", "preceding", "precision"),
        *("preserve", "primary", "procedure", "range", "reads", "reduce", "references", "regexp"),
        *("revoke", "rlike", "rollback", "row", "rows", "set", "smallint", "start", "sync"),
        *("tablesample", "time", "timestamp", "to", "transform", "trigger", "truncate"),
        *("unbounded", "uniquejoin", "update", "user", "utc_timestamp", "varchar", "views"),
        *("window",),
        # On DuckDB: duckdb_keywords().
        *("analyse", "analyze", "any", "asc", "asymmetric", "check", "collate", "default"),
        *("deferrable", "desc", "do", "initially", "lambda", "leading", "limit", "offset"),
        *("pivot", "pivot_longer", "pivot_wider", "placing", "qualify", "returning", "show"),
        *("some", "summarize", "symmetric", "trailing", "unique", "unpivot", "variadic"),
    }
)
"""Words that mean something to one of the engines where a column's name could stand."""


def field_name_fault(name: str) -> str | None:
    """Say why a field cannot be called so; None if it can."""
    if name in STAGING_COLUMNS or name.endswith(STAGING_SUFFIXES):
        return "staging has a column of this name: call the field otherwise"
    return column_name_fault(name)


def column_name_fault(name: str) -> str | None:
    """Say why a column cannot be called so; None if it can."""
    if not _NAME.fullmatch(name):
        return f"a field's name must be like {_NAME.pattern}"
    if name in SQL_WORDS:
        return "this is a word of SQL: call the field otherwise"
    return None
