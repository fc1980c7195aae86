"""A network: a chain of layers, a loss, and one flat vector of parameters; and its steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import ReferenceEngine, Step, Updater, get_engine
from glassnet.engines.blas_threads import one_blas_thread
from glassnet.engines.data import as_weights, take_batch, take_rows
from glassnet.engines.lbfgs import minimize
from glassnet.engines.ordered import Ordered
from glassnet.engines.reference import Part
from glassnet.errors import DivergenceError, InputError
from glassnet.formulas.formula import Spelled
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Layer, Layout, Pass, chain, parse_layers
from glassnet.layers.base import Array
from glassnet.layers.monotone import hold
from glassnet.layers.output_activation import before_loss, check_outputs
from glassnet.layers.rounding import mixed
from glassnet.network.inference import NetworkPredictions
from glassnet.network.trace import Trace
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import (
    DIRECTION,
    LEARNING_RATE,
    MIXED,
    NETWORK_PRECISION,
    PRECISION,
    SEED,
    WEIGHT_DECAY,
    Each,
    Flag,
    Integer,
    Optional,
    checked,
    stored,
)
from glassnet.support.training_lock import locked_for_training

LBFGS = "lbfgs"
"""The optimizer of the whole table, which is no update rule."""

OPTIMIZER = Spelled(OPTIMIZERS, also=(LBFGS,))
EPOCHS, BATCH_SIZE = Integer("Common values are 10 to 1000"), Integer("Common values are 16 to 512")

ADAPT_ROWS = 10_000
"""Rows that a data-driven start uses."""


@methods_suggest_options
class NeuralNetwork(NetworkPredictions):
    """A feed-forward network, every number of which can be inspected.

    Parameters
    ----------
    inputs : int
        The number of features of a row.
    layers : list of int, str or Layer
        From the first to the last, which gives the output. ``Dense(16, "tanh")`` in full, or short: "tanh:16"; a bare
        number is a dense layer, with relu between and with the identity at the end. A last activation that the loss
        applies itself, a sigmoid before "binary_cross_entropy" or a softmax before "cross_entropy", is the loss's, as
        ``summary`` shows, and ``predict`` gives the probabilities.
    loss : str or Loss
        The loss that training minimizes. It also defines the meaning of the outputs: see ``predict``.
    members : int
        How many members the network consists of, each with outputs of its own, which follow each other in a row of the
        last layer: see :class:`glassnet.MemberDense`. Training makes the mean of their losses small, never the loss of
        their mean; in ``predict`` they are averaged.
    monotone : sequence of int, or None
        For each input 1, -1 or 0: as an input of 1 rises, no answer falls, as one of -1 does, none rises; 0 and None
        ask for nothing. Of classes there may be two, and the answer is the probability of the second. Layers stay what
        they are, but weights have signs: see :mod:`glassnet.layers.monotone`.
    seed : int
        Decides the parameters at the start, the order of the rows and the dropout masks.
    dtype : {"float64", "float32", "bfloat16"}
        Floating-point precision of the network. "bfloat16" is mixed precision: numbers are float32, but dense layers
        between the first and the last one round the operands of large products to bfloat16, forward and backward.
        Which ones, ``summary`` shows; :mod:`glassnet.layers.rounding` has the rule.
    engine : {"compiled", "reference"} or engine
        The engine: compiled native code, or NumPy code that reads like a textbook. Both give the same results up
        to rounding.

    Raises
    ------
    InputError, InputTypeError
        If a setting is out of range or a name unknown, or the last activation does not go with the loss.

    Examples
    --------
    One hidden layer, three classes, Adam:

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> network = NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy")
    >>> history = network.train(X, y, optimizer="adam", learning_rate=0.01, epochs=50)
    >>> bool((network.predict(X).argmax(axis=1) == y).mean() > 0.95)
    True
    >>> network["1.W"].shape
    (4, 16)
    """

    def __init__(
        self,
        inputs: int,
        layers: Iterable[int | str | Layer],
        loss: str | Loss = "mse",
        *,
        members: int = 1,
        monotone: Sequence[int] | None = None,
        seed: int = 0,
        dtype: npt.DTypeLike = "float64",
        engine: str | ReferenceEngine = "compiled",
    ) -> None:
        precision = NETWORK_PRECISION.taken("`dtype`", dtype)
        settings: dict[str, Any] = {"members": members, "monotone": monotone, "seed": seed, "engine": engine}
        self._describe(inputs, layers, loss, **settings, precision=precision)
        self.parameters, self.statistics = self.layout.initial(self.seed, np.dtype(stored(precision)))

    @checked(
        inputs=Integer("Give the number of features of a row"),
        loss=LOSSES,
        members=Integer("1 is a plain network"),
        monotone=Optional(Each(DIRECTION, "For example [1, 0, -1]")),
        seed=SEED,
    )
    def _describe(
        self,
        inputs: int,
        layers: Iterable[int | str | Layer],
        loss: str | Loss,
        *,
        members: int = 1,
        monotone: Sequence[int] | None = None,
        seed: int = 0,
        engine: str | ReferenceEngine = "compiled",
        precision: str | None = None,
    ) -> None:
        """Everything but its numbers."""
        self.inputs, self.seed, self.members = inputs, seed, members
        self.loss = LOSSES.get(loss)
        self.layers = before_loss(parse_layers(layers, "relu", last="identity"), self.loss)
        if not self.layers:
            raise InputError(
                "A network must have at least one layer", Text("none", context="received"), "For example [Dense(1)]"
            )
        if precision == MIXED:
            self.layers = mixed(self.layers, inputs)
        self.layout = Layout(self.layers, self.inputs)
        check_outputs(self.loss, self.layout.widths[-1], members)
        self.monotone = hold(self.layout, monotone, self.loss, members)
        self.engine = get_engine(engine)

    @classmethod
    def with_numbers(
        cls,
        inputs: int,
        layers: Iterable[int | str | Layer],
        loss: str | Loss,
        parameters: Array,
        statistics: Array,
        **settings: Any,
    ) -> NeuralNetwork:
        """Return a network with these parameters instead of random ones.

        Parameters
        ----------
        inputs, layers, loss
            As of any network.
        parameters, statistics : arrays
            Flat, in the order of the network's layout; they are copied.
        **settings
            ``members``, ``monotone``, ``seed`` and ``engine``.

        Raises
        ------
        InputError, InputTypeError
            If they do not fit.
        """
        network = cls.__new__(cls)
        network._describe(inputs, layers, loss, **settings)
        sizes = {"parameters": network.layout.size, "statistics": network.layout.statistics_size}
        for name, array in (("parameters", parameters), ("statistics", statistics)):
            if array.shape != (sizes[name],) or array.dtype != PRECISION.taken("`dtype`", parameters.dtype):
                rule = Text(
                    "The {name} of this network must be an array of shape {shape}", name=name, shape=(sizes[name],)
                )
                raise InputError(
                    rule,
                    Text("shape {shape}, {dtype}", shape=array.shape, dtype=array.dtype),
                    "Pass the arrays of a network with these layers",
                )
        network.parameters, network.statistics = parameters.copy(), statistics.copy()
        return network

    def remade(self, **changes: Any) -> NeuralNetwork:
        """Return the same network with other layers, loss, numbers or engine, as :meth:`with_numbers` takes them."""
        names = ("inputs", "layers", "loss", "parameters", "statistics", "members", "monotone", "seed", "engine")
        return NeuralNetwork.with_numbers(**{name: getattr(self, name) for name in names} | changes)

    # ------------------------------------------------------------- one step

    @checked(training=Flag("True enables dropout"))
    def backward(
        self, X: npt.ArrayLike, y: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None, training: bool = False
    ) -> tuple[float, dict[str, Array]]:
        """Return the loss on these rows, penalties included, and its gradient with respect to every parameter by name.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
        sample_weight : array of shape (rows,) or None
            Brought to mean 1 first.
        training : bool
            Whether dropout and batch statistics act as in training.
        """
        step = self._step(*self.check_data(X, y, sample_weight), training)
        return step.loss + step.penalty, self.layout.named(step.gradient)

    def _step(self, X: Any, y: Array, weight: Array | None, training: bool) -> Step:
        run = Pass(training=training, seed=self.seed, step=1)
        with one_blas_thread():
            return self.engine.step(self, take_batch(X, slice(None), self.dtype), y, weight, run)

    # ---------------------------------------------------------------- train

    def adapt(
        self, X: npt.ArrayLike, y: npt.ArrayLike | None = None, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Initialize parameters from training rows, in layers that ask for it (``start="data"``).

        :class:`glassnet.Trainer` calls it before the first epoch, ``train`` never does. Of a large table
        some rows are enough.

        Parameters
        ----------
        X : array of shape (rows, inputs)
            Training rows.
        y : array or None
            Their targets, as ``train`` takes them: bins that a tree chooses need them.
        sample_weight : array of shape (rows,) or None
            A row of weight 2 counts as the row twice, one of weight 0 not at all: bins hold alike shares of the weight,
            sums have a weighted variance of 1, and rows among which a boundary runs are drawn by weight.
        """
        if y is None:
            rows = self.check_inputs(X)
            self.adapt_to(rows, None, as_weights(sample_weight, rows.shape[0], self.dtype))
        else:
            self.adapt_to(*self.check_data(X, y, sample_weight))

    def adapt_to(self, rows: Any, y: Any, weight: Any) -> None:
        """Adapt like :meth:`adapt`, with validated rows, or a function of row numbers.

        Neither BLAS nor NumPy's elementary functions take part: a start follows from rows and seed alone.
        """
        if not any(layer.adapts() for layer in self.layers):
            return
        rng = np.random.default_rng((self.seed, 1))
        if rows.shape[0] > ADAPT_ROWS:
            chosen = np.sort(rng.choice(rows.shape[0], ADAPT_ROWS, replace=False))
        else:
            chosen = np.arange(rows.shape[0])
        if weight is not None:
            weight = np.asarray(weight[chosen], np.float64)
            alike = not np.ptp(weight)  # of a large table these may be only rows that do not count, too
            # in the network's precision, as the steps have them: so it makes no difference what unit they come in
            weight = None if alike else (weight / weight.mean()).astype(self.dtype).astype(np.float64)
        chain.adapt(
            self.layers,
            self.layout.values(self.parameters, self.statistics),
            take_rows(rows, chosen, self.dtype).view(Ordered),
            rng,
            None if y is None else np.asarray(y[chosen]),
            weight,
            lambda start, stop, x: self.engine.through(Part(self, start, stop), x),
        )

    @checked(
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        optimizer=OPTIMIZER,
        learning_rate=Optional(LEARNING_RATE),
        weight_decay=Optional(WEIGHT_DECAY),
    )
    def train(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 32,
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> list[float]:
        """The plain training loop: shuffle, take one batch after another, make a step on each; `epochs` times.

        It begins at the parameters as they are, with a fresh optimizer. For validation, early stopping, schedules
        and callbacks there is :class:`glassnet.Trainer`.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
            Class numbers for losses of classes.
        epochs, batch_size : int
        optimizer : str or Optimizer
            "sgd", "adam", ... or "lbfgs" for the whole table at once.
        learning_rate, weight_decay : float or None
            None: the optimizer's own default.
        sample_weight : array of shape (rows,) or None

        Returns
        -------
        list of float
            The mean loss of each epoch.

        Raises
        ------
        DivergenceError
            If the loss, or in the end an answer, is no finite number; the parameters are those before that epoch.
        """
        table, targets, weight = self.check_data(X, y, sample_weight)
        if optimizer == LBFGS:
            refused = {"learning_rate": learning_rate, "weight_decay": weight_decay}
            return self._search(table, targets, weight, epochs, refused)
        updater = Updater(self.layout, optimizer, weight_decay=weight_decay, dtype=self.dtype)
        rows = table.shape[0]
        rates = [updater.rate(learning_rate)] * -(-rows // batch_size)
        losses: list[float] = []
        with (
            locked_for_training(self),
            self.engine.training(self, table, targets, weight, batch_size, updater) as steps,
        ):
            for epoch in range(1, epochs + 1):
                with self._as_before_if_diverging():
                    losses.append(steps(self.engine.order(self.seed, epoch, rows), rates) / rows)
                    if len(losses) == epochs:
                        self.check_answers(table)
        return losses

    def _search(
        self, X: Any, y: Array, weight: Array | None, iterations: int, refused: dict[str, float | None]
    ) -> list[float]:
        """Training by L-BFGS: the objective after each iteration; `refused` are settings that it does not take."""
        for name, value in refused.items():
            if value:
                raise InputError(
                    Text("L-BFGS does not support `{name}`", name=name), value, "Omit it; layers have `l2`"
                )
        losses: list[float] = []

        def after_iteration(loss: float) -> bool:
            losses.append(loss)
            return False

        with locked_for_training(self), self._as_before_if_diverging():
            minimize(self.engine, self, X, y, weight, iterations, after_iteration)
            self.check_answers(X)
        return losses

    @contextlib.contextmanager
    def _as_before_if_diverging(self) -> Iterator[None]:
        """Restore the parameters if the context ends with a divergence."""
        before = self.parameters.copy(), self.statistics.copy()
        try:
            yield
        except DivergenceError:
            self.put_back(*before)
            raise

    @checked(optimizer=OPTIMIZERS, learning_rate=Optional(LEARNING_RATE))
    def trace(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Trace:
        """Return every number of one training step on these rows, by name; the network itself does not change.

        Examples
        --------
        >>> network = NeuralNetwork(2, ["sigmoid:2", 1], loss="mse")
        >>> trace = network.trace([[1.0, 0.0]], [1.0], learning_rate=0.5)
        >>> trace["1.z"].shape
        (1, 2)
        >>> bool(np.allclose(trace["1.W after"], trace["1.W"] - 0.5 * trace["d_1.W"]))
        True
        """
        table, targets, weight = self.check_data(X, y, sample_weight)
        updater = Updater(self.layout, optimizer, dtype=self.dtype)
        rate = updater.rate(learning_rate)
        before, after = self.copy(), self.copy()
        x = np.array(take_rows(table, slice(None), self.dtype))  # a copy: a trace must not change any more
        step = before._step(table if self.layout.ngrams else x, targets, weight, training=True)
        updater.step(after.parameters, step.gradient.copy(), rate)
        chain.update_statistics(self.layers, self.layout.values(after.parameters, after.statistics), step.records)
        return Trace.of_step(before, after, step, x, targets.copy(), weight, updater, rate)

    def widget(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        row: int | None = 0,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
        names: Sequence[str] = (),
    ) -> Any:
        """Show in a notebook the next step on a row in slow motion: forward, backward and the update, neuron by neuron.

        It shows the numbers of :meth:`trace`; with two inputs also maps of the neurons' activations. The reader
        chooses the row, or all rows as one batch; ``widget.refresh()`` shows the network as it is by then.

        Parameters
        ----------
        X : array of shape (rows, inputs)
        y : array of shape (rows,) or (rows, targets)
        row : int or None
            The row at first, from 0; None: all of them as one batch.
        optimizer : str or Optimizer
            At its first step.
        learning_rate : float, optional
            None: the optimizer's own.
        names : sequence of str
            Of the inputs.

        Returns
        -------
        anywidget.AnyWidget

        Raises
        ------
        InputError
            If the network is too large to look at (8 layers of 16 units), has layers that are not written out neuron by
            neuron, or there is no such row.
        MissingExtraError
            If anywidget is not installed.

        Examples
        --------
        >>> network = NeuralNetwork(2, ["tanh:2", 1], loss="mse")
        >>> widget = network.widget([[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0], learning_rate=0.5)
        >>> widget.step["slowed"]["targets"]
        [1.0]
        >>> widget.row = 1
        >>> widget.step["slowed"]["targets"]
        [0.0]
        """
        from glassnet.network.step_widget import step_widget

        return step_widget(self, X, y, row=row, optimizer=optimizer, learning_rate=learning_rate, names=names)

    def _repr_html_(self) -> str:
        """Return a diagram and a table of the layers, for a notebook."""
        from glassnet.network.diagram import network_html

        return network_html(self)
