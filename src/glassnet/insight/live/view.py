"""A callback that shows a training while it runs: the numbers of the moment in a terminal, lines elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TextIO

from glassnet.insight.live.progress import epoch, numbers, pace, short
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Language, Text, check_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.redrawing import can_redraw
from glassnet.training import Run
from glassnet.training.history import LOSSES

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

    from glassnet.insight.doctor import Finding

BEST = Text("best: epoch {epoch:,}, {value}", "最好：第 {epoch:,} 轮，{value}")
FOUND = Text("found: {finding}", "发现：{finding}")

LINES = 10
"""How often a long training says something where no terminal is."""

FINDINGS = 3
"""So many findings are shown under the numbers, the worst."""


@methods_suggest_options
class LiveView:
    """Shows the numbers of the moment, the best epoch, and how long it will take, while training runs.

    Where the output is no terminal, it writes a plain line every now and then. What a doctor finds is shown with what
    to do, if it is told: ``callbacks=[Doctor(tell=view.hear), view]``.

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
        self.findings: list[Finding] = []
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
        live, self.live = self.live, None  # from now on whoever finds something is heard at once
        if live is not None:
            live.update(self._picture(run), refresh=True)
            live.stop()
        elif run.history.rows and run.epoch:
            self._say("  ".join([*self._numbers(run), *self._best()]))

    def hear(self, finding: Finding) -> None:
        """Show what somebody found: below the numbers, or at once where they are not redrawn (any more).

        Parameters
        ----------
        finding : Finding
            It may come from the thread of another member.
        """
        spoken = finding.spoken(self.language)
        self.findings.append(spoken)
        if self.live is None:  # asked last: meanwhile the last picture may have been drawn
            self._say("\n".join(self._words(spoken)))

    def __getstate__(self) -> dict[str, Any]:
        """A terminal does not travel, nor does what was shown there."""
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
        return [BEST.say(self.language, epoch=self.best[0], value=short(self.best[1]))]

    def _numbers(self, run: Run) -> list[str]:
        """Epoch, loss, and what the validation says, as they are."""
        return [epoch(run, self.language), *numbers(run, self.language)]

    def _words(self, finding: Finding) -> tuple[str, str]:
        """What was found and what to do, a line each."""
        what, _, remedy = finding.lines
        return FOUND.say(self.language, finding=escape_controls(what)), f"  {escape_controls(remedy)}"

    # --------------------------------------------------------------- picture

    def _picture(self, run: Run) -> Group:
        from rich.console import Group
        from rich.text import Text as Line

        assert self.console is not None
        lines = [Line("  ".join(self._numbers(run)), style="bold")]
        lines.append(Line("  ".join([*self._best(), *pace(run, self.language)]), style="dim"))
        for line in lines:
            line.truncate(self.console.width, overflow="ellipsis")
        worst = sorted(self.findings, key=lambda finding: finding.rank)
        for finding in worst[:FINDINGS]:  # sentences, which may need several lines
            what, remedy = self._words(finding)
            lines += [Line(what, style="bold red" if finding.severity == "serious" else ""), Line(remedy)]
        return Group(*lines)
