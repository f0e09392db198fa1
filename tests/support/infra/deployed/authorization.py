"""IAM of Athena and Glue, where MiniStack 1.5.33 does not have AWS's.

A call of theirs is judged by the resource that it is about. MiniStack names a table by its name
alone, without its database, and knows no query's work group.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import urllib3
from ministack import app as untyped_app
from ministack.core import iam_actions as untyped_iam_actions
from ministack.core import iam_evaluator as untyped_iam_evaluator

from local_athena.aws_environment import ACCOUNT_ID
from local_athena.ministack import Handler

app: Any = untyped_app
iam_actions: Any = untyped_iam_actions
iam_evaluator: Any = untyped_iam_evaluator

_enforce = iam_evaluator.enforce
_extract_resource_arn = iam_actions.extract_resource_arn
_resolve_condition_key = iam_evaluator._resolve_condition_key
_ministacks_glue: Handler = app.SERVICE_HANDLERS["glue"]

# MiniStack checks no signature of the account's root.
_ROOT: Final = f"AWS4-HMAC-SHA256 Credential={ACCOUNT_ID}/20260101/us-east-1/glue/aws4_request"


def put_in_place(url: str) -> None:
    """Judge the calls of this process's MiniStack; our Athena is at an address."""
    judge(url)
    app.SERVICE_HANDLERS["glue"] = _glue_at(url)


def judge(url: str = "") -> None:
    """Judge them, and leave them where they are; without an address, no call is about a query."""

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, Any],
        region: str,
        account: str,
    ) -> str:
        if service not in ("athena", "glue"):
            found: str = _extract_resource_arn(
                service, method, path, headers, body, query, region, account
            )
            return found
        operation, parameters = headers["x-amz-target"].partition(".")[2], json.loads(body)
        if service == "athena":
            return f"arn:aws:athena:{region}:{account}:{_of_athena(operation, parameters, url)}"
        return f"arn:aws:glue:{region}:{account}:{_of_glue(parameters)}"

    iam_actions.extract_resource_arn = extract_resource_arn
    iam_evaluator.enforce = enforce
    iam_evaluator._resolve_condition_key = resolve_condition_key


def _of_athena(operation: str, parameters: Mapping[str, Any], url: str) -> str:
    if operation == "GetDataCatalog":
        return f"datacatalog/{parameters['Name'].lower()}"
    if execution := parameters.get("QueryExecutionId"):
        # The operation for a single one waits for the query's end, and this process with it.
        answer = urllib3.request(
            "POST",
            url,
            headers={"x-amz-target": "AmazonAthena.BatchGetQueryExecution"},
            json={"QueryExecutionIds": [execution]},
        ).json()
        return "".join(f"workgroup/{found['WorkGroup']}" for found in answer["QueryExecutions"])
    return f"workgroup/{parameters.get('WorkGroup', 'primary')}"


def _of_glue(parameters: Mapping[str, Any]) -> str:
    database = parameters.get("DatabaseName")
    if database is None:
        name = parameters.get("DatabaseInput", parameters).get("Name")
        return f"database/{name}" if name else "catalog"
    table = parameters.get("TableName") or parameters.get("TableInput", parameters).get("Name")
    return f"table/{database}/{table}" if table else f"database/{database}"


def enforce(access_key: str, action: str, service: str, region: str, **request: Any) -> Any:
    """Refuse a call that may not be; of Glue, one that may not be on the resource's parents too.

    docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    arn = request.get("resource_arn", "*")
    arns = [arn]
    if service == "glue" and not arn.endswith(":catalog"):
        home, _, path = arn.rpartition(":")
        arns = [f"{home}:catalog", f"{home}:database/{path.split('/')[1]}", arn]
    for each in arns:
        if denied := _enforce(
            access_key, action, service, region, **{**request, "resource_arn": each}
        ):
            return denied
    return None


def resolve_condition_key(key: str, context: Any) -> Any:
    """Say which account a service acts for: MiniStack's services are the account's root."""
    if key.lower() == "aws:sourceaccount" and context.principal_type == "Root":
        return context.principal_account
    return _resolve_condition_key(key, context)


def _glue_at(url: str) -> Handler:
    """Answer a role's calls, which have been judged by now, by way of our Glue as the account's.

    That passes them on with their signature, which holds for MiniStack's address alone.
    """
    http = urllib3.PoolManager(maxsize=16)

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | str,
        query: Mapping[str, Any],
    ) -> tuple[int, dict[str, str], bytes]:
        if app.extract_access_key_id(headers, query) == ACCOUNT_ID:
            return await _ministacks_glue(method, path, headers, body, query)
        passed = {name: headers[name] for name in ("x-amz-target", "content-type")}
        response = await asyncio.to_thread(
            http.request,
            method,
            url,
            body=body,
            headers={**passed, "authorization": _ROOT},
            retries=False,
        )
        return response.status, {"Content-Type": response.headers["Content-Type"]}, response.data

    return handle
