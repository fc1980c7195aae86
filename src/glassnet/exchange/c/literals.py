"""Numbers, texts, comments and names as they are written in C."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from glassnet.support.escape_controls import escape_controls

C_TYPES: Final = {"float32": "float", "float64": "double", "bool": "bool"} | {
    f"int{bits}": f"int{bits}_t" for bits in (8, 32, 64)
}
"""The types of a graph, and of tables, in C."""
WIDTH: Final = 88


def number(value: Any, dtype: np.dtype[Any]) -> str:
    """Return a number as a C literal that is read as exactly the same value.

    Examples
    --------
    >>> number(0.1, np.dtype("float32")), number(0.1, np.dtype("float64")), number(-3, np.dtype("int64"))
    ('0.1f', '0.1', '-3')
    >>> number(-np.inf, np.dtype("float32")), number(True, np.dtype("bool"))
    ('-INFINITY', 'true')
    """
    if dtype.kind == "b":
        return "true" if value else "false"
    if dtype.kind == "i":
        return "INT64_MIN" if int(value) == np.iinfo(np.int64).min else str(int(value))
    if not math.isfinite(value):
        name = "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
        return name if dtype == np.float32 else f"(double){name}"  # the C library has them in single precision
    # the shortest digits that only this number is read from
    shortest = str(np.float32(value)) if dtype == np.float32 else repr(float(value))
    if float(value).is_integer() and abs(value) < 1e9:
        shortest = f"{float(value):.1f}"
    return shortest + ("f" if dtype == np.float32 else "")


def text(value: str) -> str:
    r"""Return a string literal, with non-ASCII characters as the bytes of UTF-8.

    Examples
    --------
    >>> print(text('say "ü"'))
    "say \"\303\274\""
    """
    signs = []
    for byte in value.encode("utf-8"):
        sign = chr(byte)
        if sign in '"\\?':  # a question mark may begin what older compilers take for another sign
            signs.append("\\" + sign)
        else:
            signs.append(sign if 32 <= byte < 127 else f"\\{byte:03o}")
    return f'"{"".join(signs)}"'


def table(entries: Iterable[str], indent: str = "    ") -> str:
    """Return the entries of a table, as many as fit in a line.

    Examples
    --------
    >>> print(table(["1", "2"]))
        1, 2
    """
    lines, line = [], indent
    for entry in entries:
        if len(line) + len(entry) + 2 > WIDTH and line != indent:
            lines.append(line.rstrip())
            line = indent
        line += f"{entry}, "
    lines.append(line.rstrip().removesuffix(","))
    return "\n".join(lines)


def in_parentheses(before: str, words: Sequence[str], indent: str = "") -> str:
    """Return the arguments of a call, in as many lines as they need.

    Examples
    --------
    >>> print(in_parentheses("f", ["a", "b"]))
    f(a, b)
    """
    lines, line = [], f"{indent}{before}("
    start = min(len(line), 60)
    for place, word in enumerate(words):
        end = ", " if place + 1 < len(words) else ")"
        if len(line) + len(word) + 2 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * start
        line += word + end
    return "\n".join([*lines, line.rstrip() + ("" if words else ")")])


def in_loop(counter: str, length: int, lines: Sequence[str], start: int = 0) -> list[str]:
    """Return lines within a loop over a counter."""
    head = f"for (int {counter} = {start}; {counter} < {length}; ++{counter})"
    inside = [f"    {line}" for line in lines]
    return [head, *inside] if len(lines) == 1 else [f"{head} {{", *inside, "}"]


def comment(words: str, indent: str = "") -> str:
    """Return a comment of as many lines as it needs; what would end it early is escaped.

    Examples
    --------
    >>> print(comment("The way of a column."))
    /* The way of a column. */
    """
    plain = " ".join(escape_controls(words).replace("*/", "* /").replace("/*", "/ *").split())
    lines = textwrap.wrap(plain, WIDTH - len(indent) - 6, break_long_words=False, break_on_hyphens=False) or [""]
    joined = f"\n{indent}   ".join(lines)
    return f"{indent}/* {joined} */"


# ------------------------------------------------------------------- names

C_WORDS: Final = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
"""
CPP_WORDS: Final = """
alignas alignof and and_eq asm bitand bitor catch char16_t char32_t char8_t class co_await co_return co_yield compl
concept consteval constexpr constinit const_cast decltype delete dynamic_cast explicit export friend import module
mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast requires
static_assert static_cast template this thread_local throw try typeid typename using virtual wchar_t xor xor_eq
"""
MACROS: Final = """
NULL EOF INFINITY NAN HUGE_VAL errno assert stdin stdout stderr signbit isnan isinf isfinite isnormal fpclassify
offsetof setjmp complex imaginary I linux unix i386 near far min max major minor makedev
"""
"""Of common headers and compilers; they take effect on fields of structures as well."""
RESERVED: Final = frozenset(f"{C_WORDS} {CPP_WORDS} {MACROS}".split())


def identifier(name: str, otherwise: str) -> str:
    """Return a valid C identifier, as similar to the name as possible.

    Examples
    --------
    >>> [identifier(name, "column_3") for name in ("marital-status", "Größe (m²)", "2nd", "class", "年龄")]
    ['marital_status', 'Grosse_m2', 'n2nd', 'class_', 'column_3']
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    if not plain:
        return otherwise
    if plain[0].isdigit():
        plain = f"n{plain}"
    return f"{plain}_" if plain in RESERVED else plain


def identifiers(names: Iterable[str], otherwise: str = "column") -> list[str]:
    """Return a distinct C identifier for each name.

    Examples
    --------
    >>> identifiers(["a b", "a-b", "", "a_b_2"])
    ['a_b', 'a_b_2', 'column_3', 'a_b_2_2']
    """
    found: list[str] = []
    for number, name in enumerate(names, 1):
        wanted = chosen = identifier(name, f"{otherwise}_{number}")
        again = 1
        while chosen in found:
            again += 1
            chosen = f"{wanted.rstrip('_')}_{again}"
        found.append(chosen)
    return found
