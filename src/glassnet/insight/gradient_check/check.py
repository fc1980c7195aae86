"""The check of a gradient against finite differences, and its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.display.blocks import Block, Paragraph, TableBlock
from glassnet.display.numbers import short, short_percent
from glassnet.display.result import Result
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.insight.gradient_check.finite_differences import (
    Claim,
    compare,
    network_of,
    of_activation,
    of_loss,
    of_network,
)
from glassnet.layers import Layer, Residual
from glassnet.layers.base import Array
from glassnet.layers.rounding import rounds, unrounded
from glassnet.network import NeuralNetwork
from glassnet.support.language import Language, Lines, Text, aligned, check_language, minus, sentences
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import SEED, Flag, Integer, Number, Optional, checked

TEXTS: Final = {
    "check.head": Text("group|numbers|checked|kinks|error|worst at|gradient|slope"),
    "check.right": Text("The gradient is correct: largest relative error {error:.0e} over {count:,} numbers{kinks}."),
    "check.kinks": Text("; {count:,} kinks skipped"),
    "check.one_kink": Text("; 1 kink skipped"),
    "check.nothing": Text("The gradient cannot be checked: all {count:,} numbers are at kinks."),
    "check.wrong": Text(
        "The gradient of {name} is wrong by {distance}: at {place} it is {gradient:.4g}, and the slope is {slope:.4g}."
    ),
    "check.sign": Text("It has the wrong sign throughout."),
    "check.factor": Text("It is {factor:.4g} times the slope throughout."),
    "check.few": Text("{wrong:,} of {checked:,} numbers are wrong."),
    "check.others": Text("Also wrong: {names}."),
    "check.after": Text("The layers after layer {layer} are correct."),
    "check.culprit": Text("`{name}`: its derivative does not match its function."),
    "check.sampled": Text("In larger groups, {samples:,} numbers each were sampled (seed {seed})."),
    "check.rounded": Text(
        "Checked in float64; in float32, the network's precision, rounding changes the gradient by {rounding:.0e}."
    ),
    "check.mixed": Text(
        "Checked in float64 without rounding to bfloat16, whose steps have no slope; in the network's precision, "
        "rounding changes the gradient by {rounding:.0e}."
    ),
}


@dataclass(frozen=True)
class Group:
    """Numbers that belong together: a parameter such as "1.W", the inputs "X", the outputs of a formula.

    Attributes
    ----------
    name : str
    shape : tuple of int
    numbers, checked, kinks, wrong : int
        How many there are, were looked at, have no derivative, and have one that the gradient is not.
    error : float
        The largest relative error, kinks left out.
    distance : float
        That of the gradient from the slopes as a whole, as a share of the longer of both.
    place : tuple of int
        Where the error is largest.
    gradient, slope : float
        The analytical and the numerical derivative there.
    factor : float or None
        The constant factor of a wrong gradient; None: it is no multiple of the right one.
    """

    name: str
    shape: tuple[int, ...]
    numbers: int
    checked: int
    kinks: int
    wrong: int
    error: float
    distance: float
    place: tuple[int, ...]
    gradient: float
    slope: float
    factor: float | None


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class GradientCheck(Result):
    """Result of :func:`glassnet.check_gradients`; prints as a table and a verdict.

    Attributes
    ----------
    groups : tuple of Group
        Parameter by parameter, and last the inputs.
    tolerance : float
        The relative error that is taken for rounding.
    samples : int or None
        How many numbers were drawn of a larger group; None: all were looked at.
    seed : int
        The seed of the random sample.
    culprits : tuple of str
        The activations, and the loss, of a network with a wrong gradient that are wrong by themselves.
    rounding : float or None
        How far a float32 network's own gradient is from the one in float64, as a share of its length.
    mixed : bool
        Whether the network rounds operands to bfloat16, without which it was checked.
    language : {"en", "zh"}, optional
        The language of the printed text.
    """

    groups: tuple[Group, ...]
    tolerance: float
    samples: int | None = None
    seed: int = 0
    culprits: tuple[str, ...] = ()
    rounding: float | None = None
    mixed: bool = False
    language: Language | None = None

    @property
    def right(self) -> bool:
        """Whether no gradient is wrong, and not all numbers are at kinks."""
        return not any(group.wrong for group in self.groups) and self.checked > self.kinks

    @property
    def error(self) -> float:
        """The largest relative error."""
        return max(group.error for group in self.groups)

    @property
    def checked(self) -> int:
        """Number of checked numbers."""
        return sum(group.checked for group in self.groups)

    @property
    def kinks(self) -> int:
        """Number of kinks: checked numbers without a derivative."""
        return sum(group.kinks for group in self.groups)

    def __getitem__(self, name: str) -> Group:
        """The group of that name."""
        known = {group.name: group for group in self.groups}
        if name not in known:
            raise KeyError(f"There is no group {name!r}; there are: {', '.join(known)}")
        return known[name]

    def verdict(self, language: Language | None = None) -> str:
        """The verdict in words."""
        language = check_language(self.language if language is None else language)
        if any(group.wrong for group in self.groups):
            parts = self._wrong(language)
        elif self.checked == self.kinks:
            parts = [TEXTS["check.nothing"].say(language, count=self.checked)]
        else:
            text = TEXTS["check.one_kink" if self.kinks == 1 else "check.kinks"]
            kinks = text.say(language, count=self.kinks) if self.kinks else ""
            parts = [TEXTS["check.right"].say(language, error=self.error, count=self.checked - self.kinks, kinks=kinks)]
        if self.samples is not None and any(group.checked < group.numbers for group in self.groups):
            parts.append(TEXTS["check.sampled"].say(language, samples=self.samples, seed=self.seed))
        if self.rounding is not None:
            rounded = TEXTS["check.mixed" if self.mixed else "check.rounded"]
            parts.append(rounded.say(language, rounding=self.rounding))
        return sentences(parts, language)

    def _wrong(self, language: Language) -> list[str]:
        """The wrong group that is nearest to the loss first: on its way back an error reaches all that come earlier."""
        wrong = [group for group in self.groups if group.wrong]
        learned = [group for group in wrong if group.name[0].isdigit()]
        first = max(learned, key=lambda group: _layer(group.name)) if learned else wrong[0]
        place = f"[{', '.join(map(str, first.place))}]"
        values = {"name": first.name, "place": place, "gradient": first.gradient, "slope": first.slope}
        parts = [TEXTS["check.wrong"].say(language, **values, distance=short_percent(first.distance, 2))]
        if first.factor is not None:
            kind = "sign" if abs(first.factor + 1) < 1e-3 else "factor"
            parts.append(TEXTS[f"check.{kind}"].say(language, factor=first.factor))
        elif first.wrong < first.checked:
            parts.append(TEXTS["check.few"].say(language, checked=first.checked, wrong=first.wrong))
        others = [group.name for group in wrong if group is not first]
        if others:
            parts.append(TEXTS["check.others"].say(language, names=", ".join(others)))
        layers = [_layer(group.name) for group in self.groups if group.name[0].isdigit()]
        if learned and _layer(first.name) < max(layers):
            parts.append(TEXTS["check.after"].say(language, layer=_layer(first.name)))
        return parts + [TEXTS["check.culprit"].say(language, name=name) for name in self.culprits]

    def cells(self, language: Language | None = None) -> list[list[str]]:
        """The groups as a table of text, its head first."""
        lines = [TEXTS["check.head"].say(check_language(self.language if language is None else language)).split("|")]
        for group in self.groups:
            counts = [f"{count:,}" for count in (group.numbers, group.checked, group.kinks)]
            place = f"[{', '.join(map(str, group.place))}]"
            lines.append(
                [group.name, *counts, minus(f"{group.error:.0e}"), place, short(group.gradient), short(group.slope)]
            )
        return lines

    def table(self, language: Language | None = None) -> str:
        """The groups, a line each."""
        return Lines(aligned(self.cells(language)))

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the language that is set."""
        return f"{self.table(language)}\n{self.verdict(language)}"

    def _blocks(self, language: Language) -> list[Block]:
        head, *rows = self.cells(language)
        return [Paragraph(self.verdict(language), "" if self.right else "warning"), TableBlock("", head, rows)]


def _layer(name: str) -> int:
    return int(name.partition(".")[0])


# ------------------------------------------------------------------- the check


@checked(
    training=Flag(),
    samples=Optional(Integer("None checks all numbers")),
    seed=SEED,
    tolerance=Number("[1e-9, 1)", "Rounding allows 1e-9 at best"),
)
def check_gradients(
    subject: NeuralNetwork | NeuralEstimator | Activation | Loss | Layer,
    X: Any = None,
    y: Any = None,
    sample_weight: Any = None,
    *,
    training: bool = True,
    samples: int | None = 100,
    seed: int = 0,
    tolerance: float = 1e-6,
    language: Language | None = None,
) -> GradientCheck:
    """Check a gradient against finite differences: is it the slope of the loss, number by number?

    It works in double precision on a copy, also for float32 networks; nothing changes. At a kink, such as that
    of relu at 0, there is no slope to compare with: those numbers are counted and left out.

    Parameters
    ----------
    subject : NeuralNetwork, fitted estimator, Activation, Loss or Layer
        Of an estimator with several networks the first is checked.
    X, y, sample_weight : arrays, optional
        Rows for a network; some dozens are enough. For an activation X are points, for a loss X are outputs and y
        targets, for a layer X are its inputs; without them some are drawn.
    training : bool
        Whether dropout and batch statistics act as in training. The dropout masks are the same at every try.
    samples : int or None
        Of a larger group of numbers of a network so many are drawn; None: all are checked.
    seed : int
        The seed of the random sample.
    tolerance : float
        The relative error that is taken for rounding.
    language : {"en", "zh"}, optional
        Of the result's words.

    Returns
    -------
    GradientCheck

    Raises
    ------
    InputError, InputTypeError
        If the subject cannot be checked, or the rows do not fit it.

    Notes
    -----
    A step so large that the slope changes along it gives a wrong slope, one so small that the values hardly differ
    gives rounding. So four steps are taken and extrapolated to zero; only where gradient and slope disagree, smaller
    ones look for a kink.

    Examples
    --------
    >>> network = NeuralNetwork(3, ["tanh:4", 1])
    >>> check = check_gradients(network, [[1, 2, 3], [0, 1, 0]], [1, 0])
    >>> check.right, check.checked, check.error < 1e-8
    (True, 27, True)

    A mistake in a derivative of one's own:

    >>> square = Activation("square", lambda z: z * z, lambda z, a: z)
    >>> print(check_gradients(square).verdict())
    The gradient of z is wrong by 50%: at [0] it is −6, and the slope is −12. It is 0.5 times the slope throughout.
    """
    options = _Options(training, samples, seed, tolerance, check_language(language))
    if isinstance(subject, NeuralEstimator):
        return _of_estimator(subject, X, y, sample_weight, options)
    if isinstance(subject, NeuralNetwork):
        return _of_network(subject, X, y, sample_weight, options)
    if not isinstance(subject, (Activation, Loss, Layer)):
        rule = Text("The object to check must be a network, a fitted estimator, an activation, a loss or a layer")
        raise InputTypeError(rule, shown(subject), "For a name, look up the formula: ACTIVATIONS.get(name)")
    if sample_weight is not None or (y is not None and not isinstance(subject, Loss)):
        raise InputError(
            Text("{name} takes no targets or weights of rows", name=type(subject).__name__),
            None,
            "Pass only X, or nothing",
        )
    rng = np.random.default_rng(options.seed)
    if isinstance(subject, Layer):
        network, x, targets = network_of(unrounded([subject])[0], X, rng)
        return _of_network(network, x, targets, None, options)
    with np.errstate(all="ignore"):
        part = of_activation(subject, X, rng) if isinstance(subject, Activation) else of_loss(subject, X, y, rng)
        return options._replace(samples=None).result([part], rng)


class _Options(NamedTuple):
    """How to check, looked at before any work."""

    training: bool
    samples: int | None
    seed: int
    tolerance: float
    language: Language

    def result(self, parts: Iterable[Claim], rng: np.random.Generator) -> GradientCheck:
        """Each part compared."""
        groups = tuple(self._group(part, rng) for part in parts)
        return GradientCheck(groups, self.tolerance, self.samples, self.seed, language=self.language)

    def _group(self, part: Claim, rng: np.random.Generator) -> Group:
        numbers = part.at.size
        chosen = np.arange(numbers)
        if self.samples is not None and numbers > self.samples:
            chosen = np.sort(rng.choice(numbers, self.samples, replace=False))
        gradient = part.gradient.ravel()[chosen]
        found = compare(
            lambda which, far: part.moved(chosen[which], far), part.at.ravel()[chosen], gradient, self.tolerance
        )
        smooth = ~found.kink
        error = np.where(np.isnan(found.error), np.inf, found.error)
        worst = int(np.argmax(error >= 0.999 * error.max()))  # the first of those that differ by rounding alone
        return Group(
            name=part.name,
            shape=part.at.shape,
            numbers=numbers,
            checked=len(chosen),
            kinks=int(found.kink.sum()),
            wrong=int(found.wrong.sum()),
            error=float(found.error[worst]),
            distance=_distance(gradient[smooth], found.slope[smooth]),
            place=tuple(int(place) for place in np.unravel_index(chosen[worst], part.at.shape)),
            gradient=float(gradient[worst]),
            slope=float(found.slope[worst]),
            factor=_factor(gradient[smooth], found.slope[smooth]) if found.wrong.any() else None,
        )


def _of_estimator(model: NeuralEstimator, X: Any, y: Any, sample_weight: Any, options: _Options) -> GradientCheck:
    """The first network of an estimator, on rows as the network gets them."""
    network = model.network_  # an error of its own where nothing is learned yet
    rows = model._encoded_rows(*model._check_rows(X, y, sample_weight))
    return _of_network(network, *rows, options)


def _of_network(network: NeuralNetwork, X: Any, y: Any, sample_weight: Any, options: _Options) -> GradientCheck:
    if X is None or y is None:
        raise InputError("To check a network, X and y must be given", None, "A few dozen rows are enough")
    network.check_data(X, y, sample_weight)  # in the network's precision: values too large for float32 are refused
    double = network.copy()
    double.layers = unrounded(network.layers)
    double.parameters, double.statistics = (
        array.astype(np.float64) for array in (network.parameters, network.statistics)
    )
    rows = double.check_data(X, y, sample_weight)
    with np.errstate(all="ignore"):
        rng = np.random.default_rng(options.seed)
        check = options.result(of_network(double, *rows, options.training), rng)
        culprits = _culprits(network, options) if any(group.wrong for group in check.groups) else ()
        rounding = None
        if network.dtype != double.dtype:
            rounding = _distance(*(_gradient(each, X, y, sample_weight, options) for each in (network, double)))
    return replace(check, culprits=culprits, rounding=rounding, mixed=rounds(network.layers))


def _gradient(network: NeuralNetwork, X: Any, y: Any, sample_weight: Any, options: _Options) -> Array:
    _, named = network.backward(X, y, sample_weight=sample_weight, training=options.training)
    return np.concatenate([gradient.ravel() for gradient in named.values()])


def _culprits(network: NeuralNetwork, options: _Options) -> tuple[str, ...]:
    """The formulas of the network that are wrong when checked separately."""
    formulas: list[Activation | Loss] = [*dict.fromkeys(_activations(network.layers)), network.loss]
    found = []
    for formula in formulas:
        try:
            check = check_gradients(formula, seed=options.seed, tolerance=options.tolerance, samples=None)
        except InputError:  # not defined at the usual points
            continue
        if any(group.wrong for group in check.groups):
            found.append(str(formula))
    return tuple(found)


def _activations(layers: Iterable[Layer]) -> Iterator[Activation]:
    for layer in layers:
        if isinstance(layer, Residual):
            yield from _activations(layer.layers)
        elif isinstance(getattr(layer, "f", None), Activation):
            yield layer.f  # type: ignore[attr-defined]


def _distance(first: Array, second: Array) -> float:
    """Of two arrays, as a share of the longer of both."""
    length = max(float(np.linalg.norm(first)), float(np.linalg.norm(second)))
    return float(np.linalg.norm(first.astype(np.float64) - second)) / length if length else 0.0


def _factor(gradient: Array, slope: Array) -> float | None:
    """Return the common factor of the slopes, if there is one."""
    squares = float(slope @ slope)
    factor = float(gradient @ slope) / squares if squares else 0.0
    return factor if _distance(gradient, factor * slope) < 1e-4 and factor else None
