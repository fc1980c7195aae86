"""What numbers are called where they are computed: as the variables in the functions that are traced.

A formula calls them as its book does: z, e, mean. Someone who reads a text made of the graph should find these names.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Container, Iterator
from itertools import chain, count
from types import FrameType
from typing import Any, Final

from glassnet.exchange.graph.node import Node
from glassnet.exchange.graph.symbol import Symbol

MACHINERY: Final = (
    "glassnet.ir",
    *(f"glassnet.exchange.graph.{name}" for name in ("symbol", "numbers", "model")),
)
"""Modules whose variables say nothing of the model."""


@contextlib.contextmanager
def as_written() -> Iterator[dict[Node, str]]:
    """Within it the nodes that functions keep in variables get the variables' names; the innermost name holds.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.exchange.graph.node import ROWS
    >>> from glassnet.formulas.activations import softmax
    >>> with as_written() as names:
    ...     probabilities = softmax(Symbol.input("x", (ROWS, 3), np.float64))
    >>> names
    {<exp (rows, 3) float64>: 'e'}
    """
    names: dict[Node, str] = {}

    def leave(frame: FrameType, event: str, result: Any) -> None:
        if event == "return" and not frame.f_globals.get("__name__", "").startswith(MACHINERY):
            own = frame.f_code.co_varnames[frame.f_code.co_argcount :]  # a parameter has its name from elsewhere
            for name, value in list(frame.f_locals.items()):
                if name in own and isinstance(value, Symbol):
                    names.setdefault(value.node, name)

    before = sys.getprofile()
    sys.setprofile(leave)
    try:
        yield names
    finally:
        sys.setprofile(before)


def free_name(wanted: str, *taken: Container[str]) -> str:
    """The name itself, or with the first number behind it with which it is nobody else's.

    Examples
    --------
    >>> free_name("x", {"y"}), free_name("x", {"x"}, ["x_2"])
    ('x', 'x_3')
    """
    names = chain([wanted], (f"{wanted}_{number}" for number in count(2)))
    return next(name for name in names if not any(name in each for each in taken))
