"""A graph of scalars in JavaScript: as a function, or as a tree that the playground prints with numbers.

A tree is a letter, a number, or a list of an operation and its operands, in the names of NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from typing import Any, Final

import numpy as np

from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.elementary import log
from glassnet.formulas.loss import RESPONSES_BACKWARD
from glassnet.formulas.losses import LOSSES, SMALLEST_PROBABILITY
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.regularization import decay, l1_gradient, l2_gradient
from glassnet.ir.printing import (
    AND,
    ARITHMETIC,
    ATOM,
    CHOICE,
    OR,
    ORDER,
    ORDERINGS,
    POWER,
    SUM,
    UNARY,
    WHOLE,
    Expression,
    Infix,
    among,
    from_the_left,
)
from glassnet.ir.scalar import Operand, ScalarGraph, by_parameters, capture, statements, symbol
from glassnet.ir.tensor import TraceNode

INFIX: Final = {
    **ARITHMETIC,
    **(WHOLE | {"right_shift": WHOLE["right_shift"]._replace(sign=">>>")}),
    **among(ORDER, SUM, ORDERINGS | {"equal": "===", "not_equal": "!=="}),
    "power": Infix("**", POWER, ATOM, UNARY),
}
LOGICAL: Final = from_the_left(AND, {"bitwise_and": "&&"}) | from_the_left(OR, {"bitwise_or": "||"})
"""Operators of conditions."""
CALLS: Final = {"absolute": "abs", "maximum": "max", "minimum": "min"} | {
    name: name for name in ("erfc", "exp", "expm1", "gaussian", "hypot", "log", "log1p", "sign", "sqrt", "tanh")
}
"""Functions, and what they are called there: in `Math`, or at the head of `formulas.py`."""
Tree = Any
TYPE = "/** @type {Record<string, {lines: [string, any][], coefficients: string[], letters: Record<string, any>}>} */"
LOSS_TYPE = "/** @type {Record<string, {lines: [string, any][], slope: any, values: string[], classes: boolean}>} */"
PROBABLE = "_from_probabilities"
SIGNS = {"sigmoid": "σ"}
"""What a response is written as."""
ACTIVATION_TYPE = "/** @type {Record<string, {value: any, slope: any}>} */"
LONGEST = 400
"""Letters of a tree; a longer formula is not written out."""
SHORT = 60
"""Letters of the trees of an activation that can be worked out by hand."""


def number(value: Any) -> Expression:
    """A number so that JavaScript reads the very same one.

    >>> number(1.0), number(-0.5), number(1e-30)
    ('1', '-0.5', '1e-30')
    """
    text = repr(float(value)).removesuffix(".0").replace("inf", "Infinity").replace("nan", "NaN")
    return Expression(text, UNARY if text.startswith("-") else ATOM)


def function_text(name: str, parameters: tuple[str, ...], graph: ScalarGraph, first: ScalarGraph | None = None) -> str:
    """A function of this name; `first` is the graph for a `previous` that is undefined, where that is another.

    Examples
    --------
    >>> from glassnet.formulas.activations import elu
    >>> from glassnet.ir.scalar import capture, symbol
    >>> print(function_text("elu", ("z", "alpha"), capture(elu, symbol("z"), symbol("alpha"))))
    function elu(z, alpha) {
      return z > 0 ? z : alpha * expm1(min(z, 0));
    }
    """
    lines, at_first = _body(parameters, graph), _body(parameters, first) if first else []
    if at_first not in ([], lines):
        lines = ["if (previous === undefined) {", *(f"  {line}" for line in at_first), "}", *lines]
    return "\n".join([f"function {name}({', '.join(parameters)}) {{", *(f"  {line}" for line in lines), "}"])


def formula_text(formula: Callable[..., Any], dtype: str = "float64") -> str:
    """A formula as a function of the same name and parameters; "uint32": of whole numbers of 32 bits.

    Examples
    --------
    >>> print(formula_text(lambda key: (key ^ key >> 16) % 100, "uint32").replace("<lambda>", "slot"))
    function slot(key) {
      return ((key ^ (key >>> 16)) >>> 0) % 100;
    }
    """
    return function_text(formula.__name__, *by_parameters(formula, dtype))


def _body(parameters: tuple[str, ...], graph: ScalarGraph) -> list[str]:
    lines, outputs = statements(graph, _spell, number, {*parameters, *CALLS.values()})
    returned = f"[{', '.join(outputs)}]" if graph.several else outputs[0]
    return [*(f"const {name} = {text};" for _, name, text in lines), f"return {returned};"]


def _spell(node: TraceNode, operand: Operand) -> Expression:
    inputs = [operand(one) for one in node.inputs]
    if node.op == "multiply" and node.attributes:  # of a condition: how formulas turn it into 0 or 1
        return Expression(f"Number({inputs[0]})")
    if node.op in LOGICAL:
        return LOGICAL[node.op].of(*inputs)
    if node.op == "bitwise_xor" or any(isinstance(one, np.uint32) for one in node.inputs):  # of 32 bits
        result = f"imul({', '.join(inputs)})" if node.op == "multiply" else f"({WHOLE[node.op].of(*inputs)})"
        return Expression(f"({result} >>> 0)")  # it has a sign without the shift
    if node.op in INFIX:
        return INFIX[node.op].of(*inputs)
    if node.op == "negative":
        return Expression(f"-{inputs[0].within(ATOM)}", UNARY)
    if node.op == "where":
        test, yes, no = inputs
        return Expression(f"{test.within(CHOICE + 1)} ? {yes.within(CHOICE + 1)} : {no}", CHOICE)
    if node.op == "full_like":
        return inputs[1]
    if node.op == "copysign":  # of a size that is zero where the number is
        size, of = inputs
        return INFIX["multiply"].of(Expression(f"sign({of})"), size)
    if node.op not in CALLS:
        raise NotImplementedError(f"{node.op} in JavaScript: add it to CALLS in exchange/page/javascript.py")
    return Expression(f"{CALLS[node.op]}({', '.join(inputs)})")


def rules() -> str:
    """Return the module: rules, losses and short activations as trees.

    Of each rule its lines, the names of its coefficients, and those of them short enough to be read; of each loss its
    lines and its slope; of activations value and slope, and the functions that have a sign; the gradient with a
    penalty, and the weight after its decay.

    Examples
    --------
    >>> '["b", ["add", ["multiply", "mu", "b"], "g"]]' in rules()
    True
    >>> 'mse: {"lines": [["L", ["power", ["subtract", "a", "y"], 2]]]' in rules()
    True
    """
    entries = "".join(f"  {name}: {json.dumps(_rule(OPTIMIZERS.get(name)))},\n" for name in OPTIMIZERS)
    theta, alpha, strength = map(symbol, ("theta", "alpha", "lambda"))
    penalties = {of.__name__[:2]: ["add", "g", _only(of, theta, strength)] for of in (l1_gradient, l2_gradient)}
    losses, activations = (
        "".join(f"  {name}: {json.dumps(one, ensure_ascii=False)},\n" for name, one in found.items())
        for found in (_losses(), _activations())
    )
    functions = "\n\n".join(formula_text(ACTIVATIONS.get(name).function) for name in SIGNS)
    signs = ", ".join(f"{sign}: {ACTIVATIONS.get(name).function.__name__}" for name, sign in SIGNS.items())
    head = "// Generated by `make wasm`; do not edit. Update rules, losses, activations of glassnet/formulas, as trees."
    return (
        f"{head}\n\n{TYPE}\nexport const RULES = {{\n{entries}}};\n\n"
        f"{LOSS_TYPE}\nexport const LOSSES = {{\n{losses}}};\n\n"
        f"const {{ abs, exp }} = Math;\n\n{functions}\n\nexport const SIGNS = {{ {signs} }};\n\n"
        f"{ACTIVATION_TYPE}\nexport const ACTIVATIONS = {{\n{activations}}};\n\n"
        f"export const PENALTIES = {json.dumps(penalties)};\n\n"
        f"export const DECAY = {json.dumps(_only(decay, theta, alpha, strength))};\n"
    )


def _losses() -> dict[str, Any]:
    """Of an output a and a target y; where a loss has a probability p inside, of p; of classes the true one's term.

    The slope is that by the output.
    """
    found: dict[str, Any] = {}
    for loss in map(LOSSES.get, LOSSES):
        names = list(signature(loss.function).parameters)[2:]
        values = [symbol(name) for name in names]
        a, y, p = map(symbol, "ayp")
        likely = next((LOSSES.get(name) for name in LOSSES if name == loss.name + PROBABLE), None)
        given = loss.target == "classes" and loss.link == "identity"  # probabilities of the classes
        if given or loss.columns > 1 or any(isinstance(value, tuple) for value in loss.values):
            continue
        if loss.link == "log_softmax":
            lines = _lines(lambda p, *values, f=loss.function: f(log(p), 1.0, *values), p, *values)
            slope = None  # below
        elif likely and loss.response in SIGNS:
            back = RESPONSES_BACKWARD[loss.response]
            lines = [["p", [SIGNS[loss.response], "z"]], *_lines(likely.function, p, y)]
            slope = _only(lambda p, y, of=likely, back=back: back(p, of.derivative(p, y)), p, y)
        else:
            lines = _lines(loss.function, a, y, *values)
            slope = _only(loss.derivative, a, y, *values)
        if slope and slope[0] == "tanh":  # whose integral is computed in another way, for cosh overflows
            lines = [["L", ["log", ["cosh", slope[1]]]]]
        if len(json.dumps(lines)) < LONGEST:
            found[loss.name] = {"lines": lines, "slope": slope, "values": names, "classes": loss.target == "classes"}
    # the gradient through log_softmax, for targets that sum to 1, is for each class that through the sigmoid
    found["cross_entropy"]["slope"] = found["binary_cross_entropy"]["slope"]
    return found


def _activations() -> dict[str, Any]:
    """Value and slope of those that are short enough to be worked out by hand, in z and a."""
    found: dict[str, Any] = {}
    for one in map(ACTIVATIONS.get, ACTIVATIONS):
        if not one.elementwise or one.name == "identity":
            continue
        z, a = map(symbol, "za")
        value = [SIGNS[one.name], "z"] if one.name in SIGNS else _only(one.function, z, *one.values)
        slope = _only(one.derivative, z, a, *one.values)
        if len(json.dumps([value, slope])) < SHORT:
            found[one.name] = {"value": value, "slope": slope}
    return found


def _lines(function: Callable[..., Any], *arguments: Any) -> list[list[Any]]:
    """The variables of a formula, and L."""
    graph = capture(function, *arguments, named=True)
    letters: dict[TraceNode, str] = {}
    lines = []
    for node in graph.nodes:
        name = graph.names.get(node, "")
        if name and node not in graph.outputs and node.op != "input" and not _is_guarded(node):
            lines.append([name, _tree(node, letters, {})])
            letters[node] = name
    return [*lines, ["L", _tree(graph.outputs[0], letters, {})]]


def _is_guarded(node: TraceNode) -> bool:
    """Whether it is a letter that is only kept within what a logarithm can take."""
    return isinstance(_tree(node, {}, {}), str)


def _only(function: Callable[..., Any], *arguments: Any) -> Tree:
    return _tree(capture(function, *arguments).outputs[0], {}, {})


def _rule(optimizer: Optimizer) -> dict[str, Any]:
    names = list(signature(optimizer.rule).parameters)
    coefficients = names[3 + len(optimizer.slots) + len(optimizer.values) :]
    known = _coefficients(optimizer, coefficients)
    graph = capture(optimizer.rule, *map(symbol, names), named=True)
    kept = dict(zip(graph.outputs, ("theta", *optimizer.slots), strict=True))
    letters: dict[TraceNode, str] = {}
    lines = []
    for node in graph.nodes:
        name = kept.get(node, graph.names.get(node, ""))
        read = any(node in one.inputs for one in graph.nodes)
        if node.op != "input" and name != "theta" and (name.endswith("_hat") or (read and node in kept)):
            lines.append([name, _tree(node, letters, known)])
            letters[node] = name
    lines += [[name, _tree(node, letters, known)] for node, name in kept.items() if node not in letters]
    short = {name: tree for name, tree in known.items() if tree[0] == "subtract"}
    return {"lines": lines, "coefficients": coefficients, "letters": short}


def _coefficients(optimizer: Optimizer, names: list[str]) -> dict[str, Tree]:
    """Those that follow from the rule's parameters and the number of the step alone."""
    if optimizer.coefficients is None:
        return {}
    given = {name: symbol(name) for name in signature(optimizer.coefficients).parameters}
    before = tuple(symbol("previous") for _ in names)
    graph = capture(optimizer.coefficients, *(given | {"previous": before}).values())
    found = {name: _tree(output, {}, {}) for name, output in zip(names, graph.outputs, strict=True)}
    return {name: tree for name, tree in found.items() if len(json.dumps(tree)) < 80 and "previous" not in str(tree)}


def _tree(value: Any, letters: dict[TraceNode, str], known: dict[str, Tree]) -> Tree:
    """With powers for squares, quotients for products with a reciprocal, and β a for a - (1 - β) a.

    e^(ln p) is p, and p is itself where it is kept within what a logarithm can take.
    """
    if not isinstance(value, TraceNode):
        return value
    if value.op == "input":
        return value.attributes["name"]
    if value in letters:
        return letters[value]
    tree = [value.op, *(_tree(one, letters, known) for one in value.inputs)]
    match tree:
        case ["multiply", first, second] if first == second:
            return ["power", first, 2]
        case ["multiply", str(name), second] if name in known and known[name][:2] == ["divide", 1]:
            return ["divide", second, known[name][2]]
        case ["subtract", first, ["multiply", str(name), second]] if first == second and name in known:
            return ["multiply", known[name][2], first]
        case ["multiply", truth, 1] if value.attributes:  # how formulas turn a condition into 0 or 1
            return ["where", truth, 1, 0]
        case ["multiply", 1.0, only] | ["multiply", only, 1.0]:
            return only
        case ["multiply", -1.0, only]:
            return ["negative", only]
        case ["multiply", ["divide", above, below], factor] if below == factor:
            return above
        case ["maximum", only, float(least)] if 0 < least <= SMALLEST_PROBABILITY:
            return only
        case ["minimum", only, float(most)] if 1 - SMALLEST_PROBABILITY <= most < 1:
            return only
        case ["log1p", ["negative", only]]:
            return ["log", ["subtract", 1, only]]
        case ["expm1", ["log", only]]:
            return ["subtract", only, 1]
        case ["negative", ["subtract", first, second]]:
            return ["subtract", second, first]
    return tree
