r"""Schedules: the learning rate as a function of how far training has come.

Each is a plain function of the progress t in [0, 1] (array or scalar) that gives the factor by which the base learning
rate is multiplied, whatever the number of epochs. The record adds a linear warm-up in front, if requested. One schedule
follows the validation losses instead: :func:`reduce_on_plateau`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.elementary import cos_turn, exp, log, whole_power
from glassnet.formulas.formula import Formula, Registry, of_numbers
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Choice, Function, Number, validate

__all__ = ["SCHEDULES", "Schedule", "linear_warmup"]

AT_ONCE = 4096
"""The number of factors computed at once: those of many short epochs cost no more than those of one."""

# The warm-up starts from this share of the learning rate: at exactly 0 the first step would be wasted.
WARMUP_START = 0.01
Course: TypeAlias = Callable[[float], float]
"""A function of the progress alone."""
OF_PROGRESS = Text("It is called with the training progress, from 0 to 1")


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Schedule(Formula):
    """A course of the learning rate, perhaps with a warm-up in front.

    Parameters
    ----------
    name : str
    function : callable
        ``function(progress, *parameters)`` gives the factor, for progress in [0, 1] (array or scalar); where `follows`
        is "scores": ``function(scores, *parameters)`` of the list of validation losses so far.
    warmup : float
        The fraction of training, at least 0 and below 1, in which the factor first rises linearly from 0.01 to 1; the
        schedule itself runs, whole, over the rest. `one_cycle` and `coslog4` rise by themselves and need none.
    follows : "progress" or "scores"
        The argument of the function.
    parameters, domains
        See :class:`glassnet.formulas.formula.Formula`: the trailing arguments of the functions, and where they may lie.

    Examples
    --------
    >>> linear = SCHEDULES.get("linear(warmup=0.2)")
    >>> str(linear)
    'linear(end=0.0, warmup=0.2)'
    >>> linear(np.array([0.0, 0.1, 0.2, 0.6, 1.0]))
    array([0.01 , 0.505, 1.   , 0.5  , 0.   ])
    """

    options: ClassVar[tuple[str, ...]] = ("warmup",)

    function: Callable[..., Any]
    warmup: float = 0.0
    follows: Literal["progress", "scores"] = "progress"

    def __post_init__(self) -> None:
        super().__post_init__()
        validate(
            self,
            function=Function("Give a function of the progress in [0, 1]"),
            warmup=Number("[0, 1)", "Give the fraction of training that it takes, such as 0.05"),
            follows=Choice("progress", "scores"),
        )
        rule, remedy = (
            Text("The function of `{name}` must return a factor for any progress in [0, 1]", name=self.name),
            OF_PROGRESS,
        )
        with coercing(rule, self.function, remedy):
            self(0.5, scores=[1.0])
        probe = self(np.array([0.0, 0.5, 1.0]), scores=[1.0])
        if not (np.all((probe >= 0) & np.isfinite(probe)) and np.any(probe > 0)):
            raise InputError(
                "The factors of a schedule must be finite, at least 0, and not all 0",
                Text(
                    "{value} at the start, in the middle and at the end of `{other}`",
                    value=np.round(probe, 6),
                    other=self,
                ),
                "Change its parameters",
            )

    def __call__(self, progress: Any, scores: Sequence[float] | None = None) -> Any:
        """The factor at a progress in [0, 1]: a float for a scalar, an array for an array.

        `scores`, the validation losses so far (lower is better), is needed by a schedule that follows them, and
        ignored by all others.
        """
        t = np.clip(progress, 0.0, 1.0)
        rest = np.maximum(t - self.warmup, 0.0) / (1 - self.warmup)
        if self.follows == "progress":
            with np.errstate(divide="ignore", invalid="ignore"):  # one_cycle(rise=0) has no way up, and needs none
                factor = of_numbers(self.function, rest, *self.values)
        elif scores is not None:
            factor = self.function(scores, *self.values)
        else:
            raise InputError(
                Text("`{name}` must be given the validation losses so far", name=self.name),
                None,
                "Call it with `scores`",
            )
        if self.warmup > 0:
            rise = WARMUP_START + (1 - WARMUP_START) * t / self.warmup
            factor = np.where(t < self.warmup, rise, factor)
        return float(factor) if np.ndim(factor) == 0 else np.asarray(factor)

    def course(
        self,
        epochs: int,
        steps: int,
        scores: Sequence[float] = (),
        rate: float = 1.0,
        array: type[np.ndarray[Any, Any]] = np.ndarray,
    ) -> Iterator[Any]:
        """The factors of a training times a rate, epoch by epoch: an array of shape (steps,) each.

        Parameters
        ----------
        epochs, steps : int
            How many epochs there are, and steps in each.
        scores : sequence of float
            The validation losses so far; the training loop adds those of an epoch before it takes the next.
        rate : float
        array : type
            Of the arrays that the formula is called with: a subclass may have elementary functions of its own.

        Examples
        --------
        >>> [factors.tolist() for factors in SCHEDULES.get("linear").course(epochs=2, steps=2)]
        [[1.0, 0.75], [0.5, 0.25]]
        """
        at_once = 1 if self.follows == "scores" else max(1, AT_ONCE // steps)
        for first in range(0, epochs, at_once):
            some = np.arange(first, min(epochs, first + at_once))
            progress = ((some[:, None] + np.arange(steps) / steps) / epochs).ravel().view(array)
            rates = rate * np.broadcast_to(self(progress, scores), len(progress))
            yield from rates.reshape(len(some), steps)


def of_function(function: Course) -> Schedule:
    """A schedule of a function of one number.

    >>> of_function(lambda progress: 1 if progress < 0.5 else 0.1)(np.array([0.0, 0.5]))
    array([1. , 0.1])
    """
    return Schedule(getattr(function, "__name__", type(function).__name__), function)


SCHEDULES: Registry[Schedule] = Registry("a schedule", Schedule, of_function)


def linear_warmup(schedule: Schedule, fraction: float) -> Schedule:
    """`schedule` with a linear rise over the first `fraction` of training in front.

    Source: Goyal et al. (2017), *Accurate, Large Minibatch SGD*, section 2.2.

    >>> linear_warmup(SCHEDULES.get("constant"), 0.5)(0.25)
    0.505
    """
    return replace(schedule, warmup=fraction)


def constant(progress: Any) -> Any:
    """1 all the time.

    >>> constant(0.3)
    1.0
    """
    return 1.0 + 0.0 * progress


def step(progress: Any, factor: Any, every: Any) -> Any:
    r"""A staircase: multiplied by `factor` after each fraction `every` of training, :math:`f^{\lfloor t / e \rfloor}`.

    The defaults, a tenth after 30, 60 and 90 percent, are the habit on ImageNet (every 30 of 90 or 100 epochs), as in
    PyTorch's example; Goyal et al. (2017), *Accurate, Large Minibatch SGD*, section 5.1, have nearly the same.

    >>> step(np.array([0.0, 0.29, 0.3, 0.6]), 0.1, 0.3)
    array([1.  , 1.  , 0.1 , 0.01])
    """
    return whole_power(factor, np.floor(progress / every + 1e-9))  # 0.3 / 0.1 is 2.9999999999999996, and means 3


def exponential(progress: Any, end: Any) -> Any:
    """The same fraction less in the same time, 1 at the start and `end` > 0 at the end: end^t.

    PyTorch's ``ExponentialLR`` has the factor per epoch, end^(1 / epochs).

    >>> exponential(np.array([0.0, 0.5, 1.0]), 0.01)
    array([1.  , 0.1 , 0.01])
    """
    return exp(progress * log(end + 0.0 * progress))  # an array's logarithm: see `course`


def linear(progress: Any, end: Any) -> Any:
    """A straight line from 1 to `end`.

    >>> linear(np.array([0.0, 0.5, 1.0]), 0.0)
    array([1. , 0.5, 0. ])
    """
    return 1 + (end - 1) * progress


def cosine(progress: Any, end: Any, cycles: Any) -> Any:
    r"""Half a cosine from 1 down to `end`: :math:`e + \tfrac12 (1 - e) (1 + \cos \pi u)`.

    u is the progress within the present of `cycles` cycles of equal length; at the beginning of each the learning
    rate jumps back to 1, a warm restart. With 1 cycle, u = t.

    Source: Loshchilov, Hutter (2017), *SGDR: Stochastic Gradient Descent with Warm Restarts*, equation 5 (with
    T_mult = 1).

    >>> cosine(np.array([0.0, 0.25, 0.5, 0.75, 1.0]), 0.0, 2).round(6)
    array([1. , 0.5, 1. , 0.5, 0. ])
    """
    cycle = np.minimum(np.floor(progress * cycles + 1e-9), cycles - 1)  # the end is the end of the last, no restart
    u = np.maximum(progress * cycles - cycle, 0.0)
    return end + 0.5 * (1 - end) * (1 + cos_turn(u / 2))


def one_cycle(progress: Any, rise: Any, start: Any, end: Any) -> Any:
    r"""Up from `start` to 1 in the first fraction `rise` of training, then down to `end`, by half a cosine each.

    The base learning rate is the peak, which may be several times the largest stable constant rate.

    Variant: half cosines, and the defaults rise = 0.3, start = 1/25, end = start / 10000, of fastai and PyTorch; the
    paper has straight lines.

    Source: Smith, Topin (2019), *Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates*.

    >>> one_cycle(np.array([0.0, 0.3, 1.0]), 0.3, 0.04, 0.0)
    array([0.04, 1.  , 0.  ])
    """
    up = start + 0.5 * (1 - start) * (1 - cos_turn(progress / rise / 2))
    down = end + 0.5 * (1 - end) * (1 + cos_turn((progress - rise) / (1 - rise) / 2))
    return np.where(progress < rise, up, down)


def coslog4(progress: Any) -> Any:
    r"""Four cycles of a cosine, each twice as long as the one before.

    .. math:: \tfrac12 (1 - \cos(2 \pi \log_2(1 + 15 t)))

    It begins and ends at 0, so that stopping at the end of any cycle finds a settled network.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data*, section 3.

    >>> coslog4(np.array([0.0, 1 / 15, 3 / 15, 7 / 15, 1.0])).round(6)
    array([0., 0., 0., 0., 0.])
    """
    return 0.5 * (1 - cos_turn(np.log2(1 + 15 * progress)))


def flat_cosine(progress: Any, flat: Any) -> Any:
    """1 for the first fraction `flat` of training, then half a cosine down to 0.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), section 3, for weight decay and dropout, with flat = 1/2.

    >>> flat_cosine(np.array([0.0, 0.5, 0.75, 1.0]), 0.5)
    array([1. , 1. , 0.5, 0. ])
    """
    return 0.5 * (1 + cos_turn(np.maximum(progress - flat, 0.0) / (1 - flat) / 2))


def reduce_on_plateau(scores: Sequence[float], factor: float, patience: int, threshold: float, minimum: float) -> float:
    r"""Less whenever the validation loss has stopped falling: a pure function of the losses so far.

    A loss is better if it is below the best one before by more than `threshold` · abs(best). After `patience` losses
    in a row that were not, the next such one multiplies the learning rate by `factor`, down to `minimum`, and the
    count starts again. A loss that is not a number is not better.

    Variant: PyTorch's ``ReduceLROnPlateau`` with a relative threshold, except that the threshold also asks for
    progress where losses are negative (PyTorch there takes the same loss again for a better one), and that the
    default patience is 5 epochs, not 10.

    >>> [reduce_on_plateau([3.0, 2.0, 2.0, 2.0, 2.0][:n], 0.5, 1, 1e-4, 0.0) for n in range(6)]
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    """
    rate, best, waited = 1.0, np.inf, 0
    for score in scores:
        if score < (best - threshold * abs(best) if np.isfinite(best) else best):
            best, waited = score, 0
        else:
            waited += 1
        if waited > patience:
            rate, waited = max(rate * factor, minimum), 0
    return rate


for _schedule in (
    Schedule("constant", constant),
    Schedule(
        "step", step, parameters=(("factor", 0.1), ("every", 0.3)), domains=(("factor", "(0, 1]"), ("every", "(0, 1]"))
    ),
    Schedule("exponential", exponential, parameters=(("end", 0.01),), domains=(("end", "(0, inf)"),)),
    Schedule("linear", linear, parameters=(("end", 0.0),), domains=(("end", "[0, inf)"),)),
    Schedule(
        "cosine",
        cosine,
        parameters=(("end", 0.0), ("cycles", 1)),
        domains=(("end", "[0, inf)"), ("cycles", "{1, 2, ...}")),
    ),
    Schedule(
        "one_cycle",
        one_cycle,
        parameters=(("rise", 0.3), ("start", 0.04), ("end", 4e-6)),
        domains=(("rise", "[0, 1)"), ("start", "[0, 1]"), ("end", "[0, 1]")),
    ),
    Schedule("coslog4", coslog4),
    Schedule("flat_cosine", flat_cosine, parameters=(("flat", 0.5),), domains=(("flat", "[0, 1)"),)),
    Schedule(
        "reduce_on_plateau",
        reduce_on_plateau,
        follows="scores",
        parameters=(("factor", 0.1), ("patience", 5), ("threshold", 1e-4), ("minimum", 0.0)),
        domains=(("factor", "(0, 1)"), ("patience", "{0, 1, ...}"), ("threshold", "[0, 1)"), ("minimum", "[0, 1]")),
    ),
):
    SCHEDULES.register(_schedule)
SCHEDULES.meant_by(cosine_annealing="cosine", plateau="reduce_on_plateau", step_decay="step")
