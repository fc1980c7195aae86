r"""Initializers: the weights before training.

The weights of a layer must differ, or its neurons would stay copies of each other for ever; they must have both signs;
and their variance decides whether a signal keeps its size on its way through many layers. Each initializer is a plain
function of a random generator and the shape of the weight matrix, (fan_in, fan_out): how many inputs a neuron has, and
how many neurons it feeds. The result is float64.

With independent weights of mean 0 and variance σ², a sum of fan_in products of weights and inputs has fan_in · σ²
times the inputs' mean square: that is where all the formulas come from. A uniform distribution on [-limit, limit] has
the variance limit² / 3.

A data-driven start (`unit_variance`, `within_data`) fits the first weights and biases to the training rows: whatever
the inputs are (scaled badly, correlated, mostly zeros), each unit begins with sums of variance 1, and with a boundary
that runs among the rows and not far outside.

Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular
Data*, section 3 and appendix A; the biases: Steinwart (2019), *A Sober Look at Neural Network Initializations*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.formulas.formula import Formula, Registry
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Function, validate

__all__ = ["INITIALIZERS", "Initializer", "unit_variance", "within_data"]

Shape = tuple[int, ...]
Generator = np.random.Generator


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Initializer(Formula):
    """A way to draw the weights of a layer.

    Parameters
    ----------
    name : str
    function : callable
        ``function(rng, shape, *parameters)`` with shape = (fan_in, fan_out) gives a float64 array of that shape.

    Examples
    --------
    >>> import numpy as np
    >>> INITIALIZERS.get("he_normal")(np.random.default_rng(0), (200, 100)).std().round(3)  # √(2 / 200)
    np.float64(0.1)
    """

    function: Callable[..., Any]

    def __post_init__(self) -> None:
        super().__post_init__()
        validate(self, function=Function("Give a function of (rng, shape)"))

    def __call__(self, rng: Generator, shape: Shape) -> Any:
        """Weights of the given shape, (fan_in, fan_out)."""
        if len(shape) != 2 or min(shape) < 1:
            raise InputError("The shape of weights must be (fan_in, fan_out), both positive", shape, "Give two numbers")
        return self.function(rng, shape, *self.values)


INITIALIZERS: Registry[Initializer] = Registry("an initializer", Initializer)


def zeros(rng: Generator, shape: Shape) -> Any:
    """All zero: for a layer whose inputs differ already, such as an output without hidden layers; never for a hidden
    layer, where all neurons would stay equal.

    >>> zeros(np.random.default_rng(0), (1, 2))
    array([[0., 0.]])
    """
    return np.zeros(shape)


def ones(rng: Generator, shape: Shape) -> Any:
    """All one: for gains, which multiply and should begin by changing nothing.

    >>> ones(np.random.default_rng(0), (1, 2))
    array([[1., 1.]])
    """
    return np.ones(shape)


def signs(rng: Generator, shape: Shape) -> Any:
    """-1 or +1, as likely: for what must differ from the start and yet keep all lengths.

    >>> signs(np.random.default_rng(0), (1, 4))
    array([[ 1.,  1.,  1., -1.]])
    """
    return 2.0 * rng.integers(2, size=shape) - 1.0


def uniform(rng: Generator, shape: Shape, limit: float) -> Any:
    """Uniform on [-limit, limit]; variance limit² / 3.

    >>> bool(np.all(np.abs(uniform(np.random.default_rng(0), (3, 4), 0.05)) <= 0.05))
    True
    """
    return rng.uniform(-limit, limit, shape)


def normal(rng: Generator, shape: Shape, std: float) -> Any:
    """Normal with mean 0 and standard deviation `std`; variance std². Not truncated.

    >>> normal(np.random.default_rng(0), (3, 4), 0.05).shape
    (3, 4)
    """
    return rng.normal(0.0, std, shape)


def glorot_uniform(rng: Generator, shape: Shape) -> Any:
    r"""Variance :math:`2 / (\mathrm{fan_{in}} + \mathrm{fan_{out}})`: limit :math:`\sqrt{6 / (\mathrm{fan_{in}} +
    \mathrm{fan_{out}})}`.

    A compromise between keeping the size of the signal forward (1 / fan_in) and that of the gradient backward
    (1 / fan_out), for activations with slope 1 at zero, such as tanh. Also called Xavier.

    Source: Glorot, Bengio (2010), *Understanding the Difficulty of Training Deep Feedforward Neural Networks*,
    equation 16.
    """
    fan_in, fan_out = shape
    return uniform(rng, shape, np.sqrt(6 / (fan_in + fan_out)))


def glorot_normal(rng: Generator, shape: Shape) -> Any:
    r"""Normal with variance :math:`2 / (\mathrm{fan_{in}} + \mathrm{fan_{out}})`. Not truncated, as in PyTorch.

    Source: Glorot, Bengio (2010), equation 12.
    """
    fan_in, fan_out = shape
    return normal(rng, shape, np.sqrt(2 / (fan_in + fan_out)))


def he_uniform(rng: Generator, shape: Shape) -> Any:
    r"""Variance :math:`2 / \mathrm{fan_{in}}`: limit :math:`\sqrt{6 / \mathrm{fan_{in}}}`. Also called Kaiming.

    For rectifiers, which let through half of the mean square: the 2 makes up for it.

    Source: He, Zhang, Ren, Sun (2015), *Delving Deep into Rectifiers*, equation 10.
    """
    return uniform(rng, shape, np.sqrt(6 / shape[0]))


def he_normal(rng: Generator, shape: Shape) -> Any:
    r"""Normal with variance :math:`2 / \mathrm{fan_{in}}`. Not truncated, as in PyTorch (Keras truncates).

    Source: He, Zhang, Ren, Sun (2015), *Delving Deep into Rectifiers*, equation 10.
    """
    return normal(rng, shape, np.sqrt(2 / shape[0]))


def lecun_uniform(rng: Generator, shape: Shape) -> Any:
    r"""Variance :math:`1 / \mathrm{fan_{in}}`: limit :math:`\sqrt{3 / \mathrm{fan_{in}}}`.

    Source: LeCun, Bottou, Orr, Müller (1998), *Efficient BackProp*, equation 16.
    """
    return uniform(rng, shape, np.sqrt(3 / shape[0]))


def lecun_normal(rng: Generator, shape: Shape) -> Any:
    r"""Normal with variance :math:`1 / \mathrm{fan_{in}}`: what self-normalizing networks (selu) need.

    Source: LeCun, Bottou, Orr, Müller (1998), *Efficient BackProp*, equation 16; Klambauer et al. (2017),
    *Self-Normalizing Neural Networks*.
    """
    return normal(rng, shape, np.sqrt(1 / shape[0]))


def steps(rng: Generator, shape: Shape, end: float) -> Any:
    """Evenly from -end to end in each row: not drawn at all. For edges and knots.

    >>> steps(np.random.default_rng(0), (1, 3), 2.0)
    array([[-2.,  0.,  2.]])
    """
    return np.tile(np.linspace(-end, end, shape[1]), (shape[0], 1))


BLOCK = 32
"""Rows that are made orthogonal to each other before the next are."""


def orthogonal(rng: Generator, shape: Shape, gain: float) -> Any:
    r"""`gain` times a random matrix with orthonormal columns (rows, if there are more columns than rows).

    Such a matrix keeps lengths and angles, so that a signal passes any number of linear layers unharmed. The mean
    square of an entry is gain² / max(fan_in, fan_out).

    It is the Q of the QR decomposition of a matrix of normal numbers, with a positive diagonal of R: so Q is uniformly
    distributed (Haar) over the orthogonal matrices. Gram-Schmidt, twice for the rounding, rather than LAPACK, whose
    last digits depend on the processor; a matrix of 1024 by 1024 takes some seconds.

    Source: Saxe, McClelland, Ganguli (2014), *Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear
    Neural Networks*; Mezzadri (2007), *How to Generate Random Matrices from the Classical Compact Groups*, section 5.

    >>> W = orthogonal(np.random.default_rng(0), (5, 3), 1.0)
    >>> bool(np.allclose(W.T @ W, np.eye(3)))
    True
    """
    fan_in, fan_out = shape
    rows = rng.normal(size=(max(shape), min(shape))).T.copy()
    for start in range(0, len(rows), BLOCK):
        block, before = rows[start : start + BLOCK], rows[:start]
        for _ in range(2):
            block -= np.einsum("ik,kj->ij", np.einsum("ij,kj->ik", block, before), before)
            for place, row in enumerate(block, 1):
                row /= np.sqrt(np.einsum("j,j", row, row))
                block[place:] -= np.einsum("ij,j->i", block[place:], row)[:, None] * row
    return gain * (rows.T if fan_in >= fan_out else rows)


for _initializer in (
    Initializer("zeros", zeros),
    Initializer("ones", ones),
    Initializer("signs", signs),
    Initializer("uniform", uniform, parameters=(("limit", 0.05),), domains=(("limit", "(0, inf)"),)),
    Initializer("normal", normal, parameters=(("std", 0.05),), domains=(("std", "(0, inf)"),)),
    Initializer("glorot_uniform", glorot_uniform),
    Initializer("glorot_normal", glorot_normal),
    Initializer("he_uniform", he_uniform),
    Initializer("he_normal", he_normal),
    Initializer("lecun_uniform", lecun_uniform),
    Initializer("lecun_normal", lecun_normal),
    Initializer("steps", steps, parameters=(("end", 1.0),), domains=(("end", "(0, inf)"),)),
    Initializer("orthogonal", orthogonal, parameters=(("gain", 1.0),), domains=(("gain", "(0, inf)"),)),
):
    INITIALIZERS.register(_initializer)
INITIALIZERS.meant_by(
    glorot="glorot_uniform",
    he="he_normal",
    kaiming="he_normal",
    kaiming_normal="he_normal",
    kaiming_uniform="he_uniform",
    lecun="lecun_normal",
    xavier="glorot_uniform",
    xavier_normal="glorot_normal",
    xavier_uniform="glorot_uniform",
)

POINTS = 5
"""Rows among which a unit's boundary is drawn."""

STEPS = 2**32
"""Shares of all weight that are drawn alike. NumPy draws one of n rows from so many steps, too; so a row of weight 2 is
drawn where the row twice would be."""

ROUNDING = 64
"""Units in the last place of a sum below which its deviation is rounding: such a unit's inputs do not vary."""

UNEQUAL = 16
"""How many times as much as another unit one may be scaled."""


def unit_variance(z: Any, weight: Any = None) -> Any:
    """For each unit the factor that brings its sums z, shape (rows, units), to variance 1; 1 where they do not vary.

    Where all rows vary along few directions, as two distinct rows do, some unit's weights are nearly orthogonal to
    them. Its factor would be huge, and its sums differences of huge numbers; over several layers no digit would be
    left. So no factor is more than `UNEQUAL` times the smallest one.

    A row of weight 2 counts as the row twice.

    >>> unit_variance(np.array([[0.0, 3.0], [4.0, 3.0]]))
    array([0.5, 1. ])
    >>> unit_variance(np.array([[0.0], [4.0], [9.0]]), np.array([3, 3, 0]))
    array([0.5])
    """
    mean = np.average(z, axis=0, weights=weight)
    variance = np.average((z - mean) ** 2, axis=0, weights=weight)
    varies = variance > (ROUNDING * np.finfo(z.dtype).eps) ** 2 * (variance + mean**2)
    at_least = np.maximum(variance, variance.max() / UNEQUAL**2)
    return np.where(varies, 1 / np.sqrt(np.where(varies, at_least, 1.0)), 1.0).astype(z.dtype)


def within_data(rng: np.random.Generator, z: Any, weight: Any = None, points: int = POINTS) -> Any:
    """For each unit minus a random weighted mean of its sums in a few rows: there its z is 0 with this bias.

    The weights of that mean are Exp(1) numbers divided by their sum, which makes all weighted means of these rows
    equally likely. A row is drawn as often as its own weight says: with weight 2 as the row twice, one behind the
    other, with weight 0 never.

    >>> within_data(np.random.default_rng(0), np.full((10, 2), 3.0))
    array([-3., -3.])
    >>> within_data(np.random.default_rng(0), np.array([[3.0, 3.0], [9.0, 9.0]]), np.array([1, 0]))
    array([-3., -3.])
    """
    rows, units = z.shape
    share = rng.exponential(size=(points, units))
    if weight is None:
        row = rng.integers(rows, size=(points, units))
    else:
        reached = np.cumsum(weight, dtype=np.float64)
        row = np.searchsorted(reached, rng.integers(STEPS, size=(points, units)) / STEPS * reached[-1], side="right")
    return -(share * z[row, np.arange(units)]).sum(axis=0) / share.sum(axis=0)
