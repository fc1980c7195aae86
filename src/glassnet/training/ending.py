"""Why a training ended: a code for programs, and the sentence that it makes for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError, shown
from glassnet.language import catalogue

ENDINGS: Final = catalogue(Path(__file__).with_name("endings.toml"))
"""The sentence of each code that needs no words of its own, as "ending.done"; in both languages."""
OTHERS: Final = ("callback", "diverged", "unanswered", "lbfgs", "elsewhere")
"""The codes of endings that say in words of their own what happened."""


@dataclass(frozen=True)
class Ending:
    """One reason that a training ended for.

    Parameters
    ----------
    code : str
        "done", "patience", "time", "interrupted", "diverged", ...
    words : str
        What happened, where the code alone does not say it.
    numbers : dict from str to int
        What the sentence of the code has in it.

    Examples
    --------
    >>> str(Ending("patience", numbers={"count": 3}))
    'no improvement for 3 epochs'
    """

    code: str
    words: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words or ENDINGS[f"ending.{self.code}"].en.format(**self.numbers)

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
        """Whether a sentence can be made of it."""
        if self.words:
            return f"ending.{self.code}" in ENDINGS or self.code in OTHERS
        try:
            return bool(str(self))
        except KeyError:
            return False
