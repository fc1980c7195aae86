"""An array that is not there yet: what is done to it is noted down as a graph.

The layers, losses and formulas of the project, and those of its users, are plain functions on NumPy arrays. Called with
symbols they do to them what they do to arrays, and what comes back is their graph. So no formula is written a second
time for any export.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.exchange.graph.evaluate import UFUNCS
from glassnet.exchange.graph.node import Array, Node, constant, rows_in

__all__ = ["Numbers", "Symbol", "UntraceableError", "elementwise", "symbolic"]

REMEDY = "Write it with arithmetic and NumPy functions of whole arrays, each row by itself"


class UntraceableError(InputError):
    """Something is done to an array that a graph has no operation for."""

    def __init__(self, what: str) -> None:
        super().__init__("What is to be exported must be made of operations that a graph has", what, REMEDY)


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array in the functions of a model.

    Examples
    --------
    >>> from glassnet.exchange.graph.node import ROWS
    >>> x = Symbol.input("x", (ROWS, 3), np.float32)
    >>> np.maximum(x @ np.ones((3, 2), np.float32), 0).node
    <maximum (rows, 2) float32>
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @classmethod
    def input(cls, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Symbol:
        """What the graph will ask for."""
        return cls(Node("input", (), shape, np.dtype(dtype), {"name": name}))

    # ------------------------------------------------------- as arrays have them

    @property
    def shape(self) -> tuple[int, ...]:
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.node.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def T(self) -> Symbol:  # noqa: N802
        return self.transpose()

    def __len__(self) -> int:
        return self.shape[0]

    def astype(self, dtype: npt.DTypeLike, *_: Any, **__: Any) -> Symbol:
        wanted = np.dtype(dtype)
        if wanted == self.dtype:
            return self
        if wanted.kind in "iu":
            wanted = np.dtype(np.int64)
        if wanted not in (np.bool_, np.int64, np.float32, np.float64) or self.dtype.kind == "U":
            raise UntraceableError(f"a conversion from {self.dtype} to {wanted}")
        return Symbol(Node("cast", (self.node,), self.shape, wanted))

    def copy(self, *_: Any) -> Symbol:
        return self

    def reshape(self, *shape: Any) -> Symbol:
        wanted = list(shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)
        if -1 in wanted:
            known = math.prod(size for size in wanted if size != -1)
            wanted[wanted.index(-1)] = self.size // known if known else 0
        if math.prod(wanted) != self.size:
            raise UntraceableError(f"shape {self.shape} as {tuple(wanted)}")
        if tuple(wanted) == self.shape:
            return self
        return Symbol(Node("reshape", (self.node,), tuple(map(int, wanted)), self.dtype))

    def ravel(self) -> Symbol:
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> Symbol:
        order = list(axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes)
        order = [axis % self.ndim for axis in order] or list(range(self.ndim))[::-1]
        if order == sorted(order):
            return self
        shape = tuple(self.shape[axis] for axis in order)
        return Symbol(Node("transpose", (self.node,), shape, self.dtype, {"axes": tuple(order)}))

    def __getitem__(self, key: Any) -> Symbol:
        from glassnet.exchange.graph.indexing import indexed

        return indexed(self, key)

    # ----------------------------------------- methods that NumPy has functions for

    def sum(self, axis: Any = None, **options: Any) -> Any:
        return np.sum(self, axis=axis, **options)

    def mean(self, axis: Any = None, **options: Any) -> Any:
        return np.mean(self, axis=axis, **options)

    def var(self, axis: Any = None, **options: Any) -> Any:
        return np.var(self, axis=axis, **options)

    def std(self, axis: Any = None, **options: Any) -> Any:
        return np.std(self, axis=axis, **options)

    def max(self, axis: Any = None, **options: Any) -> Any:
        return np.max(self, axis=axis, **options)

    def min(self, axis: Any = None, **options: Any) -> Any:
        return np.min(self, axis=axis, **options)

    def argmax(self, axis: Any = None, **options: Any) -> Any:
        return np.argmax(self, axis=axis, **options)

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return np.clip(self, low, high)

    # --------------------------------------------------------- NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        into = options.pop("out", (None,))[0]  # `a += b` of a symbol makes a new one
        if method != "__call__" or set(options) - {"dtype"} or not (into is None or isinstance(into, Symbol)):
            raise UntraceableError(f"np.{ufunc.__name__} with {method}, {', '.join(options)}")
        result = _called(ufunc, inputs, options.get("dtype"))
        return result if into is None else result.astype(into.dtype)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        from glassnet.exchange.graph.functions import FUNCTIONS

        if function not in FUNCTIONS:
            raise UntraceableError(f"np.{function.__name__}")
        try:
            return FUNCTIONS[function](*args, **options)
        except TypeError as error:  # an option of NumPy's that is not known here
            raise UntraceableError(f"np.{function.__name__}: {error}") from error

    def _refuse(self, what: str) -> NoReturn:
        raise UntraceableError(f"{what}, which needs to know the numbers")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("a conversion to an array")

    def __bool__(self) -> NoReturn:
        self._refuse("a decision (if, and, or) by the numbers of an array")

    def __float__(self) -> NoReturn:
        self._refuse("a conversion to one number")

    def __int__(self) -> NoReturn:
        self._refuse("a conversion to one number")

    def __iter__(self) -> NoReturn:
        self._refuse("a loop over the rows of an array")

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise UntraceableError("an assignment to a part of an array")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UntraceableError(f"array.{name}")

    def __repr__(self) -> str:
        return f"Symbol({self.node!r})"


class Numbers(np.ndarray[Any, Any]):
    """Numbers that were learned: an array like any other, which symbols may be used to look up places of.

    Examples
    --------
    >>> from glassnet.exchange.graph.node import ROWS
    >>> levels = Numbers.of(np.array([[1.0], [2.0]]), "W")
    >>> levels[Symbol.input("code", (ROWS,), np.int64)].node
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
        return Symbol(constant(self))[key] if isinstance(key, Symbol) else super().__getitem__(key)


def symbolic(value: Any, dtype: npt.DTypeLike | None = None) -> Node:
    """The node of a symbol, or of a constant, in a type if one is given."""
    if isinstance(value, Symbol):
        return value.node if dtype is None else value.astype(dtype).node
    array = np.asarray(value)
    if array.dtype == object:
        raise UntraceableError(f"{value!r} in the place of an array")
    if any(map(rows_in, array.shape)):
        raise UntraceableError("a new array that is as long as there are rows")
    return constant(array, dtype, getattr(value, "name", ""))


def elementwise(operation: str, *inputs: Node, dtype: npt.DTypeLike) -> Symbol:
    """A node of each number by itself."""
    try:
        shape = np.broadcast_shapes(*(node.shape for node in inputs))
    except ValueError as error:
        raise UntraceableError(f"{operation} of shapes {', '.join(str(node.shape) for node in inputs)}") from error
    return Symbol(Node(operation, inputs, shape, np.dtype(dtype)))


# ------------------------------------------------------------------- ufuncs

COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "positive": lambda x: x,
    "fabs": np.absolute,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "ceil": lambda x: -np.floor(-x),
    "log2": lambda x: np.log(x) / math.log(2),
    "log10": lambda x: np.log(x) / math.log(10),
    "exp2": lambda x: np.exp(x * math.log(2)),
    "tan": lambda x: np.sin(x) / np.cos(x),
    "sinh": lambda x: np.sign(x) * (np.expm1(np.abs(x)) + 1 - np.exp(-np.abs(x))) / 2,
    "cosh": lambda x: (np.exp(x) + np.exp(-x)) / 2,
    "logaddexp": lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y))),
    "isfinite": lambda x: np.abs(x) < math.inf,
    "isinf": lambda x: np.abs(x) == math.inf,
}
"""Functions of NumPy for which there is no operation, by those that there are."""
LOGICAL: Final = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
BOOLEAN_ARITHMETIC: Final = ("multiply", "maximum", "minimum", "add")


def _called(ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Symbol:
    """What a ufunc gives, its inputs brought to the type in which NumPy would compute."""
    name = ufunc.__name__
    if name == "matmul":
        from glassnet.exchange.graph.functions import matmul

        return matmul(*inputs)
    if name in COMPOSED:
        composed = COMPOSED[name](*inputs)
        return composed if isinstance(composed, Symbol) else Symbol(symbolic(composed))
    kinds = [_kind(value) for value in inputs]
    if name in LOGICAL:
        if any(np.dtype(kind) != np.bool_ for kind in kinds):
            raise UntraceableError(f"np.{name} of numbers")
        name = LOGICAL[name]
    if name not in UFUNCS:
        raise UntraceableError(f"np.{name}")
    if name.startswith("logical"):
        return elementwise(name, *(symbolic(value, np.bool_) for value in inputs), dtype=np.bool_)
    wanted = (None,) * ufunc.nout if dtype is None else (np.dtype(dtype),) * ufunc.nout
    try:
        *sources, result = ufunc.resolve_dtypes((*kinds, *wanted))
    except TypeError as error:
        raise UntraceableError(f"np.{name} of {', '.join(map(str, kinds))}") from error
    if any(source.kind in "iu" for source in sources):
        sources = [np.dtype(np.int64) for _ in sources]
    if result.kind in "iu":
        result = np.dtype(np.int64)
    if sources[0] == np.bool_ and name in BOOLEAN_ARITHMETIC:
        name = "logical_and" if name in ("multiply", "minimum") else "logical_or"
    if any(np.dtype(kind).itemsize == 2 for kind in (*sources, result) if kind.kind == "f"):
        sources, result = [np.dtype(np.float32) for _ in sources], np.dtype(np.float32)
    nodes = [symbolic(value, source) for value, source in zip(inputs, sources, strict=True)]
    return elementwise(name, *nodes, dtype=result)


def _kind(value: Any) -> Any:
    """The type of a value; of a plain number the Python type, which yields to that of any array."""
    if isinstance(value, bool):
        return np.dtype(np.bool_)
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return int if isinstance(value, int) else float
    if isinstance(value, Symbol):
        return value.dtype
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise UntraceableError(f"an array of {array.dtype}")
    return array.dtype


def along(x: Symbol, axis: int) -> int:
    """An axis counted from the front, refused if it is that of the rows."""
    axis = axis % x.ndim
    if rows_in(x.shape[axis]):
        raise UntraceableError("an operation along the rows: a prediction must depend on its own row alone")
    return axis
