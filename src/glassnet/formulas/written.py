"""Formulas as people write them: a formula is called with a name in the place of a number, and says what is done to it.

Which way a formula goes where it asks for a sign or a size is decided by the number that the name stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.formulas import elementary

SUM, PRODUCT, NUMBER = range(3)
"""How firmly the parts of a text hold together."""
MOST = 110
"""A longer text is none that anybody reads."""
CALLS = {
    "absolute": "|{}|", "exp": "exp({})", "expm1": "(exp({}) - 1)", "log": "ln({})", "log1p": "ln(1 + {})",
    "tanh": "tanh({})", "sign": "sign({})", "sqrt": "sqrt({})", "minimum": "min({}, {})", "maximum": "max({}, {})",
}  # fmt: skip


class Written:
    """A number with the text of how it came about.

    Parameters
    ----------
    text : str
    value : float
    holds : int
        What the text is: a sum, a product, or nothing that ever needs parentheses.
    """

    def __init__(self, text: str, value: float, holds: int = NUMBER) -> None:
        self.text, self.value, self.holds = text, value, holds

    def within(self, holds: int) -> str:
        """The text as a part of another, in parentheses where it needs them."""
        return f"({self.text})" if self.holds < holds or (holds and self.text.startswith("-")) else self.text

    def __add__(self, other: Any) -> Written:
        return _joined(self, "+", other, SUM, SUM)

    def __radd__(self, other: Any) -> Written:
        return _joined(other, "+", self, SUM, SUM)

    def __sub__(self, other: Any) -> Written:
        return _joined(self, "-", other, SUM, PRODUCT)

    def __rsub__(self, other: Any) -> Written:
        return _joined(other, "-", self, SUM, PRODUCT)

    def __mul__(self, other: Any) -> Written:
        return _joined(self, "·", other, PRODUCT, PRODUCT)

    def __rmul__(self, other: Any) -> Written:
        return _joined(other, "·", self, PRODUCT, PRODUCT)

    def __truediv__(self, other: Any) -> Written:
        return _joined(self, "/", other, PRODUCT, NUMBER)

    def __rtruediv__(self, other: Any) -> Written:
        return _joined(other, "/", self, PRODUCT, NUMBER)

    def __pow__(self, other: Any) -> Written:
        return Written(f"{self.within(NUMBER)}^{_of(other).within(NUMBER)}", self.value ** _of(other).value, PRODUCT)

    def __neg__(self) -> Written:
        return Written(f"-{self.within(PRODUCT)}", -self.value, PRODUCT)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _of(other).value)

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= _of(other).value)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > _of(other).value)

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= _of(other).value)

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """What NumPy's functions of numbers write; arithmetic with one of NumPy's own numbers is ours, turned round."""
        parts = [_of(each) for each in inputs]
        name = {"add": "__add__", "subtract": "__sub__", "multiply": "__mul__", "true_divide": "__truediv__"}
        operator = name.get("true_divide" if function.__name__ == "divide" else function.__name__)
        if method == "__call__" and operator is not None:
            return getattr(parts[0], operator)(parts[1])
        if method != "__call__" or function.__name__ not in CALLS:
            return NotImplemented
        value = float(function(*(part.value for part in parts)))
        return Written(CALLS[function.__name__].format(*(part.text for part in parts)), value)

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> Any:
        """Of two ways the one that the number takes."""
        if function is not np.where:
            return NotImplemented
        condition, yes, no = inputs
        return yes if condition else no

    def elementary(self, name: str, *inputs: Any) -> Written:
        """What glassnet's own elementary functions write."""
        if name == "gaussian":  # no name that people know
            x = _of(inputs[0])
            return elementary.exp(-x * x)
        parts = [_of(each) for each in inputs]
        value = float(getattr(elementary, name)(*(part.value for part in parts)))
        return Written(f"{name}({', '.join(part.text for part in parts)})", value)


def written(function: Callable[..., Any], *inputs: Written, values: tuple[Any, ...] = ()) -> str | None:
    """What a formula does with these inputs; None of one that cannot be written, or is too long.

    Parameters
    ----------
    function : callable
    *inputs : Written
    values : tuple
        Of the formula's parameters.

    Examples
    --------
    >>> from glassnet.formulas.activations import sigmoid, sigmoid_derivative
    >>> z, a = Written("z", 0.5), Written("a", 0.6225)
    >>> written(sigmoid, z), written(sigmoid_derivative, z, a)
    ('1 / (1 + exp(-|z|))', 'a · (1 - a)')
    >>> written(sigmoid_derivative, Written("0.5", 0.5), Written("0.6225", 0.6225))
    '0.6225 · (1 - 0.6225)'
    """
    parameters = [value[0] if isinstance(value, tuple) else value for value in values]
    try:
        text = _of(function(*inputs, *parameters)).text
        return text if len(text) <= MOST else None
    except Exception:  # a formula of somebody's own may do anything with what is no number
        return None


def number(value: float) -> Written:
    """A number that is written with four digits.

    >>> number(-0.0).text, (2 * number(-0.25)).text
    ('0', '2 · (-0.25)')
    """
    return Written(f"{value + 0.0:.4g}", value)  # + 0.0 turns -0.0 into 0.0


def _of(value: Any) -> Written:
    return value if isinstance(value, Written) else number(float(value))


def _joined(left: Any, sign: str, right: Any, holds: int, after: int) -> Written:
    first, second = _of(left), _of(right)
    if sign == "·" and 1 in (each for each in (left, right) if not isinstance(each, Written)):
        return first if isinstance(left, Written) else second  # a factor of 1 that the formula has, not the data
    value = {
        "+": lambda x, y: x + y, "-": lambda x, y: x - y, "·": lambda x, y: x * y, "/": lambda x, y: x / y,
    }[sign](first.value, second.value)  # fmt: skip
    before = first.text if holds == SUM else first.within(PRODUCT)
    later = second.within(after) if after else second.text
    later = f"({later})" if later.startswith("-") else later
    return Written(f"{before} {sign} {later}", value, holds)
