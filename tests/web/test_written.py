"""The formulas of slow motion in node: the numbers that the page writes out are those that the library computes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from tests.web.test_session import hidden, node

pytestmark = pytest.mark.slow

CALLED = {"ln": math.log, "cosh": math.cosh, "tanh": math.tanh, "max": max, "min": min, "sign": np.sign}
CALLED["σ"] = lambda z: 1 / (1 + math.exp(-z))
FEW = {"rows": 40, "batch": 8, "table": "moons", "hidden": [hidden(), hidden()]}
ROWS, LINKS = (
    range(8),
    [{"layer": 0, "from": 1, "to": 2}, {"layer": 1, "from": 0, "to": 3}, {"layer": 2, "from": 1, "to": 0}],
)
LOSS_TABLES = {
    **dict.fromkeys(("mse", "mae", "huber", "log_cosh"), "sine"),
    **dict.fromkeys(("binary_cross_entropy", "hinge", "squared_hinge"), "moons"),
    **dict.fromkeys(("cross_entropy", "focal"), "rings"),
}
EXACT = {"rtol": 1e-5, "atol": 5e-7}
"""The engine of the page computes in float32."""
BUT_EPSILON = {"rtol": 2e-4, "atol": 2e-6}
"""The ε beside roots is written as a letter alone, for of three digits it changes none."""


class SymbolError(Exception):
    """There are letters in it."""


def text(node):
    return node["children"][0] if node["children"] and isinstance(node["children"][0], str) else None


def value(node):
    """The number that a piece of MathML stands for; a tuple, where there are commas."""
    kind, inside = node["tag"], node["children"]
    if kind == "mn":
        return float(text(node).replace("−", "-"))
    if kind in ("mrow", "math"):
        return Reader(inside).all()
    if kind == "mi" and text(node) == "e":
        return math.e
    if kind == "msup":
        return value(inside[0]) ** value(inside[1])
    if kind == "mfrac":
        return value(inside[0]) / value(inside[1])
    if kind == "msqrt":
        return math.sqrt(value(inside[0]))
    raise SymbolError


class Reader:
    """Pieces beside each other, computed as they are read."""

    def __init__(self, pieces):
        self.pieces = list(pieces)

    def sign(self):
        return text(self.pieces[0]) if self.pieces and self.pieces[0]["tag"] in ("mo", "mi") else None

    def all(self):
        found = [self.sum()]
        while self.sign() == ",":
            self.pieces.pop(0)
            found.append(self.sum())
        if self.pieces:
            raise SymbolError
        return found[0] if len(found) == 1 else tuple(found)

    def sum(self):
        minus = self.sign() == "−" and self.pieces.pop(0)
        found = -self.product() if minus else self.product()
        while self.sign() in ("+", "−"):
            add = text(self.pieces.pop(0)) == "+"
            found += self.product() if add else -self.product()
        return found

    def product(self):
        found = self.factor()
        while self.pieces and self.sign() not in ("+", "−", ")", "|", ","):
            if self.sign() == "·":
                self.pieces.pop(0)
            found *= self.factor()
        return found

    def factor(self):
        sign = self.sign()
        piece = self.pieces.pop(0)
        if sign is None:
            return value(piece)
        if sign in CALLED:
            given = self.factor()
            return CALLED[sign](*given) if isinstance(given, tuple) else CALLED[sign](given)
        if sign not in ("(", "|"):
            raise SymbolError
        inside = [self.sum()]
        while self.sign() == ",":
            self.pieces.pop(0)
            inside.append(self.sum())
        assert text(self.pieces.pop(0)) == {"(": ")", "|": "|"}[sign]
        if sign == "|":
            return abs(inside[0])
        return inside[0] if len(inside) == 1 else tuple(inside)


def equations(elements):
    """For each formula among elements of a page its parts between signs of equality, as far as they are numbers."""
    for element in elements:
        if not isinstance(element, dict) or element.get("className") != "line":
            continue
        parts = [[]]
        for piece in (piece for part in element["children"] for piece in part["children"]):
            if text(piece) == "=" and piece["tag"] == "mo":
                parts.append([])
            else:
                parts[-1].append(piece)
        numbers = []
        for part in parts:
            try:
                numbers.append(Reader(part).all())
            except SymbolError:
                continue
        if numbers:
            yield numbers


def agree(found, what, within=EXACT):
    """Every equation holds; gives their last numbers."""
    for numbers in found:
        assert len(numbers) >= 1
        np.testing.assert_allclose(numbers, numbers[-1], **within, err_msg=f"{what}: {numbers}")
    return [numbers[-1] for numbers in found]


@pytest.fixture(scope="module")
def losses():
    cases = [FEW | {"table": table, "loss": name, "rate": 0.01} for name, table in LOSS_TABLES.items()]
    far = FEW | {"table": "sine", "loss": "huber", "optimizer": "sgd", "rate": 10}  # beyond delta, too
    found = node("written", *({"choices": one, "epochs": 1, "rows": [*ROWS], "links": []} for one in [*cases, far]))
    return list(zip([*LOSS_TABLES, "huber"], found, strict=True))


def outputs_and_targets(loss, slowed):
    last = slowed["layers"][-1]
    outputs = np.reshape(last["y"], (-1, last["outputs"]))
    targets = np.array(slowed["targets"])
    return outputs, loss.prepare(targets.astype(int) if loss.target == "classes" else targets, outputs.shape[1])


def test_every_loss_is_written_out_with_its_numbers(losses):
    assert {name for name, _ in losses} == set(LOSS_TABLES)
    beyond = set()
    for name, found in losses:
        loss = LOSSES.get(name)
        outputs, targets = outputs_and_targets(loss, found["slowed"])
        expected, slopes = loss.value_and_gradient(outputs, targets)
        for row in ROWS:
            lines = list(equations(found["losses"][row]))
            assert len(lines[-1]) > 1 or "cross_entropy" in name, f"{name} is written without numbers"
            np.testing.assert_allclose(agree(lines, name)[-1], expected[row], **EXACT, err_msg=f"{name}, row {row}")
            slope = next(iter(equations(found["slopes"][row])))
            agree([slope], f"the slope of {name}")
            np.testing.assert_allclose(slope[-1], slopes[row, 0] / len(ROWS), **EXACT, err_msg=f"slope of {name}")
            if name == "huber":
                beyond.add(bool(abs(outputs[row, 0] - targets[row, 0]) > 1))
    assert beyond == {False, True}


def test_how_likely_each_class_is_is_written_out(losses):
    for name, found in losses:
        if LOSS_TABLES[name] == "rings":
            outputs, _ = outputs_and_targets(LOSSES.get(name), found["slowed"])
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            for row in ROWS:
                parts = next(one["children"] for one in found["losses"][row] if one.get("className") == "line")
                pieces = [piece for part in parts for piece in part["children"]]
                behind = [text(piece) for piece in pieces].index(":") + 1
                shown = Reader(pieces[behind:]).all()
                np.testing.assert_allclose(shown, powers[row] / powers[row].sum(), **EXACT, err_msg=name)


@pytest.fixture(scope="module")
def steps():
    """Each optimizer at its first step, where it remembers nothing, and later; with penalties."""
    cases = [FEW | {"optimizer": name, "rate": 1} for name in OPTIMIZERS]
    cases += [FEW | {"optimizer": "sgd", "penalty": penalty, "strength": 0.03} for penalty in ("l1", "l2")]
    asked = [{"choices": one, "epochs": epochs, "rows": [], "links": LINKS} for one in cases for epochs in (0, 3)]
    return list(zip([one["choices"] for one in asked], node("written", *asked), strict=True))


def test_every_optimizer_is_written_out_with_its_numbers(steps):
    for choices, found in steps:
        slowed, rule = found["slowed"], OPTIMIZERS.get(choices["optimizer"])
        told = None
        for t in range(1, slowed["t"] + 1):
            told = rule.at_step(t, told)
        for link, lines in zip(LINKS, found["updates"], strict=True):
            what = f"{choices}, step {slowed['t']}, {link}"
            layer = [one for one in slowed["layers"] if one["kind"] == "dense"][link["layer"]]
            start = next(
                one["start"] for one in slowed["learned"] if one["layer"] == layer["layer"] and one["name"] == "W"
            )
            place = start + link["from"] * layer["outputs"] + link["to"]
            weight, gradient = np.float64(slowed["before"][place]), slowed["gradient"][place]
            pull = {"l1": np.sign(weight), "l2": weight}.get(choices.get("penalty"), 0.0)
            gradient += choices.get("strength", 0.0) * pull
            memories = [slot[place] for slot in slowed["slotsBefore"]]
            weight *= 1 - slowed["rate"] * rule.weight_decay
            expected, *after = rule(weight, gradient, memories, slowed["rate"], told)
            written = list(equations(lines))
            assert max(map(len, written)) > 1, what
            ends = agree(written, what, BUT_EPSILON)
            for number in (expected, *after):  # the weight, and what the optimizer remembers
                assert np.isclose(ends, number, **BUT_EPSILON).any(), f"{what}: {number} among {ends}"
            stepped = [end for end, numbers in zip(ends, written, strict=True) if len(numbers) > 1]
            assert np.isclose(stepped, expected, **BUT_EPSILON).any(), what
