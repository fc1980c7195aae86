"""The setup of a worker: it imports the modules that it will need, and compiles the kernels."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
from distributed import WorkerPlugin

import glassnet
from glassnet.distributed import table
from glassnet.distributed.rounds import LocalTrainer, StepRange, local_round
from glassnet.errors import InputError
from glassnet.estimators import fit
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.training import Rows

NEEDED = (fit, table)
"""Imported when a worker starts, so that no task waits for imports."""


class VersionCheck(WorkerPlugin):
    """Imports glassnet wherever a worker begins, and sees that it is the same version as here."""

    name = "glassnet-ready"

    def __init__(self) -> None:
        self.version = glassnet.__version__

    def setup(self, worker: Any) -> None:
        if glassnet.__version__ != self.version:
            rule = Text("Workers must have the same version of glassnet as the client")
            raise InputError(
                rule,
                Text("{version} there, {own} here", version=glassnet.__version__, own=self.version),
                "Install the same version everywhere",
            )


class WarmKernels(WorkerPlugin):
    """Goes one step of a round on a few rows, wherever a worker begins; one that joins later, too."""

    def __init__(self, networks: list[tuple[NeuralNetwork, LocalTrainer]], rows: Rows) -> None:
        self.name = f"glassnet-kernels-{uuid.uuid4()}"  # several trainings may share a cluster
        self.networks, self.rows = networks, rows

    def setup(self, worker: Any) -> None:
        count = len(self.rows.y)
        still = StepRange(0, 0, 1, count, 1e-9, 1.0, 1.0)
        for network, inner in self.networks:
            local_round(network, inner, self.rows.take(np.arange(count)), still)


class Broadcast(WorkerPlugin):
    """Sends an object to each starting worker, for all tasks that look it up by the plugin's name.

    No worker has it from another one, so none waits for one that is frozen.
    """

    def __init__(self, data: Any) -> None:
        self.name = f"glassnet-data-{uuid.uuid4()}"
        self.data = data
