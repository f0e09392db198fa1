"""MiniStack, with alarms that Terraform reads as it wrote them: `python -m` this module.

Terraform's AWS provider 5 speaks CloudWatch's query protocol. In that protocol alone MiniStack
1.5.33 leaves out most members of an alarm that it describes, e.g. its period and its actions, and
forgets what is computed of several metrics: each plan would add them again. It computes nothing all
the same: such an alarm stays as it is. And it sends no events when an alarm changes its state.
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from ministack import app
from ministack.services import cloudwatch as untyped_cloudwatch
from ministack.services import eventbridge as untyped_eventbridge

Response = tuple[int, dict[str, str], bytes]

cloudwatch: Any = untyped_cloudwatch
eventbridge: Any = untyped_eventbridge
_describe_alarms = cloudwatch._describe_alarms
_put_metric_alarm = cloudwatch._put_metric_alarm
_dispatch_alarm_actions = cloudwatch._dispatch_alarm_actions


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


def put_metric_alarm(
    params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Response:
    """Put an alarm; in the query protocol with all that it was given."""
    answer: Response = _put_metric_alarm(params, data, is_cbor, is_json)
    if answer[0] == 200 and not is_cbor and not is_json:
        given = _structure({key: values[0] for key, values in params.items()})
        if "Metrics" in given:
            of_one_metric = dict.fromkeys(("MetricName", "Namespace", "Period", "Statistic"))
            cloudwatch._alarms[given["AlarmName"]].update(of_one_metric, Metrics=given["Metrics"])
    return answer


def dispatch_alarm_actions(alarm: dict[str, Any], before: str, after: str, reason: str) -> None:
    """Do what an alarm's change of state asks for, and send the event that AWS sends of it.

    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    _dispatch_alarm_actions(alarm, before, after, reason)
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": {"value": after, "reason": reason},
        "previousState": {"value": before},
        "configuration": {"description": alarm.get("AlarmDescription", "")},
    }
    event = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)


def _structure(params: dict[str, str]) -> Any:
    """Return what parameters such as `Metrics.member.1.Id` describe."""
    if "" in params:
        return params[""]
    parts: dict[str, dict[str, str]] = {}
    for key, value in params.items():
        name, _, rest = key.partition(".")
        parts.setdefault(name, {})[rest] = value
    if "member" in parts:
        members = _structure(parts["member"])
        return [members[number] for number in sorted(members, key=int)]
    return {name: _structure(part) for name, part in parts.items()}


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
    cloudwatch._put_metric_alarm = put_metric_alarm
    cloudwatch._dispatch_alarm_actions = dispatch_alarm_actions
    main: Any = app.main
    main()
