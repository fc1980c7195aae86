"""The chain rule of one neuron, with numbers: every link from the inputs to the loss and back, as a table to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, reduce
from itertools import accumulate
from operator import add, mul
from textwrap import wrap
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.display.numbers import plain
from glassnet.display.result import Result
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.ir.equations import LEFT_OUT, MOST, written
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, aligned

if TYPE_CHECKING:
    from glassnet.display.blocks import Block


@dataclass(frozen=True, eq=False, repr=False)
class Chain(Result):
    """Every number of one neuron on some rows, from the inputs to the loss and back.

    ``d_`` in front of a name is the derivative of the loss with respect to it. Printed, it is the chain rule filled in
    for the first row, with the derivatives of the activation by z and of the loss by a; of several rows a table comes
    before it, and the sums over all behind.

    Parameters
    ----------
    x : array of shape (rows, inputs)
    y : array of shape (rows,)
        The targets as the loss takes them.
    w : array of shape (inputs,)
    b : float
    z : array of shape (rows,)
        The weighted sums, w · x + b.
    a : array of shape (rows,)
        The activations, f(z).
    row_losses : array of shape (rows,)
    loss : float
        Their mean.
    d_a : array of shape (rows,)
        d_loss/d_a.
    slope : array of shape (rows,)
        d_a/d_z, the activation's derivative f'(z).
    d_z : array of shape (rows,)
        d_a · slope: the chain rule.
    d_w : array of shape (inputs,)
        The sum over the rows of d_z · x.
    d_b : float
        The sum over the rows of d_z.
    d_x : array of shape (rows, inputs)
        d_z · w.
    activation, loss_name : str
    response : str
        The function from a to the prediction: "sigmoid" where the loss has it inside, else "identity".
    functions : (Activation, Loss)
        With the values of their parameters.

    Examples
    --------
    >>> from glassnet import Neuron
    >>> neuron = Neuron(2, "sigmoid", "mse")
    >>> neuron.w, neuron.b = [0.5, -1.0], 1.5
    >>> chain = neuron.chain([[1.0, 2.0]], [1.0])
    >>> chain.z, chain.a, chain.d_a
    (array([0.]), array([0.5]), array([-1.]))
    >>> print(chain)
    one neuron: a = sigmoid(w · x + b)
    loss = mse(a, y)
    <BLANKLINE>
    row 1, filled in
      z          = w1 · x1 + w2 · x2 + b
                 = 0.5 · 1 + (-1) · 2 + 1.5 = 0
      a          = sigmoid(z)
                 = 1 / (1 + exp(-|z|))
                 = 1 / (1 + exp(-|0|)) = 0.5
      loss       = mse(a, y)
                 = (a - y) · (a - y)
                 = (0.5 - 1) · (0.5 - 1) = 0.25
      d_loss/d_a = 2 · (a - y)
                 = 2 · (0.5 - 1) = -1
      d_a/d_z    = sigmoid'(z)
                 = a · (1 - a)
                 = 0.5 · (1 - 0.5) = 0.25
      d_z        = d_loss/d_a · d_a/d_z
                 = (-1) · 0.25 = -0.25
      d_w1       = d_z · x1
                 = (-0.25) · 1 = -0.25
      d_w2       = d_z · x2
                 = (-0.25) · 2 = -0.5
      d_b        = d_z = -0.25
      d_x1       = d_z · w1
                 = (-0.25) · 0.5 = -0.125
      d_x2       = d_z · w2
                 = (-0.25) · (-1) = 0.25
    """

    x: Array
    y: Array
    w: Array
    b: float
    z: Array
    a: Array
    row_losses: Array
    loss: float
    d_a: Array
    slope: Array
    d_z: Array
    d_w: Array
    d_b: float
    d_x: Array
    activation: str
    loss_name: str
    response: str
    functions: tuple[Activation, Loss]

    def __getitem__(self, name: str) -> Any:
        """Return a number by its name; "d_loss/d_a" and "d_a/d_z" too."""
        name = {"d_loss/d_a": "d_a", "d_a/d_z": "slope"}.get(name, name)
        known = [field.name for field in fields(self)]
        if name not in known:
            raise KeyError(f"The chain has no {name!r}; it has: {', '.join(known)}")
        return getattr(self, name)

    @cached_property
    def formulas(self) -> Mapping[str, Sequence[str]]:
        """The formulas of "a", "loss", "d_a" and "slope" in the first row: in letters and in numbers, if printable."""
        (f, loss), rows = self.functions, len(self.z)

        def d_a(*numbers: Any) -> Any:
            derivative = loss.derivative(*numbers)
            return derivative if rows == 1 else derivative / rows  # the loss is the mean of the row losses

        z, a, y = ({name: float(getattr(self, name)[0])} for name in ("z", "a", "y"))
        links = {"a": (f.function, z, f.values), "slope": (f.derivative, z | a, f.values)}
        if loss.link == "identity":
            links |= {"loss": (loss.function, a | y, loss.values), "d_a": (d_a, a | y, loss.values)}
        return {name: found for name, link in links.items() if (found := _equation(*link))}

    def _blocks(self, language: Language) -> list[Block]:
        """Return the same as printed, each part as a block of text."""
        from glassnet.display.blocks import CodeBlock, Paragraph

        title, *parts = self.in_words(language).split("\n\n")
        return [*map(Paragraph, title.splitlines()), *(CodeBlock(part.partition("\n")[0], part) for part in parts)]

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: the current one."""
        rows = len(self.z)
        title = [f"{NEURON.say(language)}a = {self.activation}(w · x + b)"]
        title += [f"{LOSS.say(language)}{self.loss_name}(a, y)" + (MEAN.say(language, rows=rows) if rows > 1 else "")]
        title += [] if self.response == "identity" else [PREDICTS.say(language, response=self.response)]
        parts = ["\n".join(title)]
        if rows > 1:  # the numbers of one row are all filled in below
            parts.append("\n\n".join(self._tables(language)))
        parts.append("\n".join([FIRST.say(language), *_aligned(self._first_row(language))]))
        if rows > 1:
            parts.append("\n".join([ALL.say(language), *_aligned(self._all_rows(language))]))
        return "\n\n".join(parts)

    def _tables(self, language: Language | None) -> Iterator[str]:
        """Yield a line for each row: forward to its loss, back to its inputs; side by side as far as they fit."""
        inputs = _few(len(self.w))
        columns: list[tuple[str, Array]] = [(f"x{j + 1}", self.x[:, j]) for j in inputs]
        columns += [("z", self.z), ("a", self.a), ("y", self.y), ("loss", self.row_losses)]
        columns += [("d_loss/d_a", self.d_a), ("d_a/d_z", self.slope), ("d_z", self.d_z)]
        columns += [(f"d_x{j + 1}", self.d_x[:, j]) for j in inputs]
        rows = _few(len(self.z))
        first, *cells = (
            [name, *texts[:-1], "…", texts[-1]] if len(rows) < len(self.z) else [name, *texts]
            for name, texts in [
                (ROW.say(language), [str(row + 1) for row in rows]),
                *((name, [plain(values[row]) for row in rows]) for name, values in columns),
            ]
        )
        while cells:
            wide = max(2, sum(total <= WIDTH for total in accumulate(2 + _width(each) for each in [first, *cells])))
            block, cells = [first, *cells[: wide - 1]], cells[wide - 1 :]
            yield aligned(list(zip(*block, strict=True)), left=0)

    def _first_row(self, language: Language | None) -> Iterator[Link]:
        """Yield each link of the first row, from its inputs and back to them."""
        rows, d_a, slope, d_z = len(self.z), self.d_a[0], self.slope[0], self.d_z[0]
        z, a, y = plain(self.z[0]), plain(self.a[0]), plain(self.y[0])
        f, loss = self.activation, self.loss_name
        of_row, share = ("", "") if rows == 1 else ("[1]", f" / {rows}")
        yield Link("z", _sum({"w": self.w, "x": self.x[0]}, {"b": self.b}), self.z[0])
        yield Link("a", [f"{f}(z)", *self.formulas.get("a", (f"{f}({z})",))], self.a[0])
        equation = self.formulas.get("loss", (f"{loss}({a}, {y})",))
        yield Link(f"loss{of_row}", [f"{loss}(a, y)", *equation], self.row_losses[0])
        yield Link("d_loss/d_a", self.formulas.get("d_a", (f"loss'(a, y){share}", f"loss'({a}, {y}){share}")), d_a)
        f_prime = f"{f.partition('(')[0]}'"
        yield Link("d_a/d_z", [f"{f_prime}(z)", *self.formulas.get("slope", (f"{f_prime}({z})",))], slope)
        yield Link("d_z", _equation(mul, {"d_loss/d_a": d_a, "d_a/d_z": slope}), d_z)
        if rows == 1:
            yield from self._all_rows(language)
        for j in _few(len(self.w)):
            yield Link(f"d_x{j + 1}", _equation(mul, {"d_z": d_z, f"w{j + 1}": self.w[j]}), self.d_x[0, j])

    def _all_rows(self, language: Language | None) -> Iterator[Link]:
        """Yield the same for the sums over the rows."""
        rows, d_z = len(self.z), {"d_z": self.d_z[0]}
        if rows > 1:
            numbers = _sum({"loss": self.row_losses}, rows=rows)[1:]
            yield Link("loss", [MEAN_LOSS.say(language), *numbers], self.loss)
        for j in _few(len(self.w)):
            equation = _equation(mul, d_z | {f"x{j + 1}": self.x[0, j]})
            if rows > 1:
                numbers = _sum({"d_z": self.d_z, "x": self.x[:, j]})[1:]
                equation = [SUM.say(language, what=f"d_z · x{j + 1}"), *numbers]
            yield Link(f"d_w{j + 1}", equation, self.d_w[j])
        equation = ["d_z"] if rows == 1 else [SUM.say(language, what="d_z"), *_sum({"d_z": self.d_z})[1:]]
        yield Link("d_b", equation, self.d_b)


# ------------------------------------------------------------------- printing

NEURON, LOSS = Text("one neuron: "), Text("loss = ")
MEAN = Text(", the mean over {rows} rows")
PREDICTS = Text("it predicts {response}(a)")
FIRST, ALL = Text("row 1, filled in"), Text("all rows, filled in")
ROW, MEAN_LOSS = Text("row"), Text("mean of the rows' losses")
SUM = Text("sum of {what}")

MANY, WIDTH, NARROW, LONGEST = 8, 78, 44, 500
"""The most rows, or inputs, that are printed in full, the widths of a table and of a telephone, and the length of the
longest sum."""


class Link(NamedTuple):
    """A name, the same in formulas and in numbers, and its value."""

    name: str
    equation: Sequence[str]
    value: float


def _few(count: int) -> Sequence[int]:
    """Which of so many to print."""
    return range(count) if count <= MANY else [*range(MANY - 3), count - 1]


def _equation(
    function: Callable[..., Any], inputs: Mapping[str, float], values: tuple[Any, ...] = (), most: int = MOST
) -> Sequence[str]:
    """Return a link as it is printed from its trace, in letters and with numbers; empty if it cannot be printed."""
    texts = [written(function, inputs, values, filled=filled, most=most) or "" for filled in (False, True)]
    return texts if all(texts) else ()


def _sum(
    columns: Mapping[str, Array], others: Mapping[str, float] = MappingProxyType({}), rows: int = 1
) -> Sequence[str]:
    """Return the sum of products along columns, and of other terms; in a mean divided by the number of rows."""
    products = np.prod([*columns.values()], axis=0)
    few = _few(len(products))
    inputs = {f"{name}{j + 1}": column[j] for name, column in columns.items() for j in few}
    left_out = len(few) < len(products)
    if left_out:
        inputs[LEFT_OUT] = products[few[-2] + 1 : -1].sum()

    def total(*numbers: Any) -> Any:
        terms = [reduce(mul, numbers[place : len(columns) * len(few) : len(few)]) for place in range(len(few))]
        if left_out:
            terms.insert(-1, numbers[len(columns) * len(few)])
        result = reduce(add, [*terms, *numbers[len(inputs) :]])
        return result if rows == 1 else result / rows

    return _equation(total, {**inputs, **others}, most=LONGEST)


def _width(column: Sequence[str]) -> int:
    """Return the width in columns of a terminal."""
    from rich.cells import cell_len

    return max(map(cell_len, column))


def _aligned(links: Iterable[Link]) -> Iterator[str]:
    """Name = formula, below it the same with numbers, and the value."""
    links = list(links)
    names = max(len(link.name) for link in links)
    for link in links:
        value = plain(link.value)
        lines = list(dict.fromkeys(link.equation))
        lines = [each for each in lines if each.strip("()") != value]
        if lines and 7 + names + len(lines[-1]) + len(value) <= NARROW:
            lines[-1] += f" = {value}"
        else:
            lines.append(value)
        name = link.name
        for each in lines:
            yield from wrap(each, WIDTH, initial_indent=f"  {name:<{names}} = ", subsequent_indent=" " * (names + 5))
            name = ""
