"""The regressor: one or several numbers for each row, or quantiles, or a mean with its uncertainty."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags

from glassnet.errors import InputError
from glassnet.estimators.availability import available_if
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.checks import check_numbers
from glassnet.estimators.conformal import band_scores, promised
from glassnet.estimators.declaration import RegressorOptions
from glassnet.estimators.number_targets import NumberTargets, within
from glassnet.estimators.partitions import by_partition
from glassnet.estimators.targets import TargetSurvey
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.support.option_names import methods_suggest_options, suggests_options
from glassnet.support.options import Flag, checked


@methods_suggest_options
class Regressor(RegressorMixin, RegressorOptions, NeuralEstimator):
    """A regressor without the methods of the rooms above; :class:`glassnet.NeuralRegressor` has them."""

    loss_targets = ("numbers", "counts")
    learns_numbers = True

    @available_if(learns_in_parts)
    @suggests_options
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over some more rows; the first call also decides the encoding and the scale of the target.

        Levels of categories that it did not have are counted in ``new_levels_``, and a warning names them: they are
        encoded as unknown ones, unless the option `grow` is set.
        """
        return self._fit_part(X, y, sample_weight)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_numbers(y)

    def _learn_targets(self, y: Array, sample_weight: Array | None, announced: Array | None = None) -> NumberTargets:
        loss = LOSSES.get("mse" if self.loss is None else self.loss)
        return NumberTargets.learn(y, sample_weight, counts=loss.target == "counts")

    def _surveyed_targets(self, survey: TargetSurvey) -> NumberTargets:
        loss = LOSSES.get("mse" if self.loss is None else self.loss)
        return survey.numbers(counts=loss.target == "counts")

    # ------------------------------------------------------------- prediction

    @by_partition
    @checked(return_std=Flag("True needs the loss gaussian_nll"))
    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The predictions for each row.

        Parameters
        ----------
        X : table of rows
        return_std : bool
            With the loss "gaussian_nll": also the standard deviation of each prediction.

        Returns
        -------
        array of shape (rows,), or (rows, targets); with several quantile levels (rows, targets · levels)
        """
        loss = self.network_.loss
        if return_std and loss.spread != "log_variance":
            raise InputError(
                "`return_std` needs a loss with a variance, such as gaussian_nll", str(loss), "Train with it"
            )
        outputs = self._outputs(X)
        values = self.targets_.decode(outputs, loss)
        return (values, self.targets_.decode_deviation(outputs)) if return_std else values

    def _predictions_of(self, outputs: Array) -> Array:
        return np.asarray(self.targets_.decode(outputs, self.networks_[0].loss))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of the target's variance that is explained (R²): 1 is perfect, 0 as good as the best constant.

        R², of several targets the mean. Of several quantile levels the mean of their D²: the same with the quantile
        loss in place of squares, against the quantiles of `y` (:func:`sklearn.metrics.d2_pinball_score`).

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``.

        Returns
        -------
        float

        Examples
        --------
        >>> from glassnet import NeuralRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = NeuralRegressor(hidden_layers=8, loss="quantile(levels=(0.1, 0.5, 0.9))", random_state=0)
        >>> 0 < model.fit(X, y).score(X, y) < 1
        True
        """
        from sklearn.metrics import d2_pinball_score  # with much that no fit needs

        self._check_fitted()
        X, y, weight = self._check_rows(X, y, sample_weight)
        levels = self.network_.loss.levels
        if len(levels) < 2:
            return float(super().score(X, y, weight))
        self.targets_.encode(y)  # refuses another number of targets
        columns, values = y.reshape(len(y), -1), self.predict(X)
        each = [
            d2_pinball_score(columns, values[:, place :: len(levels)], sample_weight=weight, alpha=level)
            for place, level in enumerate(levels)
        ]
        return float(np.mean(each))

    @by_partition
    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """The prediction interval of each row, after ``conformalize``, with the requested coverage.

        With the loss "gaussian_nll" the intervals are as wide as the model is uncertain, with quantiles they follow the
        lowest and the highest, else all are equally wide.

        Parameters
        ----------
        X : table of rows
        coverage : float in (0, 1)
            How often the target is to lie within, over many rows.

        Returns
        -------
        array of shape (rows, 2)

        Examples
        --------
        >>> from glassnet import NeuralRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = NeuralRegressor(hidden_layers=8, random_state=0).fit(X[::2], y[::2]).conformalize(X[1::2], y[1::2])
        >>> low, high = model.predict_interval(X, coverage=0.8).T
        >>> bool(0.7 < ((low <= y) & (y <= high)).mean() < 0.9)
        True
        """
        self._check_fitted()
        factor = promised(self.conformal_, coverage)
        low, high, width = self._band(X)
        band = np.stack([low - factor * width, high + factor * width], axis=1)
        return within(band, self.settings_.get("bounds"))  # where no target is, nothing is lost

    def _nonconformity_scores(self, X: Any, y: Array) -> Array:
        if not self.targets_.single:
            raise InputError(
                "Intervals need one target per row", "several targets", "Train a regressor for each target"
            )
        return band_scores(y, *self._band(X))

    def _band(self, X: Any) -> tuple[Array, Array, Array]:
        """Low, high and width of the band in which the model itself expects each target."""
        if self.network_.loss.spread == "log_variance":
            mean, deviation = self.predict(X, return_std=True)
            return mean, mean, deviation
        values = self.predict(X)
        values = values[:, None] if values.ndim == 1 else values
        return values.min(axis=1), values.max(axis=1), np.ones(1)  # as wide for every row

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
