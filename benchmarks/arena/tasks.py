"""Tables as TabArena takes them: with three folds, several times, and its description."""

from __future__ import annotations

from pathlib import Path

from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from tabarena.benchmark.task import UserTask
from tabarena.benchmark.task.metadata import TabArenaTaskMetadata
from tabarena.benchmark.task.user_task import from_sklearn_splits_to_user_task_splits

from benchmarks.accuracy.tables import Table, cut_rows, numeric_columns, read_table

__all__ = ["FOLDS", "make_task"]

FOLDS = 3


def make_task(table: Table, repeats: int, most_rows: int, folder: Path) -> tuple[UserTask, TabArenaTaskMetadata]:
    """The task of a table, kept in a folder from which it is read when it runs."""
    frame = cut_rows(read_table(table), table.target, table.numbers, 0, most_rows)
    frame = frame.astype({name: "category" for name in frame if name not in numeric_columns(frame)})
    folds = (RepeatedKFold if table.numbers else RepeatedStratifiedKFold)(
        n_splits=FOLDS, n_repeats=repeats, random_state=0
    )
    task = UserTask(task_name=table.name, task_cache_path=folder)
    described = task.create_task(
        dataset=frame,
        target_feature=table.target,
        problem_type="regression" if table.numbers else "classification",
        splits=from_sklearn_splits_to_user_task_splits(folds.split(frame, frame[table.target]), FOLDS),
        dataset_name=table.name,
    )
    task.save_task(described)
    return task, described.metadata
