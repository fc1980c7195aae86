"""Branches: a function that tests a symbol (`if`, `max`) is traced for both answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

QUESTIONS = 6
"""The most tests in a row."""

DECIDE: ContextVar[Callable[[Any], bool] | None] = ContextVar("decide", default=None)
"""Answers the test of a symbol; None: branches cannot be followed here."""


class _Asked(BaseException):
    """A function tests a symbol whose answer is not decided yet. A BaseException, so that functions do not catch it."""


def followed(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    where: Callable[[Any, Any, Any], Any],
    known: Sequence[bool] = (),
    shape: tuple[Any, ...] = (),
) -> Any:
    """The result of a function; for each test of a symbol, a select by `where` between the results of both branches.

    Parameters
    ----------
    function : callable
    arguments : sequence
        Symbols, whose ``bool()`` asks `DECIDE`.
    where : callable
        ``where(condition, yes, no)``; of a tuple each number is chosen.
    known : sequence of bool
        The answers to the first tests.
    shape : tuple
        Of arrays whose numbers are asked one by one.

    Raises
    ------
    UntraceableError
        If more is asked than `QUESTIONS`.
    """
    answers, open_question = iter(known), []

    def decide(condition: Any) -> bool:
        if condition.shape not in ((), shape):
            SymbolicArray.__bool__(condition)  # refuses
        for answer in answers:
            return answer
        open_question.append(condition)
        raise _Asked

    before = DECIDE.set(decide)
    try:
        return function(*arguments)
    except _Asked:
        if len(known) >= QUESTIONS:
            raise UntraceableError("more branches than can be followed") from None
    finally:
        DECIDE.reset(before)
    yes, no = (followed(function, arguments, where, [*known, answer], shape) for answer in (True, False))
    if isinstance(yes, tuple) and isinstance(no, tuple):
        return tuple(where(open_question[0], one, other) for one, other in zip(yes, no, strict=True))
    return where(open_question[0], yes, no)
