"""Verification of a user's formulas and layers: their kernels must match the functions on arrays.

A symbol stands for a number, and a formula may do what tells the two apart: ask what type it has, catch an error,
change an array in place, draw a random number. Rules against each would never be complete: the answers are compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.engines.compiled.code import Code
from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.kernels.product import product_room
from glassnet.engines.compiled.llvm import processor
from glassnet.engines.compiled.memory import COLUMNS, ROWS, RUN_SIZE, Op, Run, address
from glassnet.engines.compiled.rows import through
from glassnet.formulas.random import random_bits
from glassnet.ir import UntraceableError
from glassnet.layers.base import Array, Layer, Pass

if TYPE_CHECKING:
    from glassnet.engines.compiled.program import Program

NUMBERS, WIDTH = 96, 6
"""The numbers on which a formula is tried, and the columns of a formula of rows."""

TOLERANCE = 1e-6
"""By how much the answers may differ, absolute or relative: rounding is far below it, another formula above."""

TRIAL_ROWS = 9
"""The rows on which a layer is tried."""

LAYER_TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""By how much a layer's arrays may differ, absolute or relative."""


class FormulaCheck:
    """The code of a formula, to be run once, and the results to compare with.

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
                result = code.formula(formula)(*(code.table[place * NUMBERS + i] for place in range(arguments)))
                found = result if isinstance(result, tuple) else (result,)
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
            result = self._called(*self.table.copy())
        except UntraceableError:
            raise
        except Exception:  # a formula with `if` takes one number at a time
            columns = [self._called(*column) for column in self.table.T]
            result = tuple(np.transpose(columns)) if self.count > 1 else columns
        numbers = result if isinstance(result, tuple) else (result,)
        return np.array([np.broadcast_to(np.asarray(number, float), NUMBERS) for number in numbers])

    def _called(self, *arguments: Any) -> Any:
        before = [np.copy(argument) for argument in arguments]
        result = self.formula(*arguments)
        if not all(map(np.array_equal, before, arguments)):
            raise UntraceableError("it changes what it is called with")
        return result


def _samples(arguments: int) -> Any:
    """Return numbers for each argument: of both signs and many sizes, then between 0 and 1, like slots."""
    random, half = np.random.default_rng(0), NUMBERS // 2
    signed = random.choice([-1.0, 1.0], (arguments, half)) * 10 ** random.uniform(-4, 1.5, (arguments, half))
    signed[0, :8] = 0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5
    return np.ascontiguousarray(np.hstack([signed, random.uniform(0, 1, (arguments, half))]))


def try_layer(
    layer: Layer, width: int, program: Program, rows: list[list[int]], after: list[list[int]], want_dx: bool
) -> None:
    """Compare the kernels of a layer's operations, and of those after the step, with the layer's own functions.

    Raises
    ------
    UntraceableError
        If they differ, or if the layer changes the arrays that it is given.
    """
    training, outputs, row = program.training, layer.outputs(width), rows[0]
    random, dtype = np.random.default_rng(0), np.dtype(program.precision)
    x, d_y = (random.normal(size=(TRIAL_ROWS, columns)).astype(dtype) for columns in (width, outputs))
    shapes = [[(one.name, one.shape) for one in kind(width)] for kind in (layer.parameters, layer.statistics)]
    sizes = [sum(math.prod(shape) for _, shape in kind) for kind in shapes]
    theta, statistics = (random.uniform(0.1, 1, size).astype(dtype) for size in sizes)
    with np.errstate(all="ignore"):
        run_as = Pass(training, layer=row[Op.LAYER])
        expected = _expected(layer, shapes, (theta, statistics, x, d_y), run_as, want_dx)

    table, run = np.array([*rows, *after], np.int64), np.zeros(RUN_SIZE, np.int64)
    steps, last = table[: len(rows)], table[len(rows) :]
    kept = (row[COLUMNS] - row[Op.E]) // program.rows * TRIAL_ROWS
    table[:, [Op.X, Op.Y, Op.P, Op.S, Op.E, Op.C]] = 0, x.size, 0, 0, 0, 0
    table[:, [COLUMNS, ROWS]] = kept, TRIAL_ROWS
    constants = np.array([*program.constants[row[Op.C] :], 0], dtype)
    scratch, panel, spare = (np.zeros(1 + size, dtype) for size in (program.scratch, product_room(dtype.name), 0))
    run.view(np.uint64)[Run.KEY] = random_bits(np.uint64(run_as.seed), np.uint64(run_as.step))
    run[[Run.ROWS, Run.BATCH]], run[Run.WORKERS] = TRIAL_ROWS, 1
    run[[Run.PANEL, Run.SCRATCH]] = address(panel), address(scratch)
    a, d = np.concatenate([x.ravel(), 0 * d_y.ravel()]), np.concatenate([0 * x.ravel(), d_y.ravel()])
    e, gradient = np.zeros(1 + kept + program.kept - row[COLUMNS], dtype), np.zeros(1 + sizes[0], dtype)
    places = run, theta, statistics, gradient, a, d, e, constants, spare, constants
    for column, some in ((Op.FORWARD, steps), (Op.BACKWARD, steps[::-1]), (Op.LEARN, steps), (Op.FORWARD, last)):
        for op in some:
            if op[column]:
                python_callable(int(op[column]))(*(address(array) for array in (op, *places)))
    found = [a[x.size :], *([d[: x.size]] * (training and want_dx)), *([gradient[:-1], statistics] * training)]

    close = LAYER_TOLERANCE[program.precision]
    if not all(np.allclose(*pair, close, close, equal_nan=True) for pair in zip(found, expected, strict=True)):
        raise UntraceableError("what is other for arrays than for symbols")


def _expected(layer: Layer, shapes: Any, arrays: tuple[Array, ...], run_as: Pass, want_dx: bool) -> tuple[Array, ...]:
    """Return the output; in training also the gradients of input (on request) and parameters, and the statistics."""
    theta, statistics, x, d_y = (array.copy() for array in arrays)
    gradient = np.zeros_like(theta)
    values, gradients = _views(shapes[0], theta) | _views(shapes[1], statistics), _views(shapes[0], gradient)
    out, record = layer.forward(values, x, run_as)
    found: tuple[Any, ...] = (np.array(out),)
    if run_as.training:
        d_x = np.array(layer.backward(values, record, d_y, gradients))
        found = (*found, d_x, gradient) if want_dx else (*found, gradient)
    if not all(map(np.array_equal, arrays, (theta, statistics, x, d_y))):
        raise UntraceableError("the arrays that it is given to write into them")
    if run_as.training:
        layer.update_statistics(values, record)
        found = (*found, statistics)
    return tuple(np.ravel(numbers) for numbers in found)


def _views(shapes: list[tuple[str, tuple[int, ...]]], flat: Array) -> dict[str, Array]:
    found, place = {}, 0
    for name, shape in shapes:
        found[name] = flat[place : place + math.prod(shape)].reshape(shape)
        place += math.prod(shape)
    return found
