"""Where Terraform's states are: in one bucket an account and region, which bootstrap makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from retailpulse.cloud.deployment.account import Account
from retailpulse.errors import SetupError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BOOTSTRAP_KEY = "bootstrap/terraform.tfstate"
_ENVIRONMENTS = "environments/"
_STATE = "/terraform.tfstate"


def environment_key(environment: str) -> str:
    """Return the key of an environment's state."""
    return f"{_ENVIRONMENTS}{environment}{_STATE}"


def state_bucket(name: str, account: Account) -> str:
    """Return the name of the bucket, as infra/bootstrap composes it."""
    return f"{name}-state-{account.id}-{account.region}"


def backend_settings(bucket: str, key: str, account: Account, *, emulated: bool) -> dict[str, str]:
    """Return the settings of Terraform's S3 backend, by their names."""
    settings = {
        "bucket": bucket,
        "key": key,
        "region": account.region,
        "encrypt": "true",
        "use_lockfile": "true",
    }
    if emulated:
        settings |= dict.fromkeys(
            (
                "skip_credentials_validation",
                "skip_metadata_api_check",
                "skip_region_validation",
                "use_path_style",
            ),
            "true",
        )
    return settings


def bucket_is_there(s3: S3Client, bucket: str, account: Account) -> bool:
    """Tell whether bootstrap has made the bucket.

    Raises:
        SetupError: It is another account's, or these credentials may not see it.
        ClientError: S3 refuses the question otherwise.
    """
    return _found(bucket, lambda: s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account.id))


def state_is_there(s3: S3Client, bucket: str, key: str, account: Account) -> bool:
    """Tell whether a state has been written.

    Raises:
        SetupError: The bucket is another account's, or these credentials may not read it.
        ClientError: S3 refuses the question otherwise.
    """
    return _found(
        bucket, lambda: s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account.id)
    )


def deployed_resources(s3: S3Client, bucket: str) -> dict[str, int]:
    """Count what the states of environments still list, by environment; none are left out."""
    counts: dict[str, int] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_ENVIRONMENTS)
    for page in pages:
        for stored in page.get("Contents", ()):
            key = stored["Key"]
            if not key.endswith(_STATE):
                continue
            state = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            count = sum(
                len(resource["instances"])
                for resource in state["resources"]
                if resource["mode"] == "managed"
            )
            if count:
                counts[key.removeprefix(_ENVIRONMENTS).removesuffix(_STATE)] = count
    return counts


def _found(bucket: str, ask: Callable[[], object]) -> bool:
    from botocore.exceptions import ClientError

    try:
        ask()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("404", "NoSuchBucket", "NoSuchKey"):
            return False
        if code in ("403", "AccessDenied"):
            raise SetupError(
                f"S3 does not let these credentials at the bucket {bucket} of Terraform's states: "
                "they are of somebody who may not, or the bucket is another account's "
                "(`aws sts get-caller-identity` says whose they are)"
            ) from error
        raise
    return True
