"""The answer that is explained: one number for each row, exactly as predicted, and its gradient.

For classes it is the probability of one class, as the members say it together, after the temperature; with a loss that
knows no probabilities, such as hinge, its score; for numbers the prediction in the units of the target. Members are not
explained one by one: the explanation is of the model's output.

Codes of categories have no gradient, but the numbers that an embedding gives for them do. So a row is *lifted* first:
through the embedding of each network. From there on everything is differentiable, though not smooth: an embedding of
numbers by broken lines has a kink at each edge of a bin. *Bent* are the coordinates after that as well.

Columns of text reach the outputs by sums alone: what the n-grams of each column add to them are the last coordinates of
a lifted row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators import Classifier, Regressor
from glassnet.formulas.averages import averaged, averaged_backward
from glassnet.layers import Pass, PiecewiseLinearEmbedding, chain
from glassnet.layers.base import Array, Layer, Values
from glassnet.layers.rounding import unrounded
from glassnet.layers.text_rows import TextRows, matrix_of
from glassnet.network import NeuralNetwork
from glassnet.support.coercion import place
from glassnet.support.language import Text
from glassnet.support.messages import listed

Kind = Literal["probability", "score", "number"]
"""What the number is."""
Curve = Callable[[Array], Array]
"""A function from coordinates to the values computed from them."""


def check_model(model: Any) -> Classifier | Regressor:
    """The model, if it is a fitted estimator."""
    if not isinstance(model, (Classifier, Regressor)):
        rule = Text("`model` must be a NeuralClassifier or a NeuralRegressor")
        remedy = Text("A NeuralNetwork has its own `input_gradients`; for a pipeline, pass its last step")
        raise InputTypeError(rule, type(model).__name__, remedy)
    check_is_fitted(model)
    return model


def is_the_class(candidate: Any, known: Any) -> bool:
    """Return whether `candidate` equals a known class; a value that cannot be compared does not."""
    try:
        return bool(candidate == known)
    except Exception:  # `==` of arrays gives an array, and that of other objects may raise anything
        return False


def _through(layers: Sequence[Layer], values: Sequence[Values], x: Array) -> Array:
    return chain.forward(layers, values, x, Pass())[0]


def _beside_texts(layers: Sequence[Layer], values: Sequence[Values], texts: int, points: Array) -> Array:
    """Points through some layers, but for the scores of texts, their last coordinates."""
    front = points.shape[1] - texts
    return np.concatenate([_through(layers, values, points[:, :front]), points[:, front:]], axis=1)


class ScalarOutput:
    """The output of a fitted estimator for each row, reduced to one number."""

    def __init__(self, model: Any, output: Any = None) -> None:
        self.model = check_model(model)
        self.networks = model.networks_
        self.loss = model.network_.loss
        self.classes: list[Any] | None = None
        if isinstance(model, Classifier) and isinstance(model.classes_, np.ndarray):
            self.classes = model.classes_.tolist()
        self.output = self._position(output)
        self._smooth = [unrounded(network.layers) for network in self.networks]
        self._values = [network.layout.values(network.parameters, network.statistics) for network in self.networks]
        self.text_sizes = [column.size for column in self.model.encoder_.plan.texts]
        self._lifts = [int(network.layers[0].takes_codes) for network in self.networks]
        self._bends = [
            front + isinstance(network.layers[front], PiecewiseLinearEmbedding)
            for network, front in zip(self.networks, self._lifts, strict=True)
        ]

    # ---------------------------------------------------------- the chosen output

    @property
    def kind(self) -> Kind:
        """What the number is."""
        if isinstance(self.model, Regressor):
            return "number"
        return "score" if self.loss.target == "signs" else "probability"

    @property
    def width(self) -> int:
        """The number of outputs per row."""
        if self.classes is not None:
            return len(self.classes)
        return self.model.network_.outputs // self.loss.columns

    @property
    def scale(self) -> Array:
        """The usual size of each of them: 1 for probabilities and scores, else the deviation of the target."""
        if self.kind != "number":
            return np.ones(self.width)
        scale: Array = self.model.targets_.scale
        return np.repeat(scale, self.width // len(scale))

    def called(self, place: int) -> str | None:
        """The class that an output is the probability or score of; None for numbers."""
        if self.kind == "number":
            return None
        return "1" if self.classes is None else str(self.classes[place])

    def _position(self, output: Any) -> int | None:
        if self.classes is not None:
            if output is None:
                return None
            for number, known in enumerate(self.classes):
                if is_the_class(output, known):
                    return number
            raise InputError(
                Text("`output` must be one of the classes [{classes}]", classes=listed(self.classes)),
                shown(output),
                "Choose one of them",
            )
        if output is None and self.width == 1:
            return 0
        if output is None and self.kind == "number" and len(self.model.targets_.center) == 1:
            levels = self.loss.levels
            return int(np.argmin([abs(level - 0.5) for level in levels]))
        return place("`output`", output, self.width, "Several are predicted: say which one you ask about")

    def chosen(self, answers: Array) -> Array:
        """Return for each row the index of the explained output among all outputs."""
        if self.output is None:
            return self.model.targets_.decided(answers.astype(self.networks[0].dtype))
        return np.full(len(answers), self.output)

    # ---------------------------------------------------------------- forward

    def answers(self, X: Any) -> Array:
        """Everything that is answered for the rows of a table, shape (rows, width)."""
        return self._answers(self.model._outputs(X))

    def _answers(self, outputs: Array) -> Array:
        """The same from the raw outputs of one that would answer as all do."""
        targets: Any = self.model.targets_
        if self.kind == "number":
            answers = targets.decode(outputs, self.loss).reshape(len(outputs), -1)
        elif self.kind == "score":
            answers = np.hstack([-outputs, outputs]) if self._two_in_one(outputs) else outputs
        else:
            answers = targets.probabilities(self.loss.predict(outputs))
        return np.asarray(answers, np.float64)

    def _answers_backward(self, outputs: Array, d_answers: Array) -> Array:
        """From the gradient by all that is answered to that by the raw outputs."""
        targets: Any = self.model.targets_
        if self.kind == "number":
            d_outputs = targets.decode_backward(outputs, self.loss, d_answers)
        elif self.kind == "score":
            d_outputs = d_answers[:, 1:] - d_answers[:, :1] if self._two_in_one(outputs) else d_answers
        else:
            d_predicted = targets.probabilities_backward(outputs, d_answers)
            d_outputs = self.loss.predict_backward(outputs.astype(np.float64), d_predicted)
        return np.asarray(d_outputs)

    def _two_in_one(self, outputs: Array) -> bool:
        return self.classes is not None and outputs.shape[1] == 1

    # ------------------------------------------------------------ there and back

    def encoded(self, X: Any) -> Array | TextRows:
        """A table as the networks take it."""
        matrix = self.model.encoder_.transform(X)
        return matrix.toarray() if hasattr(matrix, "toarray") else matrix

    def points(self, encoded: Array | TextRows, *, lifted: bool = True) -> list[Array]:
        """Encoded rows as each network sees them behind its embedding of categories, and the scores of their texts."""
        found = []
        fronts = self._lifts if lifted else [0] * len(self.networks)
        for network, values, front in zip(self.networks, self._values, fronts, strict=True):
            x = _through(network.layers[:front], values[:front], matrix_of(encoded))
            texts = self._scores(encoded, values[-1]["W"]) if self.text_sizes else x[:, :0]
            found.append(np.concatenate([x, texts], axis=1))
        return found

    def _scores(self, encoded: Array | TextRows, W: Array) -> Array:
        """Return the contributions of each row's texts to a network's outputs, shape (rows, text columns · outputs)."""
        scores = np.zeros((len(encoded), len(self.text_sizes), W.shape[1]), W.dtype)
        if isinstance(encoded, TextRows):
            row, ids, t = encoded.entries()
            column = np.searchsorted(np.cumsum(self.text_sizes), ids, side="right")
            np.add.at(scores, (row, column), t[:, None] * W[ids])
        return scores.reshape(len(encoded), -1)

    def _text_width(self, network: NeuralNetwork) -> int:
        return len(self.text_sizes) * network.layout.widths[-1]

    def bends(self) -> list[Curve]:
        """What bends lifted rows, for each network: its embedding of numbers by broken lines, where it has one."""
        return [
            partial(_beside_texts, network.layers[front:behind], values[front:behind], self._text_width(network))
            for network, values, front, behind in zip(
                self.networks, self._values, self._lifts, self._bends, strict=True
            )
        ]

    def sources(self) -> list[Array]:
        """Return for each network the table column that each lifted and bent coordinate comes from."""
        encoded = self.model.encoder_.sources
        texts = np.array([column.source for column in self.model.encoder_.plan.texts], int)
        found = []
        for network, front, behind in zip(self.networks, self._lifts, self._bends, strict=True):
            repeats = np.ones(len(encoded), int)
            for layer in network.layers[:front]:
                repeats[-layer.columns :] = layer.size
            for layer in network.layers[front:behind]:
                repeats[: layer.treated(len(repeats))] = layer.size
            found.append(np.concatenate([np.repeat(encoded, repeats), np.repeat(texts, network.layout.widths[-1])]))
        return found

    def slopes(self, points: list[Array], chosen: Array, *, bent: bool = True) -> tuple[Array, list[Array]]:
        """The chosen number of each row and its gradient by each network's view of the row.

        Points are rows that are lifted and bent, or else encoded ones, with the scores of texts. Products are not
        rounded: rounding makes steps, over which no gradient adds up to a difference.
        """
        outputs: list[Array] = []
        backwards: list[Callable[[Array], Array]] = []
        with one_blas_thread():
            for network, layers, values, behind, x in zip(
                self.networks, self._smooth, self._values, self._bends, points, strict=True
            ):
                first, front = behind if bent else 0, x.shape[1] - self._text_width(network)
                output, back = chain.pull_back(layers[first:], values[first:], x[:, :front])
                for texts in np.split(x[:, front:], len(self.text_sizes) or 1, axis=1):
                    output = output + texts if self.text_sizes else output
                outputs += np.split(output, network.members, axis=1)
                backwards.append(back)
            mean = averaged(outputs, self.loss, self.model.temperature_, self.model._weights_each)
            rows = np.arange(len(chosen))
            answers = self._answers(mean)
            d_answers = np.zeros_like(answers)
            d_answers[rows, chosen] = 1
            d_mean = self._answers_backward(mean, d_answers)
            d_outputs = averaged_backward(outputs, self.loss, self.model.temperature_, d_mean, self.model._weights_each)
            gradients, at = [], 0
            for network, back in zip(self.networks, backwards, strict=True):
                d_output = np.concatenate(d_outputs[at : at + network.members], axis=1)
                gradients.append(np.concatenate([back(d_output), *[d_output] * len(self.text_sizes)], axis=1))
                at += network.members
        return answers[rows, chosen], gradients
