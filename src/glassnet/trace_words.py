"""What a trace says beside its numbers, in both languages, and what stands in its equations for the first of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.ir.equations import written
from glassnet.language import Text, catalogue

TEXTS: Final = catalogue(Path(__file__).with_suffix(".toml"))
PARTS: Final = {part: TEXTS[f"part.{part}"] for part in ("forward", "loss", "backward", "update")}

WORDS = (
    (r"sum of (.+) over the rows", r"\1 对各行求和"),
    (r"sum of (.+) over the members", r"\1 对各成员求和"),
    (r"(.+) for each member( i)?", r"\1，对每个成员\2"),
    (r"(.+), for each column", r"\1，对每一列"),
    (r"of each column", "每列一个"),
    (r"of each row", "每行一个"),
    (r"Jacobian of f, times d_a", "f 的雅可比矩阵乘以 d_a"),
    (r"by the chain rule", "由链式法则"),
)
"""The words in the equations of layers; what is letters and signs alone is the same in every language."""

FIRST: Mapping[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "x W + b": (("x", "W", "b"), lambda x, W, b: x[0] @ W[:, 0] + b[0]),
    "x W": (("x", "W"), lambda x, W: x[0] @ W[:, 0]),
    "d_a · f'(z)": (("d_a", "slope"), lambda d_a, slope: d_a[0, 0] * slope[0, 0]),
    "xᵀ d_z": (("x", "d_z"), lambda x, d_z: x[:, 0] @ d_z[:, 0]),
    "sum of d_z over the rows": (("d_z",), lambda d_z: d_z[:, 0].sum()),
    "d_z Wᵀ": (("d_z", "W"), lambda d_z, W: d_z[0] @ W[0]),
}
"""Of which arrays an equation is, and its first number of theirs."""
FEW = 8
"""Of more rows or columns nobody reads a sum."""


def in_both(equation: str) -> Text:
    """The equation of a layer in both languages.

    >>> in_both("sum of d_z over the rows").zh
    'd_z 对各行求和'
    """
    for english, chinese in WORDS:
        if re.fullmatch(english, equation):
            return Text(equation, re.sub(english, chinese, equation).replace("None", ""))
    return Text(equation, equation)


def first_number(equation: str, arrays: Mapping[str, Any]) -> str:
    """An equation with the numbers of its first element filled in; empty where there are too many, or others.

    Examples
    --------
    >>> first_number("x W + b", {"x": np.array([[3.0]]), "W": np.array([[2.0]]), "b": np.array([0.0])})
    '3 · 2 + 0'
    """
    names, rule = FIRST.get(equation, ((), None))
    given: list[Any] = [arrays.get(name) for name in names]
    if rule is None or any(each is None or each.ndim > 2 or not each.size or max(each.shape) > FEW for each in given):
        return ""
    numbers = {str(place): number for place, number in enumerate(np.concatenate([each.ravel() for each in given]))}

    def of_arrays(*symbols: Any) -> Any:
        each = iter(symbols)
        return rule(*(_array(values.shape, each) for values in given))

    return written(of_arrays, numbers, filled=True) or ""


def _array(shape: tuple[int, ...], each: Iterator[Any]) -> Any:
    """An array of the next symbols."""
    array = np.empty(shape, object)
    for place in np.ndindex(shape):
        array[place] = next(each)
    return array
