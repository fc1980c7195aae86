"""How steps are carried out. `reference`: NumPy, reads like the book. `compiled`: native code, as fast as can be."""

from glassnet.engines.compiled.engine import CompiledEngine
from glassnet.engines.reference import Model, ReferenceEngine, Step
from glassnet.engines.update import Updater
from glassnet.errors import InputError

__all__ = ["CompiledEngine", "Model", "ReferenceEngine", "Step", "Updater", "get_engine"]

ENGINES = {"compiled": CompiledEngine, "reference": ReferenceEngine}


def get_engine(engine: str | ReferenceEngine) -> ReferenceEngine:
    """The engine of that name, or the engine itself.

    Raises
    ------
    InputError
        If there is none.
    """
    if isinstance(engine, ReferenceEngine):
        return engine
    if not isinstance(engine, str) or engine not in ENGINES:
        raise InputError(f"`engine` must be one of: {', '.join(ENGINES)}", repr(engine), "Use one of these names")
    return ENGINES[engine]()
