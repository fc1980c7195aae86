"""Whether a network is worth anything: no better than one answer for all rows is said aloud, with the likely reason.

Better by no more than chance is not better, for the network and for the simple models that it is explained by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from glassnet.insight.baselines import CONSTANTS, LINEAR
from glassnet.insight.chance import FEWEST_ROWS, STANDARD_ERRORS
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.finding import filled
from glassnet.insight.scores import CLASSIFICATION, HIGHER_IS_BETTER, REGRESSION
from glassnet.language import Language, Text

__all__ = ["Verdict", "verdict"]

CONSTANT = Text(
    "The network is no better than always predicting the most frequent class: accuracy {accuracy}, log loss "
    "{log_loss}.",
    "网络并不优于一律预测最常见的类别：正确率 {accuracy}，对数损失 {log_loss}。",
)
ANSWERS = Text(
    "The network is right no more often than always predicting the most frequent class: accuracy {accuracy}. Its "
    "probabilities are better: log loss {log_loss}.",
    "网络判对的样本，并不多于一律预测最常见的类别：正确率 {accuracy}；不过它给出的概率更好：对数损失 {log_loss}。",
)
RARE = Text(
    'This is common when the other classes are rare; with class_weight "balanced" more of their rows are found.',
    '其余类别很少见时，这很常见；把 class_weight 设为 "balanced" 可以找出更多少数类样本。',
)
COMMON = 0.8
"""The share of the most frequent class from which the others are rare."""
PROBABILITIES = Text(
    "The probabilities of the network are worse than the class frequencies: log loss {log_loss}. Its predicted "
    "classes are better: accuracy {accuracy}.",
    "网络给出的概率还不如各类别的比例：对数损失 {log_loss}；它预测的类别则更准：正确率 {accuracy}。",
)
BALANCED = Text(
    "The network separates the classes no better than one prediction for every row: balanced accuracy "
    "{balanced_accuracy}.",
    "网络区分各类别的能力，并不优于对所有样本作同一预测：平衡正确率 {balanced_accuracy}。",
)
NUMBERS = Text(
    "The network is no better than always predicting the mean: RMSE {rmse}, MAE {mae}.",
    "网络并不优于一律预测均值：均方根误差 {rmse}，平均绝对误差 {mae}。",
)
DOUBT = Text(
    "{rows:,} rows are too few to tell whether the network is better than always predicting {constant}: {figures}. "
    "Differences of this size can arise by chance.",
    "仅凭这 {rows:,} 个样本，看不出网络是否优于一律预测{constant}：{figures}。这样的差别可能只是偶然。",
)
FEW = Text(
    "So few rows say little: on others the scores could be quite different.",
    "样本太少，说明不了多少：换一批样本，得分可能大不相同。",
)
FIGURES: Final = {
    "accuracy": Text("accuracy {pair}", "正确率 {pair}"),
    "balanced_accuracy": Text("balanced accuracy {pair}", "平衡正确率 {pair}"),
    "log_loss": Text("log loss {pair}", "对数损失 {pair}"),
    "rmse": Text("RMSE {pair}", "均方根误差 {pair}"),
    "mae": Text("MAE {pair}", "平均绝对误差 {pair}"),
}
"""What a network is judged by."""
AGAINST = Text("{ours} against {theirs}", "{ours}（基线 {theirs}）")
REASON = Text("Likely reason: {what}. {remedy}", "可能的原因：{what}。{remedy}")
NOBODY = Text(
    "Likely reason: {simple} is no better than that constant prediction either, at least not by more than chance. So "
    "these columns may have little to do with the target, or there are too few rows to tell.",
    "可能的原因：{simple}也没有明显优于这一固定预测（差别没有超出偶然）。所以这些列也许与目标没有多大关系，或者样本太"
    "少，看不出来。",
)
DOUBTFUL_TOO = Text(
    "The same is true of {simple}. More test rows would tell.",
    "{simple}也是如此。用更多样本评估，才能看出来。",
)
CAUSES: Final = (
    *("not_finite", "diverged", "learning_rate_high", "learning_rate_low", "dead_units", "saturated_units"),
    *("exploding_gradients", "vanishing_gradients", "unscaled_inputs", "unscaled_target"),
    *("overfitting", "still_learning", "underfitting", "drift"),
)
"""Kinds of findings that explain why nothing was learned, the likeliest first."""
HINDRANCES: Final = ("not_finite", "diverged", "learning_rate_low")
"""With these nothing can be learned from any columns."""
BLOCKS: Final = ("dead_units", "saturated_units", "exploding_gradients", "vanishing_gradients")
"""With these neither, where they are serious. All other causes may themselves come of columns that say nothing."""


class Verdict(NamedTuple):
    """What must be said of a network that is no better than a constant, or not for certain.

    Attributes
    ----------
    code : {"useless", "doubtful", "answers", "probabilities", "few_rows"}
        No better than a constant; perhaps no better; only in its probabilities; only in its answers; nobody can tell.
    words : Text
    more : Text or None
        The likeliest reason, or what to think of it.
    """

    code: str
    words: Text
    more: Text | None = None

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

    Parameters
    ----------
    scores : mapping from str to mapping from str to float
        By model, the network first, then those of :func:`glassnet.insight.baselines.baselines`; by metric.
    leads : mapping from str to mapping from str to float, or None
        By how many standard errors each is better than the constant: :func:`glassnet.insight.chance.leads`.
    rows : int
        That they were judged by.
    find : callable
        Gives the doctor's findings; asked only if there is something to explain.
    weighted : bool
        Whether the classes were given weights: then it was not to be right as often as can be, but in each class.

    Examples
    --------
    >>> ours, constant = {"rmse": 2.0, "mae": 1.7}, {"rmse": 1.9, "mae": 1.6}
    >>> scores, leads = {"network": ours, "the mean": constant}, {"network": {"rmse": -1.0, "mae": -1.2}}
    >>> verdict(scores, leads, 80, list).words.say("en")
    'The network is no better than always predicting the mean: RMSE 2 against 1.9, MAE 1.7 against 1.6.'
    >>> scores, leads = {"network": constant, "the mean": ours}, {"network": {"rmse": 5.0, "mae": 6.0}}
    >>> verdict(scores, leads, 80, list)
    """
    few = rows < FEWEST_ROWS
    constant = next((name for name in CONSTANTS if name in scores), None)
    if constant is None or leads is None:
        return Verdict("few_rows", FEW) if scores and few else None
    network, *others = (name for name in scores if name != constant)
    simple = [name for name in others if name in LINEAR]
    text, doubtful = _words(_ahead(scores[network], scores[constant]), weighted), False
    pairs = {
        metric.key: filled(AGAINST, ours=metric.spell(scores[network][metric.key]), theirs=metric.spell(value))
        for metric in (*CLASSIFICATION, *REGRESSION)
        if (value := scores[constant].get(metric.key)) is not None and metric.key in scores[network]
    }
    if text in (None, ANSWERS, PROBABILITIES):
        if few:
            return Verdict("few_rows", FEW)
        judged = [key for key in FIGURES if key in pairs and (key == "balanced_accuracy") == weighted]
        if judged and not _proven(leads[network], weighted):
            figures = [filled(FIGURES[key], pair=pairs[key]) for key in judged]
            both = Text(", ".join(each.en for each in figures), "，".join(each.zh for each in figures))
            text, doubtful = filled(DOUBT, constant=CONSTANTS[constant], rows=rows, figures=both), True
    if text is None:
        return None
    if text is ANSWERS:
        return Verdict("answers", filled(text, **pairs), RARE if scores[constant]["accuracy"] >= COMMON else None)
    said, code = (
        filled(text, **pairs),
        "doubtful" if doubtful else "probabilities" if text is PROBABILITIES else "useless",
    )
    if few:
        return Verdict(code, said, FEW)
    beaten = bool(simple) and not any(_proven(leads[name], weighted) for name in simple)
    if not beaten or text is PROBABILITIES:  # there the network found something
        return Verdict(code, said, _reason(find(), None))
    return Verdict(code, said, _reason(find(), filled(DOUBTFUL_TOO if doubtful else NOBODY, simple=LINEAR[simple[0]])))


def _proven(leads: Mapping[str, float], weighted: bool) -> bool:
    """Whether a model is better than the constant in a metric that counts, and by more than chance."""
    return any(lead >= STANDARD_ERRORS for key, lead in leads.items() if (key == "balanced_accuracy") == weighted)


def _reason(findings: Iterable[Finding], nobody: Text | None) -> Text | None:
    """What explains it best, of all that the doctor found and of what simple models could do.

    Where nobody finds anything in the columns, how training went explains little: `nobody` is what is said then.
    """
    known = [finding for finding in findings if finding.kind in CAUSES]
    if nobody is not None and not any(
        finding.kind == "underfitting" for finding in known
    ):  # in which a forest found more
        known = [finding for finding in known if _hinders(finding)]
        if not known:
            return nobody
    if not known:
        return None
    cause = min(known, key=lambda finding: CAUSES.index(finding.kind))
    english, chinese = cause.spoken("en"), cause.spoken("zh")
    return filled(REASON, what=Text(english.what, chinese.what), remedy=Text(english.remedy, chinese.remedy))


def _hinders(finding: Finding) -> bool:
    return finding.kind in HINDRANCES or (finding.kind in BLOCKS and finding.severity == "serious")


def _ahead(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, bool]:
    """For each metric that both have, whether ours is better."""
    return {
        key: ours[key] > value if key in HIGHER_IS_BETTER else ours[key] < value
        for key, value in theirs.items()
        if key in ours
    }


def _words(ahead: Mapping[str, bool], weighted: bool) -> Text | None:
    if {"rmse", "mae"} <= ahead.keys():
        return None if ahead["rmse"] or ahead["mae"] else NUMBERS
    if weighted and "balanced_accuracy" in ahead:
        return None if ahead["balanced_accuracy"] else BALANCED
    if {"accuracy", "log_loss"} <= ahead.keys():
        if ahead["accuracy"]:
            return None if ahead["log_loss"] else PROBABILITIES
        return ANSWERS if ahead["log_loss"] else CONSTANT
    return None
