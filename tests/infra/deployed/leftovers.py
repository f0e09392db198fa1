"""What there is in an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Resources = Mapping[str, frozenset[str]]


def resources(client: Callable[[str], Any]) -> Resources:
    """List, by kind, the names of everything of the kinds that infra/ makes."""

    def names(service: str, operation: str, key: str, name: str | None) -> frozenset[str]:
        answer = getattr(client(service), operation)()
        return frozenset(item[name] if name else item for item in answer.get(key, ()))

    return {
        f"{service} {operation}": names(service, operation, key, name)
        for service, operation, key, name in (
            ("s3", "list_buckets", "Buckets", "Name"),
            ("glue", "get_databases", "DatabaseList", "Name"),
            ("athena", "list_work_groups", "WorkGroups", "Name"),
            ("events", "list_event_buses", "EventBuses", "Name"),
            ("events", "list_archives", "Archives", "ArchiveName"),
            ("sqs", "list_queues", "QueueUrls", None),
            ("lambda", "list_functions", "Functions", "FunctionName"),
            ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
            ("iam", "list_roles", "Roles", "RoleName"),
            ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
            ("logs", "describe_log_groups", "logGroups", "logGroupName"),
            ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
            ("sns", "list_topics", "Topics", "TopicArn"),
            ("dynamodb", "list_tables", "TableNames", None),
            ("stepfunctions", "list_state_machines", "stateMachines", "name"),
            ("scheduler", "list_schedules", "Schedules", "Name"),
            ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
            ("ecs", "list_clusters", "clusterArns", None),
            ("ecs", "list_task_definitions", "taskDefinitionArns", None),
            ("ecr", "describe_repositories", "repositories", "repositoryName"),
            ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
            ("ec2", "describe_subnets", "Subnets", "SubnetId"),
            ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
            ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
            ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        )
    }
