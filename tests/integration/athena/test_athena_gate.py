"""Every model and test compiles for Athena without credentials or network, as Athena SQL.

That Athena executes it is shown on a real Trino, by tests/athena.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from ingestion.contract_generator.marker import MARKER
from tests.support.progress import run
from tests.support.project.followed import EVERYTHING_FOLLOWED

PROJECT = Path(__file__).parents[3]

BANNED_TOKENS = {
    TokenType.DCOLON: "::",
    TokenType.DARROW: "->>",
    TokenType.TIMESTAMPTZ: "timestamptz",
}


@pytest.fixture(scope="session", params=["full", "incremental"])
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of everything compiled for Athena, in full or in incremental form."""
    folder = tmp_path_factory.mktemp(f"athena-{request.param}")
    return compile_for_athena(folder, {"force_incremental": request.param == "incremental"})


def compile_for_athena(folder: Path, variables: dict[str, object]) -> Path:
    """Compile everything below a folder; return where the statements are."""
    process = run(
        [
            Path(sys.executable).with_name("dbt"),
            "--no-use-colors",
            "compile",
            "--target",
            "athena",
            "--no-introspect",
            "--no-populate-cache",
            "--vars",
            json.dumps({**EVERYTHING_FOLLOWED, **variables}),
        ],
        cwd=PROJECT,
        env=os.environ
        | {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Whoever calls AWS all the same finds no one there.
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "DBT_TARGET_PATH": str(folder),
            "DBT_LOG_PATH": str(folder),
        },
    )
    assert process.returncode == 0, process.stdout
    return folder / "compiled" / "retailpulse"


def statements(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each compiled statement."""
    for path in sorted(folder.rglob("*.sql")):
        yield path.stem, path.read_text()


def banned(sql: str) -> list[str]:
    """What a statement holds that our SQL must not, because the engines differ on it."""
    tokens = sqlglot.tokenize(sql, read="athena")
    found = [BANNED_TOKENS[t.token_type] for t in tokens if t.token_type in BANNED_TOKENS]
    # Athena's dialect has no such keyword, so the parser takes it for a name.
    found += ["QUALIFY" for token in tokens if token.text.upper() == "QUALIFY"]
    if found:
        return found
    tree = sqlglot.parse_one(sql, read="athena")
    for select in tree.find_all(exp.Select):
        distinct = select.args.get("distinct")
        if distinct and distinct.args.get("on"):
            found.append("DISTINCT ON")
        group = select.args.get("group")
        if group and group.args.get("all"):
            found.append("GROUP BY ALL")
        if any(isinstance(column.unalias(), exp.Null) for column in select.expressions):
            found.append("untyped null")
    return found


def test_every_statement_parses_as_athena_sql_and_holds_nothing_banned(compiled: Path) -> None:
    names = []
    for name, sql in statements(compiled):
        assert banned(sql) == [], name
        names.append(name)
    folders = (PROJECT / "models", PROJECT / "tests/dbt")
    nodes = {path.stem for folder in folders for path in folder.rglob("*.sql")}
    generic = {p.stem for p in (PROJECT / "tests/dbt/generic").glob("*.sql")}
    staging = {p.stem for p in (PROJECT / "models/staging").rglob("*.sql")}
    # Of files on this machine.
    duckdb = {p.stem for p in (PROJECT / "tests/dbt/duckdb").glob("*.sql")}
    assert nodes - generic - staging - duckdb <= set(names)
    assert not duckdb & set(names)


def test_a_rebuild_names_no_table_in_use(tmp_path: Path) -> None:
    compiled = compile_for_athena(tmp_path, {"force_incremental": False, "rebuild": "beside"})
    named = {
        (table.db, table.name)
        for _, sql in statements(compiled)
        for table in sqlglot.parse_one(sql, read="athena").find_all(exp.Table)
        if table.db
    }
    assert ("retailpulse", "fact_orders__next") in named
    of_terraform = {("retailpulse_raw", "events")}
    assert {name for name in named - of_terraform if not name[1].endswith("__next")} == set()


@pytest.mark.parametrize("compiled", ["incremental"], indirect=True)
def test_compaction_leaves_alone_what_it_has_written(compiled: Path) -> None:
    # For a target of 2 MiB Trino wrote files of half of it.
    manifest = json.loads((compiled.parents[1] / "manifest.json").read_text())
    incremental = [
        node["config"]["table_properties"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    ]
    assert incremental
    for properties in incremental:
        least = int(properties["optimize_rewrite_min_data_file_size_bytes"])
        assert least * 2 <= int(properties["write_target_data_file_size_bytes"])


@pytest.mark.parametrize("compiled", ["incremental"], indirect=True)
def test_every_model_by_hand_parses_in_sqlfluffs_athena_dialect(compiled: Path) -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": "athena"}))
    # This parser takes 2 s a statement of the generators, which tests/athena executes.
    by_hand = {
        path.stem
        for path in (PROJECT / "models").rglob("*.sql")
        if MARKER not in path.read_text(encoding="utf-8")
    }
    models = {name: sql for name, sql in statements(compiled / "models") if name in by_hand}
    assert {"orders", "conformed_orders", "fact_orders"} <= models.keys()
    for name, sql in models.items():
        assert linter.parse_string(sql).violations == [], name


def test_every_named_query_is_athena_sql_and_holds_nothing_banned() -> None:
    # Errors of style, too: `make lint` has the models and tests of dbt alone.
    config = FluffConfig.from_path(
        str(PROJECT), overrides={"dialect": "athena", "templater": "raw"}
    )
    linter = Linter(config=config)
    queries = sorted((PROJECT / "infra/modules/athena/queries").glob("*/*.sql"))
    assert queries
    for query in queries:
        assert banned(query.read_text()) == [], query.name
        assert linter.lint_string(query.read_text()).violations == [], query.name


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("select a::varchar as a from t", "::"),
        ("select a ->> 'b' as a from t", "->>"),
        ("select a from t qualify row_number() over (order by a) = 1", "QUALIFY"),
        ("select distinct on (a) a, b from t", "DISTINCT ON"),
        ("select a, count(*) as n from t group by all", "GROUP BY ALL"),
        ("select null as a from t", "untyped null"),
        ("select cast(a as timestamptz) as a from t", "timestamptz"),
    ],
)
def test_the_gate_sees_what_is_banned(sql: str, what: str) -> None:
    assert what in banned(sql)
