"""Where lines are drawn again in their place: a bar that stays behind in every state would fill the page."""

import io

import pytest
from rich.console import Console

from glassnet.display.progress import KERNEL, can_redraw


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
