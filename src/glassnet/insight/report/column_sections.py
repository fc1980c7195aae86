"""Sections about columns: which matter and how predictions depend on them, distributions, oddities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from glassnet.display.blocks import Block, Charts, Heading, Items, Paragraph, TableBlock
from glassnet.display.chart import Bar, Bars, Chart
from glassnet.display.numbers import number, percent
from glassnet.insight.cells import cell_text
from glassnet.insight.charts import histogram
from glassnet.insight.partial_dependence import PartialDependence, of_each_class, partial_dependence
from glassnet.insight.report.class_sections import charts_of_classes
from glassnet.insight.report.columns import ReportColumn, figures, spelled
from glassnet.insight.report.formatting import increase, loss_name
from glassnet.insight.report.subject import MOST_COLUMNS, MOST_ROWS, REPEATS, Subject
from glassnet.insight.strongest_words import strongest_words
from glassnet.layers.base import Array
from glassnet.tables import is_sparse, take
from glassnet.training.split import evenly_spaced

DRAWN, SHOWN_COLUMNS, MANY_GAPS = 5, 60, 0.5
SHOWN_CLASSES, SHOWN_LEVELS = 12, 6

DRAWN_BARS, DRAWN_COLUMNS, DEPENDENCE_ROWS, GRID = 8, 3, 200, 16
MOST_CLASSES = 5
"""So many classes have words of their own."""
DRAWN_TEXTS = 2


def distributions(subject: Subject) -> list[Block]:
    """Return charts of the target and the most important columns, and their anomalies."""
    shown = subject.described
    pictures = [_target(subject)]
    if shown is None:
        columns = subject.model.encoder_.n_features_in
        return [Charts(pictures), Paragraph(subject.say("data.sparse", columns=columns))]
    for place in subject.leading[:DRAWN]:
        picture = _column(subject, shown[place])
        pictures += [] if picture is None else [picture]
    odd = list(_oddities(subject, shown))
    return [
        Charts(pictures),
        Heading(subject.say("data.worth_a_look")),
        Items(odd) if odd else Paragraph(subject.say("data.nothing_odd")),
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


def _column(subject: Subject, column: ReportColumn) -> Chart | Bars | None:
    """The distribution of the values of a column; None if it is constant, or texts."""
    known = column.rows - column.gaps
    if column.distinct < 2 or column.kind == "text":
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
        TableBlock(subject.say(caption, rows=shown[0].rows), head, rows, (0, 1, 4)),
        *([Paragraph(subject.say("data.more_columns", count=more), "note")] if more > 0 else []),
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
    note = [Paragraph(subject.say("data.more_classes", count=more), "note")] if more > 0 else []
    return [TableBlock(subject.say("data.target_distribution"), head, rows), *note]


def _oddities(subject: Subject, shown: Sequence[ReportColumn]) -> Iterator[str]:
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


def _drift(subject: Subject, learned: ReportColumn, tested: ReportColumn) -> Iterator[str]:
    """Return the differences of the test rows from the training rows."""
    if tested.gaps and not learned.gaps:
        yield subject.say("data.new_gaps", name=learned.name, count=tested.gaps)
    if learned.kind == "category" and 2 * learned.distinct <= learned.rows - learned.gaps:  # else each is new
        known = set(learned.texts())
        new = [text for text in tested.texts() if text is not None and text not in known]
        if new:
            yield subject.say("data.new_levels", name=learned.name, count=len(new), example=repr(new[0]))


# ------------------------------------------------------------------- importance and dependence


def words(subject: Subject) -> list[Block]:
    """The strongest words of the most important columns of text, for the most frequent classes."""
    encoder = subject.model.encoder_
    if not encoder.texts:
        return []
    X = subject.X if subject.learned is None else subject.learned.X
    found = strongest_words(subject.model, X, most=DRAWN_BARS)
    leading = [encoder.feature_names_in[place] for place in subject.leading]
    columns = [name for name in leading if name in encoder.texts][:DRAWN_TEXTS]
    frequent = _frequent_classes(subject)
    shown = [
        found.chart(group, subject.language)
        for column in columns
        for group in found.groups
        if group.column == column and group.words and (subject.classes is None or group.of in frequent)
    ]
    return [Charts(shown), Paragraph(found.note(subject.language), "note")] if shown else []


def _frequent_classes(subject: Subject) -> list[object]:
    """The most frequent classes; of numbers none."""
    if subject.classes is None:
        return []
    counts = [np.mean(subject.y == name) for name in subject.classes]
    return [subject.classes[at] for at in np.argsort(-np.array(counts), kind="stable")[:MOST_CLASSES]]


def dependence(subject: Subject) -> list[Block]:
    """A bar for each of the most important columns, and the answer over each of the first three, for each class."""
    found, blocks = subject.importances, list[Block]()
    if found is not None:
        title = subject.say("importance.chart", loss=loss_name(subject))
        note = subject.say("importance.chart_note", loss=loss_name(subject))
        bars = found.chart(subject.language, DRAWN_BARS)
        blocks.append(Charts([replace(bars, title=title, axis="", note=note)]))
    over = _dependences(subject)
    if over and subject.classes is not None:
        blocks += charts_of_classes(subject, lambda place: [_picture(subject, outputs[place]) for outputs in over])
    elif over:
        blocks.append(Charts([_picture(subject, one) for (one,) in over]))
    alike = [subject.say("matters.alike", first=first, second=second) for first, second in subject.near_duplicates]
    return [*blocks, *(Paragraph(sentence, "note") for sentence in alike)]


def importance(subject: Subject) -> list[Block]:
    """The figures behind the bars, column by column."""
    found = subject.importances
    if found is None:
        return []
    rows = [
        [found.columns[at], increase(found, found.means[at]), increase(found, found.deviations[at])]
        for at in found.order
    ]
    head = [subject.say("importance.column"), subject.say("importance.grows")]
    head.append(subject.say("importance.again", count=REPEATS))
    notes = [subject.say("importance.note", rows=min(len(subject.y), MOST_ROWS))]
    notes += [subject.say("importance.only_some", count=MOST_COLUMNS)] if len(rows) == MOST_COLUMNS else []
    return [
        TableBlock(subject.say("importance.caption", loss=loss_name(subject)), head, rows),
        Paragraph(subject.sentences(notes), "note"),
    ]


def _dependences(subject: Subject) -> list[list[PartialDependence]]:
    """Of each of the columns that matter most, for each class: without free text, of which each occurs once."""
    if is_sparse(subject.X) or subject.columns is None:
        return []
    some = take(subject.X, evenly_spaced(len(subject.y), DEPENDENCE_ROWS))
    texts = subject.model.encoder_.texts
    leading = [place for place in subject.leading if subject.columns[place].name not in texts][:DRAWN_COLUMNS]
    leading = [place for place in leading if subject.columns[place].distinct > 1]
    if subject.classes is None:
        return [[partial_dependence(subject.model, some, place, points=GRID)] for place in leading]
    return [of_each_class(subject.model, some, place, GRID) for place in leading]


def _picture(subject: Subject, found: PartialDependence) -> Chart | Bars:
    chart = found.chart(subject.language, 0)
    spell = percent if found.kind == "probability" else number
    answer = subject.say(f"dependence.{found.kind}", answer=found.answer, target=subject.origin.target or "y")
    low, high = (
        {"at": cell_text(found.grid[at], subject.language), "value": spell(float(found.average[at]))}
        for at in (found.average.argmin(), found.average.argmax())
    )
    note = subject.say("dependence.note", low=low, high=high, answer=answer)
    if isinstance(chart, Bars):
        each = [bar._replace(text=spell(bar.value), low=None, high=None) for bar in chart.each[:DRAWN_BARS]]
        return replace(chart, each=each, axis="", note=note)
    return replace(chart, note=note)
