"""A callback that keeps how weights, activations and gradients change from epoch to epoch, as quantiles."""

from __future__ import annotations

import numpy as np

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import Choice, Flag, Integer, String, checked
from glassnet.training import Callback, Rows, Run
from glassnet.training.split import evenly_spaced

KINDS = ("weights", "activations", "gradients")


class Recorder(Callback):
    """Keeps, for each layer and each epoch, how large its weights, activations and gradients are.

    Epoch 0 is the network as it began. Activations and gradients are those of one step on some of the training rows,
    always the same, with dropout and batch statistics as in training. Of an estimator with several members it sees the
    first.

    Parameters
    ----------
    rows : int
        How many of the training rows.
    path : bool
        Whether all parameters of each epoch are kept too, for :func:`glassnet.plots.loss_surface`.

    Attributes
    ----------
    epochs : list of int
    layers : dict of str to list of str
        For "weights", "activations" and "gradients" the names of the recorded arrays: "1.W", "1.a".
    parameters : list of array
        The flat vector of each epoch, where `path` is true.

    Raises
    ------
    InputError, InputTypeError
        If a number is out of its range.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralNetwork, Recorder, Trainer
    >>> X, y = load_iris(return_X_y=True)
    >>> recorder = Recorder()
    >>> network = NeuralNetwork(4, ["tanh:8", 3], "cross_entropy")
    >>> history = Trainer(epochs=3, callbacks=[recorder]).fit(network, X, y)
    >>> recorder.epochs, recorder.layers["weights"]
    ([0, 1, 2, 3], ['1.W', '2.W'])
    >>> recorder.summary("activations", "1.a").shape  # epochs, quantiles
    (4, 5)
    """

    quantiles = 0.05, 0.25, 0.5, 0.75, 0.95

    @checked(
        rows=Integer("A few hundred are enough"),
        path=Flag("True keeps the parameters after each epoch"),
    )
    def __init__(self, rows: int = 256, *, path: bool = False) -> None:
        self.rows, self.path = rows, path
        self._forget()

    def _forget(self) -> None:
        self.epochs: list[int] = []
        self.parameters: list[Array] = []
        self.layers: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._summaries: dict[tuple[str, str], list[Array]] = {}
        self._some: Rows | None = None

    # ---------------------------------------------------------------- record

    def on_train_begin(self, run: Run) -> None:
        """Record the initial network; if training continues, recording continues, too."""
        if not run.epochs_before:
            self._forget()
        assert run.data is not None
        self._some = run.data.take(evenly_spaced(len(run.data.y), self.rows))
        if not self.epochs:
            self._record(run.network, run.epochs_before)

    def on_epoch_end(self, run: Run) -> None:
        """The network after an epoch."""
        self._record(run.network, run.epochs_before + run.epoch)

    def on_train_end(self, run: Run) -> None:
        """The rows are not kept any longer than needed."""
        self._some = None

    def _record(self, network: NeuralNetwork, epoch: int) -> None:
        assert self._some is not None
        self.epochs.append(epoch)
        if self.path:
            self.parameters.append(network.parameters.copy())
        weights = {slot.name for slot in network.layout.parameters if slot.parameter.kind == "weight"}
        for entry in network.trace(self._some.X, self._some.y, sample_weight=self._some.weight):
            if entry.name in weights:
                self._keep("weights", entry.name, entry.value)
            elif entry.part == "backward" and entry.name.removeprefix("d_") in weights:
                self._keep("gradients", entry.name.removeprefix("d_"), np.abs(entry.value))
            elif entry.part == "forward" and entry.name.endswith(".a"):
                self._keep("activations", entry.name, entry.value)

    def _keep(self, kind: str, name: str, value: Array) -> None:
        if (kind, name) not in self._summaries:
            self._summaries[kind, name] = []
            self.layers[kind].append(name)
            self.layers[kind].sort(key=_place)  # gradients come last layer first
        self._summaries[kind, name].append(np.quantile(value.astype(np.float64), self.quantiles))

    # ------------------------------------------------------------------ read

    @checked(kind=Choice(*KINDS), layer=String('For example "1.W"'))
    def summary(self, kind: str, layer: str) -> Array:
        """Recorded statistics of one layer; gradients without signs.

        Parameters
        ----------
        kind : {"weights", "activations", "gradients"}
        layer : str
            "1.W" for weights and gradients, "1.a" for activations.

        Returns
        -------
        array of shape (epochs, quantiles)

        Raises
        ------
        InputError
            If nothing of the kind was recorded.
        """
        if not self.epochs:
            raise InputError(
                "The recorder must have recorded a training run",
                Text("none", context="received"),
                "Pass it to `callbacks` and train",
            )
        if layer not in self.layers[kind]:
            remedy = Text("Available: {some}", some=", ".join(self.layers[kind]))
            raise InputError(
                Text("`layer` must be one whose {recorded} were recorded", recorded=kind), repr(layer), remedy
            )
        return np.array(self._summaries[kind, layer])

    def __repr__(self) -> str:
        return f"<Recorder: {len(self.epochs)} epochs>"


def _place(name: str) -> tuple[int, ...]:
    """Where a parameter stands: "2.10.W" is behind "2.9.W"."""
    return tuple(int(part) for part in name.split(".") if part.isdigit())
