"""Exchange: models as files that outlive the program."""

from glassnet.exchange.file import load, save

__all__ = ["load", "save"]
