"""Progress of steps: a line in a terminal, a bar in a notebook, nothing elsewhere."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from glassnet import NeuralRegressor
from glassnet.display.progress import KERNEL, can_redraw, steps, tracked
from glassnet.support.language import speaking


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """In the test itself: what fixtures put there, pytest's capture replaces."""
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_a_terminal_shows_what_is_done_and_how_far(monkeypatch):
    shown = _terminal(monkeypatch)
    with steps("importances", 4, shown=True) as done:
        for _ in range(2):
            done()
    assert "importances" in shown.getvalue()
    assert "50%" in shown.getvalue()


def test_nothing_is_shown_where_nobody_asks(monkeypatch):
    shown = _terminal(monkeypatch)
    assert list(tracked("abc", "letters", shown=False)) == ["a", "b", "c"]
    assert shown.getvalue() == ""


def test_nothing_is_shown_in_a_file(capsys):
    assert list(tracked("abc", "letters", shown=True)) == ["a", "b", "c"]
    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_a_notebook_shows_a_bar_that_is_gone_at_the_end(monkeypatch):
    pages = []
    monkeypatch.setattr("glassnet.display.progress.in_notebook", lambda: True)

    class Screen:
        def __init__(self, page):
            pages.append(page)

        def show(self, page):
            pages.append(page())

        def close(self, last):
            pages.append(last or "")

    monkeypatch.setattr("glassnet.display.progress.Screen", Screen)
    assert list(tracked("abc", "letters", shown=True)) == ["a", "b", "c"]
    assert '<progress value="0" max="3"' in pages[0]
    assert "letters" in pages[1]
    assert pages[-1] == ""


def test_importances_say_how_far_they_are_in_the_language_that_is_set(monkeypatch):
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, X[:, 0])
    shown = _terminal(monkeypatch)
    with speaking("zh"):
        model.importances(X, X[:, 0], verbose=True)
    assert "重要性" in shown.getvalue()
    assert "100%" in shown.getvalue()


# --------------------------------------------------- where lines are drawn again
# Where lines are drawn again in their place: a bar that stays behind in every state would fill the page.


@pytest.mark.parametrize(
    ("set_there", "redrawn"), [({}, True), ({KERNEL: "17"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_a_terminal_redraws_unless_it_is_a_cell_or_knows_nothing(set_there, redrawn, monkeypatch):
    monkeypatch.delenv(KERNEL, raising=False)
    for name, value in ({"TERM": "xterm"} | set_there).items():
        monkeypatch.setenv(name, value)
    assert can_redraw(Console(file=io.StringIO(), force_terminal=True)) is redrawn


def test_a_file_does_not():
    assert not can_redraw(Console(file=io.StringIO()))
