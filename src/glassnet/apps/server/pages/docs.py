"""A page for whoever writes a program that asks: the addresses, with commands that can be copied."""

from __future__ import annotations

import json
import shlex
from typing import Any

from glassnet.apps.server.bodies import ARROW, CSV, JSON
from glassnet.apps.server.card import columns
from glassnet.apps.server.model import Served
from glassnet.apps.server.pages.frame import framed
from glassnet.apps.server.pages.openapi import example_row
from glassnet.insight.values import number_text
from glassnet.language import Language, Text
from glassnet.markup import Markup, element, table

__all__ = ["docs_page"]

SHOWN = 100
"""Columns that are listed."""
SHORT = 40
"""Columns of a row in the examples; /openapi.json has it whole."""

TITLE = Text("For programs", "供程序调用")
LEAD = Text("What this server answers.", "本服务可回答的请求。")
SAME = Text("The same as an OpenAPI document", "同一内容的 OpenAPI 文档")
KEY = Text(
    "This server wants its key: send it in the header Authorization: Bearer KEY or X-API-Key: KEY.",
    "本服务需要密钥：请放在请求头 Authorization: Bearer KEY 或 X-API-Key: KEY 中。",
)
PREDICT = Text(
    "Rows in, predictions out, in the form of the body or of Accept. A row that cannot be predicted has its error, "
    "and the others are answered.",
    "提交若干行，返回预测结果；格式与请求体相同，或由 Accept 指定。无法预测的行单独给出错误，其余行照常回答。",
)
EXPLAIN = Text("Why a row is answered as it is, in numbers and in words.", "以数字和文字说明为何如此回答某一行。")
MODEL = Text("What the model is: task, columns, classes, scores.", "模型说明：任务、各列、类别、得分。")
HEALTH = Text(
    "Whether there are answers (never needs the key), and counters for Prometheus.",
    "服务状态（始终无需密钥），以及供 Prometheus 采集的计数。",
)
FORMS, FORM, LOOKS = Text("Forms", "格式"), Text("Content-Type", "Content-Type"), Text("looks like", "形如")
COLUMNS, COLUMN = Text("Columns of a row", "一行的各列"), Text("column", "列")
HOLDS, LEVELS = Text("holds", "类型"), Text("for example", "例如")
KINDS = {
    "number": Text("a number", "数字"),
    "boolean": Text("true or false", "真或假"),
    "duration": Text("a duration", "时长"),
    "date": Text("a date", "日期"),
    "datetime": Text("a date with time", "日期和时间"),
    "time": Text("a time of day", "时刻"),
    "category": Text("text", "文本"),
    "empty": Text("anything", "任意"),
}
MORE = Text("... and {count:,} more, see /model", "……另有 {count:,} 列，见 /model")


def docs_page(served: Served, guarded: bool, base: str, language: Language) -> str:
    """The page.

    Parameters
    ----------
    served : Served
    guarded : bool
        Whether requests need a key.
    base : str
        Where the server is: "http://localhost:8000/".
    language : {"en", "zh"}, optional
    """
    row = dict(list(example_row(served).items())[:SHORT])
    cut = len(served.columns) > SHORT
    forms = [
        (JSON, '{"rows": [{"column": value, ...}, ...]}'),
        (CSV, "column,column,...\\nvalue,value,...\\n"),
        (ARROW, "pyarrow.ipc.new_stream(...)"),
    ]
    parts: list[Markup | None] = [
        element("p", KEY.say(language), class_="warning") if guarded else None,
        element("p", element("a", SAME.say(language), href="/openapi.json")),
        _section("POST /predict", PREDICT.say(language)),
        _example(_curl(base, "predict", _json({"rows": [row]}, cut), guarded)),
        _example(f"curl {base}predict{_with_key(guarded)} -H 'Content-Type: {CSV}' --data-binary @rows.csv"),
        table(FORMS.say(language), [FORM.say(language), LOOKS.say(language)], forms, words=(0, 1)),
        _section("POST /explain", EXPLAIN.say(language)),
        _example(_curl(base, "explain", _json({"row": row, "language": language}, cut), guarded)),
        _section("GET /model", MODEL.say(language)),
        _example(f"curl {base}model{_with_key(guarded)}"),
        _section("GET /health, GET /metrics", HEALTH.say(language)),
        _example(f"curl {base}health\ncurl {base}metrics{_with_key(guarded)}"),
        _columns(served, language),
    ]
    return framed(TITLE.say(language), LEAD.say(language), parts, language, "/docs")


def _section(title: str, words: str) -> Markup:
    return Markup(element("h2", title) + element("p", words))


def _example(text: str) -> Markup:
    return element("pre", element("code", text))


def _with_key(guarded: bool) -> str:
    return ' -H "Authorization: Bearer $GLASSNET_API_KEY"' if guarded else ""


def _curl(base: str, path: str, body: str, guarded: bool) -> str:
    return f"curl {base}{path}{_with_key(guarded)} -H 'Content-Type: {JSON}' \\\n  -d {shlex.quote(body)}"


def _json(value: Any, cut: bool) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("}", ", ...}", 1) if cut else text


def _columns(served: Served, language: Language) -> Markup:
    described = columns(served)
    lines = [
        [
            column["name"],
            KINDS[column["kind"]].say(language),
            ", ".join(column.get("levels", ())[:5]) or (number_text(column["usual"]) if "usual" in column else ""),
        ]
        for column in described[:SHOWN]
    ]
    if len(described) > SHOWN:
        lines.append([MORE.say(language, count=len(described) - SHOWN), "", ""])
    head = [COLUMN.say(language), HOLDS.say(language), LEVELS.say(language)]
    return table(COLUMNS.say(language), head, lines, words=(0, 1, 2))
