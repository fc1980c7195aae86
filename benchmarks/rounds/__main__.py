"""Measures what is not known yet, and writes what was found."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import benchmarks.rounds
from benchmarks.accuracy.tables import read_index
from benchmarks.results import RESULTS, whole_numbers, write_results
from benchmarks.rounds.figures import Record, round_seconds, summary, table_records
from benchmarks.rounds.page import page
from benchmarks.rounds.picture import draw
from benchmarks.rounds.study import Chosen, Study
from benchmarks.rounds.tasks import task_of
from glassnet.errors import TrainingWarning

SHARDS, LOCAL_STEPS = (2, 4, 8), (1, 5, 10, 25, 100)


def main(argv: Sequence[str] | None = None) -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(
        description=benchmarks.rounds.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", default="covertype_100k,adult,diamonds")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sorted-seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=whole_numbers, default=[20])
    parser.add_argument("--journal", type=Path, default=Path("build/rounds.jsonl"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore", TrainingWarning)  # rates that are too large are part of the search
    study = Study(arguments.journal, arguments.rows, arguments.seeds, arguments.sorted_seeds)
    known = {each.name: each for each in read_index(arguments.data)}
    empty = round_seconds(RESULTS)
    records: list[Record] = []
    for name in arguments.tables.split(","):
        task = task_of(known[name], arguments.rows)
        found: list[list[Chosen]] = []
        for schedules in study.of(task, SHARDS, LOCAL_STEPS, arguments.epochs):
            found.append(schedules)
            print(table_records([found[0], schedules], task.megabytes, empty)[1], flush=True)
        records += table_records(found, task.megabytes, empty)
    settings = {name: getattr(arguments, name) for name in ("tables", "seeds", "sorted_seeds", "rows", "epochs")}
    over_tables = summary(records)
    content = {"settings": settings, "seconds_of_an_empty_round": empty, "summary": over_tables, "runs": records}
    path = write_results("rounds", content, arguments.out / "rounds.json")
    path.with_suffix(".md").write_text(page(settings, over_tables, records, empty))
    draw(records, path.with_suffix(".png"))


if __name__ == "__main__":
    main()
