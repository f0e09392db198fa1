"""What bootstrap's roles and the analysts' policy allow, by an emulated AWS that enforces IAM.

The emulator knows no condition on a permissions boundary, and leaves the path out of a role's ARN.
So it is not shown here that a role with the boundary can be made, and that bootstrap's own roles
are out of reach by their path; bootstrap's `terraform test` holds the policies to both.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local_athena.aws_environment import ACCOUNT_ID, REGION, aws_environment
from local_athena.ministack_process import MiniStack
from tests.support.infra.policy_sizes import sizes
from tests.support.infra.terraform import terraform
from tests.support.ingestion.emulated_aws import emulated_aws

BOOTSTRAP = Path(__file__).parents[2] / "infra/bootstrap"
OURS = "repo:example/retailpulse"
# The roles with all of their policies, and without the bucket's lifecycle, which takes a minute.
TARGETS = (
    "aws_iam_role_policy_attachment.github",
    "aws_iam_policy.boundary",
    "aws_iam_policy.analyst",
)
ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class Account:
    """An emulated account that bootstrap was applied to."""

    url: str

    def credentials(self, role: str, subject: str, audience: str = "sts.amazonaws.com") -> Any:
        """Take a role with a token as GitHub gives it to a workflow."""
        claims = {
            "iss": "https://token.actions.githubusercontent.com",
            "sub": subject,
            "aud": audience,
            "exp": int(time.time()) + 600,
        }
        token = ".".join([_part({"alg": "none"}), _part(claims), "unsigned"])
        sts = boto3.client(
            "sts",
            endpoint_url=self.url,
            region_name=REGION,
            config=Config(signature_version=UNSIGNED),
        )
        return sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/bootstrap/retailpulse-{role}",
            RoleSessionName="workflow",
            WebIdentityToken=token,
        )["Credentials"]

    def may_take(self, role: str, subject: str, audience: str = "sts.amazonaws.com") -> bool:
        """Whether a workflow may take a role."""
        try:
            self.credentials(role, subject, audience)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        return True

    @property
    def iam(self) -> Any:
        """A client of IAM for the account's root."""
        return boto3.client(
            "iam",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key="none",
        )

    def iam_of(self, role: str, subject: str) -> Any:
        """A client of IAM for a workflow that took a role."""
        found = self.credentials(role, subject)
        return boto3.client(
            "iam",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("bootstrap")
    root = folder / "root"
    root.mkdir()
    for file in (*BOOTSTRAP.glob("*.tf"), *BOOTSTRAP.glob("*.yml")):
        (root / file.name).symlink_to(file)
    (root / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    with emulated_aws(folder, MiniStack("ministack", {"SERVICES": "", "AUTH": "true"})) as url:
        variables = {
            **aws_environment(ministack=url, server=url),
            "TF_VAR_emulated": "true",
            "TF_VAR_github_repository": "example/retailpulse",
            "TF_VAR_environment": "dev",
        }
        terraform(root, "init", **variables)
        targets = [f"-target={target}" for target in TARGETS]
        terraform(root, "apply", "-auto-approve", *targets, **variables)
        yield Account(url)


@pytest.mark.parametrize(
    ("subject", "roles"),
    [
        (f"{OURS}:pull_request", {"plan"}),
        (f"{OURS}:environment:dev", {"deploy"}),
        (f"{OURS}:environment:prod", set()),
        (f"{OURS}:environment:other", set()),
        (f"{OURS}:ref:refs/heads/main", set()),
        ("repo:evil/retailpulse:pull_request", set()),
        ("repo:evil/retailpulse:environment:dev", set()),
        ("repo:example/retailpulse-fork:environment:dev", set()),
        ("repo:example@1/retailpulse@2:environment:dev", set()),
    ],
)
def test_a_workflow_may_take_the_role_of_its_kind_and_no_other(
    account: Account, subject: str, roles: set[str]
) -> None:
    assert {role for role in ("plan", "deploy") if account.may_take(role, subject)} == roles


def test_a_token_for_somebody_else_is_refused(account: Account) -> None:
    assert not account.may_take("deploy", f"{OURS}:environment:dev", "https://example.com")


def test_a_deployment_cannot_raise_its_own_rights(account: Account) -> None:
    iam = account.iam_of("deploy", f"{OURS}:environment:dev")
    boundary = f"arn:aws:iam::{ACCOUNT_ID}:policy/bootstrap/retailpulse-boundary"
    everything, trust = json.dumps(ALL), json.dumps(TRUST)
    attempts: dict[str, Callable[[], object]] = {
        "make a role without the boundary": lambda: iam.create_role(
            RoleName="retailpulse-new", AssumeRolePolicyDocument=trust
        ),
        "write its own policy": lambda: iam.put_role_policy(
            RoleName="retailpulse-deploy", PolicyName="all", PolicyDocument=everything
        ),
        "widen the boundary": lambda: iam.create_policy_version(
            PolicyArn=boundary, PolicyDocument=everything, SetAsDefault=True
        ),
        "make a user": lambda: iam.create_user(UserName="retailpulse-user"),
    }
    for attempt, call in attempts.items():
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "AccessDenied", attempt
    # Looking is allowed, so the refusals above are not of everything.
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="retailpulse-new")


def test_policies_keep_to_iams_quotas(account: Account) -> None:
    found = list(sizes(account.iam))
    assert [size for size in found if size.used > size.quota] == []
    # Each of them was looked at.
    assert {size.what: size.used for size in found}["retailpulse-deploy, managed policies"] == 9


BUCKETS = f"arn:aws:s3:::retailpulse-dev-{ACCOUNT_ID}"


def named(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


@pytest.fixture(scope="module")
def decision(account: Account) -> Callable[[str, str], str]:
    """What IAM says to somebody who has the analysts' policy and nothing else."""
    iam: Any = boto3.client(
        "iam",
        endpoint_url=account.url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key="root",
    )
    arn = iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
        "Arn"
    ]
    policy = f"arn:aws:iam::{ACCOUNT_ID}:policy/bootstrap/retailpulse-analyst"
    iam.attach_role_policy(RoleName="analyst", PolicyArn=policy)

    def ask(action: str, resource: str) -> str:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource]
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    return ask


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("athena:StartQueryExecution", named("athena", "workgroup/retailpulse-analysts")),
        ("athena:GetQueryResultsStream", named("athena", "workgroup/retailpulse-analysts")),
        ("athena:GetTableMetadata", named("athena", "datacatalog/AwsDataCatalog")),
        ("glue:GetTable", named("glue", "table/retailpulse/agg_daily_revenue")),
        ("glue:GetTables", named("glue", "table/retailpulse_silver/orders_events")),
        ("s3:GetObject", f"{BUCKETS}-lakehouse/retailpulse/fact_orders/x.parquet"),
        ("s3:PutObject", f"{BUCKETS}-results/analysts/x.csv"),
    ],
)
def test_an_analyst_may_ask_gold_and_silver(
    decision: Callable[[str, str], str], action: str, resource: str
) -> None:
    assert decision(action, resource) == "allowed"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("athena:StartQueryExecution", named("athena", "workgroup/retailpulse")),
        ("athena:StartQueryExecution", named("athena", "workgroup/primary")),
        ("glue:GetTable", named("glue", "table/retailpulse_raw/events")),
        ("glue:GetTable", named("glue", "table/another/customers")),
        ("glue:UpdateTable", named("glue", "table/retailpulse/agg_daily_revenue")),
        ("s3:GetObject", f"{BUCKETS}-raw/events/event_type=order_created/x.gz"),
        ("s3:GetObject", f"{BUCKETS}-results/dbt/x.csv"),
        ("s3:PutObject", f"{BUCKETS}-lakehouse/retailpulse/fact_orders/x.parquet"),
        ("s3:DeleteObject", f"{BUCKETS}-lakehouse/retailpulse/fact_orders/x.parquet"),
    ],
)
def test_an_analyst_may_do_nothing_else(
    decision: Callable[[str, str], str], action: str, resource: str
) -> None:
    assert decision(action, resource) == "implicitDeny"
