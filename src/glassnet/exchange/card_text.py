"""A model card as text: front matter for programs, and sections for people, in one of two languages."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from glassnet.display.numbers import number, probability
from glassnet.estimators.ensemble import parameters_in_words
from glassnet.insight.report.columns import figures, spelled_levels
from glassnet.insight.report.formatting import MODELS, reasons_of_decision, span
from glassnet.insight.report.texts import TEXTS
from glassnet.insight.scores import CLASSIFICATION, METRICS, OF_POSITIVE, REGRESSION
from glassnet.insight.strongest_words import heading, note, word_in_words
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Language, sentences
from glassnet.tables.table_summary import ColumnSummary

Known = Mapping[str, Any]
KIND: Final = {"classification": "card.classifier", "regression": "card.regressor", None: "card.bare"}
SHOWN_COLUMNS: Final = 60
SHOWN_CLASSES: Final = 20

MARKUP: Final = re.compile(r"[\\`*\[\]<>|#]|(?<!\w)_|_(?!\w)")
"""Signs that Markdown takes for more than themselves; an underscore within a word it does not."""


def page(known: Known, name: str, language: Language, model_file: str) -> str:
    """A whole card; `model_file` is loaded where it says how to use the model."""
    card = _Card(known, language, model_file)
    blocks = [_front_matter(known, name), f"# {_plain(name)}"]
    for section in ("description", "use", "data", "evaluation", "how", "limits", "versions"):
        title = card.say(f"card_section.{section}")
        blocks += [f"## {title}", *getattr(card, section)()]
    return escape_controls("\n\n".join(blocks)) + "\n"


def _front_matter(known: Known, name: str) -> str:
    """The front matter, read by programs. Values are written as JSON, which is valid YAML."""
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


class _Card(NamedTuple):
    """The sections of a card, each as blocks."""

    known: Known
    language: Language
    model_file: str

    def say(self, name: str, **values: Any) -> str:
        """A text by its name in the catalogue."""
        return TEXTS[name].say(self.language, **values)

    def use(self) -> Iterator[str]:
        yield self.say("card.fill_in", what=self.say("card.use"))

    def description(self) -> Iterator[str]:
        network, classes = self.known["network"], self.known["classes"]
        counts = {"classes": len(classes or ()), "columns": len(self.known["columns"] or ())}
        parts = [self.say(KIND[self.known["task"]], **counts, inputs=network["inputs"], outputs=network["outputs"])]
        if self.known["target"]:
            parts.append(self.say("card.target", target=_plain(self.known["target"])))
        if classes:
            parts.append(self.say("card.classes", classes=self._listed([str(each) for each in classes])))
        if self.known["positive"] is not None:
            positive, threshold = _plain(str(self.known["positive"])), probability(self.known["threshold"])
            parts.append(self.say("card.positive", positive=positive, threshold=threshold))
        names = [_plain(str(each)) for each in classes or ()]
        parts += reasons_of_decision(self.known["chosen_for"], self.known["costs"], names, self.say)
        yield sentences(parts, self.language)
        count = network["networks"]
        networks = self.say("card.one") if count == 1 else self.say("card.several", count=count)
        sizes = [kind["parameters"] for kind in self.known["kinds"] or [network]]
        size = {"parameters": parameters_in_words(sizes), "dtype": network["dtype"], "loss": network["loss"]}
        parts = [self.say("card.size", networks=networks, **size)]
        if network["members"] > 1:
            parts.insert(0, self.say("card.members", count=network["members"]))
        yield sentences(parts, self.language)
        yield "\n".join(f"{place}. `{layer}`" for place, layer in enumerate(network["layers"], 1))
        if network["ngrams"]:
            yield self.say("network.ngrams", count=network["ngrams"])
        if self.known["kinds"]:
            yield self.say("card.of_kinds")
            rows = [
                [kind["settings"], str(kind["networks"]), f"{kind['parameters']:,}", f"{kind['weight']:.1%}"]
                for kind in self.known["kinds"]
            ]
            yield _table(self._head("kind", "networks", "parameters", "weight"), rows)

    def data(self) -> Iterator[str]:
        data = self.known["data"]
        if data is None:
            yield self.say("card.no_data")
        else:
            parts = [self.say("card.learned", rows=data["rows"])]
            if data["looked_at"] < data["rows"]:
                parts.append(self.say("card.looked_at", rows=data["looked_at"]))
            yield sentences(parts, self.language)
            columns = [ColumnSummary.from_plain(column) for column in data["columns"]]
            if columns:
                head = self._head("column", "kind", "missing", "distinct", "values")
                yield _table(head, [figures(column, self.language) for column in columns[:SHOWN_COLUMNS]])
            if data["width"] > SHOWN_COLUMNS or not columns:
                yield self.say("card.more_columns", count=data["width"] - min(len(columns), SHOWN_COLUMNS))
            if data["target"] is not None:
                yield self._target(ColumnSummary.from_plain(data["target"]))
        yield self.say("card.fill_in", what=self.say("card.origin"))

    def _target(self, target: ColumnSummary) -> str:
        if target.ends is None:
            return self.say("card.target_classes", levels=_plain(spelled_levels(target)))
        low, middle, high = map(number, target.ends)
        return self.say("card.target_numbers", low=low, middle=middle, high=high)

    def evaluation(self) -> Iterator[str]:
        found = self.known["evaluation"]
        if found is None:
            yield self.say("card.no_scores")
            return
        rows = found["rows"]
        yield self.say("card.scored_somewhere") if rows is None else self.say("card.scored", rows=rows)
        others = [name for name in found["scores"] if name != "network"]
        ours, intervals = found["scores"].get("network", {}), found["intervals"]
        metrics = [metric for metric in (*CLASSIFICATION, *OF_POSITIVE, *REGRESSION) if metric.key in ours]
        head = self._head("score", "network", "interval")
        head += [MODELS[name].say(self.language) if name in MODELS else name for name in others]
        lines = []
        for metric in metrics:
            ends = span(metric, *intervals[metric.key]) if metric.key in intervals else "-"
            theirs = [metric.spell(found["scores"][name].get(metric.key)) for name in others]
            lines.append([METRICS[metric.key].say(self.language), metric.spell(ours[metric.key]), ends, *theirs])
        yield _table(head, lines)
        if intervals:
            yield self.say("card.intervals")
        if step := (found["next_step"] or {}).get(self.language):
            yield self.say("card.next", step=_plain(step))
        yield from self._words()

    def _words(self) -> Iterator[str]:
        """The strongest words of each column of text, for each class."""
        numbers = self.known["task"] == "regression"
        groups = [group for group in self.known["words"] or () if group["words"]]
        for group in groups[:SHOWN_CLASSES]:
            title = heading(group["column"], group["of"], numbers=numbers).say(self.language)
            words = ", ".join(_plain(word_in_words(**word)) for word in group["words"])
            yield f"**{_plain(title)}**: {words}"
        if groups:
            yield note(numbers=numbers).say(self.language)

    def how(self) -> Iterator[str]:
        estimator = self.known["columns"] is not None
        inputs = self.known["network"]["inputs"]
        comment = self.say("card.rows_comment") if estimator else self.say("card.matrix_comment", inputs=inputs)
        yield self.say("card.python")
        calls = [f"model.predict(X)  # X: {comment}"]
        calls += ["model.predict_proba(X)"] if self.known["task"] == "classification" else []
        code = [
            "import glassnet",
            "",
            f"model = glassnet.load({json.dumps(self.model_file, ensure_ascii=False)})",
            *calls,
        ]
        yield "\n".join(["```python", *code, "```"])
        if estimator:
            yield self.say("card.terminal")
            yield f"```console\n$ glassnet predict {shlex.quote(self.model_file)} rows.csv\n```"
        yield self.say("card.safe")

    def limits(self) -> Iterator[str]:
        lines = [self.say("card.causes")]
        if self.known["columns"] is not None:
            lines = [self.say("card.needs"), self.say("card.beyond"), *lines]
        if self.known["temperature"] is not None:
            code = "card.calibrated" if self.known["temperature"] != 1 else "card.uncalibrated"
            lines.append(self.say(code, temperature=self.known["temperature"]))
        if self.known["conformal_rows"] is not None:
            lines.append(self.say("card.promised", rows=self.known["conformal_rows"]))
        yield "\n".join(f"- {line}" for line in lines)
        yield self.say("card.fill_in", what=self.say("card.not_for"))

    def versions(self) -> Iterator[str]:
        yield self.say("card.written_with")
        yield "\n".join(f"- {name} {version}" for name, version in self.known["versions"].items())

    def _head(self, *names: str) -> list[str]:
        return [self.say(f"card_head.{name}") for name in names]

    def _listed(self, names: list[str]) -> str:
        shown = ("、" if self.language == "zh" else ", ").join(_plain(name) for name in names[:SHOWN_CLASSES])
        more = len(names) - SHOWN_CLASSES
        return shown if more <= 0 else f"{shown} {self.say('card.more', count=more)}"


def _plain(words: str) -> str:
    """Text of the user's, which is to be seen as it is and must not become markup."""
    return MARKUP.sub(r"\\\g<0>", " ".join(words.split()))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
