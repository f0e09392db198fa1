"""Glue in front of MiniStack: what MiniStack lacks is answered here, the rest is passed on.

Of MiniStack 1.5.33. It counts a table's VersionId but keeps no version, so the versions are kept
here when an UpdateTable passes; one that goes to MiniStack directly leaves none. It answers
GetPartitions with every partition whatever the expression says, after which dbt-athena, which
overwrites some partitions of a Hive table, deleted all of them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import urllib3

from local_athena.errors import ApiError
from local_athena.partition_expressions import parse_expression

# How many earlier versions of one table are kept. Glue keeps 100,000 and fails then; an Iceberg
# table has one for each commit, of some kilobytes, and they are kept in memory.
MAX_VERSIONS: Final = 100

# Of the connection, and of how one answer travels.
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_TARGET: Final = "x-amz-target"

Parameters = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _not_found(what: str) -> ApiError:
    return ApiError("EntityNotFoundException", f"{what} not found.")


class Glue:
    """Glue's API."""

    def __init__(self, url: str) -> None:
        """Pass calls on to the Glue at an address."""
        self._url = url
        self._http = urllib3.PoolManager(maxsize=64)
        # Held while a table changes: no version is lost between reading and changing it.
        self._lock = threading.Lock()
        # (database, table) → its earlier versions by VersionId, in their order.
        self._versions: dict[tuple[str, str], dict[str, Answer]] = {}
        self._answered: Mapping[str, Callable[[Parameters, Mapping[str, str]], Answer]] = {
            "GetTableVersion": self._get_table_version,
            "GetTableVersions": self._get_table_versions,
            "DeleteTableVersion": self._delete_table_version,
            "BatchDeleteTableVersion": self._batch_delete_table_version,
            "GetPartitions": self._get_partitions,
            "BatchDeletePartition": self._batch_delete_partition,
        }

    def respond(self, operation: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer a call.

        Args:
            operation: Such as GetTable.
            headers: The request's, with lower-case names.
            body: The request's.

        Raises:
            ApiError: Glue would refuse the call.
        """
        if answer := self._answered.get(operation):
            return _json_response(answer(json.loads(body), headers))
        if operation == "UpdateTable":
            return self._update_table(headers, body)
        response = self._pass_on(headers, body)
        if response.status == 200:
            self._forget_what_is_gone(operation, body)
        return response

    def _pass_on(self, headers: Mapping[str, str], body: bytes) -> Response:
        passed = {k: v for k, v in headers.items() if k not in _HOP_BY_HOP and k != "host"}
        response = self._http.request(
            "POST", self._url, body=body, headers=passed, decode_content=False, retries=False
        )
        kept = {k: v for k, v in response.headers.items() if k.lower() not in _HOP_BY_HOP}
        return Response(response.status, kept, response.data)

    def _call(self, operation: str, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        """Call Glue on behalf of a caller: with its headers, which say whose Glue it is.

        Raises:
            ApiError: Glue refuses the call.
        """
        response = self._pass_on(
            {**headers, _TARGET: f"AWSGlue.{operation}"}, json.dumps(parameters).encode()
        )
        answer: Answer = json.loads(response.body)
        if response.status != 200:
            code = str(answer.get("__type", "InternalServiceException")).rpartition("#")[2]
            raise ApiError(code, answer.get("message") or answer.get("Message") or "")
        return answer

    def _get_table(self, database: str, table: str, headers: Mapping[str, str]) -> Answer:
        parameters = {"DatabaseName": database, "Name": table}
        found: Answer = self._call("GetTable", parameters, headers)["Table"]
        return found

    def _update_table(self, headers: Mapping[str, str], body: bytes) -> Response:
        parameters = json.loads(body)
        if parameters.get("SkipArchive"):
            return self._pass_on(headers, body)
        key = parameters["DatabaseName"], parameters["TableInput"]["Name"]
        with self._lock:
            earlier = self._get_table(*key, headers)
            response = self._pass_on(headers, body)
            if response.status == 200:
                versions = self._versions.setdefault(key, {})
                versions[earlier["VersionId"]] = earlier
                while len(versions) > MAX_VERSIONS:
                    del versions[next(iter(versions))]
        return response

    def _forget_what_is_gone(self, operation: str, body: bytes) -> None:
        """Keep no version of a table that a call has deleted."""
        if operation == "DeleteTable":
            parameters = json.loads(body)
            self._forget(parameters["DatabaseName"], lambda table: table == parameters["Name"])
        elif operation == "BatchDeleteTable":
            parameters = json.loads(body)
            self._forget(
                parameters["DatabaseName"], lambda table: table in parameters["TablesToDelete"]
            )
        elif operation == "DeleteDatabase":
            self._forget(json.loads(body)["Name"], lambda _: True)

    def _forget(self, database: str, is_gone: Callable[[str], bool]) -> None:
        with self._lock:
            for key in list(self._versions):
                if key[0] == database and is_gone(key[1]):
                    del self._versions[key]

    def _table_versions(
        self, parameters: Parameters, headers: Mapping[str, str]
    ) -> dict[str, Answer]:
        """Every version of a table by its VersionId, the present one last.

        Raises:
            ApiError: There is no such table.
        """
        key = parameters["DatabaseName"], parameters["TableName"]
        with self._lock:
            present = self._get_table(*key, headers)
            earlier = {
                version: table
                for version, table in self._versions.get(key, {}).items()
                if _precedes(table, present)
            }
            return {**earlier, present["VersionId"]: present}

    def _get_table_versions(self, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        """Answer all versions at once, the latest first, as Glue orders them."""
        versions = self._table_versions(parameters, headers)
        return {
            "TableVersions": [
                {"Table": table, "VersionId": version}
                for version, table in reversed(versions.items())
            ]
        }

    def _get_table_version(self, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        versions = self._table_versions(parameters, headers)
        version = parameters.get("VersionId", next(reversed(versions)))
        if version not in versions:
            raise _not_found(f"Version {version} of table {parameters['TableName']}")
        return {"TableVersion": {"Table": versions[version], "VersionId": version}}

    def _delete_table_version(self, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        version = parameters["VersionId"]
        versions = self._table_versions(parameters, headers)
        if version not in versions:
            raise _not_found(f"Version {version} of table {parameters['TableName']}")
        if version == next(reversed(versions)):
            raise ApiError("InvalidInputException", "The present version cannot be deleted.")
        with self._lock:
            key = parameters["DatabaseName"], parameters["TableName"]
            self._versions.get(key, {}).pop(version, None)
        return {}

    def _batch_delete_table_version(
        self, parameters: Parameters, headers: Mapping[str, str]
    ) -> Answer:
        errors = []
        for version in parameters["VersionIds"]:
            try:
                self._delete_table_version({**parameters, "VersionId": version}, headers)
            except ApiError as error:
                errors.append(
                    {
                        "TableName": parameters["TableName"],
                        "VersionId": version,
                        "ErrorDetail": {"ErrorCode": error.code, "ErrorMessage": error.message},
                    }
                )
        return {"Errors": errors}

    def _get_partitions(self, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        """Answer the partitions that an expression picks, all of them in the first segment.

        Raises:
            ApiError: There is no such table, or the expression is none.
        """
        if parameters.get("Segment", {}).get("SegmentNumber", 0) > 0:
            return {"Partitions": []}
        answer = self._call("GetPartitions", parameters, headers)
        expression = parameters.get("Expression")
        if not expression:
            return answer
        table = self._get_table(parameters["DatabaseName"], parameters["TableName"], headers)
        keys = {key["Name"].lower(): key["Type"] for key in table["PartitionKeys"]}
        try:
            picks = parse_expression(expression, keys)
            partitions = [
                partition
                for partition in answer["Partitions"]
                if picks(dict(zip(keys, partition["Values"], strict=True)))
            ]
        except ValueError as error:
            raise ApiError("InvalidInputException", str(error)) from error
        return {**answer, "Partitions": partitions}

    def _batch_delete_partition(self, parameters: Parameters, headers: Mapping[str, str]) -> Answer:
        errors = []
        table = {key: parameters[key] for key in ("DatabaseName", "TableName")}
        for partition in parameters["PartitionsToDelete"]:
            values = {**table, "PartitionValues": partition["Values"]}
            try:
                # MiniStack deletes what is not there without a word.
                self._call("GetPartition", values, headers)
                self._call("DeletePartition", values, headers)
            except ApiError as error:
                errors.append(
                    {
                        "PartitionValues": partition["Values"],
                        "ErrorDetail": {"ErrorCode": error.code, "ErrorMessage": error.message},
                    }
                )
        return {"Errors": errors}


def _precedes(earlier: Answer, present: Answer) -> bool:
    """Whether one is a version of the other, not of a table of that name which is gone."""
    is_same_table = earlier.get("CreateTime") == present.get("CreateTime")
    return is_same_table and int(earlier["VersionId"]) < int(present["VersionId"])


def _json_response(answer: Answer) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return Response(200, headers, json.dumps(answer).encode())
