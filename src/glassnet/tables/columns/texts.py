"""Columns of text: which columns are text, and the encoding of their cells.

A text is a sparse row of numbers, one for each of its n-grams (:mod:`glassnet.tables.columns.ngrams`) that the column
knows: 1 + ln(how often it occurs), all divided by their Euclidean length. The network adds a weighted sum of them to
its outputs. The known n-grams are a vocabulary, the n-grams of the most training rows; or, where training rows come in
pieces and cannot be looked through first, every n-gram, by a hash that some of them share.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.engines.ordered import Ordered
from glassnet.layers.text_rows import TextStore
from glassnet.support.language import Text, joined
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.dates import GAPS_MARKED
from glassnet.tables.columns.ngrams import SLOTS, Alphabet, Keys, Places, count_value, counted, known_ids

MOST_NGRAMS: Final = 1 << 15
"""The most n-grams of a vocabulary."""
FEWEST_TEXTS: Final = 2
"""N-grams of fewer rows are not in it."""
MERGED: Final = 1 << 22
"""N-grams of pieces are merged from this number on, to bound memory."""

FEWEST_ROWS: Final = 20
"""With fewer rows, that cells differ shows nothing."""
READ: Final = 2000
"""Levels whose words are counted."""
_BETWEEN_WORDS: Final = re.compile(r"[\s,;|]+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SIGN: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""Chinese characters and Japanese syllables, of which some two are a word."""


def is_text(rows: Mapping[str, int], lost: int = 0, lost_once: int = 0) -> bool:
    """Tell whether a column of categories is text, given the number of rows of each level.

    It is if most rows have a level of their own, and cells have two words on average. So messages and titles are text;
    identifiers, addresses of mail and telephone numbers are not, nor are names that recur, such as models of cars: of
    these a category tells more.

    Parameters
    ----------
    rows : dict from str to int
    lost, lost_once : int
        Rows of further levels, and how many levels of one row are among these.

    Examples
    --------
    >>> is_text({f"The printer on floor {floor} is on fire": 1 for floor in range(100)})
    True
    >>> is_text({f"A-{number}": 1 for number in range(100)}), is_text({"New York": 60, "Los Angeles": 40})
    (False, False)
    """
    filled = sum(rows.values()) + lost
    once = sum(count == 1 for count in rows.values()) + lost_once
    if filled < FEWEST_ROWS or 2 * once < filled:
        return False
    read = list(rows.items())[:: -(-len(rows) // READ)]
    return sum(count * _words(level) for level, count in read) >= 2 * sum(count for _, count in read)


def _words(text: str) -> float:
    """Count the words with a letter."""
    words = 0.0
    for piece in _BETWEEN_WORDS.split(text):
        rest, signs = _SIGN.subn("", piece)
        words += signs / 2 + (_LETTER.search(rest) is not None)
    return words


class SparseRows(NamedTuple):
    """Numbers of rows, one after another, ascending by row and id.

    Attributes
    ----------
    rows : ndarray of int of shape (n,)
    ids : ndarray of int32 of shape (n,)
        Which n-gram each belongs to.
    values : ndarray of float32 of shape (n,)
    """

    rows: Places
    ids: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True)
class TextColumn:
    """The encoding of a column of text.

    Attributes
    ----------
    name : str
    source : int
        Its position among the input columns.
    ngrams : tuple of str
        The vocabulary, in the order of their ids; empty where n-grams have hashes.
    gaps : bool
        Whether the training rows had missing values, which get an output of their own.
    """

    name: str
    source: int
    ngrams: tuple[str, ...]
    gaps: bool

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.ngrams) or SLOTS

    @property
    def outputs(self) -> list[str]:
        """Names of the output columns of the matrix."""
        return [f"{self.name} is missing"] * self.gaps

    @property
    def action(self) -> Text:
        """The encoding of the column, in words."""
        what = (
            Text("text: {count} n-grams of 2 to 4 characters", count=f"{len(self.ngrams):,}")
            if self.ngrams
            else Text("text: n-grams of 2 to 4 characters in {count} slots by hash", count=f"{SLOTS:,}")
        )
        return joined([what, *([GAPS_MARKED] if self.gaps else [])])

    def write(self, values: Sequence[Any], out: npt.NDArray[Any]) -> None:
        """Write the outputs of the matrix for hashable values to `out`, of shape (rows, outputs).

        A text without characters is missing, too, as it is in files and exports.
        """
        if self.gaps:
            out[:, 0] = [not level_text(value) for value in values]

    def encode(self, values: Sequence[Any]) -> SparseRows:
        """Return the n-grams of hashable values; those of a missing value are none, and unknown ones are left out.

        Examples
        --------
        >>> TextColumn("word", 0, (" h", "ha"), gaps=False).encode(["Haha", None]).values.round(3)
        array([0.509, 0.861], dtype=float32)
        """
        texts = [level_text(value) for value in values]
        alphabet, keys = self.known if self.ngrams else (Alphabet(grows=True), None)
        pairs, counts = counted(known_ids(texts, alphabet, keys), len(texts), self.size)
        rows, ids = np.divmod(pairs, self.size)
        # logarithms and sums that have the same bits everywhere
        numbers = np.asarray(count_value(np.arange(1.0, 1 + counts.max(initial=1)).view(Ordered)))[counts - 1]
        lengths = np.sqrt(np.bincount(rows, numbers * numbers, len(texts)))
        return SparseRows(rows, ids.astype(np.int32), (numbers / lengths[rows]).astype(np.float32))

    @property
    def ascends(self) -> bool:
        """Whether each n-gram of the vocabulary comes after the one before."""
        keys = self.known[1]
        return bool((keys[1:] > keys[:-1]).all())

    @cached_property
    def known(self) -> tuple[Alphabet, Keys]:
        """The characters of the vocabulary, and its n-grams by their keys."""
        alphabet = Alphabet.of(self.ngrams)
        return alphabet, alphabet.keys(self.ngrams)


def store_of(columns: Sequence[TextColumn], cells: Sequence[Sequence[Any]]) -> TextStore:
    """Return the n-grams of the columns of text of some rows: the ids of each column follow those of the one before."""
    starts = itertools.accumulate((column.size for column in columns), initial=0)
    encoded = [column.encode(values) for column, values in zip(columns, cells, strict=True)]
    rows = np.concatenate([found.rows for found in encoded])
    ids = np.concatenate([found.ids + np.int32(start) for found, start in zip(encoded, starts, strict=False)])
    values = np.concatenate([found.values for found in encoded])
    order = np.argsort(rows, kind="stable") if len(columns) > 1 else slice(None)
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(rows, minlength=len(cells[0])))])
    return TextStore(indptr, ids[order], values[order], sum(column.size for column in columns))


def vocabulary(rows: Mapping[str, int]) -> tuple[str, ...]:
    """Return the n-grams of the most rows, ascending by their characters (the blank first), given texts' rows.

    Of equally frequent ones the first are taken; none that occurs in a single row.

    Examples
    --------
    >>> vocabulary({"ab": 1, "Abc": 1, "d": 1})
    (' a', ' ab', 'ab')
    """
    alphabet, weights = Alphabet(grows=True), np.array([*rows.values()], np.float64)
    known: Keys = np.zeros(0, np.uint64)
    frequency: npt.NDArray[Any] = np.zeros(0)
    pieces: list[tuple[Keys, npt.NDArray[Any]]] = []

    def merge() -> None:
        nonlocal known, frequency
        keys, counts = map(np.concatenate, zip((known, frequency), *pieces, strict=True))
        known, which = np.unique(keys, return_inverse=True)
        frequency = np.bincount(which, counts)
        pieces.clear()

    begun, seen = -1, known  # the last text of the piece before, which may go on, and its n-grams
    for texts, keys in alphabet.ngrams([*rows]):
        different, which = np.unique(keys, return_inverse=True)
        pairs, _ = counted([(texts, which)], len(rows), len(different))
        in_texts, ids = np.divmod(pairs, max(1, len(different)))
        first = ~((in_texts == begun) & np.isin(different, seen)[ids])
        pieces.append((different, np.bincount(ids[first], weights[in_texts[first]], len(different))))
        last = in_texts.max(initial=-1)
        own = different[ids[in_texts == last]]
        begun, seen = last, np.union1d(seen, own) if last == begun else own
        if sum(len(piece) for piece, _ in pieces) > MERGED:
            merge()
    merge()
    often = frequency >= FEWEST_TEXTS
    ngrams, frequency = alphabet.spelled(known[often]), frequency[often]
    keys = Alphabet("".join(sorted({*alphabet.characters} - {" "}))).keys(ngrams)
    chosen = np.lexsort((keys, -frequency))[:MOST_NGRAMS]
    return tuple(ngrams[place] for place in chosen[np.argsort(keys[chosen])].tolist())
