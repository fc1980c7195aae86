"""Callbacks that write a training down for the tools that people compare their trainings with: TensorBoard, MLflow."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet.errors import InputError, shown
from glassnet.support.atomic_write import destination
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.support.options import File, Instance, Integer, Optional, String, checked
from glassnet.training import Run

LONGEST = 500
"""Letters of a parameter that every store of MLflow takes."""


class TensorBoard:
    """Writes every epoch's numbers, and the distribution of each parameter, into a folder that TensorBoard reads.

    It needs tensorboardX: ``pip install "glassnet[tensorboard]"``. To look: ``tensorboard --logdir folder``.

    Parameters
    ----------
    folder : str or Path
        Made if need be; each training gets a subfolder of its own, named by the time.
    every : int
        So many epochs lie between two distributions.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> model = NeuralClassifier(callbacks=[TensorBoard("runs")])
    """

    @checked(folder=File('For example "runs"', "folder"), every=Integer("1 writes distributions after each epoch"))
    def __init__(self, folder: str | Path, *, every: int = 1) -> None:
        self.folder, self.every = Path(folder), every
        self.writer: Any = None

    def on_train_begin(self, run: Run) -> None:
        tensorboard = require("tensorboardX", "Writing for TensorBoard", "tensorboard")
        self.writer = tensorboard.SummaryWriter(str(_fresh(self.folder)))
        self.writer.add_text("network", "\n".join(f"- {name}: {value}" for name, value in described(run).items()))
        self._distributions(run, run.epochs_before)

    def on_epoch_end(self, run: Run) -> None:
        epoch = run.epochs_before + run.epoch
        for name, value in measured(run).items():
            self.writer.add_scalar(name, value, epoch)
        if run.epoch % self.every == 0:
            self._distributions(run, epoch)
        self.writer.flush()

    def on_train_end(self, run: Run) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    def _distributions(self, run: Run, epoch: int) -> None:
        for name, values in run.network.named_parameters.items():
            if math.isfinite(values.sum()):
                self.writer.add_histogram(name, values, epoch)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"writer": None}  # an open file does not travel


class MLflow:
    """Logs a training as an MLflow run: the network, the settings, and the metrics of every epoch.

    It needs MLflow, of which the small part is enough for a server: ``pip install "glassnet[mlflow]"``. A database
    needs all of it, a folder the variable MLFLOW_ALLOW_FILE_STORE=true. No run has to be active, and none becomes so.

    Parameters
    ----------
    experiment : str
        Made if need be.
    tracking_uri : str, optional
        Where the runs are kept; None: as MLflow is set up.
    name : str, optional
        Of the run; None: MLflow makes one up.
    parameters : mapping, optional
        More to write down beside what the training says itself.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> model = NeuralClassifier(callbacks=[MLflow("churn", parameters={"table": "may.csv"})])
    """

    @checked(
        experiment=String('For example "churn"'),
        tracking_uri=Optional(String("None uses MLflow's default")),
        name=Optional(String('For example "second try"')),
        parameters=Optional(Instance(Mapping, Text("a dict"), 'For example {"table": "may.csv"}')),
    )
    def __init__(
        self,
        experiment: str = "glassnet",
        *,
        tracking_uri: str | None = None,
        name: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        if not experiment:
            raise InputError("`experiment` of MLflow must be a name", shown(experiment), 'For example "churn"')
        self.experiment, self.tracking_uri, self.name = experiment, tracking_uri, name
        self.parameters = dict(parameters or {})
        self.client: Any = None
        self.run_id: str | None = None

    def on_train_begin(self, run: Run) -> None:
        mlflow = require("mlflow", "Writing for MLflow", "mlflow", "mlflow-skinny")
        client = mlflow.MlflowClient(self.tracking_uri)
        known = client.get_experiment_by_name(self.experiment)
        place = client.create_experiment(self.experiment) if known is None else known.experiment_id
        self.client, self.run_id = client, client.create_run(place, run_name=self.name).info.run_id
        values = described(run) | self.parameters
        client.log_batch(
            self.run_id, params=[mlflow.entities.Param(name, str(value)[:LONGEST]) for name, value in values.items()]
        )

    def on_epoch_end(self, run: Run) -> None:
        from mlflow.entities import Metric

        now, epoch = round(1000 * time.time()), run.epochs_before + run.epoch
        self.client.log_batch(self.run_id, metrics=[Metric(*item, now, epoch) for item in measured(run).items()])

    def on_train_end(self, run: Run) -> None:
        if self.client is None:
            return
        if run.history.best_epoch is not None:
            self.client.set_tag(self.run_id, "best_epoch", run.history.best_epoch)
        self.client.set_tag(self.run_id, "ended", run.history.ended)
        status = "KILLED" if run.history.ending == "interrupted" else "FINISHED" if run.history.endings else "FAILED"
        self.client.set_terminated(self.run_id, status=status)
        self.client = None

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"client": None}  # a connection does not travel


def described(run: Run) -> dict[str, Any]:
    """Return the parameters of the run: the network and the training settings."""
    network, updater = run.network, run.updater
    return {
        "layers": ", ".join(map(repr, network.layers)),
        "loss": str(network.loss),
        "numbers": network.layout.size,
        "precision": str(network.dtype),
        "seed": network.seed,
        "optimizer": "lbfgs" if updater is None else str(updater.rule),
        "weight_decay": 0.0 if updater is None else updater.weight_decay,
        "epochs": run.epochs,
        "steps": run.steps,
        "rows": run.rows,
    }


def measured(run: Run) -> dict[str, float]:
    """The numbers of the last epoch, by name."""
    return {name: float(value) for name, value in run.history.rows[-1].items() if name != "epoch"}


def _fresh(folder: Path) -> Path:
    """A subfolder that is not there yet, for two trainings in one would be drawn as one."""
    folder = destination(folder)
    stamp, number = time.strftime("%Y-%m-%d_%H-%M-%S"), 1
    while True:
        own = folder / (stamp if number == 1 else f"{stamp}_{number}")
        try:
            own.mkdir(parents=True)
        except FileExistsError:
            number += 1
            continue
        return own
