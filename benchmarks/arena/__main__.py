"""The command line: describe the tables, run the models, and write what they reached."""

from __future__ import annotations

import argparse
from pathlib import Path

from tabarena.benchmark.experiment import TabArenaV0pt1ExperimentBundle
from tabarena.benchmark.task.metadata import TaskMetadataCollection
from tabarena.contexts import AbstractArenaContext

from benchmarks.accuracy.tables import read_index
from benchmarks.arena import __doc__ as about
from benchmarks.arena.model import gen_glassnet
from benchmarks.arena.report import page, record
from benchmarks.arena.tasks import make_task
from benchmarks.results import RESULTS, write_results

BUILD = Path("build/arena")


def main() -> None:
    """Run what was asked for."""
    options = parse()
    tables = [one for folder in options.data for one in read_index(folder)]
    chosen = [one for one in tables if one.name in (options.tables or [each.name for each in tables])]
    tasks = [make_task(one, options.repeats, options.max_rows, BUILD / "tasks") for one in chosen]
    metadata = TaskMetadataCollection.from_source([described for _, described in tasks])
    models = [(gen_glassnet, options.configs), *((name, options.configs) for name in options.models)]
    results = AbstractArenaContext(task_metadata=metadata, methods=[]).build_and_run_jobs(
        TabArenaV0pt1ExperimentBundle(models=models, model_verbosity=None).build_experiments(num_cpus=options.cpus),
        expname=str(BUILD / "runs"),
        user_tasks=[task for task, _ in tasks],
        subset="lite" if options.lite else None,
        debug_mode=True,  # in this process; workers of Ray would share the machine
    )
    records = [record(result) for result in results]
    context = {name: getattr(options, name) for name in ("max_rows", "repeats", "lite", "cpus")}
    write_results("tabarena", {**context, "trials": records}, options.out / "tabarena.json")
    text = page(records)
    (options.out / "tabarena.md").write_text(text, encoding="utf-8")
    print(text)


def parse() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.arena", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", type=Path, nargs="+", metavar="FOLDER", required=True, help="each holds INDEX.json and its tables")
    add("--tables", nargs="+", metavar="TABLE", help="of the index (all)")
    add("--models", nargs="*", metavar="MODEL", default=["LightGBM", "CatBoost"], help="of TabArena's registry")
    add("--configs", type=int, default=0, help="random points of each search space, beside the default (0)")
    add("--repeats", type=int, default=1, help="how many times a table is split into three folds (1)")
    add("--lite", action="store_true", help="only the first fold of each table")
    add("--cpus", type=int, help="for each model (all)")
    add("--max-rows", type=int, default=10_000, help="of a table, test rows included (10000)")
    add("--out", type=Path, default=RESULTS, help="folder of the results (benchmarks/results)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
