"""The pages at their addresses."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from glassnet.apps.server.answers import ERROR, error_words, json_bytes
from glassnet.apps.server.bodies import JSON
from glassnet.apps.server.limits import Limits, RefusalError, in_time, receive
from glassnet.apps.server.model import LoadedModel
from glassnet.apps.server.model_reloader import ModelReloader
from glassnet.apps.server.pages.docs import docs_page
from glassnet.apps.server.pages.form import Told, form_page
from glassnet.apps.server.pages.frame import HEADERS, language_of
from glassnet.apps.server.pages.openapi import openapi
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.explanations import has_slopes
from glassnet.support.language import Language

FORM = "application/x-www-form-urlencoded"
LARGEST = 1_000_000
"""Bytes of a form that was filled in."""


@dataclass(frozen=True)
class Pages:
    """The pages for people; `guarded`: requests need a key."""

    keeper: ModelReloader
    limits: Limits
    pool: Executor
    guarded: bool

    async def form(self, request: Request) -> Response:
        """The form, empty or with the answer to what was filled in."""
        served, language = self.keeper.served, _language(request)
        typed: dict[str, str] = {}
        told, problem = None, None
        if request.method == "POST":
            typed = await self._typed(request)
            row = {name: typed.get(name, "") for name in served.columns}
            busy = RefusalError(504, f"Timeout: no response within {self.limits.seconds:g} seconds.")
            try:
                async with in_time(self.limits.seconds, busy):
                    loop = asyncio.get_running_loop()
                    told = await loop.run_in_executor(self.pool, _tell, served, row, language)
            except (InputError, InputTypeError) as error:
                problem = error_words(error, language)
        page = form_page(served, language, typed, told, problem)
        return HTMLResponse(page, 200 if problem is None else 422, HEADERS)

    async def docs(self, request: Request) -> Response:
        """What programs can ask."""
        page = docs_page(self.keeper.served, self.guarded, str(request.base_url), _language(request))
        return HTMLResponse(page, headers=HEADERS)

    async def openapi(self, request: Request) -> Response:
        """The same for programs."""
        return Response(json_bytes(openapi(self.keeper.served, self.limits, self.guarded)), media_type=JSON)

    async def _typed(self, request: Request) -> dict[str, str]:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise RefusalError(415, f"Content-Type must be {FORM}. Programs should use /predict.")
        pieces: list[bytes] = []
        await receive(request, replace(self.limits, body=min(self.limits.body, LARGEST)), pieces.append)
        try:
            return dict(parse_qsl(b"".join(pieces).decode("ascii"), keep_blank_values=True, errors="strict"))
        except ValueError:
            raise RefusalError(422, "The form must be filled in with text in UTF-8.") from None


def _language(request: Request) -> Language:
    return language_of(request.query_params.get("language"), request.headers.get("accept-language", ""))


def _tell(served: LoadedModel, row: dict[str, str], language: Language) -> Told:
    answer = served.answer([served.read(row)])[0]
    if ERROR in answer:
        raise InputError(answer[ERROR])
    if not has_slopes(served.model):
        return answer, None, ", ".join(str(answer[name]) for name in answer if name.startswith("prediction"))
    return answer, *served.explain(row, language)
