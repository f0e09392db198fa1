"""The image that runs dbt: built for Fargate on ARM, pushed, and known by its digest."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING

from retailpulse.errors import SetupError, WorkError

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_PLATFORM = "linux/arm64"


def build_and_push(project: Path, repository: str, ecr: ECRClient) -> str:
    """Build the Dockerfile and push the image to ECR.

    Args:
        project: The checkout.
        repository: The repository's address.
        ecr: A client.

    Returns:
        The image by its digest: `<repository>@sha256:<digest>`.

    Raises:
        SetupError: Docker is not there, or the checkout has changes that no commit holds.
        WorkError: Docker failed; it has said why.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise SetupError(
            "docker is not on the PATH: install Docker with buildx, or name an image that is "
            "in the repository: make deploy IMAGE=<repository>@sha256:…"
        )
    tag = _commit(project)
    _log_in(docker, repository, ecr)
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder) / "metadata.json"
        # Lambda's and ECS's registries want no attestations beside the image.
        command = [docker, "buildx", "build", "--platform", _PLATFORM, "--provenance=false"]
        command += ["--tag", f"{repository}:{tag}", "--metadata-file", str(metadata)]
        command += ["--push", str(project)]
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            raise WorkError("docker buildx build failed: it has said why above")
        digest = json.loads(metadata.read_text())["containerimage.digest"]
    return f"{repository}@{digest}"


def _commit(project: Path) -> str:
    """Return the commit that the checkout is at: tags of the repository are immutable."""
    git = shutil.which("git") or "git"

    def say(*arguments: str) -> str:
        return subprocess.run(  # noqa: S603
            [git, *arguments], cwd=project, check=True, capture_output=True, text=True
        ).stdout.strip()

    if say("status", "--porcelain"):
        raise SetupError(
            "the checkout has uncommitted changes, and an image is known by its commit: commit them"
        )
    return say("rev-parse", "HEAD")


def _log_in(docker: str, repository: str, ecr: ECRClient) -> None:
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = b64decode(token).decode().partition(":")
    # By standard input: an argument would show in the list of processes.
    process = subprocess.run(  # noqa: S603
        [docker, "login", "--username", user, "--password-stdin", repository.partition("/")[0]],
        input=password,
        text=True,
        check=False,
    )
    if process.returncode:
        raise WorkError("docker login failed: it has said why above")
