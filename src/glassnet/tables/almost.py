"""Columns of text that are almost numbers: one cell in ten or fewer spoils them, such as "n/a" or "12 (est.)".

As text each number is a category of its own, and how near two numbers are is lost. So it is said aloud.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from glassnet.tables.notation import number_form
from glassnet.tables.values import level_text

__all__ = ["AlmostNumbers", "almost_numbers"]

SHARE: Final = 0.9
"""Of the cells that are not missing so many are numbers."""
FEWEST: Final = 10
"""Of fewer different numbers it is rather a category."""
SHOWN: Final = 3
_NUMBER: Final = re.compile(rf"(?:{number_form('.')}|{number_form(',')})(?:\s?%)?")


@dataclass(frozen=True)
class AlmostNumbers:
    """A column of text most of whose cells are numbers.

    Attributes
    ----------
    name : str
    share : float
        Of the cells that are not missing how many are numbers, in [0.9, 1).
    spoilers : tuple of str
        Other cells, the most frequent first; at most three.
    others : int
        How many different ones there are.
    """

    name: str
    share: float
    spoilers: tuple[str, ...]
    others: int

    @property
    def spoilt_by(self) -> str:
        """The other cells, as a list.

        >>> AlmostNumbers("age", 0.95, ("n/a", "?"), 2).spoilt_by
        "'n/a', '?'"
        """
        return ", ".join(map(repr, self.spoilers)) + (", …" if self.others > len(self.spoilers) else "")


def almost_numbers(name: str, cells: Iterable[Any]) -> AlmostNumbers | None:
    """Tell whether a column of text is almost one of numbers; None if it is not.

    Parameters
    ----------
    name : str
        Of the column.
    cells : iterable
        Its cells; a gap is None or NaN. Numbers with leading zeros are codes, and no numbers.

    Examples
    --------
    >>> almost_numbers("age", [*map(str, range(20, 40)), "n/a", None])
    AlmostNumbers(name='age', share=0.9523809523809523, spoilers=('n/a',), others=1)
    """
    counts = Counter(text.strip() for cell in cells if (text := level_text(cell)) is not None)
    others = Counter({text: count for text, count in counts.items() if not _NUMBER.fullmatch(text)})
    share = 1 - others.total() / max(1, counts.total())
    codes = all(text.isdigit() for text in others)  # with leading zeros, or longer than a number can be
    if not others or codes or share < SHARE or len(counts) - len(others) < FEWEST:
        return None
    spoilers = tuple(text for text, _ in others.most_common(SHOWN))
    return AlmostNumbers(name, share, spoilers, len(others))
