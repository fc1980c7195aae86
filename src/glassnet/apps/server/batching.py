"""Rows of requests that wait together are predicted together.

No request waits for others. The rows that have come in when the event loop has looked at all its connections are one
batch; those that come in while a batch is in a thread are the next. So a lone request is answered at once, and the
busier the server, the larger the batches, and the cheaper each row.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
Answer = TypeVar("Answer")

LARGEST = 256
"""Rows of a batch, and of what a request gets into one: a request of many rows lets others have their turn."""


@dataclass(frozen=True)
class _Call(Generic[Row, Answer]):
    rows: Sequence[Row]
    answered: asyncio.Future[list[Answer]]


class Batcher(Generic[Row, Answer]):
    """Collects rows into batches, and answers them; `seen` is called with the number of rows of each batch.

    Up to `quick` rows are predicted in the event loop, since starting a thread would take longer.
    """

    def __init__(
        self,
        answer: Callable[[list[Row]], list[Answer]],
        quick: int,
        pool: Executor,
        seen: Callable[[int], object] = lambda rows: None,
    ) -> None:
        self.answer, self.quick, self.pool, self.seen = answer, quick, pool, seen
        self._waiting: deque[_Call[Row, Answer]] = deque()
        self._planned = False
        self._busy: asyncio.Future[None] | None = None

    async def ask(self, rows: Sequence[Row]) -> list[Answer]:
        """An answer for each row, or the error that answering ended with."""
        answers: list[Answer] = []
        for start in range(0, len(rows), LARGEST):
            part: _Call[Row, Answer] = _Call(rows[start : start + LARGEST], asyncio.get_running_loop().create_future())
            self._waiting.append(part)
            self._plan()
            answers += await part.answered
        return answers

    def _plan(self) -> None:
        """Answer when everything else that is ready now has had its turn, and so can be in the batch."""
        if not self._planned and self._busy is None and self._waiting:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._planned = False
        parts = self._next_batch()
        rows = [row for part in parts for row in part.rows]
        if len(rows) <= self.quick:
            with _answers_with_errors(parts):
                self._hand_out(parts, self.answer(rows) if rows else [])
            self._plan()
        else:
            self._busy = asyncio.ensure_future(self._in_thread(parts, rows))

    def _next_batch(self) -> list[_Call[Row, Answer]]:
        parts: list[_Call[Row, Answer]] = []
        room = LARGEST
        while self._waiting and len(self._waiting[0].rows) <= room:
            part = self._waiting.popleft()
            if not part.answered.done():  # who gave up waiting needs no answer
                parts.append(part)
                room -= len(part.rows)
        return parts

    async def _in_thread(self, parts: list[_Call[Row, Answer]], rows: list[Row]) -> None:
        try:
            with _answers_with_errors(parts):
                loop = asyncio.get_running_loop()
                self._hand_out(parts, await loop.run_in_executor(self.pool, self.answer, rows))
        finally:
            self._busy = None
            self._plan()

    def _hand_out(self, parts: list[_Call[Row, Answer]], answers: list[Answer]) -> None:
        if answers:
            self.seen(len(answers))
        at = 0
        for part in parts:
            if not part.answered.done():
                part.answered.set_result(answers[at : at + len(part.rows)])
            at += len(part.rows)


@contextlib.contextmanager
def _answers_with_errors(parts: list[_Call[Row, Answer]]) -> Iterator[None]:
    """Within it an error is the answer of all parts that have none yet."""
    try:
        yield
    except Exception as error:  # every error is handed to the waiting callers
        for part in parts:
            if not part.answered.done():
                part.answered.set_exception(error)
