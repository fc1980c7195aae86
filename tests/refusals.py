"""Refusals as rows of a table: calls that raise an error, each with the message that a person reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

Row = tuple[Callable[..., Any], str]


def each(call: Callable[..., Any], message: str, values: Iterable[Any]) -> list[Row]:
    """Return a row for every value: the call with it, always with the same message."""
    return [(lambda value=value: call(value), message) for value in values]


def refusals(error: type[Exception], *rows: Row) -> Callable[..., None]:
    """Return the test that every call raises the error with its message, a regular expression, by which it is named.

    Parameters of a call that have no default are fixtures.
    """

    @pytest.mark.parametrize(("call", "message"), rows, ids=[message[:80] for _, message in rows])
    def test(request: pytest.FixtureRequest, call: Callable[..., Any], message: str) -> None:
        """The message says rule, received value and remedy."""
        parameters = inspect.signature(call).parameters.values()
        fixtures = [request.getfixturevalue(one.name) for one in parameters if one.default is one.empty]
        with pytest.raises(error, match=message):
            call(*fixtures)

    return test
