"""The lake that `dbt build --target athena` finds on AWS, for accounts without Terraform's.

Terraform makes it in production; on the local Athena this does, from the same definition of the raw
table. Names come from the variables that profiles.yml reads, by the same defaults.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

from ingestion.event_type import UNKNOWN
from ingestion.known_types import KNOWN_EVENT_TYPES

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

RAW_TABLE: Final = "ingestion/raw_events_table.json.tftpl"

DATABASES: Final = (
    "retailpulse",
    "retailpulse_raw",
    "retailpulse_staging",
    "retailpulse_silver",
)


@dataclass(frozen=True, slots=True)
class AthenaLake:
    """Where the lake is.

    Attributes:
        raw: The raw zone, as `s3://bucket/prefix/`.
        tables: The tables' files.
        results: The results of queries.
        work_group: The Athena workgroup.
    """

    raw: str
    tables: str
    results: str
    work_group: str


def find_athena_lake(environment: Mapping[str, str] = os.environ) -> AthenaLake:
    """Read where the lake is from the environment, by the names and defaults of profiles.yml."""
    return AthenaLake(
        raw=environment.get("RETAILPULSE_RAW", "s3://retailpulse-raw/"),
        tables=environment.get("RETAILPULSE_LAKEHOUSE", "s3://retailpulse-lakehouse/"),
        results=environment.get("RETAILPULSE_RESULTS", "s3://retailpulse-results/"),
        work_group=environment.get("RETAILPULSE_WORK_GROUP", "retailpulse"),
    )


def raw_table(template: str, location: str, first_day: date) -> dict[str, Any]:
    """Return Glue's TableInput of the raw table.

    Args:
        template: The definition, which Terraform's `templatefile` reads alike.
        location: The raw zone, as `s3://bucket/prefix/`.
        first_day: The first day of arrival, UTC. Every hour since then is a partition that a query
            without a bound lists.
    """
    table: dict[str, Any] = json.loads(
        Template(template).substitute(
            location=location,
            event_types=",".join([*KNOWN_EVENT_TYPES, UNKNOWN]),
            first_day=first_day.isoformat(),
        )
    )
    return table


def create_lake(
    lake: AthenaLake,
    table: dict[str, Any],
    s3: S3Client,
    glue: GlueClient,
    athena: AthenaClient,
) -> None:
    """Make the buckets, the databases, the raw table and the workgroup; leave what is there."""
    buckets = {_split(location)[0] for location in (lake.raw, lake.tables, lake.results)}
    known_buckets = {bucket.get("Name") for bucket in s3.list_buckets()["Buckets"]}
    for bucket in sorted(buckets - known_buckets):
        s3.create_bucket(Bucket=bucket)
    for name in DATABASES:
        try:
            glue.create_database(DatabaseInput={"Name": name})
        except glue.exceptions.AlreadyExistsException:
            continue
    try:
        glue.create_table(DatabaseName="retailpulse_raw", TableInput=table)  # type: ignore[arg-type]
    except glue.exceptions.AlreadyExistsException:
        # The definition may have changed: a new event type is a new value of the projection.
        glue.update_table(DatabaseName="retailpulse_raw", TableInput=table)  # type: ignore[arg-type]
    known_groups = {group.get("Name") for group in athena.list_work_groups()["WorkGroups"]}
    if lake.work_group not in known_groups:
        athena.create_work_group(
            Name=lake.work_group,
            Configuration={"ResultConfiguration": {"OutputLocation": lake.results}},
        )


def upload_raw(folder: Path, location: str, s3: S3Client, since: date | None = None) -> int:
    """Copy the objects of a raw folder that the raw zone in S3 lacks; return how many.

    Args:
        folder: The raw folder.
        location: The raw zone, as `s3://bucket/prefix/`.
        s3: A client.
        since: The first day of arrival, UTC, that is copied; None for all.
    """
    # The embedded engine's object without lines lies before any arrival.
    first = (since or date(1970, 1, 2)).isoformat()
    bucket, prefix = _split(location)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}events/")
    there = {stored["Key"] for page in pages for stored in page.get("Contents", ())}
    copied = 0
    for path in sorted((folder / "events").rglob("*.ndjson.gz")):
        key = prefix + path.relative_to(folder).as_posix()
        day = path.parent.parent.name.removeprefix("dt=")
        if key not in there and day >= first:
            s3.upload_file(str(path), bucket, key)
            copied += 1
    return copied


def first_arrival(folder: Path) -> date:
    """Return the first day of arrival in a raw folder; today where nothing has arrived."""
    days = sorted(
        path.name.removeprefix("dt=") for path in (folder / "events").glob("event_type=*/dt=*")
    )
    known = [day for day in days if day != "1970-01-01"]
    return date.fromisoformat(known[0]) if known else date.today()


def _split(location: str) -> tuple[str, str]:
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return bucket, prefix
