"""Messages of several commands on a table, a training and scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.apps.console import Output, number, text_table
from glassnet.apps.labelled import LabelledTable, Roles
from glassnet.apps.texts import TEXTS, comma, counted, named, say, semicolon
from glassnet.display.numbers import probability
from glassnet.estimators.class_targets import BY_COSTS, HALF
from glassnet.estimators.ensemble import kinds_in_words, kinds_of_members, parameters_in_words
from glassnet.estimators.predict_limit import limit_in_words
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.table_checks import almost
from glassnet.insight.report.formatting import MODELS, reasons_of_decision
from glassnet.insight.report.texts import TEXTS as TEXTS_OF_REPORT
from glassnet.insight.scores import CLASSIFICATION, METRICS, OF_POSITIVE, REGRESSION, Metric
from glassnet.layers import NgramLinear
from glassnet.layers.base import Array
from glassnet.tables.almost_numbers import almost_numbers
from glassnet.tables.reading.sources import pl
from glassnet.tables.target_column import TaskName, check_target, guess_task
from glassnet.training import History
from glassnet.training.history_display import ending, span

FOR_NOTHING: Final = ("left_out", "dropped")


def say_columns(
    output: Output, path: Path, table: LabelledTable, *, to_learn: bool = True, of: int | None = None
) -> None:
    """Rows, columns and their kinds, and gaps; before a training columns are `to_learn`.

    `of` is how many rows there are in all, where the table is a sample.
    """
    rows, columns = counted(len(table) + table.dropped if of is None else of, "row"), counted(table.X.width, "column")
    kinds_found = comma([_of_kind(kind, count) for kind, count in Counter(kinds(table.X)).most_common()])
    gaps = {name: count for name, count in table.X.null_count().row(0, named=True).items() if count}
    name = say("table.standard_input") if str(path) == "-" else path.name
    text = say("table.found" if to_learn else "table.read", name=name, kinds=kinds_found, rows=rows, columns=columns)
    if gaps and of is None:
        text += say("table.gaps", cells=counted(sum(gaps.values()), "empty_cell"), names=named(list(gaps)))
    output.say("table", text)
    taken = [
        say("table.word", word=repr(word), name=name, count=count)
        for name, counts in table.gaps.items()
        if name in table.X.columns
        for word, count in counts.most_common()
    ]
    if taken:
        output.say("nothing", say("table.words", words=named(taken)))
    if table.notation.decimal == "," or table.notation.dates:
        output.say("notation", semicolon([part.say() for part in table.notation.parts()]))


def say_noticed(output: Output, findings: Iterable[Finding]) -> None:
    """Print the findings on the table, with their remedies."""
    for found in findings:
        topic = "note" if found.severity == "note" else "warning"
        output.say(topic, say("table.noticed", what=found.what, remedy=found.remedy))


def _of_kind(kind: str, count: int) -> str:
    one = f"cells.one_{kind}"
    return say(one if count == 1 and one in TEXTS else f"cells.{kind}", count=count)


def kinds(X: pl.DataFrame) -> list[str]:
    """The kind of each column, by its name in the catalogue.

    Examples
    --------
    >>> import polars as pl
    >>> kinds(pl.DataFrame({"age": [1.5], "sex": ["f"], "member": [True]}))
    ['numbers', 'text', 'booleans']
    """
    words: list[str] = []
    for dtype in X.dtypes:
        if dtype == pl.Boolean:
            words.append("booleans")
        elif dtype.is_temporal():
            words.append("moments")
        else:
            words.append("numbers" if dtype.is_numeric() else "empty" if dtype == pl.Null else "text")
    return words


def findings_of_target(name: str, table: LabelledTable) -> list[Finding]:
    """That the target is text most of which are numbers or dates."""
    found = almost_numbers(name, table.y.to_list()) if table.y.dtype == pl.String else None
    return [almost(found)] if found else []


def say_target(
    output: Output, name: str, table: LabelledTable, requested: TaskName | None, noticed: Iterable[Finding]
) -> TaskName:
    """Print and return the task, inferred or requested, with the target and its findings."""
    if requested is not None:
        check_target(table.y)
        task, reason, hint = requested, say("target.as_you_said"), False
    else:
        guessed = guess_task(table.y)
        hint = guessed.may_be_numbers
        task = "regression" if guessed.name == "regression" else "classification"
        reason = guessed.reason.say()
    values = table.y
    if task == "regression" and values.dtype.is_numeric():
        low, high, mean = (number(value) for value in (values.min(), values.max(), values.mean()))
        text = say("target.numbers", name=name, low=low, high=high, mean=mean)
    else:
        counts = values.value_counts(sort=True).rows()
        shares = named([say("target.share", value=value, share=count / len(values)) for value, count in counts])
        text = say("target.classes", name=name, shares=shares)
    output.say("target", text)
    say_noticed(output, noticed)
    output.say("task", say("target.task", task=say(f"target.{task}"), reason=reason))
    if hint:
        output.say("nothing", say("target.may_be_numbers"))
    return task


def say_parts(output: Output, rows: dict[str, int], validation: LabelledTable | None, roles: Roles) -> None:
    """Which rows are for what."""
    counts = {"training": rows["training"]} | ({} if validation is None else {"validation": len(validation)})
    counts |= {"test" if rows["test"] else "no_test": rows["test"], "left_out": rows["left out"]}
    counts["dropped"] = rows["without target"]
    kept = [say("rows.tied", name=name) for name in (roles.group, roles.fold) if name]
    kept += [say("rows.latest", name=roles.time)] if roles.time else []
    output.say("rows", semicolon([rows_in_words(counts), *(kept if rows["test"] else [])]))


def rows_in_words(counts: Mapping[str, int]) -> str:
    """How many rows were for what, by the names of the catalogue; of those for nothing only where there are some.

    Examples
    --------
    >>> rows_in_words({"scored": 1200, "dropped": 0}), rows_in_words({"scored": 1200, "dropped": 3})
    ('1,200 scored', '1,200 scored, 3 dropped (no target)')
    """
    return comma(
        [say(f"rows.{name}", count=count) for name, count in counts.items() if count or name not in FOR_NOTHING]
    )


def say_network(output: Output, model: Any) -> None:
    """Print the network, its training settings, and the columns that it does not use."""
    settings, network = model.settings_, model.networks_[0]
    unused = [column.name for column in model.encoder_.columns if not column.inputs]
    if unused:
        output.say("left_out", say("network.constant", names=named(unused)))
    if texts := model.encoder_.texts:
        output.say("text", say("network.texts", names=named(texts), count=model.encoder_.ngrams))
    in_a_row = [layer for layer in network.layers if not isinstance(layer, NgramLinear)]
    layers = [counted(network.inputs, "input"), *map(_short, in_a_row[:-1])]
    layers.append(say("network.outputs", count=network.outputs))
    layers += [say("network.ngrams")] if len(in_a_row) < len(network.layers) else []
    count = parameters_in_words([sum(each.sizes) for each in model.networks_])
    parameters = say("network.parameters_each" if len(model.networks_) > 1 else "network.parameters", count=count)
    output.say("network", say("network.shape", layers=" · ".join(layers), parameters=parameters))
    output.say("training", _plan(settings))
    if (limit := limit_in_words(settings, model.notes_)) is not None:
        output.say("nothing", limit.say())


def _plan(settings: Mapping[str, Any]) -> str:
    """Return the training settings in words, without those that the optimizer does not use."""
    parts = [say("plan.preset", name=settings["preset"]), str(settings["loss"]), str(settings["optimizer"])]
    if settings["members"] > 1:
        members = say("plan.members", count=settings["members"])
        each = [
            say("plan.kind", members=kind.members, settings=kind.settings.say())
            for kind in kinds_in_words(settings, None)
        ]
        parts.insert(1, members + (say("list.brackets", text=semicolon(each)) if each else ""))
        if settings["refits"]:
            parts.insert(2, say("plan.refits", count=settings["refits"]))
    if settings["shared_members"] > 1:
        parts.insert(1, say("plan.shared", count=settings["shared_members"]))
    if settings["learning_rate"] is not None:
        rate, schedule = settings["learning_rate"], settings["schedule"]
        parts.append(say("plan.learning_rate", rate=rate, schedule=schedule))
    if settings["weight_decay"] is not None:
        parts.append(say("plan.weight_decay", rate=settings["weight_decay"]))
    if settings["batch_size"] is not None:
        parts.append(say("plan.batches", count=settings["batch_size"]))
    epochs = max(of_member["epochs"] for of_member in kinds_of_members(settings))
    parts.append(say("plan.epochs", epochs=counted(epochs, "epoch")))
    if settings["early_stopping"] and settings["patience"] < epochs:
        parts.append(say("plan.patience", count=settings["patience"]))
    return comma(parts)


def _short(layer: Any) -> str:
    """A layer in a word or two: its units and activation, or its kind with the number that matters.

    Examples
    --------
    >>> from glassnet import Blend, Dense, Dropout, PeriodicEmbedding
    >>> [_short(layer) for layer in (PeriodicEmbedding(3), Dense(64), Blend("silu"), Dropout(0.2), Dense(8, "relu"))]
    ['periodic embedding', '64', 'parametric silu', 'dropout 0.2', '8 relu']
    """
    kind, activation = type(layer).__name__, getattr(layer, "activation", None)
    name = "" if activation is None or activation.name == "identity" else activation.name
    if hasattr(layer, "units"):
        return f"{layer.units} {name}".strip()
    if f"network.layer_{kind}" in TEXTS:
        numbers = {number: getattr(layer, number, None) for number in ("members", "rate")}
        return say(f"network.layer_{kind}", name=name, **numbers)
    return name or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def say_ended(output: Output, histories: Sequence[History], seconds: float) -> None:
    """How the training of all members went and why it ended."""
    lengths = [len(history) for history in histories]
    best = [history.best_epoch for history in histories if history.best_epoch]
    same = min(lengths) == max(lengths)
    epochs = counted(lengths[0], "epoch") if same else say("ended.epochs_each", epochs=span(lengths))
    kept = ""
    if best:
        alike = len(best) == len(histories) and min(best) == max(best)
        kept = say("ended.best_kept" if alike else "ended.best_kept_each", epoch=span(best))
    if histories[0].ending == "interrupted":
        kept = kept or say("ended.last_kept")
        output.say("stopped", say("ended.stopped", epochs=epochs, seconds=seconds, kept=kept))
    else:
        why = ending(*histories)
        output.say("trained", say("ended.trained", epochs=epochs, seconds=seconds, why=why, kept=kept))


def say_finding(output: Output, finding: Finding) -> None:
    """Print a finding during the training, with its reason and remedy."""
    for topic, line in zip(("doctor", "nothing", "nothing"), finding.lines, strict=True):
        output.say(topic, line)


def score_table(title: str, scores: Mapping[str, Mapping[str, float]]) -> Any:
    """Scores as a table: a line for each model, the first one being ours."""
    return _table(title, scores, (*CLASSIFICATION, *REGRESSION))


def decision_tables(model: Any, scores: Mapping[str, Mapping[str, float]]) -> list[Any]:
    """How well the positive class is found, in the same form, below an empty line; of several the costs of errors."""
    known = {name: values for name, values in scores.items() if "recall" in values}
    if known:
        return ["", _table(positive_in_words(model), known, OF_POSITIVE)]
    return ["", *costs] if (costs := costs_in_words(model)) else []


def costs_in_words(model: Any) -> list[str]:
    """Return the sentences on the costs by which one of more than two classes is predicted; none without costs."""
    targets = model.targets_
    if getattr(targets, "costs", None) is None:
        return []
    names = targets.classes.tolist()
    return reasons_of_decision(
        *(targets.chosen_for, targets.costs, names), lambda name, **values: TEXTS_OF_REPORT[name].say(**values)
    )


def positive_in_words(model: Any) -> str:
    """Return the positive class of a classifier, and the threshold where it is not one half, with its reason."""
    threshold, reason = model.decision_threshold_, model.targets_.chosen_for
    key = "scores.positive" if threshold == HALF else "scores.positive_from"
    positive = say(key, name=model.positive_, threshold=probability(threshold))
    if reason is None:
        return positive
    return say("scores.by_costs" if reason == BY_COSTS else "scores.by_score", positive=positive, score=reason)


def _table(title: str, scores: Mapping[str, Mapping[str, float]], metrics: Sequence[Metric]) -> Any:
    shown = [m for m in metrics if any(m.key in values for values in scores.values())]
    rows = [
        [MODELS[name].say() if name in MODELS else name, *(m.spell(values.get(m.key)) for m in shown)]
        for name, values in scores.items()
    ]
    return text_table([title, *(METRICS[metric.key].say() for metric in shown)], rows, best=[0])


def confusion(truth: Array, predicted: Array, classes: Sequence[Any]) -> list[list[str]]:
    """How many rows of each class (a line each) were taken for which; nothing reads as a dot."""
    counts = [[int(np.sum((truth == row) & (predicted == column))) for column in classes] for row in classes]
    return [[f"{count:,}" if count else "·" for count in line] for line in counts]


def confusion_table(truth: Array, predicted: Array, classes: Sequence[Any]) -> Any:
    """:func:`confusion` as a table to look at."""
    rows = [[str(name), *line] for name, line in zip(classes, confusion(truth, predicted, classes), strict=True)]
    return text_table([say("scores.corner"), *map(str, classes)], rows)
