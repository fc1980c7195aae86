"""What the server answers, as an OpenAPI document: with the columns and classes of the model that it has."""

from __future__ import annotations

from typing import Any, Final

import glassnet
from glassnet.apps.server.answers import ERROR
from glassnet.apps.server.bodies import ARROW, CSV, JSON
from glassnet.apps.server.card import columns
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.model import Served

__all__ = ["example_row", "openapi"]

TYPES: Final[dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "time": {"type": ["string", "null"], "format": "time"},
}
EXAMPLES: Final = {"date": "2024-05-01", "datetime": "2024-05-01T12:30:00", "time": "12:30:00", "boolean": True}


def openapi(served: Served, limits: Limits, guarded: bool) -> dict[str, Any]:
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
            "/model": {"get": _get("What the model is: task, columns, classes, scores")},
            "/health": {
                "get": _get("Whether there are answers, and those of the file as it is now") | {"security": []}
            },
            "/metrics": {
                "get": {
                    "summary": "Counters for Prometheus",
                    "responses": {"200": _content("text/plain", {"type": "string"})},
                }
            },
        },
        "components": {"schemas": {"Row": _row(served), "Answer": _answer(served), "Problem": PROBLEM}},
    }
    if guarded:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"bearer": []}, {"header": []}]
    return document


def example_row(served: Served) -> dict[str, Any]:
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


PROBLEM: Final = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def _predict(served: Served, limits: Limits) -> dict[str, Any]:
    rows = {
        "type": "object",
        "properties": {"rows": {"type": "array", "minItems": 1, "maxItems": limits.rows, "items": _ref("Row")}},
        "required": ["rows"],
    }
    answers = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": _ref("Answer")}, "model": {"type": "string"}},
    }
    table, binary = {"type": "string"}, {"type": "string", "format": "binary"}
    example = {"rows": [example_row(served)]}
    return {
        "summary": "Rows in, predictions out, in the form of the body or of Accept",
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": rows, "example": example},
                CSV: {"schema": table},
                ARROW: {"schema": binary},
            },
        },
        "responses": {
            "200": {
                "description": "An answer for each row; a row that cannot be predicted has its error",
                "content": {JSON: {"schema": answers}, CSV: {"schema": table}, ARROW: {"schema": binary}},
            },
            **_problems(406, 408, 413, 415, 422, 503, 504),
        },
    }


def _explain(served: Served) -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": {"row": _ref("Row"), "language": {"enum": ["en", "zh"], "default": "en"}},
        "required": ["row"],
    }
    answer = {
        "type": "object",
        "properties": {
            "answer": {"type": ["string", "null"]},
            "value": {"type": "number"},
            "base": {"type": "number"},
            "contributions": {"type": "object", "additionalProperties": {"type": "number"}},
            "words": {"type": "string"},
            "model": {"type": "string"},
        },
    }
    return {
        "summary": "Why a row is answered as it is, in numbers and in words",
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": body, "example": {"row": example_row(served), "language": "en"}}},
        },
        "responses": {"200": _content(JSON, answer), **_problems(408, 413, 415, 422, 503, 504)},
    }


def _row(served: Served) -> dict[str, Any]:
    described = columns(served)
    properties = {}
    for column in described:
        schema: dict[str, Any] = dict(TYPES.get(column["kind"], {"type": ["string", "number", "boolean", "null"]}))
        if column.get("levels"):
            schema["examples"] = column["levels"][:20]
        properties[column["name"]] = schema
    return {
        "type": "object",
        "description": "null is a missing value; a level that training did not know is allowed",
        "properties": properties,
        "required": [column["name"] for column in described],
    }


def _answer(served: Served) -> dict[str, Any]:
    number, kinds = {"type": ["number", "null"]}, served.empty.schema
    properties = {
        name: number if kind.is_numeric() else {"type": ["string", "boolean", "null"]} for name, kind in kinds.items()
    }
    return {"type": "object", "properties": properties | {ERROR: {"type": "string"}}}


def _get(summary: str) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": _content(JSON, {"type": "object"})}}


def _content(kind: str, schema: Any) -> dict[str, Any]:
    return {"description": "The answer", "content": {kind: {"schema": schema}}}


def _problems(*codes: int) -> dict[str, Any]:
    return {
        str(code): {"description": "What is wrong, in words", "content": {JSON: {"schema": _ref("Problem")}}}
        for code in codes
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
