"""Baselines, and the verdict: whether a network is better than a constant prediction, and why not."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.estimators import Classifier
from glassnet.insight.predictions import Predictions, predict_rows
from glassnet.insight.scores import (
    CLASSIFICATION,
    FEWEST_ROWS,
    HIGHER_IS_BETTER,
    METRICS,
    REGRESSION,
    SQUARED,
    STANDARD_ERRORS,
    lead,
    row_log_loss,
    unit_of,
)
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows
from glassnet.support.language import LANGUAGES, Composed, Language, Text, joined
from glassnet.tables import TableEncoder, take
from glassnet.training import split_rows

if TYPE_CHECKING:
    from glassnet.insight.doctor import Finding

MOST_FREQUENT, MEAN = "most frequent class", "the mean"
"""The names of the constant predictions."""
CONSTANTS: Final = {
    MOST_FREQUENT: Text("the most frequent class"),
    MEAN: Text("the mean"),
}
LOGISTIC, RIDGE = "logistic regression", "ridge regression"
LINEAR: Final = {LOGISTIC: Text("logistic regression"), RIDGE: Text("ridge regression")}
"""The models that learn from the columns."""

MOST_LEARNED: Final = 50_000
"""Simple models learn from at most so many rows: more would hardly change them."""
ITERATIONS = 300
"""At most so many steps of the logistic regression: enough on scaled columns, and never a long wait."""
FOLDS = 3
FEWEST_IN_FOLDS = 30
"""Of fewer rows nothing can be learned in folds that would be worth comparing with."""
SINGLE: Final = 1e18
"""Squares of what lies between it and its reciprocal fit into float32."""

TEXTS: Final = {
    "verdict.constant": Text(
        "The network is no better than the majority-class baseline: accuracy {accuracy}, log loss {log_loss}."
    ),
    "verdict.answers": Text(
        "The network is no more accurate than the majority-class baseline: accuracy {accuracy}. Its probabilities "
        "are better: log loss {log_loss}."
    ),
    "verdict.probabilities": Text(
        "The probabilities of the network are worse than the class frequencies: log loss {log_loss}. Its predicted "
        "classes are better: accuracy {accuracy}."
    ),
    "verdict.balanced": Text(
        "The network separates the classes no better than a constant prediction: balanced accuracy {balanced_accuracy}."
    ),
    "verdict.numbers": Text("The network is no better than always predicting the mean: RMSE {rmse}, MAE {mae}."),
    "verdict.doubtful": Text(
        "{rows:,} rows are too few to tell whether the network is better than always predicting {constant}: "
        "{figures}. A difference of this size may be due to chance."
    ),
    "more.rare": Text('This is common when the other classes are rare; class_weight="balanced" finds more of them.'),
    "more.few": Text("The scores are unreliable with so few rows: on other rows they could be quite different."),
    "more.reason": Text("Likely reason: {what}. {remedy}"),
    "more.no_signal": Text(
        "Likely reason: {simple} is not significantly better than the constant prediction, either. The columns may "
        "have little to do with the target, or there are too few rows to tell."
    ),
    "more.doubtful_too": Text("The same is true of {simple}. Evaluate on more rows to tell."),
    "figure.against": Text("{ours} against {theirs}"),
    "figure.of": Text("{metric} {pair}"),
    "figure.comma": Text(", ", context="figures"),
}
COMMON = 0.8
"""The share of the most frequent class from which the others are rare."""
COMPARED_METRICS: Final = ("accuracy", "balanced_accuracy", "log_loss", "rmse", "mae")
"""The metrics of the verdict."""
CAUSES: Final = (
    "free_text",
    *("not_finite", "diverged", "learning_rate_high", "learning_rate_low", "dead_units", "saturated_units"),
    *("exploding_gradients", "vanishing_gradients", "unscaled_inputs", "unscaled_target"),
    *("overfitting", "still_learning", "underfitting", "drift"),
)
"""Kinds of findings that explain why nothing was learned, the likeliest first."""
HINDRANCES: Final = ("free_text", "not_finite", "diverged", "learning_rate_low")
"""With these nothing can be learned from any columns, or not from the one that matters."""
IDLE: Final = frozenset({("free_text", "note"), ("free_text", "warning")})
"""Free text whose relevance to the target has not been shown."""
BLOCKS: Final = ("dead_units", "saturated_units", "exploding_gradients", "vanishing_gradients")
"""With these neither, where they are serious. All other causes may themselves come of columns that say nothing."""


def baselines(
    X: Any, y: Array, weight: Array | None, X_test: Any, *, classes: bool, class_weight: Any = None
) -> Iterator[tuple[str, Predictions]]:
    """Yield the simple models: the name of each, and its predictions for the test rows.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0)[:, None]
    >>> for name, predicted in baselines(X, 2 * X[:, 0], None, X[:2], classes=False):
    ...     print(name, predicted.values.round(1))
    ridge regression [0.2 2.1]
    the mean [7. 7.]
    """
    X, X_test = with_ngrams(X), with_ngrams(X_test)
    if X.shape[1] == 0:  # no column varies in these rows, and scikit-learn's models want one
        X, X_test = np.zeros((X.shape[0], 1)), np.zeros((X_test.shape[0], 1))
    unit = 1.0 if classes else unit_of(SINGLE, y)  # scikit-learn fits float32, like the inputs
    for name, model in _models(classes, class_weight):
        # two threads wait for each other in every step, fifty times as long where others use the processors as well
        with one_blas_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged: good enough for a comparison
            model.fit(X, y if unit == 1 else y / unit, sample_weight=weight)
            predicted = predict_rows(model, X_test)
        yield name, predicted if unit == 1 else Predictions(predicted.values.astype(np.float64) * unit)


def simple_models(
    learned: tuple[Any, Array, Array | None], X_test: Any, *, classes: bool, class_weight: Any = None
) -> dict[str, Predictions]:
    """The simple models of a table, which learn from at most `MOST_LEARNED` of its rows, some of each class."""
    X, y, weight = learned
    if len(y) > MOST_LEARNED:
        rows, _ = split_rows(len(y), 1 - MOST_LEARNED / len(y), 0, y if classes else None)
        X, y, weight = take(X, rows), y[rows], None if weight is None else weight[rows]
    encoder = TableEncoder(free_text="auto").fit(X, sample_weight=weight)  # levels and n-grams as columns
    encoded = encoder.transform(X), y, weight, encoder.transform(X_test)
    return dict(baselines(*encoded, classes=classes, class_weight=class_weight))


def deciding_alike(simple: Mapping[str, Predictions], model: Any) -> dict[str, Predictions]:
    """The same, with linear models choosing the class as the model does: by its threshold or its costs.

    Examples
    --------
    >>> import glassnet
    >>> X, sure = np.arange(20.0)[:, None], np.array([[0.75, 0.25]])
    >>> model = glassnet.NeuralClassifier(decision_threshold=0.2, preset="mlp", random_state=0).fit(X, X[:, 0] > 9)
    >>> deciding_alike({LOGISTIC: Predictions(model.classes_[:1], sure, model.classes_)}, model)[LOGISTIC].values
    array([ True])
    """
    if not isinstance(model, Classifier):
        return dict(simple)
    targets = model.targets_
    return {
        name: replace(each, values=targets.decode_targets(targets.decided(each.probabilities)))
        if name in LINEAR and each.probabilities is not None and each.probabilities.shape[1] == len(targets.classes)
        else each
        for name, each in simple.items()
    }


def with_ngrams(X: Any) -> Any:
    """Return encoded rows as scikit-learn's models take them: one sparse matrix where n-grams stand beside them."""
    if not isinstance(X, TextRows):
        return X
    from scipy.sparse import csr_array, hstack

    rows, ids, values = X.entries()
    return hstack([csr_array(X.matrix), csr_array((values, (rows, ids)), (len(X), X.store.size))], format="csr")


def in_folds(
    X: Any, y: Array, weight: Array | None, *, classes: Array | None, class_weight: Any = None
) -> Iterator[tuple[str, Predictions]]:
    """Cross-validate: each row is predicted by a model trained on the other folds.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(60.0)[:, None]
    >>> for name, predicted in in_folds(X, 2 * X[:, 0], None, classes=None):
    ...     print(name, predicted.values[:3].round(1))
    ridge regression [0. 2. 4.]
    the mean [59.4 59.4 59.6]
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    seen, counts = np.unique(y, return_counts=True)
    if len(y) < FEWEST_IN_FOLDS or (classes is not None and (len(seen) < 2 or counts.min() < FOLDS)):
        return
    kind = KFold if classes is None else StratifiedKFold
    splits = list(kind(FOLDS, shuffle=True, random_state=0).split(X, y))
    found: dict[str, list[Predictions]] = {}
    for learned, judged in splits:
        of_learned = None if weight is None else weight[learned]
        simple = baselines(
            X[learned], y[learned], of_learned, X[judged], classes=classes is not None, class_weight=class_weight
        )
        for name, predicted in simple:
            found.setdefault(name, []).append(predicted)
    back = np.argsort(np.concatenate([judged for _, judged in splits]))
    for name, pieces in found.items():
        yield name, _one(pieces, seen, classes).take(back)


def _one(pieces: list[Predictions], seen: Array, classes: Array | None) -> Predictions:
    """The pieces as one, with a column for each class, whether or not it occurs."""
    values = np.concatenate([piece.values for piece in pieces])
    if classes is None:
        return Predictions(values)
    known = np.concatenate([piece.probabilities for piece in pieces])
    probabilities = np.zeros((len(values), len(classes)), known.dtype)
    probabilities[:, np.searchsorted(classes, seen)] = known
    return Predictions(values, probabilities, classes)


def _models(classes: bool, class_weight: Any) -> Iterator[tuple[str, Any]]:
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if classes:
        yield LOGISTIC, LogisticRegression(max_iter=ITERATIONS, class_weight=class_weight)
        yield MOST_FREQUENT, DummyClassifier()
    else:
        yield RIDGE, Ridge()
        yield MEAN, DummyRegressor()


# ------------------------------------------------------------------- whether it is chance


def z_scores(
    truth: Array, models: Mapping[str, Predictions], weight: Array | None = None
) -> dict[str, dict[str, float]] | None:
    """By how many standard errors each model beats the constant prediction, by metric; None without one.

    The root mean square error is judged by the squares.

    Examples
    --------
    >>> truth = np.arange(8.0)
    >>> models = {"close": Predictions(truth + 0.1 * (-1) ** np.arange(8)), MEAN: Predictions(np.full(8, 3.5))}
    >>> round(z_scores(truth, models)["close"]["mae"], 1)
    4.5
    """
    constant = next((name for name in (MEAN, MOST_FREQUENT) if name in models), None)
    if constant is None:
        return None
    theirs = _costs(truth, models[constant])
    weights = np.ones(len(truth)) if weight is None else np.asarray(weight, np.float64)
    alike = dict.fromkeys(theirs, weights)
    if "balanced_accuracy" in theirs:
        _, classes, counts = np.unique(truth, return_inverse=True, return_counts=True)
        alike["balanced_accuracy"] = weights / counts[classes]
    return {
        name: {
            key: lead(theirs[key] - cost, alike[key]).z
            for key, cost in _costs(truth, predicted).items()
            if key in theirs
        }
        for name, predicted in models.items()
        if name != constant
    }


def _costs(truth: Array, predicted: Predictions) -> dict[str, Array]:
    """The contribution of each row to each metric; lower is better."""
    if predicted.classes is None:
        error = np.abs(predicted.values.astype(np.float64) - truth.astype(np.float64))
        error /= unit_of(math.sqrt(SQUARED), error)  # of squares the deviation is taken
        return {"rmse": error**2, "mae": error}
    wrong = (truth != predicted.values).astype(np.float64)
    costs = {"accuracy": wrong, "balanced_accuracy": wrong}
    return costs if predicted.probabilities is None else costs | {"log_loss": row_log_loss(truth, predicted)}


# ------------------------------------------------------------------- the verdict


class Verdict(NamedTuple):
    """The warning about a network that is no better than a constant prediction, or not significantly."""

    code: str  # "useless", "doubtful" (perhaps no better), "answers", "probabilities" (no better in these), "few_rows"
    words: Text
    more: Text | None = None  # the likeliest reason, or what to think of it

    def sentences(self, language: Language | None) -> list[str]:
        """Return the verdict and its reason, as sentences."""
        return [text.say(language) for text in (self.words, self.more) if text is not None]


def verdict(
    scores: Mapping[str, Mapping[str, float]],
    leads: Mapping[str, Mapping[str, float]] | None,
    rows: int,
    find: Callable[[], Iterable[Finding]],
    *,
    weighted: bool = False,
) -> Verdict | None:
    """Return the verdict on a network; None where it is better than a constant, or where that is unknown.

    Better by no more than chance is not better, for the network and for the simple models that explain it.

    Examples
    --------
    >>> ours, constant = {"rmse": 2.0, "mae": 1.7}, {"rmse": 1.9, "mae": 1.6}
    >>> scores, leads = {"network": ours, "the mean": constant}, {"network": {"rmse": -1.0, "mae": -1.2}}
    >>> verdict(scores, leads, 80, list).words.say("en")
    'The network is no better than always predicting the mean: RMSE 2 against 1.9, MAE 1.7 against 1.6.'
    >>> scores, leads = {"network": constant, "the mean": ours}, {"network": {"rmse": 5.0, "mae": 6.0}}
    >>> verdict(scores, leads, 80, list)
    """
    few = Verdict("few_rows", TEXTS["more.few"]) if rows < FEWEST_ROWS else None
    constant = next((name for name in CONSTANTS if name in scores), None)
    if constant is None or leads is None:
        return few if scores else None
    network, *others = (name for name in scores if name != constant)
    simple = [name for name in others if name in LINEAR]
    fault = _fault(_ahead(scores[network], scores[constant]), weighted)
    against = TEXTS["figure.against"]
    pairs = {
        metric.key: against.filled(ours=metric.spell(scores[network][metric.key]), theirs=metric.spell(value))
        for metric in (*CLASSIFICATION, *REGRESSION)
        if (value := scores[constant].get(metric.key)) is not None and metric.key in scores[network]
    }
    values: dict[str, object] = dict(pairs)
    if fault in (None, "answers", "probabilities"):
        if few is not None:
            return few
        judged = [key for key in COMPARED_METRICS if key in pairs and (key == "balanced_accuracy") == weighted]
        if judged and not _proven(leads[network], weighted):
            each = [TEXTS["figure.of"].filled(metric=METRICS[key], pair=pairs[key]) for key in judged]
            figures = joined(each, TEXTS["figure.comma"])
            fault = "doubtful"
            values = {"constant": CONSTANTS[constant], "rows": rows, "figures": figures}
    if fault is None:
        return None
    statement = TEXTS[f"verdict.{fault}"].filled(**values)
    if fault == "answers":
        return Verdict(fault, statement, TEXTS["more.rare"] if scores[constant]["accuracy"] >= COMMON else None)
    code = fault if fault in ("doubtful", "probabilities") else "useless"
    if few is not None:
        return Verdict(code, statement, few.words)
    no_signal = None
    if fault != "probabilities" and simple and not any(_proven(leads[name], weighted) for name in simple):
        no_signal = TEXTS["more.doubtful_too" if code == "doubtful" else "more.no_signal"].filled(
            simple=LINEAR[simple[0]]
        )
    return Verdict(code, statement, _reason(find(), no_signal))


def _proven(leads: Mapping[str, float], weighted: bool) -> bool:
    """Whether a model is better than the constant in a metric that counts, and by more than chance."""
    return any(lead >= STANDARD_ERRORS for key, lead in leads.items() if (key == "balanced_accuracy") == weighted)


def _reason(findings: Iterable[Finding], no_signal: Text | None) -> Text | None:
    """Return the likeliest reason, from the doctor's findings and the scores of simple models.

    Where no simple model beats the constant either, the course of the training explains little: then the reason is
    `no_signal`.
    """
    known = [found for found in findings if found.kind in CAUSES and (found.kind, found.severity) not in IDLE]
    if no_signal is not None and not any(
        finding.kind == "underfitting" for finding in known
    ):  # in which a forest found more
        grave = [*HINDRANCES, *BLOCKS]
        known = [found for found in known if found.kind in (grave if found.severity == "serious" else HINDRANCES)]
        if not known:
            return no_signal
    if not known:
        return None
    cause = min(known, key=lambda finding: CAUSES.index(finding.kind))
    what, remedy = (
        Composed({language: getattr(cause.spoken(language), part) for language in LANGUAGES})
        for part in ("what", "remedy")
    )
    return TEXTS["more.reason"].filled(what=what, remedy=remedy)


def _ahead(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, bool]:
    """For each metric that both have, whether ours is better."""
    return {
        key: ours[key] > value if key in HIGHER_IS_BETTER else ours[key] < value
        for key, value in theirs.items()
        if key in ours
    }


def _fault(ahead: Mapping[str, bool], weighted: bool) -> str | None:
    """Return the key of the score in which the network is no better than a constant; None: in no score, or unknown."""
    if {"rmse", "mae"} <= ahead.keys():
        return None if ahead["rmse"] or ahead["mae"] else "numbers"
    if weighted and "balanced_accuracy" in ahead:
        return None if ahead["balanced_accuracy"] else "balanced"
    if {"accuracy", "log_loss"} <= ahead.keys():
        if ahead["accuracy"]:
            return None if ahead["log_loss"] else "probabilities"
        return "answers" if ahead["log_loss"] else "constant"
    return None
