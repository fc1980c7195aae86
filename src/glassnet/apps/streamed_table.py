"""``glassnet train folder/ --memory 1GB``: a table that is larger than memory, on its way to an estimator.

One look at all rows sets some aside for the test, and takes a sample of the others: what is said of the table, simple
models to compare with, the doctor and the report are made of these. The estimator reads the rest where it lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from glassnet.apps.labelled import Labelled, Roles, check_columns, labelled_of
from glassnet.apps.usage import UsageError, as_usage
from glassnet.errors import InputError
from glassnet.estimators.out_of_core import Memory
from glassnet.formulas.random import stream_key, uniform
from glassnet.support.prefetch import ahead
from glassnet.tables.reading.sources import pl
from glassnet.tables.reading.table_blocks import Blocks, open_blocks

if TYPE_CHECKING:
    from glassnet.apps.commands.train import Request

MOST_TEST, MOST_SAMPLE = 50_000, 50_000
"""Rows that are set aside for the test, and that simple models, doctor and report learn from, at most."""
TEST, SAMPLE = 1, 2
"""Streams of random numbers."""
TIED: Final = ("group", "time", "fold")


class Found(NamedTuple):
    """What one look at all rows gives: those to learn from, some of them, and those of the test.

    `counts` are rows in all, for training, for the test, and without a target.
    """

    rows: LearnedBlocks
    sample: Labelled
    test: Labelled | None
    counts: dict[str, int]


@dataclass(frozen=True)
class LearnedBlocks:
    """The rows of a table that have a target, but for those set aside: each is with a probability of `share`.

    The columns that are left out are neither learned from nor needed.
    """

    whole: Blocks
    target: str
    left_out: tuple[str, ...]
    share: float
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.whole.names if name not in self.left_out)

    @property
    def rows(self) -> tuple[int, ...]:
        """At most so many."""
        return self.whole.rows

    @property
    def labels(self) -> tuple[str, ...]:
        return self.whole.labels

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        for piece, set_aside in self.parted(number, [*(columns or self.names)]):
            yield piece.filter(~set_aside)

    def parted(self, number: int, columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """The rows of a block that have a target, and whether each is set aside."""
        start, key = 0, stream_key(self.seed, number, TEST)
        wanted = [*columns, *([] if self.target in columns else [self.target])]
        for piece in self.whole.pieces(number, wanted):
            index = np.arange(start, start + len(piece), dtype=np.uint64)
            set_aside = pl.Series("set aside", uniform(key, index) < self.share)
            known = piece[self.target].is_not_null()
            yield piece.select(columns).filter(known), set_aside.filter(known)
            start += len(piece)


def check_streamed(request: Request) -> None:
    """Refuse what cannot be had of a table that is not in memory, saying what to do instead."""
    with as_usage():
        Memory().taken("--memory", request.memory)
    tied = next((name for name in TIED if getattr(request, name) is not None), None)
    if tied is not None:
        rule = f"--{tied} needs all rows in memory"
        raise UsageError(rule, "--memory, too", "Specify files to evaluate on: --validation FILE and --test FILE")
    if str(request.table) == "-":
        raise UsageError(
            "With --memory, the table must be readable more than once", "the standard input", "Specify a file"
        )


def look(path: Path, roles: Roles, share: float, seed: int) -> Found:
    """Open a file or a folder and look at all of its rows once; of a share for the test at most `MOST_TEST` are."""
    others = {*roles.ids, *roles.drop} - {roles.target, roles.weight}
    whole = open_blocks(path, roles.reading, others, roles.target)
    check_columns(roles.not_features, whole.names, path)
    total = sum(whole.rows)
    share = min(share, MOST_TEST / total)
    rows = LearnedBlocks(whole, roles.target, (*roles.ids, *roles.drop), share, seed)
    chosen: list[pl.DataFrame] = []
    tests: list[pl.DataFrame] = []
    labelled = 0
    names = list(whole.names)
    for number, pieces in enumerate(ahead(len(whole.rows), lambda number: list(rows.parted(number, names)))):
        key, start = stream_key(seed, number, SAMPLE), 0
        for piece, set_aside in pieces:
            index = np.arange(start, start + len(piece), dtype=np.uint64)
            tests.append(piece.filter(set_aside))
            drawn = uniform(key, index) < MOST_SAMPLE / total
            chosen.append(piece.filter(drawn & ~set_aside.to_numpy()))
            labelled += len(piece)
            start += len(piece)
    sample, test = pl.concat(chosen), pl.concat(tests)
    if not len(sample):
        raise InputError(f"{path.name} must have rows with a target", "none", "Check that this is the right column")
    notation = getattr(whole, "notation", roles.learned)
    counts = {"all": total, "training": labelled - len(test), "test": len(test), "without target": total - labelled}
    some = labelled_of(sample, roles, notation, gaps=getattr(whole, "gaps", {}))
    return Found(rows, some, labelled_of(test, roles, notation) if len(test) else None, counts)
