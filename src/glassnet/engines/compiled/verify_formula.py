"""Verification of a user's formula: its code must give what NumPy gives.

A symbol stands for a number, and a formula may do what tells the two apart: ask what type it has, catch an error,
change an array in place, draw a random number. Rules against each would never be complete: the answers are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import Code
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.processor import processor
from glassnet.engines.compiled.rows import through
from glassnet.ir import UntraceableError

NUMBERS, WIDTH = 96, 6
"""The numbers on which a formula is tried, and the columns of a formula of rows."""

TOLERANCE = 1e-6
"""By how much the answers may differ, absolute or relative: rounding is far below it, another formula above."""


class Trial:
    """The code of a formula, to be run once, and what it is then compared with.

    Parameters
    ----------
    formula : callable
    rows, numbers : int
        How many rows it is called with in a kernel, and how many single numbers behind them.

    Attributes
    ----------
    code : Code
        A function of `addresses`.
    """

    def __init__(self, formula: Callable[..., Any], rows: int, numbers: int) -> None:
        self.formula, self.rows, arguments = formula, rows, rows + numbers
        self.table = _samples(arguments)
        code: Any = Code("kernel", "double", [(name, "*double") for name in ("table", "spare", "results")], processor())
        self.code = code
        if self.rows:
            self.count, lanes = 1, NUMBERS // WIDTH
            tables = [code.table + place * NUMBERS for place in range(self.rows)]
            values = [code.table[place * NUMBERS] for place in range(rows, arguments)]
            width, side = (code.constant(size, "i64") for size in (WIDTH, lanes))
            needed = through(code, code.formula(formula), width, side, tables, values, code.results, code.spare)
        else:
            for i in code.range(NUMBERS):
                given = code.formula(formula)(*(code.table[place * NUMBERS + i] for place in range(arguments)))
                found = given if isinstance(given, tuple) else (given,)
                for place, number in enumerate(found):
                    code.results[place * NUMBERS + i] = number
            self.count, needed = len(found), 0
        self.spare, self.results = np.zeros(1 + needed * NUMBERS), np.zeros((self.count, NUMBERS))
        self.addresses = [address(array) for array in (self.table, self.spare, self.results)]

    def judge(self) -> None:
        """Compare; the code must have been run.

        Raises
        ------
        UntraceableError
            If the two differ.
        """
        with np.errstate(all="ignore"):
            expected = self._of_rows() if self.rows else self._of_numbers()
        if not np.allclose(self.results, expected, TOLERANCE, TOLERANCE, equal_nan=True):
            raise UntraceableError("its code does not give what it gives itself, called with arrays")

    def _of_rows(self) -> Any:
        shape = WIDTH, NUMBERS // WIDTH
        arrays = [np.ascontiguousarray(numbers.reshape(shape).T) for numbers in self.table[: self.rows]]
        return np.reshape(self._called(*arrays, *self.table[self.rows :, 0]).T, (1, NUMBERS))

    def _of_numbers(self) -> Any:
        try:
            given = self._called(*self.table.copy())
        except UntraceableError:
            raise
        except Exception:  # one that asks `if` can only be asked number by number
            columns = [self._called(*column) for column in self.table.T]
            given = tuple(np.transpose(columns)) if self.count > 1 else columns
        numbers = given if isinstance(given, tuple) else (given,)
        return np.array([np.broadcast_to(np.asarray(number, float), NUMBERS) for number in numbers])

    def _called(self, *arguments: Any) -> Any:
        before = [np.copy(argument) for argument in arguments]
        given = self.formula(*arguments)
        if not all(map(np.array_equal, before, arguments)):
            raise UntraceableError("it changes what it is called with")
        return given


def _samples(arguments: int) -> Any:
    """Numbers for each argument: of both signs and many sizes, then between 0 and 1, as slots and parameters are."""
    random, half = np.random.default_rng(0), NUMBERS // 2
    signed = random.choice([-1.0, 1.0], (arguments, half)) * 10 ** random.uniform(-4, 1.5, (arguments, half))
    signed[0, :8] = 0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5
    return np.ascontiguousarray(np.hstack([signed, random.uniform(0, 1, (arguments, half))]))
