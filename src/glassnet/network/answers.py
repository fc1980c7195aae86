"""Predictions of a network, gradients with respect to its inputs, and validation of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.engines.data import as_inputs, as_targets, as_weights, take_rows
from glassnet.engines.reference import CALM
from glassnet.errors import DivergenceError, InputError
from glassnet.formulas.loss import Loss
from glassnet.layers import chain
from glassnet.layers.base import Array
from glassnet.network.numbers import NetworkNumbers
from glassnet.support.coercion import place
from glassnet.support.option_names import methods_suggest_options

TELLING_ROWS = 512
"""Rows whose outputs show whether a network gives finite ones."""

GRADIENT_ROWS = 1024
"""Rows at a time in input gradients."""


def is_yes(outputs: Array, loss: Loss) -> Array:
    """1 where an output means yes, else 0: scores above 0, probabilities above one half."""
    boundary = 0.5 if loss.takes == "probabilities" else 0.0
    return (outputs > boundary).astype(np.intp)


def inputs_to_predict(network: NetworkNumbers, X: Any) -> Any:
    """As :meth:`NetworkAnswers.check_inputs`, except that the engine checks for finite numbers while it predicts."""
    return as_inputs(X, network.inputs, network.parameters.dtype, False)


@methods_suggest_options
class NetworkAnswers(NetworkNumbers):
    """The predictions of a network."""

    def forward(self, X: npt.ArrayLike) -> Array:
        """The raw outputs (scores, logits) for each row, as in prediction: without dropout.

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
        """The raw outputs of each member, arrays of shape (rows, outputs)."""
        return self.each_member(self.forward(X))

    def each_member(self, outputs: Array) -> list[Array]:
        """The output of :meth:`forward`, split by member."""
        return [outputs] if self.members == 1 else np.split(outputs, self.members, axis=1)

    def scores(self, X: npt.ArrayLike) -> Array:
        """The raw outputs whose response is the members' average, shape (rows, outputs)."""
        return self.engine.scores([self], inputs_to_predict(self, X))

    def predict(self, X: npt.ArrayLike) -> Array:
        """The loss's response to the outputs: probabilities for losses of classes, rates for poisson, else values.

        Of several members it is their average; see :func:`glassnet.formulas.averages.averaged`.

        Returns
        -------
        array of shape (rows, outputs)
        """
        return self.engine.respond(self, inputs_to_predict(self, X))

    def classify(self, X: npt.ArrayLike) -> Array:
        """The predicted class of each row, as a number: the largest output, or yes (1) and no (0).

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
        """The gradient of one raw output with respect to the inputs, for each row, by the chain rule.

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
                x = take_rows(table, slice(start, start + GRADIENT_ROWS), self.dtype)
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
        return as_inputs(X, self.inputs, self.dtype)

    def check_data(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        """Inputs, targets and weights as the engine takes them; weights are brought to mean 1.

        Raises
        ------
        InputError, InputTypeError
            If they do not fit the network or each other.
        """
        X = self.check_inputs(X)
        rows = X.shape[0]
        if rows == 0:
            raise InputError("Training needs at least one row", f"shape {X.shape}", "Give some rows")
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
            If one is no finite number: what numbers hold does not suffice for these parameters on these rows.
        """
        rows = X.shape[0]
        some = X[np.arange(0, rows, -(-rows // TELLING_ROWS))]
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.engine.predict(self, some)
            lost = ~(np.isfinite(outputs) & np.isfinite(self.loss.predict(outputs))).all(axis=1)
        if lost.any():
            raise DivergenceError(
                f"The predictions of the network are not finite in {lost.mean():.0%} of the rows", CALM
            )
