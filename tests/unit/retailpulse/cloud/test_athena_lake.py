from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from ingestion.known_types import KNOWN_EVENT_TYPES
from retailpulse.cloud.athena_lake import RAW_TABLE, find_athena_lake, first_arrival, raw_table

PROJECT = Path(__file__).parents[4]


def table() -> dict[str, object]:
    template = (PROJECT / RAW_TABLE).read_text(encoding="utf-8")
    return raw_table(template, "s3://lake-raw/zone/", date(2026, 3, 1))


def test_the_raw_table_projects_every_known_type_from_the_first_day() -> None:
    parameters = table()["Parameters"]
    assert isinstance(parameters, dict)
    assert parameters["projection.event_type.values"].split(",") == [*KNOWN_EVENT_TYPES, "unknown"]
    assert parameters["projection.dt.range"] == "2026-03-01,NOW+1DAYS"


def test_the_raw_tables_locations_are_those_of_the_raw_layout() -> None:
    made = table()
    parameters, storage = made["Parameters"], made["StorageDescriptor"]
    assert isinstance(parameters, dict)
    assert isinstance(storage, dict)
    assert storage["Location"] == "s3://lake-raw/zone/events/"
    # What Athena fills in at run time is still to be filled in.
    assert parameters["storage.location.template"] == (
        "s3://lake-raw/zone/events/event_type=${event_type}/dt=${dt}/hour=${hour}/"
    )


def test_the_raw_tables_columns_are_those_of_the_dbt_source() -> None:
    made = table()
    storage, keys = made["StorageDescriptor"], made["PartitionKeys"]
    assert isinstance(storage, dict)
    assert isinstance(keys, list)
    names = [column["Name"] for column in [*storage["Columns"], *keys]]
    sources = yaml.safe_load((PROJECT / "models/staging/_raw__sources.yml").read_text())
    [source] = sources["sources"]
    assert names == [column["name"] for column in source["tables"][0]["columns"]]


def test_no_character_of_a_line_is_a_delimiter() -> None:
    storage = table()["StorageDescriptor"]
    assert isinstance(storage, dict)
    # A raw line holds no raw control byte (design, section 1).
    assert storage["SerdeInfo"]["Parameters"]["field.delim"] == "\x01"


def test_the_first_arrival_is_the_earliest_day_of_any_type(tmp_path: Path) -> None:
    assert first_arrival(tmp_path) == date.today()
    for folder in (
        "event_type=order_created/dt=2026-03-02",
        "event_type=unknown/dt=2026-02-28",
        "event_type=unknown/dt=1970-01-01",
    ):
        (tmp_path / "events" / folder).mkdir(parents=True)
    assert first_arrival(tmp_path) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("RETAILPULSE_LAKEHOUSE", "tables"),
        ("RETAILPULSE_RESULTS", "results"),
        ("RETAILPULSE_WORK_GROUP", "work_group"),
    ],
)
def test_names_and_defaults_are_those_of_the_profile(variable: str, field: str) -> None:
    default = getattr(find_athena_lake({}), field)
    assert f"env_var('{variable}', '{default}')" in (PROJECT / "profiles.yml").read_text()
    assert getattr(find_athena_lake({variable: "given"}), field) == "given"
