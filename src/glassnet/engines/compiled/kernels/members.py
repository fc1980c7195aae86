"""Several members in one network: a row of all members' numbers lies in memory as so many rows of one member's."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import copy, load_all, matrix, offset, pointer, product, vector

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

    C holds f's parameters and c; P holds W, r, s and b. c (x · r) W is kept in E.
    """

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
        W, panel = offset(P, o[Op.P]), pointer(r[Run.PANEL], P)
        product(offset(E, o[Op.E]), n, 1, W, m, 1, rows, m, n, False, offset(E, o[SUMS]), m, panel)
        for i in range(r[Run.ROWS]):
            at = i * members * m
            for j in range(members * m):
                sums[at + j] *= c
                a[at + j] = f(sums[at + j] * behind[j] + b[j], *q)
        return 0.0

    return kernel


def shared_backward(number: Any, derivative: Any, parameters: int) -> Any:
    """d_W, d_r, d_s, d_b and d_x; d_r needs the gradient of what goes into W, also where nothing before learns."""
    zero = number(0)

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
                d[at + j] = c * d_z * behind[j]
        d_sums, panel, more = offset(D, o[Op.Y]), pointer(r[Run.PANEL], P), r[Run.ACCUMULATE] != 0
        product(offset(E, o[Op.E]), 1, n, d_sums, m, 1, n, m, rows, more, offset(G, o[Op.P]), m, panel)
        product(d_sums, m, 1, offset(P, o[Op.P]), 1, m, rows, n, m, False, offset(D, o[Op.X]), n, panel)
        for i in range(r[Run.ROWS]):
            at = i * members * n
            for j in range(members * n):
                d_before[j] += d_x[at + j] * x[at + j]
                d_x[at + j] *= before[j]
        return 0.0

    return kernel


def own_forward(number: Any, f: Any, parameters: int) -> Any:
    """a = f(c x W + b) with each member's own W; P holds all W, then b. c x W is kept in E."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m, members = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        b, panel = vector(offset(P, o[Op.P] + members * n * m), members * m), pointer(r[Run.PANEL], P)
        a, sums = matrix(offset(A, o[Op.Y]), rows, members * m), matrix(offset(E, o[SUMS]), rows, members * m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        for k in range(members):
            x, weights, out = offset(A, o[Op.X] + k * n), offset(P, o[Op.P] + k * n * m), offset(E, o[SUMS] + k * m)
            product(x, members * n, 1, weights, m, 1, rows, m, n, False, out, members * m, panel)
        for i in range(rows):
            for j in range(members * m):
                sums[i, j] *= c
                a[i, j] = f(sums[i, j] + b[j], *q)
        return 0.0

    return kernel


def own_backward(number: Any, derivative: Any, parameters: int) -> Any:
    """d_W, d_b and d_x, the products member by member; c d_z takes the place of the sums."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m, members = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS], o[MEMBERS]
        b = vector(offset(P, o[Op.P] + members * n * m), members * m)
        d_b = vector(offset(G, o[Op.P] + members * n * m), members * m)
        a, d = matrix(offset(A, o[Op.Y]), rows, members * m), matrix(offset(D, o[Op.Y]), rows, members * m)
        sums = matrix(offset(E, o[SUMS]), rows, members * m)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        panel, more = pointer(r[Run.PANEL], P), r[Run.ACCUMULATE] != 0
        if not more:
            for j in range(members * m):
                d_b[j] = zero
        for i in range(rows):
            for j in range(members * m):
                d_z = d[i, j] * derivative(sums[i, j] + b[j], a[i, j], *q)
                d_b[j] += d_z
                sums[i, j] = c * d_z
        for k in range(members):
            x, d_sums, weights = offset(A, o[Op.X] + k * n), offset(E, o[SUMS] + k * m), o[Op.P] + k * n * m
            product(x, 1, members * n, d_sums, members * m, 1, n, m, rows, more, offset(G, weights), m, panel)
            if o[Op.WANT_DX]:
                d_x = offset(D, o[Op.X] + k * n)
                product(d_sums, members * m, 1, offset(P, weights), 1, m, rows, n, m, False, d_x, members * n, panel)
        return 0.0

    return kernel
