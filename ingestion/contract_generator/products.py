"""All files that follow from the contracts, and where the project differs from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestion.contract_generator import known_types, page
from ingestion.contract_generator.contract import Contract, ContractError, FieldType
from ingestion.contract_generator.domains import domain_models
from ingestion.contract_generator.marker import MARKER
from ingestion.contract_generator.published import published_json, published_path
from ingestion.contract_generator.staging import staging_path, staging_sql, staging_yaml

_GENERATED_IN: Final = ("macros/generated", "models/staging", "models/silver", "docs/contracts")


@dataclass(frozen=True, slots=True)
class Differences:
    """What in the project is not as the contracts say, by paths in the project.

    Attributes:
        stale: Generated files with another text.
        missing: Files that should be there.
        left_over: Generated files that no contract asks for.
    """

    stale: tuple[str, ...]
    missing: tuple[str, ...]
    left_over: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.left_over)


def products(
    contracts: tuple[Contract, ...], types: Mapping[str, FieldType], project: Path
) -> dict[str, str]:
    """Return the text of each file by its path in the project.

    A model that is in the project without the marker was written by hand: it is left out, and so is
    its YAML.

    Raises:
        ContractError: A model would be called as one of another folder is, or as another.
    """
    files = {
        known_types.FILE: known_types.known_types_json(contracts),
        known_types.MACRO_FILE: known_types.known_types_macro(contracts),
        page.FILE: page.contracts_page(contracts, types),
    }
    models = [
        *((staging_path(known), staging_sql(known), staging_yaml(known)) for known in contracts),
        *domain_models(contracts),
    ]
    others = {
        file.stem: file.relative_to(project).as_posix()
        for folder in ("models", "seeds")
        for file in (project / folder).rglob("*.*")
        if file.suffix in (".sql", ".csv") and not _is_generated(file)
    }
    named: set[str] = set()
    for path, sql, text in models:
        name = path.rpartition("/")[2]
        if name in named:
            raise ContractError(
                f"two contracts ask for a model {name}: call the x-entity or the domain of one "
                "otherwise"
            )
        named.add(name)
        if others.get(name, f"{path}.sql") != f"{path}.sql":
            raise ContractError(
                f"a contract asks for {path}.sql, and there is {others[name]} already: call the "
                "contract's x-entity or its domain otherwise"
            )
        if not _is_by_hand(project / f"{path}.sql"):
            files[f"{path}.sql"] = sql
            files[f"{path}.yml"] = text
    for contract in contracts:
        files[published_path(contract)] = published_json(contract, types)
    return files


def differences(files: Mapping[str, str], project: Path) -> Differences:
    """Compare the project with what should be in it."""
    missing = [path for path in files if not (project / path).is_file()]
    stale = [
        path
        for path, text in files.items()
        if path not in missing and (project / path).read_text(encoding="utf-8") != text
    ]
    left_over = [path for path in _generated(project) if path not in files]
    return Differences(tuple(sorted(stale)), tuple(sorted(missing)), tuple(sorted(left_over)))


def write(files: Mapping[str, str], project: Path) -> None:
    """Write the files, and delete what is left over."""
    found = differences(files, project)
    for path in (*found.stale, *found.missing):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(files[path], encoding="utf-8")
    for path in found.left_over:
        (project / path).unlink()


def _is_by_hand(file: Path) -> bool:
    return file.is_file() and not _is_generated(file)


def _is_generated(file: Path) -> bool:
    return MARKER in file.read_text(encoding="utf-8")


def _generated(project: Path) -> Iterator[str]:
    for folder in _GENERATED_IN:
        for file in (project / folder).rglob("*.*"):
            # The YAML of a model that somebody made theirs may still have the marker.
            if file.suffix == ".yml" and _is_by_hand(file.with_suffix(".sql")):
                continue
            if file.is_file() and MARKER in file.read_text(encoding="utf-8"):
                yield file.relative_to(project).as_posix()
