"""The queue's settings keep an hour of outage out of the dead letters, and AWS accepts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import ingestion
from ingestion.ingester import SAFETY_MARGIN_SECONDS, SAFETY_MARGIN_SHARE
from ingestion.sources.sqs_handler import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS

SETTINGS: dict[str, int] = json.loads(
    (Path(ingestion.__file__).parent / "queue_settings.json").read_text()
)

PROJECT = Path(__file__).parents[3] / "dbt_project.yml"

# The quotas of SQS and of Lambda's event source mapping, and the smallest values.
AWS_LIMITS = {
    "function_timeout_seconds": (1, 900),
    "visibility_timeout_seconds": (0, 43_200),
    "maximum_receive_count": (1, 1_000),
    "batch_size": (1, 10_000),
    "maximum_batching_window_seconds": (0, 300),
    "message_retention_seconds": (60, 14 * 24 * 60 * 60),
}


def test_settings_are_those_that_terraform_reads() -> None:
    assert SETTINGS.keys() == AWS_LIMITS.keys()
    assert {type(value) for value in SETTINGS.values()} == {int}


@pytest.mark.parametrize("name", AWS_LIMITS)
def test_aws_accepts_each_setting(name: str) -> None:
    smallest, largest = AWS_LIMITS[name]
    assert smallest <= SETTINGS[name] <= largest


def test_a_batch_above_ten_has_a_window() -> None:
    assert SETTINGS["batch_size"] <= 10 or SETTINGS["maximum_batching_window_seconds"] >= 1


def test_no_message_is_delivered_again_while_a_function_has_it() -> None:
    # What AWS asks for: room for the retries of a throttled function, and for the batch to fill.
    needed = 6 * SETTINGS["function_timeout_seconds"] + SETTINGS["maximum_batching_window_seconds"]
    assert SETTINGS["visibility_timeout_seconds"] >= needed


def test_receives_last_for_twice_an_hour_of_outage() -> None:
    # The first receive is at the beginning of this time, and not one of the intervals.
    intervals = SETTINGS["maximum_receive_count"] - 1
    assert intervals * SETTINGS["visibility_timeout_seconds"] >= 2 * 60 * 60


def test_messages_outlive_their_receives() -> None:
    receives = SETTINGS["maximum_receive_count"] * SETTINGS["visibility_timeout_seconds"]
    assert SETTINGS["message_retention_seconds"] > 10 * receives


def test_an_attempt_that_starts_just_before_the_margin_ends_within_the_invocation() -> None:
    margin = min(SAFETY_MARGIN_SECONDS, SAFETY_MARGIN_SHARE * SETTINGS["function_timeout_seconds"])

    assert margin >= CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS


def test_runs_read_back_much_longer_than_an_object_takes_to_become_visible() -> None:
    minutes = yaml.safe_load(PROJECT.read_text())["vars"]["lookback_minutes"]["athena"]

    assert minutes * 60 >= 5 * SETTINGS["function_timeout_seconds"]
