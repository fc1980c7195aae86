"""No file takes more memory than it is worth: ten times its size at most, and 32 MB beyond for what is small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save as pack

from glassnet import NeuralNetwork, load, save
from glassnet.errors import InputError
from glassnet.support import container
from glassnet.support.container import check_room

pytestmark = pytest.mark.slow  # it starts processes, or compiles

GOLDEN = Path(__file__).parent / "golden" / "format_2_regressor.safetensors"
TIMES, ALLOWANCE = 10, 32 * 2**20

MEASURE = """
import sys, tracemalloc
from pathlib import Path
import glassnet
from glassnet.errors import InputError

def peak():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

def attempt(file):
    try:
        glassnet.load(file)
    except InputError:
        pass

good, bad = sys.argv[1:]
attempt(good)
before = peak()
attempt(bad)
resident = peak() - before
tracemalloc.start()
attempt(bad)
print(resident, tracemalloc.get_traced_memory()[1])
"""


def measured(file):
    """What loading a file takes beyond what the process has: of the machine's memory, and of Python's.

    A process of its own: in a fork, whatever is touched of the parent's memory counts, too.
    """
    command = [sys.executable, "-c", MEASURE, str(GOLDEN), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(number) for number in done.stdout.split()]


def sealed(text, arrays):
    """A model file with a right digest, whatever the text."""
    text = text.removesuffix('""}') + f'"{container._digest(text, arrays)}"}}'
    return pack(dict(arrays), {"glassnet": text})


def hostile(unit, size):
    """A file in whose description as many units stand as are let through, beside one long word."""
    document, arrays = container.read(GOLDEN)

    def text(count):
        rows = (unit * count)[:-1]
        word = "x" * max(0, size - len(rows))
        of_history = {"rows": "ROWS", "best_epoch": None, "ended": word}
        whole = document | {"histories": [of_history], "sha256": ""}
        return json.dumps(whole).replace('"ROWS"', f"[{rows}]")

    low, high = 0, size // len(unit)
    precision = high // 200
    while high - low > precision:
        middle = (low + high) // 2
        header = json.dumps(text(middle))
        try:
            check_room(header, len(header))
            low = middle
        except InputError:
            high = middle
    return sealed(text(int(0.98 * low)), arrays)


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say it")


@needs_proc
@pytest.mark.once  # each starts a process
@pytest.mark.parametrize("unit", ["[],", "{},", '{"a":1},', "[1.5],", "1e9,", '"ab",'])
@pytest.mark.parametrize("megabytes", [1, 4])
def test_the_worst_that_is_let_through(unit, megabytes, tmp_path):
    (tmp_path / "bad").write_bytes(contents := hostile(unit, megabytes * 2**20))
    resident, traced = measured(tmp_path / "bad")
    assert resident < TIMES * len(contents) + ALLOWANCE
    assert traced < TIMES * len(contents) + ALLOWANCE
    if megabytes == 4:  # the allowance is for small files
        assert resident < TIMES * len(contents) + ALLOWANCE / 2


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize("unit", ["[],", "{},", '{"a":1},', "1e9,"])
def test_what_would_be_many_times_as_large_is_refused_before_it_is_made(unit, tmp_path):
    document, arrays = container.read(GOLDEN)
    text = json.dumps(document | {"notes": {"x": "ROWS"}, "sha256": ""}).replace(
        '"ROWS"', f"[{(unit * 2_000_000)[:-1]}]"
    )
    (tmp_path / "bad").write_bytes(contents := sealed(text, arrays))
    with pytest.raises(InputError, match=r"must take at most \d+ MB. Received: \d+ MB"):
        load(tmp_path / "bad")
    resident, traced = measured(tmp_path / "bad")
    assert max(resident, traced) < 3 * len(contents)


def test_many_small_arrays_are_refused(tmp_path):
    document, arrays = container.read(GOLDEN)
    many = arrays | {f"t{number}": np.zeros(1, np.float32) for number in range(200_000)}
    (tmp_path / "bad").write_bytes(sealed(json.dumps(document | {"sha256": ""}), many))
    with pytest.raises(InputError, match="must take at most"):
        load(tmp_path / "bad")


def test_other_letters_in_the_header_are_refused(tmp_path):
    """One of them would make the whole text four times as wide."""
    (tmp_path / "bad").write_bytes(pack({"parameters": np.zeros(3)}, {"glassnet": "\U0001f600" + "a" * 1000}))
    with pytest.raises(InputError, match="header of a model file must be plain ASCII"):
        load(tmp_path / "bad")


@needs_proc
def test_a_large_model_takes_a_few_times_its_size(tmp_path):
    save(NeuralNetwork(500, [4000, 10], dtype="float32", engine="reference"), tmp_path / "large")
    resident, _ = measured(tmp_path / "large")
    assert resident < 4 * (tmp_path / "large").stat().st_size


def test_what_would_not_be_read_is_not_written(tmp_path):
    from glassnet import NeuralRegressor

    model = NeuralRegressor(hidden_layers=2, epochs=1, preset="mlp", engine="reference").fit(np.eye(4), np.arange(4.0))
    model.notes_ = {"rows": [[]] * 10**6}
    with pytest.raises(InputError, match="Omit long lists from the notes"):
        save(model, tmp_path / "model")
    assert not list(tmp_path.iterdir())
    model.notes_ = {"rows": list(range(100_000)), "names": [f"列 {number}" for number in range(20_000)]}
    save(model, tmp_path / "model")
    assert load(tmp_path / "model").notes_ == model.notes_
