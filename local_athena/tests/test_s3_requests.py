from __future__ import annotations

from local_athena.s3_requests import calls


def test_only_the_calls_of_an_operation_are_counted() -> None:
    def attribute(name: str, value: object) -> dict[str, object]:
        return {"name": name, "type": "double", "value": value}

    bean = {
        "attributes": [
            attribute("PutObject.Calls.TotalCount", 3.0),
            attribute("PutObject.Failures.TotalCount", 1.0),
            attribute("PutObject.Calls.OneMinute.Rate", 0.5),
            attribute("ListObjectsV2.Calls.TotalCount", 0.0),
            attribute("Total.Calls.TotalCount", 3.0),
        ]
    }
    assert calls(bean) == {"PutObject": 3, "ListObjectsV2": 0}
