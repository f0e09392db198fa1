"""Statements that pass as they came, and those that do not pass."""

import pytest

from local_athena.errors import StatementFailed
from local_athena.session import Column
from local_athena.statements import execute
from local_athena.statements.functions import NEWER_THAN_ATHENA
from local_athena.tests.support.fake_session import FakeSession, TrinoCall


@pytest.mark.parametrize(
    ("statement", "types"),
    [
        ("select * from orders", ("DML", "SELECT")),
        ("SELECT 1", ("DML", "SELECT")),
        ("with x as (select 1 as a) select a from x", ("DML", "SELECT")),
        ("values (1, 'a')", ("DML", "SELECT")),
        ("(select 1) union all (select 2)", ("DML", "SELECT")),
        ('select * from "orders$history"', ("DML", "SELECT")),
        (
            "select * from orders for timestamp as of timestamp '2026-01-01 00:00:00 UTC'",
            ("DML", "SELECT"),
        ),
        ('select * from "AwsDataCatalog"."sales"."orders"', ("DML", "SELECT")),
        ("select a from t order by a offset 1 fetch first 2 rows only", ("DML", "SELECT")),
        ('insert into "awsdatacatalog"."sales"."t" ("a") (select "a" from s)', ("DML", "INSERT")),
        ("update sales.t set a = cast(b as varchar)", ("DML", "UPDATE")),
        ("delete from t where a = 'x;y'", ("DML", "DELETE")),
        (
            "merge into t as target using s as src on (target.id = src.id) "
            "when matched then update set a = src.a when not matched then insert (id) "
            "values (src.id)",
            ("DML", "MERGE"),
        ),
        ("explain select 1", ("UTILITY", "EXPLAIN")),
        ("explain (type io) select 1", ("UTILITY", "EXPLAIN")),
        ("explain analyze select 1", ("UTILITY", "EXPLAIN_ANALYZE")),
        ("EXPLAIN ANALYZE VERBOSE select 1", ("UTILITY", "EXPLAIN_ANALYZE")),
    ],
)
def test_statement_that_passes(statement: str, types: tuple[str, str]) -> None:
    session = FakeSession()
    session.answer(statement, [Column("a", "integer")], [[1]])

    outcome = execute(f'/* {{"app": "dbt"}} */\n-- and\n{statement};\n', session)

    assert session.calls == [TrinoCall(statement)]
    assert (outcome.statement_type, outcome.substatement_type) == types
    assert outcome.result.rows == [[1]]


def test_a_comment_does_not_nest() -> None:
    session = FakeSession()

    execute("/* a /* b */ select 1", session)

    assert session.sql == ["select 1"]


@pytest.mark.parametrize(
    ("statement", "name", "message"),
    [
        ("", "SYNTAX_ERROR", "line 1:1: mismatched input '<EOF>'"),
        ("-- nothing\n;", "SYNTAX_ERROR", "line 1:1: mismatched input '<EOF>'"),
        (
            "select 1; select 2",
            "SYNTAX_ERROR",
            "Only one sql statement is allowed. Got: select 1; select 2",
        ),
        ("truncate table t", "NOT_SUPPORTED", "Queries of this type are not supported"),
        ("call system.runtime.kill_query('x')", "NOT_SUPPORTED", None),
        ("set session x = 1", "NOT_SUPPORTED", "Queries of this type are not supported"),
        (
            "unload (select 1) to 's3://lake/x'",
            "NOT_SUPPORTED",
            "local_athena does not translate UNLOAD",
        ),
        (
            "create function f() returns int return 1",
            "NOT_SUPPORTED",
            "local_athena does not translate CREATE FUNCTION",
        ),
        (
            "drop index i on t",
            "NOT_SUPPORTED",
            "local_athena does not translate DROP INDEX",
        ),
        ("'a'", "NOT_SUPPORTED", "local_athena does not translate this statement"),
    ],
)
def test_statement_that_does_not_pass(statement: str, name: str, message: str | None) -> None:
    session = FakeSession()

    with pytest.raises(StatementFailed) as failure:
        execute(statement, session)

    assert failure.value.name == name
    assert message is None or failure.value.message == message
    assert session.calls == []


def test_an_unclosed_quote_is_a_syntax_error() -> None:
    with pytest.raises(StatementFailed, match=r"SYNTAX_ERROR: a quote or comment is not closed"):
        execute("select 'a", FakeSession())


@pytest.mark.parametrize("function", sorted(NEWER_THAN_ATHENA))
@pytest.mark.parametrize(
    "statement",
    [
        "select {}(x) from t",
        "select 1 -- one\n, a + {}\n (x) from t",
        'select "{}"(x) from t',
        "insert into t select {}(x) from s",
        "create table u as select {}(x) as y from t",
        "create view v as select {}(x) as y from t",
    ],
)
def test_function_newer_than_athena(statement: str, function: str) -> None:
    session = FakeSession()

    with pytest.raises(StatementFailed, match=f"Function '{function}' not registered") as failure:
        execute(statement.format(function.upper()), session)

    assert failure.value.name == "FUNCTION_NOT_FOUND"
    assert session.calls == []


def test_where_the_newer_function_stands() -> None:
    with pytest.raises(StatementFailed) as failure:
        execute("-- first line\nselect any_value(x) from t", FakeSession())

    assert failure.value.message == "line 2:8: Function 'any_value' not registered"


@pytest.mark.parametrize(
    "statement",
    [
        "select 'any_value(x)' as a -- any_value(x)\nfrom t",
        "select /* any_value(x) */ timezone from t",
        "with any_value (a) as (select 1) select a from any_value",
        "with x as (select 1), any_value (a) as (select 1) select a from any_value",
        "select * from (values 1) as any_value (a)",
        "select * from (values 1) any_value (a)",
        "insert into timezone (a) values (1)",
        "select any_value from t",
        "select t.any_value from t",
        "with function as (select 1 as a) select a from function",
    ],
)
def test_a_name_that_is_no_function(statement: str) -> None:
    session = FakeSession()

    execute(statement, session)

    assert len(session.calls) == 1


def test_inline_function_is_newer_than_athena() -> None:
    with pytest.raises(StatementFailed) as failure:
        execute("WITH FUNCTION one() RETURNS int RETURN 1 SELECT one()", FakeSession())

    assert (failure.value.name, failure.value.message) == (
        "SYNTAX_ERROR",
        "line 1:6: mismatched input 'FUNCTION'",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "select * from {}",
        "select extract(day from at) from {} where x is distinct from a.b.c",
        "select * from t join {} as s on s.id = t.id",
        "select * from t, {}",
        "select * from t join s on t.id = s.id and t.a in (1, 2), {} as u",
        "select * from (t cross join unnest(t.a.b) as u (v)), ({} cross join s)",
        "select (select max(a) from {}) from t",
        "with x as (select 1 as a union all select a from {}) select a from x",
        "(select a from t) union all (select a from /* of Trino */ {})",
        "table {}",
        "select * from table({}(t => 1))",
        "insert into {} values (1)",
        "update {} set a = 1",
        "delete from {}",
        "merge into {} as t using s on t.id = s.id when matched then delete",
        "merge into t using {} as s on t.id = s.id when matched then delete",
        "explain analyze select * from {}",
        "create table t as select * from {}",
        "create view v as select * from {}",
    ],
)
@pytest.mark.parametrize("name", ["hive.sales.orders", '"System" . "runtime"."queries"'])
def test_other_catalog_than_athenas(statement: str, name: str) -> None:
    session = FakeSession()
    catalog = name.partition(".")[0].strip('" ').lower()

    with pytest.raises(StatementFailed, match=f": Catalog '{catalog}' not found") as failure:
        execute(statement.format(name), session)

    assert failure.value.name == "CATALOG_NOT_FOUND"
    assert session.calls == []


def test_where_the_other_catalog_stands() -> None:
    with pytest.raises(StatementFailed) as failure:
        execute("select *\nfrom hive.sales.orders", FakeSession())

    assert failure.value.message == "line 2:6: Catalog 'hive' not found"


@pytest.mark.parametrize(
    "statement",
    [
        'select * from AwsDataCatalog.sales.t, "AWSDATACATALOG".sales.s',
        "select * from sales.t join sales.s on t.a.b.c = s.a.b.c and s.d.e.f = 1",
        "select * from t cross join unnest(a.b.c, d.e.f) as u (x, y)",
        "select extract(day from a.b.c), trim(both from a.b.c), trim(' ' from a.b.c) from t",
        "select substring(x from 1), a is distinct from b.c.d, e is not distinct from f.g.h from t",
        "select 'from a.b.c' -- from a.b.c\nfrom t /* join a.b.c */",
        "select * from t where a in (1, 2) group by a.b.c, d.e.f order by a.b.c, d.e.f limit 1",
        "select * from t join s using (a, b), u window w as (order by a.b.c, d.e.f)",
        "select (select max(v) from (values (t.a.b), (t.c.d)) as x (v)) from t",
        "select * from t join s on t.a = array[1, s.b.c.d] and t.b = row(1, s.e.f.g)",
        "select * from (select a, b.c.d from t), (with x as (select 1), y as (select 2) table x)",
        "select * from table(f(input => table(t) partition by a, b.c.d order by e, f.g.h))",
        "select update, a.b.c from t",
        'select "from" a, b.c.d from t',
        'select a as "join", b.c.d from t',
        "merge into t using s on t.a = s.a when matched then update set a = s.b.c, b = s.d.e",
        "update t set a = 1 where b is distinct from c.d.e",
        "insert into t (a, b) select a.b.c, d.e.f from s",
    ],
)
def test_a_name_of_three_parts_that_is_no_table(statement: str) -> None:
    session = FakeSession()

    execute(statement, session)

    assert len(session.calls) == 1
