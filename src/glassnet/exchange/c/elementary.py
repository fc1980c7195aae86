"""The elementary functions in C, from the graphs of those that the compiled engine has.

The C library's take one number at a time; those of `engines/compiled/elementary.py` are straight-line arithmetic, which
compilers turn into instructions for many numbers at once. They are called with a symbol, and their graphs are printed
here. So there is one place where such a function is written, and its accuracy is the one that is tested there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.literals import comment, number
from glassnet.exchange.c.operations import ELEMENTARY, INFIX, spell
from glassnet.formulas import elementary
from glassnet.ir.printing import ATOM, PRODUCT, SHIFT, UNARY, Expression, Infix
from glassnet.ir.scalar import Graph, Operand, capture, statements, symbol
from glassnet.ir.tensor import Node, Tensor, record

__all__ = ["ELEMENTARY", "elementary_source"]

PRIMITIVES: Final = {
    "view": """\
/* The bits of a number as a whole number, and back. */
static inline int32_t to_bits(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float to_number(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
""",
    "rint": """\
/* The nearest whole number, as rintf has it: a sum with 2^23 has no digits behind the point. */
static inline float nearest(float x)
{
    const float rounded = copysignf((fabsf(x) + 8388608.0f) - 8388608.0f, x);
    return fabsf(x) < 8388608.0f ? rounded : x;
}
""",
}
"""What C's operators cannot say, by the operations that need it."""
TYPES: Final = {"f": "float", "i": "int32_t", "b": "bool"}
FLOAT: Final = np.dtype(np.float32)


def elementary_source(names: set[str]) -> str:
    """The functions of these names in C, and what they are made of, each before it is used.

    Examples
    --------
    >>> [line for line in elementary_source({"exp"}).splitlines() if "exp_f" in line]
    ['static inline float exp_f(float x)']
    """
    from glassnet.engines.compiled.elementary import family, in_pairs

    functions = family(np.float32, _recorded)
    needed: dict[str, str] = {"rint": PRIMITIVES["rint"]} if "nearest" in names else {}
    for name in ELEMENTARY:
        if name not in names:
            continue
        graph = capture(functions[name], symbol("x"), named=True)
        for node in graph.nodes:
            if node.op in PRIMITIVES:
                needed[node.op] = PRIMITIVES[node.op]
            if node.op == "polynomial":
                own = capture(in_pairs(node.attributes["coefficients"], np.float32), symbol("x"), named=True)
                needed[_called(node)] = _function(_called(node), own, fused=False)
        needed[name] = f"{comment(getattr(elementary, name).__doc__)}\n{_function(f'{name}_f', graph)}"
    return "\n".join(needed.values())


def _recorded(coefficients: tuple[float, ...], precision: Any) -> Callable[[Any], Tensor]:
    """A polynomial that stays whole: a function of its own."""
    return lambda x: record("polynomial", (x,), (), x.dtype, coefficients=coefficients)


def _called(polynomial: Node) -> str:
    """The polynomial's name in C."""
    from glassnet.engines.compiled import elementary as engine

    known = {one: value[np.float32] for one, value in vars(engine).items() if one.endswith(("_TAIL", "_NEAR"))}
    known |= dict(zip(("ERF_OVER", "ERF_UNDER"), engine.ERF_FAR[np.float32], strict=True))
    return next(one.lower() for one, values in known.items() if values is polynomial.attributes["coefficients"])


def _function(name: str, graph: Graph, *, fused: bool = True) -> str:
    lines, (output,) = statements(graph, lambda node, of: _spell(node, of, fused), _number, {"x"}, short=0)
    body = [f"    const {_type(node)} {name} = {text};" for node, name, text in lines]
    return "\n".join([f"static inline float {name}(float x)", "{", *body, f"    return {output};", "}", ""])


def _type(node: Node) -> str:
    """Whole numbers are those that come from the bits of a float."""
    return TYPES[np.dtype(node.dtype).kind]


def _number(value: Any) -> Expression:
    if isinstance(value, int):
        return Expression(hex(value) if abs(value) > 1000 else str(value))
    text = number(value, FLOAT)
    return Expression(text, UNARY if text.startswith("-") else ATOM)


def _spell(node: Node, operand: Operand, fused: bool) -> Expression:
    if node.op == "view":
        return Expression(f"{'to_number' if _type(node) == 'float' else 'to_bits'}({operand(node.inputs[0])})")
    if node.op == "polynomial":
        return Expression(f"{_called(node)}({operand(node.inputs[0])})")
    inputs = [operand(one) for one in node.inputs]
    if _type(node) == "int32_t":
        return _whole(node.op, *inputs)
    if fused and node.op in ("add", "subtract"):
        # a product and a sum in one operation, as the engine may take them
        for at in (1, 0):
            product, other = node.inputs[at], inputs[1 - at]
            if isinstance(product, Node) and product.op == "multiply" and inputs[at].binds == PRODUCT:
                a, b = map(operand, product.inputs)
                if node.op == "subtract":
                    a, other = (_negative(a), other) if at else (a, _negative(other))
                return Expression(f"FUSED({a}, {b}, {other})")
    return spell(node.op, inputs, "float32", "float32", set())


def _negative(a: Expression) -> Expression:
    return Expression(f"-{a.within(ATOM)}", UNARY)


def _whole(operation: str, a: Expression, b: Expression) -> Expression:
    """Arithmetic of whole numbers."""
    if operation == "right_shift":  # of negative numbers, too: every compiler keeps the sign
        return Infix(">>", SHIFT, UNARY, UNARY).of(a, b)
    # bits that leave at the upper end are meant to, which C allows for numbers without sign alone
    sign, second = "<<", b
    if operation != "left_shift":
        sign, second = INFIX[operation].sign, Expression(f"(uint32_t){b.within(UNARY)}")
    return Expression(f"(int32_t)((uint32_t){a.within(UNARY)} {sign} {second.within(UNARY)})", UNARY)
