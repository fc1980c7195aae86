"""Thousands of broken and hostile files: each is refused with a clear error, or gives a model that predicts.

Whatever a file holds, loading it runs nothing, writes nothing, and takes little more memory than the file is large.
"""

from __future__ import annotations

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
from tests.mutators import ModelMutator

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
    mutator = ModelMutator(FILES)

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
