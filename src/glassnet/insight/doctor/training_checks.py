"""Checks of a training: learning rate, number of epochs, underfitting and overfitting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.engines import Updater
from glassnet.formulas.measure import is_log_loss, is_squared_error
from glassnet.formulas.optimizer import Optimizer
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Case, Finding, Severity
from glassnet.insight.doctor.skill import forest_skill
from glassnet.insight.doctor.texts import TEXTS
from glassnet.insight.scores import STANDARD_ERRORS
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.support.language import Text
from glassnet.training import History, Rows

FEW_ROWS = 1000
FEWEST_JUMPS = 3
FEWEST_EPOCHS = 5
"""With fewer, a course cannot be told from chance."""
JUMP = 0.1
"""A loss that goes up by so much of itself, and of what it is in half of the epochs, has jumped: what dropout and the
order of the rows do to it is less."""
RIPPLE = 0.03
"""Up and down by less than this share of the loss of the best constant answer is what remains of noise near the
bottom."""
OFTEN = 0.2
"""The share of the epochs with a jump from which the rate is held to be too high."""
STEEP = 0.04
"""Of the whole fall of the loss, the share of the last tenth of the epochs from which it would have gone on falling: a
straight line has 0.1, and an exponential that has had three times the time that it needs 0.015."""
SETTLED = 0.5
"""A schedule that has turned the rate below this share of its height has planned the end, however the loss falls."""
MOVED = 0.05
"""If all steps at the highest rate went the same way, weights would change by no more than this share of themselves:
they remain what chance made them."""

CUT_SHORT = ("time", "interrupted")
"""How a training ends that would have gone on."""

HIGH, HIGH_THOUGH_FALLING = Case.named("learning_rate_high"), Case.named("learning_rate_high", "high_though_falling")
LOW, STILL_LEARNING = Case.named("learning_rate_low"), Case.named("still_learning")

GAP = 0.25
"""Of the constant's loss: what a network knows more of rows that it learned from than of others. Every network knows
somewhat more of them; a quarter of all there is to know is much."""
LOST = 0.5
"""More than half of the learned share does not generalize to other rows."""
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


def learning_rate_high(diagnostics: Diagnostics) -> Iterator[Finding]:
    """A training loss that goes up again and again."""
    histories = _long_enough(diagnostics)
    ups = [jumps(history, diagnostics.scale(number)) for number, history in enumerate(histories)]
    number = int(np.argmax([len(up) / len(history) for up, history in zip(ups, histories, strict=True)]))
    up, history = ups[number], histories[number]
    if len(up) >= max(FEWEST_JUMPS, OFTEN * len(history)):
        losses = history["loss"]
        case = HIGH_THOUGH_FALLING if _turned_down(history) else HIGH
        yield case.found(
            "serious" if losses[-1] >= losses[0] else "warning",
            jumps=len(up),
            epochs=len(history),
            largest=float(up.max()),
            network=number + 1,
        )


def jumps(history: History, scale: float) -> Array:
    """By how much the loss rose where it jumped though the rate did not; `scale` is the best constant answer's."""
    losses = np.array(history["loss"])
    rates = np.array(history["learning_rate"]) if "learning_rate" in history.columns else np.ones(len(losses))
    rise = np.diff(losses)[1:]  # the first epoch begins far off, and says nothing of the rate
    usual = np.maximum(np.abs(losses[1:-1]), np.median(np.abs(losses)))
    jumped = (rise > JUMP * usual) & (rise > RIPPLE * scale) & (np.diff(rates)[1:] <= 0)
    return rise[jumped]


def learning_rate_low(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Steps so short that all of them together take the weights nowhere."""
    optimizer, batch = diagnostics.settings.get("optimizer"), diagnostics.settings.get("batch_size")
    if optimizer is None or batch is None:
        raise NotMeasurable("no_optimizer")
    if optimizer == LBFGS:
        raise NotMeasurable("whole_table")
    for number, history in enumerate(diagnostics.histories):
        if not history or not diagnostics.networks[number].layout.size:  # no weights that steps move
            continue
        if history.ending in CUT_SHORT:  # it is the steps that are few
            continue
        if "learning_rate" not in history.columns:  # of a training elsewhere
            raise NotMeasurable("no_rate")
        rows = diagnostics.learned(number)
        steps = len(history) * -(-len(rows.y) // batch)
        ratio = update_ratio(diagnostics.networks[number], rows, optimizer, max(history["learning_rate"]))
        if ratio * steps < MOVED:
            yield LOW.found("warning", ratio=ratio, steps=steps, change=ratio * steps, network=number + 1)
            return


def update_ratio(network: NeuralNetwork, rows: Rows, optimizer: str | Optimizer, rate: float) -> float:
    """Return how much the first step changes the weights that a network begins with, as a share; of layers the median.

    Layers without a gradient are left out: those before an n-gram model have none where a table is text alone, and no
    learning rate would move them.
    """
    before = network.copy()
    before.parameters, before.statistics = network.layout.initial(network.seed, network.dtype)
    before.adapt_to(rows.X, rows.y, rows.weight)
    few = np.arange(min(FEW_ROWS, len(rows.y)))
    _, gradients = before.backward(rows.X[few], rows.y[few])
    gradient = np.concatenate([np.ravel(gradients[slot.name]) for slot in network.layout.parameters])
    after = before.copy()
    Updater(network.layout, optimizer, weight_decay=0.0, dtype=network.dtype).step(after.parameters, gradient, rate)
    ratios = []
    for slot in network.layout.parameters:
        size = float(np.linalg.norm(slot.view(before.parameters)))
        if slot.parameter.kind == "weight" and size and np.any(gradients[slot.name]):
            ratios.append(float(np.linalg.norm(slot.view(after.parameters) - slot.view(before.parameters))) / size)
    return float(np.median(ratios)) if ratios else np.inf


def still_learning(diagnostics: Diagnostics) -> Iterator[Finding]:
    """A loss that was still falling when the epochs were done, at a rate that had not been turned down."""
    for number, history in enumerate(_long_enough(diagnostics)):
        fall = _last_fall(history)
        if fall >= STEEP:
            last = _last_tenth(history)
            yield STILL_LEARNING.found("warning", last=last, epochs=len(history), fall=fall, network=number + 1)
            return


def _last_fall(history: History) -> float:
    """The share of the total decrease of the loss in the last tenth of the epochs; 0 if the end was planned.

    Where there are validation rows it is their loss that counts: training loss falls as long as one likes.
    """
    if history.ending not in ("", "done", "one"):
        return 0.0
    if _turned_down(history):
        return 0.0
    losses = history["validation_loss" if "validation_loss" in history.columns else "loss"]
    last = _last_tenth(history)
    before, after = float(np.mean(losses[-2 * last : -last])), float(np.mean(losses[-last:]))
    whole = losses[0] - after
    return (before - after) / whole if 0 < before - after < np.inf and whole > 0 else 0.0


def _turned_down(history: History) -> bool:
    """Whether a schedule has let the rate fall."""
    rates = history["learning_rate"] if "learning_rate" in history.columns else [1.0]
    return rates[-1] < SETTLED * max(rates)


def _last_tenth(history: History) -> int:
    return max(1, len(history) // 10)


def _long_enough(diagnostics: Diagnostics) -> list[History]:
    if diagnostics.settings.get("optimizer") == LBFGS:
        raise NotMeasurable("whole_table")
    if any(len(history) < FEWEST_EPOCHS for history in diagnostics.histories):
        raise NotMeasurable("few_epochs", count=FEWEST_EPOCHS)
    return list(diagnostics.histories)


# ------------------------------------------------------------------- fit


def overfitting(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Much known of rows learned from, little of others."""
    skill = diagnostics.skill
    learned, unseen = skill.of_learned, skill.of_unseen
    if learned > 0 and learned - unseen >= GAP:
        lost = unseen < LOST * learned
        yield OVERFITTING.found(
            "serious" if unseen <= 0 else "warning" if lost else "note",
            learned=learned,
            gone_of_learned=_gone(learned),
            unseen=unseen,
            gone=_gone(unseen),
            rows=(rows := skill.unseen.shape[1]),
            where=diagnostics.unseen_in_words(rows),
        )


def underfitting(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Less known of rows learned from than a forest knows of rows that it has not seen; or nothing at all.

    Where the weights are those of one of the first epochs, since others were answered worse after it, that is the
    contrary: it was no lack of learning that ended there.
    """
    learned, loss = diagnostics.skill.of_learned, diagnostics.network.loss
    alike = (is_squared_error(loss) or is_log_loss(loss)) and diagnostics.weight is None  # as a forest is measured
    # who knows nearly all cannot be behind, and need not wait for a forest, which is slow to grow
    forest = forest_skill(diagnostics) if alike and 1 - learned >= BEHIND else None
    behind = forest is not None and forest - learned >= BEHIND
    early = _early(diagnostics) if behind or learned < NOTHING else None
    if early is not None:
        yield EARLY_OVERFITTING.found("serious" if learned < NOTHING else "warning", learned=learned, **early)
    elif forest is not None and behind and forest >= NOTHING:
        severity: Severity = "serious" if learned < NOTHING else "warning"
        yield UNDERFITTING.found(severity, learned=learned, gone=_gone(learned), forest=forest)
    elif learned < NOTHING:
        other = "no_other_model" if forest is None else "forest_too" if forest < NOTHING else "forest_not"
        yield NOTHING_LEARNED.found(
            "warning", learned=learned, gone=_gone(learned), other=TEXTS[f"fit.{other}"], forest=forest
        )


def _early(diagnostics: Diagnostics) -> dict[str, Any] | None:
    """How training and other rows parted after one of the first epochs, in most of the networks."""
    parted = []
    for number, history in enumerate(diagnostics.histories):
        best, epochs = history.best_epoch, len(history)
        if best is None or best > max(FIRST, EARLY * epochs) or "validation_loss" not in history.columns:
            continue
        losses, unseen = history["loss"][best - 1 :], history["validation_loss"][best - 1 :]
        if len(losses) < 2:
            continue
        if losses[0] - losses[-1] >= GAP * diagnostics.scale(number):
            ends = {"kept": losses[0], "end": losses[-1], "kept_unseen": unseen[0], "end_unseen": unseen[-1]}
            parted.append({"best": best, "epochs": epochs, **ends})
    return parted[0] if 2 * len(parted) > len(diagnostics.histories) else None


def _gone(share: float) -> Text:
    """The share of the constant's loss that is gone, in words."""
    return TEXTS["fit.gone"].filled(share=share) if share >= 0 else TEXTS["fit.grown"].filled(times=1 - share)


def luck(diagnostics: Diagnostics) -> Iterator[Finding]:
    """A lead over the constant answer, or a lag, that so few rows do not prove."""
    skill = diagnostics.skill
    rows = skill.unseen.shape[1]
    if rows < 2:
        raise NotMeasurable("one_row")
    gain, error = skill.gain
    if abs(skill.gain.z) < STANDARD_ERRORS and rows <= FEW:
        compared = TEXTS["fit.higher" if gain < 0 else "fit.lower"]
        where = diagnostics.unseen_in_words(rows)
        yield LUCK.found("warning", rows=rows, where=where, gain=gain, compared=compared, size=abs(gain), error=error)
