"""A contract's examples are events that it accepts: a producer copies them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ingestion.contract_generator.contract import Contract, ContractError


def check_examples(contract: Contract, published: Mapping[str, Any]) -> None:
    """Check the examples of a contract by its published form.

    Raises:
        ContractError: One is refused; says which, and why.
    """
    # Decimal, because 19.99 is no multiple of 0.01 in floats.
    schema = json.loads(json.dumps(published), parse_float=Decimal)
    validator = Draft202012Validator(schema)
    for number, example in enumerate(schema["examples"], start=1):
        error = best_match(validator.iter_errors(example))
        if error is not None:
            event_type = contract.event_type
            where = ".".join(str(part) for part in error.absolute_path)
            raise ContractError(
                f"ingestion/contracts/{event_type.domain}/{event_type.name}.json: its example "
                f"{number} is refused by the contract: {where}: {error.message}"
            )
