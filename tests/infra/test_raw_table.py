"""The raw table that Terraform makes is the one that every other test reads raw by."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.known_types import KNOWN_EVENT_TYPES
from retailpulse.cloud.athena_lake import RAW_TABLE, raw_table
from tests.support.infra.terraform import terraform

PROJECT = Path(__file__).parents[2]
MODULE = PROJECT / "infra/modules/catalog"

PLAN = """
mock_provider "aws" {{}}

run "plan" {{
  command = plan

  variables {{
    name               = "retailpulse"
    raw_bucket         = "lake-raw"
    event_types        = {event_types}
    first_day          = "2026-03-01"
    raw_table_template = "{template}"
  }}
}}
"""


def planned_table(folder: Path) -> dict[str, Any]:
    """The raw table as the module plans it, in the provider's words."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for file in MODULE.glob("*.tf"):
        (folder / file.name).symlink_to(file)
    event_types = json.dumps(list(KNOWN_EVENT_TYPES))
    plan = PLAN.format(event_types=event_types, template=PROJECT / RAW_TABLE)
    (tests / "plan.tftest.hcl").write_text(plan)
    terraform(folder, "init", "-backend=false")
    messages = terraform(folder, "test", "-json", "-verbose").splitlines()
    [planned] = [m for m in map(json.loads, messages) if m["type"] == "test_plan"]
    [change] = [
        change["change"]["after"]
        for change in planned["test_plan"]["resource_changes"]
        if change["type"] == "aws_glue_catalog_table"
    ]
    assert isinstance(change, dict)
    return change


def in_terraforms_words(table: dict[str, Any]) -> dict[str, Any]:
    """Glue's TableInput by the names of the provider's arguments."""
    storage = table["StorageDescriptor"]

    def columns(found: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{name.lower(): value for name, value in column.items()} for column in found]

    return {
        "name": table["Name"],
        "description": table["Description"],
        "table_type": table["TableType"],
        "parameters": table["Parameters"],
        "partition_keys": columns(table["PartitionKeys"]),
        "storage_descriptor": [
            {
                "columns": columns(storage["Columns"]),
                "location": storage["Location"],
                "input_format": storage["InputFormat"],
                "output_format": storage["OutputFormat"],
                "ser_de_info": [
                    {
                        "serialization_library": storage["SerdeInfo"]["SerializationLibrary"],
                        "parameters": storage["SerdeInfo"]["Parameters"],
                    }
                ],
            }
        ],
    }


def without_what_is_not_set(value: Any) -> Any:
    """The value without members that are null or empty, at any depth."""
    if isinstance(value, dict):
        kept = {key: without_what_is_not_set(member) for key, member in value.items()}
        return {key: member for key, member in kept.items() if member not in (None, [], {})}
    if isinstance(value, list):
        return [without_what_is_not_set(member) for member in value]
    return value


def test_terraform_makes_the_raw_table_that_the_local_athena_has(tmp_path: Path) -> None:
    planned = without_what_is_not_set(planned_table(tmp_path / "catalog"))

    template = (PROJECT / RAW_TABLE).read_text(encoding="utf-8")
    there = raw_table(template, "s3://lake-raw/", date(2026, 3, 1))

    # Every member of the definition is one of these, so none can be left out.
    assert planned.pop("database_name") == "retailpulse_raw"
    assert planned == in_terraforms_words(there)
    storage = {"Columns", "Location", "InputFormat", "OutputFormat", "SerdeInfo"}
    assert set(there["StorageDescriptor"]) == storage
    assert len(there) == len(planned)
