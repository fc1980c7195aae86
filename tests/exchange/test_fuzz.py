"""Thousands of broken and hostile files: each is refused with a clear error, or gives a model that predicts.

Whatever a file holds, loading it runs nothing, writes nothing, and takes little more memory than the file is large.
"""

from __future__ import annotations

import copy
import json
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest

from glassnet import load
from glassnet.errors import InputError
from glassnet.support import container
from tests.exchange.documents import holder, places

GOLDEN = Path(__file__).parent / "golden"
KINDS = ("classifier", "regressor", "network", "kinds", "texts")
FILES = {kind: GOLDEN / f"format_{container.FORMAT}_{kind}.safetensors" for kind in KINDS}  # as false ones are written
TIMES, CONSTANT = 10, 4_000_000
"""The memory that loading a small file may take: so many times its size, and so many bytes more."""

FORBIDDEN = ("import", "exec", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
FORBIDDEN += ("ctypes.dlopen", "marshal.loads", "pickle.find_class", "socket.connect", "socket.__new__", "os.remove")
seen: list[str] = []
watching = False


def watch(event, arguments):
    if watching and (event in FORBIDDEN or (event == "open" and writes(*arguments[1:3]))):
        seen.append(f"{event}{arguments}")


def writes(mode, flags):
    return any(sign in (mode or "r") for sign in "wax+") if isinstance(mode, str) else bool((flags or 0) & 3)


sys.addaudithook(watch)  # there is no way to take one away again: it stays, and looks away


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


class Mutator:
    """Makes bad files out of good ones."""

    def __init__(self):
        self.good = {kind: FILES[kind].read_bytes() for kind in KINDS}
        self.parts = {kind: container.read(FILES[kind]) for kind in KINDS}
        self.texts = {kind: json.dumps(document) for kind, (document, _) in self.parts.items()}
        self.places = {kind: list(places(document)) for kind, (document, _) in self.parts.items()}
        self.ways = (
            self.flip,
            self.cut,
            self.splice,
            self.length,
            self.header,
            self.describe,
            self.describe,
            self.array,
        )

    def one(self, number):
        """The bad file of a number, and the kind that it was."""
        self.rng = np.random.default_rng(number)
        kind = KINDS[self.rng.integers(len(KINDS))]
        return kind, self.ways[self.rng.integers(len(self.ways))](kind)

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
        contents, other = self.good[kind], self.good[self.pick(KINDS)]
        place, start, end = self.rng.integers(len(contents)), *sorted(self.rng.integers(0, len(other) + 1, 2))
        return contents[:place] + other[start:end] + contents[place:]

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
        document, arrays = json.loads(self.texts[kind]), self.parts[kind][1]
        for _ in range(self.rng.integers(1, 4)):
            path = self.pick(self.places[kind])
            try:
                inside, key = holder(document, path), path[-1]
                change = self.rng.integers(4)
                if change == 0:
                    del inside[key]
                elif change == 1 and isinstance(inside, list):
                    inside.extend(copy.deepcopy(inside) * int(self.rng.integers(1, 20)))
                elif change == 2:
                    other = self.pick(self.places[kind])
                    inside[key] = copy.deepcopy(holder(document, other)[other[-1]])
                else:
                    inside[key] = copy.deepcopy(self.pick(HOSTILE))
            except (KeyError, IndexError, TypeError):  # an earlier change has taken the place away
                continue
        return self.packed(document, arrays)

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


ROWS = {kind: json.loads(FILES[kind].with_suffix(".json").read_text())["rows"] for kind in KINDS}


def loaded(path):
    """The model, or None if it was refused in the right way; nothing was run for it."""
    global watching
    seen.clear()
    watching = True
    try:
        model = load(path)
    except InputError as error:
        model, message = None, str(error)
    finally:
        watching = False
    assert not seen
    assert model or message.startswith(f"{path.name} cannot be loaded: ")
    return model


def predicts(model, rows):
    """It predicts, or says in words why these rows are none for it."""
    model = model.set_params(engine="reference") if hasattr(model, "set_params") else model
    rows = np.array(rows) if not hasattr(model, "encoder_") else rows
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            predicted = model.predict(rows)
        except (InputError, TypeError):
            return
    assert len(predicted) == len(rows)


@pytest.mark.slow
def test_thousands_of_bad_files(tmp_path, sample):
    path, models, numbers = tmp_path / "bad.safetensors", 0, sample(range(20_000), 1000)
    file = path.open("w+b", buffering=0)  # opened once: on some disks to empty a file takes longer than to load it
    mutator = Mutator()

    def put(contents):
        file.seek(0)
        file.write(contents)
        file.truncate()

    for kind in KINDS:  # whatever is loaded at first use is loaded before anyone watches
        put(mutator.good[kind])
        predicts(load(path), ROWS[kind])
        put(mutator.good[kind][:-1])
        with pytest.raises(InputError):
            load(path)
    for number in range(50):
        kind, contents = mutator.one(number)
        put(contents)
        try:
            load(path)
        except InputError:
            continue
    tracemalloc.start()
    try:
        for number in numbers:
            kind, contents = mutator.one(number)
            put(contents)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            model = loaded(path)
            taken = tracemalloc.get_traced_memory()[1] - before
            assert taken < TIMES * len(contents) + CONSTANT, number
            if model is not None:
                models += 1
                predicts(model, ROWS[kind])
    finally:
        tracemalloc.stop()
        file.close()
    assert models > len(numbers) / 20  # not everything is refused at the door
