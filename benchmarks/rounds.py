"""What rounds cost in accuracy, and what they save in messages: shards, local steps, and the momentum of the mean way.

    python -m benchmarks.rounds --data FOLDER [--tables adult,letter,diamonds] [--shards 2,8] [--steps 1,10,100]
                                [--seeds 3] [--rows 20000] [--epochs 10]

Shards are logical: what comes out is the same to the bit on any number of machines, so one process measures it. For
each setting the learning rate is chosen on validation rows by the first seed; the other seeds, and shards that lie in
the order of the targets, take it as it is. Scores are losses on the validation rows, and the rounds that a training
needed to come as near to the best as a hundredth. How long a round takes, benchmarks/scale_model.py measures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.tables import Table, read_index, split_table
from benchmarks.markdown import table
from benchmarks.results import write_results
from glassnet import NeuralNetwork, TableEncoder
from glassnet.distributed.learner import KeptShards
from glassnet.distributed.table import dealt
from glassnet.distributed.workers import Here
from glassnet.training import Rows
from glassnet.training.round_trainer import RoundTrainer
from glassnet.training.rounds import Rounds

RATES = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
METHODS = {"average": (1.0, 0.0), "momentum": (0.7, 0.9)}
"""By the rate and the momentum of the mean way: plain averages, and the form of DiLoCo."""
BATCH = 64
NEAR = 1.01
"""A loss is as good as the best one, if it is larger by a hundredth at most."""


@dataclass(frozen=True)
class Task:
    """Encoded rows of a table, and the network for them."""

    name: str
    learned: Rows
    held: Rows
    loss: str
    outputs: int

    def network(self, seed: int) -> NeuralNetwork:
        """As it begins."""
        inputs = self.learned.X.shape[1]
        return NeuralNetwork(inputs, ["relu:128", "relu:64", self.outputs], self.loss, seed=seed, dtype="float32")


def task_of(chosen: Table, rows: int) -> Task:
    """Some rows of a table, encoded."""
    split = split_table(chosen, seed=0, most_rows=rows * 2)
    X, y = split.X_train.iloc[:rows], split.y_train[:rows]
    encoder = TableEncoder(dtype="float32").fit(X)
    held = split.X_test.iloc[:5000], split.y_test[:5000]
    if chosen.numbers:
        mean, deviation = y.mean(), y.std()
        targets = [((each - mean) / deviation).astype(np.float32) for each in (y, held[1])]
        loss, outputs = "mse", 1
    else:
        targets = [each.astype(np.intp) for each in (y, held[1])]
        loss, outputs = "cross_entropy", split.classes
    return Task(
        chosen.name,
        Rows(encoder.transform(X), targets[0], None),
        Rows(encoder.transform(held[0]), targets[1], None),
        loss,
        outputs,
    )


def shards_of(task: Task, shards: int, ordered: bool) -> KeptShards:
    """The rows, dealt as a fit deals them; or each shard a stretch of them in the order of their targets."""
    rows = task.learned
    count = len(rows.y)
    if ordered:
        by_target = rows.take(np.argsort(rows.y, kind="stable"))
        parts = [by_target.take(part) for part in np.array_split(np.arange(count), shards)]
    else:
        parts = [rows.take(np.concatenate([np.arange(*piece) for piece in pieces])) for pieces in dealt(count, shards)]
    return KeptShards(Here(), parts, parts[0], digested=False)


def train(task: Task, shards: int, steps: int, method: str, rate: float, seed: int, epochs: int, ordered: bool) -> Any:
    """One training; its loss after each epoch, and how many rounds an epoch has."""
    outer_rate, momentum = METHODS[method]
    trainer = RoundTrainer(
        optimizer="adamw",
        learning_rate=rate,
        schedule="cosine",
        batch_size=BATCH,
        epochs=epochs,
        early_stopping=False,
        rounds=Rounds(shards, steps, outer_rate, momentum),
    )
    history = trainer.fit_shards(task.network(seed), shards_of(task, shards, ordered), task.held)
    return history["validation_loss"], trainer.pace.rounds


def measured(task: Task, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The record of each setting."""
    whole = [("one machine", 1, 1, "average")]
    for name, shards, steps, method in [
        *whole,
        *(("rounds", *rest) for rest in product(arguments.shards, arguments.steps, METHODS)),
    ]:
        by_rate = {}
        for rate in RATES:
            try:
                by_rate[rate] = train(task, shards, steps, method, rate, 0, arguments.epochs, ordered=False)
            except ArithmeticError:
                continue
        rate = min(by_rate, key=lambda rate: min(by_rate[rate][0]))
        runs = [by_rate[rate]]
        runs += [
            train(task, shards, steps, method, rate, seed, arguments.epochs, False)
            for seed in range(1, arguments.seeds)
        ]
        best = [min(losses) for losses, _ in runs]
        losses, rounds = runs[0]
        near = next(epoch for epoch, loss in enumerate(losses, 1) if loss <= NEAR * min(losses))
        record = {
            "table": task.name,
            "what": name,
            "shards": shards,
            "local_steps": steps,
            "method": method,
            "learning_rate": rate,
            "at_the_edge": rate in (RATES[0], RATES[-1]),
            "loss": float(np.mean(best)),
            "deviation": float(np.std(best)),
            "rounds": rounds * arguments.epochs,
            "rounds_until_near": rounds * near,
        }
        if shards > 1:
            ordered, _ = train(task, shards, steps, method, rate, 0, arguments.epochs, ordered=True)
            record["loss_ordered_shards"] = float(min(ordered))
        print(*(f"{key}={value}" for key, value in record.items()), flush=True)
        yield record


def written(settings: dict[str, Any], records: Sequence[dict[str, Any]]) -> str:
    """The records as a page."""
    lines = [
        "# Shards, local steps, averages and momentum",
        "",
        "Made by `python -m benchmarks.rounds`; what is in it, its head says. Settings: "
        + ", ".join(f"{name} {value}" for name, value in settings.items())
        + ". A learning rate in brackets stands at the edge of those that were tried.",
        "",
    ]
    head = (
        "shards",
        "local steps",
        "mean way",
        "learning rate",
        "loss",
        "± seeds",
        "rounds",
        "to near",
        "sorted shards",
    )
    for name in dict.fromkeys(record["table"] for record in records):
        rows = []
        for one in (record for record in records if record["table"] == name):
            rate = f"({one['learning_rate']})" if one["at_the_edge"] else f"{one['learning_rate']}"
            alone = one["what"] == "one machine"
            ordered = f"{one['loss_ordered_shards']:.4f}" if "loss_ordered_shards" in one else "-"
            rows.append(
                (
                    "one machine" if alone else f"{one['shards']}",
                    "-" if alone else f"{one['local_steps']}",
                    "-" if alone else one["method"],
                    rate,
                    f"{one['loss']:.4f}",
                    f"{one['deviation']:.4f}",
                    f"{one['rounds']}",
                    f"{one['rounds_until_near']}",
                    ordered,
                )
            )
        lines += [f"## {name}", "", *table(head, rows)]
    return "\n".join(lines)


def numbers(text: str) -> list[int]:
    """Whole numbers from "1,10,100"."""
    return [int(number) for number in text.split(",")]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", default="adult,letter,diamonds")
    parser.add_argument("--shards", type=numbers, default=[2, 4, 8])
    parser.add_argument("--steps", type=numbers, default=[1, 5, 10, 25, 100])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    known = {each.name: each for each in read_index(arguments.data)}
    records = []
    for name in arguments.tables.split(","):
        task = task_of(known[name], arguments.rows)
        records += list(measured(task, arguments))
        settings = {key: value for key, value in vars(arguments).items() if key not in ("data", "out")}
        path = write_results("rounds", {"settings": settings, "runs": records}, arguments.out)
        path.with_suffix(".md").write_text(written(settings, records))


if __name__ == "__main__":
    main()
