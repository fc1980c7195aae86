"""The chain rule of one neuron, with numbers: every link from the inputs to the loss and back, as a table to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from glassnet.display.numbers import plain
from glassnet.display.result import Result
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.ir.equations import written
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
        What ``predict`` makes of a: "sigmoid" where the loss has it inside, else "identity".
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
        """A number by its name; "d_loss/d_a" and "d_a/d_z" too."""
        name = {"d_loss/d_a": "d_a", "d_a/d_z": "slope"}.get(name, name)
        known = [field.name for field in fields(self)]
        if name not in known:
            raise KeyError(f"The chain has no {name!r}; it has: {', '.join(known)}")
        return getattr(self, name)

    @cached_property
    def formulas(self) -> Mapping[str, tuple[str, ...]]:
        """Of "a", "loss", "d_a" and "slope" in the first row: in letters and with its numbers, if they can be said."""
        f, loss = self.functions
        z, a, y = ({name: float(getattr(self, name)[0])} for name in ("z", "a", "y"))
        links = {"a": (f.function, z, f.values), "slope": (f.derivative, z | a, f.values)}
        if loss.link == "identity":
            links |= {"loss": (loss.function, a | y, loss.values), "d_a": (loss.derivative, a | y, loss.values)}
        texts = {
            name: [written(*link, filled=filled) or "" for filled in (False, True)] for name, link in links.items()
        }
        return {name: tuple(found) for name, found in texts.items() if all(found)}

    def _blocks(self, language: Language) -> list[Block]:
        """The same as printed, each part as a block of text."""
        from glassnet.display.blocks import Code, Words

        title, *parts = self.in_words(language).split("\n\n")
        return [*map(Words, title.splitlines()), *(Code(part.partition("\n")[0], part) for part in parts)]

    def in_words(self, language: Language | None = None) -> str:
        """What is printed, in a language; None: the one that is set."""
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
        """A line for each row: forward to its loss, back to its inputs; side by side as much as a terminal is wide."""
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
        """Each link of the first row, from its inputs and back to them."""
        rows, inputs = len(self.z), _few(len(self.w))
        x, z, a, y = self.x[0], self.z[0], self.a[0], self.y[0]
        f, loss = self.activation, self.loss_name
        products = [f"w{j + 1} · x{j + 1}" for j in inputs]
        of_row, share = ("", "") if rows == 1 else ("[1]", f" / {rows}")
        yield Link("z", [_sum([*products, "b"], len(x) + 1), _sum([*_products(self.w, x), _in(self.b)], len(x) + 1)], z)
        yield Link("a", [f"{f}(z)", *self.formulas.get("a", (f"{f}({plain(z)})",))], a)
        told = self.formulas.get("loss", (f"{loss}({plain(a)}, {plain(y)})",))
        yield Link(f"loss{of_row}", [f"{loss}(a, y)", *told], self.row_losses[0])
        told = self.formulas.get("d_a", ("loss'(a, y)", f"loss'({plain(a)}, {plain(y)})"))
        told = tuple(f"({each}){share}" if share and " " in each else f"{each}{share}" for each in told)
        yield Link("d_loss/d_a", told, self.d_a[0])
        slope = f"{f.partition('(')[0]}'"
        told = self.formulas.get("slope", (f"{slope}({plain(z)})",))
        yield Link("d_a/d_z", [f"{slope}(z)", *told], self.slope[0])
        yield Link("d_z", ["d_loss/d_a · d_a/d_z", f"{_in(self.d_a[0])} · {_in(self.slope[0])}"], self.d_z[0])
        if rows == 1:
            yield from self._all_rows(language)
        for j in inputs:
            filled = f"{_in(self.d_z[0])} · {_in(self.w[j])}"
            yield Link(f"d_x{j + 1}", [f"d_z · w{j + 1}", filled], self.d_x[0, j])

    def _all_rows(self, language: Language | None) -> Iterator[Link]:
        """The same for what is summed over the rows."""
        rows = len(self.z)
        of = Text("{what}") if rows == 1 else SUM
        if rows > 1:
            losses = _sum([_in(self.row_losses[row]) for row in _few(rows)], rows)
            yield Link("loss", [MEAN_LOSS.say(language), f"({losses}) / {rows}"], self.loss)
        for j in _few(len(self.w)):
            products = _sum(_products(self.d_z, self.x[:, j]), rows)
            yield Link(f"d_w{j + 1}", [of.say(language, what=f"d_z · x{j + 1}"), products], self.d_w[j])
        numbers = _sum([_in(self.d_z[row]) for row in _few(rows)], rows)
        yield Link("d_b", [of.say(language, what="d_z"), numbers], self.d_b)


# ------------------------------------------------------------------- printing

NEURON, LOSS = Text("one neuron: "), Text("loss = ")
MEAN = Text(", the mean over {rows} rows")
PREDICTS = Text("it predicts {response}(a)")
FIRST, ALL = Text("row 1, filled in"), Text("all rows, filled in")
ROW, MEAN_LOSS = Text("row"), Text("mean of the rows' losses")
SUM = Text("sum of {what}")

MANY, WIDTH, NARROW = 8, 78, 44
"""Of more rows, or inputs, the first and the last are printed; how wide a table may be, and what a telephone shows."""


class Link(NamedTuple):
    """A name, the same in formulas and in numbers, and its value."""

    name: str
    told: Sequence[str]
    value: float


def _few(count: int) -> Sequence[int]:
    """Which of so many to print."""
    return range(count) if count <= MANY else [*range(MANY - 3), count - 1]


def _in(number: float) -> str:
    """A number as part of a formula."""
    return f"({plain(number)})" if plain(number).startswith("-") else plain(number)


def _products(first: Array, second: Array) -> list[str]:
    return [f"{_in(first[j])} · {_in(second[j])}" for j in _few(len(first))]


def _sum(terms: Sequence[str], count: int) -> str:
    """Terms with a plus between them; dots where some of the `count` were left out."""
    left_out = ["…"] if len(terms) < count else []
    return " + ".join([*terms[: MANY - 3], *left_out, *terms[MANY - 3 :]] if left_out else terms)


def _width(column: Sequence[str]) -> int:
    """How many places of a terminal it takes."""
    from rich.cells import cell_len

    return max(map(cell_len, column))


def _aligned(links: Iterable[Link]) -> Iterator[str]:
    """Name = formula, below it the same with numbers, and the value."""
    links = list(links)
    names = max(len(link.name) for link in links)
    for link in links:
        value = plain(link.value)
        told = [each for place, each in enumerate(link.told) if each not in link.told[:place]]
        told = [each for each in told if each.strip("()") != value]
        if told and 7 + names + len(told[-1]) + len(value) <= NARROW:
            told[-1] += f" = {value}"
        else:
            told.append(value)
        name = link.name
        for each in told:
            yield from wrap(each, WIDTH, initial_indent=f"  {name:<{names}} = ", subsequent_indent=" " * (names + 5))
            name = ""
