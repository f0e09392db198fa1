"""Where Terraform's states are: in one bucket an account and region, which bootstrap makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from retailpulse.deployment.account import Account

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BOOTSTRAP_KEY = "bootstrap/terraform.tfstate"


def environment_key(environment: str) -> str:
    """Return the key of an environment's state."""
    return f"environments/{environment}/terraform.tfstate"


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


def bucket_is_there(s3: S3Client, bucket: str) -> bool:
    """Tell whether bootstrap has made the bucket.

    Raises:
        ClientError: S3 refuses the question.
    """
    return _found(lambda: s3.head_bucket(Bucket=bucket))


def state_is_there(s3: S3Client, bucket: str, key: str) -> bool:
    """Tell whether a state has been written.

    Raises:
        ClientError: S3 refuses the question.
    """
    return _found(lambda: s3.head_object(Bucket=bucket, Key=key))


def _found(ask: Callable[[], object]) -> bool:
    from botocore.exceptions import ClientError

    try:
        ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket", "NoSuchKey"):
            return False
        raise
    return True
