from __future__ import annotations

from pathlib import Path

import pytest

from retailpulse.cloud.deployment.terraform import Terraform
from retailpulse.errors import SetupError, WorkError
from tests.unit.retailpulse.cloud.deployment.conftest import FakeTerraform


def test_each_command_is_given_the_variables_and_asks_unless_told_not_to(
    terraform: FakeTerraform, tmp_path: Path
) -> None:
    file = tmp_path / "dev.tfvars"
    asking = Terraform(terraform.root, {"image": "i"}, variables_file=file)
    asking.apply()
    asking.plan()
    Terraform(terraform.root, auto_approve=True).destroy()

    assert terraform.calls == [
        f"bucket: apply -var-file={file} -var=image=i",
        f"bucket: plan -input=false -lock=false -var-file={file} -var=image=i",
        "bucket: destroy -auto-approve -input=false",
    ]


def test_a_backend_is_set_anew_or_moved_to(terraform: FakeTerraform) -> None:
    Terraform(terraform.root).init({"bucket": "b"})
    Terraform(terraform.root).init({"bucket": "b"}, migrate=True)

    assert terraform.calls == [
        "bucket: init -input=false -reconfigure -backend-config=bucket=b",
        "bucket: init -input=false -migrate-state -force-copy -backend-config=bucket=b",
    ]


def test_outputs_are_read_by_name(terraform: FakeTerraform) -> None:
    terraform.answer('{"bus": {"sensitive": false, "value": {"name": "bus"}}}')
    assert Terraform(terraform.root).outputs() == {"bus": {"name": "bus"}}


def test_a_failure_is_told_by_terraform_itself(terraform: FakeTerraform) -> None:
    terraform.fail("apply")
    with pytest.raises(WorkError, match=r"terraform apply failed in .*: it has said why above"):
        Terraform(terraform.root).apply()


def test_terraform_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="terraform is not on the PATH"):
        Terraform(tmp_path).apply()
