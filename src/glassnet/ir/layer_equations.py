"""The equations of a layer as people write them, and the first number of each, from the layer's captured graph.

What a layer records, learns and gives back has a name there; everything between two names is written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.ir.dims import SymbolicDim
from glassnet.ir.equations import TRUTHS, spelled
from glassnet.ir.first_number import FEW, Element
from glassnet.ir.printing import ATOM, NEGATIVE, ORDER, POWER, PRODUCT, SUM, Expression
from glassnet.ir.symbolic_array import UntraceableError
from glassnet.ir.tensor import Node, record
from glassnet.ir.trace import BATCH, INPUTS, structure, trace
from glassnet.language import LANGUAGES, Language, Text, catalogue
from glassnet.layers.base import Array, Layer, Pass, Record, Values
from glassnet.layers.residual import Residual

TEXTS: Final = catalogue(Path(__file__).with_suffix(".toml"))
GREEK: Final = {"epsilon": "ε"}
SIGNS: Final = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=", "not_equal": "≠"}
SMALL: Final = {"2": "²", "3": "³"}
REDUCTIONS: Final = frozenset({"sum", "mean", "max", "min"})
SAME: Final = frozenset({"reshape", "with_axes", "cast"})
"""The same numbers, seen otherwise."""
MEMBERS: Final = SymbolicDim("members")
MOST: Final = 400
"""A longer text is none that anybody reads."""


class Words(NamedTuple):
    """What is said of an array that no graph tells of."""

    told: Text

    @property
    def reads(self) -> frozenset[str]:
        return frozenset()

    def first(self, arrays: Mapping[str, Array]) -> str:
        return ""


class Equation:
    """How one array of a step comes about, in the names of the layer's other arrays."""

    def __init__(self, graph: _Graph, name: str, node: Node) -> None:
        self.graph, self.name, self.node = graph, name, node

    @cached_property
    def told(self) -> Text:
        """The equation, in letters."""
        return Text(*(_Writer(self.graph, self.name, self.node, language).text() for language in LANGUAGES))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names in it."""
        return self.graph.reads(self.name, self.node)

    def first(self, arrays: Mapping[str, Array]) -> str:
        """The first number with numbers filled in, given all arrays; empty of one too long to read."""
        return Element(self.graph, self.name, self.node).first(arrays)

    def slope(self, arrays: Mapping[str, Array]) -> Array:
        """All numbers of the slope of an activation, given the arrays that it is of."""
        return Element(self.graph, self.name, self.node).slope(arrays)


class Equations(dict[str, Equation | Words]):
    """By the names of the arrays; what no graph says has no equation but a word."""

    def __missing__(self, name: str) -> Words:
        return Words(TEXTS["say.rule" if name.startswith("d_") else "say.code"])


def equations(layer: Layer, inputs: int) -> Equations:
    """Of all that a layer records in a training step, in that order; then "d_" of what it learns, and "d_x".

    The slope of its activation is among them, as "f'(z)".

    Examples
    --------
    >>> from glassnet import Dense
    >>> {name: one.told.en for name, one in equations(Dense(3, "tanh"), 2).items()}
    {'z': 'x W + b', 'a': 'tanh(z)', "f'(z)": "tanh'(z)", 'd_z': "d_a · f'(z)", 'd_W': 'xᵀ d_z', \
'd_b': 'sum of d_z over the rows', 'd_x': 'd_z Wᵀ'}
    """
    try:
        return Equations(_Graph(layer, inputs).equations)
    except UntraceableError:
        head = f"{type(layer).__name__}."
        told = {name.removeprefix(head): Words(text) for name, text in TEXTS.items() if name.startswith(head)}
        return Equations(told)


class _Chain(Layer):
    """The inside of a residual block, whose layers have equations of their own."""

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        inside: Any = record("chain", (x,), x.shape, x.dtype)
        return inside, {}

    def backward(self, values: Values, record_: Record, d_y: Array, gradients: Values) -> Array:
        d_x: Any = record("chain_back", (d_y,), d_y.shape, d_y.dtype)
        return d_x


class _Graph:
    """What a layer computes in a training step, and what its arrays are called.

    Two nodes are one if they have the same numbers, whatever their shapes: a mean that is taken twice has one name.
    """

    def __init__(self, layer: Layer, inputs: int) -> None:
        self.layer = layer
        if isinstance(layer, Residual):
            graph = trace((replace(layer, layers=(_Chain(),)), SymbolicDim(INPUTS)), "float64", True, Pass(True))
            self.numbers, self.sizes = list[float](), {INPUTS: inputs}
        else:
            found = structure(layer, inputs)
            graph = trace(found.text, "float64", True)
            self.numbers, self.sizes = (
                found.numbers,
                {INPUTS: inputs, **dict(zip(graph.counts, found.counts, strict=True))},
            )
        self.ids: dict[Any, int] = {}
        self.known: dict[Node, int] = {}
        self.names: dict[int, str] = {}
        forward = {name: node for name, node in graph.record.items() if name[0] != "_" and not name.startswith("d_")}
        backward = {name: node for name, node in graph.record.items() if name.startswith("d_")}
        self.d_y: Any = graph.d_y
        given: dict[str, Any] = {"x": graph.x, "d_a": graph.d_y} | graph.parameters | graph.statistics
        for name, node in (given | forward).items():
            self.names.setdefault(self.key(node), name)
        slopes = {
            f"f'({self.names.get(self.key(node.inputs[0]), 'z')})": node
            for node in graph.backward
            if node.op == "call" and node.attributes["derivative"] and node.attributes["elementwise"]
        }
        learned = {f"d_{name}": node for name, node in graph.gradients.items()}
        for name, node in (slopes | backward | learned).items():
            self.names.setdefault(self.key(node), name)
        del forward["x"]
        defined: dict[str, Any] = forward | slopes | backward | learned | {"d_x": graph.d_x}
        self.equations = {name: Equation(self, name, node) for name, node in defined.items()}

    def key(self, value: Any) -> Any:
        """Of two nodes that have the same numbers it is the same."""
        if not isinstance(value, Node):
            return id(value) if isinstance(value, np.ndarray) else value
        if value not in self.known:
            if value.op in SAME:
                found = self.key(value.inputs[0])
            elif value.op == "slice" and (part := self.part(value)) is not None:
                found = self.key(part)
            else:
                about = {name: str(one) for name, one in value.attributes.items() if name != "keepdims"}
                shallow = (
                    value.op,
                    *map(self.key, value.inputs),
                    *sorted(about.items()),
                    *([] if value.inputs else [value]),
                )
                found = self.ids.setdefault(shallow, len(self.ids))
            self.known[value] = found
        return self.known[value]

    def part(self, node: Node) -> Any:
        """Of a piece of what was put together: that piece, if it is one; the whole of an axis is itself."""
        (source,), axis = node.inputs, node.attributes["axis"]
        first, last = node.attributes["first"], node.attributes["last"]
        if first == 0 and last == source.shape[axis]:
            return source
        while source.op == "reshape":
            source = source.inputs[0]
        if source.op != "concatenate" or source.attributes["axis"] != axis:
            return None
        start: Any = 0
        for one in source.inputs:
            if (start, start + one.shape[axis]) == (first, last):
                return one
            start = start + one.shape[axis]
        return None

    def named(self, value: Any, besides: str) -> str | None:
        """What an array is called, but for the one that is being said."""
        name = self.names.get(self.key(value)) if isinstance(value, Node) else None
        return None if name == besides else name

    def constant(self, value: Any) -> Any:
        """What depends on nothing but the layer's own counts; None of all else."""
        if not isinstance(value, Node):
            return value
        if value.op == "counts":
            return np.array(self.numbers[value.attributes["place"] :])
        if value.op not in ("add", "subtract", "cumsum", "multiply"):
            return None
        inputs = list(map(self.constant, value.inputs))
        return None if any(one is None for one in inputs) or value.attributes else getattr(np, value.op)(*inputs)

    def within(self, name: str, node: Any) -> Iterator[Node]:
        """All of an equation, down to the names that it reads."""
        if isinstance(node, Node):
            yield node
            if self.named(node, name) is None:
                for one in node.inputs:
                    yield from self.within(name, one)

    def reads(self, name: str, node: Any) -> frozenset[str]:
        """The names in an equation."""
        found = (self.named(one, name) for one in self.within(name, node))
        return frozenset(one for one in found if one is not None)

    def size(self, value: Any) -> Any:
        """A dimension as a number, where it is known before the rows are."""
        is_open = isinstance(value, SymbolicDim) and value.names - self.sizes.keys()
        return value if is_open or not isinstance(value, SymbolicDim) else value.at(self.sizes)


class _Writer:
    """One equation in one language."""

    def __init__(self, graph: _Graph, name: str, node: Node, language: Language) -> None:
        self.graph, self.name, self.node, self.language = graph, name, node, language
        self.inside: dict[tuple[str, str], None] = {}
        parts = list(graph.within(name, node))
        ops = {one.op for one in parts if one.op == "parameter" or graph.named(one, name) is None}
        is_part = MEMBERS in node.shape and node.op in SAME and graph.named(node, name) is not None
        self.numbered = is_part or (
            bool(ops & {"matmul", "einsum", "parameter"}) and any(MEMBERS in one.shape for one in parts)
        )
        self.by_columns = "einsum" in ops and not self.numbered

    def say(self, key: str, **values: Any) -> str:
        return TEXTS[key].say(self.language, **values)

    def text(self) -> str:
        node = self.node
        while node.op in SAME and self.graph.named(node, self.name) is None:
            node = node.inputs[0]
        text = self.whole(node)
        if len(text) > MOST:
            return self.say("say.rule")
        for name, axes in self.inside:
            text = self.say("over.inside", what=text, name=name, axes=axes)
        if self.numbered and MEMBERS in node.shape:
            return self.say("each.members", what=text)
        return self.say("each.columns", what=text) if self.by_columns else text

    def whole(self, node: Node) -> str:
        """What may be said in words, for nothing is around it."""
        if self.graph.named(node, self.name) is None:
            about = node.attributes
            if node.op in REDUCTIONS:
                return self.say(f"over.{node.op}", what=self.said(node.inputs[0]), axes=self.axes(node))
            if node.op == "concatenate":
                parts = [one for one in node.inputs if self.graph.size(one.shape[about["axis"]]) != 0]
                text = self.whole(parts[0])
                for one in parts[1:]:
                    text = self.say("say.then", first=text, second=self.said(one))
                return text
            if node.op == "tile":
                return self.say("say.member", what=self.said(node.inputs[0]))
            if node.op == "call" and not about["elementwise"] and about["derivative"]:
                return self.say("say.jacobian", d_a=self.said(node.inputs[2]))
            if node.op == "dropout_mask":
                return self.say("say.mask", rate=self.said(node.inputs[1]))
            if node.op == "scatter_add":
                places, values = map(self.said, node.inputs[1:])
                return self.say("say.looked_up", name=self.name.removeprefix("d_"), values=values, places=places)
            if node.op == "einsum" and (found := self.contracted_members(node)):
                return found
        return self.said(node)

    def contracted_members(self, node: Node) -> str:
        letters, _, out = node.attributes["subscripts"].partition("->")
        of = dict(zip(letters.split(",")[0], node.inputs[0].shape, strict=True))
        if any(size == MEMBERS and letter not in out for letter, size in of.items()):
            return self.say("over.sum", what=self.product(node), axes=self.say("axes.members"))
        return ""

    def axes(self, node: Node) -> str:
        """What a reduction goes over."""
        shape = node.inputs[0].shape
        return ", ".join(self.say(f"axes.{self.axis(shape[one])}") for one in node.attributes["axes"])

    def axis(self, size: Any) -> str:
        names = {"members": "members", "frequencies": "frequencies", "bins": "bins", "size": "size", BATCH: "rows"}
        return next((names[one] for one in names if size == SymbolicDim(one)), "columns")

    def said(self, value: Any) -> Expression:
        if not isinstance(value, Node):
            return _number(value)
        if (known := self.graph.constant(value)) is not None:
            return _number(known)
        if (name := self.graph.named(value, self.name)) is not None:
            return Expression(f"{name}ᵢ" if self.numbered and MEMBERS in value.shape and "'" not in name else name)
        say: Any = getattr(self, f"_{value.op}", None)
        return say(value) if say else self.elementwise(value)

    def elementwise(self, node: Node) -> Expression:
        if node.op in SAME:
            return self.said(node.inputs[0])
        parts = list(map(self.said, node.inputs))
        if not parts:
            return Expression(node.op)
        if node.op in TRUTHS:
            return Expression(f"{parts[0].within(SUM)} {SIGNS[node.op]} {parts[1].within(SUM)}", ORDER)
        if node.op in ("sqrt", "cos_turn", "sin_turn"):
            head = {"sqrt": "√{}", "cos_turn": "cos(2π {})", "sin_turn": "sin(2π {})"}[node.op]
            return Expression(head.format(parts[0].within(POWER)))
        return spelled(node.op, parts)

    def _number(self, node: Node) -> Expression:
        name = node.attributes.get("name", "")
        return Expression(GREEK[name]) if name in GREEK else _number(self.graph.numbers[node.attributes["place"]])

    def _parameter(self, node: Node) -> Expression:
        raise UntraceableError("a parameter without a name")

    _statistic = _input = _gradient = _parameter

    def _constant(self, node: Node) -> Expression:
        return _number(node.attributes["value"])

    def _add(self, node: Node) -> Expression:
        first, second = node.inputs
        return self.said(first) if _is(second, 0) else spelled(node.op, [self.said(first), self.said(second)])

    _subtract = _add

    def _multiply(self, node: Node) -> Expression:
        first, second = node.inputs
        if node.attributes:  # of a condition: how formulas turn it into 0 or 1
            return Expression(f"[{self.said(first)}]")
        if _is(second, 1):
            return self.said(first)
        if self.graph.key(first) == self.graph.key(second):
            return Expression(f"{self.said(first).within(ATOM)}²", POWER)
        if (divisor := _divisor(node)) is not None:
            return spelled("divide", [self.said(first), self.said(divisor)])
        return spelled("multiply", [self.said(first), self.said(second)])

    def _power(self, node: Node) -> Expression:
        base, exponent = map(self.said, node.inputs)
        if _is(node.inputs[1], 0.5):
            return Expression(f"√{base.within(POWER)}")
        if exponent in SMALL:
            return Expression(f"{base.within(ATOM)}{SMALL[exponent]}", POWER)
        return spelled("power", [base, exponent])

    def _where(self, node: Node) -> Expression:
        test, yes, no = map(self.said, node.inputs)
        return Expression(f"({self.say('say.where', test=test, yes=yes, no=no)})")

    def _bitwise_and(self, node: Node) -> Expression:
        first, second = map(self.said, node.inputs)
        return Expression(self.say("say.and", first=first, second=second), ORDER)

    def _full_like(self, node: Node) -> Expression:
        return _number(node.inputs[1])

    def _zeros_like(self, node: Node) -> Expression:
        return _number(0)

    def _transpose(self, node: Node) -> Expression:
        return Expression(f"{self.said(node.inputs[0]).within(POWER)}ᵀ", POWER)

    def _matmul(self, node: Node) -> Expression:
        return self.beside(*node.inputs)

    def _einsum(self, node: Node) -> Expression:
        return self.product(node)

    def product(self, node: Node) -> Expression:
        """A sum of products of two arrays as a product of matrices, but for the axes that both and the result have."""
        names, _, out = node.attributes["subscripts"].partition("->")
        first, second = names.split(",")
        sizes = dict(zip(first, node.inputs[0].shape, strict=True))
        apart = {one for one in first if one in second and (one in out or sizes[one] == MEMBERS)}
        a, b = ("".join(one for one in letters if one not in apart) for letters in (first, second))
        if len(a) != 2 or len(b) != 2 or len(set(a) & set(b)) != 1:
            return spelled("einsum", list(map(self.said, node.inputs)))
        (common,) = set(a) & set(b)
        x, y = node.inputs
        return self.beside(x, y, a[1] != common, b[0] != common)

    def beside(self, x: Any, y: Any, /, turn_x: bool = False, turn_y: bool = False) -> Expression:
        """A product of matrices; what either is divided by as a whole stands behind it."""
        divisor = next((found for one in (x, y) if (found := self.divisor(one)) is not None), None)
        sides = [
            self.said(one.inputs[0] if divisor is not None and self.divisor(one) is divisor else one) for one in (x, y)
        ]
        turned = [f"{one.within(POWER)}{'ᵀ' * turn}" for one, turn in zip(sides, (turn_x, turn_y), strict=True)]
        product = Expression(" ".join(turned), PRODUCT)
        return product if divisor is None else spelled("divide", [product, self.said(divisor)])

    def divisor(self, node: Any) -> Any:
        """The number that a whole array is divided by, if it has no name yet."""
        is_open = isinstance(node, Node) and node.op == "multiply" and self.graph.named(node, self.name) is None
        return _divisor(node) if is_open else None

    def _reduced(self, node: Node) -> Expression:
        self.inside.setdefault((node.op, self.axes(node)))
        return Expression(f"{node.op}({self.said(node.inputs[0])})")

    _sum = _mean = _max = _min = _reduced

    def _slice(self, node: Node) -> Expression:
        if (part := self.graph.part(node)) is not None:
            return self.said(part)
        axis, first, last = (node.attributes[one] for one in ("axis", "first", "last"))
        source = node.inputs[0]
        end = "" if last == source.shape[axis] else self.graph.size(last)
        return Expression(f"{self.said(source).within(ATOM)}[{':, ' * axis}{self.graph.size(first) or ''}:{end}]")

    def _concatenate(self, node: Node) -> Expression:
        parts = [one for one in node.inputs if self.graph.size(one.shape[node.attributes["axis"]]) != 0]
        return Expression(f"({', '.join(map(self.said, parts))})" if len(parts) > 1 else self.said(parts[0]))

    def _gather(self, node: Node) -> Expression:
        source, places = map(self.said, node.inputs)
        return Expression(f"{source.within(ATOM)}[{places}]")

    def _call(self, node: Node) -> Expression:
        f = getattr(self.graph.layer, "f", "f")
        name = f"{f.name}'" if node.attributes["derivative"] else str(f)  # type: ignore[union-attr]
        return Expression(f"{name}({self.said(node.inputs[0])})")

    def _chain(self, node: Node) -> Expression:
        return Expression(self.say("say.chain", x=self.said(node.inputs[0])))

    def _chain_back(self, node: Node) -> Expression:
        return Expression(self.say("say.chain_back"))


def _divisor(product: Node) -> Any:
    """Of a product with 1 / n this n."""
    second = product.inputs[1]
    is_share = isinstance(second, Node) and second.op == "divide" and second.shape == () and _is(second.inputs[0], 1)
    return second.inputs[1] if is_share else None


def _is(value: Any, number: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == number


def _number(value: Any) -> Expression:
    """A number of a formula, or a count by its name; multiples of π as such."""
    if isinstance(value, SymbolicDim):
        return Expression(str(value), ATOM if str(value).isidentifier() else SUM)
    if np.ndim(value):
        return Expression(
            np.array2string(np.asarray(value), threshold=FEW, formatter={"all": lambda one: f"{one:g}"}, separator=", ")
        )
    turns = float(value) / np.pi
    text = f"{turns:g}π" if turns and turns.is_integer() else f"{float(value) + 0.0:.4g}"
    return Expression(text, NEGATIVE if text.startswith("-") else ATOM)
