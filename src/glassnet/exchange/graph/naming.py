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

import numpy as np

from glassnet.exchange.graph.legalize import node_of
from glassnet.exchange.graph.node import Array, Node
from glassnet.ir.tensor import SCALAR, Tensor

MACHINERY: Final = ("glassnet.ir", *(f"glassnet.exchange.graph.{name}" for name in ("legalize", "model")))
"""Modules whose variables say nothing of the model."""


@contextlib.contextmanager
def as_written() -> Iterator[dict[Node, str]]:
    """Within it the nodes that functions keep in variables get the variables' names; the innermost name holds.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import asked, recording
    >>> from glassnet.exchange.graph.node import ROWS
    >>> from glassnet.formulas.activations import softmax
    >>> with recording(), as_written() as names:
    ...     probabilities = softmax(asked("x", (ROWS, 3), np.float64))
    >>> names
    {<exp (rows, 3) float64>: 'e'}
    """
    names: dict[Node, str] = {}

    def leave(frame: FrameType, event: str, result: Any) -> None:
        if event == "return" and not frame.f_globals.get("__name__", "").startswith(MACHINERY):
            own = frame.f_code.co_varnames[frame.f_code.co_argcount :]  # a parameter has its name from elsewhere
            for name, value in list(frame.f_locals.items()):
                if name in own and isinstance(value, Tensor):
                    names.setdefault(node_of(value), name)

    before = sys.getprofile()
    sys.setprofile(leave)
    try:
        yield names
    finally:
        sys.setprofile(before)


class Numbers(np.ndarray[Any, Any]):
    """Numbers that were learned: an array like any other, which has a name and may be looked up by tensors.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import built
    >>> from glassnet.exchange.graph.node import ROWS
    >>> levels = Numbers.of(np.array([[1.0], [2.0]]), "W")
    >>> built(lambda codes: levels[codes], Node("input", (), (ROWS,), np.dtype(np.int64), {"name": "code"}))
    <gather (rows, 1) float64, axis=0>
    """

    name: str = ""

    def __array_finalize__(self, source: Any) -> None:
        self.name = getattr(source, "name", "")  # in another shape it is still what it was

    @classmethod
    def of(cls, array: Array, name: str = "") -> Numbers:
        """The array, with the name that it has in the model."""
        numbers = array.view(cls)
        numbers.name = name
        return numbers

    def __getitem__(self, key: Any) -> Any:
        return SCALAR.constant(self)[key] if isinstance(key, Tensor) else super().__getitem__(key)


def free_name(wanted: str, *taken: Container[str]) -> str:
    """The name itself, or with the first number behind it with which it is nobody else's.

    Examples
    --------
    >>> free_name("x", {"y"}), free_name("x", {"x"}, ["x_2"])
    ('x', 'x_3')
    """
    names = chain([wanted], (f"{wanted}_{number}" for number in count(2)))
    return next(name for name in names if not any(name in each for each in taken))
