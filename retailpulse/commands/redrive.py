"""`retailpulse redrive`: what lies in a dead-letter queue goes home, after the cause is gone."""

from __future__ import annotations

import os
from typing import Annotated, Final

import typer

from retailpulse.cloud.aws_errors import told_in_one_sentence
from retailpulse.cloud.dead_letters import DEFAULT_QUEUE, DeadLetters
from retailpulse.terminal import Terminal

# As SQS's protocols have it, the older first.
_NO_QUEUE: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def redrive(
    queue: Annotated[
        str, typer.Option(help="The dead-letter queue, e.g. retailpulse-rule-dead-letters.")
    ] = DEFAULT_QUEUE,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Bring at most so many home; else all that is there.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come home, and move nothing.")
    ] = False,
) -> None:
    """On AWS: send dead letters home to their queue, once what stopped them is put right."""
    # Importing it takes 0.3 s, which the other commands need not wait for.
    import boto3

    terminal = Terminal()
    no_queue = (
        f"there is no queue {queue}, or not the one it belongs to, in this account and region: "
        "check AWS_PROFILE, AWS_REGION and --queue"
    )
    with told_in_one_sentence(dict.fromkeys(_NO_QUEUE, no_queue)):
        # boto3 itself reads AWS_DEFAULT_REGION and the profile's.
        region = os.environ.get("AWS_REGION")
        letters = DeadLetters(boto3.client("sqs", region_name=region), queue)
        waiting = letters.count()
        count = waiting if limit is None else min(limit, waiting)
        if dry_run:
            terminal.say(f"{count:,} of {waiting:,} messages would go to {letters.home}")
            return
        moved = 0
        if count:
            with terminal.step(f"To {letters.home}") as step:

                def tell(moved: int) -> None:
                    step.update(f"{moved:,} of {count:,} messages")

                moved = letters.send_home(count, tell)
        terminal.say(f"{moved:,} messages came home; {letters.count():,} remain in {queue}")
