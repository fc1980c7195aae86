"""Formulas: what is refused, and with which message."""

from __future__ import annotations

import math

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES, Schedule
from tests.refusals import each, refusals

test_input_type_errors = refusals(
    InputTypeError,
    # activations
    (lambda: Activation("half", abs, None), "`derivative` of Activation must be a function"),
    # losses
    (lambda: LOSSES.get("mse").check(np.array(["a", "b"]), 1), "must be numbers"),
    # optimizers
    (lambda: Optimizer("idle", None), "`rule` of Optimizer must be a function"),
    # registry
    *each(
        lambda value: ACTIVATIONS.get("leaky_relu", slope=value),
        "`slope` in `parameters` of Activation must be finite",
        ["0.5", None],
    ),
    *each(ACTIVATIONS.get, "must be a name or a record of type `Activation`", [None, 3, abs, ["relu"]]),
    (lambda: ACTIVATIONS.get(OPTIMIZERS.get("sgd")), "record of type `Activation`"),
    # schedules
    (lambda: Schedule("idle", None), "`function` of Schedule must be a function"),
)

test_input_errors = refusals(
    InputError,
    # initializers
    *each(
        lambda shape: INITIALIZERS.get("he_normal")(np.random.default_rng(0), shape),
        "The shape of weights must be",
        [(0, 3), (3, 0), (3,), (2, 3, 4)],
    ),
    # losses
    (lambda: LOSSES.get("mse").check(np.zeros((4, 2)), 3), "must match"),
    (lambda: LOSSES.get("mse").check(np.zeros((4, 2, 2)), 4), "must match"),
    (lambda: LOSSES.get("gaussian_nll").check(np.zeros((4, 2)), 2), "must match"),
    (lambda: LOSSES.get("mse").check(np.array([[np.nan]]), 1), "must be finite"),
    (lambda: LOSSES.get("cross_entropy").check(np.array([0, 3]), 3), "whole numbers from 0 to 2"),
    (lambda: LOSSES.get("cross_entropy").check(np.array([0, 0.5]), 3), "whole numbers from 0 to 2"),
    (lambda: LOSSES.get("cross_entropy").check(np.array([[0.5, 0.6]]), 2), "which sum to 1"),
    (lambda: LOSSES.get("cross_entropy").check(np.array([[1.5, -0.5]]), 2), "which sum to 1"),
    (lambda: LOSSES.get("binary_cross_entropy").check(np.array([0.0, 2.0]), 1), r"lie in \[0, 1\]"),
    (lambda: LOSSES.get("poisson").check(np.array([-1.0, 2.0]), 1), r"lie in \[0, inf\]"),
    (lambda: LOSSES.get("hinge").check(np.array([-1.0, 3.0]), 1), r"lie in \[-1, 1\]"),
    (lambda: LOSSES.get("cross_entropy", label_smoothing=-0.1), "`label_smoothing` of Loss must be in"),
    (lambda: LOSSES.get("cross_entropy", label_smoothing=1.0), "`label_smoothing` of Loss must be in"),
    (lambda: LOSSES.get("mse(label_smoothing=0.1)"), "Label smoothing needs a classification loss"),
    # registry
    (lambda: OPTIMIZERS.get("admw"), r"must be one of: adagrad, adam, .*sgd\. Received: 'admw'\. Did you mean 'adamw'"),
    (lambda: OPTIMIZERS.get("zzz"), "Use one of these names, or a formula of your own"),
    (
        lambda: OPTIMIZERS.get("adam(beta3=0.5)"),
        r"A parameter of `adam` must be one of: beta1, beta2, epsilon\. Received: 'beta3'",
    ),
    (lambda: ACTIVATIONS.get("relu(slope=0.5)"), "none, it has no parameters"),
    (lambda: ACTIVATIONS.get("leaky_relu(1)"), r"must lie in \[0, 1\). Received"),
    (lambda: ACTIVATIONS.get("elu(alpha=-1)"), r"must lie in \(0, inf\). Received"),
    (lambda: ACTIVATIONS.get("elu(alpha=(1, 2, -1))"), r"must lie in \(0, inf\). Received"),
    (lambda: INITIALIZERS.get("normal(std=0)"), r"must lie in \(0, inf\). Received"),
    (lambda: LOSSES.get("huber(delta=0)"), r"must lie in \(0, inf\). Received"),
    (lambda: LOSSES.get("quantile(levels=(0.1, 1.0))"), r"must lie in \(0, 1\). Received"),
    (lambda: LOSSES.get("quantile(levels=())"), r"must lie in \(0, 1\). Received"),
    (lambda: LOSSES.get("focal(gamma=-1)"), r"must lie in \[0, inf\). Received"),
    (lambda: OPTIMIZERS.get("adam(beta2=1)"), r"must lie in \[0, 1\). Received"),
    (lambda: OPTIMIZERS.get("adam(epsilon=-1e-8)"), r"must lie in \[0, inf\). Received"),
    (lambda: SCHEDULES.get("step(every=0)"), r"must lie in \(0, 1\]. Received"),
    (lambda: SCHEDULES.get("cosine(cycles=0)"), r"must lie in \{1, 2, ...\}. Received"),
    (lambda: SCHEDULES.get("reduce_on_plateau(factor=1)"), r"must lie in \(0, 1\). Received"),
    (lambda: ACTIVATIONS.get("leaky_relu", slope=float("nan")), "`slope` in `parameters` of Activation must be finite"),
    (lambda: ACTIVATIONS.get("elu(1.0, 2.0)"), "`elu` takes 1 parameters"),
    (lambda: ACTIVATIONS.get("elu(alpha={[]:1})"), "must be written as|parameter of a formula"),
    (lambda: ACTIVATIONS.get("elu(alpha=" + "-" * 3000 + "1)"), "must be written as|parameter of a formula"),
    # schedules
    *each(
        lambda warmup: SCHEDULES.get("cosine", warmup=warmup), "`warmup` of Schedule must be in", [1.0, -0.1, math.nan]
    ),
    *each(SCHEDULES.get, "must lie in", ["step(every=0)", "linear(end=-1)", "cosine(cycles=0)", "flat_cosine(flat=1)"]),
    (lambda: Schedule("mine", lambda t: t / 0), "The factors of a schedule must be finite, at least 0, and not all 0"),
    (lambda: Schedule("mine", lambda t: t - 1), "The factors of a schedule must be finite, at least 0, and not all 0"),
    (lambda: Schedule("mine", lambda t: 0 * t), "The factors of a schedule must be finite, at least 0, and not all 0"),
)
