"""A model as one Python file that needs NumPy alone."""

from glassnet.exchange.python.write_python import to_python, weights_beside

__all__ = ["to_python", "weights_beside"]
