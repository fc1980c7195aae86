"""How well the network fits: too closely, not closely enough, or so little better than nothing that it may be luck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glassnet.formulas.measure import is_log_loss, is_squared_error
from glassnet.insight.chance import STANDARD_ERRORS
from glassnet.insight.doctor.finding import Case, Finding, Severity, filled
from glassnet.insight.doctor.forest import forest_skill
from glassnet.insight.doctor.patient import NotMeasurable, Patient
from glassnet.insight.doctor.skill import best_constant, loss_of_constant
from glassnet.language import Text

__all__ = ["luck", "overfitting", "underfitting"]

GAP = 0.25
"""Of the constant's loss: what a network knows more of rows that it learned from than of others. Every network knows
somewhat more of them; a quarter of all there is to know is much."""
LOST = 0.5
"""More than half of what was learned does not hold for other rows."""
NOTHING = 0.02
"""So little of the constant's loss gone on the very rows that were learned from is nothing."""
BEHIND = 0.1
"""By so much of the constant's loss a forest must be better on rows that it has not seen than the network on rows that
it learned from: no difference of methods explains that."""
EARLY = 0.2
"""The share of the epochs in which the best one must lie to be among the first."""
FIRST = 3
"""So many are the first of any training."""
FEW = 1000
"""With more rows than this it is not their number that is to blame."""

OVERFITTING = Case(
    "overfitting",
    Text(
        "overfitting: relative to the best constant prediction, the loss is {gone_of_learned} on the training rows, "
        "and {gone} on {rows:,} unseen rows",
        "过拟合：与最好的常数预测相比，训练样本上损失{gone_of_learned}，未参与训练的 {rows:,} 个样本上{gone}",
    ),
    Text(
        "The network has memorized its training rows, noise and all; its predictions on new rows are worse than the "
        "training loss suggests.",
        "网络把训练样本连同噪声一起记住了；它在新数据上的表现，不如训练损失显示的那样好。",
    ),
    Text(
        "More rows help most. Otherwise: early_stopping, dropout, more weight_decay, fewer units, several members.",
        "最有效的是增加数据。此外可以：early_stopping、dropout、加大 weight_decay、减少单元、用多个成员。",
    ),
)
EARLY_OVERFITTING = Case(
    "overfitting",
    Text(
        "overfitting from the first epochs: validation was best after epoch {best} of {epochs}; from then on the "
        "training loss fell from {kept:.3g} to {end:.3g}, while the validation loss went from {kept_unseen:.3g} to "
        "{end_unseen:.3g}",
        "从最初几轮就过拟合：{epochs} 轮中，第 {best} 轮之后的验证结果最好；此后训练损失从 {kept:.3g} 降到 {end:.3g}，"
        "验证损失从 {kept_unseen:.3g} 变为 {end_unseen:.3g}",
    ),
    Text(
        "The network memorizes its training rows before it has learned much that generalizes, so the weights that are "
        "kept have learned little.",
        "网络还没有学到多少能够泛化的规律，就已经过拟合，所以保留下来的权重效果有限。",
    ),
    Text(
        "Divide the learning rate by 3 to 10, use fewer units, or more dropout and weight_decay; more rows help most. "
        "If nothing does, the columns may have little to do with the target.",
        "把学习率除以 3 到 10，减少单元，或加大 dropout 和 weight_decay；最有效的是增加数据。如果都没有用，"
        "这些列也许与目标没有多大关系。",
    ),
)
UNDERFITTING = Case(
    "underfitting",
    Text(
        "underfitting: relative to the best constant prediction, the loss is {gone} on the training rows; that of a "
        "random forest is {forest:.0%} lower on unseen rows",
        "欠拟合：与最好的常数预测相比，训练样本上损失{gone}；随机森林在没见过的样本上能减少 {forest:.0%}",
    ),
    Text(
        "These columns hold more than the network has learned: it is too small, too restricted, or was not trained "
        "long enough at a suitable learning rate.",
        "这些列中可学的规律比网络学到的多：网络太小、限制太强，或者没有用合适的学习率训练足够久。",
    ),
    Text(
        "Try other learning rates (10 times higher, 10 times lower) and more epochs, then more units, then less "
        "dropout and weight_decay.",
        "先试别的学习率（乘 10、除 10）和更多轮数，再增加单元，然后减小 dropout 和 weight_decay。",
    ),
)
NOTHING_LEARNED = Case(
    "nothing_learned",
    Text(
        "nothing learned: relative to the best constant prediction, the loss is {gone} on the training rows",
        "什么也没有学到：与最好的常数预测相比，训练样本上损失{gone}",
    ),
    Text(
        "The network is no better than always predicting the mean, or the class frequencies. {other}",
        "网络并不优于一律预测均值（或各类别的比例）。{other}",
    ),
    Text(
        "Check the learning rate and dead units first; then ask whether the columns have anything to do with the "
        "target.",
        "先检查学习率和失活单元；再想一想这些列与目标究竟有没有关系。",
    ),
)
GONE = Text("{share:.0%} lower", "减少了 {share:.0%}")
GROWN = Text("{times:.3g} times as large", "没有减少，反而是 {times:.3g} 倍")
A_FOREST_TOO = Text(
    "A random forest finds nothing either, so perhaps there is nothing to find.",
    "随机森林也没有找到什么，也许本来就没有可学的。",
)
A_FOREST_NOT = Text("A random forest finds more.", "随机森林能学到更多。")
NOBODY_ELSE = Text("No other model was tried on this target.", "对这种目标没有试过其他模型。")
LOWER, HIGHER = Text("lower", "低"), Text("higher", "高")
LUCK = Case(
    "validation_too_small",
    Text(
        "too few rows to tell: on {rows:,} unseen rows, the loss is {compared} than that of a constant prediction by "
        "{size:.3g} ± {error:.2g}",
        "样本太少，看不出好坏：在未参与训练的 {rows:,} 个样本上，损失比常数预测{compared} {size:.3g} ± {error:.2g}",
    ),
    Text(
        "The difference is less than twice its standard error: other rows might show the opposite.",
        "这个差别不到其标准误的两倍：换一批数据，结论可能相反。",
    ),
    Text(
        "Evaluate on more rows, or on all of them in turn: cross-validation, or several members.",
        "用更多样本评估，或者让所有样本轮流参与评估：交叉验证，或用多个成员。",
    ),
)


def overfitting(patient: Patient) -> Iterator[Finding]:
    """Much known of rows learned from, little of others."""
    skill = patient.skill
    learned, unseen = skill.of_learned, skill.of_unseen
    if learned > 0 and learned - unseen >= GAP:
        lost = unseen < LOST * learned
        assert skill.unseen is not None
        yield OVERFITTING.found(
            "serious" if unseen <= 0 else "warning" if lost else "note",
            learned=learned,
            gone_of_learned=_gone(learned),
            unseen=unseen,
            gone=_gone(unseen),
            rows=len(skill.unseen),
        )


def underfitting(patient: Patient) -> Iterator[Finding]:
    """Less known of rows learned from than a forest knows of rows that it has not seen; or nothing at all.

    Where the weights are those of one of the first epochs, since others were answered worse after it, that is the
    contrary: it was no lack of learning that ended there.
    """
    learned, loss = patient.skill.of_learned, patient.network.loss
    alike = (is_squared_error(loss) or is_log_loss(loss)) and patient.weight is None  # as a forest is measured
    # who knows nearly all cannot be behind, and need not wait for a forest, which is slow to grow
    forest = forest_skill(patient) if alike and 1 - learned >= BEHIND else None
    behind = forest is not None and forest - learned >= BEHIND
    early = _early(patient) if behind or learned < NOTHING else None
    if early is not None:
        yield EARLY_OVERFITTING.found("serious" if learned < NOTHING else "warning", learned=learned, **early)
    elif forest is not None and behind and forest >= NOTHING:
        severity: Severity = "serious" if learned < NOTHING else "warning"
        yield UNDERFITTING.found(severity, learned=learned, gone=_gone(learned), forest=forest)
    elif learned < NOTHING:
        other = NOBODY_ELSE if forest is None else A_FOREST_TOO if forest < NOTHING else A_FOREST_NOT
        yield NOTHING_LEARNED.found("warning", learned=learned, gone=_gone(learned), other=other, forest=forest)


def _early(patient: Patient) -> dict[str, Any] | None:
    """How training and other rows parted after one of the first epochs, in most of the networks."""
    parted = []
    for number, history in enumerate(patient.histories):
        best, epochs = history.best_epoch, len(history)
        if best is None or best > max(FIRST, EARLY * epochs) or "validation_loss" not in history.columns:
            continue
        losses, unseen = history["loss"][best - 1 :], history["validation_loss"][best - 1 :]
        if len(losses) < 2:
            continue
        network, rows = patient.networks[number], patient.learned(number)
        scale = abs(loss_of_constant(network, rows, best_constant(network.loss, rows, network.outputs)))
        if losses[0] - losses[-1] >= GAP * scale:
            ends = {"kept": losses[0], "end": losses[-1], "kept_unseen": unseen[0], "end_unseen": unseen[-1]}
            parted.append({"best": best, "epochs": epochs, **ends})
    return parted[0] if 2 * len(parted) > len(patient.histories) else None


def _gone(share: float) -> Text:
    """The share of the constant's loss that is gone, in words."""
    return filled(GONE, share=share) if share >= 0 else filled(GROWN, times=1 - share)


def luck(patient: Patient) -> Iterator[Finding]:
    """A lead over the constant answer, or a lag, that so few rows do not prove."""
    skill = patient.skill
    assert skill.unseen is not None
    rows = len(skill.unseen)
    if rows < 2:
        raise NotMeasurable(Text("there is only one row", "只有一个样本"))
    gain, error = skill.gain
    if abs(gain) < STANDARD_ERRORS * error and rows <= FEW:
        compared = HIGHER if gain < 0 else LOWER
        yield LUCK.found("warning", rows=rows, gain=gain, compared=compared, size=abs(gain), error=error)
