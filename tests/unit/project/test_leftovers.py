"""What is looked for after a destroy is everything that infra/ makes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.infra.deployed.leftovers import LISTINGS, PARTS

INFRA = Path(__file__).parents[3] / "infra"

# Of the state alone; and only where somebody asks for it, of services that the emulator has not, or
# keeps otherwise than given (MiniStack 1.5.33's CodeBuild: each plan would change the project).
NOWHERE = {
    "terraform_data",
    "aws_chatbot_slack_channel_configuration",
    "aws_codebuild_project",
    # The trial database, which the emulator remembers and does not run.
    "aws_db_instance",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
}


def made() -> set[str]:
    """The types of all resources."""
    return {
        found
        for file in INFRA.rglob("*.tf")
        if ".terraform" not in file.parts
        for found in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)
    }


def test_each_type_is_listed_or_a_part_of_one_that_is() -> None:
    assert made() == {*LISTINGS, *PARTS, *NOWHERE}
    assert set(PARTS.values()) <= set(LISTINGS)
