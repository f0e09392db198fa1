"""The expressions by which GetPartitions picks partitions: `year = 2026 AND day IN ('1', '2')`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

# Of a partition: its keys' names, in lower case, and values.
Partition = Mapping[str, str]
Predicate = Callable[[Partition], bool]

# What Hive writes for NULL.
_NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_NUMBERS: Final = ("tinyint", "smallint", "int", "integer", "bigint", "long", "decimal")
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_]\w*|"[^"]+"|`[^`]+`)
      | (?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_COMPARISONS: Final[Mapping[str, Callable[[Decimal | str, Decimal | str], bool]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,  # type: ignore[operator]
    "<=": lambda left, right: left <= right,  # type: ignore[operator]
    ">": lambda left, right: left > right,  # type: ignore[operator]
    ">=": lambda left, right: left >= right,  # type: ignore[operator]
}


def parse_expression(text: str, key_types: Mapping[str, str]) -> Predicate:
    """Understand an expression.

    Args:
        text: In the part of SQL that Glue takes.
        key_types: The table's partition keys with their types. Numbers compare as numbers,
            everything else, dates included, as text.

    Raises:
        ValueError: It is not in that part of SQL, or names something that is no key.
    """
    parser = _Parser(text, {name.lower(): key_type for name, key_type in key_types.items()})
    predicate = parser.any_of()
    parser.end()
    return predicate


class _Parser:
    def __init__(self, text: str, key_types: Mapping[str, str]) -> None:
        self._text = text
        self._key_types = key_types
        self._tokens = list(_tokens(text))

    def any_of(self) -> Predicate:
        terms = [self._all_of()]
        while self._take("OR"):
            terms.append(self._all_of())
        return lambda partition: any(term(partition) for term in terms)

    def end(self) -> None:
        if self._tokens:
            raise self._error()

    def _all_of(self) -> Predicate:
        terms = [self._term()]
        while self._take("AND"):
            terms.append(self._term())
        return lambda partition: all(term(partition) for term in terms)

    def _term(self) -> Predicate:
        if self._take("NOT"):
            return _not(self._term())
        if self._take("("):
            inner = self.any_of()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        key = self._next().strip('"`').lower()
        if key not in self._key_types:
            raise self._error()
        if self._take("IS"):
            is_not = self._take("NOT")
            self._expect("NULL")
            return lambda partition: (partition[key] == _NULL) is not is_not
        is_not = self._take("NOT")
        holds = self._operation(key)
        # Of NULL neither a comparison nor its opposite holds.
        return lambda partition: partition[key] != _NULL and holds(partition[key]) is not is_not

    def _operation(self, key: str) -> Callable[[str], bool]:
        read = self._reader(key)
        if self._take("IN"):
            self._expect("(")
            values = [read(self._value())]
            while self._take(","):
                values.append(read(self._value()))
            self._expect(")")
            return lambda value: read(value) in values
        if self._take("BETWEEN"):
            low = read(self._value())
            self._expect("AND")
            high = read(self._value())
            return lambda value: low <= read(value) <= high  # type: ignore[operator]
        if self._take("LIKE"):
            parts = re.split("([%_])", self._value())
            wild = {"%": ".*", "_": "."}
            pattern = re.compile("".join(wild.get(p, re.escape(p)) for p in parts), re.DOTALL)
            return lambda value: pattern.fullmatch(value) is not None
        compare = _COMPARISONS.get(self._next())
        if compare is None:
            raise self._error()
        right = read(self._value())
        return lambda value: compare(read(value), right)

    def _reader(self, key: str) -> Callable[[str], Decimal | str]:
        """What makes a value comparable to another of the same key."""
        if not self._key_types[key].lower().startswith(_NUMBERS):
            return str

        def number(value: str) -> Decimal:
            try:
                return Decimal(value)
            except InvalidOperation as error:
                raise ValueError(f"{value} is not a number, as {key} is") from error

        return number

    def _value(self) -> str:
        token = self._next()
        if token.upper() in ("DATE", "TIMESTAMP"):
            token = self._next()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if re.match(r"-?\d", token):
            return token
        raise self._error()

    def _next(self) -> str:
        if not self._tokens:
            raise self._error()
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0].upper() == word:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise self._error()

    def _error(self) -> ValueError:
        return ValueError(f"Unsupported expression '{self._text}'")


def _not(predicate: Predicate) -> Predicate:
    return lambda partition: not predicate(partition)


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"Unsupported expression '{text}'")
        tokens.append(found[0].strip())
        position = found.end()
    return tokens
