"""Several members in one network: a row of all members' numbers lies in memory as so many rows of one member's."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.program import Program, reductions_of
from glassnet.engines.compiled.rows import LANES, side_by_side
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.layers import Copies, MemberDense

__all__ = ["lower_copies", "lower_dense"]

IDENTITY = ACTIVATIONS.get("identity")

MEMBERS, SUMS, D_Z, D_INPUTS = range(Op.AUX, Op.AUX + 4)
"""How many members there are, and where in E their sums lie, the gradients of z, and those of the inputs."""


def lower_copies(program: Program, layer: Copies, width: int, x: int, number: int) -> tuple[int, int]:
    """The operation of a row for each member."""
    forward = program.compiled(layer, "members.copies_forward")
    backward = program.compiled(layer, "members.copies_backward") if program.want_dx else 0
    y = program.region(layer.members * width)
    op = program.add(forward, backward, INPUTS=width, X=x, Y=y)
    op[MEMBERS] = layer.members
    return layer.members * width, y


def lower_dense(program: Program, layer: MemberDense, width: int, x: int, number: int) -> tuple[int, int]:
    """The operation of all members, and one for an activation of whole rows."""
    want_dx, members, each = program.want_dx, layer.members, layer.inputs_each(width)
    p, _ = program.learned(layer, width)
    f = layer.f if layer.f.elementwise else IDENTITY
    kind, count = "shared" if layer.shared else "own", len(f.values)
    forward, backward, learn = program.compiled(f, f"members.{kind}_forward", f.function, count), 0, 0
    if program.training:
        backward = program.compiled(f, f"members.{kind}_backward", f.derivative, count)
        learn = program.compiled(f, f"members.{kind}_learn", *(() if layer.shared else (count,)))
    y, c = program.region(members * layer.units), program.constant(*f.values, layer.share(width))
    places = {"INPUTS": each, "OUTPUTS": layer.units, "X": x, "Y": y, "P": p, "C": c, "WANT_DX": int(want_dx)}
    op = program.add(forward, backward, learn, **places, E=program.keep(program.rows * width))
    outputs, program.scattered = program.rows * members * layer.units, True
    op[MEMBERS : D_INPUTS + 1] = [
        members,
        program.keep(outputs),
        program.keep(outputs),
        program.keep(program.rows * width),
    ]
    if f is not layer.f:
        y = _activate(program, layer.f, layer.units, y, members)
    return members * layer.units, y


def _activate(program: Program, f: Activation, width: int, x: int, members: int) -> int:
    """An activation of whole rows, of each member by itself; gives the place of its output."""
    y, c, count = program.region(members * width), program.constant(*f.values), len(f.values)
    forward, backward = program.compiled(f, "members.rows_forward", f.function, count), 0
    spare = reductions_of(f.function, 1, count)
    if program.training:
        backward = program.compiled(f, "members.rows_backward", f.derivative, count)
        spare = max(spare, reductions_of(f.derivative, 3, count))
    program.need_scratch((4 * width + spare) * LANES)
    op = program.add(forward, backward, INPUTS=width, X=x, Y=y, C=c)
    op[MEMBERS] = members
    return y


def copies_forward(k: Kernel) -> None:
    """x for each member."""
    width, members = k.op[Op.INPUTS], k.op[MEMBERS]
    x, y = k.of_rows(k.A, Op.X, width).start, k.of_rows(k.A, Op.Y, members * width).start
    for i, m in k.each(k.rows, members):
        (y + (i * members + m) * width).copy(x + i * width, width)


def copies_backward(k: Kernel) -> None:
    """d_x is the sum of the members' d_a."""
    width, members = k.op[Op.INPUTS], k.op[MEMBERS]
    d_x, d_y = k.of_rows(k.D, Op.X, width), k.of_rows(k.D, Op.Y, members * width)
    for i in k.range(k.rows):
        (d_x.start + i * width).fill(width, 0.0)
        for m, j in k.each(members, width):
            d_x[i, j] = d_x[i, j] + d_y[i, m * width + j]


def shared_forward(k: Kernel, f: Any, parameters: int) -> None:
    """a = f((c (x · r) W) · s + b), the product of all members and rows at once.

    C holds f's parameters and c; P holds W, r, s and b. x · r and c (x · r) W are kept in E.
    """
    n, m, members = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    W = k.P + k.op[Op.P]
    before = W + n * m
    behind = before + members * n
    b = behind + members * m
    x, inputs = k.of_rows(k.A, Op.X, members * n), k.of_rows(k.E, Op.E, members * n)
    a, sums = k.of_rows(k.A, Op.Y, members * m), k.of_rows(k.E, SUMS, members * m)
    *q, c = k.parameters(parameters + 1)
    for i, j in k.each(k.rows, members * n):
        inputs[i, j] = x[i, j] * before[j]
    k.product(inputs.start, (n, 1), W, (m, 1), k.rows * members, m, n, False, sums.start, m)
    for i, j in k.each(k.rows, members * m):
        z = c * sums[i, j]
        sums[i, j] = z
        a[i, j] = f(z * behind[j] + b[j], *q)


def shared_backward(k: Kernel, derivative: Any, parameters: int) -> None:
    """d_z and the gradient of x · r are kept, c d_z s takes the place of d_a; d_x only if anything before learns."""
    n, m, members = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    W = k.P + k.op[Op.P]
    before = W + n * m
    behind = before + members * n
    b = behind + members * m
    a, d, sums = k.of_rows(k.A, Op.Y, members * m), k.of_rows(k.D, Op.Y, members * m), k.of_rows(k.E, SUMS, members * m)
    d_z, d_inputs = k.of_rows(k.E, D_Z, members * m), k.of_rows(k.E, D_INPUTS, members * n)
    *q, c = k.parameters(parameters + 1)
    for i, j in k.each(k.rows, members * m):
        gradient = d[i, j] * derivative(sums[i, j] * behind[j] + b[j], a[i, j], *q)
        d_z[i, j] = gradient
        d[i, j] = c * gradient * behind[j]
    k.product(d.start, (m, 1), W, (1, m), k.rows * members, n, m, False, d_inputs.start, n)
    with k.when(k.op[Op.WANT_DX] != 0):
        d_x = k.of_rows(k.D, Op.X, members * n)
        for i, j in k.each(k.rows, members * n):
            d_x[i, j] = d_inputs[i, j] * before[j]


def shared_learn(k: Kernel) -> None:
    """d_W, d_r, d_s and d_b."""
    n, m, members = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    G, more = k.G + k.op[Op.P], k.run[Run.ACCUMULATE]
    d_before = G + n * m
    d_behind = d_before + members * n
    d_b = d_behind + members * m
    x, d_inputs = k.of_rows(k.A, Op.X, members * n), k.of_rows(k.E, D_INPUTS, members * n)
    d, d_z = k.of_rows(k.D, Op.Y, members * m), k.of_rows(k.E, D_Z, members * m)
    sums, inputs = k.of_rows(k.E, SUMS, members * m), k.of_rows(k.E, Op.E, members * n)
    first, last = k.share(n)
    rows = k.rows * members
    k.product(inputs.start + first, (1, n), d.start, (m, 1), last - first, m, rows, more, G + first * m, m)
    k.sum_rows(d_before, members * n, lambda i, j: d_inputs[i, j] * x[i, j])
    k.sum_rows(d_behind, members * m, lambda i, j: d_z[i, j] * sums[i, j])
    k.sum_rows(d_b, members * m, lambda i, j: d_z[i, j])


def own_forward(k: Kernel, f: Any, parameters: int) -> None:
    """a = f(c x W + b) with each member's own W; P holds all W, then b. c x W is kept in E."""
    rows, n, m, members = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    W = k.P + k.op[Op.P]
    b = W + members * n * m
    x, a, sums = k.of_rows(k.A, Op.X, members * n), k.of_rows(k.A, Op.Y, members * m), k.of_rows(k.E, SUMS, members * m)
    *q, c = k.parameters(parameters + 1)
    for o in k.range(members):
        of_member, out = x.start + o * n, sums.start + o * m
        k.product(of_member, (members * n, 1), W + o * n * m, (m, 1), rows, m, n, False, out, members * m)
    for i, j in k.each(rows, members * m):
        z = c * sums[i, j]
        sums[i, j] = z
        a[i, j] = f(z + b[j], *q)


def own_backward(k: Kernel, derivative: Any, parameters: int) -> None:
    """c d_z takes the place of the sums; d_x, the products member by member."""
    rows, n, m, members = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    W = k.P + k.op[Op.P]
    b = W + members * n * m
    a, d, sums = k.of_rows(k.A, Op.Y, members * m), k.of_rows(k.D, Op.Y, members * m), k.of_rows(k.E, SUMS, members * m)
    *q, c = k.parameters(parameters + 1)
    for i, j in k.each(rows, members * m):
        sums[i, j] = c * (d[i, j] * derivative(sums[i, j] + b[j], a[i, j], *q))
    with k.when(k.op[Op.WANT_DX] != 0):
        d_x = k.of_rows(k.D, Op.X, members * n).start
        for o in k.range(members):
            d_sums, weights, wide = sums.start + o * m, W + o * n * m, members * n
            k.product(d_sums, (members * m, 1), weights, (1, m), rows, n, m, False, d_x + o * n, wide)


def own_learn(k: Kernel, parameters: int) -> None:
    """d_W, member by member, and d_b."""
    rows, n, m, members = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[MEMBERS]
    G, more = k.G + k.op[Op.P], k.run[Run.ACCUMULATE]
    x, d_sums = k.of_rows(k.A, Op.X, members * n), k.of_rows(k.E, SUMS, members * m)
    first, last = k.share(members)
    for o in k.range(first, last):
        of_member, d = x.start + o * n, d_sums.start + o * m
        k.product(of_member, (1, members * n), d, (members * m, 1), n, m, rows, more, G + o * n * m, m)
    one_over_c = 1.0 / k.parameters(parameters + 1)[-1]
    k.sum_rows(G + members * n * m, members * m, lambda i, j: d_sums[i, j] * one_over_c)


def rows_forward(k: Kernel, f: Any, parameters: int) -> None:
    """a = f(x) of whole rows."""
    width, each = k.op[Op.INPUTS], k.op[MEMBERS]
    x, a = (k.of_rows(k.A, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    side_by_side(k, f, k.rows * each, width, (x,), k.parameters(parameters), a)


def rows_backward(k: Kernel, back: Any, parameters: int) -> None:
    """d_x from x, a and d_a, whole rows."""
    width, each = k.op[Op.INPUTS], k.op[MEMBERS]
    x, a = (k.of_rows(k.A, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    d_x, d_a = (k.of_rows(k.D, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    side_by_side(k, back, k.rows * each, width, (x, a, d_a), k.parameters(parameters), d_x)
