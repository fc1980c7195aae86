"""A network that predicts: its layers, its parameters and statistics in two flat vectors, and predictions."""

from __future__ import annotations

import copy
import math
from textwrap import wrap
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from glassnet.engines import ReferenceEngine
from glassnet.engines.blas_threads import one_blas_thread
from glassnet.engines.data import as_inputs, as_targets, as_weights, take_batch
from glassnet.engines.reference import CALM
from glassnet.errors import DivergenceError, InputError, shown
from glassnet.formulas.loss import Loss
from glassnet.layers import Layer, Layout, chain
from glassnet.layers.base import Array
from glassnet.layers.layout import as_flat, usable
from glassnet.layers.rounding import rounds
from glassnet.support.coercion import place
from glassnet.support.language import Lines, Text, padded
from glassnet.support.messages import of_shape
from glassnet.support.option_names import methods_suggest_options

HEADS = (Text("layer"), Text("in"), Text("out"), Text("parameters"))
LOSS_OF = Text("loss: {loss}")
WIDEST = 52
"""Width of the layer column in a summary, which fits a terminal of 80 columns."""

TELLING_ROWS = 512
"""Rows whose outputs show whether a network gives finite ones."""

GRADIENT_ROWS = 1024
"""Rows at a time in input gradients."""


@methods_suggest_options
class NetworkArrays:
    """The layers, parameters and statistics of a network."""

    inputs: int
    layers: tuple[Layer, ...]
    loss: Loss
    members: int
    monotone: tuple[int, ...] | None
    seed: int
    layout: Layout
    engine: ReferenceEngine

    @property
    def parameters(self) -> Array:
        """All learned parameters, as one flat vector in the order of the layout; it can be assigned.

        A vector that is assigned is used as it is, so that its owner sees the training; it is copied only if its
        numbers do not lie one behind the other.
        """
        return self.__dict__["parameters"]

    @parameters.setter
    def parameters(self, numbers: Array) -> None:
        flat = as_flat("parameters", numbers, self.layout.size)
        if flat.dtype != np.float32 and rounds(self.layers):
            rule = Text("The parameters of a network that rounds to bfloat16 must be float32")
            remedy = Text('Make the network with dtype="float32" or "bfloat16", or its layers with products="full"')
            raise InputError(rule, flat.dtype.name, remedy)
        self.layout.check_parameters(flat)
        self.__dict__["parameters"] = flat

    @property
    def statistics(self) -> Array:
        """The running statistics of its layers, as one flat vector, like ``parameters``; one that is set is checked."""
        return self.__dict__["statistics"]

    @statistics.setter
    def statistics(self, numbers: Array) -> None:
        flat = as_flat("statistics", numbers, self.layout.statistics_size)
        self.layout.check_statistics(flat)
        self.__dict__["statistics"] = flat

    def put_back(self, parameters: Array, statistics: Array) -> None:
        """Overwrite the numbers that training changes with those of another time."""
        self.parameters[...] = parameters
        self.statistics[...] = statistics

    @property
    def outputs(self) -> int:
        """The number of outputs for a row, of one member."""
        return self.layout.widths[-1] // self.members

    @property
    def sizes(self) -> list[int]:
        """The number of parameters of each layer."""
        return [
            sum(math.prod(one.shape) for one in layer.parameters(width))
            for layer, width in zip(self.layers, self.layout.widths, strict=False)
        ]

    @property
    def sized_layers(self) -> list[tuple[Layer, int, int, int]]:
        """Each layer with the number of its inputs, of its outputs and of its parameters."""
        widths = self.layout.widths
        return list(zip(self.layers, widths, widths[1:], self.sizes, strict=False))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The precision of its numbers."""
        return self.parameters.dtype

    @property
    def named_parameters(self) -> dict[str, Array]:
        """Every parameter by name, "1.W" being W of the first layer: views, so writing to one changes the network."""
        return self.layout.named(self.parameters)

    def __getitem__(self, name: str) -> Array:
        """Return the parameter of that name, a view."""
        parameters = self.named_parameters
        if not isinstance(name, str) or name not in parameters:
            raise KeyError(f"The network has no parameter {shown(name)}; it has: {', '.join(parameters)}")
        return parameters[name]

    def copy(self) -> Self:
        """A copy of the network with its own arrays."""
        twin = copy.copy(self)
        # unchecked: a diverged network can be copied, too
        twin.__dict__ |= {"parameters": self.parameters.copy(), "statistics": self.statistics.copy()}
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickled arrays may be unaligned or read-only, so they are copied where need be."""
        self.__dict__ |= state
        self.__dict__["parameters"] = usable(state["parameters"])
        self.__dict__["statistics"] = usable(state["statistics"])

    def summary(self) -> str:
        """Return the layers, what goes in and out of each, and how many parameters it has, as a table of 80 columns.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> print(NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy").summary())
         #  layer                     in   out  parameters
         1  Dense(16, 'tanh')          4    16          80
         2  Dense(3, 'identity')      16     3          51
        loss: cross_entropy of softmax(output)         131
        """
        pieces = [wrap(repr(layer), WIDEST, subsequent_indent="  ") for layer in self.layers]
        wide = max(24, *(len(line) for lines in pieces for line in lines))
        layer, into, out, count = (head.say() for head in HEADS)
        lines = [f"{'#':>2}  {padded(layer, wide)}  {padded(into, -4)}  {padded(out, -4)}  {padded(count, -10)}"]
        for number, (first, *others) in enumerate(pieces, 1):
            _, before, after, size = self.sized_layers[number - 1]
            lines.append(f"{number:>2}  {first:<{wide}}  {before:>4}  {after:>4}  {size:>10,}")
            lines += [f"    {line}" for line in others]
        lines.append(f"{padded(LOSS_OF.say(loss=self.loss.equation), wide + 16)}  {sum(self.sizes):>10,}")
        return Lines("\n".join(lines))

    def __repr__(self) -> str:
        members = "" if self.members == 1 else f", members={self.members}"
        members += "" if self.monotone is None else f", monotone={list(self.monotone)}"
        return f"NeuralNetwork({self.inputs}, {list(self.layers)!r}, loss={str(self.loss)!r}{members})"


def is_yes(outputs: Array, loss: Loss) -> Array:
    """1 where an output means yes, else 0: scores above 0, probabilities above one half."""
    boundary = 0.5 if loss.takes == "probabilities" else 0.0
    return (outputs > boundary).astype(np.intp)


def inputs_to_predict(network: NetworkArrays, X: Any) -> Any:
    """Check like :meth:`NetworkPredictions.check_inputs`, but leave finite numbers to the predicting engine."""
    return as_inputs(X, network.inputs, network.parameters.dtype, False, network.layout.ngrams)


@methods_suggest_options
class NetworkPredictions(NetworkArrays):
    """The predictions of a network."""

    def forward(self, X: npt.ArrayLike) -> Array:
        """Return the raw outputs (scores, logits) for each row, as in prediction: without dropout.

        Parameters
        ----------
        X : array of shape (rows, inputs)

        Returns
        -------
        array of shape (rows, members · outputs)
            Those of one member after the other.
        """
        return self.engine.predict(self, inputs_to_predict(self, X))

    def forward_each(self, X: npt.ArrayLike) -> list[Array]:
        """Return the raw outputs of each member, arrays of shape (rows, outputs)."""
        return self.each_member(self.forward(X))

    def each_member(self, outputs: Array) -> list[Array]:
        """Return the output of :meth:`forward`, split by member."""
        return [outputs] if self.members == 1 else np.split(outputs, self.members, axis=1)

    def scores(self, X: npt.ArrayLike) -> Array:
        """Return the raw outputs whose response is the members' average, shape (rows, outputs)."""
        return self.engine.scores([self], inputs_to_predict(self, X))

    def predict(self, X: npt.ArrayLike) -> Array:
        """Return the loss's response to the outputs: probabilities for classes, rates for poisson, else values.

        Of several members it is their average; see :func:`glassnet.formulas.averages.averaged`.

        Returns
        -------
        array of shape (rows, outputs)
        """
        return self.engine.respond(self, inputs_to_predict(self, X))

    def classify(self, X: npt.ArrayLike) -> Array:
        """Return the predicted class of each row, as a number: the largest output, or yes (1) and no (0).

        Returns
        -------
        array of shape (rows,), or (rows, targets) of 0 and 1 where several yes-or-no targets are learned at once

        Raises
        ------
        InputError
            If the loss is not one of classes.
        """
        if self.loss.target not in ("classes", "fractions", "signs"):
            raise InputError("Classes need a classification loss", str(self.loss), "Use `predict` for values")
        outputs = self.scores(X)
        if self.loss.target == "classes" or (self.loss.target == "signs" and self.outputs > 1):
            return outputs.argmax(axis=1)
        yes = is_yes(outputs, self.loss)
        return yes[:, 0] if self.outputs == 1 else yes

    def input_gradients(self, X: npt.ArrayLike, output: int = 0) -> Array:
        """Return the gradient of one raw output with respect to the inputs, for each row, by the chain rule.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        output : int
            Its place in a row of ``forward``.

        Returns
        -------
        array of shape (rows, inputs)
            0 for the codes of an :class:`glassnet.Embedding`, between which there is nothing.

        Raises
        ------
        InputError, InputTypeError
            If X does not fit the network, or there is no such output.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> network = NeuralNetwork(2, [1])
        >>> bool((network.input_gradients([[1.0, 2.0], [3.0, 4.0]]) == network["1.W"].T).all())
        True
        """
        table, outputs = self.check_inputs(X), self.layout.widths[-1]
        output = place("`output`", output, outputs)
        values = self.layout.values(self.parameters, self.statistics)
        d_output = np.zeros((GRADIENT_ROWS, outputs), self.dtype)
        d_output[:, output] = 1
        d_x = np.empty((table.shape[0], self.inputs), self.dtype)
        with one_blas_thread():
            for start in range(0, len(d_x), GRADIENT_ROWS):
                x = take_batch(table, slice(start, start + GRADIENT_ROWS), self.dtype)
                _, back = chain.pull_back(self.layers, values, x)
                d_x[start : start + len(x)] = back(d_output[: len(x)])
        return d_x

    def check_inputs(self, X: Any) -> Any:
        """X as the engine takes it: two-dimensional, of the right width, finite; a float32 array is not copied.

        Raises
        ------
        InputError, InputTypeError
            If it is not.
        """
        return as_inputs(X, self.inputs, self.dtype, ngrams=self.layout.ngrams)

    def check_data(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        """Return inputs, targets and weights as the engine takes them; weights are brought to mean 1.

        Raises
        ------
        InputError, InputTypeError
            If they do not fit the network or each other.
        """
        X = self.check_inputs(X)
        rows = X.shape[0]
        if rows == 0:
            raise InputError("Training needs at least one row", of_shape(X.shape), "Give some rows")
        return X, as_targets(y, self.loss, self.outputs, rows), as_weights(sample_weight, rows, self.dtype)

    def check_answers(self, X: Any) -> None:
        """Check that the outputs for the first `TELLING_ROWS` of these rows are finite.

        Parameters
        ----------
        X : array or sparse array of shape (rows, inputs)
            As :meth:`check_inputs` gives it.

        Raises
        ------
        DivergenceError
            If one is not finite: these parameters overflow on these rows.
        """
        rows = X.shape[0]
        some = X[np.arange(0, rows, -(-rows // TELLING_ROWS))]
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.engine.predict(self, some)
            lost = ~(np.isfinite(outputs) & np.isfinite(self.loss.predict(outputs))).all(axis=1)
        if lost.any():
            raise DivergenceError(
                Text("The predictions of the network are not finite in {share:.0%} of the rows", share=lost.mean()),
                CALM,
            )
