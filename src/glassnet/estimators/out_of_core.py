"""Rows that are too many for memory, on their way from files to an engine, in three passes.

The first looks at the targets, and parts the rows into those that are learned from and those that judge. The second
gathers what the encoder must know. The third encodes each row once, into a file from which engines take rows in any
order (:mod:`glassnet.training.scratch`). What stays in memory at any time are some thousand rows, a few bits of each
row, and the rows that judge: of these no more than an eighth of the memory holds.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.checks import refuse_given, with_class_weights
from glassnet.estimators.folds import FitRows, judges_by_rows_held_back, rows_of_members
from glassnet.estimators.members import MemberSplit
from glassnet.estimators.targets import TargetSurvey
from glassnet.formulas.random import stream_key
from glassnet.layers.base import Array
from glassnet.network import LBFGS
from glassnet.support.coercion import bytes_of, plain_integer, rows_of
from glassnet.support.language import Text
from glassnet.support.messages import error_text
from glassnet.tables import TableEncoder, row_count, take
from glassnet.tables.column_issues import warn_of_free_text
from glassnet.tables.fit_statistics import FitStatistics
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.parquet import rows_of_a_block
from glassnet.tables.reading.table_blocks import LabelledBlocks, are_batches, is_out_of_core, joined, open_labelled
from glassnet.tables.table_summary import MOST_CELLS
from glassnet.training import Rows, Ties
from glassnet.training.scratch import Scratch
from glassnet.training.windows import Windows

if TYPE_CHECKING:
    from glassnet.estimators.fit import Fit

AT_ONCE: Final = 1 << 20
"""Rows that are parted together: every class keeps its share in each such part."""
FITS: Final = 64
"""Bytes that a cell takes in memory, with all copies that a fit makes of it."""
LEAST_FIT: Final = 16
"""The least number of bytes that it takes; less raises an error."""
JUDGING: Final = 8
"""The rows that judge have this part of the memory."""
LEAST_MEMORY: Final = 500_000_000
"""The libraries and the rows in transit take some 300 MB for any data."""


TEXT: Final = 1000
"""The cells whose memory the n-grams of a text take."""


class Memory:
    """As a rule of an option: a number of bytes, or as people write it."""

    def taken(self, name: str, value: Any) -> int:
        """The number of bytes.

        Examples
        --------
        >>> Memory().taken("`memory`", "1GiB"), Memory().taken("`memory`", 500_000_000)
        (1073741824, 500000000)
        """
        rule, remedy = Text("{name} must be a size of at least 500 MB", name=name), Text('For example "1GB"')
        if isinstance(value, str):
            size = bytes_of(value) or 0
        else:
            number = plain_integer(value)
            if number is None:
                raise InputTypeError(rule, shown(value), remedy)
            size = number
        if size < LEAST_MEMORY:
            raise InputError(rule, shown(value), remedy)
        return size


def check_streamable(settings: Mapping[str, Any]) -> None:
    """Refuse what needs all rows in memory."""
    if settings["optimizer"] == LBFGS:
        rule, received = Text("L-BFGS needs all rows in memory"), "optimizer 'lbfgs'"
    elif settings["cv"] is not None and not isinstance(settings["cv"], int):
        rule, received = Text("If rows are not in memory, `cv` must be a number of folds"), f"cv={settings['cv']!r}"
    else:
        return
    raise InputError(rule, received, 'Use preset="bagged", "best", "fast", "realmlp", "tabm" or "mlp", and cv=5')


class Piece(NamedTuple):
    """Some rows, checked: those of weight 0 are left out."""

    start: int  # how many rows come before
    X: Any
    y: Array
    weight: Array | None

    def kept(self, step: int) -> Piece:
        """Return every `step`-th row, copied: the source's arrays may be reused for the next batch."""
        places = np.arange(-self.start % step, len(self.y), step)
        X = self.X if step == 1 and not isinstance(self.X, np.ndarray) else take(self.X, places)
        return Piece(self.start, X, self.y[places], None if self.weight is None else self.weight[places])


TableInMemory = tuple[Any, Any, Array | None]
"""A table, its targets, and the weights of its rows."""

Check = Callable[[Any, Any, Any], tuple[Any, Array, Array | None]]

Weighed = Callable[[Array | None, Array], Array | None]


class OutOfCoreData:
    """The rows of a fit that lie elsewhere."""

    def __init__(self, rows: LabelledBlocks, check: Check, memory: int | None) -> None:
        self.source, self.check, self.memory = rows, check, memory
        self.survey = TargetSurvey()
        self.rows = self.columns = 0
        self.weighted = False
        self.scratch: Scratch | None = None
        self._classes: list[Array] = []

    @classmethod
    def opened(cls, X: Any, y: Any, sample_weight: Any, check: Check, memory: int | None) -> OutOfCoreData:
        """Open the rows given to ``fit``."""
        rows = open_labelled(X, y, sample_weight)
        if rows is None:
            rule = Text("`memory` needs a table that is not in memory")
            raise InputTypeError(
                rule, shown(X), "Pass a folder, a polars LazyFrame, a memory map or batches, or omit `memory`"
            )
        return cls(rows, check, memory)

    # ------------------------------------------------------------------ pass 1

    def pieces(self, *, answers_only: bool = False) -> Iterator[Piece]:
        """All rows in order, checked."""
        start = 0
        for label, X, y, weight in self.source.pieces(answers_only=answers_only):
            with named(label):
                table = np.zeros((row_count(y), 1)) if X is None else X
                if weight is not None and not np.any(weight):
                    continue
                table, targets, shares = self.check(table, y, weight)
            yield Piece(start, table, targets, shares)
            start += len(targets)

    def look(self, *, numbers: bool) -> None:
        """Gather the targets, and of classes that of each row, in a byte or two."""
        first = next(self.pieces(), None)
        if first is None:
            raise InputError(
                "Sample weights must contain at least one non-zero number",
                Text("zeros", context="received"),
                "Give some rows a positive weight",
            )
        self.columns = len(open_table(first.X).names)
        for piece in self.pieces(answers_only=True):
            self.weighted |= piece.weight is not None
            found = self.survey.add(piece.y, piece.weight, numbers=numbers)
            if found is not None:
                self._classes.append(found.astype(np.min_scalar_type(len(self.survey.counts))))
        self.rows = self.survey.rows
        there = _physical_memory()
        if self.memory is None and there is not None and self.rows * self.columns * LEAST_FIT > there:
            received = f"{self.rows:,} rows of {self.columns} columns, with {there / 1e9:.3g} GB of memory"
            rule = Text("The table must fit into memory, or be read in chunks")
            raise InputError(rule, received, 'Set how much memory that may take: memory="4GB" (--memory 4GB)')

    @property
    def fits(self) -> bool:
        """Whether memory holds all rows with everything that a fit makes of them."""
        return self.memory is None or self.rows * (self.columns + 1) * FITS <= self.memory

    def table(self, most: int | None = None) -> TableInMemory:
        """All rows as a table in memory, or so many of them, evenly spread."""
        step = 1 if most is None else max(1, -(-self.rows // most))
        kept, kinds = (piece.kept(step) for piece in self.pieces()), FitStatistics(quantiles=False)
        pieces = [piece for piece in kept if len(piece.y)]
        for piece in pieces if len(pieces) > 1 else ():
            kinds.match(piece.X)  # what differs is refused here as it is where rows are gathered piece by piece
        weights = [np.ones(len(piece.y)) if piece.weight is None else piece.weight for piece in pieces]
        weight = np.concatenate(weights) if any(piece.weight is not None for piece in pieces) else None
        return joined([piece.X for piece in pieces]), np.concatenate([piece.y for piece in pieces]), weight

    def part(
        self, settings: Mapping[str, Any], seed: int, *, judged_apart: bool, all_folds: bool
    ) -> tuple[dict[str, Any], list[Array | None]]:
        """The settings with the members that there will be, and for each the bits of the rows it does not learn from.

        None: it learns from all. Where all are parted at once it is as in memory. Members that share their rows share
        one array.
        """
        if judged_apart or not judges_by_rows_held_back(settings):
            self._classes.clear()
            member_settings, parts = rows_of_members(settings, seed, None, all_folds=all_folds)
            return member_settings, [None] * len(parts)
        count = -(-self.rows // AT_ONCE)
        ends = [number * self.rows // count // 8 * 8 for number in range(count)] + [self.rows]
        classes = np.concatenate(self._classes) if self._classes else None
        ranks = self.survey.ranks() if self._classes else np.zeros(0)
        member_settings, bits = dict(settings), []
        numbers: list[int | None] = []
        for number, (start, stop) in enumerate(itertools.pairwise(ends)):
            strata = None if classes is None else ranks[classes[start:stop]]
            fit_rows = FitRows(None, np.zeros(stop - start), strata, Ties(), np.arange(stop - start))
            own = seed if number == 0 else int(stream_key(seed, number, 0))
            member_settings, parts = rows_of_members(settings, own, fit_rows, all_folds=all_folds)
            different = list({id(part): part for part in parts if part[1] is not None}.values())
            numbers = [next((place for place, one in enumerate(different) if one is part), None) for part in parts]
            bits.append([_bits(np.asarray(held), stop - start) for _, held in different])
        self._classes.clear()
        held = [np.concatenate(of_part) for of_part in zip(*bits, strict=True)]
        return member_settings, [None if place is None else held[place] for place in numbers]

    # ------------------------------------------------------------------ pass 2

    def encoder(self, encoder: TableEncoder, held: Array | None, weighed: Weighed) -> TableEncoder:
        """Fit the encoder on the rows except those held out."""
        statistics = FitStatistics(quantiles=encoder.scaling == "robust")
        for piece in self.pieces():
            X, weight = piece.X, weighed(piece.weight, piece.y)
            weight = np.ones(len(piece.y)) if weight is None else weight
            if held is not None:
                places = piece.start + np.arange(len(piece.y))
                learned = np.flatnonzero((held[places >> 3] >> (places & 7).astype(np.uint8)) & 1 == 0)
                X, weight = take(X, learned), weight[learned]
            if len(weight):
                statistics.add(X, weight)
        return encoder.fit_survey(statistics)

    # ------------------------------------------------------------------ pass 3

    def encode(self, encoder: TableEncoder, targets: Callable[[Array], Array], weighed: Weighed) -> tuple[Any, Array]:
        """Write all rows as engines take them; gives some of them as they came, evenly spread, with their targets."""
        some = min(self.rows, max(1, MOST_CELLS // self.columns))
        sampled = np.arange(some) * self.rows // some
        sample: list[tuple[Any, Array]] = []
        written = 0
        for start, X, y, weight in self.pieces():
            encoded, shares = targets(y), weighed(weight, y)
            if self.scratch is None:
                wide, dtype = encoder.n_outputs, encoder.dtype
                weighted = self.weighted or shares is not None  # by rows, which may begin later, or by classes
                self.scratch = Scratch(self.rows, wide, dtype, encoded, weighted=weighted, ngrams=encoder.ngrams)
            written += len(y)
            if written > self.rows:
                break
            if self.scratch.weight is not None and shares is None:
                shares = np.ones(len(y))
            # a table may be much wider when it is encoded
            for rows in _parts(len(y), encoder.n_outputs + TEXT * len(encoder.plan.texts)):
                part = X if len(rows) == len(y) else take(X, rows)
                weights = None if shares is None else shares[rows]
                self.scratch.write(encoder.transform(part), encoded[rows], weights)
            low, high = np.searchsorted(sampled, (start, start + len(y)))
            if low < high:
                places = sampled[low:high] - start
                sample.append((take(X, places), y[places]))
        if written != self.rows:
            rule = Text("The rows must stay the same while they are read three times")
            received = f"another number of them than {self.rows:,}"
            raise InputError(rule, received, "Start again when they no longer change")
        return joined([table for table, _ in sample]), np.concatenate([y for _, y in sample])

    def splits(self, held: Sequence[Array | None], judging: Rows | None) -> list[MemberSplit]:
        """The training and validation rows of each member; `judging` are separate validation rows for all."""
        assert self.scratch is not None
        assert self.memory is not None
        scratch, members = self.scratch, len(held)
        whole = Rows(scratch.X, scratch.y, scratch.weight)  # type: ignore[arg-type]  # which give rows as arrays do
        known: dict[int, MemberSplit] = {}
        for bits in held:
            if id(bits) in known:
                continue
            windows = Windows.within(scratch, self.memory, members, bits)
            judged = judging
            if bits is not None:
                judged = whole.take(windows.held_rows(max(1, self.memory // JUDGING // members // scratch.row_bytes)))
            known[id(bits)] = MemberSplit(whole, windows, judged)
        return [known[id(bits)] for bits in held]


def splits_out_of_core(
    fit: Fit, data: OutOfCoreData, groups: Any, times: Any, validation_data: tuple[Any, ...] | None
) -> list[MemberSplit]:
    """Encode rows that are not in memory into a file, and return the training and validation rows of each member."""
    model = fit.model
    refuse_given(
        Text("With rows that are not in memory `{name}` must be left out"),
        "Name the rows to be judged by: validation_data=(path, target)",
        groups=groups,
        times=times,
        warm_start=model.warm_start or None,
    )
    model.targets_ = model._surveyed_targets(data.survey)
    fit.decide((data.rows, data.columns), data.survey.ends())
    check_streamable(fit.settings)
    fit.check_members()
    fit.refuse_number_levels()
    fit.limit_members(next(data.pieces()).X)
    class_weights = fit.weights_of_classes(data.survey)
    seed = fit.seed()
    separate, all_folds = validation_data is not None, fit.adds_members
    fit.settings, held = data.part(fit.settings, seed, judged_apart=separate, all_folds=all_folds)
    masks = [bits for bits in held if bits is not None]
    unseen = masks[0] if masks and all(bits is masks[0] for bits in masks) else None

    def weighed(weight: Array | None, y: Array) -> Array | None:
        return with_class_weights(weight, model.targets_.encode(y), class_weights)

    fit.start_networks(data.encoder(fit.new_encoder(), unseen, weighed), seed)
    sample = data.encode(model.encoder_, model.targets_.encode, weighed)
    model.data_ = model._described(*sample).of_more(data.rows, data.survey.rows_of)
    warn_of_free_text(sample[0], model.data_)
    validation = None
    if validation_data is not None:
        rows = fit.check_validation(validation_data, class_weights, data.memory)
        validation = rows._replace(X=model.encoder_.transform(rows.X))
    return data.splits(held, validation)


def validation_rows(data: tuple[Any, ...], check: Check, *, numbers: bool, memory: int | None = None) -> TableInMemory:
    """Rows to be judged by as a table in memory: all, or of one that lies elsewhere as many as `memory` can hold."""
    X, y, weight = rows_of("`validation_data`", data)
    if not (is_out_of_core(X) or are_batches(X, y)):
        return X, y, weight
    passage = OutOfCoreData.opened(X, y, weight, check, memory)
    passage.look(numbers=numbers)
    return passage.table(None if memory is None else max(1, memory // JUDGING // (passage.columns * FITS)))


def _parts(rows: int, width: int) -> list[Array]:
    """The numbers of so many rows, so many at a time that they take little memory when they are so wide."""
    each = rows_of_a_block(width)
    return [np.arange(start, min(start + each, rows)) for start in range(0, rows, each)]


def _bits(rows: Array, count: int) -> Array:
    """A bit for each of so many rows, 1 for these."""
    mask = np.zeros(count, np.uint8)
    mask[rows] = 1
    return np.packbits(mask, bitorder="little")


def _physical_memory() -> int | None:
    """Return the memory of this machine in bytes; None where it is unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


@contextlib.contextmanager
def named(label: str) -> Iterator[None]:
    """Append the label of the rows to errors within the context."""
    try:
        yield
    except (InputError, InputTypeError) as error:
        raise type(error)(Text("{error} This is about {label}.", error=error_text(error), label=label)) from error
