"""A session with MySQL or MariaDB: how it reads, and what goes wrong, told in one sentence."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import CR, ER

from ingestion.sources.databases.errors import TooSlowError, UnfitValueError
from ingestion.sources.errors import SourceError, TransientError

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
_LOCK_SECONDS: Final = 5

# So that each value is spelled in one way, and nothing is written. In this mode alone dates that
# are none are values like others, and `\` escapes in literals.
_SETTINGS: Final = (
    "set session time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'",
    f"set session lock_wait_timeout = {_LOCK_SECONDS}",
    "set session transaction isolation level repeatable read, read only",
)

# MySQL's, of reading statements, in milliseconds, and MariaDB's, in seconds.
_LIMIT: Final = f"set session max_execution_time = {STATEMENT_SECONDS * 1000}"
_LIMIT_OF_MARIADB: Final = f"set session max_statement_time = {STATEMENT_SECONDS}"

# MySQL's and MariaDB's: not among PyMySQL's constants.
_TOO_SLOW: Final = (3024, 1969)
_LOCKED: Final = (ER.LOCK_WAIT_TIMEOUT,)
_REFUSED: Final = (ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR)
_DENIED: Final = (ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR)
# Of a literal that a column cannot be compared with: it quotes the value.
_UNFIT: Final = (1267, 1292, 1366, 1367, 1411, 1525)
_FIRST_OF_NEWER_SERVERS: Final = 3000
_NO_PROCESS: Final = (ER.SPECIFIC_ACCESS_DENIED_ERROR,)

THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
"""Hosts that are reached without a network: TLS is used there, if the server has it."""

_SCHEMES: Final = ("mysql", "mariadb")
_PARAMETERS: Final = frozenset({"ssl_ca", "ssl_disabled", "unix_socket"})

Values = Sequence[bytes | None]
"""A row, as the server wrote it."""


class Session:
    """Reads and never writes. Whatever goes wrong is a SourceError."""

    def __init__(self, connection: pymysql.Connection[Any], name: str, variable: str) -> None:
        """Use a connection.

        Args:
            connection: The connection, which converts nothing.
            name: The source's name, for errors.
            variable: Where its address comes from, for errors.
        """
        self._connection = connection
        self._name = name
        self._variable = variable

    @property
    def database(self) -> str:
        """The database that the address names; empty if it names none."""
        [(name,)] = self.texts("select database()")
        return name or ""

    @property
    def role(self) -> str:
        """The account that reads, as SQL has it."""
        [(account,)] = self.texts("select current_user()")
        user, _, host = (account or "").rpartition("@")
        return f"{literal(user)}@{literal(host)}"

    def refuse(self, what: str) -> NoReturn:
        """Say why the source cannot be pulled as it is, and what to do."""
        raise SourceError(f"{self._name}: {what}")

    def rows(self, query: str) -> list[Values]:
        """Return the rows of a query, each value in the database's own text, or NULL."""
        with self._told(), self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def texts(self, query: str) -> list[tuple[str | None, ...]]:
        """Return the rows of a query as texts."""
        return [
            tuple(None if value is None else value.decode(errors="replace") for value in row)
            for row in self.rows(query)
        ]

    def named(self, query: str) -> list[dict[str, str | None]]:
        """Return the rows of a query as texts, by the name of the column in lower case."""
        with self._told(), self._connection.cursor() as cursor:
            cursor.execute(query)
            names = [column[0].lower() for column in cursor.description or ()]
            return [
                {
                    name: None if value is None else bytes(value).decode(errors="replace")
                    for name, value in zip(names, row, strict=True)
                }
                for row in cursor.fetchall()
            ]

    def refuse_unfit(self) -> NoReturn:
        """Say that a value does not fit its column."""
        raise unfit(self._name, "it is where the reading goes on")

    @contextmanager
    def one_moment(self) -> Iterator[datetime]:
        """Let all queries of the block see the same; gives the database's time then."""
        self.rows("start transaction with consistent snapshot, read only")
        try:
            yield self.now()
        finally:
            # What ended the block may have ended the connection, and says so.
            if self._connection.open:
                self.rows("rollback")

    @contextmanager
    def in_zone_of_the_server(self) -> Iterator[None]:
        """Let times be told as the server's own views have them."""
        self.rows("set session time_zone = 'SYSTEM'")
        try:
            yield
        finally:
            if self._connection.open:
                self.rows("set session time_zone = '+00:00'")

    def now(self) -> datetime:
        """Return the database's time."""
        [(text,)] = self.texts("select utc_timestamp(6)")
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)

    def _told(self) -> AbstractContextManager[None]:
        return _told(self._name, self._variable)


@contextmanager
def open_session(address: str, name: str, variable: str) -> Iterator[Session]:
    """Open a session.

    Args:
        address: A URI; may hold a password.
        name: The source's name, for errors.
        variable: Where the address comes from, for errors.

    Raises:
        SourceError: There is no such server.
    """
    try:
        given = connect_arguments(address)
    except (ValueError, OSError) as error:
        # The text of the error may quote the address.
        raise SourceError(
            f"{name}: {variable} is no address of MySQL or MariaDB, such as "
            "mysql://reader@db.example.com:3306/shop, or names a file that cannot be read"
        ) from error
    with _told(name, variable):
        connection = pymysql.connect(
            **given,
            charset="utf8mb4",
            # Nothing is converted: each value is the server's bytes.
            use_unicode=False,
            conv={str: pymysql.converters.escape_string},
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=STATEMENT_SECONDS + CONNECT_SECONDS,
            write_timeout=CONNECT_SECONDS,
        )
    with connection:
        session = Session(connection, name, variable)
        for setting in _SETTINGS:
            session.rows(setting)
        [(version,)] = session.texts("select version()")
        session.rows(_LIMIT_OF_MARIADB if "mariadb" in (version or "").lower() else _LIMIT)
        yield session


def literal(text: str) -> str:
    """Return a text as SQL has it, in a session without a mode of SQL."""
    return f"'{pymysql.converters.escape_string(text)}'"


def quoted(*names: str) -> str:
    """Return a name as SQL has it; parts that are empty are left out."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names if name)


def connect_arguments(address: str) -> dict[str, Any]:
    """Return what PyMySQL is given to connect to an address.

    Raises:
        ValueError: It is no address of MySQL or MariaDB; the text may quote it.
        OSError: A file that it names cannot be read.
    """
    parts = urlsplit(address)
    parameters = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    if parts.scheme not in _SCHEMES or not parts.username or set(parameters) - _PARAMETERS:
        raise ValueError("no address")
    host = parts.hostname or "localhost"
    given: dict[str, Any] = {
        "host": host,
        "port": parts.port or 3306,
        "user": unquote(parts.username),
        # PyMySQL takes a text for Latin-1.
        "password": unquote(parts.password or "").encode(),
        "database": unquote(parts.path.removeprefix("/")) or None,
    }
    if socket := parameters.get("unix_socket"):
        return {**given, "unix_socket": socket}
    if parameters.get("ssl_disabled") == "true":
        return {**given, "ssl_disabled": True}
    if "ssl_ca" in parameters:
        return {**given, "ssl": ssl.create_default_context(cafile=parameters["ssl_ca"])}
    if host not in THIS_MACHINE:
        # Encrypted or not at all; who the server is nobody can tell without its authority.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {**given, "ssl": context}
    return given


@contextmanager
def _told(name: str, variable: str) -> Iterator[None]:
    """Tell errors in one sentence, in which no password and no value of a row is."""
    try:
        yield
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        raise _told_error(name, variable, code, error) from error
    except RuntimeError as error:
        # PyMySQL's, where a server wants a password of `caching_sha2_password` without TLS.
        raise SourceError(
            f"{name}: the server asks for the password in a form that takes TLS: let it have a "
            f"certificate, or leave ssl_disabled out of {variable}"
        ) from error


def _told_error(name: str, variable: str, code: int, error: pymysql.MySQLError) -> SourceError:
    if code in _TOO_SLOW:
        return TooSlowError(
            f"{name}: a statement took longer than {STATEMENT_SECONDS} s and was ended: "
            "let page_rows be smaller, or see what keeps the database busy"
        )
    if code in _LOCKED:
        return TransientError(
            f"{name}: a table was locked for longer than {_LOCK_SECONDS} s, as it is "
            "while it is altered: pull again"
        )
    if code in _NO_PROCESS:
        return SourceError(
            f"{name}: the account cannot see since when other sessions' transactions are open, and "
            "their rows could be missed: run `grant process on *.* to` it"
        )
    if code in _UNFIT:
        return unfit(name, f"error {code}")
    if code in _DENIED:
        return SourceError(
            f"{name}: the account may not read a table or one of its columns: run `grant select "
            f"on` that table `to` it ({_said(error)})"
        )
    said = _said(error)
    if CR.CR_ERROR_FIRST <= code < _FIRST_OF_NEWER_SERVERS or code in _REFUSED:
        kind = SourceError if code in _REFUSED else TransientError
        return kind(
            f"{name}: no connection, or it ended ({said}): see that {variable} is right and the "
            "server runs"
        )
    return SourceError(f"{name}: the database says: {said}")


def unfit(name: str, why: str) -> UnfitValueError:
    """Say that a value does not fit its column; it is not quoted."""
    return UnfitValueError(
        f"{name}: a value is none of its column's type ({why}): where the type of a key was "
        "changed in the middle of a reading, delete the table's state, and it is loaded anew"
    )


def _said(error: pymysql.MySQLError) -> str:
    return " ".join(str(error.args[-1] if error.args else error).split())
