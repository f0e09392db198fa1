"""`python -m ingestion.contract_generator [--check]`: write what follows from the contracts."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ingestion.contract_generator.contract import read_contracts, read_types
from ingestion.contract_generator.products import differences, products, write
from ingestion.known_types import ContractError

_PROJECT: Final = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], project: Path = _PROJECT) -> int:
    """Write the files, or with `--check` name those that are not as the contracts say.

    Returns:
        The exit status: 0 done or fresh, 1 not fresh or a contract that cannot be used, 2 wrong
        arguments.
    """
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m ingestion.contract_generator [--check]\n")
        return 2
    folder = project / "ingestion" / "contracts"
    try:
        files = products(read_contracts(folder), read_types(folder), project)
    except ContractError as error:
        sys.stderr.write(f"ingestion/contracts/{error}\n")
        return 1
    if not arguments:
        write(files, project)
        return 0
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
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
