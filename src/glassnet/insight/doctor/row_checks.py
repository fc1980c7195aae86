"""Checks of the rows: scales, rare classes, duplicates, drift between training and validation rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from glassnet.engines.data import take_rows
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Case, Finding, Severity
from glassnet.insight.doctor.skill import FEWEST_ROWS, forest_answers, sample
from glassnet.insight.doctor.texts import TEXTS
from glassnet.layers import BatchNorm, LayerNorm, RMSNorm
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows
from glassnet.support.language import Text, joined

LARGE = 10.0
"""Initial weights suit inputs of size 1 (Glorot, Bengio 2010; He et al. 2015): at ten times that, sums begin in the
flat parts of tanh, and a step that suits one column is ten times too long for another."""
SMALL = 0.01
"""All columns below it: the network begins, and long remains, blind to them."""
RARE = 0.05
"""A class with a smaller share is one that a network may leave out without much loss."""
FEW_OF_A_CLASS = 10
REPEATED = {"note": 0.01, "warning": 0.1}
"""The share of the rows judged by that were learned from, too."""
ROWS = 20_000
AT_ONCE = 1_000_000
"""Cells of rows that are compared by their bytes."""
SHOWN = 5
MORE_COLUMNS: Final = Text("{shown} and {more} more")
MORE_CLASSES: Final = Text("{shown} and {more} more", context="classes")

UNSCALED, UNSCALED_TARGET = Case.named("unscaled_inputs"), Case.named("unscaled_target")
IMBALANCE, NEVER = Case.named("imbalance"), Case.named("class_never_answered")
SEVERAL_NEVER = Case.named("class_never_answered", "classes_never_answered")
DUPLICATES, TWICE = Case.named("duplicates"), Case.named("duplicates", "twice")


def unscaled(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Inputs and targets of a bare network that are far from size 1."""
    if isinstance(diagnostics.network.layers[0], (BatchNorm, LayerNorm, RMSNorm)):
        raise NotMeasurable("normalised")
    x = take_rows(diagnostics.X, sample(diagnostics.X.shape[0], ROWS, diagnostics.X.shape[1]), np.float64)
    with np.errstate(over="ignore"):
        sizes = np.sqrt(np.mean(x**2, axis=0))
    far = sizes > LARGE if sizes.max() >= SMALL else np.ones(len(sizes), bool)
    if far.any():
        column = int(sizes.argmax())
        name = diagnostics.names[column]
        yield UNSCALED.found("warning", count=int(far.sum()), columns=len(far), column=name, size=float(sizes[column]))
    if diagnostics.task == "numbers" and diagnostics.network.loss.response == "identity":
        size = float(np.sqrt(np.mean(diagnostics.target.astype(np.float64) ** 2)))
        if size > LARGE:
            yield UNSCALED_TARGET.found("warning", size=size)


def imbalance(diagnostics: Diagnostics) -> Iterator[Finding]:
    """A class with few rows: a fact, and no fault."""
    counts, names = _counts(diagnostics)
    rarest = int(counts.argmin())
    share = counts[rarest] / counts.sum()
    if share < RARE and share < 0.5 / len(counts):  # of thirty classes each is rare
        yield IMBALANCE.found(
            "note",
            name=names[rarest],
            share=float(share),
            count=int(counts[rarest]),
            rows=int(counts.sum()),
            right=float(1 - share),
            counts={str(name): int(count) for name, count in zip(names, counts, strict=True)},
        )


def never_answered(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Classes that occur and are never predicted, by their order, which no sample of the rows changes."""
    counts, names = _counts(diagnostics)
    rows, probabilities = diagnostics.probabilities()
    answered = np.bincount(diagnostics.decided(probabilities), minlength=len(counts))
    present = np.bincount(diagnostics.target[rows], minlength=len(counts))
    silent = np.flatnonzero((answered == 0) & (present >= FEW_OF_A_CLASS))
    if len(silent):
        which, count = [names[number] for number in silent], int(present[silent].sum())
        yield (NEVER if len(silent) == 1 else SEVERAL_NEVER).found(
            "warning" if count >= RARE * len(rows) else "note",
            name=named_few(which, MORE_CLASSES),
            silent=len(silent),
            classes=len(names),
            count=count,
            rows=len(rows),
            which=which,
        )


def _counts(diagnostics: Diagnostics) -> tuple[Array, list[str]]:
    """The number of rows of each class, and the names of the classes."""
    assert diagnostics.classes is not None
    names = [repr(name) for name in diagnostics.classes]
    return np.bincount(diagnostics.target, minlength=len(names)), names


def duplicates(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Rows on both sides of a split; where no split is known, rows that occur more than once."""
    assert diagnostics.y is not None
    known = _fingerprints(diagnostics.X, diagnostics.y)
    if diagnostics.given is not None:
        other = _fingerprints(diagnostics.given.X, diagnostics.given.y)
        count, rows = int(np.isin(other, known).sum()), len(other)
    elif diagnostics.shares is not None:
        count = sum(int(np.isin(known[held], known[learned]).sum()) for learned, held in diagnostics.shares)
        rows = sum(len(held) for _, held in diagnostics.shares)
    else:
        _, position, repeats = np.unique(known, return_inverse=True, return_counts=True)
        count, rows = int((repeats[position] > 1).sum()), len(known)
    share = count / rows
    if share >= REPEATED["note"]:
        split = diagnostics.given is not None or diagnostics.shares is not None
        severity: Severity = "warning" if share >= REPEATED["warning"] and diagnostics.given is not None else "note"
        yield (DUPLICATES if split else TWICE).found(severity, count=count, rows=rows, share=share)


def _fingerprints(X: Any, y: Array) -> Array:
    """Return a hash of each row, equal only for equal inputs, texts and targets."""
    width = y.shape[1] if y.ndim == 2 else 1
    target = np.ascontiguousarray(y.reshape(len(y), width), np.float64)
    found = np.empty(len(y), np.int64)
    step = max(1, AT_ONCE // X.shape[1])
    for start in range(0, len(y), step):
        some = slice(start, start + step)
        x = take_rows(X, some, np.float64) + 0.0  # there is but one zero
        found[some] = [hash(row.tobytes()) for row in np.hstack([x, target[some] + 0.0])]
    if isinstance(X, TextRows):
        store, ends = X.store, X.store.indptr
        cells = [slice(ends[place], ends[place + 1]) for place in X.places.tolist()]
        texts = [store.ids[cell].tobytes() + store.values[cell].tobytes() for cell in cells]
        found[:] = [hash(pair) for pair in zip(found.tolist(), texts, strict=True)]
    return found


def named_few(names: list[str], longer: Text = MORE_COLUMNS) -> Text:
    """The first few of some names, and how many there are, in Chinese with the word that counts them.

    >>> named_few(["a", "b"]).say("zh")
    'a、b'
    """
    shown = joined(names[:SHOWN])
    more = len(names) - SHOWN
    return longer.filled(shown=shown, more=more, total=len(names)) if more > 0 else shown


# ------------------------------------------------------------------- rows that are unlike

LEVEL = 0.01
"""Of all columns together, by Bonferroni's correction: one false alarm in a hundred tables that are alike."""
DISTANCE = 0.1
"""The largest difference of the two distribution functions from which it matters: in a large table every small
difference is significant."""
SEPARABLE_AUC = 0.6
"""The area under the curve from which a forest tells the rows apart well enough to matter; 0.5 is guessing."""
STANDARD_ERRORS = 4.0
COMPARED_ROWS = 2000
NEW_LEVELS = DISTANCE / 2
"""Of the rows, the share whose level has a code of its own only thanks to one or two rows, as one that occurs only once
does: about as many of any other rows have a level without a code (Good 1953, Turing). A column of such codes tells even
rows drawn at random apart, and is left out."""

DRIFT = Case.named("drift")


def drift(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Columns with another distribution in the validation rows, and whether a forest tells the rows apart."""
    assert diagnostics.given is not None
    first, second = diagnostics.X, diagnostics.given.X
    if min(first.shape[0], second.shape[0]) < FEWEST_ROWS:
        raise NotMeasurable("few_rows")
    ours = take_rows(first, sample(first.shape[0], COMPARED_ROWS, first.shape[1]), np.float64)
    theirs = take_rows(second, sample(second.shape[0], COMPARED_ROWS, first.shape[1]), np.float64)
    left_out = _full_of_new_levels(diagnostics)
    compared = [column for column in range(first.shape[1]) if column not in left_out]
    if not compared:
        raise NotMeasurable("only_new_levels")
    ours, theirs = ours[:, compared], theirs[:, compared]
    distances = _distances(ours, theirs)
    columns: dict[str, float] = {}
    for column, distance in distances.items():
        name = diagnostics.names[diagnostics.sources[compared[column]]]
        columns[name] = max(distance, columns.get(name, 0.0))
    auc, error = _separability(np.vstack([ours, theirs]), len(ours))
    if columns or (auc >= SEPARABLE_AUC and auc - 0.5 > STANDARD_ERRORS * error):
        columns = dict(sorted(columns.items(), key=lambda item: -item[1]))
        yield DRIFT.found(
            "warning",
            columns=named_few(list(columns)) if columns else TEXTS["columns.together"],
            distance=max(distances.values(), default=0.0),
            auc=auc,
            distances=columns,
        )


def _full_of_new_levels(diagnostics: Diagnostics) -> set[int]:
    """The columns of codes in which so many levels barely have one that other rows must have many without."""
    rows, width = diagnostics.X.shape
    known = take_rows(diagnostics.X, sample(rows, ROWS, width), np.float64)
    full = set()
    for column, others in enumerate(diagnostics.codes, width - len(diagnostics.codes)):
        codes, counts = np.unique(known[:, column], return_counts=True)
        # Where only the most frequent levels have a code, a row less could cost those at the edge theirs.
        barely = counts <= (counts[codes != others].min(initial=rows) + 1 if others else 1)
        if counts[barely & (codes != others)].sum() >= NEW_LEVELS * len(known):
            full.add(column)
    return full


def _distances(ours: np.ndarray, theirs: np.ndarray) -> dict[int, float]:
    """The columns that differ, by Kolmogorov and Smirnov's test, and how far."""
    from scipy.stats import ks_2samp

    tests = [ks_2samp(ours[:, column], theirs[:, column], method="asymp") for column in range(ours.shape[1])]
    level = LEVEL / len(tests)
    return {
        column: float(test.statistic)
        for column, test in enumerate(tests)
        if test.pvalue < level and test.statistic >= DISTANCE
    }


def _separability(rows: np.ndarray, first: int) -> tuple[float, float]:
    """The ROC AUC with which a random forest separates the two sets of rows, and its standard error under chance."""
    from sklearn.metrics import roc_auc_score

    origin = (np.arange(len(rows)) >= first).astype(int)
    answers = forest_answers(rows, origin, classes=True)[:, 1]
    other = len(rows) - first
    return float(roc_auc_score(origin, answers)), float(np.sqrt((len(rows) + 1) / (12 * first * other)))
