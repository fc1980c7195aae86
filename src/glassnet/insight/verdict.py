"""Whether a network is worth anything: no better than one answer for all rows is said aloud, with the likely reason.

Better by no more than chance is not better, for the network and for the simple models that it is explained by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from glassnet.insight.baselines import CONSTANTS, FEWEST_ROWS, LINEAR, STANDARD_ERRORS
from glassnet.insight.doctor import Finding
from glassnet.insight.scores import CLASSIFICATION, HIGHER_IS_BETTER, METRICS, REGRESSION
from glassnet.support.language import LANGUAGES, Composed, Language, Text

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
    "more.nobody": Text(
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
JUDGED: Final = ("accuracy", "balanced_accuracy", "log_loss", "rmse", "mae")
"""What a network is judged by."""
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
"""Text that nobody has shown to say anything of the target."""
BLOCKS: Final = ("dead_units", "saturated_units", "exploding_gradients", "vanishing_gradients")
"""With these neither, where they are serious. All other causes may themselves come of columns that say nothing."""


class Verdict(NamedTuple):
    """The warning about a network that is no better than a constant prediction, or not significantly."""

    code: str  # "useless", "doubtful" (perhaps no better), "answers", "probabilities" (no better in these), "few_rows"
    words: Text
    more: Text | None = None  # the likeliest reason, or what to think of it

    def sentences(self, language: Language | None) -> list[str]:
        """What is so, and why."""
        return [text.say(language) for text in (self.words, self.more) if text is not None]


def verdict(
    scores: Mapping[str, Mapping[str, float]],
    leads: Mapping[str, Mapping[str, float]] | None,
    rows: int,
    find: Callable[[], Iterable[Finding]],
    *,
    weighted: bool = False,
) -> Verdict | None:
    """The verdict on a network; None where it is better than a constant, or nobody knows.

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
        judged = [key for key in JUDGED if key in pairs and (key == "balanced_accuracy") == weighted]
        if judged and not _proven(leads[network], weighted):
            each = [TEXTS["figure.of"].filled(metric=METRICS[key], pair=pairs[key]) for key in judged]
            comma = TEXTS["figure.comma"]
            figures = Composed({to: comma.say(to).join(one.say(to) for one in each) for to in LANGUAGES})
            fault = "doubtful"
            values = {"constant": CONSTANTS[constant], "rows": rows, "figures": figures}
    if fault is None:
        return None
    said = TEXTS[f"verdict.{fault}"].filled(**values)
    if fault == "answers":
        return Verdict(fault, said, TEXTS["more.rare"] if scores[constant]["accuracy"] >= COMMON else None)
    code = fault if fault in ("doubtful", "probabilities") else "useless"
    if few is not None:
        return Verdict(code, said, few.words)
    nobody = None
    if fault != "probabilities" and simple and not any(_proven(leads[name], weighted) for name in simple):
        nobody = TEXTS["more.doubtful_too" if code == "doubtful" else "more.nobody"].filled(simple=LINEAR[simple[0]])
    return Verdict(code, said, _reason(find(), nobody))


def _proven(leads: Mapping[str, float], weighted: bool) -> bool:
    """Whether a model is better than the constant in a metric that counts, and by more than chance."""
    return any(lead >= STANDARD_ERRORS for key, lead in leads.items() if (key == "balanced_accuracy") == weighted)


def _reason(findings: Iterable[Finding], nobody: Text | None) -> Text | None:
    """What explains it best, of all that the doctor found and of what simple models could do.

    Where nobody finds anything in the columns, how training went explains little: `nobody` is what is said then.
    """
    known = [found for found in findings if found.kind in CAUSES and (found.kind, found.severity) not in IDLE]
    if nobody is not None and not any(
        finding.kind == "underfitting" for finding in known
    ):  # in which a forest found more
        grave = [*HINDRANCES, *BLOCKS]
        known = [found for found in known if found.kind in (grave if found.severity == "serious" else HINDRANCES)]
        if not known:
            return nobody
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
    """In what the network is no better than a constant, as the catalogue has it; None: in nothing, or nobody knows."""
    if {"rmse", "mae"} <= ahead.keys():
        return None if ahead["rmse"] or ahead["mae"] else "numbers"
    if weighted and "balanced_accuracy" in ahead:
        return None if ahead["balanced_accuracy"] else "balanced"
    if {"accuracy", "log_loss"} <= ahead.keys():
        if ahead["accuracy"]:
            return None if ahead["log_loss"] else "probabilities"
        return "answers" if ahead["log_loss"] else "constant"
    return None
