"""Where the seconds of a command go, part by part."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from glassnet.apps.console import text_table
from glassnet.apps.texts import say
from glassnet.training import History

TRAINING: Final = ("encode", "fit")
"""The parts within the estimator's ``fit``."""


class Timings:
    """The seconds of each part: those since the part before has ended.

    As a callback of the training, it ends the part before the networks.

    Examples
    --------
    >>> timings = Timings()
    >>> timings.end("read")
    >>> list(timings.seconds)
    ['read']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._ended = time.perf_counter()

    def end(self, part: str) -> None:
        """A part ends now; one that comes again adds to itself."""
        before, self._ended = self._ended, time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + self._ended - before

    def on_fit_begin(self, estimator: Any) -> None:
        self.end("encode")

    @property
    def of_training(self) -> float:
        """The seconds of the estimator's ``fit``."""
        return sum(self.seconds.get(part, 0.0) for part in TRAINING)


def seconds_of_members(histories: Sequence[History]) -> list[float]:
    """The seconds of the epochs of each member; members that train side by side share the clock."""
    return [round(sum(row.get("seconds", 0.0) for row in history), 3) for history in histories]


def timings_table(seconds: Mapping[str, float], members: Sequence[float]) -> Any:
    """The seconds as a table: a line for each part, and below the fit one for each of several members."""
    lines = []
    for part, each in seconds.items():
        lines.append((say(f"timings.{part}"), f"{each:.2f}"))
        if part == "fit" and len(members) > 1:
            lines += [(say("timings.member", number=n), f"{one:.2f}") for n, one in enumerate(members, 1)]
    return text_table((say("timings.part"), say("timings.seconds")), lines)
