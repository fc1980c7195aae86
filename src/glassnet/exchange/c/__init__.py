"""A model as plain C: two files without dependencies but the mathematical library, and without allocation.

It is made from the model's graph: every part of the model becomes a function, every array that was learned a table.
"""

from glassnet.exchange.c.compilation import CSource, Deviation
from glassnet.exchange.c.write_c import to_c

__all__ = ["CSource", "Deviation", "to_c"]
