from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

# It writes down what it is asked, and whether the state is a file beside the module.
TERRAFORM = """#!/bin/sh
root="${1#-chdir=}"; shift
where=bucket; test ! -e "$root/backend_override.tf" || where=local
echo "$where: $*" >> "$CALLS"
if [ -e "$FAIL" ] && [ "$1" = "$(cat "$FAIL")" ]; then echo "It failed." >&2; exit 1; fi
case "$1 $where $*" in
  "init local "*-migrate-state*|"apply local "*) echo '{}' > "$root/terraform.tfstate" ;;
esac
test "$1" != output || cat "$OUTPUTS"
"""


@dataclass(frozen=True)
class FakeTerraform:
    """Terraform on the PATH.

    Attributes:
        root: A root module.
        folder: Where it keeps what it is asked.
    """

    root: Path
    folder: Path

    @property
    def calls(self) -> list[str]:
        """What it was asked, each with where the state was."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def fail(self, command: str) -> None:
        """Let a command fail, such as apply; an empty one lets none."""
        (self.folder / "fail").write_text(command)

    def answer(self, outputs: str) -> None:
        """Set what `output -json` answers."""
        (self.folder / "outputs").write_text(outputs)


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTerraform:
    folder = tmp_path / "bin"
    folder.mkdir()
    executable = folder / "terraform"
    executable.write_text(TERRAFORM)
    executable.chmod(0o755)
    root = tmp_path / "root"
    root.mkdir()
    fake = FakeTerraform(root, folder)
    fake.answer("{}")
    for name in ("calls", "fail", "outputs"):
        monkeypatch.setenv(name.upper(), str(folder / name))
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return fake


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """A clock that goes by two seconds each time it is looked at; nobody sleeps."""
    now = [0.0]

    def clock() -> float:
        now[0] += 2
        return now[0]

    monkeypatch.setattr("retailpulse.cloud.deployment.smoke.time.monotonic", clock)
    monkeypatch.setattr("retailpulse.cloud.deployment.smoke.time.sleep", lambda seconds: None)
    return clock
