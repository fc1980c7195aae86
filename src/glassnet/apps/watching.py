"""Who looks on while ``glassnet train`` trains, and tells of it: what is trained, the curves, the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet.apps.console import Output
from glassnet.apps.findings import say_finding, say_network

if TYPE_CHECKING:
    from glassnet.insight.doctor import Finding
    from glassnet.insight.text import Language
    from glassnet.training import Run

__all__ = ["Watching"]


class Watching:
    """The callbacks of a training, for as long as it lasts.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        To be trained.
    output : Output
        Whoever is quiet gets no doctor either: nobody would hear of it.
    language : {"en", "zh"}
        Of the curves and of the doctor.
    curves : bool
        Whether the curves are shown, and below them what the doctor finds; else that is said as it comes.
    """

    def __init__(self, model: Any, output: Output, language: Language, *, curves: bool) -> None:
        from glassnet.insight.doctor import Doctor
        from glassnet.insight.live import LiveView

        self.output = output
        self.callbacks: list[object] = [Announcement(model, output)]
        self.doctor = Doctor(language=language, tell=self._hear)
        self.view = LiveView(self.doctor, language=language) if curves else None
        if not output.quiet:
            self.callbacks += [self.doctor, *([] if self.view is None else [self.view])]

    def close(self) -> None:
        """The training has ended: say what members have found since the curves stood still."""
        if self.view is not None:
            for finding in self.doctor.findings:
                if finding.severity != "note" and finding.kind not in self.view.shown:
                    say_finding(self.output, finding)

    def _hear(self, finding: Finding) -> None:
        # of a divergence the training itself gives notice, with what has become of the weights
        if self.view is None and finding.kind != "diverged":
            say_finding(self.output, finding)


class Announcement:
    """A callback: as soon as the network stands, says what it is and how it will be trained."""

    def __init__(self, model: Any, output: Output) -> None:
        self.model, self.output = model, output

    def on_train_begin(self, run: Run) -> None:
        """Everything is decided, nothing is trained yet."""
        say_network(self.output, self.model)
