"""Insight: what is refused, and with which message."""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.exceptions import NotFittedError

import glassnet
from glassnet import MLflow, NeuralClassifier, NeuralNetwork, Recorder, TensorBoard, explain, input_gradients
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.answer import ScalarOutput
from tests.insight.people import PEOPLE, model_of, regressor
from tests.refusals import refusals

X, yes = PEOPLE.polars(), PEOPLE.yes


def fitted():
    return model_of("yes or no")


test_input_type_errors = refusals(
    InputTypeError,
    # explanations: answer
    (
        lambda: ScalarOutput(NeuralNetwork(2, [1])),
        "`model` must be a NeuralClassifier.*Received: NeuralNetwork. A Neural",
    ),
    # explanations: explain
    (lambda: explain("model", X), "`model` must be"),
    # explanations: path
    (lambda: input_gradients(NeuralNetwork(2, [1]), X), "`model` must be"),
    # importances
    (lambda: glassnet.importances(None, X, yes), "`model` must be"),
    # partial dependence
    (lambda: glassnet.partial_dependence(None, X, "age"), "`model` must be"),
    (lambda: fitted().partial_dependence(X, 1.0), "`column` must be an integer from 0 to 5. Received: 1.0"),
    # recorder
    (lambda: Recorder(rows="all"), "`rows` of Recorder must be a positive integer"),
    # tracking
    (lambda: TensorBoard(3), "`folder` of TensorBoard must be the path of a folder. Received: 3"),
)

test_not_fitted_errors = refusals(
    NotFittedError,
    # explanations: answer
    (lambda: ScalarOutput(NeuralClassifier()), "This NeuralClassifier instance is not fitted yet"),
    # explanations: explain
    (lambda: NeuralClassifier().explain(X), "This NeuralClassifier instance is not fitted yet"),
    # importances
    (lambda: NeuralClassifier().importances(X, yes), "This NeuralClassifier instance is not fitted yet"),
    # partial dependence
    (lambda: NeuralClassifier().partial_dependence(X, "age"), "This NeuralClassifier instance is not fitted yet"),
)

test_input_errors = refusals(
    InputError,
    # explanations: explain
    (lambda: fitted().explain(X[:0]), "There must be a row to explain"),
    (lambda: fitted().explain(X, background=X[:0]), "There must be a row"),
    (lambda: fitted().explain(X.drop("city")), "yet now missing"),
    (lambda: fitted().explain(X, background=X.drop("age")), "yet now missing"),
    (lambda: fitted().explain(X, output="perhaps"), "must be one of the classes"),
    (lambda: regressor(epochs=1).fit(np.eye(5), np.arange(5.0)).explain(np.zeros(5)), "Expected 2D array"),
    (lambda: regressor(epochs=1).fit(np.eye(5), np.arange(5.0)).explain(np.full((2, 5), np.inf)), "finite"),
    # explanations: path
    (lambda: input_gradients(model_of("numbers"), X[:0]), "There must be a row"),
    # importances
    (lambda: fitted().importances(X, yes[1:]), "same number of rows. Received: 120 and 119"),
    (
        lambda: fitted().importances(X, yes, repeats=0),
        "`repeats` of importances must be a positive integer. Received: 0",
    ),
    (
        lambda: fitted().importances(X, yes, scoring="auc"),
        "`scoring` of importances must be the name of a scikit-learn scorer. Received: 'auc'",
    ),
    (lambda: fitted().importances(X, yes, rows=-1), "`rows` of importances must be a positive integer. Received: -1"),
    (lambda: fitted().importances(X, yes, most=0), "`most` of importances must be a positive integer. Received: 0"),
    (lambda: fitted().importances(X[:0], yes[:0]), "Found array with 0 sample"),
    (lambda: fitted().importances(X.drop("age"), yes), "yet now missing"),
    # partial dependence
    (
        lambda: fitted().partial_dependence(X, "agee"),
        r"`column` must be one of: age, city, .*Received: 'agee'. Did you mean 'age'\?",
    ),
    (lambda: fitted().partial_dependence(X, 6), "`column` must be an integer from 0 to 5. Received: 6"),
    (
        lambda: fitted().partial_dependence(X, "age", points=0),
        "`points` of partial_dependence must be a positive integer",
    ),
    (lambda: fitted().partial_dependence(X[:0], "age"), "There must be a row"),
    (
        lambda: fitted().partial_dependence(X.with_columns(age=pl.lit(None, dtype=pl.Float64)), "age"),
        "The column must have values. Received: 'age', with gaps alone",
    ),
    # recorder
    (lambda: Recorder(rows=0), "`rows` of Recorder must be a positive integer. Received: 0"),
    # tracking
    (lambda: TensorBoard("runs", every=0), "`every` of TensorBoard must be a positive integer"),
    (lambda: MLflow(""), "`experiment` of MLflow must be a name"),
)
