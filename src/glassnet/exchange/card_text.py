"""A model card as text: front matter for programs, and sections for people, in one of two languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from glassnet.estimators.kinds import parameters_in_words
from glassnet.insight.numbers import number
from glassnet.insight.report.columns import figures, spelled_levels
from glassnet.insight.report.words import MODELS, span, text
from glassnet.insight.scores import CLASSIFICATION, METRICS, REGRESSION
from glassnet.language import Language
from glassnet.tables.summary import ColumnSummary
from glassnet.visible import visible

Known = Mapping[str, Any]
KIND: Final = {"classification": "card.classifier", "regression": "card.regressor", None: "card.bare"}
SHOWN_COLUMNS: Final = 60
SHOWN_CLASSES: Final = 20

MARKUP: Final = re.compile(r"[\\`*\[\]<>|#]|(?<!\w)_|_(?!\w)")
"""Signs that Markdown takes for more than themselves; an underscore within a word it does not."""


def page(known: Known, name: str, language: Language) -> str:
    """A whole card."""
    sections: dict[str, Callable[[Known, Language], Iterator[str]]] = {
        "description": _description,
        "use": lambda known, language: iter([text("card.fill_in").say(language, what=text("card.use").say(language))]),
        "data": _data,
        "evaluation": _evaluation,
        "how": _how,
        "limits": _limits,
        "versions": _versions,
    }
    blocks = [_front_matter(known, name), f"# {_plain(name)}"]
    for key, section in sections.items():
        title = text(f"card_section.{key}").say(language)
        blocks += [f"## {title}", *section(known, language)]
    return visible("\n\n".join(blocks)) + "\n"


def _front_matter(known: Known, name: str) -> str:
    """What programs read. A value is written as JSON, which YAML takes as it is."""
    task = f"tabular-{known['task']}" if known["task"] else None
    lines = [
        "library_name: glassnet",
        f"tags: {json.dumps([tag for tag in ('glassnet', 'neural-network', task) if tag])}",
    ]
    if task:
        lines.append(f"pipeline_tag: {task}")
    evaluation = known["evaluation"]
    if task and evaluation and evaluation["scores"].get("network"):
        metrics = [{"type": key, "value": value} for key, value in evaluation["scores"]["network"].items()]
        dataset = {"type": "tabular", "name": f"rows with {known['target'] or 'the target'}"}
        result = {"task": {"type": task}, "dataset": dataset, "metrics": metrics}
        lines.append(f"model-index: {json.dumps([{'name': name, 'results': [result]}], ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---"])


def _description(known: Known, language: Language) -> Iterator[str]:
    network, classes = known["network"], known["classes"]
    counts = {"classes": len(classes or ()), "columns": len(known["columns"] or ())}
    parts = [text(KIND[known["task"]]).say(language, **counts, inputs=network["inputs"], outputs=network["outputs"])]
    if known["target"]:
        parts.append(text("card.target").say(language, target=_plain(known["target"])))
    if classes:
        parts.append(text("card.classes").say(language, classes=_listed([str(each) for each in classes], language)))
    yield _sentences(parts, language)
    count = network["networks"]
    networks = text("card.one").say(language) if count == 1 else text("card.several").say(language, count=count)
    sizes = [kind["parameters"] for kind in known["kinds"] or [network]]
    size = {"parameters": parameters_in_words(sizes), "dtype": network["dtype"], "loss": network["loss"]}
    parts = [text("card.size").say(language, networks=networks, **size)]
    if network["members"] > 1:
        parts.insert(0, text("card.members").say(language, count=network["members"]))
    yield _sentences(parts, language)
    yield "\n".join(f"{place}. `{layer}`" for place, layer in enumerate(network["layers"], 1))
    if known["kinds"]:
        yield text("card.of_kinds").say(language)
        rows = [
            [kind["settings"], str(kind["networks"]), f"{kind['parameters']:,}", f"{kind['weight']:.1%}"]
            for kind in known["kinds"]
        ]
        yield _table(_head(language, "kind", "networks", "parameters", "weight"), rows)


def _data(known: Known, language: Language) -> Iterator[str]:
    data = known["data"]
    if data is None:
        yield text("card.no_data").say(language)
    else:
        parts = [text("card.learned").say(language, rows=data["rows"])]
        if data["looked_at"] < data["rows"]:
            parts.append(text("card.looked_at").say(language, rows=data["looked_at"]))
        yield _sentences(parts, language)
        columns = [ColumnSummary.from_plain(column) for column in data["columns"]]
        if columns:
            head = _head(language, "column", "kind", "missing", "distinct", "values")
            yield _table(head, [figures(column, language) for column in columns[:SHOWN_COLUMNS]])
        if data["width"] > SHOWN_COLUMNS or not columns:
            yield text("card.more_columns").say(language, count=data["width"] - min(len(columns), SHOWN_COLUMNS))
        if data["target"] is not None:
            yield _target(ColumnSummary.from_plain(data["target"]), language)
    if known["rows_kept"]:
        yield text("card.kept").say(language, rows=known["rows_kept"])
    yield text("card.fill_in").say(language, what=text("card.origin").say(language))


def _target(target: ColumnSummary, language: Language) -> str:
    if target.ends is None:
        return text("card.target_classes").say(language, levels=_plain(spelled_levels(target)))
    low, middle, high = map(number, target.ends)
    return text("card.target_numbers").say(language, low=low, middle=middle, high=high)


def _evaluation(known: Known, language: Language) -> Iterator[str]:
    found = known["evaluation"]
    if found is None:
        yield text("card.no_scores").say(language)
        return
    rows = found["rows"]
    yield text("card.scored_somewhere").say(language) if rows is None else text("card.scored").say(language, rows=rows)
    others = [name for name in found["scores"] if name != "network"]
    ours, intervals = found["scores"].get("network", {}), found["intervals"]
    metrics = [metric for metric in (*CLASSIFICATION, *REGRESSION) if metric.key in ours]
    head = _head(language, "score", "network", "interval")
    head += [MODELS[name].say(language) if name in MODELS else name for name in others]
    lines = []
    for metric in metrics:
        ends = span(metric, *intervals[metric.key]) if metric.key in intervals else "-"
        theirs = [metric.spell(found["scores"][name].get(metric.key)) for name in others]
        lines.append([METRICS[metric.key].say(language), metric.spell(ours[metric.key]), ends, *theirs])
    yield _table(head, lines)
    if intervals:
        yield text("card.intervals").say(language)


def _how(known: Known, language: Language) -> Iterator[str]:
    estimator = known["columns"] is not None
    rows, inputs = text("card.rows_comment"), known["network"]["inputs"]
    comment = rows.say(language) if estimator else text("card.matrix_comment").say(language, inputs=inputs)
    yield text("card.python").say(language)
    yield "\n".join(
        [
            "```python",
            "import glassnet",
            "",
            'model = glassnet.load("model.safetensors")',
            f"model.predict(X)  # X: {comment}",
            *(["model.predict_proba(X)"] if known["task"] == "classification" else []),
            "```",
        ]
    )
    if estimator:
        yield text("card.terminal").say(language)
        yield "```console\n$ glassnet predict model.safetensors rows.csv\n```"
    yield text("card.safe").say(language)


def _limits(known: Known, language: Language) -> Iterator[str]:
    lines = [text("card.causes").say(language)]
    if known["columns"] is not None:
        lines = [text("card.needs").say(language), text("card.beyond").say(language), *lines]
    if known["temperature"] is not None:
        calibrated = known["temperature"] != 1
        lines.append(
            text("card.calibrated" if calibrated else "card.uncalibrated").say(
                language, temperature=known["temperature"]
            )
        )
    if known["conformal_rows"] is not None:
        lines.append(text("card.promised").say(language, rows=known["conformal_rows"]))
    yield "\n".join(f"- {line}" for line in lines)
    yield text("card.fill_in").say(language, what=text("card.not_for").say(language))


def _versions(known: Known, language: Language) -> Iterator[str]:
    yield text("card.written_with").say(language)
    yield "\n".join(f"- {name} {version}" for name, version in known["versions"].items())


def _head(language: Language, *names: str) -> list[str]:
    return [text(f"card_head.{name}").say(language) for name in names]


def _sentences(parts: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(parts)


def _listed(names: list[str], language: Language) -> str:
    shown = ("、" if language == "zh" else ", ").join(_plain(name) for name in names[:SHOWN_CLASSES])
    more = len(names) - SHOWN_CLASSES
    return shown if more <= 0 else f"{shown} {text('card.more').say(language, count=more)}"


def _plain(words: str) -> str:
    """Text of the user's, which is to be seen as it is and must not become markup."""
    return MARKUP.sub(r"\\\g<0>", " ".join(words.split()))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
