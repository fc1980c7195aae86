r"""Explanations by gradients: the contribution of each column to a prediction, and the prediction's slope in it.

What each coordinate adds on the straight way from a baseline to a row are integrated gradients:

.. math::
    c_i = (x_i - x'_i) \int_0^1 \frac{\partial f}{\partial x_i}\bigl(x' + \alpha (x - x')\bigr)\,d\alpha

The contributions of a row sum to f(x) - f(x') for every f: completeness. A coordinate that f ignores gets 0.

Where f first makes several numbers e of each coordinate, by broken lines, the derivative jumps at every edge that the
way crosses. Behind e it does not. So the integral is taken there, as one of Stieltjes's:

.. math::
    c_i = \int \Bigl\langle \frac{\partial f}{\partial e_i},\, d e_i(\alpha) \Bigr\rangle

by the trapezoidal rule: what a piece of the way adds is the mean gradient of its two ends times how far e comes. How
complete that is can be seen on every piece, where the contributions must sum to the difference of f at its two ends. So
the way is halved just where something is lacking: at kinks, and where f bends much.

Source: Sundararajan, Taly, Yan (2017), *Axiomatic Attribution for Deep Networks*, equation 1. Variant: the integral is
taken behind broken lines, and by as many points as it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.insight.answer import Curve, ScalarOutput
from glassnet.insight.cells import TableCells
from glassnet.insight.explanation import Explanation
from glassnet.insight.text_words import TextParts
from glassnet.layers.base import Array
from glassnet.support.option_names import suggests_options
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.conversion import as_levels

ROWS_AT_ONCE = 1024
"""Rows whose gradients are computed at a time."""
TOLERANCE = 5e-4
"""What the contributions of a row may lack, as a probability or in deviations of the target."""
PIECES = 32
"""Into how many pieces a way is divided at first."""
HALVINGS = 16
"""How often a piece is halved at most."""
NUMBERS_AT_ONCE = 2_000_000
"""Numbers of points that are held at a time, before anything is halved."""

Slopes = Callable[[list[Array], Array], tuple[Array, list[Array]]]
"""From points (several arrays, each with a row for each) and the numbers of their rows to values and gradients."""


@suggests_options
def explain(model: Any, X: Any, *, output: Any = None, background: Any = None) -> Explanation:
    """Explain predictions: the contribution of each column to the prediction for each row.

    The explained quantity is the prediction of the model: the probability of a class (averaged over the members), or
    the number in the units of the target; with losses such as hinge, which give no probabilities, the score. The
    contributions are integrated gradients: they lead from a baseline to the row, and sum to the difference of the two
    predictions.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    X : table of rows
    output : object
        The class whose probability is explained, None: the one that is predicted for the row. Or the number of a
        target where several are predicted; of several quantiles None is the one nearest to the median.
    background : table of rows, optional
        Its mean, after encoding, is the baseline: say, the training rows. None: a row of which nothing is known, with
        every number at its mean (or median, as it is encoded) and no level of any category.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model is not of this kind or not fitted, the rows do not fit it, or it has no such output.

    Notes
    -----
    Contributions of several encoded columns (levels, missing indicators, parts of dates) are summed for the
    column of the table that it comes from. Where a category is embedded, the path from the baseline leads through the
    embedding space, since codes have no values in between.

    Source: Sundararajan, Taly, Yan (2017), *Axiomatic Attribution for Deep Networks*.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", clamp=False, random_state=0)
    >>> found = explain(model.fit(X, X @ [2.0, -1.0, 0.0]), [[1.0, 1.0, 1.0]], background=np.zeros((1, 3)))
    >>> print(found)
    1.00 rather than 0.00, mostly because x0 is 1 (+2.00), although x1 is 1 (−1.00)
    """
    answer = ScalarOutput(model, output)
    cells = TableCells(model, X)
    end = answer.points(answer.encoded(X))
    start = answer.points(_nothing_known(answer)) if background is None else _mean(answer, background)
    answers = answer.answers(X)
    chosen = answer.chosen(answers)

    def slopes(points: list[Array], rows: Array) -> tuple[Array, list[Array]]:
        return answer.slopes(points, chosen[rows])

    scale = answer.scale[chosen]
    found = integrated_gradients(slopes, start, end, answer.bends(), TOLERANCE * scale)
    contributions = np.zeros((cells.rows, len(cells.names)))
    for part, sources in zip(found.parts, answer.sources(), strict=True):
        np.add.at(contributions.T, sources, part.T)
    return Explanation(
        columns=tuple(cells.names),
        contributions=contributions,
        base=found.base,
        value=answers[np.arange(len(chosen)), chosen],
        kind=answer.kind,
        scale=scale,
        answers=None if answer.kind == "number" else [str(answer.called(place)) for place in chosen.tolist()],
        target=_target(answer),
        cells=[cells.cells(column) for column in range(len(cells.names))],
        unknown=_unknown(model, cells),
        table=X,
        texts=_texts(answer, start, end, found),
    )


@suggests_options
def input_gradients(model: Any, X: Any, *, output: Any = None) -> Array:
    """Gradient of the prediction with respect to each encoded column, for each row: exact, by the chain rule.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        A :class:`glassnet.NeuralNetwork` has a method of this name.
    X : table of rows
    output : object
        A class or the number of a target, as in :func:`glassnet.explain`.

    Returns
    -------
    array of shape (rows, encoded columns)
        In the order of ``model.encoder_.feature_names_out``. A number is measured in deviations, as it is encoded. For
        codes of categories it is 0, for between them there is nothing.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        As :func:`glassnet.explain`.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, X @ [3.0, 0.0])
    >>> (input_gradients(model, X[:1]) / X.std(axis=0)).round(2) + 0.0
    array([[3., 0.]])
    """
    answer = ScalarOutput(model, output)
    TableCells(model, X)  # refuses a table that does not fit the model
    encoded, chosen = answer.encoded(X), answer.chosen(answer.answers(X))
    rows, width = encoded.shape
    found = np.empty((rows, width))
    for start in range(0, rows, ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        _, gradients = answer.slopes(answer.points(encoded[some], lifted=False), chosen[some], bent=False)
        found[some] = sum(one[:, :width] for one in gradients)  # all networks see the rows
    return found


def _unknown(model: Any, cells: TableCells) -> list[list[int]]:
    """For each row the columns whose level the encoder has no name for."""
    found: list[list[int]] = [[] for _ in range(cells.rows)]
    plan = model.encoder_.plan
    for column, _, _ in plan.parts:
        if isinstance(column, CategoryColumn):
            codes = column.codes(as_levels(cells.values(column.source), plan.notation))
            for row in np.flatnonzero(codes > len(column.levels)):
                found[row].append(column.source)
    return found


def _nothing_known(answer: ScalarOutput) -> Array:
    """The encoded row of which nothing is known; no gaps are marked in it either."""
    encoder = answer.model.encoder_
    row = np.zeros((1, encoder.n_outputs), answer.model.network_.dtype)
    block = encoder.plan.numbers
    row[0, : block.values] = block.fill
    return row


def _mean(answer: ScalarOutput, background: Any) -> list[Array]:
    """The mean of some rows, as the networks see them."""
    TableCells(answer.model, background)  # refuses a table that does not fit the model
    lifted = answer.points(answer.encoded(background))
    return [part.mean(axis=0, keepdims=True, dtype=np.float64).astype(part.dtype) for part in lifted]


def _texts(answer: ScalarOutput, start: list[Array], end: list[Array], found: Contributions) -> TextParts | None:
    """Return the mean slopes along the paths, which divide the contributions of texts among their words."""
    columns = tuple(answer.model.encoder_.plan.texts)
    if not columns:
        return None
    slopes, weights = [], []
    for network, first, last, part in zip(answer.networks, start, end, found.parts, strict=True):
        outputs = network.layout.widths[-1]
        texts = len(columns) * outputs
        way, came = (last - first)[:, -texts:].astype(np.float64), part[:, -texts:]
        slope = np.divide(came, way, out=np.zeros_like(came), where=way != 0)
        slopes.append(slope.reshape(-1, len(columns), outputs))
        weights.append(network[f"{len(network.layers)}.W"])
    ends = np.cumsum([column.size for column in columns])[:-1]
    return TextParts(columns, np.split(np.concatenate(weights, axis=1), ends), np.concatenate(slopes, axis=2))


def _target(answer: ScalarOutput) -> str | None:
    """Return the name of the target, where the model knows it, or its number where there are several."""
    targets: Any = answer.model.targets_
    several = answer.classes is None and (answer.kind != "number" or not targets.single)
    if several and answer.output is not None:
        return f"y[{answer.output}]"
    remembered = answer.model.notes_.get("target")
    return remembered if isinstance(remembered, str) else None


# ------------------------------------------------------------ along the way to a row


@dataclass(frozen=True)
class Contributions:
    """The contribution of each coordinate."""

    parts: list[Array]
    base: Array  # f at the baseline, for each row
    value: Array

    @property
    def gap(self) -> Array:
        """The difference between the sum of contributions and value - base, for each row."""
        return self.value - self.base - sum(part.sum(axis=1) for part in self.parts)


def integrated_gradients(
    slopes: Slopes, start: list[Array], end: list[Array], curves: Sequence[Curve], tolerance: Array
) -> Contributions:
    """Integrate the gradient from a baseline (arrays with one row) to each row, up to a gap without regard to sign.

    Each array goes to `slopes` as its curve makes it of the points, and the contributions are those of what it makes.

    Examples
    --------
    >>> def square(points, rows):
    ...     return (points[0] ** 2).sum(axis=1), [2 * points[0]]
    >>> start, end = [np.zeros((1, 2))], [np.array([[3.0, -1.0]])]
    >>> found = integrated_gradients(square, start, end, [lambda point: point], np.array([1e-6]))
    >>> found.parts[0].round(6), found.value
    (array([[9., 1.]]), array([10.]))
    """
    count, widths = len(end[0]), [curve(point).shape[1] for curve, point in zip(curves, start, strict=True)]
    found = Contributions([np.zeros((count, width)) for width in widths], np.empty(count), np.empty(count))
    at_once = max(1, NUMBERS_AT_ONCE // (PIECES * sum(widths)))
    for first in range(0, count, at_once):
        some = slice(first, first + at_once)
        walk = _IntegrationPaths(slopes, start, [part[some] for part in end], curves, np.arange(count)[some])
        walk.refine(tolerance[some])
        for part, contributions in zip(found.parts, walk.contributions(), strict=True):
            part[some] = contributions
        found.base[some], found.value[some] = walk.values[walk.places == 0], walk.values[walk.places == 1]
    return found


class _IntegrationPaths:
    """Points on the ways to some rows, one way after the other: whose each is, where (0 to 1), f and its gradient."""

    def __init__(
        self, slopes: Slopes, start: list[Array], end: list[Array], curves: Sequence[Curve], rows: Array
    ) -> None:
        self.slopes, self.start, self.curves, self.rows = slopes, start, curves, rows
        self.way = [part - point for part, point in zip(end, start, strict=True)]
        self.owner = np.repeat(np.arange(len(rows)), PIECES + 1)
        self.places = np.tile(np.linspace(0, 1, PIECES + 1), len(rows))
        self.values, self.points, self.gradients = self._visit(self.owner, self.places)

    def refine(self, tolerance: Array) -> None:
        """Halve pieces until what those of each way lack is small enough.

        What they lack has either sign, so the root of the sum of squares counts, beside the sum itself.
        """
        for _ in range(HALVINGS):
            owner, gap = self.owner[1:], self._gaps()
            root = np.sqrt(np.bincount(owner, gap**2))
            lacking = np.maximum(root, np.abs(np.bincount(owner, gap))) > tolerance
            fair = np.minimum(tolerance, root) / np.sqrt(np.bincount(owner, self._within)) / 2
            split = np.flatnonzero(lacking[owner] & (np.abs(gap) > fair[owner]))
            if not len(split):
                break
            self._halve(split)

    def contributions(self) -> list[Array]:
        """What all pieces of a way add, for each row."""
        totals = []
        for points, gradients in zip(self.points, self.gradients, strict=True):
            parts = np.diff(points, axis=0) * _means(gradients)
            parts[~self._within] = 0
            totals.append(np.add.reduceat(parts, np.flatnonzero(self.places == 0), axis=0, dtype=np.float64))
        return totals

    @property
    def _within(self) -> Array:
        """Whether from a point to the next is a piece of a way, and not a leap to the next way."""
        return np.diff(self.owner) == 0

    def _gaps(self) -> Array:
        """What each piece lacks; a leap lacks nothing."""
        gaps = np.diff(self.values)
        for points, gradients in zip(self.points, self.gradients, strict=True):
            gaps -= np.einsum("pc,pc->p", np.diff(points, axis=0), _means(gradients))
        return np.where(self._within, gaps, 0.0)

    def _halve(self, split: Array) -> None:
        """Visit the middles of some pieces, which are known by the points where they begin."""
        owner, places = self.owner[split], (self.places[split] + self.places[split + 1]) / 2
        values, points, gradients = self._visit(owner, places)
        self.owner = np.insert(self.owner, split + 1, owner)
        self.places = np.insert(self.places, split + 1, places)
        self.values = np.insert(self.values, split + 1, values)
        for kept, visited in zip((self.points, self.gradients), (points, gradients), strict=True):
            kept[:] = [np.insert(old, split + 1, new, axis=0) for old, new in zip(kept, visited, strict=True)]

    def _visit(self, owner: Array, places: Array) -> tuple[Array, list[Array], list[Array]]:
        """The value at some places, the points as `slopes` takes them, and the gradients there."""
        points = [
            curve(point + places[:, None].astype(way.dtype) * way[owner])
            for curve, point, way in zip(self.curves, self.start, self.way, strict=True)
        ]
        values, gradients = self.slopes(points, self.rows[owner])
        return values, points, gradients


def _means(gradients: Array) -> Array:
    """The mean gradient of the two ends of each piece."""
    means: Array = (gradients[1:] + gradients[:-1]) / 2
    return means
