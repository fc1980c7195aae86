"""``glassnet demo``: the whole way on a real table that comes with scikit-learn, and a report of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import glassnet
from glassnet.apps.console import Output
from glassnet.apps.endings import check_output
from glassnet.apps.labelled import Labelled, Roles
from glassnet.apps.predictions import prediction_table
from glassnet.apps.scores import confusion
from glassnet.apps.train import Request, Trained, train
from glassnet.insight.predicted import Predicted
from glassnet.insight.scores import CLASSIFICATION

if TYPE_CHECKING:
    from glassnet.training import History

__all__ = ["demo"]

TARGET = "digit"
TEST = "0.3"


def demo(folder: Path, output: Output, seed: int = 0) -> Trained:
    """Make the table, train on it as ``glassnet train`` does, and write what came out into a folder.

    Parameters
    ----------
    folder : Path
        Is made if need be; files of an earlier demo are replaced.
    output : Output
    seed : int
        Decides the test rows and the training.

    Raises
    ------
    InputError, OSError
        If the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digits, model = folder / "digits.csv", folder / "model.safetensors"
    for file in (digits, model):
        check_output(file, [], force=True)
    _write_digits(digits)
    options = {"random_state": seed}
    request = Request(digits, Roles(TARGET, ids=("row",)), test=TEST, out=model, force=True, options=options)
    trained = train(request, output)
    if trained.interrupted or trained.test is None or trained.predicted is None:
        return trained
    _write_predictions(folder / "predictions.csv", trained.test, trained.predicted)
    pictures = _draw_curves(folder / "curves.png", trained.model.history_)
    report = folder / "report.md"
    report.write_text(_report(trained, trained.test, trained.predicted, pictures), encoding="utf-8")
    output.show_line("report", str(report))
    return trained


def _write_digits(file: Path) -> None:
    """The table as anyone might have it: a row an image of 8 × 8 grey values, and what it shows."""
    import polars as pl
    from sklearn.datasets import load_digits

    from glassnet.tables.writers import TableWriter

    images = load_digits()
    frame = pl.DataFrame(images.data.astype(int), schema=[name.replace("_", " ") for name in images.feature_names])
    with TableWriter(file) as writer:
        writer.write(frame.with_columns(pl.Series(TARGET, images.target)).with_row_index("row", offset=1))


def _write_predictions(file: Path, test: Labelled, predicted: Predicted) -> None:
    """What the network says of the test rows, beside the truth."""
    import polars as pl

    from glassnet.tables.writers import TableWriter

    with TableWriter(file) as writer:
        writer.write(prediction_table(predicted, test.ids.with_columns(pl.Series(TARGET, test.y))))


def _draw_curves(file: Path, history: History) -> bool:
    """The loss of every epoch as a picture, if matplotlib is there."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(6, 3.5), layout="constrained")  # without pyplot: no window, no global state
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name in history.columns:
        if name.endswith("loss"):
            axes.plot(history["epoch"], history[name], label=name.replace("_", " "))
    axes.set(xlabel="epoch", ylabel="loss", yscale="log", title="Handwritten digits: training")
    if len(axes.lines) > 1:
        axes.legend()
    figure.savefig(file, dpi=150)
    return True


def _report(trained: Trained, test: Labelled, predicted: Predicted, pictures: bool) -> str:
    """The report, in Markdown."""
    model, history = trained.model, trained.model.history_
    wrong = int((test.y != predicted.values).sum())
    ours, simple = (trained.scores[name]["accuracy"] for name in ("network", "logistic regression"))
    scores = [
        [name, *(metric.spell(values[metric.key]) for metric in CLASSIFICATION if metric.key in values)]
        for name, values in trained.scores.items()
    ]
    classes = list(model.classes_)
    counts = confusion(test.y, predicted.values, classes)
    parts = [
        "# Handwritten digits, told apart by a network",
        f"{trained.rows['training']:,} images of 8 × 8 grey values were learned from, {trained.rows['test']:,} others "
        f"were set aside before training. The network takes {wrong} of those for another digit: it is right in "
        f"{100 * ours:.1f} %, where logistic regression on the same rows is right in {100 * simple:.1f} %.",
        "## Scores on the test rows",
        _markdown(["model", *(m.name for m in CLASSIFICATION if m.key in trained.scores["network"])], scores),
        "## Which digit was taken for which",
        "Rows are what the image shows, columns what the network says.",
        _markdown(["", *map(str, classes)], [[f"**{c}**", *line] for c, line in zip(classes, counts, strict=True)]),
        "## The network",
        f"```text\n{model.network_.summary()}\n```",
        "## How training went",
        f"{len(history)} epochs in {trained.seconds:.1f} s: {history.ended}.",
        *(["![The loss of every epoch](curves.png)"] if pictures else []),
        f"```text\n{history}\n```",
        "## Settings",
        _markdown(["setting", "value"], [[name, str(value)] for name, value in sorted(model.settings_.items())]),
        "## Do it yourself",
        "In this folder:",
        "```console\n"
        f"$ glassnet train digits.csv --target {TARGET} --id row --test {TEST} --force\n"
        "$ glassnet predict model.safetensors digits.csv --out all.csv\n"
        "$ glassnet inspect model.safetensors\n```",
        f"Written by glassnet {glassnet.__version__}. The images: E. Alpaydin, C. Kaynak (1998), *Optical Recognition "
        "of Handwritten Digits*, UCI Machine Learning Repository, as scikit-learn ships them.",
    ]
    return "\n\n".join(parts) + "\n"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned for those who read the source."""
    lines = [list(map(str, line)) for line in (head, *rows)]
    widths = [max(3, *(len(line[place]) for line in lines)) for place in range(len(head))]
    drawn = [
        " | ".join(
            f"{cell:<{w}}" if not at else f"{cell:>{w}}" for at, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    rule = " | ".join("-" * w if not at else "-" * (w - 1) + ":" for at, w in enumerate(widths))
    return "\n".join(f"| {line} |" for line in (drawn[0], rule, *drawn[1:]))
