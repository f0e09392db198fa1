"""`python -m ingestion.sources.databases [SOURCE]...`: the contracts of databases' tables.

`make sources` runs it, and then `make contracts`, which writes what follows from them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ingestion.contract_generator.__main__ import main as write_contracts
from ingestion.sources.databases.chosen_sources import choose_sources
from ingestion.sources.databases.contract_files import contract_file, read_contract
from ingestion.sources.databases.database import Database
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.table_contracts import changes, contract_of
from ingestion.sources.errors import ConfigurationError, SourceError

_PROJECT: Final = Path(__file__).resolve().parents[3]


def main(
    names: Sequence[str],
    project: Path = _PROJECT,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Write the contract of each table of the sources named, and what follows.

    If none is named, of all whose address is set.

    Returns:
        The exit status: 0 done, 1 a source cannot be read, 2 wrong arguments or configuration.
    """
    try:
        chosen = choose_sources(project / "ingestion" / "sources", names, environment)
    except ConfigurationError as error:
        return _refused(str(error), 2)
    for told in chosen.left_out:
        sys.stdout.write(f"{told}\n")
    for source, address in chosen.addresses:
        try:
            with connect(source, address) as database:
                for table in source.tables:
                    _write(source, table, database, project)
        except SourceError as error:
            return _refused(str(error), 1)
    return write_contracts([], project)


def _write(source: Source, table: Table, database: Database, project: Path) -> None:
    shape = database.follow(table)
    former = read_contract(source, table, project)
    contract = contract_of(source, table, shape, former)
    if contract == former:
        sys.stdout.write(f"{source.name}: {table.label} is as its contract says\n")
        return
    file = contract_file(source, table, project)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(contract, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    path = file.relative_to(project).as_posix()
    if former is None:
        sys.stdout.write(f"{source.name}: {table.label} is {path} now\n")
    for change in changes(table, shape, former) if former else ():
        sys.stdout.write(f"{source.name}: {table.label}: {change}; {path} says so now\n")


def _refused(text: str, status: int) -> int:
    sys.stderr.write(f"{text}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
