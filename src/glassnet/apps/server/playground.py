"""The playground over HTTP: files that are there when the server starts, behind the same door as a model."""

from __future__ import annotations

import contextlib
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from glassnet.apps.console import Output
from glassnet.apps.playground import ENTRY, files
from glassnet.apps.server.guard import Guard
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.process import Server, configured, listen
from glassnet.apps.texts import say
from glassnet.errors import InputError

HOST = "127.0.0.1"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
KINDS |= {".wasm": "application/wasm"}
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing evaluated but the engine."""
MOST_BYTES = 500_000
TABLE = "playground/table.csv"
"""Where the page looks for the table that it was opened with."""


def create_playground(limits: Limits | None = None, table: Path | None = None) -> Guard:
    """A server of the playground's files, as an ASGI application; with a table, which the page opens by itself."""
    entry, every = f"/{ENTRY}", files()
    if table is not None:
        entry, every = f"{entry}?table", every | {TABLE: table}

    def route(name: str, file: Path) -> Route:
        content, kind = file.read_bytes(), KINDS.get(file.suffix, "text/csv")

        async def answer(request: Request) -> Response:
            return Response(content, headers={"content-security-policy": POLICY}, media_type=kind)

        return Route(f"/{name}", answer)

    async def enter(request: Request) -> Response:
        return RedirectResponse(entry)

    routes = [Route("/", enter), *(route(name, file) for name, file in every.items())]
    paths = frozenset(one.path for one in routes)
    return Guard(Starlette(routes=routes), None, limits or Limits(), Metrics(), paths, frozenset())


def serve(output: Output, port: int, table: Path | None = None) -> None:
    """Answer this machine alone, until told to stop; a table must be small enough for a page."""
    if table is not None and not (table.is_file() and table.stat().st_size <= MOST_BYTES):
        found = f"{table.stat().st_size:,} bytes" if table.is_file() else f"{table}, where there is no file"
        raise InputError(
            f"The table must be a file of at most {MOST_BYTES:,} bytes", found, "Take a sample of its rows"
        )
    limits = Limits()
    with contextlib.closing(listen(HOST, port)) as listening:
        config = configured(create_playground(limits, table), limits, lifespan="off")
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        Server(config, lambda: output.say("playground", say("playground.open", address=address))).run(
            sockets=[listening]
        )
