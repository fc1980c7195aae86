"""Shards for one process that goes thousands of short rounds: each keeps its training ready from round to round."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import NeuralNetwork
from glassnet.distributed.learning import KeptShards
from glassnet.distributed.rounds import SHARDS, LocalTrainer, LocalUpdate, StepRange, turns
from glassnet.engines import Updater
from glassnet.engines.reference import StepOptions
from glassnet.formulas.random import stream_key
from glassnet.training import Rows

__all__ = ["ReadyShards"]


class ReadyShards(KeptShards):
    """The ways of :class:`KeptShards`, to the bit, of networks without dropout and rows without weights.

    To prepare a training takes as long as some forty steps of a small network. Tasks that may be carried out anywhere
    must do it.
    """

    def go(self, network: NeuralNetwork, inner: LocalTrainer, stretches: Sequence[StepRange]) -> list[LocalUpdate]:
        """See :class:`glassnet.distributed.rounds.Shards`."""
        if not hasattr(self, "ready"):
            self.ready, self.stack = {}, contextlib.ExitStack()
        return [self._way(network, inner, rows, stretch) for rows, stretch in zip(self.kept, stretches, strict=True)]

    def close(self) -> None:
        """End what is ready."""
        self.stack.close()

    def _way(self, network: NeuralNetwork, inner: LocalTrainer, rows: Rows, stretch: StepRange) -> LocalUpdate:
        own, updater, steps = self._training(network, inner, rows, stretch)
        own.put_back(network.parameters, network.statistics)
        inner.put_into(updater)
        count = stretch.steps * stretch.batch_size
        seed = int(stream_key(network.seed, stretch.shard + 1, SHARDS))
        order = turns(network.engine.name, seed, len(rows.y), stretch.round * count, count)
        total = steps(order, np.full(stretch.steps, stretch.rate), StepOptions(stretch.decay, stretch.dropout))
        memory = tuple(slot.copy() for slot in updater.slots.values())
        return LocalUpdate(network.parameters - own.parameters, own.statistics.copy(), float(total) / count, memory)

    def _training(
        self, network: NeuralNetwork, inner: LocalTrainer, rows: Rows, stretch: StepRange
    ) -> tuple[NeuralNetwork, Updater, Any]:
        """A network of its own, its optimizer, and its steps."""
        if stretch.shard not in self.ready:
            own, updater = network.copy(), inner.updater(network)
            begun = network.engine.training(own, *rows, stretch.batch_size, updater)
            self.ready[stretch.shard] = own, updater, self.stack.enter_context(begun)
        return self.ready[stretch.shard]
