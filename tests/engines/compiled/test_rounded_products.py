"""Products of numbers rounded to bfloat16: two chains of multiply-adds in every block of 32, on every processor."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import threading

import numpy as np
import pytest
from llvmlite import binding as llvm

from glassnet import Dense, NeuralNetwork, Residual
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled import jit, wasm
from glassnet.engines.compiled.code.kernel import product_symbol, python_callable
from glassnet.engines.compiled.kernels.matrix_unit import OPERATIONS
from glassnet.engines.compiled.kernels.product import ARGUMENTS
from glassnet.engines.compiled.kernels.rounded_product import ROUNDED, rounded_product_text
from glassnet.engines.compiled.llvm import LEVELS, optimised, processor
from tests.engines.compiled import test_products as products
from tests.engines.compiled.emulated_unit import EmulatedUnit
from tests.engines.compiled.test_products import matrices, multiply, said
from tests.node import run_node

MORE = [(33, 48, 32), (100, 530, 33), (200, 40, 300)]
"""Sizes with whole tiles, and with more than is packed at a time of every axis."""
ALL = [*products.ALL, *((*sizes, *turned) for sizes in MORE for turned in itertools.product((False, True), repeat=2))]
SIDES = list(itertools.product((False, True), repeat=2))
SMALL, LARGE = 2.0**-56, 2.0**64


def rounded(x):
    """x in eight binary digits, between the smallest number that is not zero and infinity."""
    with np.errstate(all="ignore"):
        digits, exponents = np.frexp(x.astype(np.float64))
        found = np.ldexp(np.rint(digits * 256) / 256, exponents)
        found = np.where(np.abs(found) < SMALL, 0, found)
        return np.where(np.abs(found) >= LARGE, np.copysign(np.inf, found), found).astype(np.float32)


def chains(A, B, C):
    """The product in its order, added to C."""
    A, B = rounded(A), rounded(B)
    for start in range(0, A.shape[1], 32):
        even = odd = np.zeros_like(C)
        for k in range(start, min(start + 32, A.shape[1]), 2):
            even = even + A[:, k, None] * B[k]
            odd = odd + A[:, k + 1, None] * B[k + 1] if k + 1 < A.shape[1] else odd
        C = C + (even + odd)
    return C


@pytest.mark.parametrize("add", [False, True])
def test_a_number_is_the_sum_of_two_chains_in_each_block(add):
    for case in ALL:
        A, B, C = matrices("float32", *case)
        wanted = chains(A, B, C if add else np.zeros_like(C))
        assert (multiply(A, B, C.copy() if C.size else C, add, ROUNDED) == wanted).all(), case


FEW_ROWS = [(1, 64, 100), (2, 45, 33), (4, 530, 31), (5, 33, 300), (6, 32, 1), (7, 100, 64)]


def few_rows(sizes, unusual=()):
    """A few rows and weights of usual sizes, of which one is another number in each of these rows of B."""
    A, B, C = matrices("float32", *sizes, False, False)
    B *= np.float32(0.05)
    for row, number in unusual:
        B[row, 7] = number
    return A, B, C


@pytest.mark.parametrize("number", [0, 3, 1e-12, 2**-57 * 1.999, 1e-40, 2.0**64, 1e38, np.inf, np.nan])
def test_a_few_rows_are_multiplied_alike_whatever_the_weights(number):
    for sizes in FEW_ROWS:
        for places in ([], [0], [sizes[2] // 2], [sizes[2] - 1]):
            A, B, C = few_rows(sizes, [(place, number) for place in places])
            for add in (False, True):
                with np.errstate(all="ignore"):
                    wanted = chains(A, B, C if add else np.zeros_like(C))
                np.testing.assert_array_equal(multiply(A, B, C.copy(), add, ROUNDED), wanted)


def values():
    """Numbers around everything that rounding decides."""
    exponents = np.arange(256, dtype=np.uint32)[:, None] << 23
    ends = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0x17FFF, 0x18000, 0x18001, 0x7F7FFF, 0x7F8000, 0x7FFFFF], np.uint32)
    found = (exponents | ends).ravel()
    return np.concatenate([found, found | np.uint32(1 << 31)]).view(np.float32)


def of_each_alone(numbers, turned, of_b, product=multiply):
    """Sums of one number each: an operand as products take it."""
    matrix = np.zeros((3, len(numbers)) if of_b else (len(numbers), 3), np.float32)
    (matrix if of_b else matrix.T)[0] = numbers
    matrix = np.ascontiguousarray(matrix.T).T if turned else matrix
    ones = np.ones((2, 3) if of_b else (3, 2), np.float32)
    result = np.empty((2, len(numbers)) if of_b else (len(numbers), 2), np.float32)
    product(*((ones, matrix) if of_b else (matrix, ones)), result, False, ROUNDED)
    return result[0] if of_b else result[:, 0]


@pytest.mark.parametrize(("turned", "of_b"), SIDES)
def test_operands_are_rounded_to_nearest_even(turned, of_b):
    numbers = np.concatenate([values(), values()[:27]])  # the last vectors are not full
    np.testing.assert_array_equal(of_each_alone(numbers, turned, of_b), rounded(numbers))


def test_what_lies_around_a_product_is_left_alone():
    for m, n in [(37, 45), (3, 16), (64, 64)]:
        A, B, _ = matrices("float32", m, n, 20, False, False)
        around = np.full((m + 2, n + 5), 7, np.float32)
        multiply(A, B, around[1:-1, 2:-3], precision=ROUNDED)
        around[1:-1, 2:-3] = 7
        assert (around == 7).all()


def test_a_number_is_the_same_in_whatever_company():
    A, B, C = matrices("float32", 131, 117, 150, False, False)
    whole = multiply(A, B, C.copy(), precision=ROUNDED)
    for rows, columns in itertools.product([slice(3, 4), slice(5, 19), slice(20, 33)], [slice(0, 1), slice(0, 117)]):
        part = A[rows], B[:, columns]
        assert (multiply(*part, np.empty_like(whole[rows, columns]), precision=ROUNDED) == whole[rows, columns]).all()


def test_a_sum_in_whole_blocks_goes_on_where_it_was():
    A, B, C = matrices("float32", 30, 50, 80, True, False)
    whole = multiply(A, B, np.empty_like(C), precision=ROUNDED)
    first = multiply(A[:, :32], B[:32], np.empty_like(C), precision=ROUNDED)
    assert (multiply(A[:, 32:], B[32:], first, True, ROUNDED) == whole).all()


def operands():
    """A, B and C of all sizes."""
    return [matrices("float32", *case) for case in ALL] + [few_rows(sizes) for sizes in FEW_ROWS]


def digest(product=multiply):
    """Of all products; what NaN is made of does not matter."""
    found = hashlib.sha256()
    for side in SIDES:
        alone = of_each_alone(values(), *side, product)
        found.update(np.where(np.isnan(alone), 0, alone).tobytes())
    for add, (A, B, C) in itertools.product((False, True), operands()):
        found.update(np.ascontiguousarray(product(A, B, C, add, ROUNDED)).tobytes())
    return found.hexdigest()


@pytest.mark.slow
@pytest.mark.once  # each starts a process
@pytest.mark.parametrize("level", LEVELS)
def test_all_processors_multiply_to_the_same_bits(level):
    assert said("digest", level, __name__) == digest()


# ------------------------------------------------------------ the matrix unit


@pytest.fixture
def with_unit():
    """As if this processor had the unit."""
    if processor().bits != 512:
        pytest.skip("processors with the unit have vectors of 512 bits")
    return processor()._replace(matrix_unit=True)


@pytest.mark.slow
def test_the_matrix_unit_would_multiply_to_the_same_bits(with_unit):
    """Emulated: the text of the kernel itself calls the unit's operations."""
    unit = EmulatedUnit()
    text = unit.instead_of_the_real_one(rounded_product_text(with_unit))
    product = python_callable(jit._loaded_or_compiled("product", text, product_symbol(ROUNDED), 0), len(ARGUMENTS))
    with_it = digest(lambda *of: multiply(*of, product=product))
    assert unit.faults == []
    assert unit.counts["tdpbf16ps"] > 1000
    assert not unit.tiles, "released"
    assert with_it == digest()


def test_the_kernel_is_made_of_the_unit_s_instructions(with_unit):
    target = llvm.Target.from_default_triple().create_target_machine(cpu=with_unit.name, features=with_unit.features)
    code = target.emit_assembly(optimised(rounded_product_text(with_unit), 0, target))
    found = re.findall(r"^\t(tile\w+|ldtilecfg|tdp\w+)", code, re.M)
    assert {name: found.count(name) for name in set(found)} == {
        "ldtilecfg": 1,
        "tilerelease": 1,
        "tilezero": 9,
        "tilestored": 9,
        "tdpbf16ps": 9,
        "tileloadd": 9 + 2 * (1 + 1 + 2 + 2),
    }
    assert len(OPERATIONS) == 6


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_threads_forks_and_signals_leave_a_product_alone():
    """The unit has registers that a thread, a child, a handler must not mix up; it is asked for once per process."""
    A, B, C = matrices("float32", 150, 200, 300, True, False)
    wanted = multiply(A, B, C.copy(), precision=ROUNDED)
    results, handled = [], []

    def work():
        results.extend(multiply(A, B, C.copy(), precision=ROUNDED) for _ in range(20))

    def handle(*_):
        handled.append(multiply(A[:40], B, C[:40].copy(), precision=ROUNDED))

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)
    try:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        while not handled:
            work()
        for thread in threads:
            thread.join()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    child = os.fork()
    if not child:
        os._exit(int((multiply(A, B, C.copy(), precision=ROUNDED) != wanted).any()))
    assert os.waitpid(child, 0)[1] == 0
    assert all((result == wanted).all() for result in results)
    assert all((result == wanted[:40]).all() for result in handled)


# --------------------------------------------------------------- WebAssembly

SCRIPT = """
import fs from "fs";
const { instance } = await WebAssembly.instantiate(fs.readFileSync("product.wasm"), { env: {} });
const { memory, %s: product, __heap_base: base } = instance.exports;
const image = fs.readFileSync("image"), calls = JSON.parse(fs.readFileSync("calls.json"));
const begin = Math.ceil(base.value / 64) * 64;
memory.grow(Math.ceil((begin + image.length) / 65536));
new Uint8Array(memory.buffer).set(image, begin);
for (const { numbers, places } of calls)
  product(...numbers.map((number, i) => BigInt(number + (places.includes(i) ? begin : 0))));
fs.writeFileSync("left", new Uint8Array(memory.buffer, begin, image.length));
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(wasm.LINKER), reason="wasm-ld is not installed")
@pytest.mark.parametrize("module", wasm.MODULES)
def test_webassembly_multiplies_to_the_same_bits(module, tmp_path):
    (tmp_path / "product.o").write_bytes(wasm._object(rounded_product_text(wasm.TARGET), 0, wasm.MODULES[module]))
    symbol = product_symbol(ROUNDED)
    exported = ["--no-entry", f"--export={symbol}", "--export=__heap_base", "-o", "product.wasm"]
    subprocess.run([wasm.LINKER, "product.o", *exported], cwd=tmp_path, check=True)
    image, calls, wanted = bytearray(4 * products.room(ROUNDED)), [], []
    for add, (A, B, C) in itertools.product((False, True), operands()):
        places = []
        for matrix in (A, B, C):
            places.append(len(image))
            image += matrix.base.tobytes()
        strides = [(place, *matrix.strides) for place, matrix in zip(places, (A, B, C), strict=True)]
        sizes = A.shape[0], B.shape[1], A.shape[1], int(add)
        calls.append({"numbers": [*strides[0], *strides[1], *sizes, *strides[2], 0], "places": [0, 3, 10, 13]})
        multiply(A, B, C, add, ROUNDED)
        wanted.append((places[2], C.base.tobytes()))
    (tmp_path / "image").write_bytes(image)
    (tmp_path / "calls.json").write_text(json.dumps(calls))
    (tmp_path / "script.mjs").write_text(SCRIPT % symbol)
    run_node("script.mjs", folder=tmp_path)
    left = (tmp_path / "left").read_bytes()
    assert [left[start : start + len(bits)] == bits for start, bits in wanted] == [True] * len(wanted)


# ---------------------------------------------------------------------- networks
# Networks that round the operands of their products to bfloat16: both engines compute the same bits.


def network(engine, activation="relu"):
    layers = [
        Dense(40, activation, products="bfloat16"),
        Residual([Dense(40, activation, products="bfloat16", parametrization="ntk")]),
        Dense(1, products="bfloat16"),
    ]
    return NeuralNetwork(8, layers, dtype="float32", engine=engine)


def rows(count=200):
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, 8)), rng.normal(size=count)


def test_both_engines_predict_the_same_bits_where_no_other_function_rounds():
    X, _ = rows()
    assert network("compiled").predict(X).tobytes() == network("reference").predict(X).tobytes()


@pytest.mark.parametrize("count", [64, 300, 513])
def test_both_engines_have_the_same_gradient_of_weights_where_no_other_function_rounds(count):
    """The compiled one takes at most 256 rows at a time."""
    X, y = rows(count)
    gradients = []
    for engine in (CompiledEngine(1), CompiledEngine(2), "reference"):
        model = network(engine)
        data = model.check_data(X, y, None)
        with model.engine.objective(model, *data) as objective:
            named = model.layout.named(objective()[1])
        gradients.append([named[name].tobytes() for name in named if name.endswith("W")])
    assert gradients[0] == gradients[1] == gradients[2]


def test_both_engines_train_alike():
    X, y = rows()
    models = [network(engine, "gelu") for engine in ("compiled", "reference")]
    for model in models:
        model.train(X, y, epochs=1, batch_size=100)
    assert np.allclose(models[0].parameters, models[1].parameters, atol=1e-5)
