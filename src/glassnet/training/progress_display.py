"""Callbacks that show the progress of a training: in a terminal, in a notebook, or as plain lines."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from glassnet.display.blocks import Block, Charts
from glassnet.display.numbers import steady
from glassnet.display.progress import ProgressBar, can_redraw, time_left
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Language, Text, check_language, get_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.training.callbacks import Run
from glassnet.training.history import LOSSES, History
from glassnet.training.history_display import EPOCH, LOSS, column_name, training_chart

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

TRAINING = Text("training")
WHERE = Text("epoch {epoch:,} of {epochs:,}")
SPEED = Text("{speed:,.0f} rows/s")
BEST = Text("best: epoch {epoch:,}, {value}")
FOUND = Text("found: {finding}")

LINES = 10
"""How often a long training says something where no terminal is."""

FINDINGS = 3
"""So many findings are shown under the numbers, the worst."""

WIDE = 100
"""Columns of a terminal that has room for a bar beside the numbers."""


class Remark(Protocol):
    """The text of a finding of another callback, such as :class:`glassnet.Doctor`."""

    @property
    def severity(self) -> str: ...

    @property
    def rank(self) -> int: ...

    @property
    def lines(self) -> list[str]: ...

    def spoken(self, language: Language | None) -> Remark: ...


class TrainingProgress:
    """A callback: a line of the terminal, or a bar and the curves of loss and validation in a notebook.

    Epoch, loss, validation, rows a second, time left; silent where nothing can be redrawn.
    """

    def __init__(self) -> None:
        self.bar: ProgressBar | None = None

    def on_train_begin(self, run: Run) -> None:
        self.bar = ProgressBar(TRAINING.say(), run.epochs * run.steps, keep=True, bar_from=WIDE)

    def on_progress(self, run: Run) -> None:
        if self.bar is None or not self.bar.visible:
            return
        if self.bar.in_notebook:
            before, numbers = epoch_text(run), measurements(run)
        else:
            before, numbers = f"{EPOCH.say()} {run.epoch}/{run.epochs}", measurements(run, most=1)
        self.bar.update(_done(run), before, "  ".join([*numbers, *speed(run, left=False)]), lambda: _curves(run))

    def on_train_end(self, run: Run) -> None:
        if self.bar is not None:
            if run.step:
                self.on_progress(run)  # the numbers it ends with
            last = [epoch_text(run), *measurements(run), *speed(run, left=False)]
            self.bar.close(last, _curves(run) if self.bar.in_notebook else ())
            self.bar = None

    def __getstate__(self) -> dict[str, Any]:
        return {"bar": None}  # a display has threads and locks, and cannot be pickled


def _curves(run: Run) -> list[Block]:
    """Return the losses of this training, from two epochs on."""
    history = History(run.history.rows[run.epochs_before :])
    history.best_epoch = run.history.best_epoch
    names = [name for name in LOSSES if name in history.columns]
    return [Charts([training_chart([history], names, get_language())])] if len(history) > 1 else []


@methods_suggest_options
class LiveView:
    """Shows the numbers of the moment, the best epoch, and how long it will take, while training runs.

    Where the output is no terminal, it writes a plain line every now and then. A doctor's findings and their remedies
    are shown, if connected: ``callbacks=[Doctor(tell=view.hear), view]``.

    Parameters
    ----------
    language : {"en", "zh"}, optional
    file : text stream, optional
        Where to show it; None: the standard error, for the standard output may be data.

    Examples
    --------
    >>> import sys
    >>> from glassnet import NeuralNetwork, Trainer
    >>> network = NeuralNetwork(1, [1], engine="reference")
    >>> trainer = Trainer(epochs=1, validation_fraction=0, callbacks=[LiveView(file=sys.stdout)])
    >>> history = trainer.fit(network, [[0.0], [1.0]], [0.0, 0.0])
    epoch 1 of 1  loss ...  best: epoch 1, ...
    """

    def __init__(self, *, language: Language | None = None, file: TextIO | None = None) -> None:
        self.language, self.file = check_language(language), file
        self.console: Console | None = None
        self.live: Live | None = None
        self.findings: list[Remark] = []
        self.best: tuple[int, float] | None = None

    # --------------------------------------------------------------- moments

    def on_train_begin(self, run: Run) -> None:
        from rich.live import Live

        self.console = self._opened()
        self.findings, self.best = [], None
        if can_redraw(self.console):
            self.live = Live(console=self.console, auto_refresh=False, transient=False)
            self.live.start()

    def on_progress(self, run: Run) -> None:
        if self.live is not None:
            self.live.update(self._picture(run), refresh=True)

    def on_epoch_end(self, run: Run) -> None:
        self._judge(run)
        if self.live is not None:
            return
        every = max(1, run.epochs // LINES)
        if run.epoch < run.epochs and (run.epoch == 1 or run.epoch % every == 0):
            self._say("  ".join(self._numbers(run)))

    def on_train_end(self, run: Run) -> None:
        live, self.live = self.live, None  # from now on findings are shown at once
        if live is not None:
            live.update(self._picture(run), refresh=True)
            live.stop()
        elif run.history.rows and run.epoch:
            self._say("  ".join([*self._numbers(run), *self._best()]))

    def hear(self, finding: Remark) -> None:
        """Show a finding: below the numbers, or at once where they are not redrawn (any more).

        Parameters
        ----------
        finding : Finding
            It may come from the thread of another member.
        """
        spoken = finding.spoken(self.language)
        self.findings.append(spoken)
        if self.live is None:  # checked last: meanwhile the last picture may have been drawn
            self._say("\n".join(self._words(spoken)))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the terminal and its display, which cannot be pickled."""
        return vars(self) | {"console": None, "live": None, "file": None}

    # ----------------------------------------------------------------- words

    def _say(self, line: str) -> None:
        self.console = self.console or self._opened()
        self.console.print(line, soft_wrap=True)

    def _opened(self) -> Console:
        import sys

        from rich.console import Console

        return Console(file=self.file or sys.stderr, highlight=False, markup=False, emoji=False)

    def _judge(self, run: Run) -> None:
        """Remember the best epoch as the training does: by the score, else the validation loss, else the loss."""
        last = run.history.rows[-1]
        column = ["loss", *(name for name in last if name.startswith("validation"))][-1]
        sign = -1 if column in LOSSES else 1
        if sign * last[column] >= (-math.inf if self.best is None else sign * self.best[1]):
            self.best = run.epoch, last[column]

    def _best(self) -> list[str]:
        if self.best is None:
            return []
        return [BEST.say(self.language, epoch=self.best[0], value=steady(self.best[1]))]

    def _numbers(self, run: Run) -> list[str]:
        """Return epoch, loss, and validation measurements as texts."""
        return [epoch_text(run, self.language), *measurements(run, self.language)]

    def _words(self, finding: Remark) -> tuple[str, str]:
        """Return the finding and its remedy, a line each."""
        what, _, remedy = finding.lines
        return FOUND.say(self.language, finding=escape_controls(what)), f"  {escape_controls(remedy)}"

    # --------------------------------------------------------------- picture

    def _picture(self, run: Run) -> Group:
        from rich.console import Group
        from rich.text import Text as Line

        assert self.console is not None
        lines = [Line("  ".join(self._numbers(run)), style="bold")]
        lines.append(Line("  ".join([*self._best(), *speed(run, self.language)]), style="dim"))
        for line in lines:
            line.truncate(self.console.width, overflow="ellipsis")
        worst = sorted(self.findings, key=lambda finding: finding.rank)
        for finding in worst[:FINDINGS]:  # sentences, which may need several lines
            what, remedy = self._words(finding)
            lines += [Line(what, style="bold red" if finding.severity == "serious" else ""), Line(remedy)]
        return Group(*lines)


# ------------------------------------------------------------------- in words


def epoch_text(run: Run, language: Language | None = None) -> str:
    """Return the current epoch as text."""
    return WHERE.say(language, epoch=run.epoch, epochs=run.epochs)


def measurements(run: Run, language: Language | None = None, most: int | None = None) -> list[str]:
    """Return the loss and the validation measurements, the last `most` of these: the score where there is one."""
    last = run.history.rows[-1] if run.history.rows else {}
    judged = [name for name in last if name.startswith("validation_")]
    shown = judged if most is None else judged[-most:]
    loss = f"{LOSS.say(language)} {steady(run.loss)}"
    return [loss, *(f"{column_name(name, language)} {steady(last[name])}" for name in shown)]


def speed(run: Run, language: Language | None = None, *, left: bool = True) -> list[str]:
    """Return rows per second, and the time `left` if all epochs are trained; nothing before the first step."""
    done, passed = _done(run), time.perf_counter() - run.started
    texts = [SPEED.say(language, speed=done * run.rows / run.steps / passed)] if done and passed else []
    return texts + ([time_left(passed * (run.epochs * run.steps - done) / done, language)] if done and left else [])


def _done(run: Run) -> int:
    """Return the number of completed steps."""
    return max(0, run.epoch - 1) * run.steps + run.step
