"""``glassnet predict folder/``: each file of a folder is a table, predicted by itself, here or by workers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.apps.endings import UsageError
from glassnet.apps.predict import Form, write_predictions
from glassnet.distributed.workers import Call, Here, Workers
from glassnet.tables.blocks import files_of
from glassnet.tables.reading import file_format

__all__ = ["check_folder", "predict_folder"]

DEADLINE = 30.0
"""Seconds without a sign of life after which a worker is given up."""
WRITTEN = ("csv", "parquet")
"""Formats that predictions are written in; those of files in others become Parquet."""
READ_ONLY = (".bz2", ".xz", ".zst")
"""Endings of files that are read, but not written."""


def check_folder(folder: Path, out: Path, *, force: bool) -> list[tuple[Path, Path]]:
    """The files of a folder, each with the file for its predictions, which has the same name; the folder is made.

    Raises
    ------
    UsageError
        If the output is no folder, or is the input, or a file of it exists and may not be replaced.
    InputError
        If there is no table in the folder, or a folder.
    """
    if str(out) == "-" or out.is_file():
        raise UsageError("Predictions of a folder need a folder", str(out), "Name one with --out")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError("--out must not be a folder that is read, nor in it", str(out), "Name another folder")
    pairs = [(path, out / _written(path)) for path in files_of(folder)]
    there = [written for _, written in pairs if written.exists()]
    if there and not force:
        raise UsageError(
            f"{there[0]} exists already", None, "Name another folder with --out, or replace it with --force"
        )
    out.mkdir(parents=True, exist_ok=True)
    return pairs


def _written(table: Path) -> str:
    """The name of the file for its predictions: its own where they can be written in its format, or else Parquet's."""
    same = file_format(table) in WRITTEN and table.suffix.lower() not in READ_ONLY
    return table.name if same else f"{table.name}.parquet"


def predict_folder(model: Any, files: Sequence[tuple[Path, Path]], form: Form, dask: str | None) -> int:
    """Predict all files, and give how many rows there were.

    A file is there whole or not at all; whoever writes it twice, because a worker died, writes the same.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
    files : sequence of (Path, Path)
        What is read, and what is written; workers must see both.
    form : Form
    dask : str or None
        Where workers are; None: this process does it.
    """
    calls = [Call(write_predictions, (model, table.resolve(), out.resolve(), form)) for table, out in files]
    with contextlib.ExitStack() as stack:
        workers: Workers = Here()
        if dask is not None:
            from glassnet.distributed.clients import connected
            from glassnet.distributed.dask_workers import DaskWorkers

            workers = DaskWorkers(stack.enter_context(connected(dask)), DEADLINE)
        return sum(workers.results(calls))
