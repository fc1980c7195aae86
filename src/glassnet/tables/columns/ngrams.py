"""The n-grams of texts: runs of two to four characters, counted for many texts at a time.

Texts are normalized character by character, so that other languages can repeat it with a table: NFKC, lower case, NFKC
again; white space counts as one blank, and a blank stands at each end. An n-gram has no blank inside: it lies within a
word, or begins or ends with the blank beside it. No text is split into words, so Chinese needs nothing else.

An alphabet numbers the characters, and an n-gram is one number of 64 bits, 16 for each of its characters. So NumPy
sorts and counts them, and no loop of Python's runs over characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

LONGEST: Final = 4
"""The most characters of an n-gram; the fewest are 2."""
SLOTS: Final = 1 << 16
"""The number of ids where n-grams have hashes and no vocabulary."""
BITS: Final = np.uint64(16)
MOST_CHARACTERS: Final = 2**16 - 1
"""The most characters of an alphabet, more than any table has; n-grams with further ones are not counted."""
AT_ONCE: Final = 1 << 17
"""The number of characters processed at once: their arrays fit into the processor's cache."""
NONE: Final = 0
"""The number of a character that is not in the alphabet."""
BLANK: Final = 1
"""The number of the blank, the first character of every alphabet."""
OFFSET: Final = np.uint32(2166136261)
PRIME: Final = np.uint32(16777619)
"""Numbers of FNV-1a with 32 bits."""

PLACES: Final = np.arange(LONGEST - 1, -1, -1, dtype=np.uint64) * BITS
"""The bits below each character of a key."""

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


# Formulas of single numbers: NumPy calls them with arrays, and exports print them in C and JavaScript.


def whole_character(code: Any) -> Any:
    """Return the code point, and U+FFFD in place of half a surrogate pair, which UTF-8 cannot encode."""
    return np.where((code >= 0xD800) & (code < 0xE000), 0xFFFD, code)


def longest_ngram(first: Any, second: Any, third: Any, last: Any, blank: Any) -> Any:
    """Return the length of the longest n-gram among those that end with the last of four characters; 0: there is none.

    An n-gram consists of known characters, and has no blank inside.
    """
    two = (third != NONE) & (last != NONE)
    three = two & (third != blank) & (second != NONE)
    four = three & (second != blank) & (first != NONE)
    return np.where(four, 4, np.where(three, 3, np.where(two, 2, 0)))


def hashed_byte(state: Any, byte: Any) -> Any:
    """Return the FNV-1a hash after one more byte.

    Source: Fowler, Noll, Vo, Eastlake (2019), *The FNV Non-Cryptographic Hash Algorithm*.
    """
    return (state ^ byte) * PRIME


def hashed_character(state: Any, code: Any) -> Any:
    """Return the FNV-1a hash after the bytes of one more character in UTF-8."""
    last = code % 64 + 128
    one = hashed_byte(state, code)
    two = hashed_byte(hashed_byte(state, (code >> 6) + 192), last)
    three = hashed_byte(hashed_byte(hashed_byte(state, (code >> 12) + 224), (code >> 6) % 64 + 128), last)
    lead = hashed_byte(hashed_byte(state, (code >> 18) + 240), (code >> 12) % 64 + 128)
    four = hashed_byte(hashed_byte(lead, (code >> 6) % 64 + 128), last)
    return np.where(code < 0x80, one, np.where(code < 0x800, two, np.where(code < 0x10000, three, four)))


def slot(key: Any) -> Any:
    """Return the id of an n-gram without a vocabulary, given its hash."""
    return (key ^ key >> 16) % SLOTS


def count_value(count: Any) -> Any:
    """Return the value of an n-gram that occurs so often, before all values of a text are divided by their length."""
    return 1 + np.log(count)


@lru_cache(maxsize=1 << 16)
def normalized(character: str) -> str:
    r"""Return the characters that one character counts as.

    Examples
    --------
    >>> [normalized(one) for one in "Äℌ①\t…"]
    ['ä', 'h', '1', ' ', '...']
    """
    return _folded(chr(int(whole_character(ord(character)))))


def _folded(character: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).lower())
    return "".join(" " if one.isspace() or one == "\0" else one for one in folded)  # NumPy's texts end with NUL


def folded_characters(alphabet: Set[str] | None = None) -> dict[str, str]:
    r"""Return what characters count as that count as others, for languages without Unicode's tables.

    Halves of surrogate pairs are not among them: see :func:`whole_character`.

    Parameters
    ----------
    alphabet : set of str, optional
        Only characters that are in it, or count as one that is.

    Examples
    --------
    >>> sorted(folded_characters(set("h1 "))) [:3], folded_characters()["Ä"]
    (['\x00', '\t', '\n'], 'ä')
    """
    folded = _all_folded()
    if alphabet is None:
        return folded
    return {one: others for one, others in folded.items() if one in alphabet or not alphabet.isdisjoint(others)}


@cache
def _all_folded() -> dict[str, str]:
    characters = map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    # the tests save the time of normalizing a million characters that stay as they are
    other = (
        one
        for one in characters
        if one.lower() != one or not unicodedata.is_normalized("NFKC", one) or one.isspace() or one == "\0"
    )
    return {one: folded for one in other if (folded := _folded(one)) != one}


class NGrams(NamedTuple):
    """All n-grams of some texts, with repetitions, in no particular order.

    Attributes
    ----------
    texts : ndarray of int of shape (n,)
        The position of the text in which each occurs.
    keys : ndarray of uint64 of shape (n,)
        The numbers of its characters, 16 bits each, from the highest bits on.
    """

    texts: Places
    keys: Keys


class Alphabet:
    """The characters of n-grams, numbered: 1 is the blank, 0 none of them.

    Parameters
    ----------
    characters : str
        Those besides the blank, normalized, in the order of their numbers.
    grows : bool
        Whether characters are added as they come.

    Examples
    --------
    >>> alphabet = Alphabet(grows=True)
    >>> (found,) = alphabet.ngrams(["Ha", None])
    >>> alphabet.spelled(found.keys)
    [' h', 'ha', 'a ', ' ha', 'ha ', ' ha ']
    """

    def __init__(self, characters: str = "", *, grows: bool = False) -> None:
        self.characters, self.grows = [" ", *characters], grows
        self._numbers = {character: number for number, character in enumerate(self.characters, BLANK)}

    @classmethod
    def of(cls, ngrams: Iterable[str]) -> Alphabet:
        """Return the alphabet of a vocabulary."""
        return cls("".join(sorted(set("".join(ngrams)) - {" "})))

    def ngrams(self, texts: Sequence[str | None]) -> Iterator[NGrams]:
        """Yield the n-grams of some texts after the others, a long one in pieces; a missing text, None, has none."""
        written = ["" if text is None else text for text in texts]
        lengths = np.fromiter(map(len, written), np.intp, len(written)) + 1
        ends, start = np.cumsum(lengths), 0
        while start < len(written):
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] - lengths[start] + AT_ONCE, side="right")))
            owners = np.repeat(np.arange(start, stop), lengths[start:stop])
            joined, owners = "\n".join(["", *written[start:stop], ""]), np.concatenate([owners[:1], owners])
            before = np.zeros(LONGEST - 1, np.uint64)
            for piece in range(0, len(joined), AT_ONCE + 1):
                end = piece + AT_ONCE + 1
                found, before = self._of(joined[piece:end], owners[piece:end], before)
                yield found
            start = stop

    def spelled(self, keys: Keys) -> list[str]:
        """Return the n-grams of some keys."""
        codes = np.array([0, *map(ord, self.characters)], np.uint32)
        letters = codes[((keys[:, None] >> PLACES) & MOST_CHARACTERS).astype(np.intp)]
        spelled: list[str] = np.ascontiguousarray(letters).view(f"<U{LONGEST}").ravel().tolist()
        return spelled

    def keys(self, ngrams: Sequence[str]) -> Keys:
        """Return the keys of some n-grams of the alphabet's characters."""
        codes = np.array(ngrams, f"<U{LONGEST}").view(np.uint32).reshape(-1, LONGEST)
        characters = np.array([*map(ord, self.characters)])
        numbers = np.zeros(int(characters.max()) + 1, np.uint64)
        numbers[characters] = np.arange(BLANK, BLANK + len(characters))
        return np.bitwise_or.reduce(numbers[codes] << PLACES, axis=1)

    def _of(self, joined: str, owners: Places, before: Keys) -> tuple[NGrams, Keys]:
        """Return the n-grams that end in a piece, given the last characters before it, and its own last characters."""
        numbers, owners = self._numbered(joined, owners, int(before[-1]))
        owners = np.where(
            numbers == BLANK, np.concatenate([owners[:1], owners[:-1]]), owners
        )  # it ends the text before
        run = np.concatenate([before, numbers])
        first, second, third, last = (run[at : len(run) - LONGEST + 1 + at] for at in range(LONGEST))
        longest, key = longest_ngram(first, second, third, last, BLANK), last << PLACES[0]
        keys, texts = [], []
        for size, added in zip(range(2, LONGEST + 1), (third, second, first), strict=True):
            key = key >> BITS | added << PLACES[0]
            places = np.flatnonzero(longest >= size)
            keys.append(key[places])
            texts.append(owners[places])
        return NGrams(np.concatenate(texts), np.concatenate(keys)), run[1 - LONGEST :]

    def _numbered(self, joined: str, owners: Places, before: int) -> tuple[Keys, Places]:
        """Return the numbers of normalized characters, and the text of each; `before` is the number in front."""
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.intp)
        seen = np.zeros(int(codes.max()) + 1, bool)
        seen[codes] = True
        distinct = np.flatnonzero(seen)
        spelled = [normalized(chr(code)) for code in distinct.tolist()]
        lengths = np.array([len(one) for one in spelled])
        if self.grows:
            self._add("".join(spelled))
        numbers = np.array([self._numbers.get(one, 0) for one in "".join(spelled)], np.uint64)
        place = np.zeros(len(seen), np.intp)
        if (lengths == 1).all():
            place[distinct] = np.arange(len(distinct))
            found = numbers[place[codes]]
        else:
            place[distinct] = np.cumsum(lengths) - lengths
            length = np.zeros(len(seen), np.intp)
            length[distinct] = lengths
            each = length[codes]
            within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
            found, owners = numbers[np.repeat(place[codes], each) + within], np.repeat(owners, each)
        blank = found == BLANK
        kept = np.flatnonzero(~(blank & np.concatenate([[before == BLANK], blank[:-1]])))
        return found[kept], owners[kept]

    def _add(self, characters: str) -> None:
        for character in characters:
            if character not in self._numbers and len(self.characters) < MOST_CHARACTERS:
                self.characters.append(character)
                self._numbers[character] = len(self.characters)


def fnv1a(ngrams: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the FNV-1a hash, of 32 bits, of the UTF-8 bytes of each n-gram.

    Examples
    --------
    >>> [f"{key:08x}" for key in fnv1a(["a", "foo", "文本"]).tolist()]
    ['e40c292c', 'a9f37ed7', '883fab20']
    """
    codes = np.array(ngrams, f"<U{LONGEST}").view(np.uint32).reshape(-1, LONGEST)
    hashes = np.full(len(codes), OFFSET)
    for code in codes.T:
        hashes = np.where(code == 0, hashes, hashed_character(hashes, code))
    return hashes


def counted(pieces: Iterable[tuple[Places, Places]], texts: int, ids: int) -> tuple[Places, Places]:
    """Return each pair of a text and an id once, as text · ids + id, ascending, with its number of occurrences.

    Parameters
    ----------
    pieces : iterable of (array, array)
        Texts and ids with repetitions; the texts of a piece are those of the one before or come after them.
    texts, ids : int
        The numbers of both.

    Examples
    --------
    >>> counted([(np.array([0, 0]), np.array([3, 3])), (np.array([0, 1]), np.array([3, 2]))], 2, 10)
    (array([ 3, 12]), array([3, 1]))
    """
    known: list[tuple[Places, Places]] = [(np.zeros(0, np.intp), np.zeros(0, np.intp))]
    for found, which in pieces:
        pairs, counts = np.unique(found * ids + which, return_counts=True)
        before, times = known[-1]
        if len(pairs) and len(before) and pairs[0] // ids == before[-1] // ids:  # a long text goes on
            pairs, places = np.unique(np.concatenate([before, pairs]), return_inverse=True)
            counts = np.bincount(places, np.concatenate([times, counts])).astype(np.intp)
            known.pop()
        known.append((pairs, counts))
    all_pairs, all_counts = map(np.concatenate, zip(*known, strict=True))
    return all_pairs, all_counts


def known_ids(
    texts: Sequence[str | None], alphabet: Alphabet, vocabulary: Keys | None
) -> Iterator[tuple[Places, Places]]:
    """Yield the texts and the ids of known n-grams, with repetitions.

    Parameters
    ----------
    texts : sequence of str or None
    alphabet : Alphabet
        That of the vocabulary; without one, an alphabet that grows.
    vocabulary : ndarray of uint64 or None
        The keys of the n-grams, ascending, whose places are the ids; None: ids are hashes.
    """
    for found, keys in alphabet.ngrams(texts):
        if vocabulary is not None:
            places = np.searchsorted(vocabulary, keys)
            known = np.flatnonzero(vocabulary[np.minimum(places, len(vocabulary) - 1)] == keys)
            yield found[known], places[known]
        else:
            different, which = np.unique(keys, return_inverse=True)
            yield found, slot(fnv1a(alphabet.spelled(different))).astype(np.intp)[which]
