"""What is said of a training while it runs, in a terminal and in a notebook."""

from __future__ import annotations

import time

from glassnet.insight.epochs import LOSS, column_name
from glassnet.insight.stepwise import time_left
from glassnet.language import Language, Text
from glassnet.training import Run

__all__ = ["epoch", "left", "numbers", "short", "speed"]

EPOCH = Text("epoch {epoch:,} of {epochs:,}", "第 {epoch:,} 轮，共 {epochs:,} 轮")
SPEED = Text("{speed:,.0f} rows/s", "每秒 {speed:,.0f} 行")


def epoch(run: Run, language: Language | None = None) -> str:
    """How far it is."""
    return EPOCH.say(language, epoch=run.epoch, epochs=run.epochs)


def numbers(run: Run, language: Language | None = None, most: int | None = None) -> list[str]:
    """The loss, and what the validation says; of several the last `most`: the score where there is one."""
    last = run.history.rows[-1] if run.history.rows else {}
    judged = [name for name in last if name.startswith("validation_")]
    shown = judged if most is None else judged[-most:]
    loss = f"{LOSS.say(language)} {short(run.loss)}"
    return [loss, *(f"{column_name(name, language)} {short(last[name])}" for name in shown)]


def speed(run: Run, language: Language | None = None) -> list[str]:
    """Rows a second; nothing before the first."""
    done, passed = _done(run), time.perf_counter() - run.started
    return [SPEED.say(language, speed=done * run.rows / run.steps / passed)] if done and passed else []


def left(run: Run, language: Language | None = None) -> list[str]:
    """The time left if all epochs are trained; nothing before the first step."""
    done, passed = _done(run), time.perf_counter() - run.started
    return [time_left(passed * (run.epochs * run.steps - done) / done, language)] if done else []


def short(value: float) -> str:
    """A number in few letters, as many from one moment to the next as can be."""
    size = abs(value)
    return f"{value:.4f}" if size == 0 or 1e-3 <= size < 1e3 else f"{value:.4g}"


def _done(run: Run) -> int:
    """How many steps were made."""
    return max(0, run.epoch - 1) * run.steps + run.step
