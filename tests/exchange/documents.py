"""The places in a document of plain data, for tests that spoil one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in a document."""
    if path:
        yield path
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield from places(value, (*path, key))


def holder(document: Any, path: tuple[Any, ...]) -> Any:
    """What the value at the end of a path is in."""
    for key in path[:-1]:
        document = document[key]
    return document
