"""The door: who has no key does not come in, nor who asks for somebody else, nor who comes when it is full; whoever
comes is counted.

Plain ASGI around everything else, for every request passes it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.apps.server.access import allowed, known_by
from glassnet.apps.server.answers import json_bytes
from glassnet.apps.server.bodies import JSON
from glassnet.apps.server.limits import Limits, RefusalError
from glassnet.apps.server.metrics import Metrics

GONE = 499
"""As other servers count who went away."""
OPEN = "/health"
"""Needs no key, for whoever looks after servers has none."""
SAFE = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer")]
"""Answers are about people: they are neither guessed at, nor kept, nor told of elsewhere."""


def refuse(refusal: RefusalError) -> Response:
    """What is wrong, in words."""
    return Response(json_bytes({"error": refusal.words}), refusal.status, refusal.headers, JSON)


@dataclass(eq=False, repr=False)  # which must not show the key
class Guard:
    """Lets requests in to an application; those for one of `paths` are counted by name.

    `names` are those of the server, beside its addresses and localhost.
    """

    app: ASGIApp
    key: str | None
    limits: Limits
    metrics: Metrics
    paths: frozenset[str]
    names: frozenset[str]
    inside: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, started, status = scope["path"], time.perf_counter(), GONE

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *SAFE]
            await send(message)

        self.inside += 1
        self.metrics.open.set(self.inside)
        try:
            refusal = self._refusal(path, scope)
            app: Any = self.app if refusal is None else refuse(refusal)
            await app(scope, receive, send_safely)
        finally:
            self.inside -= 1
            self.metrics.open.set(self.inside)
            counted = path if path in self.paths else "other"
            self.metrics.requests.labels(counted, str(status)).inc()
            self.metrics.seconds.labels(counted).observe(time.perf_counter() - started)

    def _refusal(self, path: str, scope: Scope) -> RefusalError | None:
        headers = Headers(scope=scope)
        unknown = [host for host in headers.getlist("host") if not known_by(host, self.names)]
        if unknown:
            words = f"This server is not known as {unknown[0][:100]!r}. Ask it by its address, or start it with"
            return RefusalError(421, f"{words} --allow-host and that name.")
        if path == OPEN:
            return None
        if not allowed(headers, self.key):
            return RefusalError(
                401,
                "API key required: send it in the header Authorization: Bearer KEY or X-API-Key: KEY.",
                {"WWW-Authenticate": 'Basic realm="glassnet", charset="UTF-8"'},
            )
        if self.inside > self.limits.requests:
            return RefusalError(503, "Too many requests. Try again in a moment.", {"Retry-After": "1"})
        return None
