"""Engines run training steps and predictions. `reference`: NumPy, reads like a textbook. `compiled`: native code."""

from typing import Any

from glassnet.engines.compiled.engine import CompiledEngine
from glassnet.engines.reference import ReferenceEngine, Step
from glassnet.engines.updater import Updater
from glassnet.support.options import Choice

__all__ = ["ENGINE", "CompiledEngine", "ReferenceEngine", "Step", "Updater", "get_engine"]

ENGINES = {"compiled": CompiledEngine, "reference": ReferenceEngine}


class _Engine:
    """The rule of the option `engine`; a name stays a name."""

    def taken(self, name: str, value: Any) -> str | ReferenceEngine:
        return value if isinstance(value, ReferenceEngine) else Choice(*ENGINES).taken(name, value)


ENGINE = _Engine()


def get_engine(engine: str | ReferenceEngine) -> ReferenceEngine:
    """Return the engine of that name, or the engine itself.

    Raises
    ------
    InputError, InputTypeError
        If there is none.
    """
    chosen = ENGINE.taken("`engine`", engine)
    return ENGINES[chosen]() if isinstance(chosen, str) else chosen
