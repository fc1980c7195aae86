"""How steps are carried out. `reference`: NumPy, reads like the book."""

from glassnet.engines.reference import Model, ReferenceEngine, Step
from glassnet.engines.update import Updater
from glassnet.errors import InputError

__all__ = ["Model", "ReferenceEngine", "Step", "Updater", "get_engine"]

ENGINES = {"reference": ReferenceEngine}


def get_engine(name: str) -> ReferenceEngine:
    """The engine of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if not isinstance(name, str) or name not in ENGINES:
        raise InputError(f"`engine` must be one of: {', '.join(ENGINES)}", repr(name), "Use one of these names")
    return ENGINES[name]()
