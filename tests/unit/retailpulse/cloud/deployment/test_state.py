from __future__ import annotations

import json
from typing import Any

import pytest

from retailpulse.cloud.deployment.state import (
    backend_settings,
    bucket_is_there,
    deployed_resources,
    environment_key,
    state_bucket,
    state_is_there,
)
from retailpulse.errors import SetupError
from tests.support.cloud.aws import ACCOUNT, S3

BUCKET = "retailpulse-state-111122223333-eu-central-1"


def state(*resources: tuple[str, int]) -> bytes:
    return json.dumps(
        {"resources": [{"mode": mode, "instances": [{}] * count} for mode, count in resources]}
    ).encode()


def test_the_bucket_is_that_of_infra_bootstrap() -> None:
    assert state_bucket("retailpulse", ACCOUNT) == BUCKET


def test_terraform_locks_and_encrypts_the_state() -> None:
    assert backend_settings(BUCKET, environment_key("dev"), ACCOUNT, emulated=False) == {
        "bucket": BUCKET,
        "key": "environments/dev/terraform.tfstate",
        "region": "eu-central-1",
        "encrypt": "true",
        "use_lockfile": "true",
    }


def test_an_emulator_is_asked_for_no_credentials_or_region() -> None:
    settings = backend_settings(BUCKET, "key", ACCOUNT, emulated=True)
    assert {name for name in settings if name.startswith(("skip_", "use_path"))} == {
        "skip_credentials_validation",
        "skip_metadata_api_check",
        "skip_region_validation",
        "use_path_style",
    }


def test_what_is_not_there_is_no_error() -> None:
    there: Any = S3({BUCKET: {"key": b""}})
    assert bucket_is_there(there, BUCKET, ACCOUNT)
    assert not bucket_is_there(there, "other", ACCOUNT)
    assert state_is_there(there, BUCKET, "key", ACCOUNT)
    assert not state_is_there(there, BUCKET, "other", ACCOUNT)


def test_a_bucket_that_may_not_be_seen_is_named() -> None:
    hidden: Any = S3({BUCKET: None})
    with pytest.raises(SetupError, match=rf"at the bucket {BUCKET} .* another account's"):
        bucket_is_there(hidden, BUCKET, ACCOUNT)
    with pytest.raises(SetupError, match=rf"at the bucket {BUCKET}"):
        state_is_there(hidden, BUCKET, "key", ACCOUNT)


def test_what_is_deployed_is_counted_without_what_is_only_read() -> None:
    s3: Any = S3()
    s3.put(BUCKET, environment_key("dev"), state(("managed", 3), ("data", 5), ("managed", 1)))
    s3.put(BUCKET, environment_key("test"), state(("data", 1)))
    s3.put(BUCKET, environment_key("prod") + ".tflock", b"no state")
    s3.put(BUCKET, "bootstrap/terraform.tfstate", state(("managed", 9)))
    assert deployed_resources(s3, BUCKET) == {"dev": 4}
