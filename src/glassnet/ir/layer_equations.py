"""The equations of a layer for people, and the first number of each, printed from the layer's graph.

A layer's records, parameters and gradients have names there; everything between two names is written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.ir.dims import SymbolicDim
from glassnet.ir.equations import TRUTHS, spelled
from glassnet.ir.first_number import FEW, Element
from glassnet.ir.layer_names import SAME, NamedGraph
from glassnet.ir.layer_trace import BATCH
from glassnet.ir.printing import ATOM, NEGATIVE, ORDER, POWER, PRODUCT, SUM, Expression
from glassnet.ir.symbolic_array import UntraceableError
from glassnet.ir.tensor import TraceNode
from glassnet.layers.base import Array, Layer
from glassnet.support.language import LANGUAGES, Composed, Language, Text

TEXTS: Final = {
    "over.sum": Text("sum of {what} over the {axes}"),
    "over.mean": Text("mean of {what} over the {axes}"),
    "over.max": Text("largest {what} of the {axes}"),
    "over.min": Text("smallest {what} of the {axes}"),
    "over.inside": Text("{what}, each {name} over the {axes}"),
    "axes.rows": Text("rows", context="layer_equations"),
    "axes.columns": Text("columns"),
    "axes.members": Text("members"),
    "axes.frequencies": Text("waves"),
    "axes.bins": Text("bins"),
    "axes.size": Text("numbers of a column"),
    "each.members": Text("{what}, for each member i"),
    "each.columns": Text("{what}, for each column"),
    "say.member": Text("{what} for each member"),
    "say.then": Text("{first}, then {second}"),
    "say.where": Text("{yes} where {test}, otherwise {no}"),
    "say.comma": Text(", "),
    "say.and": Text("{first} and {second}"),
    "say.mask": Text("0 with probability {rate}, otherwise 1 / (1 - {rate})"),
    "say.jacobian": Text("Jacobian of f, times {d_a}"),
    "say.looked_up": Text("for each row of {name} the sum of {values} over the {places} that name it"),
    "say.chain": Text("chain({x})"),
    "say.chain_back": Text("d_x of the chain"),
    "say.code": Text("by the layer's own code"),
    "say.rule": Text("by the chain rule"),
    "say.over_ngrams": Text("sum of value · {weights}[id] over the n-grams of the row"),
    "say.over_texts": Text("for each n-gram the sum of value · {d_a} over the rows that have it"),
}
GREEK: Final = {"epsilon": "ε"}
SIGNS: Final = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=", "not_equal": "≠"}
SMALL: Final = {"2": "²", "3": "³"}
REDUCTIONS: Final = frozenset({"sum", "mean", "max", "min"})
MEMBERS: Final = SymbolicDim("members")
MOST: Final = 400
"""The longest text that is printed."""


class VerbalEquation(NamedTuple):
    """Words for an array without a graph."""

    told: Text

    @property
    def reads(self) -> frozenset[str]:
        return frozenset()

    def first(self, arrays: Mapping[str, Array]) -> str:
        return ""


class Equation:
    """The equation of one array of a step, in the names of the layer's other arrays."""

    def __init__(self, graph: NamedGraph, name: str, node: TraceNode) -> None:
        self.graph, self.name, self.node = graph, name, node

    @cached_property
    def told(self) -> Text:
        """The equation with letters."""
        try:
            return self._told()
        except Exception:  # a user's layer may use operations without an equation
            return unsaid(self.name)

    def _told(self) -> Text:
        return Composed({each: _EquationWriter(self.graph, self.name, self.node, each).text() for each in LANGUAGES})

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names in it."""
        return self.graph.reads(self.name, self.node)

    def first(self, arrays: Mapping[str, Array]) -> str:
        """Return the equation of the first number, given all arrays; empty if it is too long."""
        return Element(self.graph, self.name, self.node).first(arrays)

    def slope(self, arrays: Mapping[str, Array]) -> Array:
        """Return all elements of an activation's derivative, given its arguments."""
        return Element(self.graph, self.name, self.node).slope(arrays)


class Equations(dict[str, Equation | VerbalEquation]):
    """Equations by the names of arrays; words where there is no graph."""

    def __missing__(self, name: str) -> VerbalEquation:
        return VerbalEquation(unsaid(name))


def unsaid(name: str) -> Text:
    """Return words instead of an equation that cannot be printed."""
    return TEXTS["say.rule" if name.startswith("d_") else "say.code"]


def equations(layer: Layer, inputs: int) -> Equations:
    """Return the equations of a layer's records in a training step, in order; then of "d_" of parameters, and "d_x".

    The slope of its activation is among them, as "f'(z)".

    Examples
    --------
    >>> from glassnet import Dense
    >>> {name: str(one.told) for name, one in equations(Dense(3, "tanh"), 2).items()}
    {'z': 'x W + b', 'a': 'tanh(z)', "f'(z)": "tanh'(z)", 'd_z': "d_a · f'(z)", 'd_W': 'xᵀ d_z', \
'd_b': 'sum of d_z over the rows', 'd_x': 'd_z Wᵀ'}
    """
    try:
        graph = NamedGraph(layer, inputs)
        return Equations((name, Equation(graph, name, node)) for name, node in graph.defined.items())
    except Exception:  # a user's layer may use symbols in ways that cannot be traced
        return Equations()


class _EquationWriter:
    """One equation in one language."""

    def __init__(self, graph: NamedGraph, name: str, node: TraceNode, language: Language) -> None:
        self.graph, self.name, self.node, self.language = graph, name, node, language
        self.inside: dict[tuple[str, str], None] = {}
        parts = list(graph.within(name, node))
        ops = {one.op for one in parts if one.op == "parameter" or graph.named(one, name) is None}
        is_part = MEMBERS in node.shape and node.op in SAME and graph.named(node, name) is not None
        self.numbered = is_part or (
            bool(ops & {"matmul", "einsum", "parameter"}) and any(MEMBERS in one.shape for one in parts)
        )
        self.by_columns = "einsum" in ops and len(node.shape) == 3 and not self.numbered

    def say(self, key: str, **values: Any) -> str:
        return TEXTS[key].say(self.language, **values)

    def text(self) -> str:
        node = self.node
        while node.op in SAME and self.graph.named(node, self.name) is None:
            node = node.inputs[0]
        text = self.whole(node)
        if len(text) > MOST:
            return unsaid(self.name).say(self.language)
        for name, axes in self.inside:
            text = self.say("over.inside", what=text, name=name, axes=axes)
        if self.numbered and MEMBERS in node.shape:
            return self.say("each.members", what=text)
        return self.say("each.columns", what=text) if self.by_columns else text

    def whole(self, node: TraceNode) -> str:
        """Return a phrase for an expression that stands alone."""
        if self.graph.named(node, self.name) is None:
            about = node.attributes
            if node.op in REDUCTIONS:
                return self.say(f"over.{node.op}", what=self.write(node.inputs[0]), axes=self.axes(node))
            if node.op == "concatenate":
                parts = [one for one in node.inputs if self.graph.size(one.shape[about["axis"]]) != 0]
                text = self.whole(parts[0])
                for one in parts[1:]:
                    text = self.say("say.then", first=text, second=self.write(one))
                return text
            if node.op == "where":
                return self.write(node)[1:-1]
            if node.op == "tile":
                return self.say("say.member", what=self.write(node.inputs[0]))
            if node.op == "call" and not about["elementwise"] and about["derivative"]:
                return self.say("say.jacobian", d_a=self.write(node.inputs[2]))
            if node.op == "dropout_mask":
                return self.say("say.mask", rate=self.write(node.inputs[1]))
            if node.op == "scatter_add":
                places, values = map(self.write, node.inputs[1:])
                return self.say("say.looked_up", name=self.name.removeprefix("d_"), values=values, places=places)
            if node.op == "matmul" and node.inputs[0].op == "ngrams":
                return self.say("say.over_ngrams", weights=self.write(node.inputs[1]))
            if node.op == "matmul" and node.inputs[0].op == "transpose" and node.inputs[0].inputs[0].op == "ngrams":
                return self.say("say.over_texts", d_a=self.write(node.inputs[1]))
            if node.op == "einsum" and (found := self.contracted_members(node)):
                return found
        return self.write(node)

    def contracted_members(self, node: TraceNode) -> str:
        letters, _, out = node.attributes["subscripts"].partition("->")
        of = dict(zip(letters.split(",")[0], node.inputs[0].shape, strict=True))
        if any(size == MEMBERS and letter not in out for letter, size in of.items()):
            return self.say("over.sum", what=self.product(node), axes=self.say("axes.members"))
        return ""

    def axes(self, node: TraceNode) -> str:
        """Return the axes of a reduction, in words."""
        shape = node.inputs[0].shape
        return self.say("say.comma").join(self.say(f"axes.{self.axis(shape[one])}") for one in node.attributes["axes"])

    def axis(self, size: Any) -> str:
        names = {"members": "members", "frequencies": "frequencies", "bins": "bins", "size": "size", BATCH: "rows"}
        return next((names[one] for one in names if size == SymbolicDim(one)), "columns")

    def write(self, value: Any) -> Expression:
        if not isinstance(value, TraceNode):
            return _number(value)
        if (known := self.graph.constant(value)) is not None:
            return _number(known)
        if (name := self.graph.named(value, self.name)) is not None:
            return Expression(f"{name}ᵢ" if self.numbered and MEMBERS in value.shape and "'" not in name else name)
        say: Any = getattr(self, f"_{value.op}", None)
        return say(value) if say else self.elementwise(value)

    def elementwise(self, node: TraceNode) -> Expression:
        if node.op in SAME:
            return self.write(node.inputs[0])
        parts = list(map(self.write, node.inputs))
        if not parts:
            return Expression(node.op)
        if node.op in TRUTHS:
            return Expression(f"{parts[0].within(SUM)} {SIGNS[node.op]} {parts[1].within(SUM)}", ORDER)
        if node.op in ("sqrt", "cos_turn", "sin_turn"):
            head = {"sqrt": "√{}", "cos_turn": "cos(2π {})", "sin_turn": "sin(2π {})"}[node.op]
            return Expression(head.format(parts[0].within(POWER)))
        return spelled(node.op, parts)

    def _number(self, node: TraceNode) -> Expression:
        name = node.attributes.get("name", "")
        return Expression(GREEK[name]) if name in GREEK else _number(self.graph.numbers[node.attributes["place"]])

    def _parameter(self, node: TraceNode) -> Expression:
        raise UntraceableError("a parameter without a name")

    _statistic = _input = _gradient = _parameter

    def _constant(self, node: TraceNode) -> Expression:
        return _number(node.attributes["value"])

    def _add(self, node: TraceNode) -> Expression:
        first, second = node.inputs
        return self.write(first) if _is(second, 0) else spelled(node.op, [self.write(first), self.write(second)])

    _subtract = _add

    def _multiply(self, node: TraceNode) -> Expression:
        first, second = node.inputs
        if node.attributes:  # of a condition: how formulas turn it into 0 or 1
            return Expression(f"[{self.write(first)}]")
        if _is(second, 1):
            return self.write(first)
        if self.graph.key(first) == self.graph.key(second):
            return Expression(f"{self.write(first).within(ATOM)}²", POWER)
        if (divisor := _divisor(node)) is not None:
            return spelled("divide", [self.write(first), self.write(divisor)])
        return spelled("multiply", [self.write(first), self.write(second)])

    def _power(self, node: TraceNode) -> Expression:
        base, exponent = map(self.write, node.inputs)
        if _is(node.inputs[1], 0.5):
            return Expression(f"√{base.within(POWER)}")
        if exponent in SMALL:
            return Expression(f"{base.within(ATOM)}{SMALL[exponent]}", POWER)
        return spelled("power", [base, exponent])

    def _where(self, node: TraceNode) -> Expression:
        test, yes, no = map(self.write, node.inputs)
        return Expression(f"({self.say('say.where', test=test, yes=yes, no=no)})")

    def _bitwise_and(self, node: TraceNode) -> Expression:
        first, second = map(self.write, node.inputs)
        return Expression(self.say("say.and", first=first, second=second), ORDER)

    def _full_like(self, node: TraceNode) -> Expression:
        return _number(node.inputs[1])

    def _zeros_like(self, node: TraceNode) -> Expression:
        return _number(0)

    def _transpose(self, node: TraceNode) -> Expression:
        if list(node.attributes["axes"]) == sorted(node.attributes["axes"]):
            return self.write(node.inputs[0])
        return Expression(f"{self.write(node.inputs[0]).within(POWER)}ᵀ", POWER)

    def _matmul(self, node: TraceNode) -> Expression:
        return self.beside(*node.inputs)

    def _einsum(self, node: TraceNode) -> Expression:
        return self.product(node)

    def product(self, node: TraceNode) -> Expression:
        """Return an einsum of two arrays as a matrix product, apart from batch axes."""
        names, _, out = node.attributes["subscripts"].partition("->")
        first, second, *more = names.split(",")
        if more:
            return spelled("einsum", list(map(self.write, node.inputs)))
        sizes = dict(zip(first, node.inputs[0].shape, strict=True))
        apart = {one for one in first if one in second and (one in out or sizes[one] == MEMBERS)}
        a, b = ("".join(one for one in letters if one not in apart) for letters in (first, second))
        if len(a) != 2 or len(b) != 2 or len(set(a) & set(b)) != 1:
            return spelled("einsum", list(map(self.write, node.inputs)))
        (common,) = set(a) & set(b)
        x, y = node.inputs
        return self.beside(x, y, a[1] != common, b[0] != common)

    def beside(self, x: Any, y: Any, /, turn_x: bool = False, turn_y: bool = False) -> Expression:
        """Return a matrix product, with scalar divisors of either operand behind it."""
        divisor = next((found for one in (x, y) if (found := self.divisor(one)) is not None), None)
        sides = [
            self.write(one.inputs[0] if divisor is not None and self.divisor(one) is divisor else one) for one in (x, y)
        ]
        turned = [f"{one.within(POWER)}{'ᵀ' * turn}" for one, turn in zip(sides, (turn_x, turn_y), strict=True)]
        product = Expression(" ".join(turned), PRODUCT)
        return product if divisor is None else spelled("divide", [product, self.write(divisor)])

    def divisor(self, node: Any) -> Any:
        """Return the scalar divisor of an array that has no name."""
        is_open = isinstance(node, TraceNode) and node.op == "multiply" and self.graph.named(node, self.name) is None
        return _divisor(node) if is_open else None

    def _reduced(self, node: TraceNode) -> Expression:
        self.inside.setdefault((node.op, self.axes(node)))
        return Expression(f"{node.op}({self.write(node.inputs[0])})")

    _sum = _mean = _max = _min = _reduced

    def _slice(self, node: TraceNode) -> Expression:
        if (part := self.graph.part(node)) is not None:
            return self.write(part)
        axis, first, last, step = (node.attributes[one] for one in ("axis", "first", "last", "step"))
        source = node.inputs[0]
        begin, end = (source.shape[axis] - 1, -1) if step < 0 else (0, source.shape[axis])
        start, stop = (
            "" if one == left_out else self.graph.size(one) for one, left_out in ((first, begin), (last, end))
        )
        stride = "" if step == 1 else f":{step}"
        return Expression(f"{self.write(source).within(ATOM)}[{':, ' * axis}{start}:{stop}{stride}]")

    def _concatenate(self, node: TraceNode) -> Expression:
        parts = [one for one in node.inputs if self.graph.size(one.shape[node.attributes["axis"]]) != 0]
        return Expression(f"({', '.join(map(self.write, parts))})" if len(parts) > 1 else self.write(parts[0]))

    def _gather(self, node: TraceNode) -> Expression:
        source, places = map(self.write, node.inputs)
        return Expression(f"{source.within(ATOM)}[{places}]")

    def _call(self, node: TraceNode) -> Expression:
        f = getattr(self.graph.layer, "f", "f")
        name = f"{f.name}'" if node.attributes["derivative"] else str(f)  # type: ignore[union-attr]
        return Expression(f"{name}({self.write(node.inputs[0])})")

    def _chain(self, node: TraceNode) -> Expression:
        return Expression(self.say("say.chain", x=self.write(node.inputs[0])))

    def _chain_back(self, node: TraceNode) -> Expression:
        return Expression(self.say("say.chain_back"))


def _divisor(product: TraceNode) -> Any:
    """Return the n of a product with 1 / n."""
    second = product.inputs[1]
    if isinstance(second, TraceNode) and second.op == "divide" and second.shape == () and _is(second.inputs[0], 1):
        return second.inputs[1]
    return None


def _is(value: Any, number: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == number


def _number(value: Any) -> Expression:
    """Return a number of a formula, or a count by its name; multiples of π as such."""
    if isinstance(value, SymbolicDim):
        return Expression(str(value), ATOM if str(value).isidentifier() else SUM)
    if np.ndim(value):
        spelled_out: Any = {"all": lambda one: f"{one:g}"}
        text = np.array2string(np.asarray(value), threshold=FEW, formatter=spelled_out, separator=", ")
        return Expression(" ".join(text.split()))
    turns = float(value) / np.pi
    text = f"{turns:g}π" if turns and turns.is_integer() else f"{float(value) + 0.0:.4g}"
    return Expression(text, NEGATIVE if text.startswith("-") else ATOM)
