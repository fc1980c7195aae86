"""Whether a terminal can redraw a line, such as a progress bar."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

KERNEL = "JPY_PARENT_PID"
"""A variable that Jupyter gives its kernels, and they to the commands of a cell."""


def can_redraw(console: Console) -> bool:
    """Whether a console can redraw lines.

    A command in a cell of a notebook (``!glassnet train ...``) writes to something that says it is one, but what should
    be drawn anew is shown below what was there before.

    Examples
    --------
    >>> import io
    >>> from rich.console import Console
    >>> can_redraw(Console(file=io.StringIO()))
    False
    """
    return console.is_terminal and not console.is_dumb_terminal and KERNEL not in os.environ
