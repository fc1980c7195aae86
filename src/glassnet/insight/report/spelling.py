"""An estimator as the code that makes it."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["constructor", "cv_spelled"]

NO_SPELLING = ("callbacks", "verbose", "warm_start", "n_jobs")
"""Options that change nothing of what is learned."""


def constructor(model: Any) -> str:
    """The call with every option that is not at its default.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> print(constructor(NeuralClassifier(epochs=5, hidden_layers=(8, "gelu:4"), random_state=0)))
    NeuralClassifier(epochs=5, hidden_layers=(8, 'gelu:4'), random_state=0)
    """
    kind = type(model)
    defaults = kind().get_params()
    given = {
        name: value
        for name, value in model.get_params().items()
        if name not in NO_SPELLING and _differ(value, defaults[name])
    }
    written = [f"{name}={cv_spelled(value) if name == 'cv' else _spelled(value)}" for name, value in given.items()]
    line = f"{kind.__name__}({', '.join(written)})"
    if len(line) <= 88:
        return line
    return f"{kind.__name__}(\n" + "".join(f"    {option},\n" for option in written) + ")"


def cv_spelled(cv: Any) -> str:
    """Folds as code; pairs of row numbers have a name alone.

    >>> cv_spelled(5), cv_spelled([([0, 1], [2])])
    ('5', 'folds')
    """
    return repr(cv) if isinstance(cv, int) or hasattr(cv, "split") else "folds"


def _differ(value: Any, default: Any) -> bool:
    return value is not default and (type(value) is not type(default) or value != default)


def _spelled(value: Any) -> str:
    """A value as code; NumPy's numbers as plain ones."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spelled(key)}: {_spelled(item)}" for key, item in value.items()) + "}"
    return repr(value)
