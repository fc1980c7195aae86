"""What each operation of single numbers is in C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from glassnet.exchange.c.literals import C_TYPES, number
from glassnet.exchange.graph.evaluate import UFUNCS
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

ELEMENTARY: Final = ("exp", "expm1", "log", "log1p", "tanh", "erf", "gaussian", "erfc", "cos_turn", "sin_turn")
"""The functions that there are of single precision, called exp_f and so on."""

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
    "sum_leaves": """\
/* The leaves that a row comes to, added up: from each root to the left where a column is at most the threshold. */
static void sum_leaves{f}(int trees, int units, const {type} *x, const int32_t *column, const int32_t *left,
                         const int32_t *right, const int32_t *root, const int32_t *steps,
                         const {type} *threshold, const {type} *value, const {type} *base, {type} *y)
{{
    for (int i = 0; i < units; ++i) {{
        double sum = (double)base[i];
        for (int j = i; j < trees; j += units) {{
            int32_t node = root[j];
            for (int32_t k = 0; k < steps[j]; ++k)
                node = x[column[node]] <= threshold[node] ? left[node] : right[node];
            sum += (double)value[node];
        }}
        y[i] = ({type})sum;
    }}
}}
""",
}
"""What is written into the file where it is used."""


CALLABLE: Final = frozenset(
    {f"{name}{suffix}" for name in (*LIBRARY.values(), *HELPERS) for suffix in ("", "f", "_f")}
    | {f"{name}_f" for name in ELEMENTARY}
    | {f"{name}{suffix}" for name in ("weighted_sums", "dot_products") for suffix in ("", "_int8", "_double")}
    | {"ascending_float", "ascending_double", "isnan", "look_up", "nearest"}
)
"""Everything that a function of a part may call."""


def spell(operation: str, operands: Sequence[Expression], of: str, to: str, used: set[str]) -> Expression:
    """One operation of `SINGLE` in C, from the type of the last operand, in which it is computed, to the result's.

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
    if single and (operation in ELEMENTARY or operation == "rint"):
        name = "nearest" if operation == "rint" else f"{operation}_f"
        used.add(name)
        return Expression(f"{name}({given})")
    return Expression(f"{LIBRARY[operation]}{'f' if single else ''}({given})")


def _extreme(operation: str, operands: Sequence[Expression], of: str, used: set[str]) -> Expression:
    """A choice, so put that NaN is kept; of two that may both be NaN a function."""
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
