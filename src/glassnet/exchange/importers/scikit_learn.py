"""Networks that scikit-learn has trained, as glassnet's estimators."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from sklearn.utils.validation import check_is_fitted

from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.class_targets import AnswerTargets, ClassTargets
from glassnet.estimators.number_targets import NumberTargets
from glassnet.exchange.importers.adoption import adopted
from glassnet.exchange.importers.assembly import names_in
from glassnet.exchange.importers.pipelines import inputs_of_steps
from glassnet.layers import Dense
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.training import History

ACTIVATIONS: Final = names_in("sklearn")
LOSSES: Final = {"softmax": "cross_entropy", "logistic": "binary_cross_entropy", "identity": "mse", "exp": "poisson"}
"""What scikit-learn calls the activation of the outputs is part of the loss here."""


def estimator_of_mlp(mlp: Any, classifier: type[Classifier], regressor: type[Regressor]) -> Classifier | Regressor:
    """Return a fitted estimator that predicts as scikit-learn's does; see :func:`glassnet.from_sklearn`."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import Pipeline

    whole, before = mlp, []
    while type(mlp) is Pipeline:
        before.append(mlp[:-1])
        mlp = mlp[-1]
    if type(mlp) not in (MLPClassifier, MLPRegressor):  # a third-party subclass may override anything
        rule = Text("A scikit-learn network must be an MLPClassifier or MLPRegressor")
        raise InputTypeError(rule, type(mlp).__name__, "Import the last step of the pipeline")
    check_is_fitted(mlp)
    if mlp.activation not in ACTIVATIONS or mlp.out_activation_ not in LOSSES:
        rule = Text("Activations of scikit-learn must be one of: {choices}", choices=", ".join(ACTIVATIONS))
        raise InputError(
            rule,
            Text("{activation} and {out_activation}", activation=mlp.activation, out_activation=mlp.out_activation_),
            "Train it again, in glassnet",
        )
    kind = classifier if isinstance(mlp, MLPClassifier) else regressor
    dtype = np.dtype("float32" if mlp.coefs_[0].dtype == np.float32 else "float64")
    activation, loss = ACTIVATIONS[mlp.activation], LOSSES[mlp.out_activation_]
    widths = tuple(W.shape[1] for W in mlp.coefs_)
    layers = [*(Dense(width, activation) for width in widths[:-1]), Dense(widths[-1])]
    names = getattr(whole, "feature_names_in_", None)
    inputs = inputs_of_steps(before, whole.n_features_in_, mlp.n_features_in_, names, dtype.name)
    first, *rest = mlp.coefs_
    weights = [inputs.weights(first), *rest]
    numbers = [array.ravel() for pair in zip(weights, mlp.intercepts_, strict=True) for array in pair]
    parameters = np.concatenate(numbers).astype(dtype)
    network = NeuralNetwork.with_numbers(len(weights[0]), layers, loss, parameters, np.empty(0, dtype))
    losses = getattr(mlp, "loss_curve_", ())  # penalties included; L-BFGS keeps none
    history = History([{"epoch": epoch, "loss": float(loss)} for epoch, loss in enumerate(losses, 1)])
    history.end("elsewhere", "trained by scikit-learn")
    return adopted(
        *(kind, network, _targets(mlp), inputs.encoder, history),
        rows=max(1, round(mlp.t_ / max(1, mlp.n_iter_))),
        hidden_layers=widths[:-1],
        activation=activation,
    )


def _targets(mlp: Any) -> ClassTargets | AnswerTargets | NumberTargets:
    if not hasattr(mlp, "classes_"):
        return NumberTargets(np.zeros(mlp.n_outputs_), np.ones(mlp.n_outputs_), mlp.n_outputs_ == 1)
    if mlp._label_binarizer.y_type_.startswith("multilabel"):
        return AnswerTargets(mlp.n_outputs_)
    return ClassTargets.of(np.asarray(mlp.classes_))
