"""Functions and syntax that Trino 476 has and Athena is not known to have.

AWS names no Trino release for engine version 3. It was announced on 13 October 2022, the day of
Trino 400, and its pages list no function that came later; so what came later is refused here, with
the release whose notes brought it. A name is to be taken off when it is seen to work on Athena.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import StatementFailed
from local_athena.statements.lexing import Statement, position

# Of Trino 476's own SHOW FUNCTIONS, with the release that brought each.
NEWER_THAN_ATHENA: Final = {
    "quantile_at_value": 411,
    "sinh": 411,
    "exclude_columns": 412,
    "array_histogram": 419,
    "any_value": 420,
    "json_table": 435,
    "bitwise_xor_agg": 447,
    "t_cdf": 451,
    "t_pdf": 451,
    "cosine_distance": 452,
    "dot_product": 452,
    "euclidean_distance": 452,
    "timezone": 463,
}


def refuse_what_athena_lacks(statement: Statement) -> None:
    """Fail on the first function or clause that is newer than Athena.

    Raises:
        StatementFailed: FUNCTION_NOT_FOUND or SYNTAX_ERROR, in Trino's own words.
    """
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        if token.text.lower() in NEWER_THAN_ATHENA and _is_called(tokens, index):
            where = position(statement.text, token)
            raise StatementFailed(
                "FUNCTION_NOT_FOUND", f"{where}: Function '{token.text.lower()}' not registered"
            )
        if _is_inline_function(tokens, index):
            where = position(statement.text, token)
            raise StatementFailed("SYNTAX_ERROR", f"{where}: mismatched input '{token.text}'")


def _is_called(tokens: Sequence[Token], index: int) -> bool:
    """Whether a name is a function's, rather than one that a list of columns follows."""
    named = tokens[index].token_type in (TokenType.VAR, TokenType.IDENTIFIER)
    if not named or not _is(tokens, index + 1, TokenType.L_PAREN):
        return False
    # `… AS name (a, b)`, `(…) name (a, b)`, `"t" name (a, b)`, `INSERT INTO name (a, b)`
    before = tokens[index - 1] if index else None
    if before and (
        before.token_type in (TokenType.R_PAREN, TokenType.IDENTIFIER, TokenType.DOT)
        or before.text.upper() in ("AS", "INTO")
    ):
        return False
    # `WITH name (a, b) AS (…)`
    after = _closing(tokens, index + 1) + 1
    return not (_is_word(tokens, after, "AS") and _is(tokens, after + 1, TokenType.L_PAREN))


def _is_inline_function(tokens: Sequence[Token], index: int) -> bool:
    """Whether `WITH FUNCTION name …` (431) begins here, rather than a query named `function`."""
    return (
        index > 0
        and _is_word(tokens, index, "FUNCTION")
        and _is_word(tokens, index - 1, "WITH")
        and _is(tokens, index + 1, TokenType.VAR)
        and not _is_word(tokens, index + 1, "AS")
    )


def _closing(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        depth += tokens[index].token_type is TokenType.L_PAREN
        depth -= tokens[index].token_type is TokenType.R_PAREN
        if depth == 0:
            return index
    return len(tokens)


def _is(tokens: Sequence[Token], index: int, kind: TokenType) -> bool:
    return index < len(tokens) and tokens[index].token_type is kind


def _is_word(tokens: Sequence[Token], index: int, word: str) -> bool:
    return _is(tokens, index, TokenType.VAR) and tokens[index].text.upper() == word
