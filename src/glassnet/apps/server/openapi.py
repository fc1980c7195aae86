"""The OpenAPI document of the server, with the columns and classes of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import glassnet
from glassnet.apps.saved_model import chosen
from glassnet.apps.server.access import NO_KEY
from glassnet.apps.server.formats import ARROW, CSV, ERROR, JSON
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.model import LoadedModel, columns

EXAMPLES: Final = {"date": "2024-05-01", "datetime": "2024-05-01T12:30:00", "time": "12:30:00", "boolean": True}
TYPES: Final[dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "time": {"type": ["string", "null"], "format": "time"},
}
"""The schema of a cell, by the kind of its column; else it is a level."""
LEVEL: Final = {"type": ["string", "number", "boolean", "null"]}
TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
COUNT: Final = {"type": "integer", "minimum": 0}
MAYBE: Final = {"type": ["string", "null"]}
MOMENT: Final = {"type": "string", "format": "date-time"}
STRICT: Final = {
    "name": "strict",
    "in": "query",
    "schema": {"type": "string"},
    "allowEmptyValue": True,
    "description": "If given, a row that cannot be predicted refuses the request, with 422 and the row's error",
}


def openapi(served: LoadedModel, limits: Limits, guarded: bool) -> dict[str, Any]:
    """The document."""
    target = served.model.notes_.get("target")
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"glassnet: {target}" if isinstance(target, str) else "glassnet",
            "version": glassnet.__version__,
            "description": f"Answers of the model {served.file.name}, a {served.task}.",
        },
        "paths": {
            "/predict": {"post": _predict(served, limits)},
            "/explain": {"post": _explain(served)},
            "/model": {"get": _get("What the model is: task, columns, classes, scores", JSON, _ref("Model"))},
            "/health": {
                "get": _get("Whether there are answers, and those of the file as it is now", JSON, _ref("Health"))
            },
            "/metrics": {"get": _get("Counters for Prometheus", "text/plain", TEXT)},
        },
        "components": {"schemas": _schemas(served)},
    }
    if guarded:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"bearer": []}, {"header": []}]
        document["paths"][NO_KEY]["get"]["security"] = []
    for path, methods in document["paths"].items():
        refused = [] if path == NO_KEY else [401, 421, 503] if guarded else [421, 503]  # by the guard
        for method in methods.values():
            method["responses"] |= _problems(*refused)
    return document


def example_row(served: LoadedModel) -> dict[str, Any]:
    """A row as it could be."""
    row: dict[str, Any] = {}
    for column in columns(served):
        if column.get("levels"):
            row[column["name"]] = column["levels"][0]
        elif "usual" in column:
            row[column["name"]] = float(f"{column['usual']:.3g}")
        else:
            row[column["name"]] = EXAMPLES.get(column["kind"])
    return row


# ------------------------------------------------------------------- requests


def _predict(served: LoadedModel, limits: Limits) -> dict[str, Any]:
    rows = _object(rows={"type": "array", "minItems": 1, "maxItems": limits.rows, "items": _ref("Row")})
    answers = _object(rows=_list(_ref("Answer")), model=TEXT)
    table, binary = {CSV: {"schema": TEXT}}, {ARROW: {"schema": {"type": "string", "format": "binary"}}}
    example = {"rows": [example_row(served)]}
    return {
        "summary": "Rows in, predictions out, in the form of the body or of Accept",
        "parameters": [STRICT],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": rows, "example": example}, **table, **binary},
        },
        "responses": {
            "200": {
                "description": "An answer for each row; a row that cannot be predicted has its error",
                "content": {JSON: {"schema": answers}, **table, **binary},
            },
            **_problems(406, 408, 413, 415, 422, 504),
        },
    }


def _explain(served: LoadedModel) -> dict[str, Any]:
    body = _object({"language": {"enum": ["en", "zh"], "default": "en"}}, row=_ref("Row"))
    example = {"row": example_row(served), "language": "en"}
    return {
        "summary": "Why a row is answered as it is, in numbers and in words",
        "requestBody": {"required": True, "content": {JSON: {"schema": body, "example": example}}},
        "responses": {"200": _content(JSON, _ref("Explanation")), **_problems(408, 413, 415, 422, 504)},
    }


def _get(summary: str, kind: str, schema: Any) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": _content(kind, schema)}}


def _content(kind: str, schema: Any, description: str = "The answer") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema}}}


def _problems(*codes: int) -> dict[str, Any]:
    return {str(code): _content(JSON, _ref("Problem"), "What is wrong, in words") for code in codes}


# ------------------------------------------------- inputs and outputs, as JSON Schema


def _schemas(served: LoadedModel) -> dict[str, Any]:
    """Everything by its name; the model is what :func:`glassnet.apps.server.model.describe` gives."""
    of_column = _object({"usual": NUMBER, "levels": _list(TEXT), "level_count": COUNT}, name=TEXT, kind=TEXT)
    scores = _by_name(_by_name(TYPES["number"]))
    decided = {"positive": LEVEL, "threshold": TYPES["number"]} if chosen(served.model) else {}
    row = _object(**{column["name"]: _cell(column) for column in columns(served)})
    answers = {
        name: TYPES["number"] if kind.is_numeric() else {"type": ["string", "boolean", "null"]}
        for name, kind in served.empty.schema.items()
    }
    return {
        "Row": {**row, "description": "null is a missing value; a level that training did not know is allowed"},
        "Answer": {"type": "object", "properties": answers | {ERROR: TEXT}},
        "Explanation": _object(
            answer=LEVEL, value=NUMBER, base=NUMBER, contributions=_by_name(NUMBER), words=TEXT, model=TEXT
        ),
        "Model": _object(
            model=TEXT,
            file=TEXT,
            loaded=MOMENT,
            glassnet=TEXT,
            task={"enum": ["classification", "regression"]},
            target=MAYBE,
            classes={"type": ["array", "null"], "items": {"type": ["string", "number", "boolean"]}},
            columns=_list(of_column),
            ids=_list(TEXT),
            missing=_list(TEXT),
            answer=_list(TEXT),
            networks=COUNT,
            parameters=COUNT,
            scores={"anyOf": [scores, {"type": "null"}]},
            **decided,
        ),
        "Health": _object(status={"enum": ["ok", "stale"]}, model=TEXT, loaded=MOMENT, problem=MAYBE),
        "Problem": _object(error=TEXT),
    }


def _cell(column: Mapping[str, Any]) -> dict[str, Any]:
    examples = {"examples": column["levels"][:20]} if column.get("levels") else {}
    return TYPES.get(column["kind"], LEVEL) | examples


def _ref(name: str) -> dict[str, str]:
    """What stands for one of them."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(optional: Mapping[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    """An object that has all of these, and perhaps the optional ones."""
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _by_name(values: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}
