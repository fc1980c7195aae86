"""How well the network fits: too closely, not closely enough, or so little better than nothing that it may be luck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glassnet.formulas.measure import is_log_loss, is_squared_error
from glassnet.insight.baselines import STANDARD_ERRORS
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Case, Finding, Severity
from glassnet.insight.doctor.skill import forest_skill
from glassnet.insight.doctor.texts import TEXTS
from glassnet.support.language import Text

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

OVERFITTING, EARLY_OVERFITTING = Case.named("overfitting"), Case.named("overfitting", "early_overfitting")
UNDERFITTING, NOTHING_LEARNED = Case.named("underfitting"), Case.named("nothing_learned")
LUCK = Case.named("validation_too_small")


def overfitting(patient: Diagnostics) -> Iterator[Finding]:
    """Much known of rows learned from, little of others."""
    skill = patient.skill
    learned, unseen = skill.of_learned, skill.of_unseen
    if learned > 0 and learned - unseen >= GAP:
        lost = unseen < LOST * learned
        yield OVERFITTING.found(
            "serious" if unseen <= 0 else "warning" if lost else "note",
            learned=learned,
            gone_of_learned=_gone(learned),
            unseen=unseen,
            gone=_gone(unseen),
            rows=skill.unseen.shape[1],
        )


def underfitting(patient: Diagnostics) -> Iterator[Finding]:
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
        other = "nobody_else" if forest is None else "forest_too" if forest < NOTHING else "forest_not"
        yield NOTHING_LEARNED.found(
            "warning", learned=learned, gone=_gone(learned), other=TEXTS[f"fit.{other}"], forest=forest
        )


def _early(patient: Diagnostics) -> dict[str, Any] | None:
    """How training and other rows parted after one of the first epochs, in most of the networks."""
    parted = []
    for number, history in enumerate(patient.histories):
        best, epochs = history.best_epoch, len(history)
        if best is None or best > max(FIRST, EARLY * epochs) or "validation_loss" not in history.columns:
            continue
        losses, unseen = history["loss"][best - 1 :], history["validation_loss"][best - 1 :]
        if len(losses) < 2:
            continue
        if losses[0] - losses[-1] >= GAP * patient.scale(number):
            ends = {"kept": losses[0], "end": losses[-1], "kept_unseen": unseen[0], "end_unseen": unseen[-1]}
            parted.append({"best": best, "epochs": epochs, **ends})
    return parted[0] if 2 * len(parted) > len(patient.histories) else None


def _gone(share: float) -> Text:
    """The share of the constant's loss that is gone, in words."""
    return TEXTS["fit.gone"].filled(share=share) if share >= 0 else TEXTS["fit.grown"].filled(times=1 - share)


def luck(patient: Diagnostics) -> Iterator[Finding]:
    """A lead over the constant answer, or a lag, that so few rows do not prove."""
    skill = patient.skill
    rows = skill.unseen.shape[1]
    if rows < 2:
        raise NotMeasurable("one_row")
    gain, error = skill.gain
    if abs(gain) < STANDARD_ERRORS * error and rows <= FEW:
        compared = TEXTS["fit.higher" if gain < 0 else "fit.lower"]
        yield LUCK.found("warning", rows=rows, gain=gain, compared=compared, size=abs(gain), error=error)
