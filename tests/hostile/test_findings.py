"""What damaged files have brought to light stays cured, and the program that damages them notices what it should."""

from __future__ import annotations

import os
import time

import pytest

from benchmarks import fuzz
from tests.mutators import Mutator

ENDINGS = {target.ending: target for target in fuzz.TARGETS.values()}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in fuzz.FINDINGS.iterdir()))
def test_it_is_read_or_refused_now(name):
    path = fuzz.FINDINGS / name
    ended, words = fuzz.outcome(ENDINGS[path.suffix[1:]], path)
    assert ended in (fuzz.READ, fuzz.REFUSAL), words


def good():
    return Mutator({"good": b"good"})


def fail(path):
    if path.read_bytes() != b"good":
        raise KeyError("a name")


def end(path):
    if path.read_bytes() != b"good":
        os.abort()


def grow(path):
    if path.read_bytes() != b"good":
        bytearray(2 * fuzz.BYTES)


def hang(path):
    if path.read_bytes() != b"good":
        fuzz.signal.alarm(1)  # in place of the ten seconds that a case has
        time.sleep(20)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "words"), [(fail, "KeyError"), (end, "signal 6"), (grow, "MemoryError"), (hang, "signal 14")]
)
def test_it_is_noticed_and_kept(call, words, tmp_path, capsys):
    counted = fuzz.fuzzed("bad", fuzz.Target("bad", call, good, 2), 2, 0, tmp_path)
    assert counted == {fuzz.FINDING: 2}
    (kept,) = tmp_path.iterdir()  # one of a kind
    assert kept.name == "0-0.bad"
    assert kept.read_bytes() != b"good"
    assert words in capsys.readouterr().err
