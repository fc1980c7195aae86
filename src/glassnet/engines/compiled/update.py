"""The update as operations: which stretches of the parameters are treated how, and the constants of each step."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.machine import kernel
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.program import NotCompiled, Program, compiled
from glassnet.engines.update import Updater
from glassnet.formulas import regularization as reg
from glassnet.layers.base import Array
from glassnet.layers.layout import Layout

__all__ = ["READY", "Treatment", "Update"]

AUX = int(Op.AUX)


READY = (reg.clip_by_value, reg.l1_gradient, reg.l2_gradient)
"""What a kernel needs to make a gradient ready."""


class Treatment:
    """Which stretches of the parameters are treated how: decay, penalties, limits."""

    def __init__(self, layout: Layout, decay: float, limits: tuple[float, ...], dtype: Any) -> None:
        treated = [
            (slot, (decay if slot.parameter.kind == "weight" else 0.0, slot.parameter.l1, slot.parameter.l2))
            for slot in layout.parameters
        ]
        stretches, strengths = [], []
        for strength, group in itertools.groupby(treated, key=lambda pair: pair[1]):
            slots = [slot for slot, _ in group]
            stretches.append((slots[0].start, slots[-1].stop))
            strengths.append(strength)
        self.stretches = np.array(stretches, np.int64).reshape(-1, 2)
        self.strengths, self.limits = np.array(strengths, dtype).reshape(-1, 3), np.array(limits, dtype)
        self.decays, self.penalties = bool(self.strengths[:, 0].any()), bool(self.strengths[:, 1:].any())

    def bind(self, rows: Array, arrays: Sequence[Array], gradients: Array) -> None:
        """Write what the kernels of ``kernels/update.py`` need into rows of the table."""
        self.arrays = arrays
        self.addresses = np.array([address(array) for array in arrays], np.int64)
        rows[:, AUX : AUX + 7] = [
            address(self.stretches),
            len(self.stretches),
            address(self.strengths),
            address(self.limits),
            address(self.addresses),
            address(gradients),
            gradients.shape[1],
        ]


class Update:
    """What an :class:`Updater` does, as operations after the way back.

    Parameters
    ----------
    program : Program
        Gets the operations.
    updater : Updater
    layout : Layout
    """

    def __init__(self, program: Program, updater: Updater, layout: Layout) -> None:
        self.updater, self.dtype = updater, np.dtype(program.precision)
        rule = updater.rule
        first = rule.at_step(1)
        _try_rule(updater, first)
        self.count = len(first)
        self.values = tuple(float(value) for value in rule.values)  # type: ignore[arg-type]
        self.width = 1 + len(self.values) + self.count
        self.coefficients_kernel = _coefficients_kernel(updater, self.count)
        limits = (updater.clip_value or 0.0, updater.clip_norm or 0.0, updater.ema_decay or 0.0)
        self.treatment = Treatment(layout, updater.weight_decay or 0.0, limits, self.dtype)
        penalties, limited = self.treatment.penalties, updater.clip_value is not None
        shortened = updater.clip_norm is not None
        limited_norms = [slot for slot in layout.parameters if slot.parameter.max_norm is not None]
        self.averaged, self.averaged_late = updater.ema is not None and not limited_norms, bool(limited_norms)
        self.ops: list[list[int]] = []
        if shortened:
            self._add(compiled(rule, "update.gradient", program.precision, *READY, penalties, limited))
        address = compiled(
            rule,
            "update.apply",
            program.precision,
            rule.rule,
            reg.decay,
            reg.clip_by_norm,
            *READY,
            reg.ema,
            len(rule.slots),
            self.width,
            penalties,
            limited,
            shortened,
            self.treatment.decays,
            self.averaged,
        )
        self._add(address, MEET=int(shortened))
        for slot in limited_norms:
            inputs, outputs = slot.parameter.shape
            op = self._add(compiled(rule, "update.max_norm", program.precision, reg.clip_by_norm), MEET=1)
            op[Op.INPUTS], op[Op.OUTPUTS], op[Op.P], op[Op.E] = inputs, outputs, slot.start, program.keep(outputs)
            op[Op.C] = program.keep_constant(float(slot.parameter.max_norm or 0))
        if limited_norms and updater.ema is not None:
            self._add(compiled(rule, "update.average", program.precision, reg.ema), MEET=1)
        program.after[:0] = self.ops

    def _add(self, forward: int, **fields: int) -> list[int]:
        op = [0] * OP_SIZE
        op[Op.FORWARD] = forward
        for name, value in fields.items():
            op[Op[name]] = value
        self.ops.append(op)
        return op

    def bind(self, rows: Array, parameters: Array, gradients: Array) -> None:
        """Write the addresses into this update's rows of the table."""
        updater = self.updater
        average = [updater.ema] if updater.ema is not None and self.averaged else []
        arrays = [parameters, *updater.slots.values(), *average, gradients[0]]
        self.treatment.bind(rows, arrays, gradients)
        if updater.ema is not None and self.averaged_late:
            rows[-1, AUX + 4] = address(updater.ema)

    def constants(self, rates: Sequence[float] | Array) -> tuple[Array, Array]:
        """The constants of the next steps, a row each; and their coefficients, those of the step before in front."""
        table = np.empty((len(rates), self.width), self.dtype)
        table[:, 0] = rates
        if self.values:
            table[:, 1 : 1 + len(self.values)] = self.values
        coefficients = self._coefficients(len(rates))
        if self.count:
            table[:, 1 + len(self.values) :] = coefficients[1:]
        return table, coefficients

    def _coefficients(self, steps: int) -> Array:
        updater, table = self.updater, np.zeros((1 + steps, self.count))
        if not self.count:
            return table
        if updater.coefficients is not None:
            table[0] = updater.coefficients
        if self.coefficients_kernel is None:
            previous = updater.coefficients
            for step in range(1, steps + 1):
                table[step] = previous = updater.rule.at_step(updater.t + step, previous)
            return table
        run, values = np.zeros(RUN_SIZE, np.int64), np.array(self.values)
        run[Run.STEPS], run[Run.T] = steps, updater.t
        self.coefficients_kernel(0, address(run), 0, 0, 0, address(table), 0, 0, address(values), 0, 0)
        return table


def _try_rule(updater: Updater, coefficients: tuple[float, ...]) -> None:
    """Refuse a rule that does not return what it should, before a kernel relies on it."""
    updater.coefficients, before = coefficients, updater.coefficients
    try:
        zero = np.zeros(1)
        with np.errstate(all="ignore"):
            updater.moved(zero, zero, tuple(zero for _ in updater.slots), updater.rule.learning_rate)
    finally:
        updater.coefficients = before


def _coefficients_kernel(updater: Updater, count: int) -> Any:
    """The kernel that computes the coefficients of many steps; None: Python does it, step by step."""
    rule = updater.rule
    if rule.coefficients is None:
        return None
    try:
        compiled(rule, "update.coefficients", "float64", rule.coefficients, len(rule.values), count)
    except NotCompiled:
        return None
    return kernel("update.coefficients", "float64", rule.coefficients, len(rule.values), count)[1]
