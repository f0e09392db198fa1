"""The container's pull of a table of users, against the emulated S3 and Glue."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import boto3

from ingestion.ingester import Ingester
from ingestion.raw_zone import S3RawZone
from ingestion.sources.databases.settings import Source
from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.state_store import StateStore
from local_athena.aws_environment import without_aws
from retailpulse.cloud.athena_lake import RAW_TABLE, raw_table
from retailpulse.cloud.scheduled.outcome import Failure
from retailpulse.cloud.scheduled.pull_lines import PullLines
from retailpulse.cloud.scheduled.pulling import SourcePull
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling import SHOP
from tests.support.ingestion.emulated_aws import REGION, new_bucket, s3_client
from tests.support.project.copies import copy_project
from tests.support.road.lakehouse import PROJECT

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
DATABASE = "retailpulse_raw"

SHOP_YML = """\
engine: postgresql
connection: SHOP_DATABASE_URL
page_rows: 100
tables:
"""
USERS_YML = "  - {table: users, key: id, cursor: updated_at}\n"


class CloudHome:
    """A raw bucket with states in it, a raw table in Glue, and the image's folder."""

    def __init__(self, folder: Path, url: str, database: Database, *types: str) -> None:
        self.url = url
        self.database = database
        self.project = folder / "app"
        self.client: Any = s3_client(url)
        self.bucket = new_bucket(self.client)
        self.glue: Any = boto3.client(
            "glue",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.table = f"events_{self.bucket[4:12]}"
        self.lines: list[dict[str, Any]] = []
        with suppress(self.glue.exceptions.AlreadyExistsException):
            self.glue.create_database(DatabaseInput={"Name": DATABASE})
        self.glue.create_table(DatabaseName=DATABASE, TableInput=self._listing(*types))

    def list_types(self, *types: str) -> None:
        """Do what a deployment does with types that have come."""
        self.glue.update_table(DatabaseName=DATABASE, TableInput=self._listing(*types))

    def _listing(self, *types: str) -> Any:
        template = (PROJECT / RAW_TABLE).read_text(encoding="utf-8")
        table = raw_table(template, f"s3://{self.bucket}/", date(2026, 1, 1))
        values = ",".join([*types, "unknown"])
        table["Parameters"]["projection.event_type.values"] = values
        return {**table, "Name": self.table}

    def describe(self, *tables: str) -> None:
        """Put a source into the image, and what `make sources` makes of it."""
        copy_project(self.project)
        known = self.project / "ingestion/known_types.json"
        types = json.loads(known.read_text(encoding="utf-8"))
        types |= {f"shop_{table}": "shop" for table in tables}
        known.write_text(json.dumps(types), encoding="utf-8")
        entries = "".join(
            f"  - {{table: {table}, key: id, cursor: updated_at}}\n" for table in tables
        )
        (self.project / "ingestion/sources/shop.yml").write_text(SHOP_YML + entries)

    @property
    def environment(self) -> Mapping[str, str]:
        """The container's."""
        return {
            **without_aws(os.environ),
            **_CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "PYTHONPATH": str(self.project),
            "RETAILPULSE_RAW": f"s3://{self.bucket}/",
            "RETAILPULSE_RAW_TABLE": f"{DATABASE}.{self.table}",
            "SHOP_DATABASE_URL": self.database.reader,
        }

    def start(self, *, source: str = "shop", **variables: str) -> subprocess.Popen[str]:
        """Start the entry point."""
        return subprocess.Popen(
            [sys.executable, "-m", "retailpulse.cloud.scheduled", "pull", source],
            cwd=self.project,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """Wait for its end; return its exit code and all that it said, and keep its lines."""
        said, _ = process.communicate()
        self.lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return process.returncode, said

    def run(self, **variables: str) -> tuple[int, str]:
        """Run the entry point."""
        return self.ended(self.start(**variables))

    def states(self, client: Any = None) -> S3StateStore:
        return S3StateStore(client or self.client, self.bucket, "pulled/shop")

    def pull(
        self,
        source: Source = SHOP,
        *,
        states: StateStore | None = None,
        zone: S3RawZone | None = None,
    ) -> Failure | None:
        """Pull in this process."""
        self.lines = []
        pull = SourcePull(
            source,
            PROJECT,
            Ingester(zone or S3RawZone(self.client, self.bucket)),
            states or self.states(),
            frozenset(table.event_type for table in source.tables),
            DATABASE,
            PullLines(source.name, lambda line: self.lines.append(json.loads(line))),
        )
        return pull.run(self.database.reader)

    def keys(self, prefix: str) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        return [stored["Key"] for page in pages for stored in page.get("Contents", ())]

    def landed(self, event_type: str = "shop_users") -> list[dict[str, Any]]:
        """The events of a type, in the order of their positions."""
        bodies = [
            self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            for key in self.keys("events/")
        ]
        events = [
            json.loads(line)["payload"]
            for body in bodies
            for line in gzip.decompress(body).splitlines()
        ]
        of_type = [event for event in events if event["type"] == event_type]
        return sorted(of_type, key=lambda event: str(event["sequence"]))

    def names(self, event_type: str = "shop_users") -> dict[str, str]:
        """What the last version of each row says."""
        rows: dict[str, str] = {}
        for event in self.landed(event_type):
            row = event["data"]
            if event["op"] == "delete":
                rows.pop(row["id"], None)
            else:
                rows[row["id"]] = row["name"]
        return rows

    def table_names(self, table: str = "users") -> dict[str, str]:
        """What the table says."""
        return dict(self.database.rows(f"select id::text, name from {table}"))


def terminate(process: subprocess.Popen[str]) -> None:
    """Stop a container as ECS does."""
    process.send_signal(signal.SIGTERM)
