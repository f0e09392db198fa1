"""MiniStack 1.5.33 with what the tests of the cloud need beside our Athena: `python -m` this.

Each is a gap that would fail what is right on AWS.
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from ministack import app as untyped_app
from ministack.services import cloudwatch as untyped_cloudwatch

from local_athena.ministack import main

Response = tuple[int, dict[str, str], bytes]

app: Any = untyped_app
cloudwatch: Any = untyped_cloudwatch
_pin_request_origin = app.pin_request_origin
_describe_alarms = cloudwatch._describe_alarms


def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
    """Take a request on the loopback interface for one over TLS.

    The policies that refuse what comes without TLS hold on MiniStack as well, and Trino, the
    functions and Terraform would each have to be told of a certificate.
    """
    del secure_transport
    _pin_request_origin(source_ip, True)


def describe_alarms(
    params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Response:
    """Answer DescribeAlarms; in the query protocol with what the JSON protocol has.

    Terraform's AWS provider 5 speaks the query protocol. In that alone MiniStack leaves out most
    members of an alarm, e.g. its period and its actions, and each plan would add them again.
    """
    if is_cbor or is_json:
        answer: Response = _describe_alarms(params, data, is_cbor, is_json)
        return answer
    names = [values[0] for key, values in params.items() if key.startswith("AlarmNames.member.")]
    kinds = [values[0] for key, values in params.items() if key.startswith("AlarmTypes.member.")]
    status, headers, body = _describe_alarms(
        {}, {"AlarmNames": names, "AlarmTypes": kinds}, False, True
    )
    if status != 200:
        return status, headers, body
    written: Response = cloudwatch._xml(
        200,
        "DescribeAlarmsResponse",
        f"<DescribeAlarmsResult>{_members(json.loads(body))}</DescribeAlarmsResult>",
    )
    return written


def _members(structure: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{_value(value)}</{name}>"
        for name, value in structure.items()
        # Terraform has no use for when an alarm changed.
        if value is not None and not name.endswith("Timestamp")
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<member>{_value(member)}</member>" for member in value)
    if isinstance(value, dict):
        return _members(value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


if __name__ == "__main__":
    app.pin_request_origin = pin_request_origin
    cloudwatch._describe_alarms = describe_alarms
    main()
