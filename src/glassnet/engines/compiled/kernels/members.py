"""Several members in one network: a row of all members' numbers lies in memory as so many rows of one member's."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import copy, gemm, load_all, matrix, offset, vector

MEMBERS, SUMS = Op.AUX, Op.AUX + 1
"""How many members there are, and where in E, behind the members' inputs, their sums lie."""


def copies_forward(number: Any) -> Any:
    """x for each member."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        width, members = o[Op.INPUTS], o[MEMBERS]
        for i in range(r[Run.ROWS]):
            x = offset(A, o[Op.X] + i * width)
            for m in range(members):
                copy(offset(A, o[Op.Y] + (i * members + m) * width), x, width)
        return 0.0

    return kernel


def copies_backward(number: Any) -> Any:
    """d_x is the sum of the members' d_a."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        width, members = o[Op.INPUTS], o[MEMBERS]
        for i in range(r[Run.ROWS]):
            d_x = vector(offset(D, o[Op.X] + i * width), width)
            d_y = matrix(offset(D, o[Op.Y] + i * members * width), members, width)
            for j in range(width):
                d_x[j] = zero
            for m in range(members):
                for j in range(width):
                    d_x[j] += d_y[m, j]
        return 0.0

    return kernel


def shared_forward(number: Any, f: Any, parameters: int) -> Any:
    """a = f((c (x · r) W) · s + b), the product of all members and rows at once.

    C holds f's parameters and c; P holds W, r, s and b.
    """
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        n, m, members = o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        rows = r[Run.ROWS] * members
        start = o[Op.P] + n * m
        before, behind = vector(offset(P, start), members * n), vector(offset(P, start + members * n), members * m)
        b = vector(offset(P, start + members * (n + m)), members * m)
        x, inputs = vector(offset(A, o[Op.X]), rows * n), vector(offset(E, o[Op.E]), rows * n)
        a, sums = vector(offset(A, o[Op.Y]), rows * m), vector(offset(E, o[SUMS]), rows * m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        for i in range(r[Run.ROWS]):
            for j in range(members * n):
                inputs[i * members * n + j] = x[i * members * n + j] * before[j]
        if rows > 0:
            gemm(False, False, rows, m, n, c, offset(E, o[Op.E]), offset(P, o[Op.P]), zero, offset(E, o[SUMS]))
        for i in range(r[Run.ROWS]):
            for j in range(members * m):
                a[i * members * m + j] = f(sums[i * members * m + j] * behind[j] + b[j], *q)
        return 0.0

    return kernel


def shared_backward(number: Any, derivative: Any, parameters: int) -> Any:
    """d_W, d_r, d_s, d_b and d_x; d_r needs the gradient of what goes into W, also where nothing before learns."""
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        n, m, members = o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        rows = r[Run.ROWS] * members
        start = o[Op.P] + n * m
        before, behind = vector(offset(P, start), members * n), vector(offset(P, start + members * n), members * m)
        b = vector(offset(P, start + members * (n + m)), members * m)
        d_adapters = vector(offset(G, start), members * (n + 2 * m))
        d_before, d_behind = vector(offset(G, start), members * n), vector(offset(G, start + members * n), members * m)
        d_b = vector(offset(G, start + members * (n + m)), members * m)
        x, d_x = vector(offset(A, o[Op.X]), rows * n), vector(offset(D, o[Op.X]), rows * n)
        a, d = vector(offset(A, o[Op.Y]), rows * m), vector(offset(D, o[Op.Y]), rows * m)
        sums = vector(offset(E, o[SUMS]), rows * m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        if r[Run.ACCUMULATE] == 0:
            for j in range(d_adapters.size):
                d_adapters[j] = zero
        for i in range(r[Run.ROWS]):
            at = i * members * m
            for j in range(members * m):
                z = sums[at + j] * behind[j] + b[j]
                d_z = d[at + j] * derivative(z, a[at + j], *q)
                d_b[j] += d_z
                d_behind[j] += d_z * sums[at + j]
                d[at + j] = d_z * behind[j]
        keep = one if r[Run.ACCUMULATE] else zero
        gemm(True, False, n, m, rows, c, offset(E, o[Op.E]), offset(D, o[Op.Y]), keep, offset(G, o[Op.P]))
        gemm(False, True, rows, n, m, c, offset(D, o[Op.Y]), offset(P, o[Op.P]), zero, offset(D, o[Op.X]))
        for i in range(r[Run.ROWS]):
            at = i * members * n
            for j in range(members * n):
                d_before[j] += d_x[at + j] * x[at + j]
                d_x[at + j] *= before[j]
        return 0.0

    return kernel


@register_jitable
def _apart(source: Any, rows: Any, members: Any, width: Any, target: Any) -> None:
    """From row after row of all members to member after member of all rows: BLAS wants one matrix in one piece."""
    for i in range(rows):
        for m in range(members):
            copy(offset(target, (m * rows + i) * width), offset(source, (i * members + m) * width), width)


def own_forward(number: Any, f: Any, parameters: int) -> Any:
    """a = f(c x W + b) with each member's own W; P holds all W, then b."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m, members = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        b = matrix(offset(P, o[Op.P] + members * n * m), members, m)
        a, sums = matrix(offset(A, o[Op.Y]), rows * members, m), matrix(offset(E, o[SUMS]), members * rows, m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        _apart(offset(A, o[Op.X]), rows, members, n, offset(E, o[Op.E]))
        for k in range(members):
            x, weights = offset(E, o[Op.E] + k * rows * n), offset(P, o[Op.P] + k * n * m)
            if rows > 0:
                gemm(False, False, rows, m, n, c, x, weights, zero, offset(E, o[SUMS] + k * rows * m))
            for i in range(rows):
                for j in range(m):
                    a[i * members + k, j] = f(sums[k * rows + i, j] + b[k, j], *q)
        return 0.0

    return kernel


def own_backward(number: Any, derivative: Any, parameters: int) -> Any:
    """d_W, d_b and d_x, member by member; d_z takes the place of the sums, d_x that of the inputs."""
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m, members = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        b = matrix(offset(P, o[Op.P] + members * n * m), members, m)
        d_b = matrix(offset(G, o[Op.P] + members * n * m), members, m)
        a, d = matrix(offset(A, o[Op.Y]), rows * members, m), matrix(offset(D, o[Op.Y]), rows * members, m)
        sums = matrix(offset(E, o[SUMS]), members * rows, m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        keep = one if r[Run.ACCUMULATE] else zero
        for k in range(members):
            if r[Run.ACCUMULATE] == 0:
                for j in range(m):
                    d_b[k, j] = zero
            for i in range(rows):
                for j in range(m):
                    z = sums[k * rows + i, j] + b[k, j]
                    d_z = d[i * members + k, j] * derivative(z, a[i * members + k, j], *q)
                    d_b[k, j] += d_z
                    sums[k * rows + i, j] = d_z
            x, d_z_all, weights = o[Op.E] + k * rows * n, o[SUMS] + k * rows * m, o[Op.P] + k * n * m
            gemm(True, False, n, m, rows, c, offset(E, x), offset(E, d_z_all), keep, offset(G, weights))
            if o[Op.WANT_DX]:
                gemm(False, True, rows, n, m, c, offset(E, d_z_all), offset(P, weights), zero, offset(E, x))
                for i in range(rows):
                    copy(offset(D, o[Op.X] + (i * members + k) * n), offset(E, x + i * n), n)
        return 0.0

    return kernel
