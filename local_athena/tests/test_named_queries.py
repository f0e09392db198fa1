"""Named queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_athena.errors import ApiError
from local_athena.named_queries import NamedQueries

QUERY = {"Name": "one", "Database": "sales", "QueryString": "select 1", "WorkGroup": "analysts"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "named_queries.json"


def test_named_queries_outlive_the_server(path: Path) -> None:
    query_id = NamedQueries(path).create(QUERY, "token")

    found = NamedQueries(path)

    assert found.get(query_id) == {**QUERY, "NamedQueryId": query_id}
    assert found.create(QUERY, "token") == query_id


def test_a_request_sent_again_makes_no_second_query(path: Path) -> None:
    queries = NamedQueries(path)
    first = queries.create(QUERY, "token")

    assert queries.create(QUERY, "token") == first
    assert queries.create(QUERY, "other") != first
    assert len(queries.ids("analysts")) == 2
    with pytest.raises(ApiError, match="Idempotent parameters do not match"):
        queries.create({**QUERY, "QueryString": "select 2"}, "token")


def test_a_deleted_query_is_made_anew_by_its_token(path: Path) -> None:
    queries = NamedQueries(path)
    first = queries.create(QUERY, "token")
    queries.delete(first)

    with pytest.raises(ApiError, match=f"NamedQuery {first} does not exist"):
        NamedQueries(path).get(first)
    assert queries.create(QUERY, "token") != first


def test_the_queries_of_other_workgroups_stay(path: Path) -> None:
    queries = NamedQueries(path)
    queries.create(QUERY, None)
    kept = queries.create({**QUERY, "WorkGroup": "others"}, None)

    queries.delete_all("analysts")

    assert queries.ids("analysts") == []
    assert NamedQueries(path).ids("others") == [kept]
