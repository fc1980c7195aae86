"""Code that is written by running Python; see ``code.py``."""

from glassnet.engines.compiled.code.code import Code
from glassnet.engines.compiled.code.operands import BYTES, LETTERS, NUMBER, TYPES, Matrix, Pointer, Value, Variable

__all__ = [
    "BYTES",
    "LETTERS",
    "NUMBER",
    "TYPES",
    "Code",
    "Matrix",
    "Pointer",
    "Value",
    "Variable",
]
