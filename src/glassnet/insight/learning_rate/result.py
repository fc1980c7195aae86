"""What a range test of learning rates found: the curve of the loss, a suggestion, and words about both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from glassnet.display.blocks import Charts, Words, display
from glassnet.display.chart import Axis, Chart, Dots, Line, Mark, Rule
from glassnet.display.numbers import short
from glassnet.display.theme import Axes, Look, picture
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, check_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.training.history_display import LEARNING_RATE, LOSS

SUGGESTED = Text(
    "Suggestion: {suggestion}, a tenth of the learning rate with the lowest smoothed loss ({lowest}). {end} "
    "Current setting: {current}.",
)
NEVER = Text(
    "No suggestion: the loss never fell clearly below its initial value. {end} Current setting: {current}.",
)
DIVERGED = Text("The loss diverges at {rate}.")
REACHED = Text("The loss did not diverge up to {rate}.")
HEAD = Text("learning rate|loss|smoothed")
TITLE = Text("Learning rate range test")
EACH = Text("batch loss")
SMOOTHED = Text("smoothed")
MARK = Text("suggestion {suggestion}")

SHOWN = 12
"""Lines of the table that is printed."""


@methods_suggest_options
@dataclass(frozen=True, eq=False)
class LearningRateCurve:
    """Result of a learning rate range test; prints as a short table and a suggestion.

    Attributes
    ----------
    rates, losses, smoothed : arrays of shape (steps,)
        The rate of each step, the loss of its batch before the update, and the moving average of those.
    suggestion : float or None
        A tenth of the rate at which the smoothed loss is lowest; None: it never fell.
    current : float
        The rate that is set now.
    diverged : bool
        Whether the test ended because the loss exploded.
    language : {"en", "zh"}, optional
        Of what is printed.
    """

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float | None
    current: float
    diverged: bool
    language: Language | None = None

    def verdict(self, language: Language | None = None) -> str:
        """The verdict in words."""
        language = check_language(self.language if language is None else language)
        end = (DIVERGED if self.diverged else REACHED).say(language, rate=_rate(self.rates[-1]))
        current = _rate(self.current)
        if self.suggestion is None:
            return NEVER.say(language, end=end, current=current)
        suggestion, lowest = _rate(self.suggestion), _rate(10 * self.suggestion)
        return SUGGESTED.say(language, suggestion=suggestion, lowest=lowest, end=end, current=current)

    def __str__(self) -> str:
        some = np.unique(np.linspace(0, len(self.rates) - 1, SHOWN).round().astype(int))
        head = HEAD.say(self.language).split("|")
        lines = [f"{self.rates[i]:>13.2g}  {short(self.losses[i]):>9}  {short(self.smoothed[i]):>9}" for i in some]
        return "\n".join([f"{head[0]:>13}  {head[1]:>9}  {head[2]:>9}", *lines, self.verdict()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        spoken = check_language(self.language)
        return display([Words(self.verdict()), Charts([self.chart(spoken)])], spoken)

    @picture()
    def plot(self, **look: Unpack[Look]) -> Axes:
        """Draw the curve, rates on a logarithmic scale, with the suggestion marked; in the language of the result.

        Parameters
        ----------
        **look
        """
        from glassnet.insight.plots.draw import draw

        if look.get("language") is None:
            look["language"] = self.language
        return draw(self.chart, **look)

    def chart(self, language: Language | None = None) -> Chart:
        """Chart of the batch losses, their moving average, and the suggestion."""
        marks: list[Mark] = [
            Dots(EACH.say(language), self.rates, self.losses, "quiet"),
            Line(SMOOTHED.say(language), self.rates, self.smoothed),
        ]
        if self.suggestion is not None:
            marks.append(Rule(MARK.say(language, suggestion=_rate(self.suggestion)), self.suggestion, "b"))
        low, high = float(np.min(self.smoothed)), float(np.max(self.smoothed[: max(1, len(self.smoothed) // 2)]))
        room = 0.1 * (high - low) or 1.0
        limits = low - 2 * room, high + 2 * room  # the explosion itself would flatten all else
        x, y = Axis(LEARNING_RATE.say(language), "log"), Axis(LOSS.say(language), limits=limits)
        return Chart(TITLE.say(language), x, y, marks)


def _rate(rate: float) -> str:
    """A learning rate as it can be typed."""
    return f"{rate:.2g}"
