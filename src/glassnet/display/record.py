"""The base of records: printed as the call that makes one, with long values cut short; in a notebook, the records that
one holds are a table."""

from __future__ import annotations

import reprlib
from dataclasses import MISSING, Field, fields
from pathlib import PurePath
from typing import Any, Final

from glassnet.display.numbers import short

MOST_ROWS: Final = 60
"""A notebook shows so many records of a field, then "…"."""


class _Abridged(reprlib.Repr):
    """Texts of values: long ones are cut short; functions have their names, and long records their first field."""

    def __init__(self) -> None:
        super().__init__()
        self.maxtuple = self.maxlist = self.maxdict = 3
        self.maxstring = self.maxother = 60

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, PurePath):
            return repr(str(x))
        if isinstance(x, PrintedRecord):
            first = getattr(x, fields(x)[0].name)  # type: ignore[arg-type]
            return whole if len(whole := repr(x)) <= self.maxother else f"{type(x).__name__}({first!r}, ...)"
        return str(x.__qualname__) if hasattr(x, "__qualname__") else super().repr1(x, level)


abridged: Final = _Abridged().repr


class PrintedRecord:
    """Base of a dataclass that is declared with ``repr=False``: fields that are as by default are not printed.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(repr=False)
    ... class Crew(PrintedRecord):
    ...     names: tuple[str, ...]
    ...     boat: str = "dinghy"
    >>> Crew(("Ann", "Bob", "Cid", "Dan"))
    Crew(names=('Ann', 'Bob', 'Cid', ...))
    """

    def __repr__(self) -> str:
        texts = {field: abridged(getattr(self, field.name)) for field in fields(self) if field.repr}  # type: ignore[arg-type]
        written = [f"{field.name}={text}" for field, text in texts.items() if text != _default(field)]
        return f"{type(self).__name__}({', '.join(written)})"

    def _repr_html_(self) -> str | None:
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        lists = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
        tables = {name: each for name, each in lists.items() if each and isinstance(each[0], PrintedRecord)}
        if not tables:
            return None  # the text says all
        from glassnet.display.blocks import Facts, TableBlock, display  # needed in notebooks alone

        facts = Facts([(name, _cell(value)) for name, value in values.items() if name not in tables])
        shown = [TableBlock(name, *_rows(each)) for name, each in tables.items()]
        return display([facts, *shown])


def _cell(value: Any, between: str = ", ") -> str:
    if isinstance(value, tuple):
        return between.join(_cell(each, ": ") for each in value)
    return "" if value is None else short(value) if isinstance(value, float) else str(value)


def _default(field: Field[Any]) -> str | None:
    if field.default_factory is not MISSING:
        return abridged(field.default_factory())
    return None if field.default is MISSING else abridged(field.default)


def _rows(records: tuple[Any, ...]) -> tuple[list[str], list[list[str]], range]:
    """Return the names of the fields, their values, and which columns have words: all."""
    names = [field.name for field in fields(records[0])]
    rows = [[_cell(getattr(record, name)) for name in names] for record in records[:MOST_ROWS]]
    return names, rows + [["…"] * len(names)] * (len(records) > MOST_ROWS), range(len(names))
