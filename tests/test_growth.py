"""Text of strangers costs in proportion to its length: no pattern looks at the same characters again and again."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

import glassnet
from glassnet.tables.almost_numbers import almost_numbers
from glassnet.tables.reading import delimited, encodings
from glassnet.tables.reading.notation import DATES, date_form, moment_in, number_form, number_in, whole_form

SHORT, LONG = 3_000, 16
QUICK = 0.05
"""Seconds of a processor, which a millisecond's work does not take even on a busy machine; what is quadratic does."""
OF_OUR_OWN_FILES = (
    "apps.commands.book",
    "apps.options",
    "apps.helping",
    "apps.usage",
    "support.scripts",
    "exchange.c.compilation",
)
WHOLE = ("tables.columns.categories._WHOLE_NUMBER",)
"""Patterns of whole cells, with which nobody searches a text."""
RUNS = (
    "a",
    "A",
    "1",
    " ",
    "é",
    "é1",
    "a1",
    "-",
    ".",
    ",",
    "a ",
    " a",
    "1.",
    "1,",
    "1 ",
    "0 1",
    "'",
    "(",
    "((a",
    "::",
    ". ",
    "\n",
    "n/a",
    "12.5",
    "1e1",
)
"""What a stranger may repeat; a last character that suits nothing makes a pattern look back."""


def seconds(work, text):
    taken = []
    for _ in range(3):
        started = time.process_time()
        work(text)
        taken.append(time.process_time() - started)
        if taken[-1] < QUICK:
            break
    return min(taken)


def grows_too_fast(work, run):
    """Sixteen times the text may take 64 times as long: linear work takes 16 times, quadratic 256 times."""
    short, long = (run * (count // len(run)) + "\x01" for count in (SHORT, SHORT * LONG))
    first = seconds(work, short)
    if first > 1:
        return True
    taken = seconds(work, long)
    return taken > QUICK and taken > 64 * first


def found_patterns():
    """By name every pattern that stands in a module, or in a table of it."""
    found = {}
    for module in pkgutil.walk_packages(glassnet.__path__, "glassnet."):
        short = module.name.removeprefix("glassnet.")
        if short in OF_OUR_OWN_FILES or short.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            entries = value.items() if isinstance(value, dict) else [("", value)]
            for entry, each in entries:
                if isinstance(each, re.Pattern) and isinstance(each.pattern, str):
                    found.setdefault(each.pattern, (f"{short}.{name}{entry and '.'}{entry}", each))
    return dict(found.values())


PATTERNS = found_patterns() | {
    f"{form.__name__}({of!r})": re.compile(form(of))
    for form, choices in ((number_form, ".,"), (whole_form, ".,"), (date_form, DATES))
    for of in choices
}


@pytest.mark.once
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_looks_at_a_text_in_time_that_grows_with_its_length(name):
    pattern = PATTERNS[name]
    for run in RUNS:
        assert not grows_too_fast(pattern.fullmatch, run), f"fullmatch of {run!r} repeated"
        assert name in WHOLE or not grows_too_fast(pattern.search, run), f"search in {run!r} repeated"


def encoded(text):
    """The encoding of bytes that are no UTF-8, behind a first line that says which."""
    encodings.likely_encoding(f"Müller in Köln\n{text}é{text}\n{text}\nwäre\n".encode("cp1252", "replace"), "t")


def headed(text):
    rows = [["1"], ["2"]]
    delimited.header_names("t.csv", [f"x{text}", text[:-1] + "y"], rows)


READERS = {
    "the encoding": encoded,
    "the delimiter": lambda text: delimited._delimiter(text, cut=False),
    "the header": headed,
    "a number": lambda text: (number_in(text, "."), number_in(text, ","), number_in(text, None)),
    "a moment": lambda text: (moment_in(text, "dmy"), moment_in(text, "mdy")),
    "almost numbers": lambda text: almost_numbers("x", [text, *map(str, range(20))]),
}


@pytest.mark.once
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_takes_time_that_grows_with_the_text(reader):
    for run in RUNS:
        assert not grows_too_fast(READERS[reader], run), f"{run!r} repeated"


def test_so_many_letters_tell_the_encoding_and_no_more():
    """Each character of a run without an end cost a step in twenty encodings."""
    told = encodings._telling("ACGT" * 1_000_000 + "ü" * 1_000_000 + " Größe")
    assert told.startswith("Tü")
    assert len(told) <= 2 * encodings._SAMPLE


@pytest.mark.slow
def test_a_wide_header_of_windows_is_read_as_quickly_as_the_same_in_utf8():
    """Sixty rows of two thousand columns took more than a minute."""
    header, row = ",".join(f"Größe {place}" for place in range(2000)), ",".join(["1.5"] * 2000)
    text = "\n".join([header, *[row] * 60]) + "\n"
    assert seconds(lambda text: encodings.likely_encoding(text.encode("cp1252"), "t"), text) < 5
