"""How much of a target can be known: by a network beside the best constant, by a forest, by the words of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.formulas.loss import Loss
from glassnet.insight.scores import PairedDifference, lead
from glassnet.layers.base import Array
from glassnet.layers.text_rows import matrix_of
from glassnet.network import NeuralNetwork
from glassnet.tables.column_issues import WITHOUT_SPACES
from glassnet.training import Rows
from glassnet.training.split import sample_rows

if TYPE_CHECKING:
    from glassnet.insight.doctor.diagnostics import Diagnostics

FEWEST_TEXTS = 100
FOLDS = 2
LETTERS = 2000
"""Of a text so many are read."""
MOST_WORDS = 4000
STANDARD_ERRORS = 3.0


@dataclass(frozen=True)
class Skill:
    """Losses of rows, those of the network and those of the best constant answer to the rows learned from."""

    learned: float  # the mean over the rows learned from
    learned_constant: float
    unseen: Array  # of each row that the network has not seen: its own, the constant's, and the row's weight

    @property
    def of_learned(self) -> float:
        """The share of the constant's loss that is gone on the rows learned from: 0 as good as it, 1 without error."""
        return 1 - self.learned / self.learned_constant

    @property
    def of_unseen(self) -> float:
        """The same on rows not seen."""
        ours, constant, weight = self.unseen
        return float(1 - np.average(ours, weights=weight) / np.average(constant, weights=weight))

    @property
    def gain(self) -> PairedDifference:
        """By how much the network beats the constant on a row not seen, and the standard error of that mean."""
        ours, constant, weight = self.unseen
        return lead(constant - ours, weight)


def skill_of(
    networks: Sequence[NeuralNetwork], learned: Iterable[Rows], unseen: Iterable[tuple[Array, Rows] | None]
) -> Skill:
    """Return the skill of networks, each on its own rows; unseen ones come with their numbers.

    A row that several networks have not seen counts once, with the mean of their losses.
    """
    of_learned, of_unseen, places = [], [], []
    for network, rows, of_network in zip(networks, learned, unseen, strict=True):
        constant = best_constant(network.loss, rows, network.outputs)
        ours = float(np.average(row_losses(network, rows), weights=rows.weight))
        of_learned.append((ours, loss_of_constant(network, rows, constant)))
        if of_network is not None:
            numbers, others = of_network
            weight = np.ones(len(others.y)) if others.weight is None else others.weight / others.weight.mean()
            targets = network.loss.prepare(others.y, network.outputs)
            alike = network.loss.value(np.tile(constant, (len(targets), 1)), targets)
            of_unseen.append((row_losses(network, others), alike, weight))
            places.append(numbers)
    learned_losses, constants = np.mean(of_learned, axis=0).tolist()
    each = np.concatenate([np.empty((3, 0)), *of_unseen], axis=1)
    _, place, networks_of_row = np.unique(
        np.concatenate([np.empty(0, np.intp), *places]), return_inverse=True, return_counts=True
    )
    sums = [np.bincount(place, values, len(networks_of_row)) for values in each]
    return Skill(learned_losses, constants, np.array(sums) / networks_of_row)


def row_losses(network: NeuralNetwork, rows: Rows) -> Array:
    """The loss of each row, in float64."""
    scores = network.scores(rows.X).astype(np.float64)
    return network.loss.value(scores, network.loss.prepare(rows.y, network.outputs))


def best_constant(loss: Loss, rows: Rows, outputs: int) -> Array:
    """The raw outputs that, given for every row alike, make the loss smallest: mean, median, logarithms of shares.

    Examples
    --------
    >>> from glassnet.formulas.losses import LOSSES
    >>> best_constant(LOSSES.get("mse"), Rows(None, np.array([1.0, 2.0, 6.0]), None), 1).round(4)
    array([3.])
    """
    from scipy.optimize import minimize

    targets = loss.prepare(rows.y, outputs)
    weight = np.full(len(targets), 1 / len(targets)) if rows.weight is None else rows.weight / rows.weight.sum()

    def objective(constant: Array) -> tuple[float, Array]:
        values, slopes = loss.value_and_gradient(np.tile(constant, (len(targets), 1)), targets)
        return float(weight @ values), weight @ slopes

    start = np.zeros(outputs)
    if loss.target == "numbers" and outputs == targets.shape[1]:
        start = np.average(targets, axis=0, weights=weight)
    return minimize(objective, start, jac=True, method="L-BFGS-B").x


def loss_of_constant(network: NeuralNetwork, rows: Rows, constant: Array) -> float:
    """The mean loss of one answer for all rows."""
    targets = network.loss.prepare(rows.y, network.outputs)
    return float(np.average(network.loss.value(np.tile(constant, (len(targets), 1)), targets), weights=rows.weight))


TREES = 60
"""Enough that every row is left out by some of them (by 22 on average)."""
FEWEST_IN_LEAF = 5
ROWS = 2000
"""At most so many: a second's work."""
FEWEST_ROWS = 50
CELLS = 20_000_000
"""Numbers that are looked at together: some 160 MB."""
SMALLEST = 1e-3
"""A probability below it counts as this much: a forest's shares may be 0, whose logarithm is infinite."""


def forest_skill(diagnostics: Diagnostics) -> float | None:
    """The share of the best constant answer's loss that a forest takes away on unseen rows.

    Of squares for numbers, of cross-entropy for classes; None where there are too few rows, or no target of one column.
    """
    if diagnostics.task == "other" or diagnostics.X.shape[0] < FEWEST_ROWS:
        return None
    chosen = sample(diagnostics.X.shape[0], ROWS)
    target = diagnostics.target[chosen]
    if len(np.unique(target)) < 2:
        return None
    encoded = matrix_of(diagnostics.X)[chosen]  # thousands of n-grams would take a forest long
    answers = forest_answers(encoded, target, classes=diagnostics.task == "classes")
    if diagnostics.task == "numbers":
        return float(1 - np.mean((answers[:, 0] - target) ** 2) / target.var())
    _, position = np.unique(target, return_inverse=True)
    shares = np.bincount(position) / len(target)
    rows = np.arange(len(target))
    loss = -np.log(np.clip(answers[rows, position], SMALLEST, 1)).mean()
    return float(1 - loss / -(shares * np.log(shares)).sum())


def forest_answers(X: Any, target: Array, *, classes: bool) -> Array:
    """Return the out-of-bag predictions of a random forest: a probability per class in order, or one number.

    A forest has no learning rate, no scale and no epochs. Each tree leaves out a third of the rows; the prediction for
    a row comes from the trees that have not seen it.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if classes else RandomForestRegressor
    options = {} if classes else {"max_features": 1 / 3}  # the usual shares: the root for classes, a third for numbers
    forest = kind(TREES, min_samples_leaf=FEWEST_IN_LEAF, oob_score=True, random_state=0, **options).fit(X, target)
    return forest.oob_decision_function_ if classes else forest.oob_prediction_[:, None]


def sample(rows: int, most: int, columns: int = 1) -> Array:
    """At most so many row numbers, always the same; fewer, where they would be dense rows of very many columns."""
    return sample_rows(rows, max(1, min(most, CELLS // columns)))


# ------------------------------------------------------------------- words


def skill_of_words(texts: Sequence[str], target: Array, *, classes: bool) -> float | None:
    """The share of the target's variance that ridge regression on TF-IDF explains of texts that it has not seen.

    Of classes the variance of their indicators. 0 where it may be chance, None of too few rows. Texts in writings
    without spaces are counted by pairs of signs.

    Examples
    --------
    >>> texts = [f"the {'printer' if row % 2 else 'mail'} of room {row} fails" for row in range(200)]
    >>> skill_of_words(texts, np.arange(200) % 2, classes=True) > 0.9
    True
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import KFold

    if classes:
        _, codes = np.unique(target, return_inverse=True)
        answers = np.eye(codes.max() + 1)[codes]
    else:
        answers = target.astype(np.float64)[:, None]
    if len(target) < FEWEST_TEXTS or not answers.var(axis=0).any():
        return None
    texts = [text[:LETTERS] for text in texts]
    signs = sum(bool(WITHOUT_SPACES.search(text)) for text in texts) > len(texts) / 2
    cut = {"analyzer": "char", "ngram_range": (1, 2)} if signs else {"token_pattern": r"[^\W\d_]{2,}"}
    usual, off = np.empty((2, len(target)))
    for learned, judged in KFold(FOLDS, shuffle=True, random_state=0).split(texts):
        words = TfidfVectorizer(max_features=MOST_WORDS, sublinear_tf=True, **cut)
        try:
            seen = words.fit_transform([texts[row] for row in learned]).toarray()
        except ValueError:  # no words at all
            return 0.0
        encoded, middle = words.transform([texts[row] for row in judged]), answers[learned].mean(axis=0)
        weights = np.linalg.solve(seen @ seen.T + np.eye(len(learned)), answers[learned] - middle)
        predicted = encoded @ (seen.T @ weights) + middle
        usual[judged], off[judged] = (((each - answers[judged]) ** 2).sum(axis=1) for each in (middle, predicted))
    gain = usual - off
    return float(gain.sum() / usual.sum()) if lead(gain).z > STANDARD_ERRORS else 0.0
