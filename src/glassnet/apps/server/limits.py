"""How much a request may ask for: bytes, rows, seconds; and what is said to one that asks for more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from glassnet.apps.console import size
from glassnet.apps.endings import UsageError

BODIES = 8
"""So many bodies of the largest size may be in memory, or on the disk, at a time."""


class RefusalError(Exception):
    """A request that is not answered as it hoped: HTTP's code, and what is wrong and what to do in words."""

    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, dict(headers or {})


@dataclass(frozen=True)
class Limits:
    """What a request may ask for.

    Parameters
    ----------
    body : int
        Bytes of its body.
    rows : int
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
    seconds: float = 30.0
    requests: int = 1_000
    connections: int = 2_000
    header_seconds: float = 10.0

    def check_rows(self, rows: int) -> None:
        """Refuse too many rows."""
        if rows > self.rows:
            raise RefusalError(
                413, f"A request may have {self.rows:,} rows. Received: {rows:,}. Send them in several requests."
            )

    def check_body(self, length: int) -> None:
        """Refuse too long a body."""
        if length > self.body:
            raise RefusalError(
                413,
                f"A body may have {size(self.body)}. Received: {size(length)} or more. Send it in several requests.",
                {"Connection": "close"},  # the rest of it is not read
            )


def check_limits(limits: Limits) -> Limits:
    """The limits, if a server could live with them."""
    for option, value, remedy in (
        ("--max-body", limits.body, "Give megabytes, such as 32"),
        ("--max-rows", limits.rows, "For example 200000"),
        ("--timeout", limits.seconds, "Give seconds, such as 30"),
    ):
        if not 0 < value < 1e12:
            raise UsageError(f"{option} must be positive", f"{value:g}", remedy)
    return limits


@dataclass
class Room:
    """What the bodies of all requests take up together."""

    limits: Limits
    taken: int = field(default=0, init=False)

    def take(self, count: int) -> None:
        """So many bytes more, if there is room."""
        if self.taken + count > BODIES * self.limits.body:
            raise RefusalError(503, "The server has its hands full. Try again in a moment.", {"Retry-After": "1"})
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
    async with in_time(limits.seconds, RefusalError(408, f"The body must come within {limits.seconds:g} seconds.")):
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
