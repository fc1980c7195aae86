"""Plain data from model files, validated as untrusted input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NoReturn

from glassnet.errors import InputError
from glassnet.support.language import Text


def fields(
    state: Any, what: str, others: Literal["allowed", "refused"] = "allowed", /, **rules: type | Callable[[Any], bool]
) -> tuple[Any, ...]:
    """Return the values of a dict that have these names, in this order; each has the type, or satisfies the predicate.

    Raises
    ------
    InputError
        If one is invalid or missing, or if `others` are refused but present; `what` is the part of the model.

    Examples
    --------
    >>> fields({"name": "age", "gaps": 3}, "encoder", name=str, gaps=is_count)
    ('age', 3)
    """
    if not isinstance(state, dict) or (others == "refused" and state.keys() - rules.keys()):
        refuse(what, state)
    for name, rule in rules.items():
        if name not in state or not (type(state[name]) is rule if isinstance(rule, type) else rule(state[name])):
            refuse(what, Text("a wrong or missing {name!r}", name=name))
    return tuple(state[name] for name in rules)


def is_count(value: Any) -> bool:
    """Return whether a value is an integer from 0 on, and no boolean.

    >>> is_count(3), is_count(True), is_count(-1)
    (True, False, False)
    """
    return type(value) is int and value >= 0


def is_texts(value: Any) -> bool:
    """Return whether a value is a list of texts.

    >>> is_texts(["a"]), is_texts([1])
    (True, False)
    """
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def refuse(what: str, received: Any) -> NoReturn:
    """Raise the error of a part of a model file that does not match the rest."""
    raise InputError(
        Text("The {what} of a model must match the rest", what=what), f"{received}", "The file may be damaged"
    )
