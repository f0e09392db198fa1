"""What a governed account has set that would stop an environment: looked for before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

_PAGE: Final = "see Governed accounts in docs/deploy.md"


def findings(client: Callable[[str], Any], tfvars: str) -> Iterator[str]:
    """Yield a sentence for each setting that would stop an environment, or that could not be read.

    None of them refuses the environment: grants and exclusions that were made by hand are not seen.

    Args:
        client: Makes a client of the account for a service.
        tfvars: The environment's file, which may have the answer already.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    for setting, find in _CHECKS.items():
        try:
            found = find(client, tfvars)
        except ClientError as error:
            found = f"{setting} was not checked ({error.response['Error']['Code']})"
        except BotoCoreError as error:
            found = f"{setting} was not checked ({type(error).__name__})"
        if found:
            yield found


def _lake_formation(client: Callable[[str], Any], tfvars: str) -> str | None:
    # Empty: Lake Formation decides; IAM_ALLOWED_PRINCIPALS: IAM alone
    # (docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html).
    settings = client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    by_iam = all(settings.get(f"Create{kind}DefaultPermissions") for kind in ("Database", "Table"))
    if by_iam or "tables_by_iam" in tfvars or "lake_formation" in tfvars:
        return None
    return (
        "Lake Formation decides about new databases and tables in this account, and would refuse "
        f"dbt: set governance.tables_by_iam or governance.lake_formation, {_PAGE}"
    )


def _catalog_key(client: Callable[[str], Any], tfvars: str) -> str | None:
    # Whoever reads or writes the catalog needs the key, unless Glue uses it by a role of its own
    # (docs.aws.amazon.com/athena/latest/ug/access-encrypted-data-glue-data-catalog.html).
    settings = client("glue").get_data_catalog_encryption_settings()
    at_rest = settings["DataCatalogEncryptionSettings"].get("EncryptionAtRest", {})
    key = at_rest.get("SseAwsKmsKeyId", "")
    if at_rest.get("CatalogEncryptionMode") != "SSE-KMS" or not key or key.endswith("aws/glue"):
        return None
    if "catalog_key_arn" in tfvars:
        return None
    return (
        f"Glue's catalog is encrypted with {key}, which the roles may not use: "
        f"set governance.catalog_key_arn, {_PAGE}"
    )


def _public_access(client: Callable[[str], Any], tfvars: str) -> str | None:
    # Either mode stops what a public subnet sends by its internet gateway
    # (docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html).
    options = client("ec2").describe_vpc_block_public_access_options()
    mode = options["VpcBlockPublicAccessOptions"].get("InternetGatewayBlockMode", "off")
    if mode == "off" or "subnets" in tfvars:
        return None
    return (
        f"VPCs reach nothing by internet gateways in this account (Block Public Access: {mode}), "
        f"so dbt's task in its public subnets would not start: set subnets, {_PAGE}"
    )


_CHECKS: Final[dict[str, Callable[[Callable[[str], Any], str], str | None]]] = {
    "whether Lake Formation decides about tables": _lake_formation,
    "whether Glue's catalog is encrypted": _catalog_key,
    "whether VPCs block public access": _public_access,
}
