"""The regressor: one or several numbers for each row, or quantiles, or a mean with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_array

from glassnet.errors import InputError
from glassnet.estimators.base import NeuralEstimator
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array

__all__ = ["NeuralRegressor"]


class NeuralRegressor(RegressorMixin, NeuralEstimator):  # type: ignore[misc]
    """A neural network that predicts numbers, straight from a table.

    The target is standardised inside, except for counts. Every option may be left at None: then the preset decides;
    what was used is in ``settings_``.

    Parameters
    ----------
    hidden_layers, activation, dropout, optimizer, learning_rate, schedule, weight_decay, batch_size, epochs, \
early_stopping, patience, validation_fraction, scoring, preset, engine, dtype, callbacks, warm_start, verbose, random_state
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

    _targets = ("numbers", "counts")

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over some more rows; the first call also decides the encoding and the scale of the target."""
        return self._fit_part(X, y, sample_weight)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", ensure_min_samples=0, allow_nd=True)
        if y.ndim > 2:
            raise InputError("y must have shape (rows,) or (rows, targets)", f"shape {y.shape}", "Reshape it")
        return np.asarray(y, np.float64)

    def _learn_targets(self, y: Array, sample_weight: Array | None) -> None:
        self._single = y.ndim == 1
        columns = y.reshape(len(y), -1)
        self._center = np.average(columns, axis=0, weights=sample_weight)
        variance = np.average((columns - self._center) ** 2, axis=0, weights=sample_weight)
        self._scale = np.where(variance > 0, np.sqrt(variance), 1.0)

    def _encode_targets(self, y: Any) -> Array:
        columns = np.reshape(y, (len(y), -1))
        if columns.shape[1] != len(self._center):
            raise InputError(
                "y must have as many columns as in training", f"{columns.shape[1]}", f"Give {len(self._center)}"
            )
        if self._keeps_scale:
            return columns
        return (columns - self._center) / self._scale

    @property
    def _keeps_scale(self) -> bool:
        return LOSSES.get("mse" if self.loss is None else self.loss).target == "counts"

    def _decoder(self) -> Callable[[Array], Array] | None:
        if self._keeps_scale:
            return None

        def decode(values: Array) -> Array:
            per_target = values.shape[1] // len(self._center)
            return values * np.repeat(self._scale, per_target) + np.repeat(self._center, per_target)

        return decode

    def _default_loss(self) -> str:
        return "mse"

    def _outputs(self, loss: Loss) -> int:
        return len(self._center) * loss.outputs_per_target

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
        values = self.network_.predict(encoded).astype(np.float64)
        decode = self._decoder()
        if self.network_.loss.columns == 2:
            mean = values[:, 0::2] * self._scale + self._center
            deviation = np.exp(0.5 * values[:, 1::2]) * self._scale
            return (self._shaped(mean), self._shaped(deviation)) if return_std else self._shaped(mean)
        if return_std:
            raise InputError("`return_std` needs the loss gaussian_nll", str(self.network_.loss), "Train with it")
        return self._shaped(values if decode is None else decode(values))

    def _shaped(self, values: Array) -> Array:
        return values[:, 0] if self._single and values.shape[1] == 1 else values

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
