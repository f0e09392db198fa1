"""`python -m ingestion.sources [SOURCE]...`: the contracts of feeds and of databases' tables.

`make sources` runs it. What follows from the contracts is written, too, as `make contracts` does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ingestion.contract_generator.__main__ import main as write_contracts
from ingestion.sources.contract_files import contract_file, read_contract
from ingestion.sources.databases.chosen_sources import choose_sources
from ingestion.sources.databases.database import Database
from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.settings import Source, Table, read_sources
from ingestion.sources.databases.table_contracts import changes
from ingestion.sources.databases.table_contracts import contract_of as contract_of_table
from ingestion.sources.errors import ConfigurationError, SourceError
from ingestion.sources.files.feed_contracts import contract_of as contract_of_feed
from ingestion.sources.files.feeds import Feed, read_feeds

_PROJECT: Final = Path(__file__).resolve().parents[2]


def main(
    names: Sequence[str],
    project: Path = _PROJECT,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Write the contract of each feed, of each table of the databases named, and what follows.

    If no database is named, of all whose address is set.

    Returns:
        The exit status: 0 done, 1 a database cannot be read, 2 wrong arguments or configuration.
    """
    try:
        feeds = read_feeds(project / "ingestion" / "feeds")
        for feed in feeds:
            _write_feed(feed, project)
        for source, address in _databases(names, feeds, project, environment):
            with connect(source, address) as database:
                for table in source.tables:
                    _write_table(source, table, database, project)
    except ConfigurationError as error:
        return _refused(str(error), 2)
    except SourceError as error:
        return _refused(str(error), 1)
    return write_contracts([], project)


def _databases(
    names: Sequence[str], feeds: Sequence[Feed], project: Path, environment: Mapping[str, str]
) -> tuple[tuple[Source, str], ...]:
    """Return the databases to read, and their addresses: none where feeds are all there is."""
    folder = project / "ingestion" / "sources"
    named = [name for name in names if name not in {feed.name for feed in feeds}]
    has_none = not any(environment.get(source.connection) for source in read_sources(folder))
    if feeds and not named and (names or has_none):
        return ()
    chosen = choose_sources(folder, named, environment)
    for told in chosen.left_out:
        sys.stdout.write(f"{told}\n")
    return chosen.addresses


def _write_feed(feed: Feed, project: Path) -> None:
    former = read_contract(feed.name, feed.event_type, project)
    file = contract_file(feed.name, feed.event_type, project)
    _write(feed.name, contract_of_feed(feed, former), former, file, project)


def _write_table(source: Source, table: Table, database: Database, project: Path) -> None:
    shape = database.follow(table)
    former = read_contract(source.name, table.event_type, project)
    file = contract_file(source.name, table.event_type, project)
    contract = contract_of_table(source, table, shape, former)
    _write(f"{source.name}: {table.label}", contract, former, file, project)
    for change in changes(table, shape, former) if former and former != contract else ():
        sys.stdout.write(f"{source.name}: {table.label}: {change}\n")


def _write(
    what: str,
    contract: Mapping[str, Any],
    former: Mapping[str, Any] | None,
    file: Path,
    project: Path,
) -> None:
    """Write the contract of rows, and say so.

    Args:
        what: Of what the rows are, for people.
        contract: The contract.
        former: The one of before; None if there is none.
        file: Where it is.
        project: The project's folder.
    """
    if contract == former:
        sys.stdout.write(f"{what} is as its contract says\n")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(contract, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    path = file.relative_to(project).as_posix()
    sys.stdout.write(f"{what} is {path} now\n")


def _refused(text: str, status: int) -> int:
    sys.stderr.write(f"{text}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
