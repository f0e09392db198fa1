"""MiniStack with what the deployed stack needs beside our Athena: `python -m` this module."""

from __future__ import annotations

import sys
from typing import Any

from ministack import app as untyped_app

from local_athena.ministack import main
from tests.support.infra.deployed import authorization, heartbeats
from tests.support.infra.ministack_with_alarms import cloudwatch, describe_alarms, put_metric_alarm

app: Any = untyped_app
_pin_request_origin = app.pin_request_origin


def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
    """Take a request on the loopback interface for one over TLS.

    The policies that refuse what comes without TLS hold on MiniStack as well, and Trino would have
    to be told of a certificate. Real TLS is what tests/infra/ingestion_alone speaks.
    """
    del secure_transport
    _pin_request_origin(source_ip, True)


if __name__ == "__main__":
    app.pin_request_origin = pin_request_origin
    cloudwatch._describe_alarms = describe_alarms
    cloudwatch._put_metric_alarm = put_metric_alarm
    heartbeats.put_in_place()
    authorization.put_in_place(sys.argv[-1])
    main()
