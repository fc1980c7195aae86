"""The update as operations: segments of parameters with their decay and penalties, and the constants of each step.

An :class:`UpdatePlan` is the same for all trainings of a lowered network; an :class:`Update` binds one to its arrays.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.jit import reads
from glassnet.engines.compiled.kernels.update import ARRAYS, LEAST, MOST, SEGMENTS
from glassnet.engines.compiled.memory import OP_SIZE, RUN_SIZE, Op, Run, address
from glassnet.engines.compiled.program import NotCompiledError, Program, compiled
from glassnet.engines.compiled.reuse import is_immutable
from glassnet.engines.updater import Updater
from glassnet.formulas import regularization as reg
from glassnet.formulas.optimizer import Optimizer
from glassnet.layers.base import Array, Parameter
from glassnet.layers.layout import Layout

AHEAD = 1024
"""Steps whose coefficients are computed at a time."""


def unchanged_without_gradient(updater: Updater) -> Callable[[Parameter], bool]:
    """Which parameters, and their optimizer state, a step without a gradient leaves exactly as they are."""
    still = updater.rule.rests and updater.ema is None and updater.clip_norm is None
    # AdaGrad without an epsilon divides zero by zero
    still = still and all(value > 0 for name, value in updater.rule.parameters if name == "epsilon")  # type: ignore[operator]

    def rests(parameter: Parameter) -> bool:
        decays = bool(updater.weight_decay) and parameter.kind == "weight"
        return still and not (decays or parameter.l1 or parameter.l2)

    return rests


PREPARE = (reg.clip_by_value, reg.l1_gradient, reg.l2_gradient)
"""Formulas that a kernel applies to a gradient before the rule: clipping, and the gradients of penalties."""


class Segments:
    """Segments of the parameter vector, each with one decay, one set of penalties and one factor of the rate.

    Parameters
    ----------
    several : bool
        Whether workers share them: then each parameter is a segment, shared along its first axis as its gradients are;
        else adjacent parameters with the same settings are one.
    """

    def __init__(self, layout: Layout, decay: float, limits: tuple[float, ...], dtype: Any, several: bool) -> None:
        treated = []
        for slot in layout.parameters:
            p = slot.parameter
            strength = (decay if p.kind == "weight" else 0.0, p.l1, p.l2, p.rate)
            treated.append((strength, slot.start, slot.stop, math.prod(p.shape[1:]) or 1))
        if not several:
            alike = [list(group) for _, group in itertools.groupby(treated, key=operator.itemgetter(0))]
            treated = [(group[0][0], group[0][1], group[-1][2], 1) for group in alike]
        self.spans = np.array([span for _, *span in treated], np.int64).reshape(-1, 3)
        self.strengths = np.array([strength for strength, *_ in treated], dtype).reshape(-1, 4)
        self.limits = np.array(limits, dtype)
        self.decays, self.penalties = bool(self.strengths[:, 0].any()), bool(self.strengths[:, 1:3].any())

    def bind(self, rows: Array, arrays: Sequence[Array], dtype: Any) -> Array:
        """Write what ``kernels/update.py`` needs into rows of the table; return an array to keep alive."""
        size = arrays[0].size if arrays else 0
        addresses = np.array([address(array, dtype, size) for array in arrays], np.int64)
        rows[:, SEGMENTS : ARRAYS + 1] = [
            address(self.spans),
            len(self.spans),
            address(self.strengths),
            address(self.limits),
            address(addresses),
        ]
        return addresses


class UpdatePlan:
    """The operations after the backward pass that make the step of an :class:`Updater`.

    Parameters
    ----------
    program : Program
        The operations are added to it.
    updater : Updater
    layout : Layout
    several : bool
        Whether several workers share it.
    """

    def __init__(self, program: Program, updater: Updater, layout: Layout, several: bool = False) -> None:
        self.dtype, rule = np.dtype(program.precision), updater.rule
        self.coefficients = Coefficients(rule)
        program.reusable = program.reusable and is_immutable(rule.coefficients)
        _try_rule(updater, self.coefficients.first)
        self.count = len(self.coefficients.first)
        self.values = tuple(float(value) for value in rule.values)  # type: ignore[arg-type]
        self.width = 2 + len(self.values) + self.count
        limits = (updater.clip_value or 0.0, updater.clip_norm or 0.0, 1 - (updater.ema_decay or 0.0))
        self.segments = Segments(layout, updater.weight_decay or 0.0, limits, self.dtype, several)
        penalties, limited = self.segments.penalties, updater.clip_value is not None
        shortened = updater.clip_norm is not None
        limited_norms = [slot for slot in layout.parameters if slot.parameter.max_norm is not None]
        least = layout.least
        late = bool(limited_norms) or least is not None
        self.averaged, self.averaged_late = updater.ema is not None and not late, late
        self.ops: list[list[int]] = []
        if shortened:
            self._add(program.compiled(rule, "update.gradient", *PREPARE, penalties, limited), MEET=1)
        apply = program.compiled(
            rule,
            "update.apply",
            rule.rule,
            reg.decay,
            reg.clip_by_norm,
            *PREPARE,
            reg.ema,
            len(rule.slots),
            self.width,
            penalties,
            limited,
            shortened,
            self.segments.decays,
            self.averaged,
            bool(program.touched),
        )
        self._add(apply, MEET=int(shortened or program.scattered or bool(program.touched)))
        for slot in limited_norms:
            inputs, outputs = slot.parameter.shape[0], math.prod(slot.parameter.shape[1:])
            op = self._add(program.compiled(rule, "update.max_norm", reg.clip_by_norm), MEET=1)
            op[Op.INPUTS], op[Op.OUTPUTS], op[Op.P], op[Op.E] = inputs, outputs, slot.start, program.keep(outputs)
            op[Op.C] = program.keep_constant(float(slot.parameter.max_norm or 0))
        self.bounded: int | None = None
        """The operation that keeps parameters within limits of their own."""
        if least is not None:
            self.bounded = len(self.ops)
            self._add(program.compiled(rule, "update.bring_within"), MEET=1)
        if late and updater.ema is not None:
            self._add(program.compiled(rule, "update.average", reg.ema), MEET=1)
        program.after[:0] = self.ops

    def _add(self, forward: int, **fields: int) -> list[int]:
        op = [0] * OP_SIZE
        op[Op.FORWARD] = forward
        for name, value in fields.items():
            op[getattr(Op, name)] = value
        self.ops.append(op)
        return op


class Update:
    """The steps of an :class:`Updater`: a plan bound to its arrays, and the constants of each step."""

    def __init__(self, plan: UpdatePlan, updater: Updater) -> None:
        self.plan, self.updater, self.dtype, self.segments = plan, updater, plan.dtype, plan.segments
        begun = updater.coefficients is not None
        self.start, self.rows = 0, np.zeros((0, plan.count)) if begun else plan.coefficients.ahead
        """The coefficients of the steps after step `start`."""
        self.first, self.place, self.table = 0, 0, np.zeros((0, plan.width), self.dtype)
        self.bound: tuple[Array, ...] = ()
        layout = updater.layout
        if layout.least is not None and layout.most is not None:
            self.ends = layout.least.astype(self.dtype), layout.most.astype(self.dtype)

    def bind(self, rows: Array, parameters: Array) -> None:
        """Write the addresses into this update's rows of the table."""
        updater, plan = self.updater, self.plan
        average = (updater.ema,) if updater.ema is not None and plan.averaged else ()
        arrays = (parameters, *updater.slots.values(), *average)
        if len(arrays) == len(self.bound) and all(map(operator.is_, arrays, self.bound)):
            return
        self.bound = arrays
        self.addresses = plan.segments.bind(rows, arrays, self.dtype)
        if plan.bounded is not None:
            rows[plan.bounded, [LEAST, MOST]] = [*map(address, self.ends)]
        if updater.ema is not None and plan.averaged_late:
            rows[-1, ARRAYS] = address(updater.ema, self.dtype, parameters.size)

    def constants(self, rates: Sequence[float] | Array, decay: float) -> int:
        """Return the address of the constants of the next steps, a row each: decay, rate, parameters, coefficients."""
        t, steps = self.updater.t, len(rates)
        row = t - self.first
        if row < 0 or row + steps > len(self.table):
            self._compute_ahead(t, steps)
            row = 0
        self.table[row : row + steps, 0] = decay
        self.table[row : row + steps, 1] = rates
        return self.place + row * self.table.strides[0]

    def _compute_ahead(self, t: int, steps: int) -> None:
        """Compute all but decay and rate of the steps after step t, at least `AHEAD` of them."""
        plan, known = self.plan, 2 + len(self.plan.values)
        of_steps = self.coefficients(t, steps) if plan.count else np.empty((max(steps, AHEAD), 0))
        self.first, self.table = t, np.empty((len(of_steps), plan.width), self.dtype)
        self.table[:, 2:known], self.table[:, known:] = plan.values, of_steps
        self.place = address(self.table)

    def coefficients(self, t: int, steps: int) -> Array:
        """Return rows for the steps t + 1, t + 2, ...: at least `steps`."""
        rule = self.plan.coefficients
        if not self.start <= t or t + steps > self.start + len(self.rows):
            known = self.start <= t - 1 < self.start + len(self.rows)
            before = self.rows[t - 1 - self.start] if known else self.updater.coefficients
            # a user's function may count its calls, so it is called for steps that are made only
            self.rows = rule.rows(t, max(steps, AHEAD) if rule.is_ahead else steps, before)
            self.start = t
        return self.rows[t - self.start :]

    def advance(self, t: int) -> None:
        """Bring the updater's state to step t."""
        if t > self.updater.t and self.plan.count:
            self.updater.coefficients = tuple(self.coefficients(t - 1, 1)[0].tolist())
        self.updater.t = t


class Coefficients:
    """The coefficients of an optimizer's steps, computed many steps ahead."""

    def __init__(self, rule: Optimizer) -> None:
        self.rule, self.first, self.kernel = rule, rule.at_step(1), None
        self.at_once = _at_once(rule)
        if self.first and not self.at_once:
            with contextlib.suppress(NotCompiledError):
                parts = rule.coefficients, len(rule.values), len(self.first)
                self.kernel = python_callable(compiled(rule, "update.coefficients", "float64", *parts))

    @property
    def is_ahead(self) -> bool:
        """Whether they can be computed for steps that may not be made."""
        return self.at_once or self.kernel is not None

    @cached_property
    def ahead(self) -> Array:
        """The rows of the first steps."""
        return self.rows(0, AHEAD, None) if self.is_ahead else np.zeros((0, len(self.first)))

    def rows(self, t: int, steps: int, before: Any) -> Array:
        """Return a row for each of the steps after step t; `before`: the coefficients of step t."""
        rule = self.rule
        if self.at_once:
            columns = rule.at_step(t + np.arange(1.0, steps + 1), None)  # type: ignore[arg-type]
            return np.stack([np.broadcast_to(column, steps) for column in columns], axis=1)
        table = np.zeros((1 + steps, len(self.first)))
        if before is not None:
            table[0] = before
        if self.kernel is None:
            for step in range(1, steps + 1):
                table[step] = before = rule.at_step(t + step, before)
            return table[1:]
        run, values = np.zeros(RUN_SIZE, np.int64), np.array([float(value) for value in rule.values])  # type: ignore[arg-type]
        run[Run.STEPS], run[Run.T] = steps, t
        self.kernel(0, address(run), 0, 0, 0, address(table), 0, 0, address(values), 0, 0)
        return table[1:]


def _at_once(rule: Optimizer) -> bool:
    """Return whether one call gives the coefficients of many steps, which do not depend on the previous ones."""
    if rule.coefficients is None:
        return False
    t = np.array([1.0, 2, 3, 10, 1000])  # as integers their powers would overflow
    try:
        if reads(rule.coefficients, 1, 2 + len(rule.values), "float64"):
            return False
        several = rule.at_step(t, None)  # type: ignore[arg-type]
        single = np.array([rule.at_step(int(step), None) for step in t])
        return bool(np.allclose(np.stack([np.broadcast_to(c, 5) for c in several], axis=1), single, rtol=1e-14))
    except Exception:  # a user's formula of scalars may do anything with an array
        return False


def _try_rule(updater: Updater, coefficients: tuple[float, ...]) -> None:
    """Refuse a rule with a result of the wrong form, before a kernel relies on it."""
    updater.coefficients, before = coefficients, updater.coefficients
    try:
        zero = np.zeros(1)
        with np.errstate(all="ignore"):
            updater.moved(zero, zero, tuple(zero for _ in updater.slots), updater.rule.learning_rate)
    finally:
        updater.coefficients = before
