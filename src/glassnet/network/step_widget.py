"""A network of a notebook's session in slow motion: the page's own view, with the numbers of `network.trace`."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, MissingExtraError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, LayerNorm, Pass, Scale, chain
from glassnet.layers.base import Array
from glassnet.layers.rounding import rounds
from glassnet.network.trace import Trace
from glassnet.support.language import Text, get_language
from glassnet.support.options import Each, Integer, Optional, String, checked
from glassnet.support.scripts import joined

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork

SCRIPT = "parts/notebook.js"
LAYERS: Final = (Dense, Activate, BatchNorm, Dropout, LayerNorm, Scale)
MOST_UNITS, MOST_LAYERS = 16, 8
"""More than these cannot be looked at one by one."""
SIDE: Final = 40
"""Points along a side of the maps."""
REACH: Final = np.linspace(-4, 4, 97)
"""Where the curve of an activation is drawn."""
MARGIN: Final = 0.1
"""The margin around the rows, as a share of their extent."""


@checked(
    row=Optional(Integer("None uses all rows as one batch", low=0)),
    names=Each(String(), "Put them in brackets: [...]"),
)
def step_widget(
    network: NeuralNetwork, X: npt.ArrayLike, y: npt.ArrayLike, *, row: int | None, names: Sequence[str], **how: Any
) -> Any:
    """See :meth:`glassnet.NeuralNetwork.widget`."""
    check_drawable(network)
    table, targets, _ = network.check_data(X, y, None)
    table, targets = np.array(table), np.array(targets)
    if row is not None and row >= len(table):
        rule, remedy = (
            Text("`row` must be a row of X, from 0 to {last}", last=len(table) - 1),
            Text("None uses all rows as one batch"),
        )
        raise InputError(rule, row, remedy)
    if names and len(names) != network.inputs:
        raise InputError(
            "`names` must name every input",
            Text("{count} names", count=len(names)),
            Text("The network has {count} inputs", count=network.inputs),
        )

    def step(chosen: int | None) -> dict[str, Any]:
        some = slice(None) if chosen is None else slice(chosen, chosen + 1)
        return slow_motion(network, table[some], targets[some], names=names, around=table, **how)

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

        def __repr__(self) -> str:
            return f"<Widget of a step: row {self.row} of {self.rows}>"

        def refresh(self) -> None:
            """Show the network as it is now, say after it was trained."""
            self.step = self._ask(self.row)

    return StepWidget


# ---------------------------------------------------------------------- data of the page


def check_drawable(network: NeuralNetwork) -> None:
    """Refuse what slow motion cannot show: several members, large networks, layers not written out by neuron."""
    remedy = Text("Print `network.trace(X, y)`, which shows a step of any network")
    if network.members > 1:
        raise InputError(
            "A widget shows a single network", Text("{members} members in one", members=network.members), remedy
        )
    usual = [layer.bias and layer.parametrization == "standard" for layer in network.layers if isinstance(layer, Dense)]
    if not usual or not all(usual) or not all(isinstance(layer, LAYERS) for layer in network.layers):
        rule = Text("A widget shows chains of Dense (with a bias), Activate, normalization, Dropout and Scale")
        raise InputError(rule, repr(network), remedy)
    if rounds(network.layers):
        rule = Text("A widget shows sums of the operands themselves: no layer may round them to bfloat16")
        raise InputError(rule, repr(network), remedy)
    widths = [network.inputs, *(layer.units for layer in network.layers if isinstance(layer, Dense))]
    if max(widths) > MOST_UNITS or len(widths) > MOST_LAYERS + 1:
        rule = Text("A widget shows at most {layers} layers of {units} units", layers=MOST_LAYERS, units=MOST_UNITS)
        raise InputError(rule, "-".join(map(str, widths)), remedy)


def slow_motion(
    network: NeuralNetwork,
    X: Array,
    y: Array,
    *,
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | None = None,
    names: Sequence[str] = (),
    around: Array | None = None,
) -> dict[str, Any]:
    """Return the next step on these rows, as plain data; see `web/parts/view.js` for its format.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> network = NeuralNetwork(2, ["tanh:2", 1], loss="mse")
    >>> step = slow_motion(network, np.array([[1.0, 0.0]]), np.array([1.0]), learning_rate=0.5)
    >>> [layer["kind"] for layer in step["slowed"]["layers"]], len(step["slowed"]["after"])
    (['dense', 'activate', 'dense'], 9)
    """
    rule = OPTIMIZERS.get(optimizer)
    trace = network.trace(X, y, optimizer=rule, learning_rate=learning_rate)
    shown = {one.name: one for one in _activations(network)}
    step = {
        "slowed": _slowed(network, trace, rule, rule.learning_rate if learning_rate is None else learning_rate),
        "curves": {name: [REACH.tolist(), one(REACH).tolist()] for name, one in shown.items()},
        "facts": {
            "loss": network.loss.name,
            "optimizer": rule.name,
            "outputs": network.outputs,
            "penalty": "none",  # it is in the gradient already
            "strength": 0,
        },
        "inputs": list(names) or [f"x{_below(number)}" for number in range(1, network.inputs + 1)],
        "activations": list(_follows(network)),
    }
    if around is not None and network.inputs == 2:
        step["maps"] = {"numbers": _maps(network, np.asarray(around, network.dtype)), "side": SIDE}
    return step


def _below(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


def _activations(network: NeuralNetwork) -> Iterator[Activation]:
    for layer in network.layers:
        if isinstance(layer, (Dense, Activate)) and layer.f.elementwise and layer.f != ACTIVATIONS.get("identity"):
            yield layer.f


def _follows(network: NeuralNetwork) -> Iterator[str | None]:
    """Return the activation behind the sums of each dense layer, its own or that of the next layer."""
    for layer, behind in zip(network.layers, [*network.layers[1:], None], strict=True):
        if isinstance(layer, Dense):
            f = behind.f if isinstance(behind, Activate) else layer.f
            yield None if f.name == "identity" else f.name


def _slowed(network: NeuralNetwork, trace: Trace, rule: Optimizer, rate: float) -> dict[str, Any]:
    slots = network.layout.parameters
    forms = {"before": "{}", "gradient": "d_{}", "after": "{} after"} | {name: f"{{}} {name}" for name in rule.slots}
    flat = {
        name: np.concatenate([np.ravel(trace[form.format(slot.name)]) for slot in slots]).tolist()
        for name, form in forms.items()
    }
    memories = [flat.pop(name) for name in rule.slots]
    rows = len(trace["x"])
    return flat | {
        "rows": list(range(rows)),
        "layers": list(_layers(network, trace)),
        "learned": [
            {"name": slot.parameter.name, "layer": slot.layer, "start": slot.start, "stop": slot.stop} for slot in slots
        ],
        "targets": np.ravel(trace["y"]).tolist(),
        "answers": np.ravel(network.loss.predict(trace[f"{len(network.layers)}.a"])).tolist(),
        "losses": (np.ravel(trace["row losses"]) / rows).tolist(),
        "loss": float(trace["loss"]),
        "slots": list(rule.slots),
        "slotsBefore": [[0.0] * network.layout.size] * len(rule.slots),
        "slotsAfter": memories,
        "t": 1,
        "rate": rate,
        "values": dict(rule.parameters),
        "lossValues": [value for _, value in network.loss.parameters if isinstance(value, (int, float))],
        "coefficients": list(rule.at_step(1)),
        "segments": [[slot.start, slot.stop, 1] for slot in slots],
        "strengths": [[rule.weight_decay if slot.parameter.kind == "weight" else 0] for slot in slots],
    }


def _layers(network: NeuralNetwork, trace: Trace) -> Iterator[dict[str, Any]]:
    """Yield input, output and output gradient of each layer; the activation of a dense layer by itself."""
    x = trace["x"]
    for place, layer in enumerate(network.layers, 1):
        a, d_a = trace[f"{place}.a"], trace[f"d_{place}.a"]
        kind = "dense" if isinstance(layer, Dense) else "activate" if isinstance(layer, Activate) else "other"
        if isinstance(layer, Dense) and layer.f.name != "identity":
            z = trace[f"{place}.z"]
            yield _described("dense", place, x, z, trace[f"d_{place}.z"])
            yield _described("activate", place, z, a, d_a)
        else:
            yield _described(kind, place, x, a, d_a)
        x = a


def _described(kind: str, place: int, x: Array, y: Array, d_y: Array) -> dict[str, Any]:
    sizes = {"inputs": x.shape[1], "outputs": y.shape[1]}
    numbers = {name: np.ravel(array).tolist() for name, array in (("input", x), ("y", y), ("d_y", d_y))}
    return {"kind": kind, "layer": place} | sizes | numbers


def _maps(network: NeuralNetwork, around: Array) -> list[list[float]]:
    """Return the values of inputs and of neurons of each dense layer on a grid, row after row from the top left."""
    low, high = around.min(axis=0), around.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    xs, ys = (np.linspace(low[axis] - margin[axis], high[axis] + margin[axis], SIDE) for axis in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys[::-1]), axis=-1).reshape(-1, 2).astype(network.dtype)
    values = network.layout.values(network.parameters, network.statistics)
    _, records = chain.forward(network.layers, values, grid, Pass())
    found = [grid]
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Dense):
            behind = place + 1 < len(records) and isinstance(network.layers[place + 1], Activate)
            found.append(records[place + behind]["a"])
    return [np.ravel(one).astype(np.float32).tolist() for one in found]
