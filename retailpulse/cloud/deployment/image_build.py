"""The image that runs dbt, built on AWS from a commit: for whoever has no Docker."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from retailpulse.cloud.deployment.account import Account
from retailpulse.errors import SetupError, WorkError
from retailpulse.terminal import Step

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# As infra/bootstrap/image_build.tf has both.
_SOURCE_KEY: Final = "sources/image.zip"
_PROJECT: Final = "{}-image"
_POLL_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Source:
    """What a commit holds.

    Attributes:
        commit: Its hash, short.
        archive: Its files, as a zip.
        has_more: Whether files differ from it: they are left out.
    """

    commit: str
    archive: bytes
    has_more: bool


def committed(project: Path) -> Source:
    """Read the commit that is checked out.

    Raises:
        SetupError: The project is no checkout of git, or git is not installed.
    """
    try:
        return Source(
            commit=_git(project, "rev-parse", "--short", "HEAD").decode().strip(),
            archive=_git(project, "archive", "--format", "zip", "HEAD"),
            has_more=bool(_git(project, "status", "--porcelain")),
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise SetupError(
            f"{project} is no checkout of git: the image is built from a commit's files"
        ) from error


def build_image(
    codebuild: Any,
    s3: S3Client,
    name: str,
    bucket: str,
    account: Account,
    source: Source,
    step: Step,
) -> str:
    """Build a commit's image, and wait for its end; CodeBuild gives up after half an hour.

    Args:
        codebuild: A client of it.
        s3: Likewise.
        name: The first part of the project's name.
        bucket: The bucket of Terraform's states, which keeps the bundle as well.
        account: Whose they are.
        source: The commit.
        step: Shows what CodeBuild is at.

    Returns:
        The image by its digest, <repository>@sha256:….

    Raises:
        WorkError: The build failed.
        ClientError: AWS refused; ResourceNotFoundException where there is no such project.
    """
    version = s3.put_object(
        Bucket=bucket, Key=_SOURCE_KEY, Body=source.archive, ExpectedBucketOwner=account.id
    )["VersionId"]
    # This very bundle, whoever sends another one meanwhile.
    build = codebuild.start_build(projectName=_PROJECT.format(name), sourceVersion=version)["build"]
    while not build.get("buildComplete"):
        step.update(build.get("currentPhase", "").lower())
        time.sleep(_POLL_SECONDS)
        (build,) = codebuild.batch_get_builds(ids=[build["id"]])["builds"]
    told = {
        variable["name"]: variable["value"]
        for variable in build.get("exportedEnvironmentVariables", ())
    }
    if build["buildStatus"] != "SUCCEEDED" or not told.get("IMAGE"):
        log = build.get("logs", {}).get("deepLink", "CodeBuild's console")
        raise WorkError(f"the build {build['id']} ended as {build['buildStatus']}: see {log}")
    return str(told["IMAGE"])


def _git(project: Path, *arguments: str) -> bytes:
    return subprocess.run(  # noqa: S603
        ["git", "-C", str(project), *arguments],  # noqa: S607 - whichever is on the PATH
        capture_output=True,
        check=True,
    ).stdout
