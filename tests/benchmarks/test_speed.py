"""The benchmark of speed: what it compares is the same work."""

from __future__ import annotations

from benchmarks.speed.cases import TINY, make_table
from benchmarks.speed.peers.ours import Glassnet
from benchmarks.speed.sections import mixed
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


def test_precisions_are_compared_within_a_library_and_between_libraries():
    times = {"glassnet float32, default": 2.0, "glassnet bfloat16, default": 3.0, "PyTorch float32, 1 thread": 8.0}
    times |= {"PyTorch bfloat16, 1 thread": 5.0, "PyTorch bfloat16, 2 threads": 4.0}  # JAX could not take part
    found = {label: {"median": value} for label, value in times.items()}
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in mixed.report({"wide": {"times": found}})]
    of_times, of_gains = [line for line in lines if line[:1] == ["wide"]]
    assert of_times == ["wide", "2.00 s", "3.00 s", "8.00 s (0.250)", "4.00 s (0.750)", "-", "-"]
    assert of_gains == ["wide", "1.50", "0.500", "-"]
