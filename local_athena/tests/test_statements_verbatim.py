"""A query within a statement reaches Trino in the client's very words."""

from hypothesis import given
from hypothesis import strategies as st

from local_athena.statements import execute
from local_athena.tests.support.fake_session import FakeSession

TEXT = st.text("ab ;'\"`()-/*\\\n,.é日", max_size=8)
PIECES = st.one_of(
    TEXT.map(lambda text: "'" + text.replace("'", "''") + "'"),
    TEXT.map(lambda text: '"x' + text.replace('"', '""') + '"'),
    TEXT.map(lambda text: "-- " + text.replace("\n", " ") + "\n"),
    TEXT.map(lambda text: "/* " + text.replace("*/", "* ") + " */"),
    st.sampled_from(
        ["(a + 1)", "((b))", ",", "x.y", "1.5e3", "array[1, 2]", "->", "||", "<>", "with", "as"]
    ),
)
# It begins and ends in a word, for the comments around a query are not part of it.
QUERIES = st.lists(PIECES, max_size=8).map(lambda pieces: " ".join(["select", *pieces, "from t"]))
AROUND = st.sampled_from(["", "\n", " -- ;\n", "/* 'quoted; */ ", "--(\n--'\n"])


@given(query=QUERIES, before=AROUND, after=AROUND, semicolons=st.sampled_from(["", ";", " ; ;"]))
def test_query_of_a_table(query: str, before: str, after: str, semicolons: str) -> None:
    session = FakeSession()

    execute(f"{before}create table t {before} as {before}{query} {after}{semicolons}", session)

    assert session.calls[0].sql.endswith(f"AS\n{query}")


@given(query=QUERIES, before=AROUND, after=AROUND, semicolons=st.sampled_from(["", ";", " ; ;"]))
def test_query_of_a_view(query: str, before: str, after: str, semicolons: str) -> None:
    session = FakeSession()

    execute(f"{before}create view v {before} as {before}{query} {after}{semicolons}", session)

    assert session.calls[-1].sql == (
        f'CREATE VIEW awsdatacatalog."sales"."v" SECURITY INVOKER AS\n{query}'
    )


@given(query=QUERIES, before=AROUND, after=AROUND, semicolons=st.sampled_from(["", ";", " ; ;"]))
def test_query(query: str, before: str, after: str, semicolons: str) -> None:
    session = FakeSession()

    execute(f"{before}{query} {after}{semicolons}", session)

    assert session.calls[0].sql == query
