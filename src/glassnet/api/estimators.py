"""The public estimators: the core of :mod:`glassnet.estimators` with methods of insight, exchange and distributed.

These rooms are imported in the methods, at first use, so that a fit loads none of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from glassnet.estimators.classifier import Classifier
from glassnet.estimators.declaration import documented
from glassnet.estimators.regressor import Regressor
from glassnet.support.option_names import methods_suggest_options

if TYPE_CHECKING:
    from glassnet.estimators.members import MemberTask, TrainedMember
    from glassnet.exchange.c import CSource
    from glassnet.insight.doctor import Diagnosis
    from glassnet.insight.explanation import Explanation
    from glassnet.insight.importances import Importances
    from glassnet.insight.partial_dependence import PartialDependence
    from glassnet.insight.strongest_words import StrongestWords
    from glassnet.layers.base import Array
    from glassnet.support.language import Language
    from glassnet.training import Checkpoint


@methods_suggest_options
class HighLevelMethods:
    """The methods of an estimator that explain, report, export, store checkpoints and use a cluster."""

    def _repr_html_inner(self) -> str:
        """In a notebook: scikit-learn's page, and of a fitted estimator its network and last scores below it."""
        from glassnet.insight.estimator_display import estimator_html

        page: str = super()._repr_html_inner()  # type: ignore[misc]
        model: Any = self
        return page + estimator_html(model) if model.__sklearn_is_fitted__() else page

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The same for notebooks that request all formats at once."""
        forms: dict[str, Any] = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        return forms | ({"text/html": self._repr_html_inner()} if "text/html" in forms else {})

    def explain(self, X: Any, *, output: Any = None, background: Any = None) -> Explanation:
        """The contribution of each column to each prediction: see :func:`glassnet.explain`."""
        from glassnet.insight.integrated_gradients import explain

        return explain(self, X, output=output, background=background)

    def input_gradients(self, X: Any, *, output: Any = None) -> Array:
        """The gradient of the prediction with respect to each encoded column: see :func:`glassnet.input_gradients`."""
        from glassnet.insight.integrated_gradients import input_gradients

        return input_gradients(self, X, output=output)

    def importances(self, X: Any, y: Any, **options: Any) -> Importances:
        """Permutation importance of each column: see :func:`glassnet.importances`."""
        from glassnet.insight.importances import importances

        return importances(self, X, y, **options)

    def partial_dependence(self, X: Any, column: str | int, **options: Any) -> PartialDependence:
        """Partial dependence of the prediction on a column: see :func:`glassnet.partial_dependence`."""
        from glassnet.insight.partial_dependence import partial_dependence

        return partial_dependence(self, X, column, **options)

    def strongest_words(self, X: Any, **options: Any) -> StrongestWords:
        """Words of these rows that add most to the score of each class: see :func:`glassnet.strongest_words`."""
        from glassnet.insight.strongest_words import strongest_words

        return strongest_words(self, X, **options)

    def report(self, path: str | os.PathLike[str], X: Any, y: Any, **options: Any) -> Path:
        """Write a report about the model, evaluated on these rows, as one HTML page; see :func:`glassnet.report`."""
        from glassnet.insight.report import report

        return report(self, X, y, path, **options)

    def card(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write a model card, filled in from the model: see :func:`glassnet.card`."""
        from glassnet.exchange.model_card import card

        return card(self, path, **options)

    def _write_beside_checkpoints(self, checkpoint: Checkpoint, *, done: bool) -> None:
        """Write the model beside the checkpoints of its members: untrained, or as it was trained."""
        from glassnet.exchange.files.model_file import keep

        keep(self, checkpoint, done=done)

    def _fit_by_rounds(self, X: Any, y: Any, sample_weight: Any, **options: Any) -> Any:
        """A fit on shards of the rows; see :func:`glassnet.distributed.learning.fit_by_rounds`."""
        from glassnet.distributed.learning import fit_by_rounds

        model: Any = self
        return fit_by_rounds(model, X, y, sample_weight, **options)

    def _train_on_workers(self, client: Any, tasks: Sequence[MemberTask]) -> list[TrainedMember]:
        """Train members by the workers of a cluster."""
        from glassnet.distributed.learning import train_on_workers

        return train_on_workers(client, tasks)

    def to_onnx(
        self, path: str | os.PathLike[str], *, coverage: float = 0.9, texts: Literal["ngrams", "text"] = "ngrams"
    ) -> Path:
        """Write an ONNX file that takes the columns of a table; see :func:`glassnet.to_onnx`."""
        from glassnet.exchange.onnx import to_onnx

        return to_onnx(self, path, coverage=coverage, texts=texts)

    def to_python(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write a Python file that needs only NumPy; see :func:`glassnet.to_python`."""
        from glassnet.exchange.python import to_python

        return to_python(self, path, coverage=coverage)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        target: str = "",
        coverage: float = 0.9,
        language: Language | None = None,
    ) -> Path:
        """Write a web page that runs the model, for people who have no Python; see :func:`glassnet.to_html`."""
        from glassnet.exchange.page import to_html

        return to_html(self, path, target=target, coverage=coverage, language=language)

    def to_javascript(self, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
        """Write a JavaScript module without dependencies; see :func:`glassnet.to_javascript`."""
        from glassnet.exchange.page import to_javascript

        return to_javascript(self, path, coverage=coverage)

    def to_c(
        self,
        path: str | os.PathLike[str],
        X: Any = None,
        y: Any = None,
        *,
        quantize: bool = False,
        coverage: float = 0.9,
    ) -> CSource:
        """Write plain C that needs only the mathematical library; see :func:`glassnet.to_c`."""
        from glassnet.exchange.c import to_c

        return to_c(self, path, X, y, quantize=quantize, coverage=coverage)

    def diagnose(
        self,
        X: Any = None,
        y: Any = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
        times: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        language: Language | None = None,
        verbose: bool = False,
    ) -> Diagnosis:
        """Diagnose the model, its training and its rows, preferably those it was fitted on: see `diagnose`."""
        from glassnet.insight.doctor import diagnose

        return diagnose(
            *(self, X, y),
            sample_weight=sample_weight,
            groups=groups,
            times=times,
            validation_data=validation_data,
            language=language,
            verbose=verbose,
        )


@methods_suggest_options
@documented
class NeuralClassifier(HighLevelMethods, Classifier):
    """A neural-network classifier for tables with text, dates and missing values.

    Every option may be left at None: then the preset decides, by the size of the table where that matters; what was
    used is in ``settings_``.

    Attributes
    ----------
    classes_ : array, or list of arrays
        In ascending order; 0 and 1 for each target where several were learned.
    positive_ : object
        The positive one of two classes: curves, precision, recall and the threshold are about it.
    decision_threshold_ : float
        From which probability on it is predicted, as `decision_threshold` or `costs` have it; set it to have another
        one: ``model.decision_threshold_ = 0.3``.
    oof_predictions_ : array of float32 of shape (rows, classes)
        Probabilities for each training row by the members that were not trained on it.
    network_ : NeuralNetwork
        The first of `networks_`, a list of as many as there are members.
    encoder_ : TableEncoder
        What it does to each column: ``print(model.encoder_)``.
    history_ : History
        One row an epoch; the first of `histories_`.
    weights_ : array of shape (members,) or None
        How much each network counts in the average, 1 on average; None: all alike.
    temperature_ : float
        What scores are divided by before they become probabilities.
    settings_ : dict
        Every option as it was used.
    loss_curve_, validation_curve_ : list of float
    n_iter_, n_features_in_ : int
    feature_names_in_ : array of str
        Where the training table had names.
    notes_ : dict
        What `predict_limit` measured, or empty; plain data that you want to keep with the model, in its file too.
    data_ : TableSummary or None
        The rows that it learned from, in figures; None where that is not known.
    notation_ : Notation
        How the file that it learned from writes numbers and dates, where the command line read one; texts in columns of
        numbers and dates are read so.
    absent_as_missing_ : bool
        Whether a column that a table lacks counts as one of missing values; set it to have it so.
    new_levels_ : dict from str to dict from str to int
        The levels of each category that only later calls of ``partial_fit`` had, and how often.
    targets_ : object
        How targets become numbers for the network, and back; its parts are not public.
    conformal_ : array or None
        The nonconformity scores that ``conformalize`` has kept, in ascending order; None before.
    updaters_ : list or None
        The states of the optimizers between calls of ``partial_fit``, one for each network.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=(32,), random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.98
    True
    >>> model.predict_proba(X[:1]).shape
    (1, 3)
    """

    @classmethod
    def from_network(
        cls, network: Any, *, classes: Any = None, columns: Sequence[str] | None = None, scaler: Any = None
    ) -> Self:
        """Turn a network that was trained elsewhere, or by hand, into a fitted classifier.

        It is a model like any other: it can be explained, reported on, served, exported with names, saved, and trained
        on with ``partial_fit``, with the settings of the preset "mlp".

        Parameters
        ----------
        network : NeuralNetwork
            From :func:`glassnet.from_torch`, ``from_keras``, ``from_onnx`` or your own; it is copied. Its loss is one
            of classes: "cross_entropy", or "binary_cross_entropy" with one output for two classes, with several for as
            many yes-or-no answers.
        classes : array-like of shape (classes,), optional
            What the outputs stand for, in their order; with one output the class of 0 and that of 1. None: 0, 1, ...
        columns : sequence of str, optional
            The names of the inputs, in their order. None: those that the scaler knows, or none.
        scaler : StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, SimpleImputer or Pipeline of these, optional
            The one that stood before the network: from here on the model takes columns as they are, and a gap counts
            as the mean.

        Returns
        -------
        NeuralClassifier

        Raises
        ------
        InputError, InputTypeError
            If the network is none of classes, or names are not as many as its inputs and outputs.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> network = NeuralNetwork(2, ["tanh:4", 3], loss="cross_entropy", seed=0)
        >>> model = NeuralClassifier.from_network(network, classes=["rain", "snow", "sun"], columns=["hPa", "°C"])
        >>> model.predict_proba([[0.5, -0.5]]).shape, model.feature_names_in_.tolist()
        ((1, 3), ['hPa', '°C'])
        """
        from glassnet.exchange.importers.adoption import around, network_of_classes

        network, targets = network_of_classes(network, classes)
        return around(cls, network, targets, columns, scaler)


@methods_suggest_options
@documented
class NeuralRegressor(HighLevelMethods, Regressor):
    """A neural-network regressor for tables with text, dates and missing values.

    The target is standardised inside; counts are divided by their mean. Every option may be left at None: then the
    preset decides; what was used is in ``settings_``.

    Attributes
    ----------
    network_, networks_, encoder_, history_, histories_, settings_, loss_curve_, validation_curve_, n_iter_, \
n_features_in_, feature_names_in_, notes_, data_, notation_, oof_predictions_, absent_as_missing_, new_levels_, \
targets_, conformal_, updaters_
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
        scaler : StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, SimpleImputer or Pipeline of these, optional
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
        from glassnet.exchange.importers.adoption import around, network_of_numbers

        network, targets = network_of_numbers(network)
        return around(cls, network, targets, columns, scaler)
