"""Damages valid files, seeded: bytes, the values of a document in JSON, and all that a model file has a digest of."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from glassnet.errors import InputError
from glassnet.support import container
from tests.exchange.documents import holder, places

HOSTILE = [
    *(None, True, False, -1, 0, 1, 2, 3, 10**9, 2**31, 2**63, 2**64, 10**30, 1e308, -1e308, 5e-324, 0.5, "", "relu"),
    *("float32", "float64", "int64", "mse", "Dense", "os.system", "__class__", "__import__('os').system('true')"),
    *("elu(alpha=__import__('os'))", "elu(alpha=" + "(" * 200, "x" * 5000, "\ud800", "../../etc/passwd", [], {}, [[]]),
    *(
        [1] * 1000,
        {"weights": [[1, 2]]},
        {"splitter": {"name": "KFold", "parameters": {"n_splits": 10**12}}},
        {"layer": {"type": "Dense", "units": 10**12}},
        {"type": "BatchNorm"},
    ),
    *([{"type": "Dense", "units": 10**9}] * 3, [{"type": "Residual", "layers": []}], [[[[[[[]]]]]]], "compiled"),
]


WORDS = (
    *(b"", b"0", b"-1", b"1e999", b"nan", b"null", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\0", b"{", b"]"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"[" * 2000, b"9" * 400, b"x" * 70_000, b"99999999999"),
    *(b"2024-02-30", b"24:00", b"\xff" * 8, b"\0" * 8, b"\x7f\xff\xff\xff", b"1.234,5", b"../../x", b"\\ud800"),
)
"""What stands in the place of some bytes."""


class Mutator:
    """Makes bad files out of good ones, each of which has a name."""

    def __init__(self, good: Mapping[str, bytes]):
        self.good = dict(good)
        self.kinds = tuple(good)
        self.ways = (self.flip, self.cut, self.splice, self.word, self.repeat)

    def one(self, number):
        """The bad file of a number, or of several, and the kind that it was."""
        self.rng = np.random.default_rng(number)
        kind = self.pick(self.kinds)
        return kind, self.pick(self.ways)(kind)

    def pick(self, things):
        return things[self.rng.integers(len(things))]

    def flip(self, kind):
        contents = np.frombuffer(self.good[kind], np.uint8).copy()
        for place in self.rng.integers(0, len(contents), self.rng.integers(1, 9)):
            contents[place] ^= 1 << self.rng.integers(8)
        return contents.tobytes()

    def cut(self, kind):
        contents = self.good[kind]
        start, end = sorted(self.rng.integers(0, len(contents) + 1, 2))
        return self.pick([contents[:end], contents[start:], contents[:start] + contents[end:]])

    def splice(self, kind):
        contents, other = self.good[kind], self.good[self.pick(self.kinds)]
        place, start, end = self.rng.integers(len(contents)), *sorted(self.rng.integers(0, len(other) + 1, 2))
        return contents[:place] + other[start:end] + contents[place:]

    def word(self, kind):
        """Words in the place of some bytes, of none or of a few."""
        contents = self.good[kind]
        for _ in range(self.rng.integers(1, 4)):
            place = int(self.rng.integers(len(contents) + 1))
            contents = contents[:place] + self.pick(WORDS) + contents[place + self.pick([0, 1, 4, 20]) :]
        return contents

    def repeat(self, kind):
        """Some bytes many times."""
        contents = self.good[kind]
        start = int(self.rng.integers(len(contents)))
        end = start + int(self.rng.integers(1, 20))
        return contents[:start] + contents[start:end] * self.pick([2, 200, 5000]) + contents[end:]

    def spoil(self, document, paths):
        """Some values of a document are changed: taken away, repeated, moved, or such as nobody expects."""
        for _ in range(self.rng.integers(1, 4)):
            path = self.pick(paths)
            try:
                inside, key = holder(document, path), path[-1]
                change = self.rng.integers(4)
                if change == 0:
                    del inside[key]
                elif change == 1 and isinstance(inside, list):
                    inside.extend(copy.deepcopy(inside) * int(self.rng.integers(1, 20)))
                elif change == 2:
                    other = self.pick(paths)
                    inside[key] = copy.deepcopy(holder(document, other)[other[-1]])
                else:
                    inside[key] = copy.deepcopy(self.pick(HOSTILE))
            except (KeyError, IndexError, TypeError):  # an earlier change has taken the place away
                continue
        return document


class TextMutator(Mutator):
    """Texts of JSON, one on each line, of which some stay JSON."""

    def __init__(self, good: Mapping[str, bytes]):
        super().__init__(good)
        self.texts = {kind: [json.loads(line) for line in text.splitlines()] for kind, text in good.items()}
        self.places = {kind: [*places(texts)] for kind, texts in self.texts.items()}
        self.ways += (self.values,) * len(self.ways)

    def values(self, kind):
        texts = self.spoil(copy.deepcopy(self.texts[kind]), self.places[kind])
        return b"\n".join(json.dumps(text).encode() for text in texts)


class ArchiveMutator(Mutator):
    """Archives whose members are damaged: their checksums are right."""

    def __init__(self, good: Mapping[str, bytes]):
        super().__init__(good)
        self.archives = {}
        for kind, contents in good.items():
            with zipfile.ZipFile(io.BytesIO(contents)) as archive:
                self.archives[kind] = {name: archive.read(name) for name in archive.namelist()}
        self.of_members = {kind: Mutator(members) for kind, members in self.archives.items()}
        self.ways += (self.member,) * 4 * len(self.ways)

    def member(self, kind):
        name, contents = self.of_members[kind].one(self.rng.integers(2**40))
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, own in self.archives[kind].items():
                archive.writestr(each, contents if each == name else own)
        return written.getvalue()


class ModelMutator(Mutator):
    """Model files, of which some have a right digest."""

    def __init__(self, files: Mapping[str, Path]):
        super().__init__({kind: file.read_bytes() for kind, file in files.items()})
        self.parts = {kind: container.read(file) for kind, file in files.items()}
        self.texts = {kind: json.dumps(document) for kind, (document, _) in self.parts.items()}
        self.places = {kind: list(places(document)) for kind, (document, _) in self.parts.items()}
        self.ways += (self.length, self.header, self.describe, self.describe, self.array)

    def length(self, kind):
        """Another length of the header than it has."""
        length = int(self.pick([0, 1, 7, 8, 2**31, 2**32, 2**63, 2**64 - 1, self.rng.integers(2**20)]))
        return length.to_bytes(8, "little") + self.good[kind][8:]

    def header(self, kind):
        """Another header, of the right length."""
        contents = self.good[kind]
        end = 8 + int.from_bytes(contents[:8], "little")
        header = json.loads(contents[8:end])
        name = self.pick([name for name in header if name != "__metadata__"])
        claims = {
            "dtype": ["F16", "BF16", "F64", "I64", "U8", "BOOL", "X"],
            "data_offsets": [[0, 8], [8, 0], [0, 2**62]],
        }
        claims["shape"] = [[10**12], [2**31, 2**33], [0], [], [-1], [1] * 100, "3", [10**30], [2**62, 4]]
        field = self.pick(list(claims))
        change = self.rng.integers(4)
        if change == 0:
            header[name][field] = self.pick(claims[field])
        elif change == 1:
            header[self.pick(["", "parameters", "x" * 1000, "member 2.parameters"])] = header.pop(name)
        elif change == 2:
            header["__metadata__"] = self.pick(
                [{}, {"glassnet": ""}, {"glassnet": "[" * 3000}, {"glassnet": 3}, [], None]
            )
        else:
            text = self.pick(
                ["[" * 3000, "{" * 3000, "[],", '{"a":' * 500, "9" * 5000, "null", '"\\ud800"', "[{}" + ",{}" * 999]
            )
            return self.joined(text.encode(), contents[end:])
        return self.joined(json.dumps(header).encode(), contents[end:])

    @staticmethod
    def joined(header, rest):
        return len(header).to_bytes(8, "little") + header + rest

    def describe(self, kind):
        """A false description with a right digest."""
        return self.packed(self.spoil(json.loads(self.texts[kind]), self.places[kind]), self.parts[kind][1])

    def array(self, kind):
        """False arrays with a right digest."""
        document, arrays = self.parts[kind]
        arrays = dict(arrays)
        name = self.pick(sorted(arrays))
        array, change = arrays[name].copy(), self.rng.integers(6)
        if change == 0:
            del arrays[name]
        elif change == 1:
            arrays[name + "s"] = arrays.pop(name)
        elif change == 2 and array.size:
            whole = array.dtype.kind == "i"
            array[self.rng.integers(array.size)] = self.pick(
                [-1, 7, 2**40] if whole else [np.nan, np.inf, -1.0, 0.0, 1e30, 1e-40]
            )
            arrays[name] = array
        elif change == 3:
            arrays[name] = self.pick([array[1:], array[:, None], np.concatenate([array, array]), array[:0]])
        elif change == 4:
            arrays[name] = array.astype(self.pick(["float32", "float64", "int64"]))
        else:
            arrays[self.pick(["more", "member 3.parameters", "optimizer.1.m", "conformal"])] = array
        return self.packed(document, arrays)

    def packed(self, document, arrays):
        try:
            with np.errstate(all="ignore"):
                return container.packed({key: value for key, value in document.items() if key != "format"}, arrays)
        except (InputError, UnicodeEncodeError):  # what JSON has no form for
            return b""
