"""The widget of a notebook in a real browser: its rows are those of Python."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.network.step_widget import SCRIPT, slow_motion
from glassnet.support.scripts import joined

pytestmark = pytest.mark.browser


def test_rows_are_counted_from_zero_as_in_python(browse, tmp_path):
    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([0.0, 1, 1, 0, 1, 0])
    network = NeuralNetwork(2, ["tanh:3", 1], loss="binary_cross_entropy", seed=1)
    state = {"row": 2, "rows": 6, "language": "en", "step": slow_motion(network, X[2:3], y[2:3], names=(), around=X)}
    script, start = tmp_path / "script.js", tmp_path / "state.json"
    script.write_text(joined(SCRIPT), encoding="utf-8")
    start.write_text(json.dumps(state), encoding="utf-8")
    assert browse("notebook.js", script, start) == {"shown": "2", "chosen": [5, 5, 0, 0]}
