"""Write a model as one JavaScript module, without dependencies: the graph as data, and what carries it out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.graph import Graph, model_graph
from glassnet.exchange.graph.dataflow import ANSWERS
from glassnet.exchange.page.graph_data import plain_graph
from glassnet.support.atomic_write import atomic_write, checked_suffix
from glassnet.support.escape_controls import escape_controls_in_json
from glassnet.support.language import Text
from glassnet.support.options import File, checked
from glassnet.support.scripts import joined

PREDICTOR: Final = "model/predictor.js"
TYPES: Final = {
    "number": "number | null",
    "boolean": "boolean | number | null",
    "duration": "number | null",
    "time": "string | number | null",
    "date": "Date | string | null",
    "datetime": "Date | string | null",
    "category": "string | number | boolean | null",
    "text": "string | null",
}
"""The cells of each kind of column, as JSDoc has them: seconds, or text such as "12:30"; `Date`, or ISO 8601."""
MOST_EXACT: Final = 2**53
"""Beyond, JavaScript's numbers leave some out."""
OUTPUT_TYPES: Final = {"U": "string", "b": "boolean"}
MODULE: Final = """\
// Predictions of a {model}, written by glassnet {version}. Needs nothing but a browser or node, from version 18 on.
//
//     import {{ predict{example} }} from "./{file}";
//     predict({{ {first}: ..., ... }});

/** @typedef {{{{ {columns} }}}} Row  Cells by the names of the columns; null: unknown */
/** @typedef {{{{ {outputs} }}}} Answer  {meanings} */
/** @typedef {{Row | any[]}} Cells */
/** Of a row, or of each of an array of rows. @template T @typedef {{{{ (rows: Cells[]): T[]; (row: Cells): T }}}} Of */

const {{ Predictor }} = {script};
const predictor = await Predictor.read({data});

/** The names of the columns, in their order. */
export const columns = predictor.columns.map(({{ name }}) => name);
{classes}
/** Every output. @type {{Of<Answer>}} */
export const answers = (rows) => (many(rows) ? predictor.answers(rows) : predictor.answers([rows])[0]);
const many = (rows) => Array.isArray(rows) && rows.every((row) => Object(row) === row && !(row instanceof Date));
const of = (/** @type {{any}} */ found, name) => found.map?.((row) => row[name]) ?? found[name];

/** The {what}. @type {{Of<Answer["{main}"]>}} */
export const predict = (/** @type {{any}} */ rows) => of(answers(rows), "{main}");
{probabilities}"""
CLASSES: Final = """
/** The classes, in the order of their probabilities. */
export const classes = {classes};
"""
PROBABILITIES: Final = """
/** The probabilities, in the order of `classes`. @type {Of<number[]>} */
export const predictProba = (/** @type {any} */ rows) => of(answers(rows), "probabilities");
"""


@checked(path=File('For example "model.mjs"'), coverage=COVERAGE)
def to_javascript(model: Any, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
    """Write a model as one JavaScript module without dependencies, for browsers and node.

    It exports ``predict``, ``answers`` and, of a classifier with probabilities, ``predictProba``, each of one row or of
    an array of rows, with types in JSDoc. A row is an object with the cells by the names of the columns: numbers,
    texts, dates as `Date` or in ISO 8601; null is unknown. Weights are rounded as on a page: probabilities agree to
    1e-5, or to 1e-3 where columns take very few values, one of them rare.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted.
    path : str or path
        Ends in ".mjs". A file that is there already is replaced.
    coverage : float in (0, 1)
        The coverage of intervals and sets, where the model was conformalized.

    Returns
    -------
    Path

    Raises
    ------
    InputError, InputTypeError
        If the model does what a graph cannot say; the message names it.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=8, preset="mlp", epochs=5).fit(X, y)
    >>> file = to_javascript(model, getfixture("tmp_path") / "iris.mjs")
    >>> "export const predictProba" in file.read_text()
    True
    """
    rule = Text("A JavaScript module must have a name that ends in .mjs")
    path = checked_suffix(path, (".mjs",), rule, Text("For example model.mjs"))
    graph = model_graph(model, coverage=coverage)
    large = [one for one in json.loads(graph.about.get("classes", "[]")) if type(one) is int and abs(one) > MOST_EXACT]
    if large:
        rule = Text("Whole numbers in JavaScript must lie within ±2⁵³")
        raise InputError(rule, Text("the class {value}", value=large[0]), "Train with classes as text")
    with atomic_write(path) as file:
        file.write(_module(graph, path.name, len(getattr(model, "networks_", [model]))).encode())
    return path


def _module(graph: Graph, file: str, members: int) -> str:
    columns = _columns(graph)
    main = next(name for name in ("label", "value", "quantiles", "answer") if name in graph.outputs)
    proba = "probabilities" in graph.outputs
    booleans = [name for name, node in graph.outputs.items() if node.dtype.kind == "b"]
    data = {"graph": plain_graph(graph, members), "columns": columns, "output": main, "booleans": booleans}
    types = {
        name: OUTPUT_TYPES.get(node.dtype.kind, "number") + "[]" * (len(node.shape) > 1)
        for name, node in graph.outputs.items()
    }
    return MODULE.format(
        model=graph.about["model"],
        version=graph.about["version"],
        file=file,
        example=", predictProba" if proba else "",
        first=_quoted(columns[0]["name"]),
        columns=", ".join(f"{_quoted(one['name'])}: {TYPES[one['kind']]}" for one in columns),
        outputs=", ".join(f"{name}: {kind}" for name, kind in types.items()),
        meanings="; ".join(f"{name}: {ANSWERS[name].format(classes='`classes`')}" for name in graph.outputs),
        script=joined(PREDICTOR),
        data=escape_controls_in_json(json.dumps(data, ensure_ascii=False, separators=(",", ":"))),
        classes=CLASSES.format(classes=graph.about["classes"]) if "classes" in graph.about else "",
        what=ANSWERS[main].removeprefix("the ").partition(",")[0],
        main=main,
        probabilities=PROBABILITIES if proba else "",
    )


def _columns(graph: Graph) -> list[dict[str, str]]:
    """The columns of the graph's inputs; those of a matrix one by one."""
    if graph.inputs[0].kind == "matrix":
        return [{"name": f"x{place}", "kind": "number"} for place in range(graph.inputs[0].node.shape[1])]
    return [{"name": one.name, "kind": one.kind} for one in graph.inputs]


def _quoted(name: str) -> str:
    """A name in quotation marks, in a comment."""
    return json.dumps(name, ensure_ascii=False).replace("*/", "*\\/")
