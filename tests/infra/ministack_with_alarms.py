"""MiniStack, with alarms that Terraform reads as it wrote them: `python -m` this module.

Terraform's AWS provider 5 speaks CloudWatch's query protocol. In that protocol alone MiniStack
1.5.33 leaves out most members of an alarm that it describes, e.g. its period and its actions, and
each plan would add them again.
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from ministack import app
from ministack.services import cloudwatch as untyped_cloudwatch

Response = tuple[int, dict[str, str], bytes]

cloudwatch: Any = untyped_cloudwatch
_describe_alarms = cloudwatch._describe_alarms


def describe_alarms(
    params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Response:
    """Answer DescribeAlarms; in the query protocol with what the JSON protocol has."""
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
    cloudwatch._describe_alarms = describe_alarms
    main: Any = app.main
    main()
