"""Rows that wait together are answered together; a lone one does not wait."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from glassnet.apps.server.batching import LARGEST, Batcher
from tests.forks import PATIENCE


class Doubler:
    """Answers numbers with their double, and remembers how many it got at a time."""

    def __init__(self, quick):
        self.batches, self.threads = [], set()
        self.pool = ThreadPoolExecutor(2)
        self.batcher = Batcher(self.answer, quick, self.pool)
        self.go = threading.Event()
        self.go.set()

    def answer(self, rows):
        self.go.wait(PATIENCE)
        self.batches.append(len(rows))
        self.threads.add(threading.current_thread().name)
        return [2 * row for row in rows]


@pytest.mark.parametrize("quick", [0, LARGEST])
def test_everybody_gets_the_answers_to_their_own_rows(quick):
    doubler = Doubler(quick)

    async def ask():
        return await asyncio.gather(*(doubler.batcher.ask(range(n, 2 * n)) for n in range(100)))

    assert asyncio.run(ask()) == [[2 * row for row in range(n, 2 * n)] for n in range(100)]
    assert sum(doubler.batches) == sum(range(100))
    assert max(doubler.batches) <= LARGEST
    assert len(doubler.batches) < 50
    assert ("MainThread" in doubler.threads) == bool(quick)


def test_a_lone_row_is_answered_before_the_event_loop_does_anything_else():
    doubler = Doubler(LARGEST)

    async def ask():
        asked = asyncio.ensure_future(doubler.batcher.ask([1]))
        for turns in range(10):
            if asked.done():
                return turns
            await asyncio.sleep(0)
        return None

    assert asyncio.run(ask()) <= 4


def test_what_comes_while_a_thread_is_busy_is_the_next_batch():
    doubler = Doubler(0)
    doubler.go.clear()

    async def ask():
        first = asyncio.ensure_future(doubler.batcher.ask([1]))
        await asyncio.sleep(0.05)
        others = [asyncio.ensure_future(doubler.batcher.ask([n])) for n in range(20)]
        await asyncio.sleep(0.05)
        doubler.go.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(ask()) == [[2], *([2 * n] for n in range(20))]
    assert doubler.batches == [1, 20]


def test_a_request_of_many_rows_lets_others_have_their_turn():
    doubler = Doubler(LARGEST)

    async def ask():
        many = asyncio.ensure_future(doubler.batcher.ask(range(100 * LARGEST)))
        await asyncio.sleep(0)
        await doubler.batcher.ask([1])
        return many.done(), await many

    done, answers = asyncio.run(ask())
    assert not done
    assert len(answers) == 100 * LARGEST


def test_who_gave_up_is_left_out():
    doubler = Doubler(0)
    doubler.go.clear()

    async def ask():
        first = asyncio.ensure_future(doubler.batcher.ask([1]))
        await asyncio.sleep(0.05)
        gone = asyncio.ensure_future(doubler.batcher.ask([2]))
        kept = asyncio.ensure_future(doubler.batcher.ask([3]))
        await asyncio.sleep(0.01)
        gone.cancel()
        doubler.go.set()
        return await asyncio.gather(first, kept)

    assert asyncio.run(ask()) == [[2], [6]]
    assert doubler.batches == [1, 1]


@pytest.mark.parametrize("quick", [0, LARGEST])
def test_an_error_goes_to_all_of_the_batch_and_the_next_one_is_answered(quick):
    doubler = Doubler(quick)

    async def ask():
        told = await asyncio.gather(*(doubler.batcher.ask([row]) for row in ("a", None)), return_exceptions=True)
        return told, await doubler.batcher.ask([4])

    told, after = asyncio.run(ask())
    assert all(isinstance(error, TypeError) for error in told)
    assert after == [8]
