"""The intermediate representation: traces of formulas and layers, as graphs of scalars and of tensors.

===================== ================================================================================================
symbolic_array.py     what NumPy does to an array, for symbols: methods, arithmetic, square brackets, protocols
numpy_functions.py    NumPy's functions, made of those
dims.py               dimensions that are not known yet
dtypes.py             the types of NumPy's arithmetic
naming.py             what numbers are called: variables of the functions that are traced
tensor.py             the graph: one node an operation, and the symbol that records it
scalar.py             a formula as a graph of single numbers; what printers share
equations.py          the same as people write it, in letters or with numbers filled in
branches.py           a question that a formula asks, followed to both answers
printing.py           expressions as text, with the parentheses that a language needs
trace.py              a layer's forward, backward and statistics, captured
layer_names.py        what its arrays are called
layer_equations.py    the same as people write it
first_number.py       the first number of each of its arrays, with numbers filled in
===================== ================================================================================================
"""

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

__all__ = ["SymbolicArray", "UntraceableError"]
