"""The words of the server's pages."""

from __future__ import annotations

from typing import Final

from glassnet.support.language import Text

TEXTS: Final = {
    "page.skip": Text("Skip to content"),
    "page.form": Text("Try a row"),
    "page.docs": Text("API"),
    "page.ways": Text("Pages"),
    "page.written": Text("glassnet {version}. This page loads nothing from other sites and contains no scripts."),
    "form.title": Text("Predict {target}"),
    "form.untitled": Text("Predict"),
    "form.lead": Text(
        "Fill in the columns of a row; empty fields count as missing values. Model {digest}, loaded {loaded}."
    ),
    "form.row": Text("Row"),
    "form.predict": Text("Predict", context="pages"),
    "form.unknown": Text("unknown"),
    "form.true": Text("true"),
    "form.false": Text("false"),
    "form.usual": Text("typically {number}"),
    "form.levels": Text("{count:,} known values"),
    "form.wrong": Text("This row cannot be predicted: {words}"),
    "form.too_many": Text("This model has {count:,} columns, too many to fill in by hand. Use the API instead."),
    "answer.title": Text("Prediction"),
    "answer.classes": Text("Class probabilities"),
    "answer.class": Text("class"),
    "answer.probability": Text("probability"),
    "answer.reasons": Text("Contribution of each column"),
    "answer.column": Text("column"),
    "answer.value": Text("value"),
    "answer.adds": Text("contribution"),
    "docs.lead": Text("Endpoints of this server."),
    "docs.same": Text("OpenAPI document"),
    "docs.key": Text(
        "This server requires an API key: send it in the header Authorization: Bearer KEY or X-API-Key: KEY."
    ),
    "docs.predict": Text(
        "Predict the rows in the request body. The response has the format of the body, or that of the Accept "
        "header. A row that cannot be predicted gets an error; the others are predicted."
    ),
    "docs.explain": Text("Explain the predictions, in numbers and in words."),
    "docs.model": Text("Describe the model: task, columns, classes, scores."),
    "docs.health": Text("Health check (needs no API key), and counters for Prometheus."),
    "docs.forms": Text("Formats"),
    "docs.looks": Text("example"),
    "docs.columns": Text("Columns of a row"),
    "docs.column": Text("column"),
    "docs.holds": Text("type"),
    "docs.levels": Text("for example"),
    "docs.more": Text("... and {count:,} more, see /model"),
    "kind.number": Text("a number", context="pages"),
    "kind.boolean": Text("true or false"),
    "kind.duration": Text("a duration"),
    "kind.date": Text("a date"),
    "kind.datetime": Text("a date with time"),
    "kind.time": Text("a time of day"),
    "kind.category": Text("text"),
    "kind.empty": Text("any"),
}
