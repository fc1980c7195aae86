"""The regressor: one or several numbers for each row, or quantiles, or a mean with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from glassnet.errors import InputError
from glassnet.estimators.adoption import around, network_of_numbers
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.bounds import within
from glassnet.estimators.checks import check_numbers
from glassnet.estimators.conformal import band_scores
from glassnet.estimators.declaration import RegressorOptions, documented
from glassnet.estimators.partitions import by_partition
from glassnet.estimators.target_survey import TargetSurvey
from glassnet.estimators.targets import NumberTargets
from glassnet.estimators.upward import UpwardMethods
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.support.option_names import methods_suggest_options, suggests_options
from glassnet.support.options import Flag, checked


@methods_suggest_options
@documented
class NeuralRegressor(UpwardMethods, RegressorMixin, RegressorOptions, NeuralEstimator):
    """A neural-network regressor for tables with text, dates and missing values.

    The target is standardised inside; counts are divided by their mean. Every option may be left at None: then the
    preset decides; what was used is in ``settings_``.

    Attributes
    ----------
    network_, networks_, encoder_, history_, histories_, settings_, loss_curve_, validation_curve_, n_iter_, \
n_features_in_, feature_names_in_, notes_, data_, notation_
        As in :class:`NeuralClassifier`.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = NeuralRegressor(hidden_layers=(32,), random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.5
    True
    >>> model = NeuralRegressor(loss="gaussian_nll", epochs=20, random_state=0).fit(X, y)
    >>> mean, deviation = model.predict(X, return_std=True)
    >>> bool((deviation > 0).all())
    True
    """

    loss_targets = ("numbers", "counts")
    learns_numbers = True

    @available_if(learns_in_parts)
    @suggests_options
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over some more rows; the first call also decides the encoding and the scale of the target."""
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

    @classmethod
    def from_network(cls, network: Any, *, columns: Sequence[str] | None = None, scaler: Any = None) -> Self:
        """Turn a network that was trained elsewhere, or by hand, into a fitted regressor.

        It is a model like any other: it can be explained, reported on, served, exported with names, saved, and trained
        on with ``partial_fit``, with the settings of the preset "mlp".

        Parameters
        ----------
        network : NeuralNetwork
            As for :meth:`NeuralClassifier.from_network`, with a loss of numbers; it answers in the units of the target.
        columns : sequence of str, optional
            The names of the inputs, in their order. None: those that the scaler knows, or none.
        scaler : sklearn.preprocessing.StandardScaler, optional
            The one that stood before the network: from here on the model takes columns as they are.

        Returns
        -------
        NeuralRegressor

        Raises
        ------
        InputError, InputTypeError
            If the network is none of numbers, or names are not as many as its inputs.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> network = NeuralNetwork(2, ["tanh:4", 1], seed=0)
        >>> model = NeuralRegressor.from_network(network, columns=["area", "rooms"])
        >>> bool(model.predict([[0.5, 1.0]])[0] == network.predict([[0.5, 1.0]])[0, 0])
        True
        """
        network, targets = network_of_numbers(network)
        return around(cls, network, targets, columns, scaler)

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
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = NeuralRegressor(hidden_layers=8, random_state=0).fit(X[::2], y[::2]).conformalize(X[1::2], y[1::2])
        >>> low, high = model.predict_interval(X, coverage=0.8).T
        >>> bool(0.7 < ((low <= y) & (y <= high)).mean() < 0.9)
        True
        """
        promised = self._promised(coverage)
        low, high, width = self._band(X)
        band = np.stack([low - promised * width, high + promised * width], axis=1)
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
