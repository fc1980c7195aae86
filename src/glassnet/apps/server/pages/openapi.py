"""What the server answers, as an OpenAPI document: with the columns and classes of the model that it has."""

from __future__ import annotations

from typing import Any, Final

import glassnet
from glassnet.apps.server.bodies import ARROW, CSV, JSON
from glassnet.apps.server.card import columns
from glassnet.apps.server.guard import OPEN
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.model import Served
from glassnet.apps.server.pages.schemas import ref, schemas

__all__ = ["example_row", "openapi"]

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
            "/model": {"get": _get("What the model is: task, columns, classes, scores", JSON, ref("Model"))},
            "/health": {
                "get": _get("Whether there are answers, and those of the file as it is now", JSON, ref("Health"))
            },
            "/metrics": {"get": _get("Counters for Prometheus", "text/plain", {"type": "string"})},
        },
        "components": {"schemas": schemas(served)},
    }
    if guarded:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"bearer": []}, {"header": []}]
        document["paths"][OPEN]["get"]["security"] = []
    for path, methods in document["paths"].items():
        refused = [421] if path == OPEN else [401, 421, 503] if guarded else [421, 503]  # by the guard
        for method in methods.values():
            method["responses"] |= _problems(*refused)
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


def _predict(served: Served, limits: Limits) -> dict[str, Any]:
    rows = {
        "type": "object",
        "properties": {"rows": {"type": "array", "minItems": 1, "maxItems": limits.rows, "items": ref("Row")}},
        "required": ["rows"],
    }
    answers = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": ref("Answer")}, "model": {"type": "string"}},
        "required": ["rows", "model"],
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
            **_problems(406, 408, 413, 415, 422, 504),
        },
    }


def _explain(served: Served) -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": {"row": ref("Row"), "language": {"enum": ["en", "zh"], "default": "en"}},
        "required": ["row"],
    }
    return {
        "summary": "Why a row is answered as it is, in numbers and in words",
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": body, "example": {"row": example_row(served), "language": "en"}}},
        },
        "responses": {"200": _content(JSON, ref("Explanation")), **_problems(408, 413, 415, 422, 504)},
    }


def _get(summary: str, kind: str, schema: Any) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": _content(kind, schema)}}


def _content(kind: str, schema: Any) -> dict[str, Any]:
    return {"description": "The answer", "content": {kind: {"schema": schema}}}


def _problems(*codes: int) -> dict[str, Any]:
    return {
        str(code): {"description": "What is wrong, in words", "content": {JSON: {"schema": ref("Problem")}}}
        for code in codes
    }
