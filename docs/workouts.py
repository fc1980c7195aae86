"""The numbers that `<glassnet-workout>` asks for, by the library: the pages print them where no script runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glassnet import NeuralNetwork
from glassnet.formulas.losses import LOSSES

FORMS = {
    "z": "{layer}.z",
    "a": "{layer}.a",
    "p": "predicted",
    "loss": "loss",
    "delta": "d_{layer}.z",
    "gradient": "d_{layer}.W",
    "update": "{layer}.W after",
}
"""Their names in a trace."""
SIGNS = {"delta": "δ", "loss": "L", "gradient": "∂L/∂w", "update": "w", "next": "z"}
"""What they are called on the page; the others by their own name."""


def answers(part: Mapping[str, str]) -> dict[str, float]:
    """Return the number of each question of a part, by the text that asks for it.

    Examples
    --------
    >>> part = {"network": "1-1", "activation": "identity", "w": "2,0", "row": "3", "target": "7", "rate": "0.1"}
    >>> answers(part | {"ask": "z 1.1, loss, gradient 1.1.1, update 1.1.1, next 1.1"})
    {'z 1.1': 6.0, 'loss': 1.0, 'gradient 1.1.1': -6.0, 'update 1.1.1': 2.6, 'next 1.1': 8.0}
    """
    inputs, *widths = map(int, part.get("network", "2-2-1").split("-"))
    *hidden, last = ([*part.get("activation", "tanh").split(","), "identity"])[: len(widths)]
    hidden += hidden[-1:] * (len(widths) - 1 - len(hidden))
    loss = LOSSES.get(part.get("loss", "mse"))
    layers = [f"{f}:{units}" for f, units in zip([*hidden, last], widths, strict=True)]
    network = NeuralNetwork(inputs, layers, loss=loss.name, dtype="float32", engine="reference")
    network.parameters[:] = _numbers(part["w"])
    X = np.array(_numbers(part["row"])).reshape(-1, inputs)
    y = np.array(_numbers(part["target"])).reshape(len(X), -1)
    targets = y[:, 0].astype(int) if loss.target == "classes" else y
    step = {"optimizer": part.get("optimizer", "sgd"), "learning_rate": float(part.get("rate", "0.5"))}
    trace = network.trace(X, targets, **step)
    found = {}
    for asked in (text.strip() for text in part["ask"].split(",")):
        kind, _, where = asked.partition(" ")
        place = where.split(".")
        if kind == "next":
            for name, values in network.named_parameters.items():
                values[...] = trace[f"{name} after"]
            now, kind = network.trace(X, targets, **step), "z"
        else:
            now = trace
        name = FORMS[kind].format(layer=place[0])
        if "b" in place:
            name = name.replace("W", "b")
        at = [int(one) - 1 for one in place if one.isdigit()]
        index = {"p": (0, *at), "loss": (), "gradient": at[1:], "update": at[1:]}.get(kind, (0, *at[1:]))
        found[asked] = round(float(now[name][tuple(index)]), 6)
    return found


def in_words(part: Mapping[str, str]) -> str:
    """Return the answers as one line, with three digits.

    Examples
    --------
    >>> part = {"network": "1-1", "activation": "identity", "w": "2,0", "row": "3", "target": "7"}
    >>> in_words(part | {"ask": "z 1.1, loss"})
    '1. z = 6; 2. L = 1'
    """
    lines = enumerate(answers(part).items(), 1)
    return "; ".join(f"{number}. {_sign(asked)} = {value:.3g}".replace("-", "−") for number, (asked, value) in lines)


def _sign(asked: str) -> str:
    kind = asked.partition(" ")[0]
    return SIGNS.get(kind, kind).replace("∂w", "∂b" if ".b." in asked else "∂w")


def _numbers(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]
