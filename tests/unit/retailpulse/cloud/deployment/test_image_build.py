from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from retailpulse.cloud.deployment.image_build import Source, build_image, committed
from retailpulse.errors import SetupError, WorkError
from retailpulse.terminal import Step
from tests.support.cloud.aws import ACCOUNT

IMAGE = f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/retailpulse@sha256:{'a' * 64}"
SOURCE = Source("1a2b3c4", b"zip", has_more=False)


class CodeBuild:
    """A build that goes on for two questions and then ends; and the bucket of its source."""

    def __init__(self, status: str = "SUCCEEDED", exported: dict[str, str] | None = None) -> None:
        self.ended = {
            "id": "retailpulse-image:1",
            "buildComplete": True,
            "buildStatus": status,
            "logs": {"deepLink": "https://example.com/log"},
            "exportedEnvironmentVariables": [
                {"name": name, "value": value} for name, value in (exported or {}).items()
            ],
        }
        self.put: dict[str, Any] = {}
        self.started: dict[str, str] = {}
        self.asked = 0

    def put_object(self, **asked: Any) -> dict[str, str]:
        self.put = asked
        return {"VersionId": "version-2"}

    def start_build(self, **asked: str) -> dict[str, Any]:
        self.started = asked
        return {"build": {"id": "retailpulse-image:1", "buildComplete": False}}

    def batch_get_builds(self, *, ids: list[str]) -> dict[str, Any]:
        assert ids == ["retailpulse-image:1"]
        self.asked += 1
        running = {"id": ids[0], "buildComplete": False, "currentPhase": "BUILD"}
        return {"builds": [running if self.asked < 3 else self.ended]}


def build(codebuild: CodeBuild) -> str:
    s3: Any = codebuild
    return build_image(codebuild, s3, "retailpulse", "bucket", ACCOUNT, SOURCE, Step("Build"))


@pytest.fixture(autouse=True)
def _nobody_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retailpulse.cloud.deployment.image_build.time.sleep", lambda seconds: None)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "A"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    return tmp_path


def test_the_very_bundle_that_was_sent_is_built() -> None:
    codebuild = CodeBuild(exported={"IMAGE": IMAGE})
    assert build(codebuild) == IMAGE
    assert codebuild.put == {
        "Bucket": "bucket",
        "Key": "sources/image.zip",
        "Body": b"zip",
        "ExpectedBucketOwner": ACCOUNT.id,
    }
    assert codebuild.started == {"projectName": "retailpulse-image", "sourceVersion": "version-2"}


@pytest.mark.parametrize(
    "codebuild",
    [
        CodeBuild("FAILED", {"IMAGE": IMAGE}),
        CodeBuild("TIMED_OUT"),
        CodeBuild("SUCCEEDED", {"IMAGE": ""}),
        CodeBuild("SUCCEEDED"),
    ],
)
def test_a_build_without_an_image_has_failed(codebuild: CodeBuild) -> None:
    with pytest.raises(WorkError, match=r"ended as [A-Z_]+: see https://example\.com/log"):
        build(codebuild)


def test_a_commits_files_are_sent_and_no_others(checkout: Path) -> None:
    assert not committed(checkout).has_more
    (checkout / "Dockerfile").write_text("FROM other\n")
    (checkout / "new").touch()

    source = committed(checkout)

    assert source.has_more
    with zipfile.ZipFile(io.BytesIO(source.archive)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "Dockerfile": b"FROM scratch\n"
        }


def test_without_a_checkout_there_is_nothing_to_send(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is no checkout of git"):
        committed(tmp_path)
