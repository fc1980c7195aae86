"""The intermediate representation: a layer's own functions, captured once as a graph of tensors.

===================== ================================================================================================
symbolic_array.py     what NumPy does to an array, for symbols: methods, arithmetic, square brackets, protocols
numpy_functions.py    NumPy's functions, made of those
dims.py               dimensions that are not known yet
tensor.py             the graph: one node an operation, and the symbol that records it
trace.py              a layer's forward, backward and statistics, captured
===================== ================================================================================================
"""

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

__all__ = ["SymbolicArray", "UntraceableError"]
