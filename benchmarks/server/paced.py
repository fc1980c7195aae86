"""Requests at a steady rate, whatever the server does: how long each is from when it was due to when it is answered.

Who asks only after the last answer came asks less of a slow server, and does not see the requests that would have had
to wait. Here requests come as strangers do (a Poisson process), and one that finds no free connection waits, and its
waiting counts.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

__all__ = ["paced", "percentiles"]

WARM_UP = 2.0
"""Seconds that are not counted."""


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds below which so many percent are.

    >>> percentiles([0.001] * 99 + [0.5])["p99"]
    1.0
    """
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999}
    found = {name: ordered[max(0, round(share * len(ordered)) - 1)] for name, share in places.items()}
    return {name: round(1000 * value, 3) for name, value in (found | {"max": ordered[-1]}).items()}


def paced(port: int, bodies: Sequence[bytes], rate: float, seconds: float, connections: int) -> dict[str, Any]:
    """Ask at this rate for so long, over so many connections.

    Returns
    -------
    dict
        The rate that was asked for and that was answered, errors, and percentiles in milliseconds.
    """
    return asyncio.run(_paced(port, bodies, rate, seconds, connections))


async def _paced(port: int, bodies: Sequence[bytes], rate: float, seconds: float, connections: int) -> dict[str, Any]:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    requests = [head % len(body) + body for body in bodies]
    waits: list[float] = []
    errors = 0

    async def ask(number: int, due: float, counts: bool) -> None:
        nonlocal errors
        reader, writer = await free.get()
        writer.write(requests[number % len(requests)])
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        content = await reader.readexactly(length)
        free.put_nowait((reader, writer))
        if not answer.startswith(b"HTTP/1.1 200") or b'"error"' in content:
            errors += 1
        if counts:
            waits.append(time.perf_counter() - due)

    drawn, tasks = random.Random(0), []
    start = due = time.perf_counter() + 0.1
    number = 0
    while due < start + WARM_UP + seconds:
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        tasks.append(asyncio.create_task(ask(number, due, due > start + WARM_UP)))
        number, due = number + 1, due + drawn.expovariate(rate)
        if len(tasks) > 10_000:
            tasks = [task for task in tasks if not task.done()]
    await asyncio.gather(*tasks)
    answered = len(waits) / (time.perf_counter() - start - WARM_UP)
    while not free.empty():
        free.get_nowait()[1].close()
    return {"rate": rate, "answered": round(answered, 1), "errors": errors, "milliseconds": percentiles(waits)}
