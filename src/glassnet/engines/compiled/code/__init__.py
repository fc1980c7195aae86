"""Code that is written by running Python; see ``code.py``."""

from glassnet.engines.compiled.code.code import Code
from glassnet.engines.compiled.code.places import Matrix, Pointer, Variable
from glassnet.engines.compiled.code.value import BYTES, LETTERS, NUMBER, TYPES, Value

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
