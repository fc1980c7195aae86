"""The encoding of each input column of an encoder, in words, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from glassnet.support.language import Language, Text, aligned
from glassnet.tables.columns.column_values import KIND_NAMES

HEAD: Final = Text("column|kind|outputs|encoding")


@dataclass(frozen=True)
class ColumnDescription:
    """The encoding of one input column, in words.

    Attributes
    ----------
    name : str
    kind : str
        Its content: number, boolean, duration, date, datetime, time, category, text or empty.
    action : Text
        Its encoding, in words.
    outputs : tuple of str
        Names of the output columns that come from it.
    ngrams : int
        Number of its n-grams, which stand beside these.
    """

    name: str
    kind: str
    action: Text
    outputs: tuple[str, ...]
    ngrams: int = 0

    @property
    def inputs(self) -> int:
        """Number of inputs of a network that come from it; 0 if it is left out."""
        return len(self.outputs) + self.ngrams

    @property
    def in_words(self) -> Text:
        """Its name, kind and encoding."""
        return Text("{name!r} ({kind}; {action})", name=self.name, kind=KIND_NAMES[self.kind], action=self.action)


def column_cells(columns: Sequence[ColumnDescription], language: Language | None = None) -> list[list[str]]:
    """Return the head and the lines of a table of descriptions, as text."""
    lines = [HEAD.say(language).split("|")]
    for column in columns:
        kind, action = KIND_NAMES[column.kind].say(language), column.action.say(language)
        lines.append([column.name, kind, str(column.inputs), action])
    return lines


def print_columns(columns: Sequence[ColumnDescription], language: Language | None = None) -> str:
    """Format descriptions as a table of text."""
    lines = aligned(column_cells(columns, language), left=4).split("\n")
    return "\n".join(line.rstrip() for line in lines)
