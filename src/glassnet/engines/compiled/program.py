"""A network as a table: what is to be done to a block of rows, in which order, by which kernel, on which numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import OP_SIZE, Op
from glassnet.engines.compiled.jit import kernel
from glassnet.engines.compiled.kernels import average as average_kernel
from glassnet.engines.compiled.kernels import loss as loss_kernel
from glassnet.engines.compiled.memory import by_lines
from glassnet.engines.compiled.once import once, says_the_same
from glassnet.engines.compiled.rows import LANES, reductions
from glassnet.formulas.averages import AVERAGES, has_temperature
from glassnet.formulas.loss import Loss, log_softmax, log_softmax_backward
from glassnet.formulas.regularization import smooth_labels
from glassnet.layers.base import Layer, Parameter

MOST_REDUCTIONS = 8
"""More than an average takes, or what is done to a row before it."""


class NotCompiledError(Exception):
    """There is no compiled form of a layer or a formula; says of which, and why."""


def compiled(what: object, builder: str, precision: str, *ingredients: Any, make: Callable[..., int] = kernel) -> int:
    """The address of a kernel for something of the network."""
    try:
        return make(builder, precision, *ingredients)
    except NotCompiledError:
        raise
    except Exception as error:  # whatever a formula of somebody's own does with symbols
        if all(map(says_the_same, ingredients)):
            raise
        raise NotCompiledError(
            f"{what} cannot be compiled: a formula must be a plain Python function of single numbers, made of "
            "arithmetic, comparisons and NumPy's functions, `np.where` for a choice"
        ) from error


@dataclass
class Program:
    """The operations of a network for blocks of at most `rows` rows, and how much room they need.

    Parameters
    ----------
    precision : {"float32", "float64"}
    inputs : int
    rows : int
        How many rows the buffers hold.
    block : int
        How many of them belong together where sums over rows are taken.
    training : bool
        With what the way back needs; otherwise without dropout.
    """

    precision: str
    inputs: int
    rows: int
    block: int
    training: bool
    ops: list[list[int]] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    kept_constants: list[tuple[int, float]] = field(default_factory=list)
    """Places and values of constants in E, for what comes after the way back."""
    dropouts: list[tuple[int, float]] = field(default_factory=list)
    """Places in C and values of the rates of dropout, which a schedule may turn down."""
    activations: int = 0
    """Numbers in A, and as many in D."""
    kept: int = 0
    """Numbers in E."""
    parameters: int = 0
    statistics: int = 0
    scratch: int = 0
    """Numbers that a kernel needs room for while it runs."""
    target_width: int = 0
    kernel: Callable[..., int] = kernel
    """Makes a kernel, and says where it is."""
    split: Callable[[Layer], Sequence[Layer]] = lambda layer: (layer,)
    """A layer as those that do the same one after the other, each an operation."""
    seldom: Callable[[Parameter], bool] = lambda parameter: False
    """Which parameters stay exactly as they are in a step that gives them no gradient."""
    share: float | None = None
    """The weight of a batch in running statistics; None: what a layer says."""
    scattered: bool = False
    """Whether gradients are shared out to workers otherwise than by a parameter's first axis, or read parameters."""
    reusable: bool = True
    """Whether it may be used again: a user's own formula may read values that change."""
    touched: list[tuple[int, int, int]] = field(default_factory=list)
    """Operations that say which of their parameters a step has touched, by their numbers, and where those lie."""

    # -------------------------------------------------------------- building

    def compiled(self, what: object, builder: str, *ingredients: Any) -> int:
        """The address of a kernel for something of the network."""
        self.reusable = self.reusable and all(map(says_the_same, ingredients))
        return compiled(what, builder, self.precision, *ingredients, make=self.kernel)

    def add(self, forward: int, backward: int = 0, learn: int = 0, **fields: int) -> list[int]:
        """One more operation; fields by the names of :class:`Op`."""
        op = [0] * OP_SIZE
        op[Op.FORWARD], op[Op.BACKWARD], op[Op.LEARN] = forward, backward if self.training else 0, learn
        for name, value in fields.items():
            op[getattr(Op, name)] = value
        self.ops.append(op)
        return op

    def region(self, width: int) -> int:
        """Room in A for a block of rows."""
        start = self.activations
        self.activations += by_lines(self.rows * width)
        return start

    def keep(self, count: int) -> int:
        """Room in E."""
        start = self.kept
        self.kept += by_lines(count)
        return start

    def need_scratch(self, count: int) -> None:
        """Room for so many numbers while a kernel runs."""
        self.scratch = max(self.scratch, count)

    def keep_constant(self, value: float) -> int:
        """A constant in E."""
        self.kept_constants.append((self.keep(1), value))
        return self.kept_constants[-1][0]

    def constant(self, *values: Any) -> int:
        """Constants in C."""
        start = len(self.constants)
        self.constants += (float(value) for value in values)
        return start

    def drop(self, place: int, rate: float) -> None:
        """A constant is a rate of dropout, which a schedule may turn down."""
        self.dropouts.append((place, rate))
        self.constants[place] = dropout_rate(rate, self.precision)

    def learned(self, layer: Layer, width: int) -> tuple[int, int]:
        """Where the parameters and statistics of a layer begin; the next layer's begin behind them."""
        places = self.parameters, self.statistics
        self.parameters += sum(math.prod(p.shape) for p in layer.parameters(width))
        self.statistics += sum(math.prod(p.shape) for p in layer.statistics(width))
        return places

    @property
    def want_dx(self) -> bool:
        """Whether anything learns before the operation that comes next."""
        return self.parameters > 0

    def average(self, loss: Loss, width: int, shares: Sequence[float], members: int, temperature: float) -> int:
        """What all members of all networks answer on average; gives the place of it. Where they do is bound later.

        Of each network the share says how much it counts, 1 on average.
        """
        link, average = AVERAGES[loss.response]
        networks = len(shares)
        divisor = self.constant(temperature if has_temperature(loss) else 1.0)
        self.constant(*(share for share in shares for _ in range(members)))
        forward = self.compiled(loss, "average.together", link, average)
        doubles = (networks * members * width + MOST_REDUCTIONS) * LANES
        self.need_scratch(doubles * (2 if self.precision == "float32" else 1))
        op = self.add(forward, INPUTS=width, Y=self.region(width), C=divisor)
        op[average_kernel.NETWORKS], op[average_kernel.MEMBERS] = networks, members
        return op[Op.Y]

    def loss(self, loss: Loss, outputs: int, x: int, classes: bool, members: int) -> None:
        """The loss and its gradient; `outputs` are those of one member, the loss is the mean of all members'."""
        levels = loss.outputs_per_target // loss.columns
        targets = outputs // loss.outputs_per_target
        count, spare = len(loss.values), 0
        link: tuple[Any, Any] = (None, None)
        if loss.link == "log_softmax":
            link = log_softmax, log_softmax_backward
            spare = max(reductions_of(log_softmax, 1, 0), reductions_of(log_softmax_backward, 2, 0))
        address = self.compiled(
            loss,
            "loss.value_and_gradient",
            loss.function,
            loss.derivative,
            smooth_labels,
            *link,
            count,
            loss.columns,
            classes,
            members > 1,
        )
        values = (v[level] if isinstance(v, tuple) else v for level in range(levels) for v in loss.values)
        c = self.constant(*values)
        scale = self.constant(1 / members if loss.over_targets == "sum" else 1 / (members * targets * levels))
        self.need_scratch((3 * outputs + spare + 2) * LANES)
        op = self.add(address, INPUTS=outputs, X=x, C=c)
        smoothing = self.constant(loss.label_smoothing)
        op[loss_kernel.TARGETS : loss_kernel.MEMBERS + 1] = [targets, levels, spare, scale, smoothing, members]
        self.target_width = 1 if classes else targets


def dropout_rate(rate: float, precision: str) -> float:
    """A rate in this precision: rounded up, so that a number is below it in float32 exactly where it is in float64."""
    if precision == "float64":
        return rate
    single = np.float32(rate)
    return float(single if single >= rate else np.nextafter(single, np.float32(1)))


def reductions_of(function: Callable[..., Any], inputs: int, parameters: int) -> int:
    """How many numbers a row a formula over rows needs in between."""
    return once(lambda: reductions(function, inputs, parameters), "reductions", function, inputs, parameters)
