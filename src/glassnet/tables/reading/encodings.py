"""The encoding of a text file: by its first bytes, UTF-8 if it is valid, else the most likely one by its letters.

Bytes that are not UTF-8 are valid in a dozen encodings. Each language of the table below has few letters beyond ASCII,
so a text is likely in the encoding in which it is spelled with the letters of one language. If two different readings
are nearly as likely, the user must specify the encoding.
"""

from __future__ import annotations

import codecs
import io
import math
import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import Final

from glassnet.errors import InputError
from glassnet.support.language import Text

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINES: Final = 1_000
_SAMPLE: Final = 2_000
"""Characters beyond ASCII that are enough."""
_MARGIN: Final = math.log(20)
"""A reading must be twenty times as likely as the next different one."""


@dataclass(frozen=True)
class _Script:
    """Letters beyond ASCII of a language, or several, in the encoding that was usual before UTF-8.

    `mixed`: whether its words have letters of ASCII, too. `prior`: how usual such files are; 1 is a usual one.
    """

    encoding: str
    letters: str
    mixed: bool = True
    prior: float = 1.0

    @cached_property
    def usual(self) -> frozenset[str]:
        return frozenset(self.letters + self.letters.upper())

    def likelihood(self, text: str) -> float:
        """Return the log-likelihood of the letters beyond ASCII of a text in this language."""
        usual, rare = math.log(0.97 / len(self.usual)), math.log(0.03 / (256 if self.mixed else 20_000))
        total = math.log(self.prior)
        for found in _BEYOND_ASCII.finditer(text):
            before, run, after = found.groups()
            total += sum(usual if letter in self.usual else rare for letter in run)
            total += math.log(0.9 if bool(before or after) == self.mixed else 0.1)
            total += math.log(0.01) * len(_TURNED.findall(before + run))
        return total


_BEYOND_ASCII: Final = re.compile(r"([A-Za-z]?)([^\x00-\x7f]+)(?=([A-Za-z]?))")
_WORD: Final = re.compile(r"[A-Za-z\x80-\U0010ffff]+")  # one class, so that no character is examined twice
_TURNED: Final = re.compile("[a-zà-þа-яα-ω][À-ÞА-ЯΑ-Ω]")
"""A capital after a small letter: in most words a sign of the wrong encoding."""


def _range(encoding: str, leads: range, trails: range) -> str:
    """Return the characters of a part of a double-byte encoding."""
    return b"".join(bytes((lead, trail)) for lead in leads for trail in trails).decode(encoding, "ignore")


_TRAILS: Final = range(0xA1, 0xFF)
_KANA: Final = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC, *range(0xFF66, 0xFFA0)]))


@cache
def _scripts() -> tuple[_Script, ...]:
    return (
        _Script("cp1252", "äöüß"),
        _Script("cp1252", "éèêëàâçîïôûùœ«»"),
        _Script("cp1252", "áéíóúñü¿¡ºª"),
        _Script("cp1252", "ãõçáéíóúâêôà"),
        _Script("cp1252", "åäöæøé"),
        _Script("cp1252", "àèéìòù"),
        _Script("cp1252", "€“”‘’–—£°²®", prior=0.2),
        _Script("cp1250", "ąćęłńóśźż", prior=0.3),
        _Script("cp1250", "áčďéěíňóřšťúůýžäôľĺŕ", prior=0.3),
        _Script("cp1250", "áéíóöőúüű", prior=0.3),
        _Script("cp1250", "čćđšž", prior=0.3),
        _Script("cp1250", "ăâîşţ", prior=0.1),
        _Script("cp1254", "çğıöşüİâ", prior=0.3),
        _Script("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", mixed=False),
        _Script("cp1251", "абвгдежзийклмнопрстуфхцчшщьюяієїґ’", mixed=False, prior=0.3),
        _Script("cp1253", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ", mixed=False),
        _Script("gb18030", _range("gb18030", range(0xB0, 0xD8), _TRAILS) + "，。、（）％￥", mixed=False),
        _Script("big5", _range("big5", range(0xA4, 0xC7), range(0x40, 0xFF)) + "，。、（）％", mixed=False),
        _Script("shift_jis", _range("shift_jis", range(0x88, 0x98), range(0x40, 0xFD)), mixed=False, prior=0.1),
        _Script("shift_jis", _KANA + "、。（）％・年月日円東京大中小男女人", mixed=False),
        _Script("euc_kr", _range("euc_kr", range(0xB0, 0xC9), _TRAILS), mixed=False),
    )


def byte_order_mark(sample: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, which is no part of the first name; None without one.

    Examples
    --------
    >>> byte_order_mark("a,b".encode("utf-16")), byte_order_mark("a,b".encode("utf-16-le"))
    ('utf-16', None)
    """
    return next((encoding for mark, encoding in _BOMS if sample.startswith(mark)), None)


def marked_encoding(sample: bytes) -> str | None:
    """Return the encoding that the first bytes of a file tell; None if they tell none.

    Examples
    --------
    >>> marked_encoding("a,b".encode("utf-16")), marked_encoding("a,b".encode("utf-16-le")), marked_encoding(b"a,b")
    ('utf-16', 'utf-16-le', None)
    """
    if marked := byte_order_mark(sample):
        return marked
    # Text of mostly ASCII characters in UTF-16 has a zero in every other byte.
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros and zeros.count(0) > 0.4 * len(zeros) and len(sample) % 2 == 0:
            return encoding
    return None


def likely_encoding(sample: bytes, what: str) -> str:
    """Return the most likely encoding of bytes that are not UTF-8, and may end within a character.

    Raises
    ------
    InputError
        If two readings that differ are nearly as likely, or none is.

    Examples
    --------
    >>> [likely_encoding(sample, "t") for sample in ("Müller, Zürich".encode("cp1252"), "城市,北京".encode("gb18030"))]
    ['cp1252', 'gb18030']
    """
    # Lines of ASCII are the same in all encodings; no encoding has a line break within a character.
    telling = (line for line in io.BytesIO(sample) if not line.isascii())
    sample = b"".join(islice(telling, _LINES))
    sample += b"\n\n" * sample.endswith(b"\n")  # a decoder waits for all four bytes of a character before it complains
    readings: dict[str, tuple[float, str]] = {}
    for script in _scripts():
        try:
            text = codecs.getincrementaldecoder(script.encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        text = _telling(text)
        score = script.likelihood(text)
        if text not in readings or readings[text][0] < score:
            readings[text] = score, script.encoding
    ranked = sorted(readings.values(), reverse=True)
    if not ranked:
        raise InputError(
            Text("{name} must be text in a known encoding", name=what),
            "bytes of none",
            "Specify it: --encoding latin-1",
        )
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _MARGIN:
        (_, first), (_, second) = ranked[:2]
        shown = {encoding: text for text, (_, encoding) in readings.items()}
        received = f"{shown[first][:30]!r} in {first}, {shown[second][:30]!r} in {second}"
        raise InputError(
            Text("The encoding of {file} is ambiguous", file=what),
            received,
            Text("Specify it: --encoding {name}", name=first),
        )
    return ranked[0][1]


def _telling(text: str) -> str:
    """Return the words with letters beyond ASCII, each once: how often a word occurs shows nothing of the encoding."""
    kept: dict[str, None] = {}
    length = 0
    for found in _WORD.finditer(text):
        word = found[0]
        if word.isascii():
            continue
        if len(word) > _SAMPLE and (first := _BEYOND_ASCII.search(word)):
            word = word[first.start() :][:_SAMPLE]
        if word in kept:
            continue
        kept[word] = None
        length += len(word)
        if length > _SAMPLE:
            break
    return " ".join(kept)


def checked_encoding(name: str) -> str:
    """Return Python's name of an encoding.

    Raises
    ------
    InputError
        If Python knows none of that name for text.

    Examples
    --------
    >>> checked_encoding("Latin1")
    'iso8859-1'
    """
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except LookupError:
        known = "utf-8, utf-16, latin-1, cp1252, cp1250, cp1251, gb18030, big5, shift_jis, euc_kr"
        raise InputError(
            "`encoding` must be the name of an encoding", repr(name), Text("For example {example}", example=known)
        ) from None
    return found.name
