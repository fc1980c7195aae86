"""A network as a table of operations: which kernel does what to a block of rows, in which order, on which data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.jit import kernel
from glassnet.engines.compiled.kernels import handwritten, loss_gradient
from glassnet.engines.compiled.memory import OP_SIZE, Op, by_lines
from glassnet.engines.compiled.reuse import is_immutable, once
from glassnet.engines.compiled.rows import LANES, reductions
from glassnet.formulas.averages import AVERAGES, has_temperature
from glassnet.formulas.loss import Loss, log_softmax, log_softmax_backward
from glassnet.formulas.random import random_bits
from glassnet.formulas.regularization import smooth_labels
from glassnet.ir import UntraceableError
from glassnet.layers.base import Layer, Parameter
from glassnet.support.language import Text

MOST_REDUCTIONS = 8
"""More than an average needs, or the transformation of a row before it."""


class NotCompiledError(Exception):
    """A layer or a formula cannot be compiled; the message says which, and why."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def compiled(what: object, builder: str, precision: str, *ingredients: Any, make: Callable[..., int] = kernel) -> int:
    """Return the address of a kernel of the network."""
    try:
        return make(builder, precision, *ingredients)
    except NotCompiledError:
        raise
    except Exception as error:  # a user's formula may do anything with a symbol
        if all(map(is_immutable, ingredients)):
            raise
        rule = Text(
            "{what} cannot be compiled: a formula must be a plain Python function of single numbers, made of "
            "arithmetic, comparisons and NumPy's functions, `np.where` for a choice",
            what=what,
        )
        if isinstance(error, UntraceableError):
            rule = Text("{rule}; here: {reason}", rule=rule, reason=error.reason)
        raise NotCompiledError(rule) from error


@dataclass
class Program:
    """The operations of a network for blocks of at most `rows` rows, and the memory that they need.

    Parameters
    ----------
    precision : {"float32", "float64"}
    inputs : int
    rows : int
        The number of rows in the buffers.
    block : int
        The number of rows over which sums are taken at a time.
    training : bool
        Whether to store what the backward pass needs; otherwise there is no dropout.
    several : bool
        Whether workers meet at a barrier.
    """

    precision: str
    inputs: int
    rows: int
    block: int
    training: bool
    several: bool = False
    ops: list[list[int]] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    kept_constants: list[tuple[int, float]] = field(default_factory=list)
    """Places and values of constants in E, for operations after the backward pass."""
    dropouts: list[tuple[int, float]] = field(default_factory=list)
    """Places in C and values of dropout rates, which a schedule may scale."""
    activations: int = 0
    """Numbers in A, and as many in D."""
    kept: int = 0
    """Numbers in E."""
    parameters: int = 0
    statistics: int = 0
    scratch: int = 0
    """Numbers of scratch memory that the largest kernel needs."""
    panel: int = 0
    """Numbers of memory that products of rounded operands need."""
    target_width: int = 0
    kernel: Callable[..., int] = kernel
    """Makes a kernel, and returns its address."""
    split: Callable[[Layer], Sequence[Layer]] = lambda layer: (layer,)
    """A layer as a chain of layers that compute the same, each an operation."""
    sparse_update: Callable[[Parameter], bool] = lambda parameter: False
    """Which parameters a step without a gradient leaves exactly as they are, so that only touched rows are updated."""
    share: float | None = None
    """The weight of a batch in running statistics; None: the layer's own."""
    scattered: bool = False
    """Whether workers share gradients other than by a parameter's first axis, or gradients read parameters."""
    reusable: bool = True
    """Whether it may be used again: a user's own formula may read values that change."""
    touched: list[tuple[int, int, int]] = field(default_factory=list)
    """Operations that mark which of their parameters a step touches: number, and range of the parameters."""

    @cached_property
    def driver(self) -> Callable[..., float]:
        """The compiled loop over steps, blocks and operations: one for all, since compiling each would take time."""
        return python_callable(kernel("driver.drive", self.precision, True, random_bits), 2)

    # -------------------------------------------------------------- building

    def compiled(self, what: object, builder: str, *ingredients: Any) -> int:
        """Return the address of a kernel of the network."""
        self.reusable = self.reusable and all(map(is_immutable, ingredients))
        return compiled(what, builder, self.precision, *ingredients, make=self.kernel)

    def add(self, forward: int, backward: int = 0, learn: int = 0, **fields: int) -> list[int]:
        """Append an operation, with fields by the names of :class:`Op`."""
        op = [0] * OP_SIZE
        op[Op.FORWARD], op[Op.BACKWARD], op[Op.LEARN] = forward, backward if self.training else 0, learn
        for name, value in fields.items():
            op[getattr(Op, name)] = value
        self.ops.append(op)
        return op

    def region(self, width: int) -> int:
        """Reserve a region of A for a block of rows."""
        start = self.activations
        self.activations += by_lines(self.rows * width)
        return start

    def keep(self, count: int) -> int:
        """Reserve numbers in E."""
        start = self.kept
        self.kept += by_lines(count)
        return start

    def reserve_scratch(self, count: int) -> None:
        """Reserve scratch memory for a kernel."""
        self.scratch = max(self.scratch, count)

    def keep_constant(self, value: float) -> int:
        """Store a constant in E."""
        self.kept_constants.append((self.keep(1), value))
        return self.kept_constants[-1][0]

    def constant(self, *values: Any) -> int:
        """Store constants in C."""
        start = len(self.constants)
        self.constants += (float(value) for value in values)
        return start

    def add_dropout(self, place: int, rate: float) -> None:
        """Declare a constant to be a dropout rate, which a schedule may scale."""
        self.dropouts.append((place, rate))
        self.constants[place] = rate

    def reserve_parameters(self, layer: Layer, width: int) -> tuple[int, int]:
        """Reserve a layer's parameters and statistics; return where they begin."""
        places = self.parameters, self.statistics
        self.parameters += sum(math.prod(p.shape) for p in layer.parameters(width))
        self.statistics += sum(math.prod(p.shape) for p in layer.statistics(width))
        return places

    @property
    def want_dx(self) -> bool:
        """Whether an earlier layer has parameters, so that the gradient of the next operation's input is needed."""
        return self.parameters > 0

    def average(self, loss: Loss, width: int, shares: Sequence[float], members: int, temperature: float) -> int:
        """Add the average over all members of all networks; return the place of its output. Inputs are bound later.

        `shares` are the weights of the networks, 1 on average.
        """
        link, average = AVERAGES[loss.response]
        networks = len(shares)
        divisor = self.constant(temperature if has_temperature(loss) else 1.0)
        self.constant(*(share for share in shares for _ in range(members)))
        forward = self.compiled(loss, "handwritten.average_of_members", link, average)
        doubles = (networks * members * width + MOST_REDUCTIONS) * LANES
        self.reserve_scratch(doubles * (2 if self.precision == "float32" else 1))
        op = self.add(forward, INPUTS=width, Y=self.region(width), C=divisor)
        op[handwritten.NETWORKS], op[handwritten.MEMBERS] = networks, members
        return op[Op.Y]

    def loss(self, loss: Loss, outputs: int, x: int, classes: bool, members: int) -> None:
        """Add the loss and its gradient; `outputs` are those of one member, the loss is the mean over members."""
        levels = loss.outputs_per_target // loss.columns
        targets = outputs // loss.outputs_per_target
        count, spare = len(loss.values), 0
        link: tuple[Any, Any] = (None, None)
        if loss.link == "log_softmax":
            link = log_softmax, log_softmax_backward
            spare = max(reductions_of(log_softmax, 1, 0), reductions_of(log_softmax_backward, 2, 0))
        address = self.compiled(
            loss,
            "loss_gradient.value_and_gradient",
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
        self.reserve_scratch((3 * outputs + spare + 2) * LANES)
        op = self.add(address, INPUTS=outputs, X=x, C=c)
        smoothing = self.constant(loss.label_smoothing)
        op[loss_gradient.TARGETS : loss_gradient.MEMBERS + 1] = [targets, levels, spare, scale, smoothing, members]
        self.target_width = 1 if classes else targets


def reductions_of(function: Callable[..., Any], inputs: int, parameters: int) -> int:
    """Return the number of reductions in a formula over rows."""
    return once(lambda: reductions(function, inputs, parameters), "reductions", function, inputs, parameters)
