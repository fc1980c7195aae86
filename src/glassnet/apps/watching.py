"""Who looks on while ``glassnet train`` trains, and tells of it: what is trained, how far it is, the doctor."""

from __future__ import annotations

from typing import Any

from glassnet.apps.console import Output
from glassnet.apps.findings import say_finding, say_network
from glassnet.insight.doctor import Doctor, Finding
from glassnet.training import Run
from glassnet.training.progress_display import LiveView


def watchers(model: Any, output: Output, *, live: bool) -> list[object]:
    """The callbacks of a training; whoever is quiet gets no doctor, for nobody would hear of it.

    A live view has what the doctor finds below its numbers; else that is said as it comes.
    """
    if output.quiet:
        return []
    announcement = Announcement(model, output)
    if live:
        view = LiveView()
        return [announcement, Doctor(tell=view.hear), view]

    def hear(finding: Finding) -> None:
        if finding.kind != "diverged":  # of that the training itself gives notice, with what has become of the weights
            say_finding(output, finding)

    return [announcement, Doctor(tell=hear)]


class Announcement:
    """A callback: as soon as the network stands, says what it is and how it will be trained."""

    def __init__(self, model: Any, output: Output) -> None:
        self.model, self.output = model, output

    def on_train_begin(self, run: Run) -> None:
        """Everything is decided, nothing is trained yet."""
        say_network(self.output, self.model)
