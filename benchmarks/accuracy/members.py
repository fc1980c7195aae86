"""Ensembles of some of the members of one training: how many members of which kind are worth their time.

    python -m benchmarks.accuracy.members --data FOLDER ... [--seeds 1] [--max-rows 5000 10000] [--tables TABLE ...]
                                          [--journal FILE] [--out FOLDER]

For each table and split seven members of each kind are trained, of which five learn from all rows. Some of them are
then weighed and calibrated as if there were no others, and predict the test rows: four times for each number of
members, with others of the five. All ensembles share networks, so differences of a fifth of a percent show, which
chance hides between two trainings.

Figures are multiples of those of the ensemble in the head of the table, geometric means with the standard error over
pairs (a table and a split) and, in parentheses, over tables: below 1 is better. Work is the time that the members took
to train; *errors* says on how many pairs the error is smaller, equal and larger.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from benchmarks.accuracy.figures import class_figures, number_figures, widened
from benchmarks.accuracy.journal import Record
from benchmarks.accuracy.pairs import KEPT, beside, lines_beside
from benchmarks.accuracy.tables import Split, Table, read_index, split_table
from benchmarks.journal import append, read
from benchmarks.results import RESULTS, write_results
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators import ensemble_training
from glassnet.estimators.ensemble import kept_members, numbers_of_kinds
from glassnet.estimators.fit import Fit
from glassnet.estimators.members import GradientLearner
from glassnet.estimators.presets import FINER, MORE_STEPS, MOST_FOR_TWO_KINDS, SMALL, THRESHOLDS, TableSize, kinds

HELD_OUT, REFITTED, DRAWS = 2, 5, 4
NUMBERS, CLASSES = 2, 3
"""How many kinds there are."""


class Ensemble(NamedTuple):
    """How many members of each kind learn from all rows; None: none of this kind is there at all."""

    words: str
    refits: tuple[int | None, ...]


ENSEMBLES = {
    CLASSES: (
        Ensemble("fifteen of three kinds", (3, 3, 3)),
        Ensemble("all twenty-one", (5, 5, 5)),
        Ensemble("twelve", (2, 2, 2)),
        Ensemble("nine", (1, 1, 1)),
        Ensemble("the six that hold rows out", (0, 0, 0)),
        Ensemble("ten: more steps, thresholds", (3, None, 3)),
        Ensemble("ten: finer waves, thresholds", (None, 3, 3)),
        Ensemble("ten: more steps, finer waves", (3, 3, None)),
    ),
    NUMBERS: (
        Ensemble("ten of two kinds", (3, 3)),
        Ensemble("all fourteen", (5, 5)),
        Ensemble("eight", (2, 2)),
        Ensemble("six", (1, 1)),
        Ensemble("the four that hold rows out", (0, 0)),
    ),
}


class Training:
    """The members of one table and split, and what is needed to weigh some of them."""

    def __init__(self, table: Table, split: Split, seed: int) -> None:
        self.table, self.split = table, split
        size = TableSize(len(split.X_train), split.X_train.shape[1], table.numbers)
        self.kinds = kinds(size) if table.numbers else tuple(map(dict, (MORE_STEPS, FINER, THRESHOLDS)))
        count, self.seconds = len(self.kinds), {}
        make = NeuralRegressor if table.numbers else NeuralClassifier
        model = make(
            random_state=seed,
            kinds=self.kinds,
            members=count * (HELD_OUT + REFITTED),
            refits=count * REFITTED,
        )
        learn = GradientLearner.learn

        def timed(learner: GradientLearner, network: Any, *rest: Any) -> Any:
            begun = time.thread_time()
            result = learn(learner, network, *rest)
            self.seconds[id(result.network)] = time.thread_time() - begun
            return result

        def hold(fit: Fit, splits: Sequence[Any]) -> None:
            self.fit, self.splits = fit, splits
            fit.model.weights_, fit.model.temperature_ = None, 1.0

        with (
            mock.patch.object(GradientLearner, "learn", timed),
            mock.patch.object(ensemble_training, "weigh_and_calibrate", hold),
        ):
            self.model = model.fit(split.X_train, split.y_train)
        self.networks, self.histories = model.networks_, model.histories_
        self.settings = dict(model.settings_)

    def figures(self, chosen: Sequence[int]) -> dict[str, float]:
        """What an ensemble of these members reaches on the test rows."""
        for model in (self.fit.model, self.model):
            model.networks_ = [self.networks[member] for member in chosen]
            model.histories_ = [self.histories[member] for member in chosen]
            model.settings_ = self.settings | kept_members(self.settings, chosen)
        ensemble_training.weigh_and_calibrate(self.fit, [self.splits[member] for member in chosen])
        self.model.weights_, self.model.temperature_ = self.fit.model.weights_, self.fit.model.temperature_
        y, work = self.split.y_test, sum(self.seconds[id(self.networks[member])] for member in chosen)
        if self.table.numbers:
            found = number_figures(y, np.asarray(self.model.predict(self.split.X_test), float))
        else:
            answers = np.asarray(self.model.predict_proba(self.split.X_test), float)
            answers = widened(answers, self.model.classes_, self.split.classes)
            found = class_figures(y, answers.argmax(axis=1), answers)
        found |= {"processor_seconds": work, "test_rows": len(y)}
        return {name: found[name] for name in KEPT if name in found}

    def ensembles(self, seed: int) -> dict[str, dict[str, float]]:
        """The mean figures of each ensemble."""
        rng, numbers = np.random.default_rng(seed), np.array(numbers_of_kinds(self.settings))
        members = [np.flatnonzero(numbers == kind) for kind in range(len(self.kinds))]
        found: dict[str, list[dict[str, float]]] = {}
        for _ in range(DRAWS):
            shuffled = [[*own[:HELD_OUT], *rng.permutation(own[HELD_OUT:])] for own in members]
            for words, refits in ENSEMBLES[len(self.kinds)]:
                counts = [0 if count is None else HELD_OUT + count for count in refits]
                chosen = sorted(
                    int(member) for own, count in zip(shuffled, counts, strict=True) for member in own[:count]
                )
                found.setdefault(words, []).append(self.figures(chosen))
        return {
            words: {name: statistics.fmean(one[name] for one in draws) for name in draws[0]}
            for words, draws in found.items()
        }


def jobs(tables: Sequence[Table], sizes: Sequence[int], seeds: int) -> Iterator[tuple[Table, int, int]]:
    """Tables, most rows and seeds, in the order of trial: a whole split of all tables before the next one."""
    for seed in range(seeds):
        for most_rows in sizes:
            for table in tables:
                if table.rows > min((size for size in sizes if size < most_rows), default=0):  # else it is the same
                    yield table, most_rows, seed


def groups(records: Sequence[Record]) -> dict[str, tuple[str, dict[str, Any]]]:
    """For classes with few rows, with many, and for numbers: the first ensemble, and how the others compare."""

    def few(record: Record) -> bool:
        return record["rows"] <= MOST_FOR_TWO_KINDS

    classes = [record for record in records if record["kinds"] == CLASSES]
    parts = {
        f"Classes, at most {MOST_FOR_TWO_KINDS:,} rows to learn from": list(filter(few, classes)),
        f"Classes, more than {MOST_FOR_TWO_KINDS:,}": list(itertools.filterfalse(few, classes)),
        f"Numbers, at least {SMALL:,}": [record for record in records if record["kinds"] == NUMBERS],
    }
    return {title: compared(part) for title, part in parts.items() if part}


def compared(records: Sequence[Record]) -> tuple[str, dict[str, Any]]:
    """The first ensemble, and how the others compare with it."""
    first, *others = (ensemble.words for ensemble in ENSEMBLES[records[0]["kinds"]])
    keys = [(f"{record['table']} {record['most_rows']}", record["seed"]) for record in records]
    found = [record["found"] for record in records]
    return first, {
        words: beside({key: (each[words], each[first]) for key, each in zip(keys, found, strict=True)})
        for words in others
    }


def page(records: Sequence[Record]) -> str:
    """What the module says, and a table for each group."""
    head, _, *words = (__doc__ or "").strip().splitlines()
    lines = [
        "# Which members are worth their time",
        "",
        "Made by `python -m benchmarks.accuracy.members`; do not edit.",
        "",
    ]
    lines += [head, *words[words.index("") :], ""]
    for title, (first, others) in groups(records).items():
        lines += [f"## {title}", "", *lines_beside(first, others)]
    return "\n".join(lines)


def main() -> None:
    """Train what is not in the journal yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--tables", nargs="+", metavar="TABLE")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--max-rows", type=int, nargs="+", default=[5000, 10_000])
    parser.add_argument("--journal", type=Path, default=Path("build/members.jsonl"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    tables = [table for folder in options.data for table in read_index(folder)]
    if options.tables:
        tables = [table for table in tables if table.name in options.tables]
    records = read(options.journal) if options.journal.exists() else []
    there = {(record["table"], record["most_rows"], record["seed"]) for record in records}
    warnings.simplefilter("ignore")
    for table, most_rows, seed in jobs(tables, options.max_rows, options.seeds):
        if (table.name, most_rows, seed) in there:
            continue
        split = split_table(table, seed, most_rows)
        size = TableSize(len(split.X_train), split.X_train.shape[1], table.numbers)
        if len(kinds(size)) < NUMBERS or (table.numbers and size.rows < SMALL):
            continue
        training = Training(table, split, seed)
        record = {
            "table": table.name,
            "most_rows": most_rows,
            "seed": seed,
            "rows": size.rows,
            "kinds": len(training.kinds),
            "found": training.ensembles(seed),
        }
        append(options.journal, record)
        records.append(record)
        print(f"{table.name}, {most_rows:,} rows, seed {seed}")
    write_results("members", records, options.out / "members.json")
    (options.out / "members.md").write_text(page(records), encoding="utf-8")


if __name__ == "__main__":
    main()
