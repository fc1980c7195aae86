"""One self-contained page about a model: what was asked, what came out, and how to make it again."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import glassnet
from glassnet.errors import InputError
from glassnet.insight.baselines import baselines, in_folds
from glassnet.insight.doctor import diagnose
from glassnet.insight.importances import ColumnGroups
from glassnet.insight.report.markup import Markup, element
from glassnet.insight.report.sections.classification import calibration, confusions, curves
from glassnet.insight.report.sections.data import data
from glassnet.insight.report.sections.findings import findings
from glassnet.insight.report.sections.importances import importance
from glassnet.insight.report.sections.network import network, reproduce
from glassnet.insight.report.sections.overview import asked, at_a_glance, split
from glassnet.insight.report.sections.regression import residuals
from glassnet.insight.report.sections.rows import worst_rows
from glassnet.insight.report.sections.scores import scores
from glassnet.insight.report.sections.training import training
from glassnet.insight.report.style import STYLE
from glassnet.insight.report.subject import Origin, Subject
from glassnet.insight.text import Text, check_language
from glassnet.options import File, Maybe, String, checked
from glassnet.replacing import replacing
from glassnet.tables import TableEncoder

__all__ = ["check_path", "compared", "diagnosed", "page", "report", "write"]

SECTIONS: Final[tuple[tuple[str, Text, Callable[[Subject], Markup | None]], ...]] = (
    ("result", Text("At a glance", "概览"), at_a_glance),
    ("asked", Text("What was asked", "任务概要"), asked),
    ("scores", Text("Scores", "得分"), scores),
    ("findings", Text("Findings of the doctor", "诊断"), findings),
    ("data", Text("The data", "数据"), data),
    ("split", Text("Data split", "数据划分"), split),
    ("training", Text("Training", "训练"), training),
    ("calibration", Text("How far to trust the probabilities", "概率是否可信"), calibration),
    ("curves", Text("Thresholds", "阈值"), curves),
    ("confusions", Text("Confusion matrix", "混淆矩阵"), confusions),
    ("residuals", Text("Errors of the predictions", "预测的误差"), residuals),
    ("rows", Text("Rows worth a look", "值得一看的行"), worst_rows),
    ("importances", Text("Importance of the columns", "各列的重要性"), importance),
    ("network", Text("The network", "网络"), network),
    ("reproduce", Text("Reproduce", "复现"), reproduce),
)
"""In the order of the page: a section that has nothing to say is left out."""

TITLE = Text("Report: predicting {target}", "报告：预测 {target}")
NO_TARGET = Text("Report: a network and its predictions", "报告：网络及其预测")
SKIP, CONTENTS = Text("Skip to the report", "跳到正文"), Text("Contents", "目录")
WRITTEN = Text("Written by glassnet {version} on {day}.", "由 glassnet {version} 于 {day} 生成。")
ALONE = Text("This page needs no network and loads nothing.", "本页无需联网，不加载任何外部内容。")
HTML_LANGUAGE: Final = {"en": "en", "zh": "zh-Hans"}


@checked(path=File('For example "report.html"'), column_groups=Maybe(ColumnGroups()), target=String())
def report(
    model: Any, X: Any, y: Any, path: str | os.PathLike[str] = "report.html", *, sample_weight: Any = None,
    training_data: tuple[Any, ...] | None = None, column_groups: Mapping[str, Sequence[str | int]] | None = None,
    target: str = "", language: str = "en",
) -> Path:  # fmt: skip
    """Write a report about a fitted model as one HTML page that needs nothing else.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted, with one target a row.
    X, y : table of rows and their answers
        To judge by: none of them learned from.
    path : str or path
        The file; one that is there is replaced.
    sample_weight : array-like of shape (rows,), optional
    training_data : (X, y) or (X, y, sample_weight), optional
        The rows that were learned from. With them the table is described, and the simple models to compare with learn
        from the same rows; without, those learn from the rows to judge by, in folds.
    column_groups : mapping from str to sequence of str or int, optional
        Columns whose importance is measured together; see :func:`glassnet.importances`.
    target : str
        What the answers are called.
    language : {"en", "zh"}

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
    )
    write(page(diagnosed(compared(subject))), file)
    return file


def check_path(path: str | os.PathLike[str]) -> Path:
    """The file of a report, if it could be written.

    Raises
    ------
    InputError
        If not.
    """
    file = Path(path)
    if file.is_dir():
        raise InputError("The path of a report must be a file", f"{file}, a folder", "Name a file in it")
    if not file.parent.is_dir():
        raise InputError("The folder of a report must exist", str(file.parent), "Make it, or name another")
    if not os.access(file.parent, os.W_OK):
        raise InputError("The folder of a report must be writable", str(file.parent), "Name another")
    return file


def write(text: str, file: Path) -> None:
    """Write a page, so that it is whole or not there."""
    with replacing(file, "the report") as stream:
        stream.write(text.encode())


def compared(subject: Subject) -> Subject:
    """The same beside simple models, if there are rows that they can learn from."""
    classes = subject.classes is not None
    weights = subject.model.get_params().get("class_weight")
    if subject.learned is None:
        return subject.compared(
            in_folds(_plain(subject.X), subject.y, subject.weight, classes=subject.classes, class_weight=weights),
            folds=True,
        )
    encoder = TableEncoder().fit(subject.learned.X, subject.learned.weight)
    return subject.compared(
        baselines(
            encoder.transform(subject.learned.X), subject.learned.y, subject.learned.weight,
            encoder.transform(subject.X), classes=classes, class_weight=weights,
        ),
        folds=False,
    )  # fmt: skip


def diagnosed(subject: Subject) -> Subject:
    """The same with what the doctor finds; without the rows that were learned from, in the network and its training."""
    model, learned = subject.model, subject.learned
    if learned is None:
        found = diagnose(model, language=subject.language)
    else:
        judged = (subject.X, subject.y, subject.weight)
        found = diagnose(
            *(model, learned.X, learned.y), sample_weight=learned.weight, validation_data=judged,
            language=subject.language,
        )  # fmt: skip
    return replace(subject, findings=list(found))


def _plain(X: Any) -> Any:
    return TableEncoder().fit(X).transform(X)


def page(subject: Subject) -> str:
    """The whole page as text."""
    drawn = [
        (name, subject.say(title), content)
        for name, title, section in SECTIONS
        if (content := section(subject)) is not None
    ]
    target = subject.origin.target
    title = subject.say(TITLE, target=target) if target else subject.say(NO_TARGET)
    day = datetime.datetime.now().astimezone().date().isoformat()
    written = subject.say(WRITTEN, version=glassnet.__version__, day=day)
    links = [element("li", element("a", words, href=f"#{name}")) for name, words, _ in drawn]
    body = [
        element("a", subject.say(SKIP), href="#main", class_="skip"),
        element("header", element("div", element("h1", title), element("p", written), class_="wide")),
        element("nav", element("ul", *links, class_="wide"), aria_label=subject.say(CONTENTS)),
        element("main", *_sections(drawn), id="main", class_="wide", tabindex="-1"),
        element("footer", element("div", subject.say(ALONE), class_="wide")),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=f"glassnet {glassnet.__version__}"),
        element("title", title),
        Markup(f"<style>{STYLE}</style>"),
    ]
    whole = element("html", element("head", *head), element("body", *body), lang=HTML_LANGUAGE[subject.language])
    return f"<!DOCTYPE html>\n{whole}\n"


def _sections(drawn: Iterable[tuple[str, str, Markup]]) -> list[Markup]:
    return [
        element(
            "section", element("h2", words, id=f"{name}-heading"), content, id=name, aria_labelledby=f"{name}-heading"
        )
        for name, words, content in drawn
    ]
