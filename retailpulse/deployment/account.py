"""The AWS account that the environment's credentials lead to."""

from __future__ import annotations

import os
from dataclasses import dataclass

from retailpulse.errors import SetupError


@dataclass(frozen=True)
class Account:
    """An account and a region of it.

    Attributes:
        id: Twelve digits.
        region: Such as eu-central-1.
    """

    id: str
    region: str


def find_account() -> Account:
    """Ask AWS whose credentials these are, and let everything of this process use that region.

    Raises:
        SetupError: There are no credentials that AWS accepts, or no region.
    """
    # Importing it takes 0.3 s, which other commands need not wait for.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.session.Session(region_name=os.environ.get("AWS_REGION"))
    if session.region_name is None:
        raise SetupError("no region is set: export AWS_REGION=… (or set it in your AWS profile)")
    try:
        identity = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise SetupError(
            f"AWS does not accept this environment's credentials ({error}): "
            "sign in, e.g. with `aws sso login`, and set AWS_PROFILE"
        ) from error
    # Terraform reads the first, boto3 the second; and each has a profile's region otherwise.
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = session.region_name
    return Account(identity["Account"], session.region_name)
