"""Values that no option wants: wrong types, wrong ranges, arrays, text that is none, objects that raise at a touch."""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["HOSTILE", "TouchedError"]


class TouchedError(RuntimeError):
    """What the objects below raise, so that nobody can mistake it for an error of glassnet."""


def _raising(*methods: str, base: type = object) -> Any:
    """An object whose methods of these names raise."""

    def touched(*_: Any, **__: Any) -> Any:
        raise TouchedError

    return type("Raising" + "".join(methods).title().replace("_", ""), (base,), dict.fromkeys(methods, touched))


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


class Twice:
    """Says that it is a string where it is asked by comparison."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


# Makers, since an iterator is used up by the first who looks at it.
HOSTILE: Mapping[str, Callable[[], Any]] = {
    **{
        repr(value): (lambda value=value: value)
        for value in (
            *(None, True, False, 0, 1, -1, 3, 2**31, 2**53, 2**63, 2**64, 10**30, -(10**30), 10**400),
            *(0.5, -0.5, 1.0, 1.5, 1e308, 1e-320, 1e300, -1e308, float("nan"), float("inf"), float("-inf"), 1 + 1j),
            *(
                "",
                " ",
                "a",
                "relu",
                "nan",
                "1",
                "None",
                "\0",
                "\ud800",
                "\x1b[2J",
                "../a",
                "relu(",
                "relu()()",
                "elu(alpha=[1])",
            ),
            *(
                "elu(alpha=1e999)",
                "elu(alpha=True)",
                "elu(beta=1)",
                "elu(1, 2)",
                "elu(**{})",
                "tanh:",
                "tanh:-1",
                "tanh:1e9",
            ),
            *("dropout:nan", "0x10", "٣", "auto", "mse", "adam", "en", "temperature"),
            *(
                b"",
                b"relu",
                b"\xff\xfe",
                bytearray(b"adam"),
                (),
                (1,),
                (1, 2),
                ("a",),
                (None,),
                (float("nan"),),
                (1, 2, 3, 4),
            ),
            *(
                [],
                [1],
                [1, 2],
                ["a"],
                ["tanh:2"],
                [None],
                [[]],
                [[1, 2], [3]],
                [[1], [2]],
                [0],
                [-1],
                ["relu:99999999999999999999"],
            ),
            *({}, {"a": 1}, {1: 2}, {"bias": "a"}, {"bias": None}, {"bias": float("nan")}, {"a": []}, {None: None}),
            *(set(), {1, 2}, frozenset({"a"}), range(3), slice(1), Ellipsis, NotImplemented, int, str, np.float64),
            *(
                np.float32(0.5),
                np.float64("nan"),
                np.int64(3),
                np.int8(-1),
                np.uint64(2**64 - 1),
                np.bool_(True),
                np.str_("relu"),
            ),
            *(
                np.bytes_(b"relu"),
                np.datetime64("2024-01-01"),
                np.timedelta64("NaT", "s"),
                np.complex64(1j),
                np.longdouble(1),
            ),
            *(
                np.dtype("float32"),
                np.array(1),
                np.array(0.5),
                np.array([]),
                np.array([1, 2]),
                np.array([[1.0]]),
                np.array("relu"),
            ),
            *(np.array(["relu", "tanh"]), np.array(None), np.array([np.nan, 1]), np.zeros((2, 0)), np.zeros((1, 2, 3))),
            *(np.array([1], ">i4"), np.array([object()]), np.zeros(2, [("a", "f4")])),
            *(decimal.Decimal("0.1"), decimal.Decimal("NaN"), fractions.Fraction(1, 3), datetime.date(2024, 1, 1)),
            *(datetime.timedelta(1), pathlib.Path("a"), pathlib.Path(), pd.NA, pd.NaT, pd.Timestamp(0)),
        )
    },
    "long text": lambda: "a" * 100_000,
    "long list": lambda: [1] * 1000,
    "deep list": lambda: _nested(2000),
    "a list in itself": _itself,
    "an iterator": lambda: iter([1, 2]),
    "a generator": lambda: (number for number in (1, 2)),
    "a memoryview": lambda: memoryview(b"ab"),
    "a series": lambda: pd.Series([1, 2]),
    "a series of text": lambda: pd.Series(["relu"]),
    "a frame": lambda: pd.DataFrame({"a": [1]}),
    "an empty frame": lambda: pd.DataFrame(),
    "an index": lambda: pd.Index(["a"]),
    "an object": object,
    "an exception": lambda: ValueError("relu"),
    "a module": lambda: np,
    "a bare object of numpy": lambda: np.array({"a": 1}, object),
    "equal to all": Twice,
    **{
        f"raises in {', '.join(methods)}": _raising(*methods, base=base)
        for base, *methods in (
            *((object, "__repr__"), (object, "__eq__", "__ne__"), (object, "__array__"), (object, "__float__")),
            *(
                (object, "__index__"),
                (object, "__bool__"),
                (object, "__len__"),
                (object, "__iter__"),
                (object, "__fspath__"),
            ),
            *(
                (object, "__hash__"),
                (object, "__str__", "__repr__"),
                (object, "__getattr__"),
                (object, "__int__", "__trunc__"),
            ),
            *(
                (
                    object,
                    "__repr__",
                    "__eq__",
                    "__array__",
                    "__bool__",
                    "__len__",
                    "__iter__",
                    "__hash__",
                    "__getattr__",
                ),
            ),
            *((str, "__repr__", "__str__"), (int, "__repr__", "__str__"), (float, "__repr__"), (list, "__repr__")),
            *((list, "__iter__", "__len__"), (dict, "__iter__", "__getitem__", "keys", "items"), (tuple, "__iter__")),
        )
    },
}
