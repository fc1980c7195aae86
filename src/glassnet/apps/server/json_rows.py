"""JSON of requests, parsed some rows at a time.

Python's objects take up to fifty times the bytes of their text, and no other request gets a turn while a text is
parsed. So a body is never parsed as a whole: there is a block of rows at a time, or one row, and a row has its limit.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, NoReturn

from glassnet.apps.console import size
from glassnet.apps.server.limits import RefusalError
from glassnet.support.language import Text
from glassnet.tables.reading.sources import no_rows

LONGEST: Final = 1_000_000
"""Characters of a row, or of another value of a body."""
BLOCK: Final = 200_000
"""Characters of rows that are parsed at once, in about a millisecond."""
SPACES: Final = re.compile(r"[ \t\n\r]*")
TOO_LONG: Final = RefusalError(413, f"A row may have {size(LONGEST)} as JSON. Received: more. Leave columns out.")
FORM: Final = 'The body must have the form {"rows": [{"column": value, ...}, ...]}.'


def parse_rows(body: bytes) -> Iterator[Any]:
    """The rows of a request, one by one; see :func:`parse_blocks`.

    Examples
    --------
    >>> list(parse_rows(b'{"rows": [{"age": 1}, null]}'))
    [{'age': 1}, None]
    """
    return chain.from_iterable(parse_blocks(body))


def parse_blocks(body: bytes) -> Iterator[list[Any]]:
    """The rows of a request: ``{"rows": [{"column": value, ...}, ...]}``, some at a time, each not yet looked at.

    Raises
    ------
    RefusalError
        As soon as it is seen that the body is something else.

    Examples
    --------
    >>> list(parse_blocks(b'{"rows": [{"age": 1}, null]}'))
    [[{'age': 1}, None]]
    """
    values, count = _Values(body), None
    if not values.take("{"):
        values.value()
        raise RefusalError(422, FORM)
    for _ in values.until("}"):
        name = values.value()
        values.expect(":")
        if name != "rows":
            values.value()
            continue
        if count is not None or not values.take("["):
            raise RefusalError(422, FORM)
        count = 0
        for _ in values.until("]"):
            block = values.block()
            yield block
            count += len(block)
    values.expect_end()
    if count is None:
        raise RefusalError(422, FORM)
    if count == 0:
        raise RefusalError(422, str(no_rows("the body")))


def parse_json(body: bytes) -> Any:
    """A body that is one value, such as a row: it has the limits of a row.

    Examples
    --------
    >>> parse_json(b' {"age": 1} ')
    {'age': 1}
    """
    values = _Values(body)
    value = values.value()
    values.expect_end()
    return value


class _Values:
    """The values of a text in JSON, one after another; NaN, half a character and the like are refused."""

    def __init__(self, body: bytes) -> None:
        self._body, self._taken = body, 0
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(body))()
        self._text, self._at, self._before = "", 0, 0
        self._singly = 0  # up to this character of the body values are taken one by one

    def take(self, sign: str) -> bool:
        """Whether that sign is next, which is then behind us."""
        found = not self._ended() and self._text[self._at] == sign
        self._at += found
        return found

    def expect(self, sign: str) -> None:
        """Take a sign that must be next."""
        if not self.take(sign):
            self._refuse(Text("Expecting {sign!r}", sign=sign), self._at)

    def expect_end(self) -> None:
        """Refuse extra data behind the last value."""
        if not self._ended():
            self._refuse("Extra data", self._at)

    def until(self, end: str) -> Iterator[None]:
        """Come by each value of a list, which ends with that sign; the caller consumes them."""
        if self.take(end):
            return
        while True:
            yield
            if self.take(end):
                return
            self.expect(",")

    def block(self) -> list[Any]:
        """The next values of a list: those up to its end, or up to the last object in a window; or else one value.

        A list that is closed behind an object has no value that is cut in two: it would not be JSON.
        """
        self._ended()  # have all of it in sight
        start = self._at
        end = self._text.rfind("}", start, start + BLOCK) + 1
        if self._before + end > self._singly:
            try:
                values, length = BLOCKS.raw_decode(f"[{self._text[start:end]}]")
                self._check_unicode(values, start, start + length)
            except (ValueError, RecursionError):
                values = []  # the value that has the fault tells it, as does a list that lacks one
            if values:
                self._at = start + length - len("[]")
                return list(values)
            self._singly = self._before + end
        return [self.value()]

    def value(self) -> Any:
        """The next value."""
        self._ended()  # have all of it in sight
        start = self._at
        try:
            value, self._at = DECODER.raw_decode(self._text, start)
            self._check_unicode(value, start, self._at)
        except RecursionError:
            raise RefusalError(422, "The body must be JSON of a few levels. It is nested too deeply.") from None
        except UnicodeEncodeError:
            raise RefusalError(
                422, "The body must be JSON with valid Unicode. It has an unpaired surrogate, such as \\ud800."
            ) from None
        except json.JSONDecodeError as error:
            cut_off = error.msg.startswith("Unterminated") or error.pos - start > LONGEST - len("Infinity")
            if self._taken < len(self._body) and cut_off:
                raise TOO_LONG from None
            self._refuse(error.msg, error.pos)
        except ValueError as error:
            self._refuse(str(error)[:200], start)
        if self._at - start > LONGEST:
            raise TOO_LONG
        return value

    def _check_unicode(self, value: Any, start: int, end: int) -> None:
        """Raise an error if a value, spelt from `start` to `end`, has half a character."""
        if self._text.find("\\u", start, end) >= 0:
            json.dumps(value, ensure_ascii=False).encode()

    def _ended(self) -> bool:
        """Whether nothing but spaces follows; if not, the next value is in sight, as far as it may reach."""
        while True:
            if len(self._text) - self._at <= LONGEST and self._taken < len(self._body):
                self._read_on()
            found = SPACES.match(self._text, self._at)
            self._at = found.end() if found else self._at
            enough = len(self._text) - self._at > LONGEST or self._taken == len(self._body)
            if enough:
                return self._at == len(self._text)

    def _read_on(self) -> None:
        piece = self._body[self._taken : self._taken + 2 * LONGEST]
        pending = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(piece, self._taken + len(piece) == len(self._body))
        except UnicodeDecodeError as error:
            place = self._taken - pending + error.start
            raise RefusalError(
                422, f"The body must be JSON in UTF-8. Received: {error.reason} at byte {place}."
            ) from None
        self._taken += len(piece)
        self._before += self._at
        self._text, self._at = self._text[self._at :] + text, 0

    def _refuse(self, received: str, place: int) -> NoReturn:
        raise RefusalError(422, f"The body must be JSON. Received: {received} at character {self._before + place}.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no number of JSON; a missing value is null,")


def _whole_number(digits: str) -> int | float:
    """A whole number; infinite where it is longer than Python reads, so that its row alone is refused."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


BLOCKS: Final = json.JSONDecoder(parse_constant=_no_constant)
DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, parse_int=_whole_number)
