"""What AWS or the way to it fails with, told like every other failure: in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from retailpulse.errors import RetailPulseError, SetupError, WorkError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_SIGN_IN: Final = "sign in, e.g. with `aws sso login`, and set AWS_PROFILE"

# Services have words of their own for the same two things.
_NOT_ACCEPTED: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NOT_ALLOWED: Final = frozenset(
    {
        # A HEAD request is answered without a word.
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
    }
)


@contextmanager
def told_in_one_sentence(known: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turn what botocore raises into what a user can do something about.

    Args:
        known: The caller's own sentences for what may not be there, by the error's code.

    Raises:
        SetupError: There are no credentials that AWS accepts, they do not suffice, no region is
            set, or a code of `known` came.
        WorkError: Anything else that AWS answers, or it cannot be reached.
    """
    # Importing it takes 0.1 s, which other commands need not wait for.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _refused(error, known or {}) from error
    except BotoCoreError as error:
        raise _not_asked(error) from error


def _refused(error: ClientError, known: Mapping[str, str]) -> RetailPulseError:
    told = error.response.get("Error", {})
    code, message = told.get("Code", ""), _line(told.get("Message", ""))
    if code in known:
        return SetupError(known[code])
    if code in _NOT_ACCEPTED:
        return SetupError(f"AWS does not accept these credentials ({message}): {_SIGN_IN}")
    if code in _NOT_ALLOWED:
        return SetupError(
            f"these credentials do not allow {error.operation_name} ({message}): use those of "
            "somebody who may (`aws sts get-caller-identity` says whose they are)"
        )
    return WorkError(f"AWS refused {error.operation_name}: {message} ({code})")


def _not_asked(error: BotoCoreError) -> RetailPulseError:
    from botocore import exceptions

    if isinstance(error, exceptions.NoRegionError):
        return SetupError("no AWS region is set: set AWS_REGION to where it is deployed")
    if isinstance(error, exceptions.NoCredentialsError):
        return SetupError(f"there are no AWS credentials: {_SIGN_IN}")
    if isinstance(
        error,
        exceptions.PartialCredentialsError
        | exceptions.CredentialRetrievalError
        | exceptions.ProfileNotFound
        | exceptions.ConfigParseError
        | exceptions.InvalidConfigError
        | exceptions.SSOError
        | exceptions.LoginError
        | exceptions.TokenRetrievalError,
    ):
        return SetupError(f"there are no AWS credentials that work ({_line(error)}): {_SIGN_IN}")
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return WorkError(
            f"AWS cannot be reached ({_line(error)}): check the network, AWS_REGION and "
            "AWS_ENDPOINT_URL"
        )
    return WorkError(f"AWS was not asked: {_line(error)}")


def _line(said: object) -> str:
    return " ".join(str(said).split())
