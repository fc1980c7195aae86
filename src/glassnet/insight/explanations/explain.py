"""From a model and some rows to what each column adds to the answer, and to how fast the answer changes with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.insight.cells import Cells
from glassnet.insight.explanations.answer import Answer
from glassnet.insight.explanations.explanation import Explanation
from glassnet.insight.explanations.integrated_gradients import integrated_gradients
from glassnet.layers.base import Array
from glassnet.support.option_names import suggests_options
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.conversion import as_levels

TOLERANCE = 5e-4
"""What the contributions of a row may lack, as a probability or in deviations of the target."""


@suggests_options
def explain(model: Any, X: Any, *, output: Any = None, background: Any = None) -> Explanation:
    """Explain predictions: the contribution of each column to the prediction for each row.

    What is explained is the prediction of the model: the probability of a class (averaged over the members), or
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
    Contributions of what is encoded as several columns (levels, missing indicators, parts of dates) are summed for the
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
    answer = Answer(model, output)
    cells = Cells(model, X)
    matrix = answer.encoded(X)
    end = answer.lifted(matrix)
    start = answer.lifted(_nothing_known(answer)) if background is None else _mean(answer, background)
    chosen = answer.chosen(answer.answers(X))

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
        value=found.value,
        kind=answer.kind,
        scale=scale,
        answers=None if answer.kind == "number" else [str(answer.called(place)) for place in chosen.tolist()],
        target=_target(answer),
        cells=[cells.cells(column) for column in range(len(cells.names))],
        unknown=_unknown(model, cells),
        table=X,
    )


def _unknown(model: Any, cells: Cells) -> list[list[int]]:
    """For each row the columns whose level the encoder has no name for."""
    found: list[list[int]] = [[] for _ in range(cells.rows)]
    plan = model.encoder_.plan
    for column, _, _ in plan.parts:
        if isinstance(column, CategoryColumn):
            codes = column.codes(as_levels(cells.values(column.source), plan.notation))
            for row in np.flatnonzero(codes > len(column.levels)):
                found[row].append(column.source)
    return found


def _nothing_known(answer: Answer) -> Array:
    """The encoded row of which nothing is known; no gaps are marked in it either."""
    encoder = answer.model.encoder_
    row = np.zeros((1, encoder.n_outputs), answer.model.network_.dtype)
    block = encoder.plan.numbers
    row[0, : block.values] = block.fill
    return row


def _mean(answer: Answer, background: Any) -> list[Array]:
    """The mean of some rows, as the networks see them."""
    Cells(answer.model, background)  # refuses what is no table for the model
    lifted = answer.lifted(answer.encoded(background))
    return [part.mean(axis=0, keepdims=True, dtype=np.float64).astype(part.dtype) for part in lifted]


def _target(answer: Answer) -> str | None:
    """What the target is called, where the model remembers it, or its number where there are several."""
    targets: Any = answer.model.targets_
    several = answer.classes is None and (answer.kind != "number" or not targets.single)
    if several and answer.output is not None:
        return f"y[{answer.output}]"
    remembered = answer.model.notes_.get("target")
    return remembered if isinstance(remembered, str) else None


BLOCK = 1024
"""Rows that are carried back at a time."""


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
    answer = Answer(model, output)
    Cells(model, X)  # refuses what is no table for the model
    matrix, chosen = answer.encoded(X), answer.chosen(answer.answers(X))
    found = np.empty(matrix.shape)
    for start in range(0, len(matrix), BLOCK):
        some = slice(start, start + BLOCK)
        points = [matrix[some]] * len(answer.networks)
        found[some] = np.sum(answer.slopes(points, chosen[some], bent=False)[1], axis=0)  # all networks see the rows
    return found
