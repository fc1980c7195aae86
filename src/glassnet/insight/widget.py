"""A network of a notebook's session in slow motion: the page's own view, with the numbers of `network.trace`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, MissingExtraError
from glassnet.formulas.optimizer import Optimizer
from glassnet.insight.slow_motion import check_drawable, slow_motion
from glassnet.language import get_language
from glassnet.network import NeuralNetwork
from glassnet.options import Each, Maybe, String, Whole, checked
from glassnet.scripts import joined

__all__ = ["step_widget"]

SCRIPT = "parts/notebook.js"


@checked(
    row=Maybe(Whole("None takes all rows as one batch", low=0)),
    names=Each(String(), "Put them in brackets: [...]"),
)
def step_widget(
    network: NeuralNetwork,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    row: int | None = 0,
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | None = None,
    names: Sequence[str] = (),
) -> Any:
    """See :meth:`glassnet.NeuralNetwork.widget`."""
    check_drawable(network)
    table, targets, _ = network.check_data(X, y, None)
    table, targets = np.array(table), np.array(targets)
    if row is not None and row >= len(table):
        rule, remedy = f"`row` must be a row of X, from 0 to {len(table) - 1}", "None takes all rows as one batch"
        raise InputError(rule, row, remedy)
    if names and len(names) != network.inputs:
        raise InputError(
            "`names` must name every input", f"{len(names)} names", f"The network has {network.inputs} inputs"
        )

    def step(chosen: int | None) -> dict[str, Any]:
        some = slice(None) if chosen is None else slice(chosen, chosen + 1)
        return slow_motion(
            *(network, table[some], targets[some]),
            optimizer=optimizer,
            learning_rate=learning_rate,
            names=names,
            around=table,
        )

    return _widget_class()(step, row, len(table))


@functools.cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise MissingExtraError("A widget", "anywidget", "notebook") from None

    class StepWidget(anywidget.AnyWidget):
        """A step of a network in slow motion; a reader, or ``widget.row = 3``, chooses the row."""

        _esm = f"export default {joined(SCRIPT)};\n"
        row = traitlets.Int(0, allow_none=True).tag(sync=True)
        rows = traitlets.Int(1).tag(sync=True)
        language = traitlets.Unicode("en").tag(sync=True)
        step = traitlets.Dict().tag(sync=True)

        def __init__(self, ask: Any, row: int | None, rows: int) -> None:
            self._ask = ask
            super().__init__(row=row, rows=rows, language=get_language(), step=ask(row))

        @traitlets.validate("row")
        def _in_range(self, proposal: Any) -> Any:
            chosen = proposal["value"]
            return chosen if chosen is None else max(0, min(self.rows - 1, chosen))

        @traitlets.observe("row")
        def _chosen(self, _: Any) -> None:
            self.refresh()

        def refresh(self) -> None:
            """Show the network as it is now, say after it was trained."""
            self.step = self._ask(self.row)

    return StepWidget
