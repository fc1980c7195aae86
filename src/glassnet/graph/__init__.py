"""The tracer: arrays that are not there yet, by which a layer's and a formula's own functions become graphs.

What can be done to an array is said here once, in NumPy's words: methods, arithmetic, square brackets (``array.py``),
functions (``functions.py``). All of it comes down to some twenty steps; what a step becomes is the business of whoever
draws a graph: the compiled engine (``engines/compiled/grids.py``), a formula of whole rows in it
(``engines/compiled/rows.py``), the exports (``exchange/graph/symbol.py``).
"""

from glassnet.graph.array import SymbolicArray, UntraceableError

__all__ = ["SymbolicArray", "UntraceableError"]
