"""The table: its columns in pictures and in figures, what is odd about them, and the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from glassnet.display.blocks import Block, Charts, Heading, Items, Table, Words
from glassnet.display.chart import Bar, Bars, Chart
from glassnet.display.numbers import number
from glassnet.insight.charts import histogram
from glassnet.insight.report.columns import Column, figures, spelled
from glassnet.insight.report.subject import Subject
from glassnet.insight.report.words import percent
from glassnet.layers.base import Array

DRAWN, SHOWN_COLUMNS, MANY_GAPS = 5, 60, 0.5
SHOWN_CLASSES, SHOWN_LEVELS = 12, 6


def distributions(subject: Subject) -> list[Block]:
    """The target and the columns that matter most, as pictures; and what is odd."""
    shown = subject.described
    pictures = [_target(subject)]
    if shown is None:
        columns = subject.model.encoder_.n_features_in
        return [Charts(pictures), Words(subject.say("data.sparse", columns=columns))]
    for place in subject.leading[:DRAWN]:
        picture = _column(subject, shown[place])
        pictures += [] if picture is None else [picture]
    odd = list(_oddities(subject, shown))
    return [
        Charts(pictures),
        Heading(subject.say("data.worth_a_look")),
        Items(odd) if odd else Words(subject.say("data.nothing_odd")),
    ]


def _target(subject: Subject) -> Chart | Bars:
    named = "data.target_named" if subject.origin.target else "data.target"
    title = subject.say(named, name=subject.origin.target)
    y = subject.y if subject.learned is None else subject.learned.y
    of = subject.say("data.of_test_rows" if subject.learned is None else "data.of_learned_rows", rows=len(y))
    if subject.classes is None:
        figures = {"low": y.min(), "high": y.max(), "median": float(np.median(y)), "mean": y.mean()}
        note = subject.say(
            "data.target_numbers", of=of, **{name: number(float(value)) for name, value in figures.items()}
        )
        return histogram(title, y, subject.say("data.value"), subject.say("data.rows"), note=note)
    shares = {str(name): float(np.mean(y == name)) for name in subject.classes}
    order = sorted(shares, key=lambda name: -shares[name])
    each = [Bar(name, shares[name], percent(shares[name])) for name in order[:SHOWN_CLASSES]]
    more = len(order) - SHOWN_CLASSES
    note = subject.say("data.more_classes", count=more) if more > 0 else subject.say("data.shares", of=of)
    return Bars(title, each, note=note)


def _column(subject: Subject, column: Column) -> Chart | Bars | None:
    """The distribution of the values of a column; None if it is constant."""
    known = column.rows - column.gaps
    if column.distinct < 2:
        return None
    gaps = subject.say("data.gaps_note", share=percent(column.gaps / column.rows)) if column.gaps else ""
    if column.kind not in ("category", "boolean"):
        values = np.asarray(column.cells, np.float64)
        spell = None if column.kind == "number" else partial(spelled, column.kind)
        present = values[~np.isnan(values)]
        return histogram(column.name, present, subject.say("data.value"), subject.say("data.rows"), spell, gaps)
    counted = Counter(text for text in column.texts() if text is not None)
    first = counted.most_common(SHOWN_LEVELS)
    each = [Bar(level, count / known, percent(count / known)) for level, count in first]
    more = len(counted) - len(first)
    rest = percent(1 - sum(bar.value for bar in each))
    notes = [subject.say("data.more_levels", count=more, share=rest)] if more else []
    return Bars(column.name, each, note=subject.sentences([*notes, *([gaps] if gaps else [])]))


def every_column(subject: Subject) -> list[Block]:
    """A line for each column; and how the classes are shared out."""
    shown = subject.described
    if shown is None:
        return _classes(subject)
    rows = [figures(column, subject.language) for column in shown[:SHOWN_COLUMNS]]
    caption = "data.of_test" if subject.learned_columns is None else "data.of_learned"
    head = [subject.say(f"data.{name}") for name in ("column", "kind", "missing", "distinct", "values")]
    more = len(shown) - SHOWN_COLUMNS
    return [
        Table(subject.say(caption, rows=shown[0].rows), head, rows, (0, 1, 4)),
        *([Words(subject.say("data.more_columns", count=more), "note")] if more > 0 else []),
        *_classes(subject),
    ]


def _classes(subject: Subject) -> list[Block]:
    """The frequency of each class in the training and the test rows."""
    if subject.classes is None:
        return []
    parts: list[tuple[str, Array]] = [("data.test_rows", subject.y)]
    if subject.learned is not None:
        parts.insert(0, ("data.learned_rows", subject.learned.y))
    shares = [{name: np.mean(y == name) for name in subject.classes} for _, y in parts]
    order = sorted(subject.classes, key=lambda name: -shares[0][name])
    rows = [[str(name), *(percent(share[name]) for share in shares)] for name in order[:SHOWN_CLASSES]]
    head = [subject.say("classes.class"), *(subject.say(name) for name, _ in parts)]
    more = len(order) - SHOWN_CLASSES
    note = [Words(subject.say("data.more_classes", count=more), "note")] if more > 0 else []
    return [Table(subject.say("data.target_distribution"), head, rows), *note]


def _oddities(subject: Subject, shown: Sequence[Column]) -> Iterator[str]:
    tested = subject.columns if subject.learned_columns is not None else None
    for found in subject.noticed:
        yield subject.say("next.finding", what=found.what, remedy=found.remedy)
    for first, second in subject.near_duplicates:
        yield subject.say("matters.alike", first=first, second=second)
    for place, column in enumerate(shown):
        if column.distinct <= 1:
            yield subject.say("data.constant", name=column.name)
        elif column.gaps / column.rows >= MANY_GAPS:
            yield subject.say("data.gaps", name=column.name, share=percent(column.gaps / column.rows))
        if tested is not None:
            yield from _drift(subject, column, tested[place])


def _drift(subject: Subject, learned: Column, tested: Column) -> Iterator[str]:
    """What the rows to judge by have that the others had not."""
    if tested.gaps and not learned.gaps:
        yield subject.say("data.new_gaps", name=learned.name, count=tested.gaps)
    if learned.kind == "category" and 2 * learned.distinct <= learned.rows - learned.gaps:  # else each is new
        known = set(learned.texts())
        new = [text for text in tested.texts() if text is not None and text not in known]
        if new:
            yield subject.say("data.new_levels", name=learned.name, count=len(new), example=repr(new[0]))
