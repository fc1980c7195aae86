"""Operations of single numbers in C; elementary functions, printed from the graphs of the compiled engine's.

In single precision the C library's functions take one number at a time; those of `engines/compiled/approximations.py`
are straight-line arithmetic, which compilers vectorize, and their accuracy is tested there. In double precision the
library's are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.literals import C_TYPES, comment, number
from glassnet.exchange.graph.dataflow import UFUNCS
from glassnet.formulas import elementary
from glassnet.ir.printing import (
    ARITHMETIC,
    ATOM,
    CHOICE,
    ORDERINGS,
    PRODUCT,
    SHIFT,
    SUM,
    UNARY,
    Expression,
    Infix,
    among,
)
from glassnet.ir.scalar import Operand, ScalarGraph, capture, statements, symbol
from glassnet.ir.tensor import Tensor, TraceNode, record

ELEMENTARY: Final = ("exp", "expm1", "log", "log1p", "tanh", "erf", "gaussian", "erfc", "cos_turn", "sin_turn")
"""The functions that there are of single precision, called exp_f and so on."""
ROUNDINGS: Final = ("bfloat16",)
"""Functions of the bits of a number, called the same way."""

MOVEMENTS: Final = frozenset({"reshape", "transpose", "slice"})
"""Operations that move nothing: the same numbers are read at other places."""
SINGLE: Final = UFUNCS.keys() - {"matmul"} | {"cast", "cos_turn", "sin_turn"}
"""Operations of each number by itself."""

CLOSER: Final = SHIFT
"""Comparisons and choices have parentheses among each other for the eye."""
INFIX: Final[Mapping[str, Infix]] = {
    **ARITHMETIC,
    **among(CHOICE, CLOSER, ORDERINGS | {"equal": "==", "not_equal": "!=", "logical_and": "&&", "logical_or": "||"}),
}
LIBRARY: Final[Mapping[str, str]] = {"absolute": "fabs", "arctan": "atan", "power": "pow"} | {
    name: name
    for name in (
        *("copysign", "cos", "erf", "erfc", "exp", "expm1", "floor", "hypot", "log", "log1p", "rint", "sin", "sqrt"),
        "tanh",
    )
}
"""Functions of C's library, with an f behind for single precision."""

HELPERS: Final[Mapping[str, str]] = {
    "larger": """\
/* The larger and the smaller of two numbers; NaN if one is. */
static inline {type} larger{f}({type} a, {type} b) {{ return a < b || isnan(b) ? b : a; }}
""",
    "smaller": """\
static inline {type} smaller{f}({type} a, {type} b) {{ return a > b || isnan(b) ? b : a; }}
""",
    "floor_divide": """\
/* Division downwards, also of negative numbers. */
static inline int64_t floor_divide(int64_t a, int64_t b) {{ return a / b - (a % b != 0 && (a < 0) != (b < 0)); }}
""",
    "floor_remainder": """\
/* What a division downwards leaves: of the sign of b. */
static inline int64_t floor_remainder(int64_t a, int64_t b) {{ return a - b * floor_divide(a, b); }}
""",
}
"""C definitions that are written into the file where it uses them."""


CALLABLE: Final = frozenset(
    {f"{name}{suffix}" for name in (*LIBRARY.values(), *HELPERS) for suffix in ("", "f", "_f")}
    | {f"{name}_f" for name in (*ELEMENTARY, *ROUNDINGS)}
    | {f"{name}{suffix}" for name in ("weighted_sums", "dot_products") for suffix in ("", "_int8", "_double")}
    | {"ascending_float", "ascending_double", "isnan", "look_up", "nearest"}
    | {"whole_character", "longest_ngram", "hashed_character", "slot", "count_value", "id_by_key", "id_by_hash"}
    | {"next_character", "ngram_values"}
)
"""Everything that a function of a part may call."""
__all__ = ["ELEMENTARY", "ROUNDINGS", "elementary_source"]
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


def spell(operation: str, operands: Sequence[Expression], of: str, to: str, used: set[str]) -> Expression:
    """Return an operation of `SINGLE` in C, from the type of the last operand, in which it is computed, to the
    result's.

    `used` learns which functions have to be written into the file: "exp_f", "larger" and "float".

    Examples
    --------
    >>> a, b = Expression("a"), Expression("b")
    >>> spell("multiply", [spell("add", [a, b], "float32", "float32", set()), b], "float32", "float32", set())
    '(a + b) * b'
    """
    single = of == "float32"
    if operation in INFIX:
        return INFIX[operation].of(*operands)
    if operation == "where":
        test, yes, no = operands
        return Expression(f"{test.within(CLOSER)} ? {yes.within(CLOSER)} : {no.within(CLOSER)}", CHOICE)
    a = operands[0]
    match operation:
        case "negative":
            return Expression(f"-{a.within(ATOM)}", UNARY)
        case "logical_not":
            return Expression(f"!{a.within(UNARY)}", UNARY)
        case "isnan":
            return Expression(f"isnan({a})")
        case "cast" if of == "bool":
            one, zero = (number(value, np.dtype(to)) for value in (1, 0))
            return Expression(f"{a.within(CLOSER)} ? {one} : {zero}", CHOICE)
        case "cast":
            return Expression(f"({C_TYPES[to]}){a.within(UNARY)}", UNARY)
        case "sign":
            return Expression(f"({C_TYPES[to]})(({a.within(SUM)} > 0) - ({a.within(SUM)} < 0))", UNARY)
        case "maximum" | "minimum":
            return _extreme(operation, operands, of, used)
        case "floor_divide" | "remainder":
            return _division(operation, operands, of, used)
        case "absolute" if of == "int64":
            return Expression(f"{a.within(CLOSER)} < 0 ? -{a.within(ATOM)} : {a.within(CLOSER)}", CHOICE)
    given = ", ".join(operands)
    if single and (operation in (*ELEMENTARY, *ROUNDINGS) or operation == "rint"):
        name = "nearest" if operation == "rint" else f"{operation}_f"
        used.add(name)
        return Expression(f"{name}({given})")
    return Expression(f"{LIBRARY[operation]}{'f' if single else ''}({given})")


def _extreme(operation: str, operands: Sequence[Expression], of: str, used: set[str]) -> Expression:
    """Return a choice that propagates NaN; if both operands may be NaN, a call of a function."""
    a, b = operands
    sign = "<" if operation == "maximum" else ">"
    for one, other in ((a, b), (b, a)):
        if other.lstrip("-")[:1].isdigit() and " " not in other:  # a literal
            return Expression(f"{one.within(CLOSER)} {sign} {other} ? {other} : {one.within(CLOSER)}", CHOICE)
    name = "larger" if operation == "maximum" else "smaller"
    used.add(f"{name} {of}")
    return Expression(f"{name}{'_f' if of == 'float32' else ''}({a}, {b})")


def _division(operation: str, operands: Sequence[Expression], of: str, used: set[str]) -> Expression:
    a, b = operands
    if of == "int64":
        used.add("floor_divide int64")
        if operation == "floor_divide":
            return Expression(f"floor_divide({a}, {b})")
        used.add("floor_remainder int64")
        return Expression(f"floor_remainder({a}, {b})")
    floor = "floorf" if of == "float32" else "floor"
    quotient = f"{floor}({a.within(PRODUCT)} / {b.within(UNARY)})"
    if operation == "floor_divide":
        return Expression(quotient)
    return Expression(f"{a.within(SUM)} - {b.within(PRODUCT)} * {quotient}", SUM)


def elementary_source(names: set[str]) -> str:
    """Return the source of these functions in C, with those that they need before them.

    Examples
    --------
    >>> [line for line in elementary_source({"exp"}).splitlines() if "exp_f" in line]
    ['static inline float exp_f(float x)']
    """
    from glassnet.engines.compiled.approximations import family, in_pairs

    functions = family(np.float32, _recorded) | {"bfloat16": elementary.round_to_bfloat16}
    needed: dict[str, str] = {"rint": PRIMITIVES["rint"]} if "nearest" in names else {}
    for name in (*ELEMENTARY, *ROUNDINGS):
        if name not in names:
            continue
        graph = capture(functions[name], symbol("x", np.float32), named=True)
        for node in graph.nodes:
            if node.op in PRIMITIVES:
                needed[node.op] = PRIMITIVES[node.op]
            if node.op == "polynomial":
                own = capture(in_pairs(node.attributes["coefficients"], np.float32), symbol("x"), named=True)
                needed[_called(node)] = _function(_called(node), own, fused=False)
        needed[name] = f"{comment(getattr(elementary, name).__doc__)}\n{_function(f'{name}_f', graph)}"
    return "\n".join(needed.values())


def _recorded(coefficients: tuple[float, ...], precision: Any) -> Callable[[Any], Tensor]:
    """Record a polynomial as one node, for a function of its own."""
    return lambda x: record("polynomial", (x,), (), x.dtype, coefficients=coefficients)


def _called(polynomial: TraceNode) -> str:
    """Return the polynomial's name in C."""
    from glassnet.engines.compiled import approximations as engine

    known = {one: value[np.float32] for one, value in vars(engine).items() if one.endswith(("_TAIL", "_NEAR"))}
    known |= dict(zip(("ERF_OVER", "ERF_UNDER"), engine.ERF_FAR[np.float32], strict=True))
    return next(one.lower() for one, values in known.items() if values is polynomial.attributes["coefficients"])


def _function(name: str, graph: ScalarGraph, *, fused: bool = True) -> str:
    lines, (output,) = statements(graph, lambda node, of: _spell(node, of, fused), _number, {"x"}, short=0)
    body = [f"    const {_type(node)} {name} = {text};" for node, name, text in lines]
    return "\n".join([f"static inline float {name}(float x)", "{", *body, f"    return {output};", "}", ""])


def _type(node: TraceNode) -> str:
    """Return the C type; integers are the bits of a float."""
    return TYPES[np.dtype(node.dtype).kind]


def _number(value: Any) -> Expression:
    if isinstance(value, int):
        return Expression(hex(value) if abs(value) > 1000 else str(value))
    text = number(value, FLOAT)
    return Expression(text, UNARY if text.startswith("-") else ATOM)


def _spell(node: TraceNode, operand: Operand, fused: bool) -> Expression:
    if node.op == "view":
        return Expression(f"{'to_number' if _type(node) == 'float' else 'to_bits'}({operand(node.inputs[0])})")
    if node.op == "polynomial":
        return Expression(f"{_called(node)}({operand(node.inputs[0])})")
    inputs = [operand(one) for one in node.inputs]
    if _type(node) == "int32_t" and node.op != "where":
        return _whole(node.op, *inputs)
    if fused and node.op in ("add", "subtract"):
        # a product and a sum in one operation, as the engine may take them
        for at in (1, 0):
            product, other = node.inputs[at], inputs[1 - at]
            if isinstance(product, TraceNode) and product.op == "multiply" and inputs[at].binds == PRODUCT:
                a, b = map(operand, product.inputs)
                if node.op == "subtract":
                    a, other = (_negative(a), other) if at else (a, _negative(other))
                return Expression(f"FUSED({a}, {b}, {other})")
    return spell(node.op, inputs, "float32", "float32", set())


def _negative(a: Expression) -> Expression:
    return Expression(f"-{a.within(ATOM)}", UNARY)


def _whole(operation: str, a: Expression, b: Expression) -> Expression:
    """Return integer arithmetic."""
    if operation == "right_shift":  # of negative numbers, too: every compiler keeps the sign
        return Infix(">>", SHIFT, UNARY, UNARY).of(a, b)
    # bits that leave at the upper end are meant to, which C allows for numbers without sign alone
    sign, second = "<<", b
    if operation != "left_shift":
        sign, second = INFIX[operation].sign, Expression(f"(uint32_t){b.within(UNARY)}")
    return Expression(f"(int32_t)((uint32_t){a.within(UNARY)} {sign} {second.within(UNARY)})", UNARY)
