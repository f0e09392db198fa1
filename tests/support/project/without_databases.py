"""A copy of the project without some databases: without any it builds in half the time."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from ingestion.contract_generator.__main__ import main
from tests.support.project.copies import copy_project

DATABASES: Final = ("webshop", "wholesale")


def copy_without_databases(project: Path, databases: Sequence[str] = DATABASES) -> None:
    """Copy the project without databases' contracts; what gold reads of them has no rows."""
    copy_project(project)
    silver = project / "models" / "silver"
    columns = {
        model["name"]: (database, model["columns"])
        for database in databases
        for path in (silver / database).glob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    }
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    for database in databases:
        shutil.rmtree(project / "ingestion" / "contracts" / database)
        del settings["vars"]["order_statuses"][database]
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert main([], project) == 0
    # Their rows are rows of databases.
    (silver / "conformed" / "_conformed_unit_tests.yml").unlink()
    for name in _read_of(project) & columns.keys():
        database, of_model = columns[name]
        (silver / database).mkdir(exist_ok=True)
        (silver / database / f"{name}.sql").write_text(_no_rows(of_model), encoding="utf-8")


def follows(project: Path, database: str) -> bool:
    """Say whether a copy still has the contracts of a database."""
    return (project / "ingestion" / "contracts" / database).is_dir()


def _read_of(project: Path) -> set[str]:
    """The models that others refer to."""
    return {
        name
        for path in (project / "models").rglob("*.sql")
        for name in re.findall(r"ref\('(\w+)'\)", path.read_text(encoding="utf-8"))
    }


def _no_rows(columns: list[dict[str, Any]]) -> str:
    nulls = ",\n".join(
        f"    cast(null as {column['data_type']}) as {column['name']}" for column in columns
    )
    return f"{{{{ config(materialized='ephemeral') }}}}\n\nselect\n{nulls}\nwhere false\n"
