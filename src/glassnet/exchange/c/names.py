"""Names in C: of columns, functions and tables, from whatever they are called in the model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

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
    """A name that C takes, as like the given one as possible.

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
    """A name in C for each name, all different.

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
