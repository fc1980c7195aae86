"""The compiled engine's products of matrices: each number is one chain of fused multiply-adds, on every processor."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from llvmlite import binding as llvm

from glassnet.engines.compiled import jit
from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.kernels.product import ARGUMENTS, product_room
from glassnet.engines.compiled.kernels.rounded_product import ROUNDED, rounded_product_room
from glassnet.engines.compiled.llvm import LEVELS

SIZES = [
    (0, 3, 2),
    (3, 0, 2),
    (3, 4, 0),
    (1, 1, 1),
    (1, 200, 70),
    (5, 3, 9),
    (17, 33, 45),
    (131, 117, 40),
    (100, 3, 64),
]
SIZES += [(64, 1, 33), (33, 10, 700), (40, 130, 513), (20, 8, 5), (7, 100, 1)]
"""Rows, columns, and numbers in a sum: nothing, tiles of every width and height, more than goes in one go."""
PRECISIONS = ("float32", "float64")


def room(precision, target=None):
    """The numbers of memory that a product needs."""
    return rounded_product_room() if precision == ROUNDED else product_room(precision, target)


def multiply(A, B, C, add=False, precision=None, product=None):
    """C = A B or C += A B, by the address that kernels call."""
    precision = precision or A.dtype.name
    product = product or python_callable(jit.product(precision), len(ARGUMENTS))
    panel = np.full(room(precision), np.nan, A.dtype)
    sizes = A.shape[0], B.shape[1], A.shape[1], int(add)
    product(*_where(A), *_where(B), *sizes, *_where(C), panel.ctypes.data)
    return C


def _where(matrix):
    return matrix.ctypes.data, *matrix.strides


def matrices(precision, m, n, k, turn_a, turn_b, seed=0):
    """A, B and C with gaps between their rows, or their columns."""
    rng = np.random.default_rng(seed)

    def matrix(rows, columns, turned=False):
        if turned:
            return matrix(columns, rows).T
        return rng.standard_normal((rows, columns + 3)).astype(precision)[:, :columns]

    return matrix(m, k, turn_a), matrix(k, n, turn_b), matrix(m, n)


ALL = [(*sizes, *turned) for sizes in SIZES for turned in itertools.product((False, True), repeat=2)]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("add", [False, True])
def test_products_are_right_to_rounding(precision, add):
    for case in ALL:
        A, B, C = matrices(precision, *case)
        exact = A.astype(np.longdouble) @ B.astype(np.longdouble) + add * C
        bound = (len(B) + 2) * np.finfo(precision).eps * (np.abs(A) @ np.abs(B) + np.abs(C))
        result = multiply(A, B, C.copy() if C.size else C, add)
        assert (np.abs(result - exact) <= bound).all(), case


def test_what_lies_around_a_product_is_left_alone():
    A, B, _ = matrices("float32", 37, 45, 20, False, False)
    around = np.full((39, 50), 7, np.float32)
    multiply(A, B, around[1:-1, 2:-3])
    around[1:-1, 2:-3] = 7
    assert (around == 7).all()


def test_a_number_is_one_chain_of_fused_multiply_adds():
    A, B, C = matrices("float64", 3, 5, 30, False, True)
    chains = [[Fraction(c) for c in row] for row in C]
    for i, j, k in itertools.product(range(3), range(5), range(30)):
        chains[i][j] = Fraction(float(Fraction(A[i, k]) * Fraction(B[k, j]) + chains[i][j]))
    assert (multiply(A, B, C, add=True) == np.array(chains, float)).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_number_is_the_same_in_whatever_company(precision):
    for m, n, k in [(131, 117, 40), (33, 10, 700), (64, 1, 33), (90, 130, 513)]:
        A, B, C = matrices(precision, m, n, k, False, False)
        whole = multiply(A, B, C.copy())
        for rows, columns in itertools.product([slice(3, 4), slice(5, 19), slice(20, 33)], [slice(0, 1), slice(0, n)]):
            part = A[rows], B[:, columns]
            assert (multiply(*part, np.empty_like(whole[rows, columns])) == whole[rows, columns]).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_sum_in_parts_goes_on_where_it_was(precision):
    A, B, C = matrices(precision, 30, 50, 80, True, False)
    whole = multiply(A, B, np.empty_like(C))
    assert (multiply(A[:, 33:], B[33:], multiply(A[:, :33], B[:33], np.empty_like(C)), add=True) == whole).all()


def digest():
    """Of all products."""
    found = hashlib.sha256()
    for precision, add, case in itertools.product(PRECISIONS, (False, True), ALL):
        A, B, C = matrices(precision, *case)
        found.update(np.ascontiguousarray(multiply(A, B, C, add)).tobytes())
    return found.hexdigest()


NEEDS = {"x86-64-v2": "sse4.2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}


def said(function, level, module=__name__):
    """What a function of a file says, with code for another level of processors."""
    if not llvm.get_host_cpu_features().get(NEEDS[level]):
        pytest.skip(f"this processor is below {level}")
    code = f"from {module} import {function}; print({function}())"
    environment = os.environ | {"GLASSNET_PROCESSOR": level, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.once  # each starts a process
@pytest.mark.parametrize("level", LEVELS)
def test_all_processors_multiply_to_the_same_bits(level):
    assert said("digest", level) == digest()


def test_an_unknown_processor_is_refused():
    environment = os.environ | {"GLASSNET_PROCESSOR": "z80"}
    code = "from glassnet.engines.compiled.llvm import processor; processor()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "GLASSNET_PROCESSOR is one of x86-64-v2, x86-64-v3, x86-64-v4, on x86-64. Received: z80" in done.stderr
