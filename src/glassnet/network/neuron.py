r"""One neuron: the first chapter. Everything that a network does happens here once, and every number has a name.

.. math:: z = w \cdot x + b, \qquad a = f(z), \qquad L = \text{loss}(a, y)

Learning goes backward, link by link (the chain rule):

.. math:: \frac{dL}{dz} = \frac{dL}{da}\,\frac{da}{dz}, \qquad
    \frac{dL}{dw} = \frac{dL}{dz}\,x, \qquad \frac{dL}{db} = \frac{dL}{dz}, \qquad \frac{dL}{dx} = \frac{dL}{dz}\,w
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import Updater
from glassnet.engines.data import as_inputs, as_targets, take_rows
from glassnet.errors import DivergenceError, InputError, shown
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Dense, Layout
from glassnet.layers.base import Array
from glassnet.layers.output_activation import before_loss
from glassnet.network.chain_rule import Chain
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import LEARNING_RATE, SEED, Integer, Optional, checked
from glassnet.support.training_lock import locked_for_training


@methods_suggest_options
class Neuron:
    r"""A single neuron, :math:`a = f(w \cdot x + b)`, that learns by gradient descent.

    Parameters
    ----------
    inputs : int
        The number of features of a row.
    activation : str or Activation
        f, any that treats each number alone. "sigmoid" turns the weighted sum into a probability; with "identity"
        the neuron returns the sum itself: a line, or the raw score for a loss that works on scores.
    loss : str or Loss
        The loss that training minimizes, as the mean over the rows. The default takes the sigmoid's probability, so
        that every link of the chain can be seen; with "binary_cross_entropy" the sigmoid is inside the loss, where it
        is numerically safe, so f is then the identity; "identity" with "mse" is linear regression.
    seed : int
        Decides the weights at the start; the bias starts at 0.

    Raises
    ------
    InputError, InputTypeError
        If a setting is out of range, a name unknown, the activation or loss needs more than one output, or the two do
        not go with each other.

    Notes
    -----
    Source: Rosenblatt (1958), *The Perceptron*, for the neuron that learns; Widrow, Hoff (1960), *Adaptive Switching
    Circuits*, for learning by the gradient; Minsky, Papert (1969), *Perceptrons*, for what it cannot learn.

    Examples
    --------
    A neuron learns AND:

    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> neuron = Neuron(2)
    >>> losses = neuron.train(X, y, epochs=500, learning_rate=1.0)
    >>> (neuron.predict(X) > 0.5).astype(int)
    array([0, 0, 0, 1])
    """

    @checked(inputs=Integer("Give the number of features of a row"), activation=ACTIVATIONS, loss=LOSSES, seed=SEED)
    def __init__(
        self,
        inputs: int,
        activation: str | Activation = "sigmoid",
        loss: str | Loss = "binary_cross_entropy_from_probabilities",
        *,
        seed: int = 0,
    ) -> None:
        self.inputs, self.activation, self.loss = inputs, ACTIVATIONS.get(activation), LOSSES.get(loss)
        if not self.activation.elementwise:
            raise InputError(
                "The activation of a neuron must be elementwise",
                repr(self.activation.name),
                'Use "sigmoid" for one of two classes; several classes need a NeuralNetwork',
            )
        if self.loss.target == "classes" or self.loss.outputs_per_target > 1:
            raise InputError(
                "The loss of one neuron must be one of a single output",
                str(self.loss),
                'For two classes use "binary_cross_entropy" or a similar loss; otherwise use a NeuralNetwork',
            )
        (output,) = before_loss([Dense(1, self.activation)], self.loss)
        assert isinstance(output, Dense)
        self.activation = output.f
        self.layout = Layout([output], self.inputs)
        self.parameters, _ = self.layout.initial(seed, np.float64)
        self.updater: Updater | None = None

    # ---------------------------------------------------------- its numbers

    @property
    def w(self) -> Array:
        """The weights, shape (inputs,): a view, so that writing into it changes the neuron."""
        return self.parameters[:-1]

    @w.setter
    def w(self, values: npt.ArrayLike) -> None:
        self.parameters[:-1] = self._numbers("w", values, (self.inputs,))

    @property
    def b(self) -> float:
        """The bias."""
        return float(self.parameters[-1])

    @b.setter
    def b(self, value: float) -> None:
        self.parameters[-1] = self._numbers("b", value, ())

    # -------------------------------------------------------- forward, back

    def forward(self, X: npt.ArrayLike) -> Array:
        """Return the activation a of each row.

        Parameters
        ----------
        X : array of shape (rows, inputs)

        Returns
        -------
        array of shape (rows,)

        Raises
        ------
        InputError, InputTypeError
            If X is not of this shape, finite and numeric.
        """
        return self.activation(self._inputs(X) @ self.w + self.b)

    def predict(self, X: npt.ArrayLike) -> Array:
        """Prediction of the neuron: a probability from a logit, a rate for poisson, else the activation itself.

        Returns
        -------
        array of shape (rows,)
        """
        return self.loss.predict(self.forward(X))

    def chain(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Chain:
        """Return the whole chain on these rows: forward to the loss, and back from it to every input.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        y : array of shape (rows,)

        Returns
        -------
        Chain

        Raises
        ------
        InputError, InputTypeError
            If the data do not fit the neuron or each other, or the targets not the loss.
        """
        x = self._inputs(X).copy()  # the chain must not change with the table
        if len(x) == 0:
            raise InputError("The loss needs at least one row", of_shape(x.shape), "Give some rows")
        y = self.loss.prepare(as_targets(y, self.loss, 1, len(x)), 1)[:, 0]
        w, b = self.w.copy(), self.b

        z = x @ w + b
        a = self.activation(z)
        row_losses, d_row_losses = self.loss.value_and_gradient(a[:, None], y[:, None])

        d_a = d_row_losses[:, 0] / len(x)  # the loss is the mean of the row losses
        slope = self.activation.backward(z, a, np.ones_like(a))  # d_a/d_z = f'(z)
        d_z = d_a * slope
        return Chain(
            x=x,
            y=y,
            w=w,
            b=b,
            z=z,
            a=a,
            row_losses=row_losses,
            loss=float(row_losses.mean()),
            d_a=d_a,
            slope=slope,
            d_z=d_z,
            d_w=x.T @ d_z,
            d_b=float(d_z.sum()),
            d_x=np.outer(d_z, w),
            activation=str(self.activation),
            loss_name=str(self.loss),
            response=self.loss.response,
            functions=(self.activation, self.loss),
        )

    def gradient(self, X: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, float, Array]:
        """Return the gradient of the loss with respect to the weights, the bias and the inputs.

        Returns
        -------
        d_w : array of shape (inputs,)
        d_b : float
        d_x : array of shape (rows, inputs)

        Examples
        --------
        >>> neuron = Neuron(1, "identity", "mse")
        >>> neuron.w, neuron.b = [2.0], 1.0
        >>> d_w, d_b, d_x = neuron.gradient([[3.0]], [6.0])  # a = 7, one too much: d_z = 2
        >>> print(d_w, d_b, d_x)
        [6.] 2.0 [[4.]]
        """
        chain = self.chain(X, y)
        return chain.d_w, chain.d_b, chain.d_x

    # ---------------------------------------------------------------- learn

    def update(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
    ) -> Chain:
        """One step of gradient descent for the weights and the bias, on these rows.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        y : array of shape (rows,)
        optimizer : str or Optimizer
            Its state between steps (`updater.slots`) is kept as long as the optimizer stays the same.
        learning_rate : float or None
            None: the optimizer's own default.

        Returns
        -------
        Chain
            As it was before the step: from where, and why in that direction.

        Raises
        ------
        InputError, InputTypeError
            If the data or a setting is out of range.
        DivergenceError
            If the loss or the step becomes infinite or NaN; the neuron stays where it was.

        Examples
        --------
        >>> neuron = Neuron(1, "identity", "mse")
        >>> neuron.w, neuron.b = [2.0], 1.0
        >>> chain = neuron.update([[3.0]], [6.0], learning_rate=0.1)
        >>> print(neuron.w, round(neuron.b, 6))  # 2 - 0.1 · 6 and 1 - 0.1 · 2
        [1.4] 0.8
        """
        if self.updater is None or self.updater.rule != OPTIMIZERS.get(optimizer):
            self.updater = Updater(self.layout, optimizer)
        rate = self.updater.rate(learning_rate)
        moved = self.parameters.copy()
        with np.errstate(over="ignore", invalid="ignore"):  # an overflow is detected below
            chain = self.chain(X, y)
            if np.isfinite(chain.loss):
                self.updater.step(moved, np.append(chain.d_w, chain.d_b), rate)
        if not (np.isfinite(chain.loss) and np.all(np.isfinite(moved))):
            self.updater = None  # its state is no longer valid
            raise DivergenceError(
                Text("The step produced inf or NaN at a loss of {loss:.4g}", loss=chain.loss),
                "Try a smaller learning rate, or scale the inputs and targets",
            )
        self.parameters[...] = moved
        return chain

    @checked(
        epochs=Integer("Common values are 10 to 1000"), optimizer=OPTIMIZERS, learning_rate=Optional(LEARNING_RATE)
    )
    def train(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        epochs: int = 100,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
    ) -> list[float]:
        """One update on all rows in each epoch.

        Parameters
        ----------
        X, y
            As in :meth:`update`.
        epochs : int
        optimizer, learning_rate
            As in :meth:`update`.

        Returns
        -------
        list of float
            The loss before each update.
        """
        with locked_for_training(self):
            return [self.update(X, y, optimizer, learning_rate).loss for _ in range(epochs)]

    def __repr__(self) -> str:
        return f"Neuron({self.inputs}, {str(self.activation)!r}, {str(self.loss)!r})"

    # --------------------------------------------------------------- checks

    def _inputs(self, X: Any) -> Array:
        return take_rows(as_inputs(X, self.inputs, np.float64), slice(None), np.float64)

    def _numbers(self, name: str, values: Any, shape: tuple[int, ...]) -> Array:
        with coercing(
            Text("`{name}` of a neuron must be numbers", name=name), values, Text("Give shape {shape}", shape=shape)
        ):
            numbers = np.asarray(values, np.float64)
        if numbers.shape != shape or not np.all(np.isfinite(numbers)):
            raise InputError(
                Text("`{name}` of a neuron must be finite numbers of shape {shape}", name=name, shape=shape),
                shown(values),
                "Make it match",
            )
        return numbers
