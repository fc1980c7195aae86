"""The verdict on a model, in codes: its use, its limits, the baselines it beats, and the next steps.

Grades of a ranking are those of Hosmer, Lemeshow, Sturdivant (2013), *Applied Logistic Regression*, section 5.2.4;
those of classes and numbers are conventions: how much of the errors of one answer for all rows is gone, and how much
of the variance is explained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.estimators.calibration import Reliability
from glassnet.insight.baselines import CONSTANTS, LINEAR, verdict, z_scores
from glassnet.insight.bootstrap import Interval
from glassnet.insight.doctor.finding import Finding
from glassnet.insight.doctor.table_checks import KINDS, SPLIT
from glassnet.insight.report.columns import ReportColumn, spelled
from glassnet.insight.scores import HIGHER_IS_BETTER, STANDARD_ERRORS, Metric, lead
from glassnet.layers.base import Array
from glassnet.tables.columns.column_values import LEVEL_KINDS
from glassnet.tables.table_summary import summary_of

if TYPE_CHECKING:
    from glassnet.insight.report.subject import Subject

GRADES: Final = ("excellent", "good", "fair", "weak")
STEPS: Final = {"rank": (0.9, 0.8, 0.7), "classify": (0.8, 0.5, 0.2), "estimate": (0.9, 0.7, 0.4)}
"""From where each use has its grades: ROC AUC; the share of the constant's errors that is gone; R²."""
PRIMARY: Final = {"rank": "roc_auc", "classify": "accuracy", "estimate": "rmse"}
SUSPICIOUS: Final = ("leaked_target", "duplicates", "not_finite", "diverged", "drift")
"""Kinds of findings that, if serious, make all scores doubtful."""
FOUND, FEWEST_OF_A_CLASS = 0.5, 10
"""A class of which a smaller share is found is missed; of fewer rows it cannot be told."""
CONFUSED, FEWEST_CONFUSED = 0.25, 5
"""Two classes are confused if so many errors, and so large a share of all, are between them."""
OFF = 0.03
"""Probabilities that are further off than this, and than chance, are not to be taken at their word."""


class Point(NamedTuple):
    """A statement of the verdict: its code, and the values of its placeholders."""

    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The network beside another model."""

    code: str  # "better", "worse", "equal", or "unknown" of few rows
    other: str
    ours: float
    theirs: float
    interval: Interval | None


@dataclass(frozen=True)
class Judgement:
    """The verdict in codes."""

    use: str  # "rank", "classify" or "estimate": what the model could be for
    code: str  # "check", "split", "few_rows", "useless", "doubtful", "worse", or one of GRADES
    metric: Metric  # the metric of the comparison
    beats: list[Comparison]
    limits: list[Point]  # groups of rows with unreliable predictions, the most important first
    steps: list[Point]  # what to do next, the most important first
    reasons: list[str]  # why it is no better than a constant, in the language of the report
    finding: Finding | None  # the finding to check first


def judge(subject: Subject) -> Judgement:
    """The verdict on a model, from its scores, those of simple models, and the doctor's findings."""
    ours = subject.scores["network"]
    use = "estimate" if subject.classes is None else "rank" if "roc_auc" in ours else "classify"
    weighted = getattr(subject.model, "class_weight", None) is not None
    key = "balanced_accuracy" if use == "classify" and weighted else PRIMARY[use]
    metric = next((each for each in subject.metrics if each.key == key), subject.metrics[0])
    scored = {name: subject.scores[name] for name in subject.models}
    leads = z_scores(subject.y, subject.models, subject.weight)
    doubts = verdict(scored, leads, len(subject.y), lambda: subject.findings or (), weighted=weighted)
    of_network = {} if leads is None else leads["network"]
    beats = [
        _compared(subject, metric, name, of_network) for name in subject.simple if metric.key in subject.scores[name]
    ]
    grave = [found for found in subject.findings or () if found.severity == "serious" and found.kind in SUSPICIOUS]
    tied = [found for found in subject.findings or () if found.severity != "note" and found.kind in SPLIT]
    simple = next((each for each in beats if each.other in LINEAR), None)
    if grave:
        code = "check"
    elif doubts is not None and doubts.code in ("useless", "doubtful", "few_rows"):
        code = doubts.code
    elif tied:
        code, grave = "split", tied
    elif simple is not None and simple.code == "worse":
        code = "worse"
    else:
        code = _grade(subject, use, weighted)
    first = grave[0] if grave else None
    limits = [Point(doubts.code, {})] if doubts is not None and doubts.code in ("answers", "probabilities") else []
    limits += _limits(subject) if code in GRADES else []
    return Judgement(
        use, code, metric, beats, limits or [Point("beyond", {})], _steps(subject, code, use, limits, simple, first),
        [] if doubts is None else doubts.sentences(subject.language), first,
    )  # fmt: skip


def _grade(subject: Subject, use: str, weighted: bool) -> str:
    ours = subject.scores["network"]
    if use == "rank":
        value = ours["roc_auc"]
    elif use == "estimate":
        value = ours.get("r2", 0.0)
    else:
        key = "balanced_accuracy" if weighted else "accuracy"
        constant = next((subject.scores[name][key] for name in CONSTANTS if name in subject.simple), 0.0)
        value = 1 - (1 - ours[key]) / (1 - constant) if constant < 1 else 0.0
    return next((grade for grade, step in zip(GRADES, STEPS[use], strict=False) if value >= step), GRADES[-1])


def _compared(subject: Subject, metric: Metric, other: str, leads: Mapping[str, float]) -> Comparison:
    """Compare the network with another model: with a constant as the verdict does, else by the bootstrap interval."""
    ours, theirs = (subject.scores[name][metric.key] for name in ("network", other))
    found = subject.resampled.difference("network", other, metric.key)
    if found is None:
        return Comparison("unknown", other, ours, theirs, None)
    if other in CONSTANTS and metric.key in leads:
        z = leads[metric.key]
        code = "better" if z >= STANDARD_ERRORS else "worse" if z <= -STANDARD_ERRORS else "equal"
        return Comparison(code, other, ours, theirs, found)
    up = 1 if metric.key in HIGHER_IS_BETTER else -1
    worst, best = sorted((up * found.low, up * found.high))
    return Comparison("better" if worst > 0 else "worse" if best < 0 else "equal", other, ours, theirs, found)


def _limits(subject: Subject) -> list[Point]:
    """Classes that are missed, probabilities that are off, parts of the table that are answered badly."""
    found = []
    for name in [] if subject.classes is None else subject.classes:
        rows = subject.y == name
        if rows.sum() >= FEWEST_OF_A_CLASS:
            weight = None if subject.weight is None else subject.weight[rows]
            recall = float(np.average(subject.predicted.values[rows] == name, weights=weight))
            if recall < FOUND:
                found.append(Point("missed", {"name": str(name), "recall": recall}))
    found.sort(key=lambda point: point.values["recall"])
    found = found[:2]
    known = subject.reliability
    if known is not None and known.error > max(OFF, 2 * _noise(known)):
        found.append(Point("off", {"error": known.error}))
    return found + [Point("weak_spot", {"spot": spot}) for spot in weak_spots(subject)]


def _noise(known: Reliability) -> float:
    """How far off perfectly calibrated probabilities would be on average, by the chance of so few rows in each bin."""
    there = known.rows > 0
    sure, rows, weight = known.sure[there], known.rows[there], known.weight[there]
    return float(np.sum(weight * np.sqrt(2 * sure * (1 - sure) / (np.pi * rows))) / known.weight.sum())


def _steps(
    subject: Subject, code: str, use: str, limits: list[Point], simple: Comparison | None, first: Finding | None
) -> list[Point]:
    """The next steps, the three most important: what the doctor would do comes before what is done with the model."""
    named, graded, rows = {limit.code: limit for limit in reversed(limits)}, code in GRADES, {"rows": len(subject.y)}
    # findings on the table stand at the head; a serious one explains the others
    others = [each for each in subject.findings or () if each.kind not in KINDS or each.severity == "serious"]
    told = min((each for each in others if each.severity != "note"), key=lambda each: each.rank, default=None)
    steps = []
    if first is not None:
        steps.append(Point("remedy", {"finding": first}))
    elif code == "worse":
        steps.append(Point("simple_better", {"than": simple}))
    elif code in ("few_rows", "doubtful"):
        steps.append(Point("more_rows", rows))
    if first is None and told is not None:
        steps.append(Point("finding", {"finding": told}))
    if graded and simple is not None and simple.code == "equal" and not _surer(subject, simple.other):
        steps.append(Point("simple_as_good", {"than": simple}))
    if graded and use == "rank" and subject.wrong.any():
        steps.append(Point("threshold", _missed_and_false(subject)))
    elif "missed" in named:
        steps.append(Point("balance", named["missed"].values))
    if "off" in named:
        calibrated = subject.model.settings_.get("calibration", "none") != "none"
        steps.append(Point("ranks_only" if calibrated else "calibrate", named["off"].values))
    if graded:
        steps += _confused(subject)
        steps += [
            Point("finding", {"finding": each}) for each in others if each.kind == "overfitting" and each is not told
        ]
    spots = [limit for limit in limits if limit.code == "weak_spot" and limit.values["spot"].column]
    steps += spots[:1]
    if graded:
        steps.append(Point("again" if subject.learned is None else "use", rows))
    return (steps or [Point("search", {})])[:3]


def _surer(subject: Subject, other: str) -> bool:
    """Whether the network's probabilities are better, which neither ranks nor classes show."""
    found = subject.resampled.difference("network", other, "log_loss") if subject.classes is not None else None
    return found is not None and found.high < 0


def _missed_and_false(subject: Subject) -> dict[str, Any]:
    """The errors of both kinds, of two classes."""
    name = np.asarray(subject.classes)[subject.positive]
    positive = subject.y == name
    missed, false = int((subject.wrong & positive).sum()), int((subject.wrong & ~positive).sum())
    return {"name": str(name), "positives": int(positive.sum()), "missed": missed, "false": false}


def _confused(subject: Subject) -> list[Point]:
    """The two classes that are confused most, if these are many of the errors, and more than evenly many."""
    if subject.classes is None or len(subject.classes) < 3:
        return []
    wrong = subject.wrong
    pairs = Counter(
        tuple(sorted(pair, key=subject.classes.tolist().index))
        for pair in zip(subject.y[wrong].tolist(), subject.predicted.values[wrong].tolist(), strict=True)
    )
    ((first, second), count) = pairs.most_common(1)[0] if pairs else (("", ""), 0)
    evenly = 2 / (len(subject.classes) * (len(subject.classes) - 1))
    if count < max(FEWEST_CONFUSED, max(CONFUSED, 1.5 * evenly) * wrong.sum()):
        return []
    return [Point("confused", {"first": str(first), "second": str(second), "count": count, "wrong": int(wrong.sum())})]


# ------------------------------------------------------------------- where it errs more

LOOKED_AT = 10
"""So many columns, those that matter most."""
FEWEST_ROWS = 30
LARGEST_SHARE, OVERLAP = 1 / 3, 0.5
"""Of the table, and of the rows that two parts have in common."""
TIMES, APART = 1.5, 4.0
"""A part is weak if it errs so many times as often as the rest, and by so many standard errors more: some forty parts
are looked at, and of forty that are alike one in a thousand tables has one with four."""
MOST_LEVELS, MOST_SPOTS = 12, 2


@dataclass(frozen=True)
class WeakSpot:
    """Rows with something in common, and how wrong the answers are there."""

    column: str  # empty: the prediction itself
    kind: str  # "is", "missing", "below", "from" or "between": what the rows have in common
    values: tuple[str, ...]  # a level, or the ends of a range
    rows: int
    inside: float  # the share of wrong answers, or the mean distance, in these rows
    outside: float  # in the others


def weak_spots(subject: Subject) -> list[WeakSpot]:
    """Parts of the table, of different columns, that are answered much worse than the rest, the worst first."""
    if subject.columns is None or len(subject.y) < 2 * FEWEST_ROWS:
        return []
    error = np.abs(subject.predicted.values - subject.y) if subject.classes is None else subject.wrong.astype(float)
    weight = np.ones(len(error)) if subject.weight is None else subject.weight
    columns = [subject.columns[place] for place in subject.leading[:LOOKED_AT]]
    if subject.classes is None:
        predicted = subject.predicted.values.astype(np.float64)
        columns.append(ReportColumn(**vars(summary_of("", "number", predicted)), cells=predicted))
    found = []
    for column in columns:
        for kind, values, rows in _parts(column):
            spot = _weak_spot(column.name, kind, values, rows, error, weight)
            if spot is not None:
                found.append((spot.rows * (spot.inside - spot.outside), spot, rows))
    kept: list[tuple[WeakSpot, Array]] = []
    for _, spot, rows in sorted(found, key=lambda each: -each[0]):
        apart = all(spot.column != known.column for known, _ in kept)
        if apart and all((rows & other).sum() <= OVERLAP * min(spot.rows, known.rows) for known, other in kept):
            kept.append((spot, rows))
    return [spot for spot, _ in kept[:MOST_SPOTS]]


def _weak_spot(
    name: str, kind: str, values: tuple[str, ...], rows: Array, error: Array, weight: Array
) -> WeakSpot | None:
    """The part, if it is weak."""
    count = int(rows.sum())
    if count < FEWEST_ROWS or count > LARGEST_SHARE * len(rows):
        return None
    (inside, noise), (outside, more) = (lead(error[part], weight[part]) for part in (rows, ~rows))
    if inside <= TIMES * outside or inside - outside < APART * np.hypot(noise, more):
        return None
    return WeakSpot(name, kind, values, count, inside, outside)


def _parts(column: ReportColumn) -> Iterator[tuple[str, tuple[str, ...], Array]]:
    """Levels, quarters of a range, gaps."""
    if column.kind in LEVEL_KINDS | {"boolean"}:
        levels = column.texts()
        for level, _ in Counter(levels).most_common(MOST_LEVELS):
            rows = np.array([each == level for each in levels])
            yield ("missing", (), rows) if level is None else ("is", (level,), rows)
        return
    numbers = np.asarray(column.cells, np.float64)
    yield "missing", (), np.isnan(numbers)
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return
    low, middle, high = np.quantile(present, [0.25, 0.5, 0.75])
    ends = [spelled(column.kind, end) for end in (low, middle, high)]
    yield "below", (ends[0],), numbers < low
    yield "between", (ends[0], ends[1]), (numbers >= low) & (numbers < middle)
    yield "between", (ends[1], ends[2]), (numbers >= middle) & (numbers < high)
    yield "from", (ends[2],), numbers >= high
