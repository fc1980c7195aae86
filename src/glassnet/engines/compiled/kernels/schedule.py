"""The course of the learning rate, where no Python is there to ask a schedule: in a page."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.kernel import Kernel


def factors(k: Kernel, formula: Any, parameters: int) -> None:
    """The factors of a schedule for STEPS steps, to where in A the progress of each stands; C holds its parameters."""
    q = k.C.all(parameters)
    for step in k.range(k.run[Run.STEPS]):
        k.A[step] = formula(k.A[step], *q)
