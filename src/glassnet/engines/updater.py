"""The update of the parameters after a step: clip the gradient, decay, apply the optimizer's rule, keep the limits.

Everything works on the one flat vector; which of its elements are weights is the layout's knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.formulas import regularization
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers.base import Array
from glassnet.layers.layout import Layout, Slot, on_lines, usable
from glassnet.support.language import Text
from glassnet.support.options import LEARNING_RATE, WEIGHT_DECAY, Number, Optional, validate

CLIP = Optional(Number("(0, inf)", "None disables it"))
EMA_DECAY = Optional(Number("[0, 1)", "Common values are 0.99 to 0.9999"))


@dataclass
class Updater:
    """An optimizer at work on one network: its rule, and the state that it carries from step to step.

    Parameters
    ----------
    layout : Layout
        Of the network.
    optimizer : str or Optimizer
    weight_decay : float or None
        Decoupled: each step takes alpha · weight_decay of every weight away, never of a bias or gain. None: the
        optimizer's own default.
    clip_value : float or None
        Cuts every element of the gradient at ± this.
    clip_norm : float or None
        Shrinks the whole gradient to at most this Euclidean length.
    ema_decay : float or None
        Keeps an exponential moving average of the parameters: ema = decay · ema + (1 - decay) · parameters, with the
        start's bias taken out.
    dtype : NumPy dtype
        Of the state; best that of the network.

    Examples
    --------
    >>> from glassnet.layers import Dense
    >>> updater = Updater(Layout([Dense(1)], 2), "sgd")
    >>> parameters = np.array([1.0, 2.0, 3.0])
    >>> updater.step(parameters, gradient=np.array([1.0, 0.0, -1.0]), alpha=0.5)
    >>> parameters
    array([0.5, 2. , 3.5])
    """

    layout: Layout
    optimizer: Optimizer | str = "adam"
    weight_decay: float | None = None
    clip_value: float | None = None
    clip_norm: float | None = None
    ema_decay: float | None = None
    dtype: Any = np.float64
    t: int = field(default=0, init=False)
    slots: dict[str, Array] = field(default_factory=dict, init=False)
    coefficients: tuple[float, ...] | None = field(default=None, init=False)
    ema: Array | None = field(default=None, init=False)
    rates: Array | None = field(default=None, init=False)
    """The factor of each parameter's learning rate; None: 1."""

    def __post_init__(self) -> None:
        validate(
            self,
            optimizer=OPTIMIZERS,
            weight_decay=Optional(WEIGHT_DECAY),
            clip_value=CLIP,
            clip_norm=CLIP,
            ema_decay=EMA_DECAY,
        )
        if self.weight_decay is None:
            self.weight_decay = self.rule.weight_decay
        self.slots = {name: on_lines(self.layout.size, self.dtype) for name in self.rule.slots}
        rates = [slot.parameter.rate for slot in self.layout.parameters]
        if any(rate != 1 for rate in rates):
            self.rates = np.repeat(rates, [slot.stop - slot.start for slot in self.layout.parameters]).astype(
                self.dtype
            )
        if self.ema_decay is not None:
            self.ema = on_lines(self.layout.size, self.dtype)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state that another process has sent."""
        self.__dict__ |= state
        self.slots = {name: usable(numbers) for name, numbers in self.slots.items()}
        self.ema = None if self.ema is None else usable(self.ema)

    @property
    def rule(self) -> Optimizer:
        """The optimizer."""
        assert isinstance(self.optimizer, Optimizer)
        return self.optimizer

    @property
    def weights(self) -> Iterator[Slot]:
        """The places of the weights, which decay and penalties act on."""
        return (slot for slot in self.layout.parameters if slot.parameter.kind == "weight")

    def rate(self, learning_rate: float | None = None) -> float:
        """Return the learning rate to use: the one given, or the optimizer's own.

        Raises
        ------
        InputError, InputTypeError
            If it is not a positive number.
        """
        if learning_rate is None:
            return self.rule.learning_rate
        return LEARNING_RATE.taken("`learning_rate`", learning_rate)

    def step(self, parameters: Array, gradient: Array, alpha: float, decay: float = 1.0) -> None:
        """One update, in place.

        Parameters
        ----------
        parameters, gradient : arrays of shape (parameters,)
            The gradient is clipped in place.
        alpha : float
            The learning rate of this step.
        decay : float
            The factor of the weight decay, from its schedule.
        """
        self.t += 1
        alpha = float(alpha)  # a NumPy float64 would carry float32 parameters into float64 and back
        self.clip(gradient)
        if self.weight_decay:
            for slot in self.weights:
                weights = parameters[slot.start : slot.stop]
                strength = float(decay) * self.weight_decay
                weights[...] = regularization.decay(weights, alpha * slot.parameter.rate, strength)
        self.coefficients = self.rule.at_step(self.t, self.coefficients)
        theta, *state = self.moved(parameters, gradient, tuple(self.slots.values()), alpha)
        parameters[...] = theta
        for name, newest in zip(self.slots, state, strict=True):
            self.slots[name][...] = newest
        for slot in self.layout.parameters:
            if slot.parameter.max_norm is not None:
                slot.view(parameters)[...] = regularization.max_norm(slot.view(parameters), slot.parameter.max_norm)
        self.layout.bring_within(parameters)
        if self.ema is not None and self.ema_decay is not None:
            self.ema[...] = regularization.ema(self.ema, parameters, 1 - self.ema_decay)

    def moved(self, parameters: Array, gradient: Array, slots: tuple[Array, ...], alpha: float) -> tuple[Array, ...]:
        """Apply the rule with the coefficients of this step: the new parameters and slots.

        Raises
        ------
        InputTypeError
            If the rule returns anything else.
        """
        alphas = alpha if self.rates is None or len(parameters) != len(self.rates) else alpha * self.rates
        result = self.rule(parameters, gradient, slots, alphas, self.coefficients or ())
        if not isinstance(result, tuple) or len(result) != 1 + len(self.slots):
            raise InputTypeError(
                Text(
                    "The rule of `{name}` must return a tuple: {some}",
                    name=self.rule.name,
                    some=", ".join(["theta", *self.slots]),
                ),
                Text("{count} values", count=len(result)) if isinstance(result, tuple) else type(result).__name__,
                "Return theta and every slot as they are after the step; `return (theta,)` if there are no slots",
            )
        return result

    def clip(self, gradient: Array) -> None:
        """Cut the gradient element by element, then as a whole."""
        if self.clip_value is not None:
            gradient[...] = regularization.clip_by_value(gradient, self.clip_value)
        if self.clip_norm is not None:
            gradient[...] = regularization.clip_by_norm(gradient, regularization.global_norm(gradient), self.clip_norm)

    def averaged(self, parameters: Array) -> Array:
        """Return the parameters for predictions: their moving average, if one is kept."""
        if self.ema is None or self.ema_decay is None or self.t == 0:
            return parameters
        averaged: Array = regularization.ema_unbiased(self.ema, self.ema_decay, self.t)
        self.layout.bring_within(averaged)  # the bias taken out may round beyond them
        return averaged


def penalty(layout: Layout, parameters: Array, gradient: Array | None = None) -> float:
    """Return the L1 and L2 penalties of all weights; their gradient is added to `gradient` where one is given."""
    total = 0.0
    for slot in layout.parameters:
        w, p = parameters[slot.start : slot.stop], slot.parameter
        if p.l1:
            total += float(regularization.l1_penalty(w, p.l1))
            if gradient is not None:
                gradient[slot.start : slot.stop] += regularization.l1_gradient(w, p.l1)
        if p.l2:
            total += float(regularization.l2_penalty(w, p.l2))
            if gradient is not None:
                gradient[slot.start : slot.stop] += regularization.l2_gradient(w, p.l2)
    return total
