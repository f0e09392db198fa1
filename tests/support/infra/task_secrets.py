"""What ECS does with the secrets of a task definition before its container starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3


def client_as(credentials: Mapping[str, str], service: str) -> Any:
    """Return a client of a service with a role's credentials.

    Args:
        credentials: The variables that tell a client of the role and the account.
        service: The service, as boto3 has it.
    """
    session: Any = boto3.Session(
        credentials["AWS_ACCESS_KEY_ID"],
        credentials["AWS_SECRET_ACCESS_KEY"],
        credentials["AWS_SESSION_TOKEN"],
        credentials["AWS_REGION"],
    )
    return session.client(service, endpoint_url=credentials["AWS_ENDPOINT_URL"])


def secrets_of(container: Mapping[str, Any], credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a container's secrets.

    Args:
        container: Its definition.
        credentials: The variables that tell a client of the task's execution role.
    """
    client = client_as(credentials, "secretsmanager")
    return {
        entry["name"]: client.get_secret_value(SecretId=entry["valueFrom"])["SecretString"]
        for entry in container.get("secrets", ())
    }
