"""What notebooks show, in a real browser: readable in each of them and in both themes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.network.step_widget import SCRIPT, slow_motion
from glassnet.support.language import speaking
from glassnet.support.scripts import joined
from tests.display.results import RESULTS, fitted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def looked(browse, tmp_path_factory):
    """What the browser finds of every public result, in every notebook, theme and width."""
    model, pages = fitted(), []
    for language in ("en", "zh"):
        with speaking(language):
            pages += [(f"{name} {language}", make(model)._repr_html_()) for name, (make, _, _) in RESULTS.items()]
    file = tmp_path_factory.mktemp("displays") / "displays.json"
    file.write_text(json.dumps(pages), encoding="utf-8")
    return browse("displays.js", file)


def _found(looked, kind):
    return {(view["notebook"], view["theme"], view["width"]): view[kind] for view in looked if view[kind]}


@pytest.mark.parametrize("kind", ["faint", "out", "small", "large", "unlike"])
def test_nothing_is_faint_cut_off_tiny_or_in_the_theme_of_the_system(looked, kind):
    assert len(looked) == 5 * 2 * 2
    assert _found(looked, kind) == {}


def test_rows_are_counted_from_zero_as_in_python(browse, tmp_path):
    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([0.0, 1, 1, 0, 1, 0])
    network = NeuralNetwork(2, ["tanh:3", 1], loss="binary_cross_entropy", seed=1)
    state = {"row": 2, "rows": 6, "language": "en", "step": slow_motion(network, X[2:3], y[2:3], names=(), around=X)}
    script, start = tmp_path / "script.js", tmp_path / "state.json"
    script.write_text(joined(SCRIPT), encoding="utf-8")
    start.write_text(json.dumps(state), encoding="utf-8")
    assert browse("notebook.js", script, start) == {"shown": "2", "chosen": [5, 5, 0, 0]}
