"""IAM's quotas on policies, and what an account has of them.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: what no request can raise, but
for the number of policies of a role (10, up to 20) and the size of who may take it (2,048, up to
4,096). White space does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

MANAGED_POLICIES_OF_A_ROLE: Final = 10
MANAGED_POLICY: Final = 6_144
INLINE_POLICIES_OF_A_ROLE: Final = 10_240
TRUST_POLICY: Final = 2_048


class Size(NamedTuple):
    """How much of a quota is used.

    Attributes:
        what: Whose quota, and which.
        used: Policies, or characters.
        quota: How many there may be.
    """

    what: str
    used: int
    quota: int


def sizes(iam: Any) -> Iterator[Size]:
    """Yield what each policy and each role of an account uses."""
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        found = iam.get_policy_version(
            PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
        )
        document = found["PolicyVersion"]["Document"]
        yield Size(policy["PolicyName"], characters(document), MANAGED_POLICY)
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        trust = characters(role["AssumeRolePolicyDocument"])
        yield Size(f"{name}, who may take it", trust, TRUST_POLICY)
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield Size(f"{name}, managed policies", len(attached), MANAGED_POLICIES_OF_A_ROLE)
        inline = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        yield Size(
            f"{name}, its own policies",
            sum(characters(document) for document in inline),
            INLINE_POLICIES_OF_A_ROLE,
        )


def characters(document: Any) -> int:
    """Count a policy's characters as IAM does."""
    return len("".join(json.dumps(document, ensure_ascii=False).split()))
