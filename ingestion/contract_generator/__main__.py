"""`python -m ingestion.contract_generator [--check | --release]`: what contracts bring about."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ingestion.contract_generator import released
from ingestion.contract_generator.contract import ContractError
from ingestion.contract_generator.contract_reader import read_contracts, read_types
from ingestion.contract_generator.products import differences, products, write

_PROJECT: Final = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], project: Path = _PROJECT) -> int:
    """Write the files that follow from the contracts.

    With `--check` none is written: those that are not as the contracts say are named, and what of
    the contracts breaks what was promised at the last release. With `--release` the promises of
    now are recorded as those of the last release.

    Returns:
        The exit status: 0 done or right, 1 not right or a contract that cannot be used, 2 wrong
        arguments.
    """
    if list(arguments) not in ([], ["--check"], ["--release"]):
        sys.stderr.write("usage: python -m ingestion.contract_generator [--check | --release]\n")
        return 2
    folder = project / "ingestion" / "contracts"
    try:
        contracts, types = read_contracts(folder), read_types(folder)
    except ContractError as error:
        sys.stderr.write(f"ingestion/contracts/{error}\n")
        return 1
    promised = released.promises(contracts, types)
    if list(arguments) == ["--release"]:
        (project / released.FILE).write_text(released.released_json(promised), encoding="utf-8")
        return 0
    try:
        files = products(contracts, types, project)
    except ContractError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not arguments:
        write(files, project)
        return 0
    are_fresh = _are_fresh(files, project)
    return 0 if _are_kept(promised, project) and are_fresh else 1


def _are_fresh(files: Mapping[str, str], project: Path) -> bool:
    """Whether the project has these files and no others; what is not so is told."""
    found = differences(files, project)
    for what, paths in (
        ("is stale", found.stale),
        ("is missing", found.missing),
        ("is left over from a contract that is gone", found.left_over),
    ):
        for path in paths:
            sys.stderr.write(f"{path} {what}\n")
    if found:
        sys.stderr.write("Run `make contracts` and commit what it changes.\n")
    return not found


def _are_kept(promised: released.Promises, project: Path) -> bool:
    """Whether what was promised at the last release is promised still; what is not so is told."""
    try:
        broken = list(released.breaks(released.read_released(project / released.FILE), promised))
    except ContractError as error:
        sys.stderr.write(f"{released.FILE}: {error}. Restore it from the last release.\n")
        return False
    for sentence in broken:
        sys.stderr.write(f"ingestion/contracts/{sentence}\n")
    if broken:
        sys.stderr.write(
            "Producers were promised this at the last release. If the next is to break it all the "
            "same, say so in CHANGELOG.md and run `make release-contracts`.\n"
        )
    return not broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
