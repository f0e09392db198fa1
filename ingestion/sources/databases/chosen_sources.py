"""Which databases a command is about: those that are named, or all whose address is set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.sources.databases.settings import Source, read_sources
from ingestion.sources.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ChosenSources:
    """What was chosen.

    Attributes:
        addresses: Each source and the address of its database, sorted by name.
        left_out: Of those that nobody named, which are not among them and why, a sentence each.
    """

    addresses: tuple[tuple[Source, str], ...]
    left_out: tuple[str, ...]


def choose_sources(
    folder: Path,
    names: Sequence[str],
    environment: Mapping[str, str],
    disabled: Collection[str] = (),
) -> ChosenSources:
    """Choose among the sources of a folder.

    Args:
        folder: The folder of their files.
        names: Those that are wanted; all whose address is set if none is named.
        environment: Has the addresses, by the variables that the files name.
        disabled: Those that are not wanted, `disabled_sources` in dbt_project.yml.

    Raises:
        ConfigurationError: A file cannot be used, a name is no source's or one that is disabled, or
            an address is missing.
    """
    try:
        sources = read_sources(folder)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder}/{error}") from error
    if not sources:
        raise ConfigurationError(f"there is no source: describe a database in {folder}/<name>.yml")
    known = [source.name for source in sources]
    if unknown := [name for name in names if name not in known]:
        raise ConfigurationError(
            f"there is no source {', '.join(unknown)}: {folder} has {', '.join(known)}"
        )
    wanted = [source for source in sources if not names or source.name in names]
    left_out = [is_disabled(source.name) for source in wanted if source.name in disabled]
    wanted = [source for source in wanted if source.name not in disabled]
    if left_out and (names or not wanted):
        raise ConfigurationError(left_out[0])
    missing = [source for source in wanted if not environment.get(source.connection)]
    if missing and (names or len(missing) == len(wanted)):
        raise ConfigurationError(
            f"{missing[0].name}: set {missing[0].connection} to the database's address, such as "
            f"{missing[0].engine}://reader:<password>@db.example.com/shop"
        )
    left_out += [f"{source.name} is left out: {source.connection} is not set" for source in missing]
    return ChosenSources(
        tuple((s, environment[s.connection]) for s in wanted if s not in missing), tuple(left_out)
    )


def is_disabled(name: str) -> str:
    """Say why a source is not read, though it is described."""
    return f"{name} is left out: it is among the disabled_sources of dbt_project.yml"
