"""Write a model as one HTML page: its graph as data, the fields of its form, the kind of its answers."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import glassnet
from glassnet.display.markup import Markup
from glassnet.display.templating import STYLE, environment, fingerprint
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Classifier, Regressor
from glassnet.estimators.class_targets import HALF, ClassTargets
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.graph import model_graph
from glassnet.exchange.graph.dataflow import Graph
from glassnet.exchange.graph.encoder_graph import DAY, MATRIX
from glassnet.exchange.page.graph_data import FINENESS, plain_graph
from glassnet.insight.answer import ScalarOutput
from glassnet.support.atomic_write import atomic_write, checked_suffix
from glassnet.support.escape_controls import escape_controls, escape_controls_in_json
from glassnet.support.language import Language, Text, asked_language, check_language, opened_in
from glassnet.support.options import File, String, checked
from glassnet.support.scripts import joined, web_text
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.table_summary import ColumnSummary, TableSummary

LARGEST: Final = 10_000_000
"""The maximum bytes of a page that can be mailed, and that opens and answers a slider at once on a phone."""
MOST_SAVED: Final = 0.75
"""No rounding makes a page smaller than this share of it."""
MOST_SENT: Final = 1_000_000
"""A model of more numbers stays with its server: writing it into a page would take seconds and megabytes."""
SCRIPT: Final = "model/main.js"
MOST: Final = 200
"""The most fields that a person fills in."""
REACH: Final = 3
"""Where the ends are not known, so many deviations on both sides of the mean stand for them."""


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
        The coverage of intervals and sets, where the model was conformalized.
    language : {"en", "zh"}, optional
        The initial language; by default the one that is set (:func:`glassnet.set_language`), else the browser's.

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
    >>> to_html(model, getfixture("tmp_path") / "iris.html", target="species").stat().st_size < 115_000
    True
    """
    rule, remedy = Text("A page must have a name that ends in .html"), Text("For example app.html")
    path = checked_suffix(path, (".html", ".htm"), rule, remedy)
    if not isinstance(model, (Classifier, Regressor)):
        rule = Text("A model as a page must be a NeuralClassifier or a NeuralRegressor")
        raise InputTypeError(rule, type(model).__name__, "Of a network make one with their `from_network`")
    language = asked_language() if language is None else check_language(language)
    page = model_page(model, target=target, coverage=coverage)
    with atomic_write(path, "the page") as file:
        file.write(opened_in(page.text, language).encode())
    return path


class PageServer(NamedTuple):
    """The server that a page comes from."""

    model: str
    """What it calls its model."""
    loaded: str
    """When it read the model, for people."""
    private: bool
    """Whether the model stays with it: the page then asks it for every answer."""


class ModelPage(NamedTuple):
    """A page in both languages, and its content security policy."""

    text: str
    policy: str


def model_page(model: Any, *, target: str = "", coverage: float = 0.9, server: PageServer | None = None) -> ModelPage:
    """Return the page of a model; from a server it asks that server for answers where it must not hold the model.

    That is so where the server keeps its model, or where the page would be too large.

    Raises
    ------
    InputError
        If the model does what a graph cannot say, has too many columns, or would, without a server, take too much.
    """
    graph = model_graph(model, coverage=coverage)
    table, target = model.data_, target or str(model.notes_.get("target") or "")
    about = {
        "fields": fields_of(graph, model.encoder_.plan, table),
        "answer": described_answer(model, graph, coverage),
        "ngrams": sum(len(column.ngrams) for column in model.encoder_.plan.texts),
        "target": escape_controls(target),
        "rows": table.rows if table is not None else None,
        "version": glassnet.__version__,
        "server": None if server is None else {"model": server.model, "loaded": server.loaded},
    }
    numbers = sum(network.layout.size * network.members for network in model.networks_)
    asks = server is not None and (server.private or numbers > MOST_SENT)
    for fineness in () if asks else FINENESS:
        page = _page({"graph": plain_graph(graph, len(model.networks_), fineness), **about})
        size = len(page.text.encode())
        if size <= LARGEST:
            return page
        if MOST_SAVED * size > LARGEST:
            break
    if server is None:
        remedy = Text('Train a smaller model, for example with preset="fast", or export it to ".py"')
        raise InputError(
            Text("A page must stay below {size} MB", size=LARGEST // 10**6),
            Text("{count:.1f} MB", count=size / 10**6),
            remedy,
        )
    return _page({"graph": None, **about})


def _page(about: dict[str, Any]) -> ModelPage:
    """Fill in the page, which runs its own script alone and loads nothing, also if a model injects markup."""
    page = web_text("model/page.html")
    script = f"{joined(SCRIPT, page)};"
    style = f"{STYLE}\n{web_text('model/page.css')}"
    asks = about["graph"] is None
    policy = (
        f"default-src 'none'; style-src 'sha256-{fingerprint(style)}'; script-src 'sha256-{fingerprint(script)}'; "
        f"img-src data:; base-uri 'none'; form-action 'none'"
    ) + ("; connect-src 'self'" if asks else "")
    text = (
        environment()
        .from_string(page)
        .render(
            title=about["target"] or "glassnet",
            version=about["version"],
            policy=Markup(policy),
            asks=asks,
            server=about["server"] is not None,
            style=Markup(style),
            script=Markup(script),
            model=Markup(_in_a_page(about)),
        )
    )
    return ModelPage(text, policy)


def _in_a_page(value: Any) -> str:
    """JSON that ends no element: "<" is written as its number."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return escape_controls_in_json(text).replace("<", "\\u003c")


def fields_of(graph: Graph, plan: EncoderPlan, table: TableSummary | None) -> list[dict[str, Any]]:
    """A field for each column of the graph's inputs, in their order, as strict JSON."""
    matrix = graph.inputs[0].name == MATRIX and graph.inputs[0].kind == "matrix"
    names = list(plan.names) if matrix else [source.name for source in graph.inputs]
    if len(names) > MOST:
        rule = Text("A page has a form with a field per column: there must be at most {count} columns", count=MOST)
        remedy = Text('Train with fewer columns (see the importances), or export to ".py" or ".onnx"')
        raise InputError(rule, Text("{count:,} columns", count=len(names)), remedy)
    known = {column.name: column for column in table.columns} if table is not None else {}
    levels = {column.name: column for column in plan.others if isinstance(column, CategoryColumn)}
    kinds = dict(zip(plan.names, plan.described_kinds, strict=True))
    usual = _usual(plan)
    return [
        {"name": escape_controls(name), "kind": kinds[name], "gaps": name in known and known[name].gaps > 0}
        | ({} if escape_controls(name) == name else {"key": name})
        | (
            _levels(levels[name], known.get(name))
            if name in levels
            else {"usual": ""}
            if kinds[name] == "text"
            else _range(kinds[name], known.get(name), usual.get(name))
        )
        for name in names
    ]


def _usual(plan: EncoderPlan) -> dict[str, tuple[float, float]]:
    """Mean and deviation (or median and distance of quartiles) of each number that varies."""
    block = plan.numbers
    names = plan.number_names[: block.values]
    pairs = zip(block.mean.tolist(), block.scale.tolist(), strict=True)
    return dict(zip(names, pairs, strict=True))


def _levels(column: CategoryColumn, known: ColumnSummary | None) -> dict[str, Any]:
    usual = next((level for level, _ in known.levels if level in column.levels), None) if known else None
    return {
        "levels": list(column.levels),
        "shown": [escape_controls(level) for level in column.levels],
        "other": column.other,
        "usual": usual if usual is not None else column.levels[0] if column.levels else None,
    }


def _range(kind: str, known: ColumnSummary | None, usual: tuple[float, float] | None) -> dict[str, Any]:
    """The ends, the middle, and whether all are whole numbers; no ends where they are unknown."""
    if kind == "boolean":
        return {"usual": float(known is not None and _mostly_true(known))}
    if known is None or known.ends is None:
        mean, deviation = usual or (0.0, 0.0)
        ends = [mean - REACH * deviation, mean + REACH * deviation] if deviation not in (0.0, 1.0) else None
        return {"ends": ends, "usual": mean, "whole": False}
    low, middle, high = known.ends
    if kind == "date":
        low, middle, high = low // DAY, middle // DAY, high // DAY
    whole = kind == "date" or (low.is_integer() and high.is_integer() and known.distinct <= high - low + 1)
    usual_one = float(round(middle)) if whole else _in_few_digits(low, middle, high) if kind == "number" else middle
    return {"ends": [low, high], "usual": usual_one, "whole": whole}


def _in_few_digits(low: float, middle: float, high: float) -> float:
    """The middle to the hundredth part of its way to the nearer end: what lies between two rows has endless digits."""
    distance = min(middle - low, high - middle)
    return round(middle, 2 - math.floor(math.log10(distance))) if distance > 0 else middle


def _mostly_true(known: ColumnSummary) -> bool:
    counts = dict(known.levels)
    return counts.get("True", 0) > counts.get("False", 0)


def described_answer(model: Any, graph: Graph, coverage: float) -> dict[str, Any]:
    """The answer as strict JSON: which output of the graph it is, its kind, the names of its numbers."""
    kind = ScalarOutput(model, 0 if isinstance(model.classes_, list) else None).kind if _classifies(model) else "number"
    output = next(name for name in ("probabilities", "scores", "quantiles", "value") if name in graph.outputs)
    names = _names(model, graph, output)
    levels = model.network_.loss.levels
    positive = model.targets_.positive if len(names) == 2 and isinstance(model.targets_, ClassTargets) else None
    threshold = None if positive is None or model.decision_threshold_ == HALF else model.decision_threshold_
    costs = getattr(model.targets_, "costs", None)
    quantiles = output == "quantiles" and len(names) == len(levels)
    return {
        "output": output,
        "kind": kind,
        "names": names,
        "scores": model.network_.outputs,  # of a network
        "exclusive": _classifies(model) and "label" in graph.outputs and not isinstance(model.classes_, list),
        "positive": positive,  # its place among the names
        "threshold": threshold,
        "costs": None if costs is None else costs.tolist(),
        "middle": min(range(len(levels)), key=lambda place: abs(levels[place] - 0.5)) if quantiles else 0,
        "interval": f"{levels[-1] - levels[0]:.0%}" if quantiles else f"{coverage:.0%}",
        "usual": _usual_answer(model),
    }


def _classifies(model: Any) -> bool:
    return isinstance(model, Classifier)


def _names(model: Any, graph: Graph, output: str) -> list[str]:
    shape = graph.outputs[output].shape
    width = shape[1] if len(shape) > 1 else 1
    if _classifies(model) and not isinstance(model.classes_, list):
        classes = [escape_controls(str(one)) for one in model.classes_.tolist()]
        return classes[-width:]  # of two classes there may be the score of the second alone
    if output == "quantiles":
        levels = [f"{level:.0%}" for level in model.network_.loss.levels]
        targets = width // len(levels)
        return (
            levels if targets == 1 else [f"{target}: {level}" for target in range(1, targets + 1) for level in levels]
        )
    return [str(number) for number in range(1, width + 1)]


def _usual_answer(model: Any) -> Any:
    """Of classes the share of each in training, in the order of the names; of a number its ends and its middle."""
    target = model.data_.target if model.data_ is not None else None
    if target is None:
        return None
    if not _classifies(model):
        return target.ends
    counts = dict(target.levels)
    total = sum(counts.values())
    return [counts.get(str(one), 0) / total for one in model.classes_.tolist()] if total else None
