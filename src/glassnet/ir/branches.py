"""Questions: a function that asks whether a symbol holds is followed to both answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

QUESTIONS = 6
"""For so many questions in a row."""

DECIDE: ContextVar[Callable[[Any], bool] | None] = ContextVar("decide", default=None)
"""What a symbol says that is asked whether it holds; None: nobody follows."""


class _Asked(BaseException):
    """A function has asked something that is not decided yet; no function can catch it by chance."""


def followed(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    where: Callable[[Any, Any, Any], Any],
    known: Sequence[bool] = (),
    shape: tuple[Any, ...] = (),
) -> Any:
    """What a function gives, or a choice by `where` between what it gives for the two answers to each question.

    Parameters
    ----------
    function : callable
    arguments : sequence
        Symbols, whose ``bool()`` asks `DECIDE`.
    where : callable
        ``where(condition, yes, no)``; of a tuple each number is chosen.
    known : sequence of bool
        The answers to the first questions.
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
