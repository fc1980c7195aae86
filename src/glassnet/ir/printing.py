"""What printers of graphs share: expressions with parentheses where the language needs them, and names of nodes.

Nodes are called as variables in the traced functions are, for a formula calls them as its book does: z, e, mean. A
text made of a graph should have these names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from types import CodeType, FrameType, MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.ir.tensor import SCALAR, Tensor, TraceNode

CHOICE, OR, AND, ORDER, SHIFT, SUM, NEGATIVE, PRODUCT, UNARY, POWER, ATOM = range(11)
"""Precedence of operators, from the lowest, for languages without an order of their own."""

Hook = Callable[[Any, Mapping[str, Any]], None]
"""Receives the result and the variables of a function that returns."""
COMPREHENSIONS = ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
"""The names of their code objects: their variables are no names; all but the first are functions before Python 3.12."""


class Expression(str):
    """A text with the precedence of its outermost operator."""

    binds: int

    def __new__(cls, text: str, binds: int = ATOM) -> Expression:
        made = super().__new__(cls, text)
        made.binds = binds
        return made

    def within(self, binds: int) -> str:
        """Return the text as an operand, in parentheses if its precedence is lower.

        >>> Expression("a + b", SUM).within(PRODUCT), Expression("a b", PRODUCT).within(PRODUCT)
        ('(a + b)', 'a b')
        """
        return f"({self})" if self.binds < binds else str(self)


class Infix(NamedTuple):
    """An infix operator: its sign, its precedence, and the least precedence of either operand."""

    sign: str
    binds: int
    left: int
    right: int

    def of(self, left: Expression, right: Expression) -> Expression:
        """Both operands and the sign.

        >>> MINUS = from_the_left(SUM, {"subtract": "-"})["subtract"]
        >>> print(MINUS.of(MINUS.of(Expression("a"), Expression("b")), MINUS.of(Expression("c"), Expression("d"))))
        a - b - (c - d)
        """
        return Expression(f"{left.within(self.left)} {self.sign} {right.within(self.right)}", self.binds)


def from_the_left(binds: int, signs: Mapping[str, str]) -> dict[str, Infix]:
    """Left-associative operators: a - b - c is (a - b) - c; a + (b + c), which rounds otherwise, keeps its own."""
    return {name: Infix(sign, binds, binds, binds + 1) for name, sign in signs.items()}


def among(binds: int, operands: int, signs: Mapping[str, str]) -> dict[str, Infix]:
    """Non-associative operators, such as comparisons."""
    return {name: Infix(sign, binds, operands, operands) for name, sign in signs.items()}


ARITHMETIC: Final = {
    **from_the_left(SUM, {"add": "+", "subtract": "-"}),
    **from_the_left(PRODUCT, {"multiply": "*", "divide": "/"}),
}
WHOLE: Final = {
    **among(SHIFT, ATOM, {"bitwise_xor": "^", "right_shift": ">>"}),
    **from_the_left(PRODUCT, {"remainder": "%"}),
}
"""Operators of whole numbers without sign that programming languages share; the first with parentheses for the eye."""
ORDERINGS: Final = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
"""Operators that programming languages share."""


@contextmanager
def variables(
    machinery: tuple[str, ...],
    function: Callable[..., Any] | None = None,
    on_return: Mapping[CodeType, Hook] = MappingProxyType({}),
) -> Iterator[tuple[dict[TraceNode, str], dict[TraceNode, str]]]:
    """Within the context, nodes are named after the variables that hold them in functions; the innermost name wins.

    Parameters
    ----------
    machinery : tuple of str
        Beginnings of the names of modules whose variables say nothing.
    function : callable, optional
        Whose own parameters are variables like any other.
    on_return : mapping of code to Hook
        The hook that runs when a function with this code returns.

    Yields
    ------
    names : dict of TraceNode to str
    called : dict of TraceNode to str
        The parameter names of called functions, by argument.

    Examples
    --------
    >>> from glassnet.formulas.activations import sigmoid
    >>> from glassnet.ir.scalar import capture, symbol
    >>> capture(sigmoid, symbol("z"), named=True).names
    {<exp ()>: 'e'}
    """
    names: dict[TraceNode, str] = {}
    called: dict[TraceNode, str] = {}

    def leave(frame: FrameType, event: str, result: Any) -> None:
        code = frame.f_code
        if event == "return" and code in on_return:
            on_return[code](result, frame.f_locals)
        is_comprehension = code.co_name in COMPREHENSIONS
        if event != "return" or is_comprehension or frame.f_globals.get("__name__", "").startswith(machinery):
            return
        arguments = () if code is getattr(function, "__code__", None) else code.co_varnames[: code.co_argcount]
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, Tensor) and value.node.op != "input" and name in code.co_varnames:
                (called if name in arguments else names).setdefault(value.node, name)

    before = sys.getprofile()
    sys.setprofile(leave)
    try:
        yield names, called
    finally:
        # Python's own profiler is no function until Python 3.12: it is set again by itself
        getattr(before, "enable", lambda: sys.setprofile(before))()


class NamedArray(np.ndarray[Any, Any]):
    """Learned arrays: NumPy arrays with a name, which tensors can index.

    Examples
    --------
    >>> NamedArray.of(np.array([[1.0], [2.0]]), "W").T.name
    'W'
    """

    name: str = ""

    def __array_finalize__(self, source: Any) -> None:
        self.name = getattr(source, "name", "")  # a reshaped array keeps its name

    @classmethod
    def of(cls, array: npt.NDArray[Any], name: str = "") -> NamedArray:
        """Return the array with its name in the model."""
        numbers = array.view(cls)
        numbers.name = name
        return numbers

    def __getitem__(self, key: Any) -> Any:
        return SCALAR.constant(self)[key] if isinstance(key, Tensor) else super().__getitem__(key)


def free_name(name: str, *taken: Container[str]) -> str:
    """Return the name, with the first number appended that makes it unique.

    Examples
    --------
    >>> free_name("x", {"y"}), free_name("x", {"x"}, ["x_2"])
    ('x', 'x_3')
    """
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(name for name in names if not any(name in each for each in taken))
