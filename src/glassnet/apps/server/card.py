"""What a model says of itself, as plain data."""

from __future__ import annotations

from typing import Any

import glassnet
from glassnet.apps.saved_model import chosen
from glassnet.apps.server.model import LoadedModel
from glassnet.support.coercion import plain_json
from glassnet.tables.columns.categories import CategoryColumn

SHOWN_LEVELS = 1_000
"""More levels of a category than this are counted, and not named."""


def card(served: LoadedModel) -> dict[str, Any]:
    """The task, the columns that rows must have, the classes, the scores: what whoever asks must know."""
    model = served.model
    record = {
        "model": served.digest,
        "file": served.file.name,
        "loaded": served.loaded.isoformat(timespec="seconds"),
        "glassnet": glassnet.__version__,
        "task": served.task,
        "target": model.notes_.get("target"),
        "classes": getattr(model, "classes_", None),
        **chosen(model),
        "columns": columns(served),
        "ids": served.ids,
        "missing": sorted(served.notation.gaps),
        "answer": served.empty.columns,
        "networks": len(model.networks_),
        "parameters": sum(sum(network.sizes) for network in model.networks_),
        "scores": model.notes_.get("scores"),
    }
    found: dict[str, Any] = plain_json(record)
    return found


def columns(served: LoadedModel) -> list[dict[str, Any]]:
    """For each column of a row its name, what it holds, and the levels or the usual number."""
    plan = served.model.encoder_.plan
    levels = {column.source: column.levels for column in plan.others if isinstance(column, CategoryColumn)}
    block = plan.numbers
    usual = dict(zip(block.sources.tolist()[: block.values], block.mean.tolist(), strict=True))
    described = []
    for source, (name, kind) in enumerate(zip(plan.names, plan.kinds, strict=True)):
        column: dict[str, Any] = {"name": name, "kind": kind}
        if source in usual and kind == "number":
            column["usual"] = usual[source]
        if source in levels:
            known = levels[source]
            column |= {"levels": list(known)} if len(known) <= SHOWN_LEVELS else {"level_count": len(known)}
        described.append(column)
    return described
