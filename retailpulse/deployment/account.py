"""The AWS account that the environment's credentials lead to."""

from __future__ import annotations

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
    """Ask AWS whose credentials these are.

    Raises:
        SetupError: There are no credentials that AWS accepts, or no region.
    """
    # Importing it takes 0.3 s, which other commands need not wait for.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.session.Session()
    if session.region_name is None:
        raise SetupError("no region is set: export AWS_REGION=… (or set it in your AWS profile)")
    try:
        identity = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise SetupError(
            f"AWS does not accept this environment's credentials ({error}): "
            "sign in, e.g. with `aws sso login`, and set AWS_PROFILE"
        ) from error
    return Account(identity["Account"], session.region_name)
