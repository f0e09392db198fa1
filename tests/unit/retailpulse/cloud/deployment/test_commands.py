from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from retailpulse.cli import main
from retailpulse.cloud.deployment.image_build import Source
from retailpulse.cloud.deployment.terraform import Terraform
from tests.support.cloud.aws import ACCOUNT, S3, Settings, refusal
from tests.unit.retailpulse.cloud.deployment.conftest import FakeTerraform

BUCKET = "retailpulse-state-111122223333-eu-central-1"
REPOSITORY = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/retailpulse"


class Aws:
    """The account, as far as the commands themselves ask it."""

    def __init__(self) -> None:
        self.s3 = S3({BUCKET: {}})
        self.identity: Exception | None = None
        self.has_repository = True
        self.settings = Settings()

    def client(self, service: str) -> Any:
        if service in ("ec2", "glue", "lakeformation"):
            return self.settings.client(service)
        return self.s3 if service == "s3" else self

    def get_caller_identity(self) -> dict[str, str]:
        if self.identity:
            raise self.identity
        return {"Account": ACCOUNT.id}

    def describe_repositories(self, *, repositoryNames: list[str]) -> dict[str, Any]:  # noqa: N803
        assert repositoryNames == ["retailpulse"]
        if not self.has_repository:
            raise refusal("RepositoryNotFoundException", "DescribeRepositories")
        return {"repositories": [{"repositoryUri": REPOSITORY}]}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    account = Aws()
    monkeypatch.setattr("boto3.client", account.client)
    monkeypatch.setattr(
        "boto3.session.Session.client", lambda session, service: account.client(service)
    )
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, ACCOUNT.region)
    return account


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["retailpulse", "cloud", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return ended.value.code, said.out, said.err

    return run


@pytest.mark.usefixtures("aws", "terraform")
def test_an_account_with_all_that_is_needed_is_no_news(run: Any) -> None:
    assert run("check", "dev") == (0, "", "")


@pytest.mark.usefixtures("terraform")
def test_what_governs_the_account_is_told_and_refuses_nothing(aws: Aws, run: Any) -> None:
    aws.settings.lake["CreateTableDefaultPermissions"] = []
    code, _, told = run("check", "dev")
    assert (code, told.startswith("note: Lake Formation decides")) == (0, True)


@pytest.mark.usefixtures("aws", "terraform")
def test_an_environment_has_to_be_there(run: Any) -> None:
    code, _, told = run("check", "test")
    assert (code, "there is no environment test" in told) == (2, True)


def test_terraform_has_to_be_there_before_anybody_is_asked(
    aws: Aws, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.identity = AssertionError("asked")
    monkeypatch.setattr("shutil.which", lambda name: None)
    code, _, told = run("check", "dev")
    assert (code, "terraform is not on the PATH" in told) == (2, True)


@pytest.mark.usefixtures("terraform")
def test_bootstrap_has_to_be_there(aws: Aws, run: Any) -> None:
    aws.s3.buckets.clear()
    code, _, told = run("check", "dev")
    assert code == 2
    assert f"there is no bucket {BUCKET} for Terraform's state: run `make bootstrap`" in told


@pytest.mark.usefixtures("terraform")
def test_another_accounts_bucket_is_no_traceback(aws: Aws, run: Any) -> None:
    aws.s3.buckets[BUCKET] = None
    code, _, told = run("check", "dev")
    assert (code, "another account's" in told) == (2, True)


@pytest.mark.usefixtures("terraform")
def test_credentials_that_have_expired_are_no_traceback(aws: Aws, run: Any) -> None:
    aws.identity = refusal("ExpiredToken", "GetCallerIdentity", "The token has expired")
    code, _, told = run("check", "dev")
    assert code == 2
    assert told.startswith("retailpulse: AWS does not accept these credentials (The token has exp")


def test_the_repository_of_the_image_is_told(aws: Aws, run: Any) -> None:
    assert run("repository") == (0, f"{REPOSITORY}\n", "")
    aws.has_repository = False
    code, _, told = run("repository")
    assert (code, "there is no image repository retailpulse: run `make boot" in told) == (2, True)


def test_the_image_that_aws_builds_is_named_where_deploy_looks_for_it(
    aws: Aws, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = SimpleNamespace(project=tmp_path)
    monkeypatch.setattr("retailpulse.commands.cloud.find_home", lambda: home)
    monkeypatch.setattr(
        "retailpulse.commands.cloud.committed",
        lambda project: Source("1a2b3c4", b"", has_more=True),
    )
    asked: list[Any] = []

    def answer(*arguments: Any) -> str:
        asked.append(arguments[2:5])
        return "repository@sha256:1"

    monkeypatch.setattr("retailpulse.commands.cloud.build_image", answer)

    code, told, _ = run("build-image")

    assert (code, told.splitlines()[-1]) == (0, "repository@sha256:1")
    assert "What is not committed is left out" in told
    assert (tmp_path / "dist" / "image").read_text() == "repository@sha256:1\n"
    assert asked == [("retailpulse", BUCKET, ACCOUNT)]

    def refuse(*arguments: Any) -> str:
        raise refusal("ResourceNotFoundException", "StartBuild")

    monkeypatch.setattr("retailpulse.commands.cloud.build_image", refuse)
    code, _, told = run("build-image")
    assert (code, "run `TF_VAR_image_builds=true make bootstrap ENV=" in told) == (2, True)


@pytest.mark.usefixtures("aws")
def test_bootstrap_is_told_what_github_and_the_account_have(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "example/retailpulse")
    monkeypatch.setenv("GITHUB_SUBJECT_PREFIX", "repo:example@1/retailpulse@2")
    monkeypatch.delenv("GITHUB_IDENTITY_PROVIDER_ARN", raising=False)
    asked: list[Mapping[str, str]] = []

    def make(terraform: Terraform, *_: Any, **__: Any) -> Mapping[str, int]:
        asked.append(terraform.variables)
        return {"a": 1}

    monkeypatch.setattr("retailpulse.commands.cloud.make_bootstrap", make)

    assert run("bootstrap", "prod") == (0, "a: 1\n", "")

    assert asked == [
        {
            "environment": "prod",
            "github_repository": "example/retailpulse",
            "github_subject_prefix": "repo:example@1/retailpulse@2",
        }
    ]


@pytest.mark.usefixtures("aws")
def test_bootstrap_needs_no_github(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REPOSITORY", "SUBJECT_PREFIX", "IDENTITY_PROVIDER_ARN"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    asked: list[Mapping[str, str]] = []

    def make(terraform: Terraform, *_: Any, **__: Any) -> Mapping[str, str | None]:
        asked.append(terraform.variables)
        return {"state_bucket": "b", "plan_role_arn": None}

    monkeypatch.setattr("retailpulse.commands.cloud.make_bootstrap", make)

    assert run("bootstrap", "dev") == (0, "state_bucket: b\n", "")
    assert asked == [{"environment": "dev"}]


@pytest.mark.usefixtures("aws")
def test_nothing_deployed_has_no_plan_and_no_smoke(run: Any, terraform: FakeTerraform) -> None:
    code, _, told = run("plan", "dev", "--package", "none.zip")
    assert (code, "nothing is deployed in this environment: name the image" in told) == (2, True)
    code, _, told = run("smoke", "dev")
    assert (code, "nothing is deployed in this environment: run `make dep" in told) == (2, True)
    assert [call.split()[1] for call in terraform.calls] == ["init", "output"] * 2


@pytest.mark.usefixtures("aws", "terraform")
def test_a_package_has_to_be_there(run: Any) -> None:
    code, _, told = run("deploy", "dev", "--image", "i", "--package", "none.zip")
    assert (code, "there is no package none.zip: `make package` builds it" in told) == (2, True)


@pytest.mark.usefixtures("aws")
def test_whoever_does_not_confirm_stops_no_run(
    run: Any, terraform: FakeTerraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terraform.answer(
        '{"state_machine": {"value": {"arn": "m"}}, "cluster": {"value": {"arn": "c"}}}'
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    package = tmp_path / "ingester.zip"
    package.touch()
    code, _, told = run("destroy", "dev", "--package", str(package))
    assert (code, "Aborted" in told) == (1, True)
    assert [call.split()[1] for call in terraform.calls] == ["init", "output"]
