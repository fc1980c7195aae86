"""Limits of connections: their number, and the time that one may be idle.

uvicorn gives requests out. Until one has begun, and while its answer is not taken, a connection costs a stranger
nothing and the server a file. So each has a deadline whenever it is the other side's turn. When all places are taken,
the connection that has been idle longest is closed: a real client sends its request at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from glassnet.apps.server.limits import Limits

if TYPE_CHECKING:
    # what the two implementations of uvicorn have in common
    class Protocol(asyncio.Protocol):
        """HTTP on one connection."""

        cycle: Any
        loop: asyncio.AbstractEventLoop
        transport: asyncio.Transport

        def on_body(self, body: bytes) -> None:
            """A piece of a body has come."""

        def on_response_complete(self) -> None:
            """An answer has been written."""

        def timeout_keep_alive_handler(self) -> None:
            """No other request came."""
else:
    Protocol = AutoHTTPProtocol

LONGEST = 65_536
"""Bytes of the first line and the headers together. httptools, which uvicorn reads requests with, has no limit."""
BODIES_ARE_SEEN = hasattr(AutoHTTPProtocol, "on_body")
"""Else it is h11 that reads, which limits all but the body itself."""


def limited_connections(limits: Limits) -> type[asyncio.Protocol]:
    """HTTP as uvicorn speaks it, for the connections of one server together."""
    inside: set[Connection] = set()
    waiting: dict[Connection, None] = {}  # for a request, the longest first

    class Connection(Protocol):
        """HTTP on one connection, with a deadline whenever it is the other side's turn."""

        _deadline: asyncio.TimerHandle | None = None
        _more = LONGEST  # bytes that may still come
        _paused = False  # the answer is not taken

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            if len(inside) >= limits.connections:
                leaving = next(iter(waiting), self)
                leaving.transport.abort()
                leaving._leave()
                if leaving is self:
                    return
            inside.add(self)
            waiting[self] = None
            self._within(limits.header_seconds)

        def data_received(self, data: bytes) -> None:
            self._more -= len(data)
            super().data_received(data)
            if self._busy:
                waiting.pop(self, None)
                self._more = self._more if BODIES_ARE_SEEN else LONGEST
            if self._more < 0:
                self.transport.abort()
            elif self._busy and not self._paused:
                self._within(None)
            elif self._deadline is None:  # it is not put off by every byte that comes
                self._within(limits.seconds if self._paused else limits.header_seconds)

        def on_body(self, body: bytes) -> None:
            super().on_body(body)
            self._more += 2 * len(body)  # itself, and what stands around its pieces

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._more = LONGEST
            if not self._busy and self in inside:
                waiting[self] = None
            self._go_on()

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            self._go_on()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._paused = True
            self._go_on()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._paused = False
            self._go_on()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._leave()

        @property
        def _busy(self) -> bool:
            """Whether there is a request to answer."""
            return self.cycle is not None and not self.cycle.response_complete

        def _go_on(self) -> None:
            """Limit the time for the client to read the answer; between requests uvicorn limits it itself."""
            self._within(limits.seconds if self._paused or self.transport.is_closing() else None)

        def _within(self, seconds: float | None) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
            self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

        def _leave(self) -> None:
            self._within(None)
            inside.discard(self)
            waiting.pop(self, None)

    return Connection
