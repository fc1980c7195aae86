"""The base of optimizers: an update rule, its state and its default learning rate.

The *rule* is a plain function on arrays (or scalars): of the parameters, their gradient, the memories ("slots") that it
carries from step to step, the learning rate, the rule's own parameters, and the coefficients of this step. It returns
the parameters and the slots as they are after the step. What depends on no element (the step number t, 1 - β) is
computed once a step, by a *coefficients* function in Python floats: the rule stays cheap, and exact in float32 (in
which 1 - 0.999 is already wrong by one part in 80,000).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.formula import Formula, of_numbers
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import LEARNING_RATE, WEIGHT_DECAY, Each, Function, Optional, String, validate


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Optimizer(Formula):
    """An update rule with its state (slots) and its default learning rate.

    Parameters
    ----------
    name : str
    rule : callable
        ``rule(theta, g, *slots, alpha, *parameters, *coefficients)`` (all by position) returns the tuple
        ``(theta, *slots)``. It treats each element alone, so that one call on the flat vector of all parameters is
        the same as one call per layer.
    slots : tuple of str
        The names of the memories, each of the shape of theta and zero before the first step.
    coefficients : callable, optional
        ``coefficients(t, previous, *parameters)`` with the step number t = 1, 2, ... and its result at the step
        before (None at the first): a tuple of floats.
    learning_rate : float
        The default α.
    weight_decay : float
        The default λ; decoupled, on weights only.
    rests : bool
        Whether a parameter without a gradient stays exactly as it is, and so do its slots: nothing goes on in memory of
        earlier gradients. Then of a large embedding only the levels in a batch need be updated.
    parameters, domains
        See :class:`glassnet.formulas.formula.Formula`: the trailing arguments of the functions, and where they may lie.

    Examples
    --------
    A new optimizer is one function of a few lines; here the sign of the gradient alone gives the direction:

    >>> import numpy as np
    >>> sign_descent = Optimizer("sign", lambda theta, g, alpha: (theta - alpha * np.sign(g),), learning_rate=0.1)
    >>> theta = np.array([1.0, -2.0])
    >>> sign_descent(theta, 2 * theta, sign_descent.start(theta), sign_descent.learning_rate)
    (array([ 0.9, -1.9]),)
    """

    rule: Callable[..., tuple[Any, ...]]
    slots: tuple[str, ...] = ()
    coefficients: Callable[..., tuple[float, ...]] | None = None
    learning_rate: float = 0.001
    weight_decay: float = 0.0
    rests: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        function = Function("Give a rule of (theta, g, *slots, alpha, *parameters, *coefficients)")
        validate(
            self,
            rule=function,
            slots=Each(String(), 'For example ("m", "v")'),
            coefficients=Optional(function),
            learning_rate=LEARNING_RATE,
            weight_decay=WEIGHT_DECAY,
        )

    def start(self, theta: Any) -> tuple[Any, ...]:
        """Return the slots before the first step: zeros."""
        return tuple(np.zeros_like(theta) for _ in self.slots)

    def at_step(self, t: int, previous: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """Return the coefficients of step t = 1, 2, ..., given those of the step before."""
        return () if self.coefficients is None else self.coefficients(t, previous, *self.values)

    def __call__(
        self, theta: Any, g: Any, slots: tuple[Any, ...], alpha: Any, coefficients: tuple[float, ...] = ()
    ) -> tuple[Any, ...]:
        """Return one step: ``(theta, *slots)`` after it."""
        arguments = (theta, g, *slots, alpha, *self.values, *coefficients)
        with contextlib.suppress(TypeError, ValueError):
            return self.rule(*arguments)
        moved: tuple[Any, ...] = of_numbers(self.rule, *arguments)
        return moved
