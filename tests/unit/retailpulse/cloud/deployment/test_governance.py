from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from retailpulse.cloud.deployment.governance import findings
from tests.support.cloud.aws import Settings, refusal

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"


def test_an_account_as_aws_makes_it_is_no_news() -> None:
    assert list(findings(Settings().client, "")) == []


@pytest.mark.parametrize("kind", ["Database", "Table"])
def test_lake_formation_is_told_unless_it_was_answered(kind: str) -> None:
    account = Settings()
    account.lake[f"Create{kind}DefaultPermissions"] = []
    (found,) = findings(account.client, "")
    assert found.startswith("Lake Formation decides about new databases and tables")
    for answer in ("tables_by_iam", "lake_formation"):
        assert list(findings(account.client, f"governance = {{ {answer} = true }}")) == []


@pytest.mark.parametrize(
    ("at_rest", "told"),
    [
        ({"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": KEY}, True),
        # By a role of Glue's own, by the key that AWS manages, or no longer.
        ({"CatalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE", "SseAwsKmsKeyId": KEY}, False),
        ({"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "alias/aws/glue"}, False),
        ({"CatalogEncryptionMode": "SSE-KMS"}, False),
        ({"CatalogEncryptionMode": "DISABLED", "SseAwsKmsKeyId": KEY}, False),
    ],
)
def test_a_key_that_the_roles_may_not_use_is_told(at_rest: dict[str, str], told: bool) -> None:
    account = Settings()
    account.at_rest = at_rest
    found = list(findings(account.client, ""))
    assert [f"Glue's catalog is encrypted with {KEY}" in sentence for sentence in found] == (
        [True] if told else []
    )
    assert list(findings(account.client, f'catalog_key_arn = "{KEY}"')) == []


@pytest.mark.parametrize("mode", ["block-ingress", "block-bidirectional"])
def test_blocked_public_access_is_told_where_the_subnets_are_ours(mode: str) -> None:
    account = Settings()
    account.mode = mode
    (found,) = findings(account.client, 'environment = "dev"')
    assert f"(Block Public Access: {mode})" in found
    assert list(findings(account.client, 'subnets = { vpc_id = "vpc-1" }')) == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refusal("AccessDeniedException"), "AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="https://example.com"), "EndpointConnectionError"),
    ],
)
def test_what_could_not_be_looked_at_is_told_and_the_rest_goes_on(
    error: Exception, code: str
) -> None:
    account = Settings()
    account.mode = "block-ingress"
    account.errors = {"lakeformation": error}

    not_checked, public_access = findings(account.client, "")

    assert not_checked == f"whether Lake Formation decides about tables was not checked ({code})"
    assert "Block Public Access" in public_access


def test_every_answer_is_a_variable_of_the_environment() -> None:
    names: Any = ("tables_by_iam", "lake_formation", "catalog_key_arn", "subnets")
    from retailpulse.local.home import find_home

    declared = (find_home().project / "infra/main/variables.tf").read_text()
    assert all(name in declared for name in names)
