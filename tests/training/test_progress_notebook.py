"""Progress in a notebook: one display that is drawn anew, or a widget that a display replaces at the end."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet import NeuralNetwork, Trainer
from glassnet.training.progress_display import NotebookView, ProgressBar, progress_view

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
    return shown


def _train() -> None:
    network = NeuralNetwork(1, [1], engine="reference")
    Trainer(epochs=4, validation_fraction=0.25, callbacks=[NotebookView()]).fit(network, X, X[:, 0])


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


@pytest.mark.parametrize(("shell", "kind"), [(SimpleNamespace(kernel=1), NotebookView), (None, ProgressBar)])
def test_a_notebook_has_curves_and_a_terminal_a_line(monkeypatch: pytest.MonkeyPatch, shell: Any, kind: type) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert isinstance(progress_view(), kind)
