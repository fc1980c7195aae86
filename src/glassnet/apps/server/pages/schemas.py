"""What goes in and what comes out, as JSON Schema: with the columns and classes of the model that is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from glassnet.apps.server.answers import ERROR
from glassnet.apps.server.card import columns
from glassnet.apps.server.model import Served

__all__ = ["ref", "schemas"]

TYPES: Final[dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "time": {"type": ["string", "null"], "format": "time"},
}
TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
COUNT: Final = {"type": "integer", "minimum": 0}
MAYBE: Final = {"type": ["string", "null"]}
MOMENT: Final = {"type": "string", "format": "date-time"}


def schemas(served: Served) -> dict[str, Any]:
    """Everything by its name."""
    return {
        "Row": _row(served),
        "Answer": _answer(served),
        "Explanation": _object(
            answer={"type": ["string", "number", "boolean", "null"]},
            value=NUMBER,
            base=NUMBER,
            contributions=_by_name(NUMBER),
            words=TEXT,
            model=TEXT,
        ),
        "Model": _model(),
        "Health": _object(status={"enum": ["ok", "stale"]}, model=TEXT, loaded=MOMENT, problem=MAYBE),
        "Problem": _object(error=TEXT),
    }


def ref(name: str) -> dict[str, str]:
    """What stands for one of them."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(optional: Mapping[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    """An object that has all of these, and perhaps the optional ones."""
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _by_name(values: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


def _model() -> dict[str, Any]:
    """What :func:`glassnet.apps.server.card.card` gives."""
    column = _object({"usual": NUMBER, "levels": _list(TEXT), "level_count": COUNT}, name=TEXT, kind=TEXT)
    scores = _by_name(_by_name({"type": ["number", "null"]}))
    return _object(
        model=TEXT,
        file=TEXT,
        loaded=MOMENT,
        glassnet=TEXT,
        task={"enum": ["classification", "regression"]},
        target=MAYBE,
        classes={"type": ["array", "null"], "items": {"type": ["string", "number", "boolean"]}},
        columns=_list(column),
        ids=_list(TEXT),
        missing=_list(TEXT),
        answer=_list(TEXT),
        networks=COUNT,
        parameters=COUNT,
        scores={"anyOf": [scores, {"type": "null"}]},
    )


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
