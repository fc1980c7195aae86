"""The chain rule of one neuron, with numbers: every link from the inputs to the loss and back, as a table to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from glassnet.layers.base import Array

__all__ = ["Chain"]


@dataclass(frozen=True, eq=False)
class Chain:
    """Every number of one neuron on some rows, from the inputs to the loss and back.

    ``d_`` in front of a name is the derivative of the loss with respect to it. Printed, it is a table of the rows,
    the chain rule filled in for the first of them, and the sums over all; f'(z) and loss'(a, y) are the derivatives of
    the activation by z and of the loss by a.

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
        What ``predict`` makes of a: "sigmoid" where the loss has it inside, else "identity".

    Examples
    --------
    >>> from glassnet import Neuron
    >>> neuron = Neuron(2, "sigmoid", "mse")
    >>> neuron.w, neuron.b = [0.5, -1.0], 1.5
    >>> chain = neuron.chain([[1.0, 2.0]], [1.0])
    >>> chain.z, chain.a, chain.d_a
    (array([0.]), array([0.5]), array([-1.]))
    >>> print(chain)
    one neuron: a = sigmoid(w · x + b), loss = mse(a, y)
    <BLANKLINE>
    row  x1  x2  z    a  y  loss  d_loss/d_a  d_a/d_z    d_z    d_x1  d_x2
      1   1   2  0  0.5  1  0.25          -1     0.25  -0.25  -0.125  0.25
    <BLANKLINE>
    row 1, filled in
      z           = w1 · x1 + w2 · x2 + b   = 0.5 · 1 + (-1) · 2 + 1.5  = 0
      a           = sigmoid(z)              = sigmoid(0)                = 0.5
      loss        = mse(a, y)               = mse(0.5, 1)               = 0.25
      d_loss/d_a  = loss'(a, y)             = loss'(0.5, 1)             = -1
      d_a/d_z     = sigmoid'(z)             = sigmoid'(0)               = 0.25
      d_z         = d_loss/d_a · d_a/d_z    = (-1) · 0.25               = -0.25
      d_w1        = d_z · x1                = (-0.25) · 1               = -0.25
      d_w2        = d_z · x2                = (-0.25) · 2               = -0.5
      d_b         = d_z                                                 = -0.25
      d_x1        = d_z · w1                = (-0.25) · 0.5             = -0.125
      d_x2        = d_z · w2                = (-0.25) · (-1)            = 0.25
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

    def __getitem__(self, name: str) -> Any:
        """A number by its name; "d_loss/d_a" and "d_a/d_z" too."""
        name = {"d_loss/d_a": "d_a", "d_a/d_z": "slope"}.get(name, name)
        known = [field.name for field in fields(self)]
        if name not in known:
            raise KeyError(f"The chain has no {name!r}; it has: {', '.join(known)}")
        return getattr(self, name)

    def __str__(self) -> str:
        rows = len(self.z)
        mean = "" if rows == 1 else f", the mean over {rows} rows"
        title = f"one neuron: a = {self.activation}(w · x + b), loss = {self.loss_name}(a, y){mean}"
        title += "" if self.response == "identity" else f"; it predicts {self.response}(a)"
        parts = [title, "\n".join(self._table()), "\n".join(["row 1, filled in", *_aligned(self._first_row())])]
        if rows > 1:
            parts.append("\n".join(["all rows, filled in", *_aligned(self._all_rows())]))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """In a notebook: the same, drawn on a floor above."""
        from glassnet.insight.display import chain_html

        return chain_html(self)

    def _table(self) -> Iterator[str]:
        """A line for each row: forward to its loss, back to its inputs."""
        inputs = _few(len(self.w))
        columns: list[tuple[str, Array]] = [(f"x{j + 1}", self.x[:, j]) for j in inputs]
        columns += [("z", self.z), ("a", self.a), ("y", self.y), ("loss", self.row_losses)]
        columns += [("d_loss/d_a", self.d_a), ("d_a/d_z", self.slope), ("d_z", self.d_z)]
        columns += [(f"d_x{j + 1}", self.d_x[:, j]) for j in inputs]
        rows = _few(len(self.z))
        cells = [["row", *(str(row + 1) for row in rows)]]
        cells += [[name, *(_text(values[row]) for row in rows)] for name, values in columns]
        if len(rows) < len(self.z):
            cells = [[*column[:-1], "…", column[-1]] for column in cells]
        widths = [max(map(len, column)) for column in cells]
        for line in zip(*cells, strict=True):
            yield "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))

    def _first_row(self) -> Iterator[tuple[str, str, str, float]]:
        """Name, formula, the same with numbers, value: each link of the first row, from its inputs and back to them."""
        rows, inputs = len(self.z), _few(len(self.w))
        x, z, a, y = self.x[0], self.z[0], self.a[0], self.y[0]
        f, loss = self.activation, self.loss_name
        products = [f"w{j + 1} · x{j + 1}" for j in inputs]
        yield "z", _sum([*products, "b"], len(self.w) + 1), _sum([*_products(self.w, x), _in(self.b)], len(x) + 1), z
        yield "a", f"{f}(z)", f"{f}({_text(z)})", a
        yield "row loss" if rows > 1 else "loss", f"{loss}(a, y)", f"{loss}({_text(a)}, {_text(y)})", self.row_losses[0]
        share, of_rows = ("", "") if rows == 1 else (f" / {rows}", " / rows")
        yield "d_loss/d_a", f"loss'(a, y){of_rows}", f"loss'({_text(a)}, {_text(y)}){share}", self.d_a[0]
        slope = f"{f.partition('(')[0]}'"
        yield "d_a/d_z", f"{slope}(z)", f"{slope}({_text(z)})", self.slope[0]
        yield "d_z", "d_loss/d_a · d_a/d_z", f"{_in(self.d_a[0])} · {_in(self.slope[0])}", self.d_z[0]
        if rows == 1:
            yield from self._all_rows()
        for j in inputs:
            yield f"d_x{j + 1}", f"d_z · w{j + 1}", f"{_in(self.d_z[0])} · {_in(self.w[j])}", self.d_x[0, j]

    def _all_rows(self) -> Iterator[tuple[str, str, str, float]]:
        """The same for what is summed over the rows."""
        rows = len(self.z)
        of = "" if rows == 1 else "sum of "
        if rows > 1:
            losses = _sum([_in(self.row_losses[row]) for row in _few(rows)], rows)
            yield "loss", "mean of the rows' losses", f"({losses}) / {rows}", self.loss
        for j in _few(len(self.w)):
            yield f"d_w{j + 1}", f"{of}d_z · x{j + 1}", _sum(_products(self.d_z, self.x[:, j]), rows), self.d_w[j]
        yield "d_b", f"{of}d_z", _sum([_in(self.d_z[row]) for row in _few(rows)], rows), self.d_b


# ------------------------------------------------------------------- printing

MANY = 8
"""Of more rows, or inputs, the first and the last are printed."""


def _few(count: int) -> Sequence[int]:
    """Which of so many to print."""
    return range(count) if count <= MANY else [*range(MANY - 3), count - 1]


def _text(number: float) -> str:
    return f"{number + 0.0:.4g}"  # + 0.0 turns -0.0 into 0.0


def _in(number: float) -> str:
    """A number as part of a formula."""
    return f"({_text(number)})" if _text(number).startswith("-") else _text(number)


def _products(first: Array, second: Array) -> list[str]:
    return [f"{_in(first[j])} · {_in(second[j])}" for j in _few(len(first))]


def _sum(terms: Sequence[str], count: int) -> str:
    """Terms with a plus between them; dots where some of the `count` were left out."""
    left_out = ["…"] if len(terms) < count else []
    return " + ".join([*terms[: MANY - 3], *left_out, *terms[MANY - 3 :]] if left_out else terms)


def _aligned(lines: Iterable[tuple[str, str, str, float]]) -> Iterator[str]:
    """Name = formula = numbers = value, each below the one above."""
    cells = [(name, formula, filled, _text(value)) for name, formula, filled, value in lines]
    names, formulas, numbers = (max(len(line[column]) for line in cells) for column in range(3))
    for name, formula, filled, value in cells:
        middle = f"= {filled:<{numbers}}" if filled and filled.strip("()") != value else " " * (numbers + 2)
        yield f"  {name:<{names}}  = {formula:<{formulas}}  {middle}  = {value}"
