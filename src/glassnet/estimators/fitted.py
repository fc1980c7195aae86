"""A fitted estimator: what it learned, and what can be asked of it."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from glassnet.engines import ReferenceEngine, Updater
from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError
from glassnet.estimators.calibration import temperature
from glassnet.estimators.checks import check_rows, with_class_weights
from glassnet.estimators.conformal import limit
from glassnet.estimators.declaration import RULES
from glassnet.estimators.kinds import kept_members
from glassnet.estimators.options import Options
from glassnet.estimators.partitions import Encoded
from glassnet.estimators.targets import NumberTargets
from glassnet.estimators.upward import UpwardMethods
from glassnet.estimators.votes import best_together, normalized
from glassnet.formulas.averages import averaged
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.answers import inputs_to_predict
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer
from glassnet.support.training_lock import check_idle
from glassnet.tables import TableEncoder
from glassnet.tables.notation import Notation
from glassnet.tables.summary import TableSummary
from glassnet.training import History, Rows, Scoring, scorer_for


@methods_suggest_options
class Fitted(UpwardMethods, Options):
    """Attributes and methods of both estimators after ``fit``."""

    networks_: list[NeuralNetwork]
    encoder_: TableEncoder
    targets_: Any  # of one of the kinds in estimators/targets.py
    histories_: list[History]
    weights_: Array | None
    temperature_: float
    conformal_: Array | None
    settings_: dict[str, Any]
    updaters_: list[Updater] | None
    notes_: dict[str, Any]
    data_: TableSummary | None

    @abstractmethod
    def _check_targets(self, y: Any) -> Array:
        """y as an array, or a clear error."""

    @abstractmethod
    def _nonconformity_scores(self, X: Any, y: Array) -> Array:
        """The nonconformity score of each row; see conformal.py."""

    def _scored_targets(self) -> Any:
        """The targets as `scoring` sees them: a name gets numbers for classes, for "f1" wants a class that is 1."""
        return self.targets_

    def _weights_of_classes(self, encoded: Array, sample_weight: Array | None) -> Array | None:
        """The weight of each class, where there are classes and they have weights."""
        return None

    # ---------------------------------------------------------- what it learned

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
    def absent_as_missing_(self, wanted: bool) -> None:
        self._check_fitted()
        self.encoder_.absent_as_missing = wanted

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

    # ------------------------------------------------- what can be asked of it

    def _described(self, X: Any, y: Array) -> TableSummary:
        """The rows in figures, which stay with the model when they have gone."""
        return TableSummary.of(X, y, self.encoder_.plan, classes=not isinstance(self.targets_, NumberTargets))

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

    def evaluate(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Score of the fitted model on some rows, by the metric that selects epochs: `scoring`, or else the mean loss.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``.

        Returns
        -------
        float
            Higher is better by `scoring`, lower without.
        """
        self._check_fitted()
        encoded, targets, weight = self._encoded_rows(*self._check_rows(X, y, sample_weight))
        if self.scoring is not None:
            score = self._scorer(self.scoring, self.networks_, self.temperature_, self.weights_)
            return score(encoded, targets, weight)
        return self._mean_loss(self.raw_outputs(encoded), targets, weight)

    def _mean_loss(self, outputs: Array, targets: Array, weight: Array | None) -> float:
        loss, outputs = self.network_.loss, outputs.astype(np.float64)
        return float(np.average(loss.value(outputs, loss.prepare(targets, outputs.shape[1])), weights=weight))

    def prune(self, members: int, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Keep so many of the networks, those that answer these rows best together, and forget the others.

        Predictions take as much less time. Promises of ``conformalize`` end: they were made for all. Probabilities that
        are calibrated are so anew, by these rows: fewer members are surer together.

        Parameters
        ----------
        members : int
            At least 1, at most as many as there are.
        X : table of rows
            None of them learned from. Some hundred are enough.
        y, sample_weight
            As in ``fit``.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there are fewer members, or the rows are no rows for this model.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.model_selection import train_test_split
        >>> from glassnet import NeuralClassifier
        >>> X, X_new, y, y_new = train_test_split(*load_wine(return_X_y=True), random_state=0)
        >>> model = NeuralClassifier(hidden_layers=(16,), members=4, random_state=0).fit(X, y)
        >>> len(model.prune(2, X_new, y_new).networks_)
        2
        """
        self._check_fitted()
        there = len(self.networks_)
        members = Integer("Give the number of members to keep").taken("`members`", members)
        if members > there:
            raise InputError(
                f"`members` must be at most {there}, the number of trained members", members, "Keep fewer members"
            )
        encoded, targets, weight = self._encoded_rows(*self._check_rows(X, y, sample_weight))

        answers = [network.scores(encoded) for network in self.networks_]

        def together(some: Sequence[int]) -> float:
            those, counted = [answers[member] for member in some], self._weights_of(some)
            return self._mean_loss(averaged(those, self.network_.loss, self.temperature_, counted), targets, weight)

        kept = best_together(there, together, members)
        self.weights_ = self._weights_of(kept)
        self.networks_ = [self.networks_[member] for member in kept]
        self.histories_ = [self.histories_[member] for member in kept]
        updaters = getattr(self, "updaters_", None)
        self.updaters_ = updaters and [updaters[member] for member in kept]
        self.settings_ |= kept_members(self.settings_, kept)
        self.conformal_ = None
        if self._calibrates:
            outputs = self._outputs_each(encoded)
            self.temperature_ = temperature(outputs, targets, weight, self.network_.loss, self._weights_each)
        return self

    def _weights_of(self, members: Sequence[int]) -> Array | None:
        """The weights of some networks without the others."""
        return None if self.weights_ is None else normalized(self.weights_[list(members)])

    def conformalize(self, X: Any, y: Any) -> Self:
        """See how far off the model is on rows that it has not learned from: what it may promise follows.

        Parameters
        ----------
        X : table of rows
            None of them learned from, from where the rows to predict will come from. Some hundred are enough.
        y : array-like of shape (rows,)

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the rows are no rows for this model.
        """
        self._check_fitted()
        X, y, _ = self._check_rows(X, y, None)
        self.conformal_ = np.sort(self._nonconformity_scores(X, y).astype(np.float64))
        return self

    def _promised(self, coverage: float) -> float:
        """The nonconformity score that rows stay below with this probability."""
        self._check_fitted()
        if self.conformal_ is None:
            raise NotFittedError(
                "This model promises nothing yet. Call conformalize(X, y) with rows that it was not trained on"
            )
        return limit(self.conformal_, coverage)

    def _scorer(
        self,
        scoring: Scoring,
        networks: list[NeuralNetwork],
        temperature: float = 1.0,
        weights: Array | None = None,
    ) -> Callable[[Any, Array, Array | None], float]:
        """A score as a function of encoded rows, encoded targets and weights."""
        scored: Any = self._unwatched()
        scored.encoder_, scored.targets_, scored.histories_ = Encoded(), self._scored_targets(), [History()]
        scored.networks_, scored.temperature_, scored.weights_ = networks, temperature, weights
        score = scorer_for(scoring, scored)
        return lambda X, targets, weight: score(X, scored.targets_.decode_targets(targets), weight)

    def _unwatched(self) -> Self:
        """A copy without callbacks: displays and locks cannot be sent to another process."""
        alone: Any = copy.copy(self)
        alone.callbacks, alone.verbose = None, False
        return alone

    def _encoded_rows(self, X: Any, y: Array, weight: Array | None) -> Rows:
        """Rows that were checked, as the networks take them, weighted as in training."""
        targets, weight = self.targets_.encode(y), in_one_unit(weight)
        weight = with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
        return Rows(self.encoder_.transform(X), targets, weight)

    def _check_rows(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        if y is None:
            raise InputError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        return check_rows(X, y, sample_weight, self._check_targets)
