"""A callback that shows a training while it runs: curves of Braille letters in a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from glassnet.insight.epochs import LOSS, column_name
from glassnet.insight.live.progress import epoch, numbers, pace, short
from glassnet.language import Language, Text, check_language
from glassnet.option_names import methods_suggest_options
from glassnet.redrawing import redraws
from glassnet.training import Run
from glassnet.training.history import LOSSES
from glassnet.visible import visible

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

    from glassnet.insight.doctor import Finding

BEST = Text("best: epoch {epoch:,}, {value}", "最好：第 {epoch:,} 轮，{value}")
FOUND = Text("found: {finding}", "发现：{finding}")

HEIGHT, WIDEST, NARROWEST = 8, 100, 24
"""Of the curves, in letters."""

LINES = 10
"""How often a long training says something where no terminal is."""

FINDINGS = 3
"""So many findings are shown under the curves, the worst."""

COLORS = ("cyan", "yellow")


@methods_suggest_options
class LiveView:
    """Shows the curves of loss and validation, the numbers of the moment, and the best epoch, while training runs.

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
        if redraws(self.console):
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
        """Show what somebody found: below the curves, or at once where none are drawn (any more).

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
        return FOUND.say(self.language, finding=visible(what)), f"  {visible(remedy)}"

    # --------------------------------------------------------------- picture

    def _picture(self, run: Run) -> Group:
        from rich.console import Group
        from rich.text import Text as Line

        assert self.console is not None
        lines = [Line("  ".join(self._numbers(run)), style="bold")]
        rows = run.history.rows[run.epochs_before :]
        if len(rows) > 1:
            lines += self._curves(rows)
        lines.append(Line("  ".join([*self._best(), *pace(run, self.language)]), style="dim"))
        for line in lines:
            line.truncate(self.console.width, overflow="ellipsis")
        worst = sorted(self.findings, key=lambda finding: finding.rank)
        for finding in worst[:FINDINGS]:  # sentences, which may need several lines
            what, remedy = self._words(finding)
            lines += [Line(what, style="bold red" if finding.severity == "serious" else ""), Line(remedy)]
        return Group(*lines)

    def _curves(self, rows: Sequence[dict[str, float]]) -> list[Any]:
        """The loss, and the validation loss dotted over it, with the values at the edges."""
        from rich.text import Text as Line

        assert self.console is not None
        names = [name for name in LOSSES if name in rows[-1]]
        width = max(NARROWEST, min(WIDEST, self.console.width - 12))
        drawn, lowest, highest = draw([[row[name] for row in rows] for name in names], width, HEIGHT)
        edges = {0: short(highest), HEIGHT - 1: short(lowest)}
        lines = []
        for place, cells in enumerate(drawn):
            line = Line(f"{edges.get(place, ''):>9} ")
            for letter, whose in cells:
                line.append(letter, style=None if whose is None else COLORS[whose])
            lines.append(line)
        legend = Line(" " * 10)
        said = (f"⠉⠉ {LOSS.say(self.language)}", f"⠁⠁ {column_name('validation_loss', self.language)}")
        for name, color in zip(said[: len(names)], COLORS, strict=False):
            legend.append(f"{name}   ", style=color)
        return [*lines, legend]


Cell = tuple[str, int | None]
"""A letter, and the number of the curve that it shows; None: an empty place."""

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of the dots of a pattern, row by row."""

BRAILLE = 0x2800

STEEP = 20.0
"""Where the largest value is so many times as large as the smallest, heights are logarithmic."""


def draw(curves: Sequence[Sequence[float]], width: int, height: int) -> tuple[list[list[Cell]], float, float]:
    r"""Draw curves of as many points over each other: lines of letters, and the values at the lower and the upper edge.

    Every second column of dots of the second curve stays empty, so that curves can be told apart without colours. What
    is no finite number is left out.

    Examples
    --------
    >>> lines, lowest, highest = draw([[4, 3, 2, 1]], width=4, height=2)
    >>> print(*("".join(letter for letter, _ in line) for line in lines), sep="\n")
    ⠑⢄⠀⠀
    ⠀⠀⠑⢄
    >>> lowest, highest
    (1.0, 4.0)
    """
    known = [value for curve in curves for value in curve if math.isfinite(value)]
    if not known:
        return [[("\N{BRAILLE PATTERN BLANK}", None)] * width for _ in range(height)], math.nan, math.nan
    lowest, highest = float(min(known)), float(max(known))
    logarithmic = lowest > 0 and highest > STEEP * lowest

    def level(value: float) -> float:
        if highest == lowest:
            return 0.5
        if logarithmic:
            return math.log(value / lowest) / math.log(highest / lowest)
        return (value - lowest) / (highest - lowest)

    bits = [[0] * width for _ in range(height)]
    owner: list[list[int | None]] = [[None] * width for _ in range(height)]
    for number, curve in enumerate(curves):
        former: int | None = None
        for column, value in enumerate(_stretch(curve, 2 * width)):
            if not math.isfinite(value) or (number and column % 2):
                former = None
                continue
            row = round((1 - level(value)) * (4 * height - 1))
            for dot in _joined(former, row):
                bits[dot // 4][column // 2] |= DOTS[dot % 4][column % 2]
                owner[dot // 4][column // 2] = number
            former = row
    lines = [
        [(chr(BRAILLE + bit), whose) for bit, whose in zip(*line, strict=True)]
        for line in zip(bits, owner, strict=True)
    ]
    return lines, lowest, highest


def _joined(former: int | None, row: int) -> range:
    """The dots of one column: from where the column before ended, so that a steep curve has no gaps."""
    if former is None or former == row:
        return range(row, row + 1)
    return range(former + 1, row + 1) if former < row else range(row, former)


def _stretch(curve: Sequence[float], width: int) -> list[float]:
    """As many values as there are columns: means of several points where there are more, straight lines where fewer."""
    if len(curve) < 2:
        return [*curve, *[math.nan] * (width - len(curve))]
    if len(curve) < width:
        return np.interp(np.linspace(0, len(curve) - 1, width), np.arange(len(curve)), curve).tolist()
    edges = [column * len(curve) // width for column in range(width + 1)]
    parts = [[value for value in curve[start:end] if math.isfinite(value)] for start, end in pairwise(edges)]
    return [sum(known) / len(known) if known else math.nan for known in parts]
