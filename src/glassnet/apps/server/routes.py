"""The routes of the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from glassnet.apps.server.arrow import Stream
from glassnet.apps.server.formats import (
    ARROW,
    CSV,
    ERROR,
    JSON,
    Form,
    Spooled,
    answer_form,
    arrow_text,
    body_form,
    charset,
    csv_frames,
    csv_texts,
    frame_of_rows,
    json_bytes,
    json_piece,
    json_rows,
    json_texts,
    parse_row,
    predicted_pieces,
    write_csv,
)
from glassnet.apps.server.json_rows import parse_blocks, parse_rows
from glassnet.apps.server.limits import BodyBudget, Limits, RefusalError, Work, in_time, receive
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import LoadedModel, ModelReloader, describe
from glassnet.errors import InputError, InputTypeError
from glassnet.support.language import check_language
from glassnet.support.messages import error_in_words
from glassnet.tables.reading.cell_types import without_gaps
from glassnet.tables.reading.sources import pl
from glassnet.tables.records import Record, RecordColumns

Result = TypeVar("Result")

FEW = 256
"""Rows of JSON that are read in the event loop; more would keep others waiting."""
SMALL = 100_000
"""Bytes of JSON that are."""
PART = 4096
"""Rows of many whose answers are objects at a time."""
COLUMNS = 32
"""Rows that are read column by column; fewer are as fast one by one."""
CSV_TYPE = f"{CSV}; charset=utf-8"


@dataclass(frozen=True)
class Routes:
    """The handlers of requests, and the resources that they need."""

    reloader: ModelReloader
    limits: Limits
    budget: BodyBudget
    metrics: Metrics
    pool: Executor
    tables: Executor

    # ---------------------------------------------------------------- predict

    async def predict(self, request: Request) -> Response:
        """Rows in, predictions out."""
        form = body_form(request.headers)
        output = answer_form(request.headers, form)
        served = self.reloader.served
        with contextlib.ExitStack() as held:  # until all is sent
            if form == "csv":
                table = held.enter_context(contextlib.closing(Spooled()))
                await self._receive(request, held, table.file.write)
                table.done()
                body = b""
            else:
                body = await self._body(request, held)
            async with self._work(request, held, watched=form != "json" or len(body) >= SMALL) as work:
                if form == "json":
                    return await self._predict_json(served, body, output, work)
                with table.errors_of_body() if form == "csv" else _errors_in_words():
                    csv = partial(csv_frames, served, table, work, charset(request.headers)) if form == "csv" else None
                    frames = csv or await self._frames(served, body)
                    pieces = self._counted(predicted_pieces(served, frames, work))
                    if output == "arrow":  # which is one piece
                        return Response(await self._in_thread(arrow_text, pieces), media_type=ARROW)
                    in_json = (json_piece(json_rows(frame)) for frame in pieces)
                    texts = csv_texts(pieces) if output == "csv" else json_texts(in_json, served.digest)
                    first = await self._in_thread(next, texts)
                work.begun()
            return _Stream(self._pieces(first, texts), held.pop_all(), CSV_TYPE if output == "csv" else JSON)

    async def _frames(self, served: LoadedModel, body: bytes) -> Callable[[], Iterator[pl.DataFrame]]:
        stream = await self._in_thread(Stream, body, {*served.columns, *served.ids}, self.limits)
        return lambda: (without_gaps(frame, served.missing) for frame in stream.frames())

    async def _pieces(self, first: bytes, more: Iterator[bytes]) -> AsyncIterator[bytes]:
        piece: bytes | None = first
        while piece is not None:
            yield piece
            piece = await self._in_thread(next, more, None)

    async def _predict_json(self, served: LoadedModel, body: bytes, output: Form, work: Work) -> Response:
        """Few rows are predicted with those of others; many in one thread, where nothing waits between their parts."""
        if len(body) < SMALL and body.count(b"{") <= FEW:
            known, read = _read_each(served, parse_rows(body), work)
            answers = await served.batcher.ask([record for record in read if isinstance(record, Record)])
            rows = [self._rows(known, read, answers, work)]
            written = _written(rows, served, output)
        else:
            written = await self._in_thread(self._predict_many, served, body, output, work)
        return Response(written, media_type={"json": JSON, "csv": CSV_TYPE, "arrow": ARROW}[output])

    def _predict_many(self, served: LoadedModel, body: bytes, output: Form, work: Work) -> bytes:
        read_parts = list(_read_parts(served, body, work))  # before any answer, as what is refused gets none

        def parts() -> Iterator[list[dict[str, Any]]]:
            for known, read in read_parts:
                work.check()
                good = read if isinstance(read, RecordColumns) else [one for one in read if isinstance(one, Record)]
                yield self._rows(known, read, served.answer(good) if good else [], work)

        return _written(parts(), served, output)

    def _rows(
        self,
        known: list[dict[str, Any]],
        read: Sequence[Record | str] | RecordColumns,
        answers: list[dict[str, Any]],
        work: Work,
    ) -> list[dict[str, Any]]:
        """The names of rows, and their answers or errors."""
        for answer in answers:
            if ERROR in answer:
                work.bad(answer[ERROR])
        if not isinstance(read, RecordColumns):
            each = iter(answers)
            answers = [next(each) if isinstance(record, Record) else {ERROR: record} for record in read]
        rows = [names | answer for names, answer in zip(known, answers, strict=True)]
        self._count(len(rows), sum(ERROR in row for row in rows))
        return rows

    # ----------------------------------------------------------------- others

    async def explain(self, request: Request) -> Response:
        """One row in, the reasons of its answer out."""
        if body_form(request.headers) != "json":
            raise RefusalError(415, f"Content-Type must be {JSON}. Send the row as JSON.")
        served = self.reloader.served
        with contextlib.ExitStack() as held:
            body = await self._body(request, held)
            async with self._work(request, held, watched=True):
                row, requested = parse_row(body)
                try:
                    language = check_language(requested)
                except InputError as error:
                    raise RefusalError(422, str(error)) from None
                try:
                    explanation, words = await self._in_pool(served.explain, row, language)
                except (InputError, InputTypeError) as error:
                    raise RefusalError(422, error_in_words(error, language)) from None
        answer = {
            "answer": None if explanation.answers is None else explanation.answers[0],
            "value": float(explanation.value[0]),
            "base": float(explanation.base[0]),
            "contributions": dict(zip(explanation.columns, explanation.contributions[0].tolist(), strict=True)),
            "words": words,
            "model": served.digest,
        }
        return Response(json_bytes(answer), media_type=JSON)

    async def answers(self, request: Request) -> Response:
        """What the page asks for, where it has no model of its own."""
        if body_form(request.headers) != "json":
            raise RefusalError(415, f"Content-Type must be {JSON}. Programs should use /predict.")
        served = self.reloader.served
        with contextlib.ExitStack() as held:
            rows = parse_rows(await self._body(request, held))
            async with self._work(request, held, watched=True) as work:
                known: list[Any] = []
                for row in rows:
                    work.check()
                    known.append(row)
                    work.limits.check_rows(len(known))
                with _errors_in_words():
                    outputs = await self._in_pool(served.page_answers, known)
        return Response(json_bytes({"model": served.digest, "outputs": outputs}), media_type=JSON)

    async def model(self, request: Request) -> Response:
        """Return the description of the model."""
        return Response(json_bytes(describe(self.reloader.served)), media_type=JSON)

    async def health(self, request: Request) -> Response:
        """Whether there are answers, and whether they are those of the file as it is now."""
        served, problem = self.reloader.served, self.reloader.problem
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

    async def _receive(self, request: Request, held: contextlib.ExitStack, keep: Callable[[bytes], object]) -> None:
        """The body, piece by piece, within the budget that all have together."""

        def take(piece: bytes) -> None:
            self.budget.take(len(piece))
            held.callback(self.budget.leave, len(piece))
            keep(piece)

        await receive(request, self.limits, take)

    async def _body(self, request: Request, held: contextlib.ExitStack) -> bytes:
        pieces: list[bytes] = []
        await self._receive(request, held, pieces.append)
        return b"".join(pieces)

    @contextlib.asynccontextmanager
    async def _work(self, request: Request, held: contextlib.ExitStack, *, watched: bool) -> AsyncIterator[Work]:
        """Hold the work of a request until its answer begins; if `watched`, only while the client is connected."""
        strict = request.query_params.get("strict", "false").lower() not in ("false", "0")
        work = Work(replace(self.limits, bad_rows=0) if strict else self.limits)
        held.callback(work.end, ClientDisconnect())

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            work.end(ClientDisconnect())

        watcher = asyncio.create_task(watch()) if watched else None
        try:
            async with in_time(self.limits.seconds, work.late):
                yield work
        finally:
            if watcher is not None:
                watcher.cancel()

    async def _in_pool(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *arguments)

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Among the threads for tables, so that rows that come alone do not wait for them."""
        return await asyncio.get_running_loop().run_in_executor(self.tables, work, *arguments)

    def _count(self, rows: int, bad: int) -> None:
        self.metrics.rows.inc(rows - bad)
        self.metrics.bad_rows.inc(bad)

    def _counted(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            self._count(len(frame), frame[ERROR].count() if ERROR in frame.columns else 0)
            yield frame


def _read_parts(
    served: LoadedModel, body: bytes, work: Work
) -> Iterator[tuple[list[dict[str, Any]], Sequence[Record | str] | RecordColumns]]:
    """Return the names of each row, and its record or its error: part by part, in columns where no row has one."""
    known: list[dict[str, Any]] = []
    read: list[Record | str] = []
    count = 0
    for rows in parse_blocks(body):
        columns = served.read_columns(rows) if len(rows) >= COLUMNS else None
        if columns is None:
            more = _read_each(served, rows, work, count)
            known.extend(more[0])
            read.extend(more[1])
        count += len(rows)
        if read and (columns is not None or len(read) >= PART):
            yield known, read
            known, read = [], []
        if columns is not None:
            work.check()
            work.limits.check_rows(min(count, work.limits.rows + 1))
            yield columns
    if read:
        yield known, read


def _read_each(
    served: LoadedModel, rows: Iterable[Any], work: Work, before: int = 0
) -> tuple[list[dict[str, Any]], list[Record | str]]:
    """Return the names of each row, and its record or its error; `before` is the number of rows before them."""
    known: list[dict[str, Any]] = []
    read: list[Record | str] = []
    for row in rows:
        work.check()
        names: dict[str, Any] = {}
        try:
            if not isinstance(row, dict):
                raise InputTypeError("A row must be an object", type(row).__name__, 'Give {"column": value, ...}')
            names = served.names(row)
            read.append(served.read(row))
        except (InputError, InputTypeError) as error:
            read.append(str(error))
            work.bad(str(error))
        known.append(names)
        work.limits.check_rows(before + len(read))
    return known, read


def _written(parts: Iterable[list[dict[str, Any]]], served: LoadedModel, output: Form) -> bytes:
    """Parts of a table in one, some of which have names of rows, or errors, that others have not."""
    if output == "json":
        return b"".join(json_texts(map(json_piece, parts), served.digest))
    frames = [frame_of_rows(rows, served.empty) for rows in parts]
    table = pl.concat(frames, how="diagonal")
    last = [ERROR] if ERROR in table.columns else []
    table = table.select(*(name for name in served.ids if name in table.columns), *served.empty.columns, *last)
    return write_csv(table, header=True) if output == "csv" else arrow_text(iter([table]))


@contextlib.contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (InputError, InputTypeError) as error:
        raise RefusalError(422, str(error)) from None


class _Stream(StreamingResponse):
    """An answer in pieces; what it was made from is let go at its end, also if the client has gone."""

    def __init__(self, pieces: AsyncIterator[bytes], later: contextlib.ExitStack, kind: str) -> None:
        super().__init__(pieces, media_type=kind)
        self.later = later

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.later:
            await super().__call__(scope, receive, send)
