"""The ASGI application: which address leads where, errors, and the guard that every request passes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.apps.server.access import NO_KEY, allowed, known_by
from glassnet.apps.server.formats import JSON, json_bytes
from glassnet.apps.server.limits import BodyBudget, Limits, RefusalError
from glassnet.apps.server.log import LOG, log_request
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import ModelReloader
from glassnet.apps.server.pages import Pages
from glassnet.apps.server.routes import Routes

WORDS = {
    404: "Not found. GET /docs lists the endpoints.",
    405: "Method not allowed. GET /docs lists the methods of each endpoint.",
}
GONE = 499
"""Status of a request whose client went away, as other servers count it."""
SAFE = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer")]
"""Headers of every answer: it may be about people, so it is neither sniffed, nor cached, nor named elsewhere."""


def create_app(
    reloader: ModelReloader,
    limits: Limits,
    metrics: Metrics,
    pool: Executor,
    tables: Executor,
    key: str | None = None,
    names: Collection[str] = (),
) -> Guard:
    """A server for a model, as an ASGI application, which watches the model's file while it runs.

    Rows that come alone are predicted in `pool`, tables in `tables`. Without a key requests need none; `names` are
    allowed host names beside the server's addresses and localhost, "*" all.
    """
    routes = Routes(reloader, limits, BodyBudget(limits), metrics, pool, tables)
    pages = Pages(reloader, limits, pool, key is not None)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(reloader.watch())
        yield
        task.cancel()

    addresses = [
        Route("/predict", routes.predict, methods=["POST"]),
        Route("/answers", routes.answers, methods=["POST"]),
        Route("/explain", routes.explain, methods=["POST"]),
        Route("/model", routes.model),
        Route("/health", routes.health),
        Route("/metrics", routes.counts),
        *pages.routes,
    ]
    app = Starlette(
        routes=addresses,
        lifespan=lifespan,
        exception_handlers={
            RefusalError: _refused,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
    )
    return Guard(app, key, limits, metrics, frozenset(route.path for route in addresses), frozenset(names))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return refuse(error)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refuse(RefusalError(error.status_code, WORDS.get(error.status_code, error.detail), error.headers))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=GONE)  # which is not read by anyone; it is counted


async def _failed(request: Request, error: Exception) -> Response:
    LOG.error("%s %s failed", request.method, request.url.path)
    return refuse(
        RefusalError(500, f"Internal server error ({type(error).__name__}). See the server log, and please report it.")
    )


def refuse(refusal: RefusalError) -> Response:
    """Return the response of a refusal."""
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
            counted, seconds = path if path in self.paths else "other", time.perf_counter() - started
            self.metrics.requests.labels(counted, str(status)).inc()
            self.metrics.seconds.labels(counted).observe(seconds)
            client = (scope.get("client") or ("?",))[0]
            asked = {"client": client, "method": scope["method"], "path": path, "status": status}
            log_request(asked | {"seconds": round(seconds, 6)})

    def _refusal(self, path: str, scope: Scope) -> RefusalError | None:
        if path == NO_KEY:
            return None
        headers = Headers(scope=scope)
        unknown = [host for host in headers.getlist("host") if not known_by(host, self.names)]
        if unknown:
            words = f"This server is not known as {unknown[0][:100]!r}. Ask it by its address, or start it with"
            return RefusalError(421, f"{words} --allow-host and that name.")
        if not allowed(headers, self.key):
            return RefusalError(
                401,
                "API key required: send it in the header Authorization: Bearer KEY or X-API-Key: KEY.",
                {"WWW-Authenticate": 'Basic realm="glassnet", charset="UTF-8"'},
            )
        if self.inside > self.limits.requests:
            return RefusalError(503, "Too many requests. Try again in a moment.", {"Retry-After": "1"})
        return None
