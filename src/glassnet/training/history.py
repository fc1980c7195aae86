"""The history of a training: one row per epoch, and why it ended, as a code for programs and a sentence for people."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from glassnet.display.numbers import plain
from glassnet.display.result import Result
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import listed
from glassnet.support.language import Language, Text, aligned
from glassnet.support.option_names import methods_suggest_options

if TYPE_CHECKING:
    from glassnet.display.blocks import Block

LOSSES: Final = ("loss", "validation_loss")
"""The columns of a history in which lower is better; in every score higher is, also in "validation_neg_log_loss"."""
MOST_ENDINGS = 2
"""The most reasons: why training ended, and that members were left out."""
ROWS = Text('For example [{"epoch": 1, "loss": 0.7}]')


@methods_suggest_options
class History(Result):
    """A plain table with one row per epoch. After a change of settings, later rows may have other columns.

    Parameters
    ----------
    rows : list of dict, optional

    Attributes
    ----------
    rows : list of dict
    best_epoch : int or None
        The epoch (from 1) whose weights were kept.
    endings : tuple of Ending
        Why training ended, each reason with a code; empty while it has not.

    Examples
    --------
    >>> history = History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}])
    >>> history["loss"]
    [0.7, 0.5]
    >>> print(history)
    epoch  loss
        1   0.7
        2   0.5
    """

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self.rows: list[dict[str, float]] = [] if rows is None else listed("`rows`", rows, ROWS)
        if not all(isinstance(row, dict) for row in self.rows):
            raise InputTypeError("`rows` must be a list of dicts", shown(rows), ROWS)
        self.best_epoch: int | None = None
        self.endings: tuple[Ending, ...] = ()

    @property
    def ended(self) -> str:
        """Why training ended, as a sentence."""
        return "; ".join(map(str, self.endings))

    @property
    def ending(self) -> str:
        """The code of that, such as "done" or "interrupted": see :class:`glassnet.training.history.Ending`."""
        return self.endings[0].code if self.endings else ""

    def end(self, code: str, words: str = "", **numbers: int) -> None:
        """Record why training ended."""
        self.endings = (Ending(code, words, numbers),)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, column: str) -> list[float]:
        """Return one column, with an entry per epoch; NaN where there is none."""
        if self.rows and column not in self.columns:
            raise KeyError(f"The history has no column {column!r}; it has: {', '.join(self.columns)}")
        return [row.get(column, math.nan) for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text: a line for each epoch, under the columns' programmatic names."""
        columns = self.columns
        return aligned([columns, *([_cell(row.get(column, "")) for column in columns] for row in self.rows)], left=0)

    def __repr__(self) -> str:
        best = f", best epoch {self.best_epoch}" if self.best_epoch else ""
        return f"<History: {len(self)} epochs{best}{', ' + self.ended if self.ended else ''}>"

    def _blocks(self, language: Language) -> list[Block]:
        """Return curves and some epochs."""
        from glassnet.training.history_display import history_blocks

        return history_blocks(self, language)

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data, strict JSON: numbers that are not finite are their names, "nan", "inf" or "-inf".

        Examples
        --------
        >>> History([{"epoch": 1, "loss": float("inf")}]).to_dict()
        {'rows': [{'epoch': 1, 'loss': 'inf'}], 'best_epoch': None, 'endings': []}
        """
        rows = [{name: plain_float(value) for name, value in row.items()} for row in self.rows]
        endings = [ending.to_dict() for ending in self.endings]
        return {"rows": rows, "best_epoch": self.best_epoch, "endings": endings}

    @classmethod
    def from_dict(cls, data: Any) -> History:
        """Restore from :meth:`to_dict`.

        Raises
        ------
        InputError
            If it is anything else.
        """
        rows, best, endings = (
            (data.get(name) for name in ("rows", "best_epoch", "endings")) if isinstance(data, dict) else [None] * 3
        )
        rule, remedy = Text("A history must have rows, a best epoch and an end"), Text("The file may be damaged")
        if not isinstance(rows, list) or not isinstance(endings, list) or len(endings) > MOST_ENDINGS:
            raise InputError(rule, shown(data), remedy)
        if not (best is None or _is_epoch(best)):
            raise InputError(rule, shown(data), remedy)
        history = cls([_row(row) for row in rows])
        history.best_epoch, history.endings = best, tuple(map(Ending.from_dict, endings))
        return history


def plain_float(value: float) -> float | str:
    """Return a number in strict JSON: one that is not finite as its name."""
    return value if math.isfinite(value) else str(float(value))


def _row(row: Any) -> dict[str, float]:
    """Return one row of plain data, validated: epoch, loss, and other measurements."""
    if not isinstance(row, dict) or not _is_epoch(row.get("epoch")) or "loss" not in row:
        raise InputError("A row of a history must have its epoch and the loss", row, "The file may be damaged")
    return {name: value if name == "epoch" else _number(value) for name, value in row.items()}


def _is_epoch(value: Any) -> bool:
    return type(value) is int and 1 <= value < 2**53


def _number(value: Any) -> float:
    if type(value) in (int, float) or value in ("nan", "inf", "-inf"):
        with contextlib.suppress(OverflowError):  # a whole number that no float can hold
            return float(value)
    raise InputError("A row of a history must contain numbers", repr(value), "The file may be damaged")


def _cell(value: Any) -> str:
    return plain(value, 6) if isinstance(value, float) else str(value)


ENDINGS: Final = {
    "done": Text("all {count} epochs are done"),
    "done_each": Text("all epochs are done"),
    "patience": Text("no improvement for {count} epochs"),
    "one": Text("the only epoch is done"),
    "interrupted": Text("interrupted"),
    "time": Text("time limit reached in epoch {count} of {whole}"),
    "left_out": Text("{count} of {whole} members were not trained"),
}
"""The sentence of each code."""
OTHERS: Final = ("callback", "diverged", "unanswered", "lbfgs", "elsewhere")
"""Codes whose sentence is given with the reason itself."""


@dataclass(frozen=True)
class Ending:
    """A reason for which a training ended.

    Parameters
    ----------
    code : str
        "done", "patience", "time", "interrupted", "diverged", ...
    words : str
        Details, where the code alone is not enough.
    numbers : dict from str to int
        The values of the placeholders in the code's sentence.

    Examples
    --------
    >>> str(Ending("patience", numbers={"count": 3}))
    'no improvement for 3 epochs'
    """

    code: str
    words: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words or str(ENDINGS[self.code].filled(**self.numbers))

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data."""
        return {"code": self.code, "words": self.words, "numbers": dict(self.numbers)}

    @classmethod
    def from_dict(cls, data: Any) -> Ending:
        """Restore from :meth:`to_dict`.

        Raises
        ------
        InputError
            If it is anything else.
        """
        made = None
        if isinstance(data, dict) and data.keys() == {"code", "words", "numbers"}:
            code, words, numbers = data["code"], data["words"], data["numbers"]
            plain = isinstance(code, str) and isinstance(words, str) and isinstance(numbers, dict)
            if plain and all(type(number) is int for number in numbers.values()):
                made = cls(code, words, numbers)
        if made is None or not made._is_whole():
            raise InputError(
                "The end of a history must have a code, words and numbers", shown(data), "The file may be damaged"
            )
        return made

    def _is_whole(self) -> bool:
        """Return whether a sentence can be made of it."""
        if self.words:
            return self.code in ENDINGS or self.code in OTHERS
        if self.code not in ENDINGS:
            return False
        fields = {name for _, name, _, _ in Formatter().parse(ENDINGS[self.code].template) if name}
        return fields <= self.numbers.keys()
