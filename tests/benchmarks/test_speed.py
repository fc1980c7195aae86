"""The benchmark of speed: what it compares is the same work."""

from __future__ import annotations

from benchmarks.speed.cases import TINY, make_table
from benchmarks.speed.peers.ours import Glassnet
from glassnet.engines.compiled.steps import Training


def test_every_way_trains_the_same_network_by_the_same_steps(monkeypatch):
    case = TINY.with_steps(3)
    made = []
    drive = Training.drive

    def driven(self, *what):
        rule = self.updater.rule, self.updater.weight_decay
        made.append((self.model.layers, self.model.loss, self.dtype, self.batch_size, rule))
        return drive(self, *what)

    monkeypatch.setattr(Training, "drive", driven)
    ways = Glassnet().ways(case, *make_table(case))
    for train in ways.values():
        train(2)
    assert len(made) == 2 * len(ways)
    assert all(one == made[0] for one in made)
