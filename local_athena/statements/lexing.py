"""A statement's words, each with its place in the client's text.

Athena sends some statements to Trino and others to Hive, and the two read quotes differently. The
words are sqlglot's tokens, of a tokenizer without keywords: a statement is parsed here no further
than its own clauses, and a query within it is cut out of the text as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from local_athena.errors import StatementFailed


class _TrinoTokenizer(Tokenizer):
    """`"a"` and `` `a` `` are names, `'a'` is text, and a comment ends at its first `*/`."""

    KEYWORDS = {}  # noqa: RUF012
    COMMANDS = set()  # noqa: RUF012
    IDENTIFIERS = ['"', "`"]  # noqa: RUF012
    NESTED_COMMENTS = False


class _HiveTokenizer(_TrinoTokenizer):
    r"""`` `a` `` is a name, `'a'` and `"a"` are text, in which `\` escapes."""

    IDENTIFIERS = ["`"]  # noqa: RUF012
    QUOTES = ["'", '"']  # noqa: RUF012
    STRING_ESCAPES = ["'", '"', "\\"]  # noqa: RUF012


@dataclass(frozen=True)
class Statement:
    """One statement: its text and the words in it."""

    text: str
    tokens: Sequence[Token]

    def slice(self, first: Token, last: Token) -> str:
        """The text from one word to another, both included."""
        return self.text[first.start : last.end + 1]

    @property
    def trimmed(self) -> str:
        """The text without the comments and semicolons around it."""
        return self.slice(self.tokens[0], self.tokens[-1])


def trino_statement(text: str) -> Statement:
    """Find the words of a statement that Trino is to parse.

    Raises:
        StatementFailed: SYNTAX_ERROR for no statement, more than one, or an unclosed quote.
    """
    return _statement(text, _TrinoTokenizer())


def hive_statement(text: str) -> Statement:
    """Find the words of a statement that Hive's parser reads on Athena.

    Raises:
        StatementFailed: As for `trino_statement`.
    """
    return _statement(text, _HiveTokenizer())


def _statement(text: str, tokenizer: Tokenizer) -> Statement:
    try:
        tokens = tokenizer.tokenize(text)
    except TokenError as error:
        raise StatementFailed(
            "SYNTAX_ERROR", f"a quote or comment is not closed: {error}"
        ) from None
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise StatementFailed("SYNTAX_ERROR", "line 1:1: mismatched input '<EOF>'")
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise StatementFailed("SYNTAX_ERROR", f"Only one sql statement is allowed. Got: {text}")
    return Statement(text, tokens)


def position(text: str, token: Token) -> str:
    """Where a word begins, as Athena's messages say it: `line 1:8`, counted from 1."""
    before = text[: token.start]
    return f"line {before.count(chr(10)) + 1}:{token.start - before.rfind(chr(10))}"
