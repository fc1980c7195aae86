"""One self-contained page about a model: its verdict, its scores, and how to reproduce it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import glassnet
from glassnet.display.blocks import Block
from glassnet.display.markup import Markup
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.errors import InputError
from glassnet.insight.baselines import deciding_alike, in_folds, simple_models
from glassnet.insight.doctor import diagnose
from glassnet.insight.report.class_sections import calibration, confusions, curves, thresholds
from glassnet.insight.report.column_sections import dependence, distributions, every_column, importance, words
from glassnet.insight.report.making_sections import asked, findings, network, reproduce, split, training
from glassnet.insight.report.quality_sections import compared, explained, residuals, scores, worst_rows
from glassnet.insight.report.subject import Origin, Subject
from glassnet.insight.report.verdict_section import result
from glassnet.insight.shuffled_columns import ColumnGroups
from glassnet.support.atomic_write import atomic_write
from glassnet.support.language import HTML_LANGUAGE, Text, check_language
from glassnet.support.options import VERBOSE, File, Optional, String, checked
from glassnet.tables import TableEncoder

TEMPLATES: Final = Path(__file__).with_name("templates")

SECTIONS: Final[tuple[tuple[str, Callable[[Subject], list[Block]], bool], ...]] = (
    ("result", result, False),
    ("compared", compared, False),
    ("dependence", dependence, False),
    ("words", words, False),
    ("explained", explained, False),
    ("curves", curves, False),
    ("thresholds", thresholds, False),
    ("calibration", calibration, False),
    ("confusions", confusions, False),
    ("residuals", residuals, False),
    ("distributions", distributions, False),
    ("findings", findings, False),
    ("scores", scores, True),
    ("importances", importance, True),
    ("columns", every_column, True),
    ("rows", worst_rows, True),
    ("asked", asked, True),
    ("split", split, True),
    ("training", training, True),
    ("network", network, True),
    ("reproduce", reproduce, True),
)
"""In the order of the page, and whether it is folded: an empty section is left out."""


@checked(
    path=File('For example "report.html"'), column_groups=Optional(ColumnGroups()), target=String(), verbose=VERBOSE
)
def report(
    model: Any, X: Any, y: Any, path: str | os.PathLike[str] = "report.html", *, sample_weight: Any = None,
    training_data: tuple[Any, ...] | None = None, column_groups: Mapping[str, Sequence[str | int]] | None = None,
    target: str = "", language: str | None = None, verbose: bool | int = False,
) -> Path:  # fmt: skip
    """Write a report about a fitted model as one HTML page that needs nothing else.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted, with one target a row.
    X, y : table of rows and their answers
        Rows to evaluate on, which the model was not trained on.
    path : str or path
        The file; one that is there is replaced.
    sample_weight : array-like of shape (rows,), optional
    training_data : (X, y) or (X, y, sample_weight), optional
        The training rows. With them, the report describes the training table, and the baselines are trained on the same
        rows; without them, the baselines are cross-validated on the rows to evaluate on.
    column_groups : mapping from str to sequence of str or int, optional
        Columns whose importance is measured together; see :func:`glassnet.importances`.
    target : str
        The name of the target; if left out, the one that the model remembers from `glassnet train`.
    language : {"en", "zh"}, optional
    verbose : bool
        Whether bars show how far the work is, in a terminal or a notebook.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError, InputTypeError
        If the model is not fitted or has several targets, rows do not fit, or the file cannot be written.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from glassnet import NeuralClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=8, preset="mlp", random_state=0).fit(X[::2], y[::2])
    >>> folder = getfixture("tmp_path")
    >>> report(model, X[1::2], y[1::2], folder / "wine.html", target="cultivar").name
    'wine.html'
    """
    file, spoken = check_path(path), check_language(language)
    subject = Subject.of(
        *(model, X, y, sample_weight),
        language=spoken,
        learned=training_data,
        origin=Origin(target=target),
        column_groups=column_groups,
        verbose=verbose,
    )
    write(page(diagnosed(with_baselines(subject))), file)
    return file


def check_path(path: str | os.PathLike[str]) -> Path:
    """The file of a report, if it could be written."""
    file = Path(path)
    if file.is_dir():
        raise InputError(
            "The path of a report must be a file", Text("{file}, a folder", file=file), "Specify a file in it"
        )
    if not file.parent.is_dir():
        raise InputError("The folder of a report must exist", str(file.parent), "Create it, or choose another")
    if not os.access(file.parent, os.W_OK):
        raise InputError("The folder of a report must be writable", str(file.parent), "Choose another")
    return file


def write(text: str, file: Path) -> None:
    """Write a page, so that it is whole or not there."""
    with atomic_write(file, "the report") as stream:
        stream.write(text.encode())


def with_baselines(subject: Subject) -> Subject:
    """The same beside simple models, if there are rows that they can learn from."""
    learned, weights = subject.learned, getattr(subject.model, "class_weight", None)
    if learned is None:
        plain = TableEncoder(free_text="auto").fit(subject.X).transform(subject.X)
        simple = dict(in_folds(plain, subject.y, subject.weight, classes=subject.classes, class_weight=weights))
    else:
        simple = simple_models(learned, subject.X, classes=subject.classes is not None, class_weight=weights)
    return replace(subject, simple=deciding_alike(simple, subject.model), folds=learned is None)


def diagnosed(subject: Subject) -> Subject:
    """The same with what the doctor finds; without the rows that were learned from, in the network and its training."""
    known: dict[str, Any] = {}
    if subject.learned is not None:
        X, y, weight = subject.learned
        known = {"X": X, "y": y, "sample_weight": weight, "validation_data": (subject.X, subject.y, subject.weight)}
    found = diagnose(subject.model, language=subject.language, verbose=subject.verbose, **known)
    return replace(subject, findings=[*(subject.findings or ()), *found])


def page(subject: Subject) -> str:
    """The whole page as text."""
    sections = [
        {"name": name, "title": subject.say(f"section.{name}"), "blocks": blocks, "folded": folded}
        for name, section, folded in SECTIONS
        if (blocks := section(subject))
    ]
    target, version = subject.origin.target, glassnet.__version__
    day = datetime.datetime.now().astimezone().date().isoformat()
    script = (TEMPLATES / "classes.js").read_text(encoding="utf-8")
    return (
        environment(TEMPLATES)
        .get_template("report.html")
        .render(
            sections=sections,
            title=subject.say("page.title", target=target) if target else subject.say("page.untitled"),
            written=subject.say("page.written", version=version, day=day),
            html_language=HTML_LANGUAGE[subject.language],
            version=version,
            say=subject.say,
            style=Markup(STYLE),
            script=Markup(script),
            fingerprint=fingerprint(script),
        )
    )
