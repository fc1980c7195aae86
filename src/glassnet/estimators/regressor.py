"""The regressor: one or several numbers for each row, or quantiles, or a mean with its uncertainty."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from glassnet.errors import InputError
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.checks import check_numbers
from glassnet.estimators.targets import NumberTargets
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array

__all__ = ["NeuralRegressor"]


class NeuralRegressor(RegressorMixin, NeuralEstimator):
    """A neural network that predicts numbers, straight from a table.

    The target is standardised inside; counts are divided by their mean. Every option may be left at None: then the
    preset decides; what was used is in ``settings_``.

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

    @available_if(learns_in_parts)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over some more rows; the first call also decides the encoding and the scale of the target."""
        return self._fit_part(X, y, sample_weight)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_numbers(y)

    def _learn_targets(self, y: Array, sample_weight: Array | None) -> NumberTargets:
        loss = LOSSES.get("mse" if self.loss is None else self.loss)
        return NumberTargets.learn(y, sample_weight, counts=loss.target == "counts")

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
        loss = self.network_.loss
        if return_std and loss.name != "gaussian_nll":
            raise InputError("`return_std` needs the loss gaussian_nll", str(loss), "Train with it")
        outputs = self.network_.forward(encoded)
        values = self.targets_.decode(outputs, loss)
        return (values, self.targets_.decode_deviation(outputs)) if return_std else values

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
