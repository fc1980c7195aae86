"""A formula over whole rows, written for NumPy arrays, as loops over numbers.

A formula such as softmax takes maxima and sums along a row. It is called once with *symbols* in the place of arrays,
which note down what is done to them; the notes become loops: one for each reduction, which runs through the columns,
and one for the result. So the formula is written once, as in the book, and needs no array in between.

Rows lie side by side: a table of (columns, lanes) holds one row in each lane, so that all arithmetic is of vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.formulas import elementary

__all__ = ["LANES", "UntraceableError", "unroll"]

LANES = 64
"""Rows treated at once, at most. Compiled code is not told, or it would write out every lane and use no vectors."""

INFIX = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "**",
    np.greater: ">",
    np.greater_equal: ">=",
    np.less: "<",
    np.less_equal: "<=",
}
NAMED = ("absolute", "sqrt", "sign", "maximum", "minimum", "negative", "square")
START = {np.max: "-np.inf", np.min: "np.inf", np.sum: "0.0", np.mean: "0.0"}
GATHER = {np.max: "np.maximum({0}, {1})", np.min: "np.minimum({0}, {1})", np.sum: "{0} + {1}", np.mean: "{0} + {1}"}


class UntraceableError(Exception):
    """A formula does something to a row that no loop is known for."""


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """What a formula computes at one column of a row (or once for the row), as the text of an expression."""

    def __init__(self, text: str, reductions: list[tuple[Any, str]]) -> None:
        self.text, self.reductions = text, reductions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Symbol:
        if method != "__call__":
            raise UntraceableError(f"{ufunc.__name__}.{method}")
        texts = [_text(value) for value in inputs]
        if "dtype" in options:  # how formulas turn a truth value into 0 or 1
            text = f"np.where({texts[0]}, 1.0, 0.0)"
        elif ufunc in INFIX:
            text = f"({texts[0]} {INFIX[ufunc]} {texts[1]})"
        elif ufunc.__name__ in NAMED:
            text = f"np.{ufunc.__name__}({', '.join(texts)})"
        elif ufunc.__name__ in elementary.__all__:
            text = f"{ufunc.__name__}({texts[0]})"
        else:
            raise UntraceableError(ufunc.__name__)
        return Symbol(text, self.reductions)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Symbol:
        if function is np.where:
            return Symbol(f"np.where({', '.join(map(_text, args))})", self.reductions)
        along_rows = options.get("axis") in (-1, 1) and options.get("keepdims") is True
        if function not in START or not along_rows:
            raise UntraceableError(f"{function.__name__} other than along a row (axis=-1, keepdims=True)")
        self.reductions.append((function, args[0].text))
        return Symbol(f"spare[p{len(self.reductions) - 1} + i]", self.reductions)


def unroll(function: Callable[..., Any], inputs: int, parameters: int) -> tuple[Callable[..., None], int]:
    """A formula over rows as a function of loops, and how many numbers a row it needs in between.

    Parameters
    ----------
    function : callable
        Of `inputs` arrays of shape (rows, columns), then of `parameters` numbers.

    Returns
    -------
    callable
        ``loops(width, lanes, arrays, parameters, result, spare)``: plain Python, to be compiled; arrays and result
        are (columns, lanes) laid out flat, the result none of the arrays.
    int
        The number of rows of `spare`.

    Raises
    ------
    UntraceableError
        If the formula uses what no loop is known for.

    Examples
    --------
    >>> from glassnet.formulas.activations import softmax
    >>> loops, between = unroll(softmax, inputs=1, parameters=0)
    >>> result, spare = np.zeros(2 * 8), np.zeros(between * 8)
    >>> loops(2, 8, (np.zeros(2 * 8),), (), result, spare)
    >>> result[:3]
    array([0.5, 0.5, 0.5])
    """
    reductions: list[tuple[Any, str]] = []
    symbols = [Symbol(f"x{k}[at + i]", reductions) for k in range(inputs)]
    values = [Symbol(f"q[s{k}]", reductions) for k in range(parameters)]
    try:
        result = function(*symbols, *values)
    except TypeError as error:
        raise UntraceableError(f"{error}") from error
    lines = ["def loops(width, lanes, x, q, result, spare):"]
    lines += [f"    x{k} = x[s{k}]" for k in range(inputs)]
    lines += [f"    p{k} = s{k} * lanes" for k in range(len(reductions))]
    for number, (kind, term) in enumerate(reductions):
        total = f"spare[p{number} + i]"
        lines += _loop(False, f"{total} = {START[kind]}")
        lines += _loop(True, f"{total} = {GATHER[kind].format(total, term)}")
        if kind is np.mean:
            lines += _loop(False, f"{total} = {total} / width")
    lines += _loop(True, f"result[at + i] = {_text(result)}")
    # indices are NumPy's integers, for plain ones are brought to the precision of the formula
    count = max(inputs, parameters, len(reductions))
    namespace: dict[str, Any] = {f"s{k}": np.intp(k) for k in range(count)} | {"np": np}
    namespace["__name__"] = function.__module__
    namespace |= {name: getattr(elementary, name) for name in elementary.__all__}
    exec(compile("\n".join(lines), f"<rows of {getattr(function, '__name__', 'a formula')}>", "exec"), namespace)
    return namespace["loops"], len(reductions)


def _loop(columns: bool, statement: str) -> Sequence[str]:
    if columns:
        inner = ["        at = j * lanes", "        for i in range(lanes):", f"            {statement}"]
        return ["    for j in range(width):", *inner]
    return ["    for i in range(lanes):", f"        {statement}"]


def _text(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.text
    if isinstance(value, (bool, int, float, np.number, np.bool_)):
        return repr(float(value))
    raise UntraceableError(f"{value!r} inside a formula over rows")
