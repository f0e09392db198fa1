"""`python -m retailpulse.commands.athena_lake`: the lake on AWS, with what has arrived here.

`make athena-up` calls it for the local Athena.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import boto3

from retailpulse.cloud.athena_lake import (
    RAW_TABLE,
    create_lake,
    find_athena_lake,
    first_arrival,
    raw_table,
    upload_raw,
)
from retailpulse.local.home import find_home

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def main() -> None:
    """Make the lake, and bring the raw objects of this lakehouse's home to it."""
    home = find_home()
    lake = find_athena_lake()
    s3: S3Client = boto3.client("s3")
    table = raw_table(
        (home.project / RAW_TABLE).read_text(encoding="utf-8"), lake.raw, first_arrival(home.raw)
    )
    create_lake(lake, table, s3, boto3.client("glue"), boto3.client("athena"))
    copied = upload_raw(home.raw, lake.raw, s3)
    sys.stdout.write(f"{copied} new raw objects of {home.raw} are in {lake.raw}\n")


if __name__ == "__main__":
    main()
