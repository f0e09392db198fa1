"""The WSGI application: AWS's JSON protocol, on one port for Athena and Glue."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import urllib3

from local_athena.athena_api import AthenaApi
from local_athena.errors import ApiError
from local_athena.glue import Glue, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)


class Application:
    """The application."""

    def __init__(self, athena: AthenaApi, glue: Glue) -> None:
        """Serve these two."""
        self._athena = athena
        self._glue = glue

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        response = self._respond(environ)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-RequestId": str(uuid.uuid4()),
            **response.headers,
            "Content-Length": str(len(response.body)),
        }
        status = HTTPStatus(response.status)
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [response.body]

    def _respond(self, environ: WSGIEnvironment) -> Response:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] == "/health":
            return _json(200, {"status": "ok"})
        headers = _headers(environ)
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        body = environ["wsgi.input"].read()
        try:
            if service == "AWSGlue":
                return self._glue.respond(operation, headers, body)
            if service == "AmazonAthena":
                return _json(200, self._athena.answer(operation, _parameters(operation, body)))
            raise ApiError(
                "UnknownOperationException",
                "This is a local Athena: it answers AmazonAthena and AWSGlue.",
            )
        except ApiError as error:
            # Athena gives its code under both names.
            code = error.fields.get("AthenaErrorCode")
            both = {} if code is None else {"ErrorCode": code}
            return _json(
                400, {"__type": error.code, "Message": error.message, **error.fields, **both}
            )
        except urllib3.exceptions.HTTPError as error:
            return _internal_error(f"Glue's emulator cannot be reached: {error}")
        except Exception as error:
            logger.exception("%s failed", operation)
            return _internal_error(f"{operation}: {type(error).__name__}: {error}")


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The request's headers, with lower-case names."""
    found = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if content_type := environ.get("CONTENT_TYPE"):
        found["content-type"] = content_type
    return found


def _parameters(operation: str, body: bytes) -> Mapping[str, Any]:
    """Read a request's JSON.

    Raises:
        ApiError: It is not an object of JSON.
    """
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise ApiError(
            "InvalidRequestException",
            f"{operation}: the request is not an object of JSON.",
            AthenaErrorCode="INVALID_INPUT",
        )
    return parameters


def _json(status: int, answer: Mapping[str, Any]) -> Response:
    return Response(status, {}, json.dumps(answer).encode())


def _internal_error(message: str) -> Response:
    return _json(500, {"__type": "InternalServerException", "Message": message})
