"""Types of numbers in code, and how LLVM writes them."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

__all__ = [
    "BYTES",
    "FLOATS",
    "LETTERS",
    "NUMBER",
    "RANK",
    "TYPES",
    "UntraceableError",
    "kind_of",
    "literal",
    "memory_type",
    "type_of",
]

TYPES = {"float": np.float32, "double": np.float64, "i1": np.bool_, "i32": np.int32, "i64": np.int64}
TYPES |= {"b64": np.int64, "u64": np.uint64}
"""Types of symbols, in LLVM's words; but u64 has no sign, and b64, the bits of a double, may go round."""
BYTES = {"float": 4, "double": 8, "i1": 1, "i32": 4, "i64": 8, "b64": 8, "u64": 8}
RANK = ("i1", "i32", "i64", "b64", "u64", "float", "double")
"""Of two types the later one is that of what comes of them."""
FLOATS = ("float", "double")
NUMBER = {"float32": "float", "float64": "double"}
"""What LLVM calls the numbers of a network."""
LETTERS = {"float": "f32", "double": "f64", "i64": "i64"}
"""How LLVM's functions of a type end."""


class UntraceableError(Exception):
    """A formula does something that cannot be written down."""


def type_of(kind: str, lanes: int = 1) -> str:
    """What LLVM calls a number of this kind, or so many side by side."""
    word = "i64" if kind in ("u64", "b64") else kind
    return word if lanes == 1 else f"<{lanes} x {word}>"


def memory_type(kind: str, lanes: int = 1) -> str:
    """The same in memory, where a truth value takes a byte."""
    return "i8" if kind == "i1" else type_of(kind, lanes)


def kind_of(dtype: np.dtype[Any]) -> str:
    """The kind of an array's numbers."""
    return next(kind for kind, known in TYPES.items() if np.dtype(known) == dtype)


def literal(number: Any, kind: str) -> str:
    """A number that is known, as LLVM reads it: floats by their bits."""
    if kind in FLOATS:
        with np.errstate(all="ignore"):
            return f"0x{struct.unpack('<Q', struct.pack('<d', float(TYPES[kind](number))))[0]:016X}"
    if kind == "i1":
        return "true" if number else "false"
    return str(int(number))
