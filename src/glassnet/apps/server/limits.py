"""Limits of a request (bytes, rows, seconds), and the refusal of one that exceeds them."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from glassnet.apps.console import size
from glassnet.apps.usage import UsageError
from glassnet.support.language import Text

BODIES = 8
"""So many bodies of the largest size may be in memory, or on the disk, at a time."""
UNFOLDED = 4
"""So many times as much as its body may the cells of a table take, once each stands for itself."""


class RefusalError(Exception):
    """The refusal of a request: the HTTP status, and the message with the remedy."""

    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, dict(headers or {})


@dataclass(frozen=True)
class Limits:
    """The limits of a request.

    Parameters
    ----------
    body : int
        Bytes of its body.
    rows : int
    bad_rows : int
        How many may have an error of their own; a strict request has 0.
    seconds : float
        Until its answer begins; its body must have come in as many.
    requests : int
        How many are answered at a time, or wait.
    connections : int
        How many may be open.
    header_seconds : float
        Until the first line and the headers of a request have come.
    """

    body: int = 32_000_000
    rows: int = 200_000
    bad_rows: int = 1_000
    seconds: float = 30.0
    requests: int = 1_000
    connections: int = 2_000
    header_seconds: float = 10.0

    def check_rows(self, rows: int) -> None:
        """Refuse too many rows."""
        if rows > self.rows:
            raise RefusalError(
                413,
                f"A request may have at most {self.rows:,} rows. Received: {rows:,}. Split it into several requests.",
            )

    def check_unfolded(self, length: int) -> None:
        """Refuse a table whose cells take much more than its body, because many of them are one."""
        if length > UNFOLDED * self.body:
            raise RefusalError(
                413,
                f"A table may have {size(UNFOLDED * self.body)} once its dictionaries and views are unfolded. "
                f"Received: {size(length)} or more. Send it in several requests.",
            )

    def check_body(self, length: int) -> None:
        """Refuse too long a body."""
        if length > self.body:
            raise RefusalError(
                413,
                f"A body may have at most {size(self.body)}. Received: {size(length)} or more. Split the request.",
                {"Connection": "close"},  # the rest of it is not read
            )


def check_limits(limits: Limits) -> Limits:
    """The limits, if a server could live with them."""
    for option, value, remedy in (
        ("--max-body", limits.body, Text("Give megabytes, such as 32")),
        ("--max-rows", limits.rows, Text("For example 200000")),
        ("--timeout", limits.seconds, Text("Give seconds, such as 30")),
    ):
        if not 0 < value < 1e12:
            raise UsageError(Text("{option} must be positive", option=option), f"{value:g}", remedy)
    return limits


class Work:
    """The work for one request, in pieces, each of which first checks whether the request is still active.

    A thread cannot be stopped from outside. So an answer that comes too late, or whose client has gone, would
    be worked out to its end, and keep its thread from others.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.late = RefusalError(504, f"Timeout: no response within {limits.seconds:g} seconds. Send fewer rows.")
        self._until = time.monotonic() + limits.seconds
        self._error: Exception | None = None
        self._bad, self._first = 0, ""

    def check(self) -> None:
        """Go on, or raise what it ended with."""
        if self._error is None and time.monotonic() > self._until:
            self._error = self.late
        if self._error is not None:
            raise self._error

    def begun(self) -> None:
        """The answer is on its way: it may take as long as it is taken."""
        self._until = math.inf

    def end(self, error: Exception) -> None:
        """Cancel the work."""
        self._error = error

    def bad(self, words: str) -> None:
        """A row could not be predicted. When there are too many such, it is the table that is wrong."""
        self.check()
        self._bad, self._first = self._bad + 1, self._first or words
        if self.limits.bad_rows == 0:
            raise RefusalError(422, f"All rows must be predicted, since the request is strict. Received: {words}")
        if self._bad > self.limits.bad_rows:
            raise RefusalError(
                422,
                f"A request may have {self.limits.bad_rows:,} rows that cannot be predicted. Received: more, of which "
                f"the first has this error: {self._first} Repair the table, or send it in several requests.",
            )


@dataclass
class BodyBudget:
    """The memory that the bodies of all requests share."""

    limits: Limits
    taken: int = field(default=0, init=False)

    def take(self, count: int) -> None:
        """So many bytes more, if there is room."""
        if self.taken + count > BODIES * self.limits.body:
            raise RefusalError(503, "Too many requests. Try again in a moment.", {"Retry-After": "1"})
        self.taken += count

    def leave(self, count: int) -> None:
        """They are needed no more."""
        self.taken -= count


async def receive(request: Request, limits: Limits, keep: Callable[[bytes], object]) -> None:
    """Read the body piece by piece, all of which `keep` gets; it must be neither too long nor too late."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit():
        limits.check_body(int(announced))
    length = 0
    late = RefusalError(408, f"Timeout: the body must arrive within {limits.seconds:g} seconds.")
    async with in_time(limits.seconds, late):
        async for piece in request.stream():
            length += len(piece)
            limits.check_body(length)
            keep(piece)


@contextlib.asynccontextmanager
async def in_time(seconds: float, otherwise: RefusalError) -> AsyncIterator[None]:
    """Within it only so much time may pass."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise otherwise from None
