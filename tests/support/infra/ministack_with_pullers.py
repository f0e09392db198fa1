"""MiniStack with what the deployed puller needs: `python -m` this module."""

from __future__ import annotations

from typing import Any

from ministack import app as untyped_app

from tests.support.infra.deployed import authorization, heartbeats
from tests.support.infra.ministack_with_alarms import cloudwatch, describe_alarms, put_metric_alarm

app: Any = untyped_app

if __name__ == "__main__":
    cloudwatch._describe_alarms = describe_alarms
    cloudwatch._put_metric_alarm = put_metric_alarm
    heartbeats.put_in_place()
    authorization.judge()
    app.main()
