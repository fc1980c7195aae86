"""The application: which address leads where, and what is said where something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from concurrent.futures import Executor

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from glassnet.apps.server.guard import GONE, Guard, refuse
from glassnet.apps.server.limits import BodyBudget, Limits, RefusalError
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model_reloader import LOG, ModelReloader
from glassnet.apps.server.pages.routes import Pages
from glassnet.apps.server.routes import Routes

WORDS = {
    404: "Not found. GET /docs lists the endpoints.",
    405: "Method not allowed. GET /docs lists the methods of each endpoint.",
}


def create_app(
    keeper: ModelReloader,
    limits: Limits,
    metrics: Metrics,
    pool: Executor,
    tables: Executor,
    key: str | None = None,
    names: Collection[str] = (),
) -> Guard:
    """A server for a model, as an ASGI application, which watches the model's file while it runs.

    Rows that come alone are predicted in `pool`, tables in `tables`. Without a key requests need none; `names` is what
    the server is called beside its addresses and localhost, "*" whatever.
    """
    routes = Routes(keeper, limits, BodyBudget(limits), metrics, pool, tables)
    pages = Pages(keeper, limits, pool, key is not None)

    @contextlib.asynccontextmanager
    async def watching(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(keeper.watch())
        yield
        task.cancel()

    addresses = [
        Route("/predict", routes.predict, methods=["POST"]),
        Route("/explain", routes.explain, methods=["POST"]),
        Route("/model", routes.model),
        Route("/health", routes.health),
        Route("/metrics", routes.counts),
        Route("/openapi.json", pages.openapi),
        Route("/docs", pages.docs),
        Route("/", pages.form, methods=["GET", "POST"]),
    ]
    app = Starlette(
        routes=addresses,
        lifespan=watching,
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
    return Response(status_code=GONE)  # which nobody reads; it is counted


async def _failed(request: Request, error: Exception) -> Response:
    LOG.error("%s %s failed", request.method, request.url.path)
    return refuse(
        RefusalError(500, f"Internal server error ({type(error).__name__}). See the server log, and please report it.")
    )
