"""What the answers depend on: which columns matter, and what the answer does when one of them changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.display.blocks import Block, Charts, Table, Words
from glassnet.display.chart import Bars, Chart
from glassnet.display.numbers import number
from glassnet.insight.cells import cell_text
from glassnet.insight.partial_dependence import PartialDependence, partial_dependence
from glassnet.insight.report.subject import MOST_COLUMNS, MOST_ROWS, REPEATS, Subject
from glassnet.insight.report.words import increase, loss_name, percent
from glassnet.insight.row_sampling import evenly_spaced
from glassnet.tables import is_sparse, take

DRAWN_BARS, DRAWN_COLUMNS, ASKED_ROWS, GRID = 8, 3, 200, 16
MOST_CLASSES = 5
"""Of so many classes the one that changes most is drawn."""


def dependence(subject: Subject) -> list[Block]:
    """A bar for each of the most important columns, and the answer over each of the first three."""
    found, pictures = subject.importances, _pictures(subject)
    if found is not None:
        title = subject.say("importance.chart", loss=loss_name(subject))
        note = subject.say("importance.chart_note", loss=loss_name(subject))
        bars = found.chart(subject.language, DRAWN_BARS)
        pictures.insert(0, replace(bars, title=title, axis="", note=note))
    alike = [subject.say("matters.alike", first=first, second=second) for first, second in subject.near_duplicates]
    return [*([Charts(pictures)] if pictures else []), *(Words(said, "note") for said in alike)]


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
        Table(subject.say("importance.caption", loss=loss_name(subject)), head, rows),
        Words(subject.sentences(notes), "note"),
    ]


def _pictures(subject: Subject) -> list[Chart | Bars]:
    """The answer over each of the columns that matter most."""
    if is_sparse(subject.X) or subject.columns is None:
        return []
    rows = evenly_spaced(len(subject.y), ASKED_ROWS)
    some = take(subject.X, rows)
    pictures: list[Chart | Bars] = []
    for place in subject.leading[:DRAWN_COLUMNS]:
        column = subject.columns[place]
        if column.distinct > 1:
            found = _most_changing(subject, some, place)
            pictures.append(_picture(subject, found))
    return pictures


def _most_changing(subject: Subject, some: object, place: int) -> PartialDependence:
    """Of two classes the positive one, of several the one whose answer changes most."""
    if subject.classes is None or len(subject.classes) == 2:
        return partial_dependence(subject.model, some, place, points=GRID)
    counts = [np.mean(subject.y == name) for name in subject.classes]
    asked = [subject.classes[at] for at in np.argsort(-np.array(counts), kind="stable")[:MOST_CLASSES]]
    found = [partial_dependence(subject.model, some, place, output=name, points=GRID) for name in asked]
    return max(found, key=lambda each: float(np.ptp(each.average)))


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
