"""Engines: what is refused, and with which message."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from glassnet import BatchNorm, Dense, Scale
from glassnet.engines import CompiledEngine, Updater
from glassnet.engines.data import as_inputs, as_targets, as_weights
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Layout
from tests.refusals import each, refusals

LAYOUT = Layout([Scale(), Dense(3, "tanh"), BatchNorm(), Dense(1)], 2)

test_input_errors = refusals(
    InputError,
    # compiled: company
    *each(CompiledEngine, "`workers` of CompiledEngine must be a positive integer", [-1, 0]),
    # data
    *each(
        lambda X: as_inputs(X, 2, float),
        r"The inputs must have shape \(rows, 2\)\. Received: shape \(",
        [np.ones(2), np.ones((3, 4)), np.ones((2, 2, 2)), 5.0, [], sparse.eye(3)],
    ),
    *each(lambda wrong: as_inputs([[1.0, wrong]], 2, float), "must be finite", [np.nan, np.inf, -np.inf, None]),
    (lambda: as_inputs(sparse.csr_array([[0.0, np.nan]]), 2, float), "must be finite"),
    (lambda: as_targets([1.0, np.nan], LOSSES.get("mse"), 1, 2), "Received: "),
    (lambda: as_targets([1.0, np.inf], LOSSES.get("mse"), 1, 2), "Received: "),
    (lambda: as_targets([None, 1.0], LOSSES.get("mse"), 1, 2), "Received: "),
    (lambda: as_targets([[1.0, 2.0], [3.0, 4.0]], LOSSES.get("mse"), 1, 2), "Received: "),
    (lambda: as_targets([1.0, 2.0], LOSSES.get("mse"), 2, 2), "Received: "),
    (lambda: as_targets(1.0, LOSSES.get("mse"), 1, 2), "Received: "),
    (lambda: as_targets([0, 3], LOSSES.get("cross_entropy"), 3, 2), "Received: "),
    (lambda: as_targets([-1, 0], LOSSES.get("cross_entropy"), 3, 2), "Received: "),
    (lambda: as_targets([0.5, 1], LOSSES.get("cross_entropy"), 3, 2), "Received: "),
    (lambda: as_targets([[0.5, 0.6], [0, 1]], LOSSES.get("cross_entropy"), 2, 2), "Received: "),
    (lambda: as_targets([0, 2], LOSSES.get("binary_cross_entropy"), 1, 2), "Received: "),
    (lambda: as_targets([-1, 2], LOSSES.get("poisson"), 1, 2), "Received: "),
    (lambda: as_targets([-2, 1], LOSSES.get("hinge"), 1, 2), "Received: "),
    (lambda: as_targets([[1.0, 2.0], [1.0, 2.0]], LOSSES.get("gaussian_nll"), 2, 2), "Received: "),
    (lambda: as_targets([1.0, 2.0, 3.0], LOSSES.get("mse"), 1, 2), "Received: "),
    *each(
        lambda weight: as_weights(weight, 3, float),
        "`sample_weight` must",
        [[1, 2], [[1, 2, 3]], 1.0, [1, -1, 1], [0, 0, 0], [1, np.nan, 1], [1, np.inf, 1]],
    ),
    # updater
    *each(Updater(LAYOUT).rate, "`learning_rate` must be positive", [0, -0.1, float("nan"), float("inf")]),
)

test_input_type_errors = refusals(
    InputTypeError,
    # compiled: company
    *each(CompiledEngine, "`workers` of CompiledEngine must be a positive integer", [1.5, "2"]),
    # data
    *each(
        lambda X: as_inputs(X, 2, float),
        "The inputs of a network must be an array of .*NeuralClassifier",
        [
            [["1", "2"]],
            np.array([["1.0", "2.0"]], object),
            [[1, "two"]],
            [[1j, 2]],
            np.array([["2020-01-01"]], "datetime64[D]"),
            [[1, 2], [3]],
            {"a": 1},
            "text",
            [[object(), 2]],
            sparse.csr_array([[1j, 0]]),
        ],
    ),
    *each(
        lambda y: as_targets(y, LOSSES.get("mse"), 1, 2),
        "The targets of a network must be an array of",
        [["a", "b"], [1j, 2], [[1], [2, 3]], [object(), 1]],
    ),
    *each(
        lambda weight: as_weights(weight, 3, float),
        "`sample_weight` must be an array of",
        [["a", "b", "c"], [1, [2], 3], "abc"],
    ),
    # updater
    *each(Updater(LAYOUT).rate, "`learning_rate` must be positive", ["0.1", True, [0.1]]),
    (lambda: Updater(LAYOUT, clip_value="1"), "`clip_value` of Updater must be"),
    (lambda: Updater(LAYOUT, clip_norm="1"), "`clip_norm` of Updater must be"),
    (lambda: Updater(LAYOUT, weight_decay="1"), "`weight_decay` of Updater must be"),
    (lambda: Updater(LAYOUT, ema_decay="1"), "`ema_decay` of Updater must be"),
)
