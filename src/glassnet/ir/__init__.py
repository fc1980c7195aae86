"""The intermediate representation: traces of formulas and layers, as graphs of scalars and of tensors.

===================== ================================================================================================
symbolic_array.py     what NumPy does to an array, for symbols; a question about one, followed to both answers
numpy_functions.py    NumPy's functions, made of those; the types of their results
dims.py               dimensions that are not known yet
tensor.py             the graph: one node an operation, and the symbol that records it
scalar.py             a formula as a graph of single numbers; what printers share
equations.py          the same as people write it, in letters or with numbers filled in
printing.py           what printers share: expressions with parentheses, names of nodes
layer_trace.py        a layer's forward, backward and statistics, captured
layer_names.py        what its arrays are called
layer_equations.py    the same as people write it
first_number.py       the first number of each of its arrays, with numbers filled in
===================== ================================================================================================
"""

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

__all__ = ["SymbolicArray", "UntraceableError"]
