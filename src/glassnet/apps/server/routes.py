"""What is answered at each address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from glassnet.apps.server.answers import ERROR, error_words, json_bytes
from glassnet.apps.server.arrow import read_arrow
from glassnet.apps.server.bodies import ARROW, CSV, JSON, Form, answer_form, body_form, parse_row, parse_rows
from glassnet.apps.server.card import card
from glassnet.apps.server.files import Spooled, csv_pieces, frame_of_rows, json_rows, write_arrow, write_csv
from glassnet.apps.server.keeper import Keeper
from glassnet.apps.server.limits import Limits, RefusalError, Room, in_time, receive
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import Served
from glassnet.errors import InputError, InputTypeError
from glassnet.language import check_language
from glassnet.tables.records import Record
from glassnet.tables.sources import no_rows, pl

Result = TypeVar("Result")

FEW = 256
"""Rows of JSON that are read in the event loop; more would keep others waiting."""
SMALL = 100_000
"""Bytes of JSON that are."""
CSV_TYPE = f"{CSV}; charset=utf-8"


@dataclass(frozen=True)
class Routes:
    """The answers, and what it takes to give them."""

    keeper: Keeper
    limits: Limits
    room: Room
    metrics: Metrics
    pool: Executor

    # ---------------------------------------------------------------- predict

    async def predict(self, request: Request) -> Response:
        """Rows in, predictions out."""
        form = body_form(request.headers)
        wanted = answer_form(request.headers, form)
        served = self.keeper.served
        if form == "csv":
            return await self._predict_csv(request, served, wanted)
        async with self._body(request) as body, self._answered_in_time():
            if form == "json":
                answers = await self._predict_json(served, body)
                return self._counted(answers, served, wanted)
            frame = await self._in_pool(read_arrow, body, {*served.columns, *served.ids}, self.limits)
            told = await self._in_pool(_predict_frame, served, frame)
            return self._whole(told, served, wanted)

    async def _predict_json(self, served: Served, body: bytes) -> list[dict[str, Any]]:
        rows = parse_rows(body) if len(body) < SMALL else await self._in_pool(parse_rows, body)
        self.limits.check_rows(len(rows))
        read = _read_all(served, rows) if len(rows) <= FEW else await self._in_pool(_read_all, served, rows)
        told = iter(await served.batcher.ask([record for record in read if isinstance(record, Record)]))
        return [
            served.names(row) | (next(told) if isinstance(record, Record) else {ERROR: record})
            if isinstance(row, dict)
            else {ERROR: str(record)}
            for row, record in zip(rows, read, strict=True)
        ]

    def _counted(self, answers: list[dict[str, Any]], served: Served, wanted: Form) -> Response:
        bad = sum(ERROR in answer for answer in answers)
        self._count(len(answers), bad)
        if wanted == "json":
            return Response(json_bytes({"rows": answers, "model": served.digest}), media_type=JSON)
        return _written(frame_of_rows(answers, served.empty), wanted)

    def _whole(self, frame: pl.DataFrame, served: Served, wanted: Form) -> Response:
        if wanted == "json":
            return self._counted(json_rows(frame), served, wanted)
        self._count_table(frame)
        return _written(frame, wanted)

    async def _predict_csv(self, request: Request, served: Served, wanted: Form) -> Response:
        """Some rows at a time, so that memory does not grow with the table (except for Arrow, which is one piece)."""
        with contextlib.ExitStack() as closing:
            body = closing.enter_context(contextlib.closing(Spooled()))

            def keep(piece: bytes) -> None:
                self.room.take(len(piece))
                closing.callback(self.room.leave, len(piece))
                body.file.write(piece)

            await receive(request, self.limits, keep)
            body.done()
            pieces = csv_pieces(served, body, self.limits)
            async with self._answered_in_time():
                first = await self._in_pool(next, pieces, None)
                if first is None:
                    raise RefusalError(422, str(no_rows("the body")))
                if wanted == "arrow":
                    whole = await self._in_pool(lambda: pl.concat([first, *pieces]))
                    return self._whole(whole, served, wanted)
            later = closing.pop_all()  # when all of it is sent
        written = self._csv(first, pieces) if wanted == "csv" else self._json(first, pieces, served)
        return _Stream(written, later, CSV_TYPE if wanted == "csv" else JSON)

    async def _csv(self, piece: pl.DataFrame | None, more: Iterator[pl.DataFrame]) -> AsyncIterator[bytes]:
        header = True
        while piece is not None:
            self._count_table(piece)
            yield write_csv(piece, header=header)
            header, piece = False, await self._in_pool(next, more, None)

    async def _json(
        self, piece: pl.DataFrame | None, more: Iterator[pl.DataFrame], served: Served
    ) -> AsyncIterator[bytes]:
        start = b'{"rows":['
        while piece is not None:
            self._count_table(piece)
            rows = await self._in_pool(json_rows, piece)
            yield start + b",".join(map(json_bytes, rows))
            start, piece = b",", await self._in_pool(next, more, None)
        yield b'],"model":"' + served.digest.encode() + b'"}'

    # ----------------------------------------------------------------- others

    async def explain(self, request: Request) -> Response:
        """One row in, the reasons of its answer out."""
        if body_form(request.headers) != "json":
            raise RefusalError(415, f"Content-Type must be {JSON} here. Give the row as JSON.")
        served = self.keeper.served
        async with self._body(request) as body, self._answered_in_time():
            row, asked = parse_row(body)
            try:
                language = check_language(asked)
            except InputError as error:
                raise RefusalError(422, str(error)) from None
            try:
                explanation, words = await self._in_pool(served.explain, row, language)
            except (InputError, InputTypeError) as error:
                raise RefusalError(422, error_words(error, language)) from None
        answer = {
            "answer": None if explanation.answers is None else explanation.answers[0],
            "value": float(explanation.value[0]),
            "base": float(explanation.base[0]),
            "contributions": dict(zip(explanation.columns, explanation.contributions[0].tolist(), strict=True)),
            "words": words,
            "model": served.digest,
        }
        return Response(json_bytes(answer), media_type=JSON)

    async def model(self, request: Request) -> Response:
        """What the model is."""
        return Response(json_bytes(card(self.keeper.served)), media_type=JSON)

    async def health(self, request: Request) -> Response:
        """Whether there are answers, and whether they are those of the file as it is now."""
        served, problem = self.keeper.served, self.keeper.problem
        found = {
            "status": "ok" if problem is None else "stale",
            "model": served.digest,
            "loaded": served.loaded.isoformat(timespec="seconds"),
            "problem": problem,
        }
        return Response(json_bytes(found), media_type=JSON)

    async def counts(self, request: Request) -> Response:
        """The metrics."""
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    # ---------------------------------------------------------------- helpers

    @contextlib.asynccontextmanager
    async def _body(self, request: Request) -> AsyncIterator[bytes]:
        """The body in memory, within the room that all have together."""
        pieces: list[bytes] = []

        def keep(piece: bytes) -> None:
            self.room.take(len(piece))
            pieces.append(piece)

        try:
            await receive(request, self.limits, keep)
            yield b"".join(pieces)
        finally:
            self.room.leave(sum(map(len, pieces)))

    def _answered_in_time(self) -> contextlib.AbstractAsyncContextManager[None]:
        seconds = self.limits.seconds
        return in_time(
            seconds, RefusalError(504, f"There was no answer within {seconds:g} seconds. Ask for fewer rows.")
        )

    async def _in_pool(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *arguments)

    def _count(self, rows: int, bad: int) -> None:
        self.metrics.rows.inc(rows - bad)
        self.metrics.bad_rows.inc(bad)

    def _count_table(self, frame: pl.DataFrame) -> None:
        self._count(len(frame), frame[ERROR].count() if ERROR in frame.columns else 0)


def _read_all(served: Served, rows: list[Any]) -> list[Record | str]:
    """Each row as it was read, or what is wrong with it."""
    read: list[Record | str] = []
    for row in rows:
        try:
            if not isinstance(row, dict):
                raise InputTypeError("A row must be an object", type(row).__name__, 'Give {"column": value, ...}')
            read.append(served.read(row))
        except (InputError, InputTypeError) as error:
            read.append(str(error))
    return read


def _predict_frame(served: Served, frame: pl.DataFrame) -> pl.DataFrame:
    try:
        return served.table(frame, errors=bool(served.check(frame)))
    except (InputError, InputTypeError) as error:
        raise RefusalError(422, str(error)) from None


def _written(frame: pl.DataFrame, wanted: Form) -> Response:
    if wanted == "csv":
        return Response(write_csv(frame, header=True), media_type=CSV_TYPE)
    return Response(write_arrow(frame), media_type=ARROW)


class _Stream(StreamingResponse):
    """An answer in pieces; what it was made from is let go at its end, also if nobody waits for that."""

    def __init__(self, pieces: AsyncIterator[bytes], later: contextlib.ExitStack, kind: str) -> None:
        super().__init__(pieces, media_type=kind)
        self.later = later

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.later:
            await super().__call__(scope, receive, send)
