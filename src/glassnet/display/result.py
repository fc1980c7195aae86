"""The base of results: each is printed as text and shown by a notebook as HTML, in the same language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glassnet.support.language import Language, check_language

if TYPE_CHECKING:
    from glassnet.display.blocks import Block


class Result:
    """A result that people read; a subclass gives its text and its blocks.

    Examples
    --------
    >>> from glassnet.display.blocks import Paragraph
    >>> class Sum(Result):
    ...     def in_words(self, language=None):
    ...         return "1 + 1 = 2"
    ...     def _blocks(self, language):
    ...         return [Paragraph(self.in_words(language))]
    >>> print(Sum())
    1 + 1 = 2
    >>> "<p>1 + 1 = 2</p>" in Sum()._repr_html_()
    True
    """

    language: Language | None = None

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the current one."""
        raise NotImplementedError

    def _blocks(self, language: Language) -> Sequence[Block]:
        """Return the HTML for a notebook."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.in_words()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from glassnet.display.blocks import display

        language = check_language(self.language)
        return display(self._blocks(language), language)
