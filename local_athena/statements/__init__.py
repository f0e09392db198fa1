"""What Athena accepts, said so that Trino, Glue and S3 do it."""

from __future__ import annotations

from local_athena.session import Outcome, Session
from local_athena.statements.parse import parse


def execute(statement: str, session: Session) -> Outcome:
    """Execute one Athena statement.

    Args:
        statement: The client's text, comments and a closing semicolon included.
        session: What to execute it with.

    Returns:
        Its types, and what there is to show.

    Raises:
        StatementFailed: With the name and message that Athena gives, or with a sentence that says
            which form is not translated.
    """
    return parse(statement).run(session)
