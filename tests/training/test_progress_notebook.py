"""Progress in a notebook: one display that is drawn anew, or a widget that a display replaces at the end."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet import NeuralNetwork, Trainer
from glassnet.display.progress import ProgressBar
from glassnet.training.progress_display import TrainingProgress
from glassnet.tuning.loop import search_progress

X = np.linspace(-1, 1, 40)[:, None]


class Shown:
    """Stands for what a notebook displays."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def display(self, page: Any, display_id: bool = False) -> Shown:
        self.pages.append(str(page))
        return self

    def update(self, page: Any) -> None:
        self.pages[-1] = str(page)


class Widget(SimpleNamespace):
    def __init__(self, value: str) -> None:
        super().__init__(value=value, closed=False)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Shown:
    shown, module = Shown(), ModuleType("IPython.display")
    module.display, module.HTML = shown.display, str  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    return shown


def _train() -> None:
    network = NeuralNetwork(1, [1], engine="reference")
    Trainer(epochs=4, validation_fraction=0.25, callbacks=[TrainingProgress()]).fit(network, X, X[:, 0])


def test_one_display_ends_with_the_curves_and_a_full_bar(notebook: Shown) -> None:
    _train()
    (page,) = notebook.pages
    assert '<progress value="4" max="4"' in page
    assert "epoch 4 of 4" in page
    assert "validation loss" in page
    assert "<svg" in page


def test_a_widget_is_replaced_by_a_display_that_can_be_saved(notebook: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Widget] = []

    def widget(value: str) -> Widget:
        made.append(Widget(value))
        return made[-1]

    monkeypatch.setitem(sys.modules, "ipywidgets", SimpleNamespace(HTML=widget))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    _train()
    assert [each.closed for each in made] == [True]
    assert "<svg" in notebook.pages[-1]


@pytest.mark.parametrize(("shell", "shown"), [(SimpleNamespace(kernel=1), True), (None, False)])
def test_only_a_shell_with_a_kernel_is_a_notebook(
    notebook: Shown, monkeypatch: pytest.MonkeyPatch, shell: Any, shown: bool
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert ProgressBar("sum", 3).in_notebook == shown


def test_a_search_shows_its_trials_and_the_best_score(notebook: Shown) -> None:
    with search_progress(True, None, 4) as update:
        update(2, 1, ", best accuracy 0.9")
        (page,) = notebook.pages
        assert '<progress value="2" max="4"' in page
        assert "2 trials done, 1 running, best accuracy 0.9" in page
    assert notebook.pages == [""]
