"""A session with PostgreSQL: how it reads, and what goes wrong with it, told in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString, NoReturn, cast

import psycopg
from psycopg import errors, sql
from psycopg.adapt import Dumper

from ingestion.sources.databases.errors import TooSlowError, UnfitValueError
from ingestion.sources.errors import SourceError, TransientError

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
_LOCK_SECONDS: Final = 5

SEARCH_PATH: Final = "pg_catalog"

_PORTS: Final = re.compile("[0-9,]*")

# So that each value is spelled in one way, and nothing is written.
_SETTINGS: Final = {
    "application_name": "retailpulse",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "client_encoding": "UTF8",
    "search_path": SEARCH_PATH,
    # A policy that hides rows is an error then: what is hidden would be taken for deleted.
    "row_security": "off",
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{_LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One snapshot.

    Attributes:
        read_at: The database's time then.
        newest_xid: The first transaction id that was not given then, of 64 bits.
    """

    read_at: datetime
    newest_xid: int


class TextArray:
    """A parameter that is an array of texts, in the server's own bytes."""

    def __init__(self, texts: Sequence[bytes | None]) -> None:
        """Spell it as PostgreSQL does."""
        if None in texts:
            elements = [b"NULL" if text is None else b'"%b"' % _quoted(text) for text in texts]
            self.literal = b"{" + b",".join(elements) + b"}"
        elif texts:
            # No text has a byte that is zero.
            joined = _quoted(b"\0".join(cast("Sequence[bytes]", texts)))
            self.literal = b'{"' + joined.replace(b"\0", b'","') + b'"}'
        else:
            self.literal = b"{}"


def _quoted(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class _TextArrayDumper(Dumper):
    oid = psycopg.postgres.types["text"].array_oid

    def dump(self, obj: TextArray) -> bytes:
        return obj.literal


class Session:
    """Reads and never writes. Whatever goes wrong is a SourceError."""

    def __init__(self, connection: psycopg.Connection[Any], name: str, variable: str) -> None:
        """Use a connection.

        Args:
            connection: The connection.
            name: The source's name, for errors.
            variable: Where its address comes from, for errors.
        """
        self._connection = connection
        self._name = name
        self._variable = variable
        connection.adapters.register_dumper(TextArray, _TextArrayDumper)

    def refuse(self, what: str) -> NoReturn:
        """Say why the source cannot be pulled as it is, and what to do."""
        raise SourceError(f"{self._name}: {what}")

    def quoted(self, *names: str) -> str:
        """Return a name as SQL has it."""
        return sql.Identifier(*names).as_string(self._connection)

    def rows(
        self, query: LiteralString | sql.Composed, parameters: Sequence[object] | None = None
    ) -> list[Any]:
        """Return the rows of a query."""
        with self._told():
            return list(self._connection.execute(query, parameters).fetchall())

    def copied(self, query: sql.Composed) -> list[bytes]:
        """Return what COPY writes, line by line."""
        with self._told(), self._connection.cursor() as cursor, cursor.copy(query) as copy:
            return b"".join(bytes(block) for block in copy).split(b"\n")[:-1]

    @contextmanager
    def batches(
        self, query: sql.Composed, rows: int, seconds: int
    ) -> Iterator[Iterator[list[bytes]]]:
        """Let a query of one column of bytes be read in batches.

        The block is one transaction, in which other queries can be made between the batches.

        Args:
            query: The query.
            rows: How many rows a batch has at most.
            seconds: How long the server may take for the first, and wait between two.
        """
        with self._told(), self._connection.transaction():
            for parameter in ("statement_timeout", "idle_in_transaction_session_timeout"):
                self._connection.execute(
                    "select set_config(%s, %s, true)", (parameter, f"{seconds}s")
                )
            self._connection.execute(
                sql.SQL("declare batches no scroll cursor for {}").format(query)
            )
            yield self._fetched(rows)

    def waited_for(self, query: LiteralString, parameters: Sequence[object], seconds: int) -> None:
        """Run a query that may take longer than others."""
        with self._told(), self._connection.transaction():
            self._wait_for(seconds)
            self._connection.execute(query, parameters)

    def _wait_for(self, seconds: int) -> None:
        """Let statements take longer, to the end of the transaction."""
        for parameter in ("statement_timeout", "idle_in_transaction_session_timeout"):
            self._connection.execute("select set_config(%s, %s, true)", (parameter, f"{seconds}s"))

    def _fetched(self, rows: int) -> Iterator[list[bytes]]:
        fetch = sql.SQL("fetch {} from batches").format(sql.Literal(rows))
        cursor = self._connection.cursor(binary=True)
        while found := cursor.execute(fetch).fetchall():
            yield [row[0] for row in found]

    def of_texts(self, query: sql.Composed, columns: Sequence[TextArray]) -> list[Any]:
        """Return the rows of a query over arrays of texts; fails as a whole, and nothing before."""
        with self._told(), self._connection.transaction():
            return self._connection.execute(query, columns).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let statements of the block write, which only the end of following a source does."""
        with self._told():
            self._connection.execute("set default_transaction_read_only to off")
            yield
            self._connection.execute("set default_transaction_read_only to on")

    def run(self, statement: sql.Composed) -> None:
        """Run a statement that returns nothing."""
        with self._told():
            self._connection.execute(statement)

    def look_in(self, schemas: Sequence[str]) -> None:
        """Let operators be found in some schemas, and in none but these."""
        path = sql.SQL(", ").join(sql.Identifier(name) for name in schemas)
        with self._told():
            self._connection.execute(sql.SQL("set search_path to {}").format(path))

    @contextmanager
    def one_moment(self) -> Iterator[Moment]:
        """Let all queries of the block see the same."""
        with self._told(), self._connection.transaction():
            self._connection.execute("set transaction isolation level repeatable read, read only")
            [(read_at, newest)] = self.rows(
                "select clock_timestamp(), pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            yield Moment(read_at, newest)

    def _told(self) -> AbstractContextManager[None]:
        return _told(self._name, self._variable)


@contextmanager
def open_session(address: str, name: str, variable: str) -> Iterator[Session]:
    """Open a session.

    Args:
        address: A connection string or URI; may hold a password.
        name: The source's name, for errors.
        variable: Where the address comes from, for errors.

    Raises:
        SourceError: There is no such server.
    """
    try:
        given = connect_arguments(address)
    except ValueError as error:
        # The text of the error may quote the address.
        raise SourceError(
            f"{name}: {variable} is no address of PostgreSQL, such as "
            "postgresql://reader@db.example.com/shop; an @ in a password is %40"
        ) from error
    with _told(name, variable):
        connection = psycopg.connect(**given, autocommit=True, prepare_threshold=None)
    with connection:
        with _told(name, variable):
            # By statements: a pooler between may refuse them as options of the connection.
            for parameter, value in _SETTINGS.items():
                connection.execute("select set_config(%s, %s, false)", (parameter, value))
        yield Session(connection, name, variable)


def connect_arguments(address: str) -> dict[str, Any]:
    """Return what psycopg is given to connect to an address: encrypted, but on this machine.

    Raises:
        ValueError: It is no address of PostgreSQL; the text may quote it.
    """
    try:
        given: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        raise ValueError("no address") from error
    host = str(given.get("host") or "/")
    port = str(given.get("port") or "")
    # A part of a password that has an @ or a /, which errors would name; an @ at the start is of a
    # socket. Of several hosts the ports are a list.
    if "@" in host[1:] or not _PORTS.fullmatch(port):
        raise ValueError("no address")
    given.setdefault("connect_timeout", str(CONNECT_SECONDS))
    if not _is_this_machine(host):
        given.setdefault("sslmode", "require")
    return given


@contextmanager
def _told(name: str, variable: str) -> Iterator[None]:
    """Tell errors in one sentence, in which no password and no value of a row is."""
    try:
        yield
    except errors.QueryCanceled as error:
        raise TooSlowError(
            f"{name}: a statement took longer than {STATEMENT_SECONDS} s and was ended: "
            "let page_rows be smaller, or see what keeps the database busy"
        ) from error
    except errors.LockNotAvailable as error:
        raise TransientError(
            f"{name}: a table was locked for longer than {_LOCK_SECONDS} s, as it is "
            "while it is altered: pull again"
        ) from error
    except errors.ObjectInUse as error:
        raise SourceError(
            f"{name}: another puller is reading its log (the database says: "
            f"{_first_line(error)}): let that end, one is enough"
        ) from error
    except (psycopg.DataError, errors.CheckViolation) as error:
        # What the server says here quotes the value.
        raise UnfitValueError(
            f"{name}: a value is none of its column's type, or no text (SQLSTATE "
            f"{error.sqlstate}): where the type of a key was changed in the middle of a first "
            "load, delete the table's state, and it is loaded anew"
        ) from error
    except psycopg.OperationalError as error:
        raise TransientError(
            f"{name}: no connection, or it ended ({_first_line(error)}): see that "
            f"{variable} is right and the server runs"
        ) from error
    except psycopg.Error as error:
        raise SourceError(f"{name}: the database says: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    """What a server says first; what it says behind that may quote a row."""
    primary = error.diag.message_primary or str(error)
    return " ".join(primary.split("\n")[0].split())


def _is_this_machine(host: str) -> bool:
    return host.startswith(("/", "@")) or host in ("localhost", "127.0.0.1", "::1")
