"""How the loss went: whether the learning rate was too high or too low, and whether training ended too early."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.engines import Updater
from glassnet.formulas.optimizer import Optimizer
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable
from glassnet.insight.doctor.finding import Case, Finding
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
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


def learning_rate_high(patient: Diagnostics) -> Iterator[Finding]:
    """A training loss that goes up again and again."""
    histories = _long_enough(patient)
    ups = [jumps(history, patient.scale(number)) for number, history in enumerate(histories)]
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


def learning_rate_low(patient: Diagnostics) -> Iterator[Finding]:
    """Steps so short that all of them together take the weights nowhere."""
    optimizer, batch = patient.settings.get("optimizer"), patient.settings.get("batch_size")
    if optimizer is None or batch is None:
        raise NotMeasurable("no_optimizer")
    if optimizer == LBFGS:
        raise NotMeasurable("whole_table")
    for number, history in enumerate(patient.histories):
        if not history or not patient.networks[number].layout.size:  # trees have no weights that steps move
            continue
        if history.ending in CUT_SHORT:  # it is the steps that are few
            continue
        if "learning_rate" not in history.columns:  # of a training elsewhere
            raise NotMeasurable("no_rate")
        rows = patient.learned(number)
        steps = len(history) * -(-len(rows.y) // batch)
        ratio = update_ratio(patient.networks[number], rows, optimizer, max(history["learning_rate"]))
        if ratio * steps < MOVED:
            yield LOW.found("warning", ratio=ratio, steps=steps, change=ratio * steps, network=number + 1)
            return


def update_ratio(network: NeuralNetwork, rows: Rows, optimizer: str | Optimizer, rate: float) -> float:
    """How much the first step changes the weights that a network begins with, as a share; of layers the median."""
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
        if slot.parameter.kind == "weight" and size:
            ratios.append(float(np.linalg.norm(slot.view(after.parameters) - slot.view(before.parameters))) / size)
    return float(np.median(ratios)) if ratios else np.inf


def still_learning(patient: Diagnostics) -> Iterator[Finding]:
    """A loss that was still falling when the epochs were done, at a rate that had not been turned down."""
    for number, history in enumerate(_long_enough(patient)):
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


def _long_enough(patient: Diagnostics) -> list[History]:
    if patient.settings.get("optimizer") == LBFGS:
        raise NotMeasurable("whole_table")
    if any(len(history) < FEWEST_EPOCHS for history in patient.histories):
        raise NotMeasurable("few_epochs", count=FEWEST_EPOCHS)
    return list(patient.histories)
