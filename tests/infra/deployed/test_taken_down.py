"""What is left when an environment and then the account's bootstrap are destroyed: nothing."""

from __future__ import annotations

from tests.infra.deployed.leftovers import Resources, resources
from tests.infra.deployed.stack import ENVIRONMENT, Stack


def test_destroy_leaves_nothing(stack: Stack, before: Resources) -> None:
    deployed = resources(stack.client)
    # What was listed of is what was made: a kind without a name would prove nothing.
    assert not [kind for kind in before if deployed[kind] == before[kind]]
    stack.make("destroy", ENV=ENVIRONMENT, PACKAGE=str(stack.package))
    stack.make("destroy-bootstrap", ENV=ENVIRONMENT)
    assert resources(stack.client) == before
