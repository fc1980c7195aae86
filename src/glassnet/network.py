"""A network: a chain of layers, a loss, and one flat vector of parameters."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import ReferenceEngine, Step, Updater, get_engine
from glassnet.engines.data import as_inputs, as_targets, as_weights, take_rows
from glassnet.engines.lbfgs import minimize
from glassnet.engines.reference import CALM
from glassnet.engines.threads import one_blas_thread
from glassnet.errors import DivergenceError, InputError, shown
from glassnet.formulas.formula import Spelled
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.language import Text, padded
from glassnet.layers import Layer, Layout, Pass, Trees, chain, parse_layers
from glassnet.layers.base import Array
from glassnet.layers.ending import before_loss, check_outputs
from glassnet.layers.layout import as_flat
from glassnet.layers.monotone import hold
from glassnet.options import DIRECTION, LEARNING_RATE, PRECISION, SEED, WEIGHT_DECAY, Each, Flag, Maybe, Whole, checked
from glassnet.touching import place
from glassnet.trace import Trace

__all__ = ["BATCH_SIZE", "EPOCHS", "LBFGS", "OPTIMIZER", "NeuralNetwork"]

HEADS = (Text("layer", "层"), Text("in", "输入"), Text("out", "输出"), Text("parameters", "参数"))
LOSS_OF = Text("loss: {loss}", "损失：{loss}")
WIDEST = 52
"""Columns for a layer in a summary, which fits a terminal of 80."""
LBFGS = "lbfgs"
"""The optimizer that takes the whole table at once, so it is no rule of one step."""

OPTIMIZER = Spelled(OPTIMIZERS, also=(LBFGS,))
EPOCHS, BATCH_SIZE = Whole("Common values are 10 to 1000"), Whole("Common values are 16 to 512")

ADAPT_ROWS = 10_000
"""Rows that are enough for the start of a network to suit."""

TELLING_ROWS = 512
"""Rows whose answers tell whether a network has any."""

GRADIENT_ROWS = 1024
"""Rows that are carried back to the inputs at a time."""


class NeuralNetwork:
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
        What training makes small. It also says what the outputs mean: see ``predict``.
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
    dtype : {"float64", "float32"}
        The precision of every number in the network.
    engine : {"compiled", "reference"} or engine
        The engine: native code, or NumPy that reads like the textbook. Both give the same numbers, up to rounding.

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
        self._describe(inputs, layers, loss, members=members, monotone=monotone, seed=seed, engine=engine)
        self.parameters, self.statistics = self.layout.initial(self.seed, np.dtype(PRECISION.taken("`dtype`", dtype)))

    @checked(
        inputs=Whole("Give the number of features of a row"),
        loss=LOSSES,
        members=Whole("1 is a plain network"),
        monotone=Maybe(Each(DIRECTION, "For example [1, 0, -1]")),
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
    ) -> None:
        """Everything but its numbers."""
        self.inputs, self.seed, self.members = inputs, seed, members
        self.loss = LOSSES.get(loss)
        self.layers: tuple[Layer, ...] = before_loss(parse_layers(layers, "relu", last="identity"), self.loss)
        if not self.layers:
            raise InputError("A network must have at least one layer", "none", "For example [Dense(1)]")
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
        """A network with these numbers instead of fresh ones, none of which are drawn.

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
        wanted = {"parameters": network.layout.size, "statistics": network.layout.statistics_size}
        for name, array in (("parameters", parameters), ("statistics", statistics)):
            if array.shape != (wanted[name],) or array.dtype != PRECISION.taken("`dtype`", parameters.dtype):
                rule = f"The {name} of this network must be an array of shape {(wanted[name],)}"
                raise InputError(rule, f"shape {array.shape}, {array.dtype}", "Give those of a network of these layers")
        network.parameters, network.statistics = parameters.copy(), statistics.copy()
        return network

    # ----------------------------------------------------------- its numbers

    @property
    def parameters(self) -> Array:
        """All learned parameters, as one flat vector in the order of the layout; it can be assigned.

        A vector that is set is used as it is, so that whoever has it sees the training; it is copied only if its
        numbers do not lie one behind the other.
        """
        numbers: Array = self.__dict__["parameters"]
        return numbers

    @parameters.setter
    def parameters(self, numbers: Array) -> None:
        flat = as_flat("parameters", numbers, self.layout.size)
        self.layout.check_parameters(flat)
        self.__dict__["parameters"] = flat

    @property
    def statistics(self) -> Array:
        """The running statistics of its layers, as one flat vector, like ``parameters``.

        A vector that is set is checked. Where it holds nothing but what trees have grown it is copied, and cannot be
        written to: set another one.
        """
        numbers: Array = self.__dict__["statistics"]
        return numbers

    @statistics.setter
    def statistics(self, numbers: Array) -> None:
        flat = as_flat("statistics", numbers, self.layout.statistics_size)
        self.layout.check_statistics(flat)
        if self.layout.places and all(isinstance(self.layers[one.layer - 1], Trees) for one in self.layout.statistics):
            flat = flat.copy()
            flat.flags.writeable = False  # engines read at its places without asking, and no training changes it
        self.__dict__["statistics"] = flat

    def put_back(self, parameters: Array, statistics: Array) -> None:
        """Write numbers over those that there are, as they were at another time, where training changes them."""
        self.parameters[...] = parameters
        if self.statistics.flags.writeable:
            self.statistics[...] = statistics

    @property
    def outputs(self) -> int:
        """The number of outputs for a row, of one member."""
        return self.layout.widths[-1] // self.members

    @property
    def sizes(self) -> list[int]:
        """The number of parameters of each layer, including what trees hold."""
        return [layer.learned(width) for layer, width in zip(self.layers, self.layout.widths, strict=False)]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The precision of its numbers."""
        return self.parameters.dtype

    @property
    def named_parameters(self) -> dict[str, Array]:
        """Every parameter by name, "1.W" being W of the first layer: views, so writing to one changes the network."""
        return self.layout.named(self.parameters)

    def __getitem__(self, name: str) -> Array:
        """The parameter of that name, a view."""
        parameters = self.named_parameters
        if not isinstance(name, str) or name not in parameters:
            raise KeyError(f"The network has no parameter {shown(name)}; it has: {', '.join(parameters)}")
        return parameters[name]

    def copy(self) -> NeuralNetwork:
        """A copy of the network with its own arrays."""
        twin = copy.copy(self)
        # as they are: what has diverged can be copied, too
        statistics = self.statistics.copy() if self.statistics.flags.writeable else self.statistics
        twin.__dict__ |= {"parameters": self.parameters.copy(), "statistics": statistics}
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        """As it was sent by another process: numbers may then lie at odd places, where no engine reads them."""
        self.__dict__ |= state
        for name in ("parameters", "statistics"):
            numbers: Array = state[name]
            if numbers.ctypes.data % numbers.itemsize:  # of no numbers NumPy would say that they are aligned
                self.__dict__[name] = numbers.copy()
                self.__dict__[name].flags.writeable = numbers.flags.writeable

    # --------------------------------------------------------- forward, back

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
        return self.engine.predict(self, self.check_shape(X))

    def forward_each(self, X: npt.ArrayLike) -> list[Array]:
        """The raw outputs of each member, arrays of shape (rows, outputs)."""
        return self.each_member(self.forward(X))

    def each_member(self, outputs: Array) -> list[Array]:
        """What :meth:`forward` gave, taken apart."""
        return [outputs] if self.members == 1 else np.split(outputs, self.members, axis=1)

    def scores(self, X: npt.ArrayLike) -> Array:
        """The raw outputs of one network that would answer as the members do on average, shape (rows, outputs)."""
        return self.engine.scores([self], self.check_shape(X))

    def predict(self, X: npt.ArrayLike) -> Array:
        """What the outputs mean under the loss: probabilities for losses of classes, rates for poisson, else values.

        Of several members it is their average; see :func:`glassnet.formulas.averages.averaged`.

        Returns
        -------
        array of shape (rows, outputs)
        """
        return self.engine.respond(self, self.check_shape(X))

    def classify(self, X: npt.ArrayLike) -> Array:
        """The predicted class of each row, as a number: the one with the largest output, or yes (1) and no (0).

        Returns
        -------
        array of shape (rows,), or (rows, targets) of 0 and 1 where several yes-or-no targets are learned at once

        Raises
        ------
        InputError
            If the loss is not one of classes.
        """
        if self.loss.target not in ("classes", "fractions", "signs"):
            raise InputError("Classes need a loss of classes", str(self.loss), "Use `predict` for values")
        outputs = self.scores(X)
        if self.loss.target == "classes" or (self.loss.target == "signs" and self.outputs > 1):
            return outputs.argmax(axis=1)
        boundary = 0.5 if self.loss.takes == "probabilities" else 0
        yes = (outputs > boundary).astype(np.intp)
        return yes[:, 0] if self.outputs == 1 else yes

    @checked(training=Flag("True lets dropout drop"))
    def backward(
        self, X: npt.ArrayLike, y: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None, training: bool = False
    ) -> tuple[float, dict[str, Array]]:
        """The loss on these rows, penalties included, and its gradient with respect to every parameter by name.

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

    def _step(self, X: Any, y: Array, weight: Array | None, training: bool) -> Step:
        run = Pass(training=training, seed=self.seed, step=1)
        with one_blas_thread():
            return self.engine.step(self, take_rows(X, slice(None), self.dtype), y, weight, run)

    # ---------------------------------------------------------------- train

    def adapt(self, X: npt.ArrayLike) -> None:
        """Initialize parameters from training rows, in layers that ask for it (``start="data"``).

        :class:`glassnet.Trainer` calls it before the first epoch, ``train`` never does. Of a large table
        some rows are enough.

        Parameters
        ----------
        X : array of shape (rows, inputs)
            Training rows.
        """
        self.adapt_to(self.check_inputs(X))

    def adapt_to(self, rows: Any) -> None:
        """The same with rows that :meth:`check_inputs` gave, or that can be had from elsewhere by their numbers."""
        if not any(layer.adapts() for layer in self.layers):
            return
        rng = np.random.default_rng((self.seed, 1))
        if rows.shape[0] > ADAPT_ROWS:
            chosen = np.sort(rng.choice(rows.shape[0], ADAPT_ROWS, replace=False))
        else:
            chosen = np.arange(rows.shape[0])
        chain.adapt(
            self.layers,
            self.layout.values(self.parameters, self.statistics),
            take_rows(rows, chosen, self.dtype),
            rng,
        )

    @checked(
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        optimizer=OPTIMIZER,
        learning_rate=Maybe(LEARNING_RATE),
        weight_decay=Maybe(WEIGHT_DECAY),
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
            return self._search(table, targets, weight, epochs, learning_rate, weight_decay)
        updater = Updater(self.layout, optimizer, weight_decay=weight_decay, dtype=self.dtype)
        rows = table.shape[0]
        rates = [updater.rate(learning_rate)] * -(-rows // batch_size)
        losses: list[float] = []
        with self.engine.training(self, table, targets, weight, batch_size, updater) as steps:
            for epoch in range(1, epochs + 1):
                before = self.parameters.copy(), self.statistics.copy()
                try:
                    losses.append(steps(self.engine.order(self.seed, epoch, rows), rates) / rows)
                    if len(losses) == epochs:
                        self.check_answers(table)
                except DivergenceError:
                    self.put_back(*before)
                    raise
        return losses

    def _search(
        self,
        X: Any,
        y: Array,
        weight: Array | None,
        iterations: int,
        learning_rate: float | None,
        weight_decay: float | None,
    ) -> list[float]:
        """Training by L-BFGS: the objective after each iteration."""
        for name, value in (("learning_rate", learning_rate), ("weight_decay", weight_decay)):
            if value:
                raise InputError(f"L-BFGS takes no `{name}`", value, "Leave it out; layers have `l2`")
        losses: list[float] = []

        def after_iteration(loss: float) -> bool:
            losses.append(loss)
            return False

        before = self.parameters.copy(), self.statistics.copy()
        minimize(self.engine, self, X, y, weight, iterations, after_iteration)
        try:
            self.check_answers(X)
        except DivergenceError:
            self.put_back(*before)
            raise
        return losses

    @checked(optimizer=OPTIMIZERS, learning_rate=Maybe(LEARNING_RATE))
    def trace(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Trace:
        """Every number of one training step on these rows, by name; the network itself stays as it is.

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
        x = np.array(take_rows(table, slice(None), self.dtype))  # a copy: what was traced must not change any more
        step = before._step(x, targets, weight, training=True)
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
        """In a notebook: the next step on a row in slow motion, forward, backward and the update, neuron by neuron.

        What is shown are the numbers of :meth:`trace`; with two inputs also maps of what neurons answer. The reader
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
        from glassnet.insight.widget import step_widget

        return step_widget(self, X, y, row=row, optimizer=optimizer, learning_rate=learning_rate, names=names)

    # ---------------------------------------------------------------- checks

    def check_inputs(self, X: Any) -> Any:
        """X as the engine takes it: two-dimensional, of the right width, finite; a float32 array is not copied.

        Raises
        ------
        InputError, InputTypeError
            If it is not.
        """
        return as_inputs(X, self.inputs, self.dtype)

    def check_shape(self, X: Any) -> Any:
        """As :meth:`check_inputs`, but that arrays are finite is seen by the engine, where it predicts.

        Raises
        ------
        InputError, InputTypeError
            If X is of another shape or type.
        """
        return as_inputs(X, self.inputs, self.parameters.dtype, False)

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
        """See that there is an answer to these rows, to so many of them as tell (`TELLING_ROWS`).

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
                f"What the network answers is no finite number in {lost.mean():.0%} of the rows", CALM
            )

    # ------------------------------------------------------------------ show

    def summary(self) -> str:
        """The layers, what goes in and out of each, and how many parameters it has, as a table of 80 columns.

        Examples
        --------
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
            before, after = self.layout.widths[number - 1 : number + 1]
            lines.append(f"{number:>2}  {first:<{wide}}  {before:>4}  {after:>4}  {self.sizes[number - 1]:>10,}")
            lines += [f"    {line}" for line in others]
        lines.append(f"{padded(LOSS_OF.say(loss=self.loss.equation), wide + 16)}  {sum(self.sizes):>10,}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """In a notebook: a diagram and a table of the layers, drawn on a floor above."""
        from glassnet.insight.html import network_html

        return network_html(self)

    def __repr__(self) -> str:
        members = "" if self.members == 1 else f", members={self.members}"
        members += "" if self.monotone is None else f", monotone={list(self.monotone)}"
        return f"NeuralNetwork({self.inputs}, {list(self.layers)!r}, loss={str(self.loss)!r}{members})"
