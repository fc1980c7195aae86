"""The n-grams of texts: runs of two to four characters, counted for many texts at a time.

Texts are normalized character by character, so that other languages can repeat it with a table: NFKC, lower case, NFKC
again; white space counts as one blank, and a blank stands at each end. An n-gram has no blank inside: it lies within a
word, or begins or ends with the blank beside it. No text is split into words, so Chinese needs nothing else.

An alphabet numbers the characters, and an n-gram is one number of 64 bits, 16 for each of its characters. So NumPy
sorts and counts them, and no loop of Python's runs over characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

LONGEST: Final = 4
"""The most characters of an n-gram; the fewest are 2."""
BITS: Final = np.uint64(16)
MOST_CHARACTERS: Final = 2**16 - 1
"""The most characters of an alphabet, more than any table has; n-grams with further ones are not counted."""
AT_ONCE: Final = 1 << 17
"""The number of characters processed at once: their arrays fit into the processor's cache."""
BLANK: Final = 1
"""The number of the blank, the first character of every alphabet; 0 is none."""

PLACES: Final = np.arange(LONGEST - 1, -1, -1, dtype=np.uint64) * BITS
"""The bits below each character of a key."""

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


@lru_cache(maxsize=1 << 16)
def normalized(character: str) -> str:
    r"""Return the characters that one character counts as.

    Examples
    --------
    >>> [normalized(one) for one in "Äℌ①\t…"]
    ['ä', 'h', '1', ' ', '...']
    """
    if "\ud800" <= character <= "\udfff":  # half a character, which UTF-8 has not
        return "\ufffd"
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).lower())
    return "".join(" " if one.isspace() or one == "\0" else one for one in folded)  # NumPy's texts end with NUL


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

    def ngrams(self, texts: Sequence[str | None]) -> Iterator[NGrams]:
        """Yield the n-grams of some texts after the others; a missing text, None, has none."""
        written = ["" if text is None else text for text in texts]
        lengths = np.fromiter(map(len, written), np.intp, len(written)) + 1
        ends, start = np.cumsum(lengths), 0
        while start < len(written):
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] - lengths[start] + AT_ONCE, side="right")))
            owners = np.repeat(np.arange(start, stop), lengths[start:stop])
            yield self._of("\n".join(["", *written[start:stop], ""]), np.concatenate([owners[:1], owners]))
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

    def _of(self, joined: str, owners: Places) -> NGrams:
        numbers, owners = self._numbered(joined, owners)
        blank, known = numbers == BLANK, numbers != 0
        keys, texts = [], []
        key, valid = numbers, known
        for size in range(2, LONGEST + 1):
            # at each place the n-gram that begins there, one character longer than before
            key = (key[:-1] << BITS) | numbers[size - 1 :]
            inner = True if size == 2 else ~blank[size - 2 : -1]
            valid = valid[:-1] & known[size - 1 :] & inner
            places = np.flatnonzero(valid)
            keys.append(key[places] << PLACES[size - 1])
            texts.append(owners[places + blank[places]])  # a blank lies between two texts
        return NGrams(np.concatenate(texts), np.concatenate(keys))

    def _numbered(self, joined: str, owners: Places) -> tuple[Keys, Places]:
        """Return the numbers of normalized characters, and the text of each."""
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
        kept = np.flatnonzero(~(blank[1:] & blank[:-1])) + 1
        kept = np.concatenate([np.zeros(1, np.intp), kept])
        return found[kept], owners[kept]

    def _add(self, characters: str) -> None:
        for character in characters:
            if character not in self._numbers and len(self.characters) < MOST_CHARACTERS:
                self.characters.append(character)
                self._numbers[character] = len(self.characters)


def fnv1a(ngrams: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the FNV-1a hash, of 32 bits, of the UTF-8 bytes of each n-gram.

    Source: Fowler, Noll, Vo, Eastlake (2019), *The FNV Non-Cryptographic Hash Algorithm*.

    Examples
    --------
    >>> [f"{key:08x}" for key in fnv1a(["a", "foob", "文本"]).tolist()]
    ['e40c292c', '3f5076ef', '883fab20']
    """
    hashes = np.full(len(ngrams), 2166136261, np.uint32)
    encoded = np.array([ngram.encode() for ngram in ngrams], np.bytes_)
    lengths = np.strings.str_len(encoded)
    for place, of_place in enumerate(encoded.view(np.uint8).reshape(len(ngrams), encoded.itemsize).T):
        hashes = np.where(place < lengths, (hashes ^ of_place) * np.uint32(16777619), hashes)
    return hashes
