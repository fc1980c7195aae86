"""``glassnet demo``: the whole way on a real table that comes with scikit-learn, and a report of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from glassnet.apps.commands import app
from glassnet.apps.commands.train import Request, run_training
from glassnet.apps.shared_options import (
    Out,
    ResultOptions,
)
from glassnet.apps.usage import DONE, INTERRUPTED, check_output
from glassnet.support.atomic_write import destination

TARGET = "digit"
TEST = "0.3"


@app.command(
    sort_key=1,
    help_epilogue="""\
Examples:
  glassnet demo
  glassnet demo --out /tmp/demo""",
)
def demo(*, out: Annotated[Path, Out] = Path("demo"), printing: ResultOptions = ResultOptions()) -> int:
    """Run a demo on a real table: the 1,797 handwritten digits that come with scikit-learn.

    Writes the table, the model, predictions and a report to a folder; files of an earlier demo are overwritten.

    Parameters
    ----------
    out : Path
        The output folder (default: demo).
    """
    from glassnet.tables.reading.sources import pl
    from glassnet.tables.writers import TableWriter

    destination(out).mkdir(parents=True, exist_ok=True)
    digits, model, report = (out / name for name in ("digits.csv", "model.safetensors", "report.html"))
    for file in (digits, model, report):
        check_output(file, [], force=True)
    _write_digits(digits)
    files: dict[str, Any] = {"table": digits, "out": model, "report": report}
    request = Request(target=TARGET, id=("row",), test=TEST, force=True, options={"random_state": 0}, **files)
    trained = run_training(request, printing.output)
    if trained.test is not None and trained.predicted is not None:
        truth = trained.test.ids.with_columns(pl.Series(TARGET, trained.test.y))
        with TableWriter(out / "predictions.csv") as writer:
            writer.write(trained.predicted.table(truth))
    return INTERRUPTED if trained.interrupted else DONE


def _write_digits(file: Path) -> None:
    """The table as anyone might have it: a row an image of 8 × 8 grey values, and what it shows.

    Source: E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    as scikit-learn ships it.
    """
    from sklearn.datasets import load_digits

    from glassnet.tables.reading.sources import pl
    from glassnet.tables.writers import TableWriter

    images = load_digits()
    frame = pl.DataFrame(images.data.astype(int), schema=[name.replace("_", " ") for name in images.feature_names])
    with TableWriter(file) as writer:
        writer.write(frame.with_columns(pl.Series(TARGET, images.target)).with_row_index("row", offset=1))
