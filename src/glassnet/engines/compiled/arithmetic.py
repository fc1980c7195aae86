"""What is done to numbers one by one: noted down as a function of them, which is called when a kernel is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from glassnet.engines.compiled.code.functions import LIBRARY
from glassnet.graph import SymbolicArray

SLOW = {"divide", "exp", "expm1", "log", "log1p", "power", "sqrt", "tanh", *LIBRARY}
"""What takes longer than to read a number from memory; so does a formula, and a function that has a name only."""


class Arithmetic(SymbolicArray):
    """An array whose functions of numbers are those of symbols for numbers (``code/value.py``)."""

    cut: bool = False
    """Whether there are three axes."""
    rows: bool = False
    """Whether it differs from row to row."""

    def each(self, function: Callable[..., Any], *inputs: Any, dear: bool = False) -> Any:
        """A function of single numbers, at each place; `dear`: to compute it once more takes longer than to keep it."""
        raise NotImplementedError

    def ufunc(self, ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Any:
        options = {} if dtype is None else {"dtype": dtype}
        return self.each(lambda *numbers: ufunc(*numbers, **options), *inputs, dear=ufunc.__name__ in SLOW)

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Any:
        return self.each(lambda *numbers: function(*numbers, **options), *arguments)

    def elementary(self, name: str, *arguments: Any) -> Any:
        """A function of numbers by its name."""
        return self.each(lambda *numbers: numbers[0].elementary(name, *numbers), *arguments, dear=True)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As an array's, of truth values."""
        return self.each(lambda number: number.astype(dtype), self)
