"""The policies as they were deployed: no wildcard without a reason, and IAM takes each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.infra.deployed.stack import Stack
from tests.support.infra.policy_sizes import sizes
from tests.unit.project.test_policies import WILDCARDS


def statements(iam: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of a role's own policies and of the account's, the boundary among them."""
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            found = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            yield from ((f"{name}/{policy}", statement) for statement in found["Statement"])
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        version = iam.get_policy_version(
            PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
        )
        found = version["PolicyVersion"]["Document"]
        yield from ((policy["PolicyName"], statement) for statement in found["Statement"])


def has_a_wildcard(statement: dict[str, Any]) -> bool:
    """Whether it is about more than it names."""
    if "NotAction" in statement or "NotResource" in statement:
        return True
    return any("*" in value for key in ("Action", "Resource") for value in listed(statement[key]))


def listed(values: str | list[str]) -> list[str]:
    """The values of a list, which is without brackets where it has a single one."""
    return [values] if isinstance(values, str) else values


def test_each_wildcard_has_its_reason(stack: Stack) -> None:
    found = [
        (policy, statement.get("Sid"))
        for policy, statement in statements(stack.client("iam"))
        if has_a_wildcard(statement)
    ]
    assert ("retailpulse-boundary", "Services") in found
    assert ("retailpulse-dbt/build", "Report") in found
    reasons = {statement.sid for statement in WILDCARDS} - {None}
    assert [(policy, sid) for policy, sid in found if sid not in reasons] == []


def test_policies_keep_to_iams_quotas(stack: Stack) -> None:
    found = list(sizes(stack.client("iam")))
    assert [size for size in found if size.used > size.quota] == []
    assert {size.what: size.used for size in found}["retailpulse-dbt, its own policies"] > 0
