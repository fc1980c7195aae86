"""Models against each other over many tables: ranks, ratios, wins."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy.means import Figures, Results

__all__ = [
    *("compare", "critical_difference", "fields", "geometric_mean", "joined"),
    *("mean_ratio", "ranks", "ratio", "ratios", "wins"),
]

LEAST_LOG_LOSS = 0.01
LEAST_RMSE = 1e-12

MOST = 0.8
"""A model takes part in the comparison of all with all if it has figures for this share of the tables, at least."""


def ranks(values: Sequence[float]) -> list[float]:
    """1 for the smallest; equals share the mean of their places.

    Examples
    --------
    >>> ranks([0.3, 0.1, 0.3])
    [2.5, 1.0, 2.5]
    """
    return [sum(v < own for v in values) + (sum(v == own for v in values) + 1) / 2 for own in values]


def ratio(own: Figures, other: Figures, figure: str) -> float:
    """How many times the other's figure; what is below the floor counts as the floor.

    On a table that is all but solved a single row would otherwise decide the mean over all tables. The floors: half a
    test row for the error of classes, 0.01 for log-loss.
    """
    floor = LEAST_RMSE
    if figure == "log_loss":
        floor = LEAST_LOG_LOSS
    elif "accuracy" in own and figure == "error":
        floor = 0.5 / own["test_rows"]
    return max(own[figure], floor) / max(other[figure], floor)


def geometric_mean(values: Sequence[float]) -> float | None:
    """None where there are no values."""
    return math.exp(statistics.fmean(map(math.log, values))) if values else None


def mean_ratio(results: Results, model: str, other: str, figure: str) -> float | None:
    """The geometric mean of the ratios over the tables that have this figure for both."""
    return geometric_mean(ratios(results, model, other, figure))


def ratios(results: Results, model: str, other: str, figure: str) -> list[float]:
    """One for each table that has this figure for both."""
    return [ratio(own, others, figure) for own, others in _pairs(results, model, other, figure)]


def wins(results: Results, model: str, other: str, figure: str) -> list[int]:
    """On how many tables the model is better, equal and worse."""
    counts = [0, 0, 0]
    for own, others in _pairs(results, model, other, figure):
        counts[0 if own[figure] < others[figure] else 1 if own[figure] == others[figure] else 2] += 1
    return counts


def fields(results: Results, order: Sequence[str]) -> list[list[str]]:
    """Which models are compared with each other: first those that have nearly all tables, then these with each other.

    A model that was left out on many tables is compared on its own tables, with all the others.
    """
    counts = Counter(model for models in results.values() for model in models if model in order)
    if not counts:
        return []
    enough = MOST * max(counts.values())
    main = [model for model in order if counts[model] >= enough]
    return [main, *([*main, model] for model in order if 0 < counts[model] < enough)]


def compare(results: Results, models: Sequence[str], baseline: str) -> dict[str, Any]:
    """All with all, on the tables that every one of them has.

    Returns
    -------
    dict
        tables : their names; models : by model a dict of rank, log_loss_rank (mean ranks), error, class_error,
        log_loss, rmse (geometric means of the ratios to the baseline's), roc_auc, calibration_error (means over the
        tables of classes), fit_seconds (of all tables together), predicted_rows (a second).
    """
    shared = {name: found for name, found in results.items() if all(model in found for model in models)}
    classes = {name: found for name, found in shared.items() if "accuracy" in found[models[0]]}
    by_error, by_log_loss = mean_ranks(shared, models, "error"), mean_ranks(classes, models, "log_loss")
    compared = {}
    for model in models:
        own = [found[model] for found in shared.values()]
        seconds = sum(figures["predict_seconds"] for figures in own)
        compared[model] = {
            "rank": by_error.get(model),
            "log_loss_rank": by_log_loss.get(model),
            "error": mean_ratio(shared, model, baseline, "error"),
            "class_error": mean_ratio(classes, model, baseline, "error"),
            "log_loss": mean_ratio(classes, model, baseline, "log_loss"),
            "rmse": mean_ratio(shared, model, baseline, "rmse"),
            "roc_auc": _mean([found[model]["roc_auc"] for found in classes.values()]),
            "calibration_error": _mean([found[model]["calibration_error"] for found in classes.values()]),
            "fit_seconds": sum(figures["fit_seconds"] for figures in own),
            "predicted_rows": sum(figures["test_rows"] for figures in own) / seconds if seconds else None,
        }
    return {"tables": list(shared), "models": compared}


def mean_ranks(results: Results, models: Sequence[str], figure: str) -> dict[str, float]:
    """The mean rank of each model over the tables, all of which all models have; empty without tables."""
    by_table = [ranks([found[model][figure] for model in models]) for found in results.values()]
    if not by_table:
        return {}
    return dict(zip(models, map(statistics.fmean, zip(*by_table, strict=True)), strict=True))


def critical_difference(models: int, tables: int) -> float:
    r"""Mean ranks that differ by less cannot be told apart, at the level of 5 %: the test of Nemenyi.

    :math:`q \sqrt{k (k + 1) / (6 N)}` for k models and N tables, with the quantile q of the studentized range over
    the root of 2.

    Source: Demšar (2006), *Statistical Comparisons of Classifiers over Multiple Data Sets*, section 3.2.2.

    Examples
    --------
    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    from scipy.stats import studentized_range

    quantile = studentized_range.ppf(0.95, models, math.inf) / math.sqrt(2)
    return float(quantile * math.sqrt(models * (models + 1) / (6 * tables)))


def joined(rank: Sequence[float], reach: float) -> list[tuple[int, int]]:
    """The first and last places of the longest runs of models, by rank, that are closer than the critical difference.

    Examples
    --------
    >>> joined([1.0, 1.5, 2.2, 4.0], reach=1.0)
    [(0, 1), (1, 2)]
    """
    found: list[tuple[int, int]] = []
    for first in range(len(rank)):
        last = max(place for place in range(first, len(rank)) if rank[place] - rank[first] < reach)
        if last > first and not (found and found[-1][1] >= last):
            found.append((first, last))
    return found


def _pairs(results: Results, model: str, other: str, figure: str) -> list[tuple[Figures, Figures]]:
    """What both reached on every table that has this figure for both."""
    found = [(models.get(model, {}), models.get(other, {})) for models in results.values()]
    return [(own, others) for own, others in found if figure in own and figure in others]


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
