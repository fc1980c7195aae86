"""The learning rate range test: a short training in which the rate grows until the loss explodes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from glassnet.display.blocks import Block, Charts, Paragraph
from glassnet.display.chart import Axis, Chart, Dots, Line, Mark, ReferenceLine
from glassnet.display.numbers import plain, short
from glassnet.display.result import Result
from glassnet.display.theme import Axes, Look, picture
from glassnet.engines import Updater
from glassnet.engines.reference import CALM
from glassnet.errors import DivergenceError, InputError, InputTypeError, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.ensemble import kinds_of_members
from glassnet.estimators.fit import Fit
from glassnet.formulas.formula import Spelled
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.regularization import ema, ema_unbiased
from glassnet.layers.base import Array
from glassnet.network import BATCH_SIZE, LBFGS, NeuralNetwork
from glassnet.support.language import Language, Text, check_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import WEIGHT_DECAY, Integer, Number, Optional, checked
from glassnet.tables.opened_table import open_dense
from glassnet.training import Rows, Run
from glassnet.training.history_display import LEARNING_RATE, LOSS

SUGGESTED = Text(
    "Suggestion: {suggestion}, a tenth of the learning rate with the lowest smoothed loss ({lowest}). {end} "
    "Current setting: {current}.",
)
NEVER = Text(
    "No suggestion: the loss never fell clearly below its initial value. {end} Current setting: {current}.",
)
DIVERGED = Text("The loss diverges at {rate}.")
REACHED = Text("The loss did not diverge up to {rate}.")
HEAD = Text("learning rate|loss|smoothed")
TITLE = Text("Learning rate range test")
EACH = Text("batch loss")
SMOOTHED = Text("smoothed")
MARK = Text("suggestion {suggestion}")

SHOWN = 12
"""Lines of the table that is printed."""

EXPLODED = 4.0
"""A smoothed loss so many times as large as the smallest, and half-way back up, will not come down again."""

SMOOTHING = 0.95
"""So much of the moving average of the losses stays with each batch: it is over about 20 of them."""

SURE = 10
"""Batches that are enough to know the loss at the beginning, and how much it wavers; the rate is too small to learn."""

RANGE = Number("(0, inf)", "Common values are 1e-6 and 10")

FELL = 0.01
"""A loss that falls by less than this share of itself has not fallen."""


@methods_suggest_options
@dataclass(frozen=True, eq=False, repr=False)
class LearningRateCurve(Result):
    """Result of a learning rate range test; prints as a short table and a suggestion.

    Attributes
    ----------
    rates, losses, smoothed : arrays of shape (steps,)
        The rate of each step, the loss of its batch before the update, and the moving average of those.
    suggestion : float or None
        A tenth of the rate at which the smoothed loss is lowest; None: it never fell.
    current : float
        The rate that is set now.
    diverged : bool
        Whether the test ended because the loss exploded.
    language : {"en", "zh"}, optional
        The language of the printed text.
    """

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float | None
    current: float
    diverged: bool
    language: Language | None = None

    def verdict(self, language: Language | None = None) -> str:
        """The verdict in words."""
        language = check_language(self.language if language is None else language)
        end = (DIVERGED if self.diverged else REACHED).say(language, rate=plain(self.rates[-1], 2))
        current = plain(self.current, 2)
        if self.suggestion is None:
            return NEVER.say(language, end=end, current=current)
        suggestion, lowest = plain(self.suggestion, 2), plain(10 * self.suggestion, 2)
        return SUGGESTED.say(language, suggestion=suggestion, lowest=lowest, end=end, current=current)

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the language that is set."""
        language = check_language(self.language if language is None else language)
        some = np.unique(np.linspace(0, len(self.rates) - 1, SHOWN).round().astype(int))
        head = HEAD.say(language).split("|")
        lines = [f"{self.rates[i]:>13.2g}  {short(self.losses[i]):>9}  {short(self.smoothed[i]):>9}" for i in some]
        return "\n".join([f"{head[0]:>13}  {head[1]:>9}  {head[2]:>9}", *lines, self.verdict(language)])

    def _blocks(self, language: Language) -> list[Block]:
        return [Paragraph(self.verdict(language)), Charts([self.chart(language)])]

    @picture()
    def plot(self, **look: Unpack[Look]) -> Axes:
        """Draw the curve, rates on a logarithmic scale, with the suggestion marked; in the language of the result.

        Parameters
        ----------
        **look
        """
        from glassnet.insight.plots.canvas import draw

        if look.get("language") is None:
            look["language"] = self.language
        return draw(self.chart, **look)

    def chart(self, language: Language | None = None) -> Chart:
        """Chart of the batch losses, their moving average, and the suggestion."""
        marks: list[Mark] = [
            Dots(EACH.say(language), self.rates, self.losses, "quiet"),
            Line(SMOOTHED.say(language), self.rates, self.smoothed),
        ]
        if self.suggestion is not None:
            marks.append(ReferenceLine(MARK.say(language, suggestion=plain(self.suggestion, 2)), self.suggestion, "b"))
        low, high = float(np.min(self.smoothed)), float(np.max(self.smoothed[: max(1, len(self.smoothed) // 2)]))
        room = 0.1 * (high - low) or 1.0
        limits = low - 2 * room, high + 2 * room  # the explosion itself would flatten all else
        x, y = Axis(LEARNING_RATE.say(language), "log"), Axis(LOSS.say(language), limits=limits)
        return Chart(TITLE.say(language), x, y, marks)


# ------------------------------------------------------------------- the test


@checked(
    lowest=RANGE,
    highest=RANGE,
    steps=Integer("Common values are 100 to 1000", low=2 * SURE),
    optimizer=Spelled(OPTIMIZERS, also=(LBFGS,)),
    weight_decay=Optional(WEIGHT_DECAY),
    batch_size=BATCH_SIZE,
)
def find_learning_rate(
    model: NeuralEstimator | NeuralNetwork,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 200,
    optimizer: str | Optimizer = "adam",
    weight_decay: float | None = None,
    batch_size: int = 32,
    language: Language | None = None,
) -> LearningRateCurve:
    """Find a learning rate by a range test: train a copy while the rate grows until the loss explodes.

    The model does not change, nor does any state outside it.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        An estimator, fitted or not, is begun afresh with its own optimizer, batch size and all other settings, and
        with one network; a network goes on from its parameters as they are.
    X, y, sample_weight : arrays or tables
        As in ``fit`` or ``train``.
    lowest, highest : float
        The rates of the first and of the last step.
    steps : int
        How many batches; each has a rate larger by the same factor.
    optimizer, weight_decay, batch_size
        How a network is trained, as in ``NeuralNetwork.train``; an estimator brings its own.
    language : {"en", "zh"}, optional
        Of the result's words.

    Returns
    -------
    LearningRateCurve

    Raises
    ------
    InputError, InputTypeError
        If a setting is out of range, the rows do not fit, or the optimizer has no learning rate.
    DivergenceError
        If the loss is not finite from the beginning.

    Notes
    -----
    The suggestion is a tenth of the learning rate with the lowest smoothed loss. At that lowest point, training is
    about to
    explode; the steepest place of the curve, which others suggest, moves with every other order of the rows. The
    average is divided by 1 - 0.95^t, so that it is none too small at first.

    Source: Smith (2017), *Cyclical Learning Rates for Training Neural Networks*, section 3.3, for the test; Howard and
    Gugger (2020), *Deep Learning for Coders with fastai and PyTorch*, chapter 5, for growth by a factor and the tenth.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> network = NeuralNetwork(3, ["tanh:8", 1], engine="reference")
    >>> found = find_learning_rate(network, X, X[:, 0] - X[:, 1])
    >>> 1e-4 < found.suggestion < 1
    True
    """
    language = check_language(language)
    if highest <= lowest:
        rule = Text("`highest` must be larger than `lowest`")
        raise InputError(
            rule, Text("{lowest:g} and {highest:g}", lowest=lowest, highest=highest), "Common values are 1e-6 and 10"
        )
    if isinstance(model, NeuralEstimator):
        if optimizer != "adam" or weight_decay is not None or batch_size != 32:
            rule = Text("An estimator has its own optimizer, weight decay and batch size")
            raise InputError(rule, "some beside it", "Set them with `set_params`")
        training = _of_estimator(model, X, y, sample_weight)
    elif isinstance(model, NeuralNetwork):
        _refuse_whole_table(optimizer)
        rows = Rows(*model.check_data(X, y, sample_weight))
        twin = model.copy()
        updater = Updater(twin.layout, optimizer, weight_decay=weight_decay, dtype=twin.dtype)
        training = _Training(twin, rows, updater, batch_size, updater.rate())
    else:
        rule = Text("A learning rate can be searched for an estimator or a network")
        raise InputTypeError(rule, shown(model), "Give a NeuralClassifier, NeuralRegressor or NeuralNetwork")
    rates = np.geomspace(lowest, highest, steps)
    losses, smoothed, diverged = _run(training, rates)
    if not len(losses):
        raise DivergenceError(Text("The loss is not finite at the lowest rate, {rate:g}", rate=lowest), CALM)
    return LearningRateCurve(
        rates[: len(losses)],
        losses,
        smoothed,
        _suggest(rates, losses, smoothed),
        training.current,
        diverged,
        language,
    )


@dataclass
class _Training:
    """All that steps need: a network that may change, rows as it takes them, an optimizer at its beginning."""

    network: NeuralNetwork
    rows: Rows
    updater: Updater
    batch_size: int
    current: float


@dataclass
class _Begin:
    """A callback that looks at a training when it begins, and ends it there."""

    updater: Updater | None = None

    def on_train_begin(self, run: Run) -> None:
        self.updater, run.stop = run.updater, True


def _of_estimator(model: NeuralEstimator, X: Any, y: Any, sample_weight: Any) -> _Training:
    """What the estimator's own training would begin with."""
    _refuse_whole_table(model.optimizer)
    begin = _Begin()
    # without a seed the estimator would draw one from NumPy's global state, and so change it
    seed = 0 if model.random_state is None else copy.deepcopy(model.random_state)
    own = type(model)(**model.get_params(deep=False))
    alone = {"members": 1, "refits": None, "predict_limit": None}
    for name, value in (alone | {"callbacks": [begin], "verbose": False, "warm_start": False}).items():
        setattr(own, name, value)  # a subclass may not have it among its own options
    own.random_state = seed
    fit, (rows, targets, weight) = Fit(own), own._check_rows(X, y, sample_weight)
    fit.model.targets_ = own._learn_targets(targets, weight)
    fit.decide(open_dense(rows).shape, targets, rows)
    first = kinds_of_members(fit.settings)[0]
    own.fit(X, y, sample_weight)
    table = Rows(*own.network_.check_data(*own._encoded_rows(rows, targets, weight)))
    assert begin.updater is not None
    current = begin.updater.rate(first["learning_rate"])
    return _Training(own.network_, table, begin.updater, first["batch_size"], current)


def _run(training: _Training, rates: Array) -> tuple[Array, Array, bool]:
    """The loss of each batch, its moving average without the bias of the start, and whether it exploded."""
    losses: list[float] = []
    smoothed: list[float] = []
    average, network = 0.0, training.network
    with network.engine.training(network, *training.rows, training.batch_size, training.updater) as step:
        for rate, rows in zip(rates, _batches(len(training.rows.y), training.batch_size, network.seed), strict=False):
            try:
                loss = step(rows, [float(rate)]) / len(rows)
            except DivergenceError:
                return np.array(losses), np.array(smoothed), True
            average = ema(average, loss, 1 - SMOOTHING)
            losses.append(loss)
            smoothed.append(ema_unbiased(average, SMOOTHING, len(losses)))
            if exploded(smoothed[-1], min(smoothed), max(smoothed[:SURE])):
                return np.array(losses), np.array(smoothed), True
    return np.array(losses), np.array(smoothed), False


def _batches(rows: int, batch_size: int, seed: int) -> Iterator[Array]:
    """Batches of rows in an order by chance, epoch after epoch, without end; all of one size."""
    rng, size = np.random.default_rng(seed), min(rows, batch_size)
    while True:
        order = rng.permutation(rows)
        for start in range(0, rows - size + 1, size):
            yield order[start : start + size]


def _suggest(rates: Array, losses: Array, smoothed: Array) -> float | None:
    """A tenth of the rate with the lowest smoothed loss, if by then it has fallen by more than it wavers."""
    if len(losses) < SURE:
        return None
    lowest, start = int(np.argmin(smoothed)), losses[:SURE]
    fell = has_fallen(float(start.mean()), float(start.std()), float(smoothed[lowest]))
    return float(rates[lowest]) / 10 if fell else None


def exploded(now: Any, best: Any, worst: Any) -> Any:
    """Whether a smoothed loss will not come down again, given the smallest, and the largest of the beginning.

    >>> bool(exploded(4.5, 1.0, 2.0)), bool(exploded(4.5, 1.0, 9.0))
    (True, False)
    """
    return now - best > np.maximum((EXPLODED - 1) * np.abs(best), (worst - best) / 2)


def has_fallen(begin: Any, spread: Any, lowest: Any) -> Any:
    """Whether the smoothed loss has fallen, from a mean at the beginning, by more than losses of this spread waver.

    >>> bool(has_fallen(1.0, 0.1, 0.9)), bool(has_fallen(1.0, 0.1, 0.99))
    (True, False)
    """
    wavers = spread * ((1 - SMOOTHING) / (1 + SMOOTHING)) ** 0.5  # of a moving average of such losses
    return begin - lowest > FELL * np.abs(begin) + 3 * wavers


def _refuse_whole_table(optimizer: Any) -> None:
    if optimizer == LBFGS:
        raise InputError("L-BFGS has no learning rate", LBFGS, 'Use a mini-batch optimizer, such as "adam"')
