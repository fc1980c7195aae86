"""64-bit ARM, emulated: the engine's own texts, compiled for it, leave the bits in memory that this processor does."""

from __future__ import annotations

import ctypes
import re
import weakref

import numpy as np
import pytest
from llvmlite import binding as llvm

from glassnet import Dense, NeuralNetwork
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled import approximations, jit, reuse
from glassnet.engines.compiled.code import NUMBER, Code
from glassnet.engines.compiled.execution import Execution
from glassnet.engines.compiled.kernels.product import tile_name, tile_widths
from glassnet.engines.compiled.kernels.rounded_product import ROUNDED
from glassnet.engines.compiled.llvm import processor
from glassnet.engines.compiled.program import Program
from glassnet.formulas import elementary as formulas
from glassnet.formulas.random import random_bits
from tests.engines.compiled import test_bits, test_elementary
from tests.engines.compiled import test_products as products
from tests.engines.compiled.emulation import MISSING, NEON, Emulated, assembly, product
from tests.engines.compiled.test_elementary import points

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"ARM is emulated, which needs {' and '.join(MISSING)}"),
    pytest.mark.skipif(
        processor().family != "x86" or not llvm.get_host_cpu_features().get("fma"),
        reason="compared with an x86 processor that has fused multiply-adds",
    ),
]
PRECISIONS = ("float32", "float64")
LINE = 64


def memories(thing, found, seen):
    """The memories of all arrays that can be reached from a thing, by where they begin."""
    if isinstance(thing, weakref.ref):
        thing = thing()
    if isinstance(thing, np.ndarray):
        while isinstance(thing.base, np.ndarray):
            thing = thing.base
        if thing.size:
            found[thing.ctypes.data] = thing
    elif isinstance(thing, (list, tuple, dict)):
        for part in thing.values() if isinstance(thing, dict) else thing:
            memories(part, found, seen)
    elif type(thing).__module__.startswith("glassnet.") and id(thing) not in seen:
        seen.add(id(thing))
        memories(getattr(thing, "__dict__", {}), found, seen)
    return found


class Stretch:
    """What the driver found in memory, and what it left there."""

    def __init__(self, machinery, worker, run):
        arrays = dict(sorted(memories(machinery, {}, set()).items()))
        self.starts, self.sizes = np.array(list(arrays)), np.array([array.nbytes for array in arrays.values()])
        self.tables = [array.dtype == np.int64 for array in arrays.values()]
        # what kernels only need while they run; products need another room for every width of vectors
        idle = memories([machinery.panels, machinery.scratch], {}, set())
        self.compared = [start not in idle for start in arrays]
        room = max(products.room(one, NEON) for one in (machinery.program.precision, ROUNDED)) * 8 + LINE
        rooms = np.where(self.compared, self.sizes, np.maximum(self.sizes, room))
        self.rooms = -(-rooms // LINE) * LINE
        self.offsets = np.cumsum(self.rooms) - self.rooms
        self.table = machinery.tables[worker]
        self.before = self._memory()
        run()
        self.after = self._memory()

    def _memory(self):
        return [ctypes.string_at(*place) for place in zip(self.starts.tolist(), self.sizes.tolist(), strict=True)]

    def moved(self, addresses, begin):
        """What stands there for addresses here, if the memories lie behind each other from `begin` on."""
        number = np.maximum(np.searchsorted(self.starts, addresses, "right") - 1, 0)
        further = addresses - self.starts[number]
        inside = (further >= 0) & (further < self.sizes[number])
        return np.where(inside, begin + self.offsets[number] + further, addresses)

    def there(self, memory, begin, kernels):
        """Memories as they are there, where kernels lie elsewhere, too."""
        parts = []
        for part, table in zip(memory, self.tables, strict=True):
            words = np.frombuffer(part, np.int64 if table else np.uint8)
            if table:
                words = self.moved(words, begin)
                for here, there in kernels.items():
                    words = np.where(words == here, there, words)
            parts.append(words.tobytes())
        return parts

    def left_by(self, arm, driver, kernels):
        """The numbers of the memories that an ARM processor leaves otherwise than this one did."""
        begin = arm.begin(1)
        parts = self.there(self.before, begin, kernels)
        image = b"".join(part.ljust(room, b"\0") for part, room in zip(parts, self.rooms, strict=True))
        left = arm.run([(driver, 0, int(self.moved(np.array([self.table]), begin)[0]))], image)
        wanted = self.there(self.after, begin, kernels)
        found = [left[offset : offset + size] for offset, size in zip(self.offsets, self.sizes, strict=True)]
        return [n for n, compared in enumerate(self.compared) if compared and found[n] != wanted[n]]


@pytest.fixture
def recorded(monkeypatch):
    """The texts of all kernels that the engine takes, by their addresses, and what its driver does."""
    texts, stretches = {}, []
    compile_one, run_worker = Program.compiled, Execution.run_worker

    def compiled(program, what, builder, *ingredients):
        address = compile_one(program, what, builder, *ingredients)
        texts[address] = jit.text_of(builder, program.precision, *ingredients, target=NEON)
        return address

    def work(machinery, worker):
        stretches.append(Stretch(machinery, worker, lambda: run_worker(machinery, worker)))

    monkeypatch.setattr(reuse, "_lowered", {})  # of a network lowered before no kernel would be asked for
    monkeypatch.setattr(Program, "compiled", compiled)
    monkeypatch.setattr(Execution, "run_worker", work)
    return texts, stretches


def differing(recorded, precision, folder):
    """What an ARM processor leaves otherwise, of each stretch."""
    texts, stretches = recorded
    driver = jit.text_of("driver.drive", precision, False, random_bits, target=NEON)
    arm = Emulated([*dict.fromkeys(texts.values()), driver], precision, folder)
    kernels = {here: arm.kernels[text] for here, text in texts.items()}
    assert len(stretches) > 2
    return [stretch.left_by(arm, arm.kernels[driver], kernels) for stretch in stretches]


@pytest.mark.sample(2)
@test_bits.each
def test_training_and_prediction(name, way, dtype, recorded, tmp_path):
    test_bits.trained(name, way, dtype, 1)
    assert not any(differing(recorded, dtype, tmp_path))


@pytest.mark.parametrize(("precision", "small"), [("float32", 1e-40), ("float64", 1e-310)])
def test_numbers_too_small_for_a_normal_exponent(precision, small, recorded, tmp_path):
    network = NeuralNetwork(1, [Dense(1, bias=False)], dtype=precision, engine=CompiledEngine(1))
    network.parameters[...] = 1
    x = np.array([small, 1e5 * small, -small, 1.0])
    network.predict(x[:, None])
    network.train(x[:, None], x, epochs=3)
    assert not any(differing(recorded, precision, tmp_path))


@pytest.mark.parametrize("precision", [*PRECISIONS, ROUNDED])
def test_products(precision, tmp_path):
    dtype = "float32" if precision == ROUNDED else precision
    arm, wanted, parts, calls = Emulated([], precision, tmp_path), [], [], []
    cases = [(*case, add) for case in products.ALL for add in (False, True)]
    begin = place = arm.begin(len(cases))
    panel = np.zeros(products.room(precision, NEON), dtype)

    def put(array):
        """A whole array there; gives the address of a part of it that begins where it does."""
        nonlocal place
        parts.append(array.tobytes().ljust(-(-array.nbytes // LINE) * LINE, b"\0"))
        place += len(parts[-1])
        return place - len(parts[-1])

    room = put(panel)
    for *case, add in cases:
        A, B, C = products.matrices(dtype, *case)
        given = [(put(matrix.base), *matrix.strides) for matrix in (A, B, C)]
        sizes = A.shape[0], B.shape[1], A.shape[1], int(add)
        calls.append((arm.product, *given[0], *given[1], *sizes, *given[2], room))
        products.multiply(A, B, C, add, precision)
        wanted.append((given[2][0] - begin, C.base.tobytes()))
    left = arm.run(calls, b"".join(parts))
    assert [left[start : start + len(bits)] == bits for start, bits in wanted] == [True] * len(cases)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_elementary_functions(precision, tmp_path):
    """On all kinds of numbers, subnormal and infinite ones, too; what NaN is made of does not matter."""
    number, x = NUMBER[precision], points(precision)[::5]
    texts = {}
    for name in approximations.ULPS:
        code = Code("kernel", "void", [("x", f"*{number}"), ("y", f"*{number}"), ("n", "i64")], NEON)
        formula = code.formula(getattr(formulas, name))
        for i in code.range(code.n):
            code.y[i] = formula(code.x[i])
        texts[name] = code.text()
    arm = Emulated(list(texts.values()), precision, tmp_path)
    begin, size = arm.begin(len(texts)), x.nbytes
    calls = [(arm.kernels[text], begin, begin + (1 + n) * size, x.size) for n, text in enumerate(texts.values())]
    left = arm.run(calls, x.tobytes() + bytes(len(texts) * size))
    for n, name in enumerate(texts):
        there = np.frombuffer(left, x.dtype, x.size, (1 + n) * size)
        here = test_elementary.elementary(name, precision)(x)
        same = (here.view(f"u{x.itemsize}") == there.view(f"u{x.itemsize}")) | (np.isnan(here) & np.isnan(there))
        assert same.all(), f"{name}({x[np.argmin(same)]!r})"


def in_loop(precision, tile):
    """The instructions of a tile's loop."""
    code = assembly(product(precision), 0)
    text = re.search(rf"^{tile}:.*?^\.Lfunc_end", code, re.M | re.S).group()
    (loop,) = (part for part in re.split(r"^\.LBB\w+:", text, flags=re.M) if "fmla" in part)
    return loop.partition("b.gt")[0]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_tile_needs_no_memory_but_its_matrices(precision):
    """Its loop is of fused multiply-adds of whole vectors, and what does not fit into registers would be seen."""
    width = tile_widths(NEON, precision)[0]
    loop = in_loop(precision, tile_name(width, width.heights[0]))
    assert len(re.findall(r"fmla\tv\d+\.(?:4s|2d)", loop)) == width.vectors * width.heights[0]
    assert not re.search(r"\[sp|str|stp|stur", loop)


@pytest.mark.parametrize("tile", ["tile_6", "tile_6_part", "tile_3"])
def test_both_chains_of_a_tile_are_in_registers(tile):
    loop = in_loop(ROUNDED, tile)
    assert loop.count("fmla\tv") == 2 * 2 * int(tile[5])
    assert not re.search(r"\[sp|str|stp|stur", loop)
