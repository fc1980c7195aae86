"""Neural networks that you can see through, as fast as the machine allows."""

__version__ = "0.1.0"
