"""Files from the drop bucket by notification, queue and function to raw; with its own role."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from ingestion.sources.files.s3_messages import LIST_BODY
from simulator.grocery.files import CART_FILE, write_deliveries
from tests.support.infra.ingestion import Ingestion
from tests.support.infra.waiting import wait_until

LANDING_SECONDS = 60


def tag_of(ingestion: Ingestion, name: str) -> str | None:
    """What became of a file, as its latest version says."""
    answer = ingestion.client("s3").get_object_tagging(
        Bucket=ingestion.drop_bucket, Key=f"drop/{name}"
    )
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}.get("retailpulse")


def drop(ingestion: Ingestion, name: str, body: bytes) -> None:
    ingestion.client("s3").put_object(Bucket=ingestion.drop_bucket, Key=f"drop/{name}", Body=body)


def test_the_files_of_a_grocery_land(ingestion: Ingestion, tmp_path: Path) -> None:
    summary = write_deliveries(tmp_path, 3, datetime(2026, 1, 1, tzinfo=UTC), 200)
    names = [f"from a partner/{file.name}" for file in sorted(tmp_path.glob("*.csv"))]
    for name in names:
        drop(ingestion, name, (tmp_path / name.rpartition("/")[2]).read_bytes())

    wait_until(
        "all files have landed",
        lambda: all(tag_of(ingestion, name) == "landed" for name in names),
        LANDING_SECONDS,
    )

    lines = [line for line in ingestion.raw_lines() if line["source"].startswith("grocery_")]
    assert len({line["event_id"] for line in lines}) == len(lines)
    outcomes = Counter(summary["outcomes"])
    skipped = outcomes.pop("skipped")
    assert len(lines) == outcomes.total()
    s3 = ingestion.client("s3")
    listed = s3.list_objects_v2(Bucket=ingestion.drop_bucket, Prefix="manifests/")["Contents"]
    manifests = [
        json.loads(s3.get_object(Bucket=ingestion.drop_bucket, Key=each["Key"])["Body"].read())
        for each in listed
    ]
    assert {manifest["file"] for manifest in manifests} >= set(names)
    assert sum(manifest["rows"] + manifest["rejected"] for manifest in manifests) == len(lines)
    assert sum(manifest["skipped"] for manifest in manifests) == skipped
    assert any(CART_FILE in manifest["file"] for manifest in manifests)
    assert ingestion.messages_in(ingestion.drop_queue_url) == 0


def test_what_cannot_be_read_is_told(ingestion: Ingestion) -> None:
    drop(ingestion, "orders.csv.gz", gzip.compress(b"order_id\no1\n"))

    wait_until(
        "the file is rejected",
        lambda: tag_of(ingestion, "orders.csv.gz") == "rejected",
        LANDING_SECONDS,
    )

    s3 = ingestion.client("s3")
    [report] = s3.list_objects_v2(Bucket=ingestion.drop_bucket, Prefix="rejected/")["Contents"]
    told = json.loads(s3.get_object(Bucket=ingestion.drop_bucket, Key=report["Key"])["Body"].read())
    assert told["file"] == "orders.csv.gz"
    assert "the header has no column order_num" in told["why"]


def test_the_look_for_lost_files_may_be_asked_for(ingestion: Ingestion) -> None:
    sqs = ingestion.client("sqs")
    sqs.send_message(QueueUrl=ingestion.drop_queue_url, MessageBody=LIST_BODY)
    wait_until(
        "the look is over",
        lambda: ingestion.messages_in(ingestion.drop_queue_url) == 0,
        LANDING_SECONDS,
    )
