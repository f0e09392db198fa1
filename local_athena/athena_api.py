"""Athena's API: one function for each operation, from its parameters to its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from local_athena.errors import ApiError
from local_athena.executions import ENDED, Execution, Executions, Submission
from local_athena.metadata import (
    CATALOG,
    check_catalog,
    get_database,
    get_table,
    list_databases,
    list_tables,
)
from local_athena.named_queries import NamedQueries
from local_athena.results import MAX_PAGE, read_token, result_page, write_token
from local_athena.workgroups import ENGINE_VERSION, ENGINE_VERSIONS, PRIMARY, WorkGroups

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

Parameters = Mapping[str, Any]
Answer = dict[str, Any]

MAX_STATEMENT_BYTES: Final = 262_144
MAX_LISTED: Final = 50

# For how long GetQueryExecution waits for a statement that has not ended before it answers that it
# has not. dbt-athena and PyAthena ask right after they start a statement and then once a second, so
# that a statement of 80 ms would take a second; on Athena, where nothing takes less than one, that
# is lost in the noise. Nothing that is answered differs from what Athena would say at that moment:
# only the moment does, and clients allow a minute for it. StartQueryExecution on the other hand
# answers at once: who does not know an execution's id cannot stop it.
POLL_SECONDS: Final = 5.0
# How many calls may wait at one time: each holds a thread of the server, which running statements
# need for their calls to Glue.
MAX_WAITING: Final = 32


@cache
def _input_shape(operation: str) -> Shape:
    """An operation's parameters as botocore describes them, which is what its clients know."""
    model = botocore.session.get_session().get_service_model("athena")
    return model.shape_for(f"{operation}Input")


def _refusal(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message, AthenaErrorCode="INVALID_INPUT")


class AthenaApi:
    """The operations."""

    def __init__(
        self,
        executions: Executions,
        work_groups: WorkGroups,
        named_queries: NamedQueries,
        glue: GlueClient,
        *,
        poll_seconds: float = POLL_SECONDS,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Serve these executions, workgroups and named queries, and Glue's metadata."""
        self._executions = executions
        self._work_groups = work_groups
        self._named_queries = named_queries
        self._glue = glue
        self._poll_seconds = poll_seconds
        self._may_wait = threading.BoundedSemaphore(max_waiting)
        self._operations: Mapping[str, Callable[[Parameters], Answer]] = {
            "StartQueryExecution": self._start_query_execution,
            "GetQueryExecution": self._get_query_execution,
            "BatchGetQueryExecution": self._batch_get_query_execution,
            "ListQueryExecutions": self._list_query_executions,
            "StopQueryExecution": self._stop_query_execution,
            "GetQueryResults": self._get_query_results,
            "CreateWorkGroup": self._create_work_group,
            "GetWorkGroup": self._get_work_group,
            "ListWorkGroups": self._list_work_groups,
            "UpdateWorkGroup": self._update_work_group,
            "DeleteWorkGroup": self._delete_work_group,
            "ListEngineVersions": self._list_engine_versions,
            "ListTagsForResource": self._list_tags_for_resource,
            "TagResource": self._tag_resource,
            "UntagResource": self._untag_resource,
            "CreateNamedQuery": self._create_named_query,
            "GetNamedQuery": self._get_named_query,
            "BatchGetNamedQuery": self._batch_get_named_query,
            "ListNamedQueries": self._list_named_queries,
            "DeleteNamedQuery": self._delete_named_query,
            "GetDataCatalog": self._get_data_catalog,
            "ListDataCatalogs": self._list_data_catalogs,
            "GetDatabase": self._get_database,
            "ListDatabases": self._list_databases,
            "GetTableMetadata": self._get_table_metadata,
            "ListTableMetadata": self._list_table_metadata,
        }

    def answer(self, operation: str, parameters: Parameters) -> Answer:
        """Answer a call.

        Args:
            operation: Such as StartQueryExecution.
            parameters: As the client's JSON has them.

        Raises:
            ApiError: Athena would refuse the call, or it is not served here.
        """
        served = self._operations.get(operation)
        if served is None:
            raise _refusal(f"{operation} is not an operation of this local Athena.")
        given = {key: value for key, value in parameters.items() if value is not None}
        report = ParamValidator().validate(given, _input_shape(operation))
        if report.has_errors():
            raise _refusal(f"{operation}: {report.generate_report()}")
        return served(given)

    # Query executions

    def _start_query_execution(self, parameters: Parameters) -> Answer:
        statement = parameters["QueryString"]
        if not statement.strip():
            raise _refusal("The query is empty.")
        if len(statement.encode()) > MAX_STATEMENT_BYTES:
            raise _refusal(
                "1 validation error detected: Value at 'queryString' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_STATEMENT_BYTES}"
            )
        if parameters.get("ExecutionParameters"):
            raise _refusal("ExecutionParameters are not served by this local Athena.")
        token = parameters.get("ClientRequestToken")
        if not token:
            raise _refusal("clientRequestToken is null or empty")
        context = parameters.get("QueryExecutionContext", {})
        catalog, database = context.get("Catalog"), context.get("Database")
        if catalog is not None:
            check_catalog(catalog)
        location = parameters.get("ResultConfiguration", {}).get("OutputLocation")
        work_group = parameters.get("WorkGroup", PRIMARY)
        limits = self._work_groups.limits(work_group, location)
        execution = self._executions.start(
            Submission(
                statement=statement,
                catalog=catalog,
                database=(database or "default").lower(),
                work_group=work_group,
                output=limits.output,
                scan_limit=limits.scan_limit,
            ),
            token=token,
            # What Athena was seen to compare.
            identity=(statement, database, location),
        )
        return {"QueryExecutionId": execution.id}

    def _get_query_execution(self, parameters: Parameters) -> Answer:
        execution = self._executions.get(parameters["QueryExecutionId"])
        if self._may_wait.acquire(blocking=False):
            try:
                execution.ended.wait(self._poll_seconds)
            finally:
                self._may_wait.release()
        return {"QueryExecution": _describe(execution)}

    def _batch_get_query_execution(self, parameters: Parameters) -> Answer:
        found, missing = [], []
        for query_execution_id in parameters["QueryExecutionIds"]:
            try:
                found.append(_describe(self._executions.get(query_execution_id)))
            except ApiError as error:
                missing.append(
                    {
                        "QueryExecutionId": query_execution_id,
                        "ErrorCode": error.fields["AthenaErrorCode"],
                        "ErrorMessage": error.message,
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def _list_query_executions(self, parameters: Parameters) -> Answer:
        work_group = parameters.get("WorkGroup", PRIMARY)
        self._work_groups.get(work_group)
        return _listing("QueryExecutionIds", self._executions.ids(work_group), parameters)

    def _stop_query_execution(self, parameters: Parameters) -> Answer:
        self._executions.stop(parameters["QueryExecutionId"])
        return {}

    def _get_query_results(self, parameters: Parameters) -> Answer:
        return result_page(
            self._executions.results(parameters["QueryExecutionId"]),
            max_results=parameters.get("MaxResults", MAX_PAGE),
            token=parameters.get("NextToken"),
        )

    # Workgroups

    def _create_work_group(self, parameters: Parameters) -> Answer:
        self._work_groups.create(
            parameters["Name"],
            parameters.get("Configuration", {}),
            parameters.get("Description"),
            {tag["Key"]: tag.get("Value", "") for tag in parameters.get("Tags", [])},
        )
        return {}

    def _get_work_group(self, parameters: Parameters) -> Answer:
        return {"WorkGroup": self._work_groups.get(parameters["WorkGroup"])}

    def _list_work_groups(self, parameters: Parameters) -> Answer:
        summaries = [
            {
                "Name": work_group["Name"],
                "State": work_group["State"],
                "Description": work_group.get("Description", ""),
                "CreationTime": work_group["CreationTime"],
                "EngineVersion": ENGINE_VERSION,
            }
            for work_group in self._work_groups.list()
        ]
        return _listing("WorkGroups", summaries, parameters)

    def _update_work_group(self, parameters: Parameters) -> Answer:
        self._work_groups.update(
            parameters["WorkGroup"],
            updates=parameters.get("ConfigurationUpdates", {}),
            description=parameters.get("Description"),
            state=parameters.get("State"),
        )
        return {}

    def _delete_work_group(self, parameters: Parameters) -> Answer:
        name = parameters["WorkGroup"]
        is_empty = not self._executions.ids(name) and not self._named_queries.ids(name)
        if not is_empty and not parameters.get("RecursiveDeleteOption"):
            raise _refusal(f"WorkGroup {name} is not empty")
        self._work_groups.delete(name)
        self._named_queries.delete_all(name)
        return {}

    def _list_engine_versions(self, parameters: Parameters) -> Answer:
        return _listing("EngineVersions", ENGINE_VERSIONS, parameters)

    def _list_tags_for_resource(self, parameters: Parameters) -> Answer:
        tags = self._work_groups.tags(_work_group_of(parameters["ResourceARN"]))
        return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}

    def _tag_resource(self, parameters: Parameters) -> Answer:
        name = _work_group_of(parameters["ResourceARN"])
        added = {tag["Key"]: tag.get("Value", "") for tag in parameters["Tags"]}
        self._work_groups.set_tags(name, self._work_groups.tags(name) | added)
        return {}

    def _untag_resource(self, parameters: Parameters) -> Answer:
        name, removed = _work_group_of(parameters["ResourceARN"]), parameters["TagKeys"]
        kept = {k: v for k, v in self._work_groups.tags(name).items() if k not in removed}
        self._work_groups.set_tags(name, kept)
        return {}

    # Named queries

    def _create_named_query(self, parameters: Parameters) -> Answer:
        query = {"WorkGroup": PRIMARY, **parameters}
        token = query.pop("ClientRequestToken", None)
        self._work_groups.get(query["WorkGroup"])
        return {"NamedQueryId": self._named_queries.create(query, token)}

    def _get_named_query(self, parameters: Parameters) -> Answer:
        return {"NamedQuery": self._named_queries.get(parameters["NamedQueryId"])}

    def _batch_get_named_query(self, parameters: Parameters) -> Answer:
        found, missing = [], []
        for query_id in parameters["NamedQueryIds"]:
            try:
                found.append(self._named_queries.get(query_id))
            except ApiError as error:
                missing.append(
                    {
                        "NamedQueryId": query_id,
                        "ErrorCode": error.fields["AthenaErrorCode"],
                        "ErrorMessage": error.message,
                    }
                )
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def _list_named_queries(self, parameters: Parameters) -> Answer:
        work_group = parameters.get("WorkGroup", PRIMARY)
        self._work_groups.get(work_group)
        return _listing("NamedQueryIds", self._named_queries.ids(work_group), parameters)

    def _delete_named_query(self, parameters: Parameters) -> Answer:
        self._named_queries.delete(parameters["NamedQueryId"])
        return {}

    # Metadata

    def _get_data_catalog(self, parameters: Parameters) -> Answer:
        check_catalog(parameters["Name"])
        return {"DataCatalog": {"Name": CATALOG, "Type": "GLUE"}}

    def _list_data_catalogs(self, parameters: Parameters) -> Answer:
        summary = {"CatalogName": CATALOG, "Type": "GLUE"}
        return _listing("DataCatalogsSummary", [summary], parameters)

    def _get_database(self, parameters: Parameters) -> Answer:
        check_catalog(parameters["CatalogName"])
        return {"Database": get_database(self._glue, parameters["DatabaseName"])}

    def _list_databases(self, parameters: Parameters) -> Answer:
        check_catalog(parameters["CatalogName"])
        return _listing("DatabaseList", list_databases(self._glue), parameters)

    def _get_table_metadata(self, parameters: Parameters) -> Answer:
        check_catalog(parameters["CatalogName"])
        table = get_table(self._glue, parameters["DatabaseName"], parameters["TableName"])
        return {"TableMetadata": table}

    def _list_table_metadata(self, parameters: Parameters) -> Answer:
        check_catalog(parameters["CatalogName"])
        tables = list_tables(self._glue, parameters["DatabaseName"], parameters.get("Expression"))
        return _listing("TableMetadataList", tables, parameters)


def _listing(member: str, found: Sequence[Any], parameters: Parameters) -> Answer:
    """Answer a page of a listing.

    Raises:
        ApiError: The page is too large, or the token is not one of ours.
    """
    size = parameters.get("MaxResults", MAX_LISTED)
    if size > MAX_LISTED:
        raise _refusal(
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "
            f"Member must have value less than or equal to {MAX_LISTED}"
        )
    token = parameters.get("NextToken")
    start = 0 if token is None else read_token(token, member)
    answer: Answer = {member: found[start : start + size]}
    if start + size < len(found):
        answer["NextToken"] = write_token(start + size, member)
    return answer


def _work_group_of(arn: str) -> str:
    """Read arn:aws:athena:region:account:workgroup/name.

    Raises:
        ApiError: It is the ARN of something else.
    """
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind != "workgroup" or not name:
        raise _refusal(f"{arn} is not the ARN of a workgroup.")
    return name


def _describe(execution: Execution) -> Answer:
    """Describe an execution as GetQueryExecution does."""
    submission = execution.submission
    # Read once, and before the rest: all that comes with an end is there before the state says so.
    state = execution.state
    status: Answer = {"State": state, "SubmissionDateTime": execution.submitted_at}
    described: Answer = {
        "QueryExecutionId": execution.id,
        "Query": submission.statement,
        "ResultConfiguration": {"OutputLocation": execution.output_file},
        "QueryExecutionContext": {"Database": submission.database},
        "Status": status,
        "Statistics": _statistics(execution, state),
        "WorkGroup": submission.work_group,
        "EngineVersion": ENGINE_VERSION,
    }
    if submission.catalog is not None:
        described["QueryExecutionContext"]["Catalog"] = submission.catalog
    if execution.statement_type is not None:
        described["StatementType"] = execution.statement_type
        described["SubstatementType"] = execution.substatement_type
    if state in ENDED:
        status["CompletionDateTime"] = execution.completed_at
        if execution.reason is not None:
            status["StateChangeReason"] = execution.reason
        if execution.error is not None:
            status["AthenaError"] = execution.error
    return described


def _statistics(execution: Execution, state: str) -> Answer:
    statistics: Answer = {"DataScannedInBytes": execution.run.scanned_bytes}
    if execution.started_at is not None:
        queued = execution.started_at - execution.submitted_at
        statistics["QueryQueueTimeInMillis"] = round(queued * 1000)
    if state in ENDED and execution.completed_at is not None:
        total = round((execution.completed_at - execution.submitted_at) * 1000)
        engine = sum(translation.milliseconds for translation in execution.run.translations)
        queued = statistics.setdefault("QueryQueueTimeInMillis", total)
        statistics["TotalExecutionTimeInMillis"] = total
        statistics["EngineExecutionTimeInMillis"] = engine
        # Everything that is neither waiting nor Trino's: Glue's calls, the result file.
        statistics["ServiceProcessingTimeInMillis"] = max(total - engine - queued, 0)
    return statistics
