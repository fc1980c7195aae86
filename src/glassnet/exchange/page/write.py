"""From a graph to a page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import glassnet
from glassnet.display.markup import Markup
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.graph import model_graph
from glassnet.exchange.page.form import described_answer, fields_of
from glassnet.exchange.page.graph import FINENESS, plain_graph
from glassnet.support.atomic_write import atomic_write, checked_suffix
from glassnet.support.escape_controls import escape_controls, escape_controls_in_json
from glassnet.support.language import Language, asked_language, check_language, opened_in
from glassnet.support.options import File, String, checked
from glassnet.support.scripts import joined, web_text

LARGEST: Final = 10_000_000
"""Bytes of a page: what is still sent by mail, and opens and answers a slider at once on a phone."""
MOST_SAVED: Final = 0.75
"""No rounding makes a page smaller than this share of it."""
SCRIPT: Final = "model/main.js"


@checked(path=File('For example "app.html"'), target=String(), coverage=COVERAGE)
def to_html(
    model: Any,
    path: str | os.PathLike[str],
    *,
    target: str = "",
    coverage: float = 0.9,
    language: Language | None = None,
) -> Path:
    """Write a model as one web page for people who have no Python: a form, the prediction, its reasons, what-if curves.

    The page needs a browser alone: it holds the model and computes everything itself, loads nothing and sends nothing.
    It is in English and Chinese, and its reader may switch. Of the training table it holds the names of columns
    and classes, the levels of categories, of each number the smallest, the middle and the largest value, and how
    frequent the classes were; no rows.

    Reasons are Shapley values against a reference row, at first the row of medians and most frequent levels: they sum
    to the difference of the two answers.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    path : str or path
        Ends in ".html". A file that is there already is replaced.
    target : str
        What the answers are called; "": as the command line was told in training, if it was.
    coverage : float in (0, 1)
        What intervals and sets promise, where the model was conformalized.
    language : {"en", "zh"}, optional
        What the page opens in; by default what is set (:func:`glassnet.set_language`), else what the browser prefers.

    Returns
    -------
    Path

    Raises
    ------
    InputError, InputTypeError
        If the model does what a graph cannot say, has more than 200 columns, or would take more than 10 MB.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=8, preset="mlp", epochs=5).fit(X, y)
    >>> to_html(model, getfixture("tmp_path") / "iris.html", target="species").stat().st_size < 100_000
    True
    """
    rule, remedy = "A page must have a name that ends in .html", "For example app.html"
    path = checked_suffix(path, (".html", ".htm"), rule, remedy)
    if not isinstance(model, (Classifier, Regressor)):
        rule = "A model as a page must be a NeuralClassifier or a NeuralRegressor"
        raise InputTypeError(rule, type(model).__name__, "Of a network make one with their `from_network`")
    language = asked_language() if language is None else check_language(language)
    for text in _pages(model, target or str(model.notes_.get("target") or ""), coverage):
        page = opened_in(text, language).encode()
        if len(page) <= LARGEST or MOST_SAVED * len(page) > LARGEST:
            break
    if len(page) > LARGEST:
        remedy = 'Train a smaller model, for example with preset="fast", or export it to ".py"'
        raise InputError(f"A page must stay below {LARGEST // 10**6} MB", f"{len(page) / 10**6:.1f} MB", remedy)
    with atomic_write(path, "the page") as file:
        file.write(page)
    return path


def _pages(model: Any, target: str, coverage: float) -> Iterator[str]:
    """The page, then smaller ones whose weights are rounded more."""
    graph = model_graph(model, coverage=coverage)
    table = model.data_
    about = {
        "fields": fields_of(graph, model.encoder_.plan, table),
        "answer": described_answer(model, graph, coverage),
        "target": escape_controls(target),
        "rows": table.rows if table is not None else None,
        "version": glassnet.__version__,
    }
    script = f"{joined(SCRIPT)};"
    style = f"{STYLE}\n{web_text('model/page.css')}"
    template = environment().from_string(web_text("model/page.html"))
    for fineness in FINENESS:
        yield template.render(
            title=target or "glassnet",
            version=glassnet.__version__,
            style=Markup(style),
            style_fingerprint=fingerprint(style),
            script=Markup(script),
            script_fingerprint=fingerprint(script),
            model=Markup(_in_a_page({"graph": plain_graph(graph, len(model.networks_), fineness), **about})),
        )


def _in_a_page(value: Any) -> str:
    """JSON that ends no element: "<" is written as its number."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return escape_controls_in_json(text).replace("<", "\\u003c")
