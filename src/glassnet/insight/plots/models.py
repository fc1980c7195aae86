"""The subject of a plot: fitted estimators, their networks, rows as network inputs; or a clear error."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from glassnet.display.markup import Markup
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.checks import check_classes, check_numbers, check_rows
from glassnet.insight.estimator_display import estimator_html
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.network.diagram import network_html
from glassnet.support.coercion import offers
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.support.option_names import suggests_options
from glassnet.training.scorers import network_estimator


def estimator_of(model: Any) -> Any:
    """A fitted estimator itself, a network with the face of one."""
    if isinstance(model, NeuralNetwork):
        if model.loss.target == "signs":
            raise InputError("The network must predict probabilities", str(model.loss), "Train with a cross-entropy")
        return network_estimator(model)
    if isinstance(model, type) or not offers(model, "fit", "predict"):
        raise InputTypeError("The model must be an estimator or a network", type(model).__name__, "Pass a fitted one")
    check_is_fitted(model)
    return model


def network_of(model: Any) -> NeuralNetwork:
    """The network itself; of a fitted estimator with several, the first."""
    if isinstance(model, NeuralNetwork):
        return model
    if isinstance(model, NeuralEstimator):
        return model.network_
    rule = Text("The model must be a network or a fitted estimator of glassnet")
    remedy = Text("Give a NeuralNetwork, NeuralClassifier or NeuralRegressor")
    raise InputTypeError(rule, type(model).__name__, remedy)


def network_rows(model: Any, X: Any, y: Any) -> tuple[NeuralNetwork, Any, Array]:
    """The network, and rows as it takes them: those for an estimator are encoded as they were in training."""
    network = network_of(model)
    if isinstance(model, NeuralEstimator):
        X, y, _ = model._check_rows(X, y, None)
        X, y = model.encoder_.transform(X), model.targets_.encode(y)
    X, y, _ = network.check_data(X, y, None)
    return network, X, y


class ClassRows(NamedTuple):
    """Rows whose classes are known; those of weight 0 are left out."""

    X: Any
    y: Array  # the class of each
    classes: Array  # all that the model knows, in order
    weight: Array | None
    positive: int | None  # the place of the positive one of two classes


def true_classes(model: Any, X: Any, y: Any, sample_weight: Any = None) -> ClassRows:
    """Rows with the actual class of each."""
    classes = getattr(model, "classes_", None)
    if classes is None:
        raise InputTypeError("The model must be a classifier", type(model).__name__, "Give a classifier")
    if isinstance(classes, list):
        raise InputError("This plot needs one class per row", "several targets", "Train a classifier for each target")
    X, y, weight = check_rows(X, y, sample_weight, check_classes)
    alike = (y.dtype.kind in "US") == (np.asarray(classes).dtype.kind in "US")  # 1 and "1" are not the same class
    unknown = np.setdiff1d(y, classes) if alike else np.unique(y)
    if y.ndim != 1 or len(unknown):
        raise InputError(
            "y must have one class per row, among those of the training",
            f"{unknown.tolist()[:5]}" if y.ndim == 1 else of_shape(y.shape),
            Text("The classes are: {names}", names=classes.tolist()),
        )
    known = np.asarray(classes)
    chosen = model[-1] if isinstance(model, Pipeline) else model
    if isinstance(chosen, NeuralEstimator):
        positive = chosen.targets_.positive
    else:  # scikit-learn's convention
        positive = 1 if len(known) == 2 else None
    return ClassRows(X, y, known, weight, positive)


def classes_and_probabilities(model: Any, X: Any, y: Any, sample_weight: Any = None) -> tuple[ClassRows, Array]:
    """Rows with the actual class of each, and the probability of each class for each row."""
    rows = true_classes(model, X, y, sample_weight)
    if not hasattr(model, "predict_proba"):
        raise InputTypeError(
            "The model must predict probabilities", type(model).__name__, "Train with a loss for probabilities"
        )
    return rows, np.asarray(model.predict_proba(rows.X))


def numbers_and_predictions(model: Any, X: Any, y: Any) -> tuple[Array, Array]:
    """Return the actual number of each row and its prediction: (rows,), or (rows, levels) of quantiles."""
    if hasattr(model, "classes_"):
        raise InputTypeError("The model must predict numbers", type(model).__name__, "Give a regressor")
    _, y, _ = check_rows(X, y, None, check_numbers)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise InputError(
            "This plot needs one target per row", Text("y of shape {shape}", shape=y.shape), "Plot one column at a time"
        )
    return y, np.asarray(model.predict(X))


# ------------------------------------------------------------------- summary


@suggests_options
def summary(model: Any, *, language: str | None = None) -> Markup:
    """The HTML summary of a network or fitted estimator that notebooks display, in a language of your choice.

    Parameters
    ----------
    model : NeuralNetwork or fitted estimator
    language : {"en", "zh"}, optional

    Returns
    -------
    str
        HTML that holds all it needs: the diagram, the layers; of an estimator its best and its last epoch, too. A
        notebook shows it if it is the last line of a cell; matplotlib is not needed.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model has no network, or the language is unknown.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> "4 个输入，3 个输出" in summary(NeuralNetwork(4, ["tanh:16", 3]), language="zh")
    True
    """
    network = network_of(model)
    return network_html(network, language) if network is model else estimator_html(model, language)
