"""Reading a statement's words from left to right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import StatementFailed
from local_athena.statements.lexing import Statement, position

_OPENING: Final = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.LT}
_CLOSING: Final = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.GT}
_HIVE_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([0-3][0-7]{2})|(.))", re.DOTALL)
_HIVE_ESCAPES: Final = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


class Cursor:
    """A place in a statement. Methods that expect something raise SYNTAX_ERROR without it."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._next = 0

    @property
    def at_end(self) -> bool:
        """Whether every word has been read."""
        return self._next == len(self._statement.tokens)

    def unexpected(self, expected: str) -> StatementFailed:
        """The error for the word that comes next, in the words of Athena's parsers."""
        tokens = self._statement.tokens
        if self.at_end:
            last = tokens[-1]
            where = position(self._statement.text, last)
            return StatementFailed(
                "SYNTAX_ERROR", f"{where}: mismatched input '<EOF>'. Expecting: {expected}"
            )
        token = tokens[self._next]
        found = self._statement.slice(token, token)
        where = position(self._statement.text, token)
        return StatementFailed(
            "SYNTAX_ERROR", f"{where}: mismatched input '{found}'. Expecting: {expected}"
        )

    def sees(self, *words: str) -> bool:
        """Whether these words or symbols, written in upper case, come next."""
        tokens = self._statement.tokens[self._next : self._next + len(words)]
        return len(tokens) == len(words) and all(
            _word(token) == word for token, word in zip(tokens, words, strict=True)
        )

    def accept(self, *words: str) -> bool:
        """Read these words if they come next, all of them or none."""
        if not self.sees(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these words."""
        if not self.accept(*words):
            raise self.unexpected(" ".join(words))

    def expect_end(self) -> None:
        """Fail if a word is left."""
        if not self.at_end:
            raise self.unexpected("<EOF>")

    def identifier(self) -> str:
        """Read one name, quoted or not, without its quotes."""
        if self.at_end or self._peek().token_type not in (TokenType.VAR, TokenType.IDENTIFIER):
            raise self.unexpected("identifier")
        return self._read().text

    def string(self) -> str:
        """Read one quoted text as Trino reads it."""
        if self.at_end or self._peek().token_type is not TokenType.STRING:
            raise self.unexpected("string")
        return self._read().text

    def hive_string(self) -> str:
        r"""Read one quoted text as Hive reads it: `'\001'` is a control character."""
        if self.at_end or self._peek().token_type is not TokenType.STRING:
            raise self.unexpected("string")
        token = self._read()
        written = self._statement.slice(token, token)
        quote = written[0]
        return _HIVE_ESCAPE.sub(_unescaped, written[1:-1].replace(quote * 2, f"\\{quote}"))

    def sees_number(self) -> bool:
        """Whether a number comes next."""
        return not self.at_end and self._peek().token_type is TokenType.NUMBER

    def number(self) -> str:
        """Read one number, as it is written."""
        if not self.sees_number():
            raise self.unexpected("number")
        return self._read().text

    def word(self) -> str:
        """Read one unquoted word, in upper case."""
        if self.at_end or self._peek().token_type is not TokenType.VAR:
            raise self.unexpected("keyword")
        return self._read().text.upper()

    def until(self, *words: str) -> str:
        """Read up to one of these words or symbols outside all brackets, or to the end.

        Returns:
            What was read, verbatim.
        """
        first, depth = self._next, 0
        while not self.at_end:
            token = self._peek()
            if depth == 0 and _word(token) in words:
                break
            depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
            self._next += 1
        if self._next == first:
            raise self.unexpected("an expression")
        return self._statement.slice(
            self._statement.tokens[first], self._statement.tokens[self._next - 1]
        )

    def skip(self) -> None:
        """Read one word or symbol, whatever it is."""
        if self.at_end:
            raise self.unexpected("more")
        self._next += 1

    def rest(self) -> str:
        """Read everything that is left, verbatim, without the comments around it."""
        if self.at_end:
            raise self.unexpected("a query")
        first, self._next = self._next, len(self._statement.tokens)
        return self._statement.slice(self._statement.tokens[first], self._statement.tokens[-1])

    def rest_before(self, *words: str) -> str | None:
        """Read everything that is left if it ends in these words; return what is before them."""
        end = len(self._statement.tokens) - len(words)
        ending = [_word(token) for token in self._statement.tokens[end:]]
        if end <= self._next or ending != list(words):
            return None
        first, self._next = self._next, len(self._statement.tokens)
        return self._statement.slice(self._statement.tokens[first], self._statement.tokens[end - 1])

    def _peek(self) -> Token:
        return self._statement.tokens[self._next]

    def _read(self) -> Token:
        token = self._peek()
        self._next += 1
        return token


def _word(token: Token) -> str | None:
    """A word or symbol in upper case; None for what is quoted."""
    if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING):
        return None
    return token.text.upper()


def _unescaped(match: re.Match[str]) -> str:
    code_point, octal, character = match.groups()
    if code_point:
        return chr(int(code_point, 16))
    if octal:
        return chr(int(octal, 8))
    # Hive leaves the backslash before % and _ for LIKE; nothing here is a pattern.
    return _HIVE_ESCAPES.get(character, character)


def first_words(tokens: Sequence[Token], count: int) -> tuple[str, ...]:
    """The first words of a statement in upper case, fewer if it is shorter or they are quoted."""
    return tuple(word for word in map(_word, tokens[:count]) if word)
