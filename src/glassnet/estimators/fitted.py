"""The fitted estimator: its encoder, targets, networks and histories, and their raw outputs for rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from sklearn.utils.validation import check_is_fitted

from glassnet.engines import ReferenceEngine, Updater
from glassnet.estimators.declaration import RULES
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.inference import inputs_to_predict
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.training_lock import check_idle
from glassnet.tables import TableEncoder
from glassnet.tables.reading.notation import Notation
from glassnet.tables.table_summary import TableSummary
from glassnet.training import History

NO_PREDICTIONS: Final = Text(
    "This model has no predictions for rows held out of its training table. Fit it again on a table in memory, with "
    "cv=5 or early_stopping=True and without validation_data; a saved file does not hold them"
)


@methods_suggest_options
class FittedAttributes:
    """The attributes that ``fit`` sets, what follows from them, and the raw outputs."""

    n_jobs: int | None  # an option
    networks_: list[NeuralNetwork]
    encoder_: TableEncoder
    targets_: Any  # of one of the kinds in targets.py
    histories_: list[History]
    weights_: Array | None
    temperature_: float
    conformal_: Array | None
    settings_: dict[str, Any]
    updaters_: list[Updater] | None
    notes_: dict[str, Any]
    data_: TableSummary | None
    _oof_predictions: Array | None = None
    new_levels_: dict[str, dict[str, int]]

    @property
    def network_(self) -> NeuralNetwork:
        """The network, or the first of several."""
        self._check_fitted()
        return self.networks_[0]

    @property
    def history_(self) -> History:
        """The history of its training."""
        self._check_fitted()
        return self.histories_[0]

    @property
    def notation_(self) -> Notation:
        """Number and date format of text columns; set when the training table is read from a file."""
        self._check_fitted()
        return self.encoder_.notation

    @notation_.setter
    def notation_(self, notation: Notation) -> None:
        self.encoder_.notation = notation

    @property
    def n_features_in_(self) -> int:
        """The number of columns of the training table."""
        self._check_fitted()
        return self.encoder_.n_features_in

    @property
    def feature_names_in_(self) -> Array:
        """Their names, where the training table had any."""
        self._check_fitted()
        if not self.encoder_.plan.named:
            raise AttributeError("The training table had no names of columns")
        return np.array(self.encoder_.feature_names_in, dtype=object)

    @property
    def absent_as_missing_(self) -> bool:
        """Whether a column that a table does not have counts as one of missing values; set it to have it so.

        Examples
        --------
        >>> import pandas as pd
        >>> from glassnet import NeuralRegressor
        >>> table = pd.DataFrame({"age": [20.0, 30.0, 40.0], "height": [1.8, 1.6, 1.7]})
        >>> model = NeuralRegressor(preset="mlp", epochs=2).fit(table, [1, 2, 3])
        >>> model.absent_as_missing_ = True
        >>> model.predict(table[["age"]]).shape
        (3,)
        """
        self._check_fitted()
        return self.encoder_.absent_as_missing

    @absent_as_missing_.setter
    def absent_as_missing_(self, value: bool) -> None:
        self._check_fitted()
        self.encoder_.absent_as_missing = value

    @property
    def oof_predictions_(self) -> Array:
        """The prediction for each training row by those members that were not trained on it.

        Shape (rows, classes) for probabilities, otherwise that of ``predict``, in the order of the rows given to
        ``fit``; float32. NaN where every member was trained on the row, or its weight is 0. Weights of members count,
        refitted members do not. Probabilities are calibrated, by a temperature of their own: fewer members are surer
        than all together. Neither in a file nor in a copy, for it belongs to the training rows.

        Raises
        ------
        AttributeError
            If no row of the table was held out, or the model was loaded, pruned or trained on a table that is not in
            memory.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.metrics import accuracy_score
        >>> from glassnet import NeuralClassifier
        >>> X, y = load_wine(return_X_y=True)
        >>> model = NeuralClassifier(hidden_layers=(16,), cv=5, random_state=0).fit(X, y)
        >>> model.oof_predictions_.shape
        (178, 3)
        >>> accuracy_score(y, model.oof_predictions_.argmax(axis=1)) > 0.9
        True
        """
        self._check_fitted()
        if self._oof_predictions is None:
            raise AttributeError(str(NO_PREDICTIONS))
        return self._oof_predictions

    @property
    def loss_curve_(self) -> list[float]:
        """The mean training loss of each epoch."""
        return self.history_["loss"]

    @property
    def validation_curve_(self) -> list[float]:
        """The validation score of each epoch, or its validation loss where no `scoring` was given; may be empty."""
        columns = [name for name in self.history_.columns if name.startswith("validation")]
        return self.history_[columns[-1]] if columns else []

    @property
    def n_iter_(self) -> int:
        """The number of epochs that were trained."""
        return len(self.history_)

    def __sklearn_is_fitted__(self) -> bool:
        return "histories_" in vars(self)

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():  # to ask scikit-learn takes as long as a network takes for a row
            check_is_fitted(self)
        check_idle(self)

    # ---------------------------------------------------------------- outputs

    def _outputs(self, X: Any) -> Array:
        """The raw outputs for each row, after checks: of the network, or of one that would answer as all do."""
        self._check_fitted()
        return self.raw_outputs(self.encoder_.transform(X))

    @property
    def _calibrates(self) -> bool:
        """Whether there are probabilities, and they are to be calibrated."""
        probable = self.networks_[0].loss.response in ("sigmoid", "softmax")
        return probable and self.settings_.get("calibration", "none") != "none"

    @property
    def _engine(self) -> ReferenceEngine:
        """The engine for predictions, with as many processors as they may use."""
        engine = self.networks_[0].engine
        if self.n_jobs is None:
            return engine
        jobs = RULES["n_jobs"].taken("`n_jobs`", self.n_jobs)
        return engine if jobs == -1 else engine.with_workers(jobs)

    def _outputs_each(self, encoded: Any) -> list[Array]:
        """The raw outputs of every member of every network, for rows as the encoder gives them."""
        first = self.networks_[0]
        outputs = self._engine.predict_each(self.networks_, inputs_to_predict(first, encoded))
        return [one for network, each in zip(self.networks_, outputs, strict=True) for one in network.each_member(each)]

    @property
    def _weights_each(self) -> Array | None:
        """The weight of every member of every network, 1 on average; None: all equal."""
        return None if self.weights_ is None else np.repeat(self.weights_, self.networks_[0].members)

    def raw_outputs(self, encoded: Any) -> Array:
        """The raw outputs for rows as the encoder gives them.

        Parameters
        ----------
        encoded : array or sparse array of shape (rows, inputs)
        """
        self._check_fitted()
        first = self.networks_[0]
        return self._engine.scores(self.networks_, inputs_to_predict(first, encoded), self.temperature_, self.weights_)

    def _mean_loss(self, outputs: Array, targets: Array, weight: Array | None) -> float:
        loss, outputs = self.network_.loss, outputs.astype(np.float64)
        return float(np.average(loss.value(outputs, loss.prepare(targets, outputs.shape[1])), weights=weight))
