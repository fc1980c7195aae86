"""The regressor: one or several numbers for each row, or quantiles, or a mean with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags

from glassnet.errors import InputError
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.checks import check_numbers
from glassnet.estimators.targets import NumberTargets
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.training import scorer_for

__all__ = ["NeuralRegressor"]


class NeuralRegressor(RegressorMixin, NeuralEstimator):
    """A neural network that predicts numbers, straight from a table.

    The target is standardised inside, except for counts. Every option may be left at None: then the preset decides;
    what was used is in ``settings_``.

    Parameters
    ----------
    hidden_layers, activation, dropout, optimizer, learning_rate, schedule, weight_decay, batch_size, epochs, \
early_stopping, patience, validation_fraction, scoring, preset, engine, dtype, callbacks, warm_start, verbose, \
random_state
        As in :class:`NeuralClassifier`.
    loss : str or Loss
        None: "mse", the mean. "mae" (the median), "huber", "log_cosh", "poisson" (counts),
        "quantile(levels=(0.1, 0.5, 0.9))", "gaussian_nll" (mean and deviation), or a loss of your own. The width of
        "huber" is in standard deviations of the target.

    Attributes
    ----------
    network_, encoder_, history_, settings_, loss_curve_, validation_curve_, n_iter_, n_features_in_, feature_names_in_
        As in :class:`NeuralClassifier`.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = NeuralRegressor(hidden_layers=(32,), random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.5
    True
    >>> mean, deviation = NeuralRegressor(loss="gaussian_nll", random_state=0).fit(X, y).predict(X, return_std=True)
    >>> bool((deviation > 0).all())
    True
    """

    loss_targets = ("numbers", "counts")

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over some more rows; the first call also decides the encoding and the scale of the target."""
        return self._fit_part(X, y, sample_weight)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_numbers(y)

    def _learn_targets(self, y: Array, sample_weight: Array | None) -> NumberTargets:
        loss = LOSSES.get("mse" if self.loss is None else self.loss)
        return NumberTargets.learn(y, sample_weight, as_they_are=loss.target == "counts")

    def _scorer(self, network: NeuralNetwork) -> Callable[[Any, Array, Array | None], float]:
        assert self.scoring is not None
        score = scorer_for(self.scoring, network, self._decode)
        return lambda X, targets, weight: score(X, self.targets_.decode(targets), weight)

    def _decode(self, values: Array) -> Array:
        """What the network predicts in the units of y; of a mean and a variance the mean."""
        return self.targets_.decode(values[:, :: self.network_.loss.columns].astype(np.float64))

    # ------------------------------------------------------------- prediction

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The numbers for each row.

        Parameters
        ----------
        X : table of rows
        return_std : bool
            With the loss "gaussian_nll": also the standard deviation of each prediction.

        Returns
        -------
        array of shape (rows,), or (rows, targets); with several quantile levels (rows, targets · levels)
        """
        encoded = self._encoded(X)
        values = self.network_.predict(encoded)
        if not return_std:
            return self._decode(values)
        if self.network_.loss.columns != 2:
            raise InputError("`return_std` needs the loss gaussian_nll", str(self.network_.loss), "Train with it")
        deviation = np.exp(0.5 * values[:, 1::2].astype(np.float64))
        return self._decode(values), self.targets_.decode_deviation(deviation)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
