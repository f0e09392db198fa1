"""Answers of S3 that get lost on their way, behind a put that S3 has taken."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ReadTimeoutError


class LostAnswers:
    """Counts the puts, and says whose answer is lost.

    Attributes:
        puts: How many have been sent.
    """

    def __init__(self, first: int, every: int) -> None:
        self.puts = 0
        self._first = first
        self._every = every

    def pass_on(self) -> None:
        """Take a put's answer, or lose it.

        Raises:
            ReadTimeoutError: It is lost.
        """
        self.puts += 1
        if self.puts <= self._first or (self._every and self.puts % self._every == 1):
            raise ReadTimeoutError(endpoint_url="https://s3")


def losing(client: Any, *, first: int = 0, every: int = 0) -> LostAnswers:
    """Let a client lose answers, where botocore sends again what it may.

    Args:
        client: A client of boto3.
        first: The answers of so many puts are lost, from the first on.
        every: That of each such put is.
    """
    lost = LostAnswers(first, every)
    session = client._endpoint.http_session
    send = session.send

    def send_and_lose(request: Any) -> Any:
        answer = send(request)
        if request.method == "PUT":
            lost.pass_on()
        return answer

    session.send = send_and_lose
    return lost
