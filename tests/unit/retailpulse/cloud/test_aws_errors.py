from __future__ import annotations

from collections.abc import Mapping

import pytest
from botocore import exceptions

from retailpulse.cloud.aws_errors import told_in_one_sentence
from retailpulse.errors import RetailPulseError, SetupError, WorkError
from tests.support.cloud.aws import refusal

SETUP, WORK = SetupError, WorkError


def told(error: Exception, known: Mapping[str, str] | None = None) -> RetailPulseError:
    with pytest.raises(RetailPulseError) as caught, told_in_one_sentence(known):
        raise error
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (exceptions.NoRegionError(), SETUP, "no AWS region is set: set AWS_REGION"),
        (exceptions.NoCredentialsError(), SETUP, "there are no AWS credentials: sign in"),
        (exceptions.ProfileNotFound(profile="nobody"), SETUP, r"\(The config profile \(nobody\)"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="secret"),
            SETUP,
            "Partial credentials found in env.*: sign in",
        ),
        (exceptions.UnauthorizedSSOTokenError(), SETUP, "SSO session .* has expired .*: sign in"),
        (
            exceptions.TokenRetrievalError(provider="sso", error_msg="it\nfailed"),
            SETUP,
            "it failed",
        ),
        (refusal("ExpiredTokenException"), SETUP, r"does not accept these credentials \(No.\)"),
        (refusal("UnrecognizedClientException"), SETUP, "does not accept these credentials"),
        (refusal("AccessDenied", "PutEvents"), SETUP, "do not allow PutEvents"),
        (refusal("AccessDeniedException", "StartExecution"), SETUP, "do not allow StartExecution"),
        (refusal("403", "HeadObject", "Forbidden"), SETUP, r"HeadObject \(Forbidden\)"),
        (refusal("Throttling", "Ask"), WORK, r"AWS refused Ask: No. \(Throttling\)"),
        (
            exceptions.EndpointConnectionError(endpoint_url="http://nowhere"),
            WORK,
            "AWS cannot be reached .*http://nowhere.*: check the network",
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url="http://slow"),
            WORK,
            "AWS cannot be reached .*http://slow",
        ),
        (
            exceptions.WaiterError(name="tasks_stopped", reason="Max attempts", last_response={}),
            WORK,
            "tasks_stopped failed: Max attempts",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_botocore_raises_is_one_sentence(
    error: Exception, kind: type[RetailPulseError], sentence: str
) -> None:
    caught = told(error)
    assert type(caught) is kind
    assert caught.__cause__ is error
    with pytest.raises(kind, match=sentence):
        raise caught


def test_who_asks_may_know_better() -> None:
    known = {"NoSuchThing": "there is no thing: make one"}
    assert str(told(refusal("NoSuchThing"), known)) == "there is no thing: make one"
    assert isinstance(told(refusal("NoSuchOther"), known), WorkError)


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(KeyError), told_in_one_sentence():
        raise KeyError("ours")
