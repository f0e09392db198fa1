"""The AWS account that the environment's credentials lead to."""

from __future__ import annotations

import os
from dataclasses import dataclass


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
        BotoCoreError: There are no credentials, or no region.
        ClientError: AWS does not accept the credentials.
    """
    # Importing it takes 0.3 s, which other commands need not wait for.
    import boto3
    from botocore.exceptions import NoRegionError

    session = boto3.session.Session(region_name=os.environ.get("AWS_REGION"))
    if session.region_name is None:
        raise NoRegionError
    identity = session.client("sts").get_caller_identity()
    # Terraform reads the first, boto3 the second; and each has a profile's region otherwise.
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = session.region_name
    return Account(identity["Account"], session.region_name)
