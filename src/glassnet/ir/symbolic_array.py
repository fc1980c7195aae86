"""The symbolic array: operations on it are recorded, not computed.

The layers, losses and formulas of the project, and those of its users, are plain functions on NumPy arrays. Called with
symbols instead, they return a graph of the same operations. So nothing is written a second time for any engine or
export. A function that tests a symbol (`if`, `max`) is traced for both answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from glassnet.support.language import Text


class UntraceableError(Exception):
    """An operation on a symbol cannot be recorded; `reason` names it, in the reader's language."""

    def __init__(self, reason: str, **values: Any) -> None:
        self.reason = Text(reason, **values)
        super().__init__(self.reason)


class SymbolicArray(np.lib.mixins.NDArrayOperatorsMixin):
    """A symbol for an array.

    The symbol class of a graph implements these operations; missing ones are refused by name:

    - `shape`, `dtype`; `astype`, and `constant`, an array of known numbers beside symbols
    - `ufunc`, and `elementwise` of other functions: a function of numbers, at each place
    - `reduced` ("sum", "max", "min"); `argmax`, `argsort`, `cumsum`
    - `product`, of matrices, and `einsum`; `add_at`
    - `reshaped`, and `with_axes`, some of the axes and new ones of length 1; `transpose`, `concatenate`, `tile`
    - `sliced` along an axis; `take`, `take_along_axis`, `repeat`
    """

    # ------------------------------------------------------- as arrays have them

    @property
    def shape(self) -> Any:
        raise UntraceableError("array.shape")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def T(self) -> Any:  # noqa: N802
        return self.transpose()

    def __len__(self) -> int:
        rows: int = self.shape[0]
        return rows

    def copy(self) -> Any:
        return self  # no symbol is ever changed

    def reshape(self, *shape: Any) -> Any:
        return self.reshaped(tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)

    def ravel(self) -> Any:
        return self.reshape(-1)

    def __getitem__(self, key: Any) -> Any:
        """``x[key]`` of integers, slices, None, ``...``, and one array of indices."""
        x: Any = self
        keys = list(key) if isinstance(key, tuple) else [key]
        real = [one for one in keys if one is not None and one is not Ellipsis]
        arrays = [one for one in real if isinstance(one, (SymbolicArray, np.ndarray, list))]
        if len(arrays) > 1 or (arrays and any(isinstance(one, (int, np.integer)) for one in real)):
            raise UntraceableError("an index of several arrays")
        rest = [slice(None)] * (x.ndim - len(real))
        at = next((place for place, one in enumerate(keys) if one is Ellipsis), None)
        keys = [*keys, *rest] if at is None else [*keys[:at], *rest, *keys[at + 1 :]]
        axes: list[int | None] = []
        axis = 0
        for one in keys:
            if one is None:
                axes.append(None)
                continue
            if isinstance(one, (int, np.integer)):
                x = x.sliced(axis, slice(int(one), int(one) + 1 or None))
            elif isinstance(one, slice) and one == slice(None):
                axes.append(axis)
            else:
                before = x.ndim
                x = x.sliced(axis, one) if isinstance(one, slice) else x.take(one, axis)
                axes += range(axis, axis + 1 + x.ndim - before)
                axis += x.ndim - before
            axis += 1
        return x if axes == [*range(x.ndim)] else x.with_axes(axes)

    # ------------------------------------------------------------- reductions

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.reduced("sum", axis, keepdims)

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.reduced("max", axis, keepdims)

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.reduced("min", axis, keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        axes = range(self.ndim) if axis is None else np.atleast_1d(axis)
        return self.sum(axis, keepdims=keepdims) / math.prod(self.shape[one] for one in axes)

    def var(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        away = self - self.mean(axis, keepdims=True)
        return (away * away).mean(axis, keepdims=keepdims)

    def std(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return np.sqrt(self.var(axis, keepdims=keepdims))

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return np.clip(self, low, high)

    # --------------------------------------------------------- NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        into = options.pop("out", (None,))[0]  # `a += b` of a symbol makes a new one
        if ufunc is np.add and method == "at":
            return inputs[0].add_at(*inputs[1:])
        if method != "__call__" or set(options) - {"dtype"} or not (into is None or isinstance(into, SymbolicArray)):
            raise UntraceableError(
                "np.{function} with {method}, {options}",
                function=ufunc.__name__,
                method=method,
                options=", ".join(options),
            )
        result = self.product(*inputs) if ufunc is np.matmul else self.ufunc(ufunc, inputs, options.get("dtype"))
        return result if into is None else into.written(result)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        from glassnet.ir.numpy_functions import ELEMENTWISE, FUNCTIONS

        try:
            if function in ELEMENTWISE or function in (np.where, np.full_like):
                return self.elementwise(function, arguments, options)
            if function in FUNCTIONS and self.shape:
                return FUNCTIONS[function](*arguments, **options)
        except TypeError as error:  # an option of NumPy's that is not known here
            raise UntraceableError(f"np.{function.__name__}: {error}") from error
        raise UntraceableError(
            "np.{function}" if self.shape else "np.{function}, which is no function of single numbers",
            function=function.__name__,
        )

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        """Return the namespace in which SciPy looks for functions, if configured to (``SCIPY_ARRAY_API``)."""
        from glassnet.ir.numpy_functions import SciPy

        return SciPy

    def written(self, result: Any) -> Any:
        """Return the result of an in-place operation."""
        return result

    # ----------------------------------------------------- operations without a graph

    def _refuse(self, operation: Text) -> NoReturn:
        raise UntraceableError("{operation}, which needs to know the numbers", operation=operation)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse(Text("a conversion to an array"))

    def __bool__(self) -> bool:
        self._refuse(Text("a decision (if, and, or) by the numbers of an array"))

    def __float__(self) -> NoReturn:
        self._refuse(Text("a conversion to one number"))

    __int__ = __index__ = __float__

    def __iter__(self) -> Any:
        self._refuse(Text("a loop over the rows of an array"))

    def __setitem__(self, key: Any, value: Any) -> None:
        raise UntraceableError("an assignment to a part of an array")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UntraceableError(f"array.{name}")


QUESTIONS = 6
"""The most tests in a row."""

DECIDE: ContextVar[Callable[[Any], bool] | None] = ContextVar("decide", default=None)
"""Answers the test of a symbol; None: branches cannot be followed here."""


class _UndecidedCondition(BaseException):
    """A function tests a symbol whose answer is not decided yet. A BaseException, so that functions do not catch it."""


def followed(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    where: Callable[[Any, Any, Any], Any],
    known: Sequence[bool] = (),
    shape: tuple[Any, ...] = (),
) -> Any:
    """Return a function's result; for each test of a symbol, a select by `where` between the results of both branches.

    Parameters
    ----------
    function : callable
    arguments : sequence
        Symbols, whose ``bool()`` calls `DECIDE`.
    where : callable
        ``where(condition, yes, no)``; of a tuple each number is chosen.
    known : sequence of bool
        The answers to the first tests.
    shape : tuple
        The shape of arrays whose elements are tested one by one.

    Raises
    ------
    UntraceableError
        If there are more than `QUESTIONS` tests.
    """
    answers, open_question = iter(known), []

    def decide(condition: Any) -> bool:
        if condition.shape not in ((), shape):
            SymbolicArray.__bool__(condition)  # refuses
        for answer in answers:
            return answer
        open_question.append(condition)
        raise _UndecidedCondition

    before = DECIDE.set(decide)
    try:
        return function(*arguments)
    except _UndecidedCondition:
        if len(known) >= QUESTIONS:
            raise UntraceableError("more branches than can be followed") from None
    finally:
        DECIDE.reset(before)
    yes, no = (followed(function, arguments, where, [*known, answer], shape) for answer in (True, False))
    if isinstance(yes, tuple) and isinstance(no, tuple):
        return tuple(where(open_question[0], one, other) for one, other in zip(yes, no, strict=True))
    return where(open_question[0], yes, no)
