"""A model as a graph: its own functions, called with symbols."""

from __future__ import annotations

import copy
import json
import operator
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.class_targets import HALF, ClassTargets
from glassnet.estimators.partitions import IdentityEncoder
from glassnet.exchange.graph.dataflow import ROWS, Array, Graph, Input, Node, Scope, values_of, within
from glassnet.exchange.graph.encoder_graph import MATRIX, encoded
from glassnet.exchange.graph.legalize import Formula, Rule, asked, node_of, recording, return_hooks
from glassnet.exchange.graph.simplify import simplify
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.ir import UntraceableError
from glassnet.ir.printing import NamedArray, variables
from glassnet.ir.tensor import Tensor
from glassnet.layers import Layer, Pass, chain
from glassnet.network import NeuralNetwork
from glassnet.support.container import RENAME, check_texts
from glassnet.support.language import Text

NO_RULES: Final[Mapping[Formula, Rule]] = {}
PROBES: Final = 5
"""Rows on which a graph must answer as its network does."""
MACHINERY: Final = ("glassnet.ir", "glassnet.formulas.rounded_products", "glassnet.exchange.graph.legalize", __name__)
"""Modules whose variables are independent of the model."""
REMEDY: Final = Text("Write it with arithmetic and NumPy functions of whole arrays, each row by itself")


def model_graph(
    model: Any, *, coverage: float = 0.9, whole: Set[str] = frozenset(), formulas: Mapping[Formula, Rule] = NO_RULES
) -> Graph:
    """Return the graph of a model, from the columns of a table to its predictions.

    Nothing is written for it anew: the methods, layers and formulas of the model are called with symbols in the place
    of arrays. What comes back answers as the model does, to rounding.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted.
    coverage : float in (0, 1)
        What intervals and sets promise, of an estimator that was given rows by ``conformalize``.
    whole : set of str
        What stays one operation in single precision: "cos_turn", "sin_turn".
    formulas : mapping of callable to Rule
        What replaces calls of a formula; see :mod:`glassnet.exchange.graph.legalize`.

    Returns
    -------
    Graph
        Outputs of a classifier: `label`, and `probabilities` (or `scores` where it has none), and `set` if it was
        conformalized. Of a regressor: `value` (or `quantiles`), `deviation` with the loss "gaussian_nll", `lower` and
        `upper` if it was conformalized. Of a network: `answer`.

    Raises
    ------
    InputError
        If a layer or formula does what a graph has no operation for; the message names it.
    InputTypeError
        If it is no such model.
    NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> graph = model_graph(NeuralClassifier(hidden_layers=(4,), epochs=2).fit(X, y))
    >>> [source.name for source in graph.inputs][:2], list(graph.outputs)
    (['sepal length (cm)', 'sepal width (cm)'], ['label', 'probabilities'])
    """
    if not isinstance(model, (Classifier, Regressor, NeuralNetwork)):
        rule = Text("A model to export must be a NeuralClassifier, NeuralRegressor or NeuralNetwork")
        raise InputTypeError(rule, type(model).__name__, "Export the one inside it")
    bare = isinstance(model, NeuralNetwork)
    if not bare:
        check_is_fitted(model)
    if isinstance(model, NeuralNetwork) and model.layout.ngrams:
        rule = Text("A network to export must not take n-grams of texts")
        remedy = Text("Export the estimator, whose encoder makes them")
        raise InputError(rule, f"NgramLinear({model.layout.ngrams})", remedy)
    fused: set[Any] = set()
    with recording(whole) as made, variables(MACHINERY, on_return=return_hooks(made, formulas, fused)) as (names, _):
        graph = _network_graph(model) if bare else _estimator_graph(model, coverage)
    check_texts([graph.about, *(node.attributes for node in graph.nodes)], RENAME)
    # the first name holds
    return simplify(graph, {made[node]: name for node, name in reversed(names.items()) if node not in fused})


def _estimator_graph(model: Any, coverage: float) -> Graph:
    texts = _Texts(len(model.encoder_.plan.texts), model.networks_)
    inputs, matrix = encoded(model.encoder_, np.concatenate(texts.weights, axis=1) if texts.width else None)
    symbolic: Any = copy.copy(model)
    symbolic.encoder_ = IdentityEncoder()
    symbolic.networks_ = [_SymbolicNetwork(one, at, texts) for at, one in enumerate(model.networks_, 1)]
    if isinstance(model.targets_, ClassTargets):
        symbolic.targets_ = replace(model.targets_, classes=_classes(model.targets_.classes))
    each = [output for traced in symbolic.networks_ for output in traced.forward_each(matrix)]
    outputs = averaged(each, model.network_.loss, model.temperature_, model._weights_each)
    symbolic._outputs = lambda X: outputs  # the same for all questions
    answers = named_answers(symbolic, matrix, coverage)
    about = _about(type(model).__name__, inputs, model.network_.loss)
    if isinstance(model, Classifier) and isinstance(model.targets_, ClassTargets):
        about["classes"] = json.dumps(model.targets_.classes.tolist(), ensure_ascii=False, default=str)
        if model.targets_.threshold != HALF:
            about |= {"positive": str(model.positive_), "threshold": str(model.decision_threshold_)}
        if model.targets_.costs is not None:
            about["costs"] = json.dumps(model.targets_.costs.tolist())
    if model.conformal_ is not None:
        about["coverage"] = str(coverage)
    return Graph(inputs, {name: node_of(one) for name, one in answers.items()}, about)


def named_answers(model: Any, matrix: Any, coverage: float = 0.9) -> dict[str, Any]:
    """What an estimator whose encoder is the identity answers for encoded rows, by the names of a graph's outputs."""
    answers = _classifier(model, matrix) if isinstance(model, Classifier) else _regressor(model, matrix)
    return answers if model.conformal_ is None else answers | _promises(model, matrix, coverage)


def _classifier(symbolic: Any, matrix: Any) -> dict[str, Any]:
    answers = {"label": symbolic.predict(matrix)}
    if hasattr(symbolic, "predict_proba"):
        return answers | {"probabilities": symbolic.predict_proba(matrix)}
    return answers | {"scores": symbolic.decision_function(matrix)}


def _regressor(symbolic: Any, matrix: Any) -> dict[str, Any]:
    loss = symbolic.network_.loss
    if loss.spread == "log_variance":
        value, deviation = symbolic.predict(matrix, return_std=True)
        return {"value": value, "deviation": deviation}
    return {"quantiles" if loss.outputs_per_target > 1 else "value": symbolic.predict(matrix)}


def _promises(symbolic: Any, matrix: Any, coverage: float) -> dict[str, Any]:
    if isinstance(symbolic, Classifier):
        return {"set": symbolic.predict_set(matrix, coverage)}
    interval = symbolic.predict_interval(matrix, coverage)
    return {"lower": interval[:, 0], "upper": interval[:, 1]}


def _classes(classes: Array) -> NamedArray:
    """Return the classes in one of the types of a graph."""
    array = np.array([str(one) for one in classes.tolist()]) if classes.dtype.kind in "OUT" else classes
    if array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise InputError("Classes to export must be in the range of int64", f"{array.max()}", "Convert y to text")
    if array.dtype.kind in "iu":
        array = array.astype(np.int64)
    return NamedArray.of(array.astype(np.float32) if array.dtype == np.float16 else array, "classes")


def _about(kind: str, inputs: Sequence[Input], loss: Loss) -> dict[str, str]:
    columns = [{"name": source.name, "kind": source.kind} for source in inputs]
    return {
        "library": "glassnet",
        "version": glassnet.__version__,
        "model": kind,
        "loss": str(loss),
        "columns": json.dumps(columns, ensure_ascii=False),
    }


def _network_graph(network: NeuralNetwork) -> Graph:
    x = asked(MATRIX, (ROWS, network.inputs), network.dtype)
    outputs = _SymbolicNetwork(network, 1).forward_each(x)
    answer: Any = network.loss.predict(averaged(outputs, network.loss))  # type: ignore[arg-type]
    inputs = (Input(MATRIX, "matrix", node_of(x)),)
    return Graph(inputs, {"answer": node_of(answer)}, _about("NeuralNetwork", inputs, network.loss))


class _Texts:
    """What texts add to the outputs of networks: the last columns of the encoder's matrix.

    Parameters
    ----------
    count : int
        The number of columns of text.
    networks : sequence of NeuralNetwork

    Attributes
    ----------
    weights : list of array of shape (n-grams, outputs)
        Those of the networks, equal ones once. For each column of text there are columns for each of them.
    width : int
        The number of the columns.
    """

    def __init__(self, count: int = 0, networks: Sequence[NeuralNetwork] = ()) -> None:
        reading = (network for network in networks if network.layout.ngrams)
        tables = [one.layout.values(one.parameters, one.statistics)[-1]["W"] for one in reading]
        self.count = count
        self.weights = list({(table.shape, table.tobytes()): table for table in tables}.values())
        self.each = sum(table.shape[1] for table in self.weights)
        self.width = count * self.each

    def beside(self, matrix: Any, inputs: int) -> Any:
        """Return the other columns, the inputs of a network; of a table of text alone a row of zeros."""
        if not self.width:
            return matrix
        zeros = np.zeros((1, inputs), matrix.dtype)
        alone = matrix.constant(zeros) if isinstance(matrix, Tensor) else zeros
        return matrix[:, :inputs] if matrix.shape[1] > self.width else alone

    def ngrams(self, matrix: Any) -> Any:
        """Return what stands in the place of the n-grams: its product with weights are some of these columns."""
        return _Scores(self, matrix) if self.width else None


class _Scores(NamedTuple):
    texts: _Texts
    matrix: Any

    def __matmul__(self, W: Array) -> Any:
        texts = self.texts
        place = next(place for place, table in enumerate(texts.weights) if np.array_equal(table, W))
        *before, width = (table.shape[1] for table in texts.weights[: place + 1])
        first = self.matrix.shape[1] - texts.width + sum(before)
        starts = (first + at * texts.each for at in range(texts.count))
        return reduce(operator.add, (self.matrix[:, start : start + width] for start in starts))


NO_TEXTS: Final = _Texts()


class _SymbolicNetwork:
    """In the place of a network: its layers are called with symbols."""

    def __init__(self, network: NeuralNetwork, number: int, texts: _Texts = NO_TEXTS) -> None:
        self.network, self.number, self.loss, self.texts = network, number, network.loss, texts

    def forward_each(self, x: Tensor) -> list[Tensor]:
        """Return the raw outputs of each member."""
        network = self.network
        with within(Scope("encoder")):
            given = x.astype(network.dtype)
        values = network.layout.values(network.parameters, network.statistics)
        x, ngrams = given, self.texts.ngrams(given)
        for number, (layer, arrays) in enumerate(zip(network.layers, values, strict=True), 1):
            named = {name: NamedArray.of(array, name) for name, array in arrays.items()}
            with within(Scope("layer", f"{self.number}.{number}", repr(layer))):
                x = self.texts.beside(x, network.inputs) if number == 1 else x
                x = _forward(layer, named, x, Pass(layer=number - 1, ngrams=ngrams))
        self._check(node_of(given), node_of(x), values)
        return np.split(x, network.members, axis=1)  # type: ignore[return-value]

    def _check(self, given: Node, output: Node, values: Any) -> None:
        """Check that the graph computes what the network does: an operation on symbols may differ from that on
        arrays.
        """
        network, rng = self.network, np.random.default_rng(0)
        matrix = np.abs(rng.normal(0, 2, (PROBES, given.shape[1]))).astype(network.dtype)
        x, ngrams = self.texts.beside(matrix, network.inputs), self.texts.ngrams(matrix)
        expected, _ = chain.forward(network.layers, values, x, Pass(ngrams=ngrams))
        (found,) = values_of([output], {given: matrix}, PROBES)
        tolerance = 1e-3 if network.dtype == np.float32 else 1e-9
        if found.shape != expected.shape or not np.allclose(found, expected, tolerance, tolerance, equal_nan=True):
            raise InputError(
                "A network to export must treat each row independently of the other rows",
                Text("a layer among {names} that does not", names=", ".join(map(repr, network.layers))),
                REMEDY,
            )


def _forward(layer: Layer, values: Any, x: Tensor, run: Pass) -> Tensor:
    number = run.layer + 1
    try:
        result, _ = chain.forward([layer], [values], x, run)  # type: ignore[arg-type]
    except Exception as error:  # a custom layer may raise anything when traced without an array
        raise InputError(
            Text(
                "Layer {number}, {layer!r}, cannot be exported: its operations must exist in the graph format",
                number=number,
                layer=layer,
            ),
            error.reason if isinstance(error, UntraceableError) else f"{type(error).__name__}: {error}",
            REMEDY,
        ) from error
    if not isinstance(result, Tensor):
        raise InputError(
            Text(
                "Layer {number}, {layer!r}, cannot be exported: it gives no array of its input",
                number=number,
                layer=layer,
            ),
            None,
            REMEDY,
        )
    return result
