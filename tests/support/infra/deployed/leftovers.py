"""What there is in an account of what infra/ makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from local_athena.aws_environment import ACCOUNT_ID

Resources = Mapping[str, frozenset[str]]


class Listing(NamedTuple):
    """How all resources of a type are found.

    Attributes:
        service: The service, as boto3 has it.
        operation: Its operation that lists them.
        key: The member of the answer that has them.
        name: The member that tells one from another; None where that is all there is of one.
        of: The type of what they belong to, and the parameter that names it, where the operation
            lists those of one at a time.
    """

    service: str
    operation: str
    key: str
    name: str | None
    of: tuple[str, str] | None = None
    parameters: Mapping[str, str] = {}


LISTINGS: Final[Mapping[str, Listing]] = {
    "aws_budgets_budget": Listing(
        "budgets", "describe_budgets", "Budgets", "BudgetName", parameters={"AccountId": ACCOUNT_ID}
    ),
    "aws_athena_named_query": Listing(
        "athena", "list_named_queries", "NamedQueryIds", None, ("aws_athena_workgroup", "WorkGroup")
    ),
    "aws_athena_workgroup": Listing("athena", "list_work_groups", "WorkGroups", "Name"),
    "aws_cloudwatch_dashboard": Listing(
        "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"
    ),
    "aws_cloudwatch_event_archive": Listing("events", "list_archives", "Archives", "ArchiveName"),
    "aws_cloudwatch_event_bus": Listing("events", "list_event_buses", "EventBuses", "Name"),
    "aws_cloudwatch_event_rule": Listing(
        "events", "list_rules", "Rules", "Name", ("aws_cloudwatch_event_bus", "EventBusName")
    ),
    "aws_cloudwatch_log_group": Listing("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "aws_cloudwatch_metric_alarm": Listing(
        "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"
    ),
    "aws_dynamodb_table": Listing("dynamodb", "list_tables", "TableNames", None),
    "aws_ecr_repository": Listing("ecr", "describe_repositories", "repositories", "repositoryName"),
    "aws_ecs_cluster": Listing("ecs", "list_clusters", "clusterArns", None),
    "aws_ecs_task_definition": Listing("ecs", "list_task_definitions", "taskDefinitionArns", None),
    "aws_glue_catalog_database": Listing("glue", "get_databases", "DatabaseList", "Name"),
    "aws_glue_catalog_table": Listing(
        "glue", "get_tables", "TableList", "Name", ("aws_glue_catalog_database", "DatabaseName")
    ),
    "aws_iam_openid_connect_provider": Listing(
        "iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"
    ),
    "aws_iam_policy": Listing(
        "iam", "list_policies", "Policies", "Arn", parameters={"Scope": "Local"}
    ),
    "aws_iam_role": Listing("iam", "list_roles", "Roles", "RoleName"),
    "aws_internet_gateway": Listing(
        "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "aws_lambda_event_source_mapping": Listing(
        "lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"
    ),
    "aws_lambda_function": Listing("lambda", "list_functions", "Functions", "FunctionName"),
    "aws_route_table": Listing("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "aws_s3_bucket": Listing("s3", "list_buckets", "Buckets", "Name"),
    "aws_scheduler_schedule": Listing("scheduler", "list_schedules", "Schedules", "Name"),
    "aws_scheduler_schedule_group": Listing(
        "scheduler", "list_schedule_groups", "ScheduleGroups", "Name"
    ),
    "aws_security_group": Listing("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "aws_sfn_state_machine": Listing(
        "stepfunctions", "list_state_machines", "stateMachines", "name"
    ),
    "aws_sns_topic": Listing("sns", "list_topics", "Topics", "TopicArn"),
    "aws_sns_topic_subscription": Listing("sns", "list_subscriptions", "Subscriptions", "Endpoint"),
    "aws_sqs_queue": Listing("sqs", "list_queues", "QueueUrls", None),
    "aws_subnet": Listing("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "aws_vpc": Listing("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "aws_vpc_endpoint": Listing("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
}

# The other types, and which type they are a part of: with one of those a part of it is gone.
PARTS: Final[Mapping[str, str]] = {
    "aws_cloudwatch_event_bus_policy": "aws_cloudwatch_event_bus",
    "aws_cloudwatch_event_target": "aws_cloudwatch_event_rule",
    "aws_cloudwatch_log_metric_filter": "aws_cloudwatch_log_group",
    "aws_default_security_group": "aws_security_group",
    "aws_ecr_lifecycle_policy": "aws_ecr_repository",
    "aws_ecs_cluster_capacity_providers": "aws_ecs_cluster",
    "aws_iam_role_policy": "aws_iam_role",
    "aws_iam_role_policy_attachment": "aws_iam_role",
    "aws_lambda_function_event_invoke_config": "aws_lambda_function",
    "aws_lambda_function_recursion_config": "aws_lambda_function",
    "aws_route_table_association": "aws_route_table",
    "aws_s3_bucket_lifecycle_configuration": "aws_s3_bucket",
    "aws_s3_bucket_notification": "aws_s3_bucket",
    "aws_s3_bucket_ownership_controls": "aws_s3_bucket",
    "aws_s3_bucket_policy": "aws_s3_bucket",
    "aws_s3_bucket_public_access_block": "aws_s3_bucket",
    "aws_s3_bucket_server_side_encryption_configuration": "aws_s3_bucket",
    "aws_s3_bucket_versioning": "aws_s3_bucket",
    "aws_sns_topic_policy": "aws_sns_topic",
    "aws_vpc_security_group_egress_rule": "aws_security_group",
    "aws_vpc_security_group_ingress_rule": "aws_security_group",
}


def resources(client: Callable[[str], Any]) -> Resources:
    """List, by type, the names of everything of the types that infra/ makes."""
    return {kind: frozenset(_names(client, listing)) for kind, listing in LISTINGS.items()}


def _names(client: Callable[[str], Any], listing: Listing) -> Iterator[str]:
    if listing.of is None:
        yield from _listed(client, listing, listing.parameters)
        return
    owners, parameter = listing.of
    for owner in _names(client, LISTINGS[owners]):
        for name in _listed(client, listing, {parameter: owner}):
            yield f"{owner}/{name}"


def _listed(
    client: Callable[[str], Any], listing: Listing, parameters: Mapping[str, str]
) -> Iterator[str]:
    service = client(listing.service)
    pages = (
        service.get_paginator(listing.operation).paginate(**parameters)
        if service.can_paginate(listing.operation)
        else [getattr(service, listing.operation)(**parameters)]
    )
    for page in pages:
        for item in page.get(listing.key, ()):
            yield item[listing.name] if listing.name else item
