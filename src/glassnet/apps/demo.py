"""``glassnet demo``: the whole way on a real table that comes with scikit-learn, and a report of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.apps.console import Output
from glassnet.apps.endings import check_output
from glassnet.apps.predictions import prediction_table
from glassnet.apps.stages import Request, Trained
from glassnet.apps.train import train
from glassnet.support.atomic_write import destination
from glassnet.tables.sources import pl
from glassnet.tables.writers import TableWriter

TARGET = "digit"
TEST = "0.3"


def demo(folder: Path, output: Output) -> Trained:
    """Make the table, train on it as ``glassnet train`` does, and write what came out into a folder.

    The folder is made if need be; files of an earlier demo are replaced.
    """
    destination(folder).mkdir(parents=True, exist_ok=True)
    digits, model, report = (folder / name for name in ("digits.csv", "model.safetensors", "report.html"))
    for file in (digits, model, report):
        check_output(file, [], force=True)
    _write_digits(digits)
    files: dict[str, Any] = {"table": digits, "out": model, "report": report}
    request = Request(target=TARGET, id=("row",), test=TEST, force=True, options={"random_state": 0}, **files)
    trained = train(request, output)
    if trained.test is not None and trained.predicted is not None:
        truth = trained.test.ids.with_columns(pl.Series(TARGET, trained.test.y))
        with TableWriter(folder / "predictions.csv") as writer:
            writer.write(prediction_table(trained.predicted, truth))
    return trained


def _write_digits(file: Path) -> None:
    """The table as anyone might have it: a row an image of 8 × 8 grey values, and what it shows.

    Source: E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    as scikit-learn ships it.
    """
    from sklearn.datasets import load_digits

    images = load_digits()
    frame = pl.DataFrame(images.data.astype(int), schema=[name.replace("_", " ") for name in images.feature_names])
    with TableWriter(file) as writer:
        writer.write(frame.with_columns(pl.Series(TARGET, images.target)).with_row_index("row", offset=1))
