"""What kernels need below Python: pointers, calls by address, and products by symbol."""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from glassnet.engines.compiled.machine import product_symbol

__all__ = [
    "atomic_add",
    "call",
    "call_c",
    "copy",
    "flush_subnormals",
    "load_all",
    "load_many",
    "offset",
    "pause",
    "pointer",
    "pointer_to",
    "pointers",
    "product",
    "restore_subnormals",
    "store_many",
]

BYTE = ir.IntType(8).as_pointer()
INT = ir.IntType(32)


@intrinsic
def offset(typing: Any, start: Any, count: Any) -> Any:
    """The pointer `count` numbers further on."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return start(start, types.int64), codegen


@intrinsic
def vector(typing: Any, start: Any, size: Any) -> Any:
    """The numbers behind a pointer as an array of one axis. Nobody owns it, so it need not be given back."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _array(context, builder, signature.return_type, args[0], [args[1]])

    return types.Array(start.dtype, 1, "C")(start, types.int64), codegen


@intrinsic
def matrix(typing: Any, start: Any, rows: Any, columns: Any) -> Any:
    """The numbers behind a pointer as an array of two axes, row by row."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _array(context, builder, signature.return_type, args[0], list(args[1:]))

    return types.Array(start.dtype, 2, "C")(start, types.int64, types.int64), codegen


def _array(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size] if len(shape) == 1 else [builder.mul(shape[1], size), size]
    array = arrayobj.make_array(kind)(context, builder)
    arrayobj.populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return array._getvalue()


@intrinsic
def copy(typing: Any, target: Any, source: Any, count: Any) -> Any:
    """Copy `count` numbers from one place to another."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        size = context.get_abi_sizeof(context.get_value_type(target.dtype))
        cgutils.raw_memcpy(builder, args[0], args[1], args[2], size)
        return context.get_dummy_value()

    return types.void(target, source, types.int64), codegen


@intrinsic
def pointer(typing: Any, address: Any, like: Any) -> Any:
    """An address (int64) as a pointer of the same type as `like`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], args[1].type)

    return like(types.int64, like), codegen


@intrinsic
def pointer_to(typing: Any, address: Any, kind: Any) -> Any:
    """An address (int64) as a pointer to numbers of a Numba type, such as ``numba.float64``."""
    result = types.CPointer(kind.dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(result))

    return result(types.int64, kind), codegen


@intrinsic(prefer_literal=True)
def load_all(typing: Any, start: Any, count: Any) -> Any:
    """The first `count` numbers behind a pointer, as a tuple: the trailing arguments of a formula."""
    size = count.literal_value
    result = types.UniTuple(start.dtype, size)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = [builder.load(builder.gep(args[0], [ir.Constant(INT, i)])) for i in range(size)]
        return context.make_tuple(builder, result, values)

    return result(start, count), codegen


@intrinsic(prefer_literal=True)
def pointers(typing: Any, addresses: Any, count: Any, like: Any) -> Any:
    """The first `count` addresses behind a pointer to int64, as a tuple of pointers of the same type as `like`."""
    size = count.literal_value
    result = types.UniTuple(like, size)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        loaded = [builder.load(builder.gep(args[0], [ir.Constant(INT, i)])) for i in range(size)]
        values = [builder.inttoptr(address, args[2].type) for address in loaded]
        return context.make_tuple(builder, result, values)

    return result(addresses, count, like), codegen


@intrinsic
def load_many(typing: Any, starts: Any, index: Any) -> Any:
    """The number at `index` behind each of a tuple of pointers that do not overlap."""
    result = types.UniTuple(starts.dtype.dtype, starts.count)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = []
        for i in range(starts.count):
            value = builder.load(builder.gep(builder.extract_value(args[0], i), [args[1]]))
            _apart(builder, value, i, starts.count)
            values.append(value)
        return context.make_tuple(builder, result, values)

    return result(starts, types.int64), codegen


@intrinsic
def store_many(typing: Any, starts: Any, index: Any, values: Any) -> Any:
    """Write a tuple of numbers, each at `index` behind its own pointer; further pointers are left alone."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for i, kind in enumerate(values.types):
            value = context.cast(builder, builder.extract_value(args[2], i), kind, starts.dtype.dtype)
            written = builder.store(value, builder.gep(builder.extract_value(args[0], i), [args[1]]))
            _apart(builder, written, i, starts.count)
        return context.get_dummy_value()

    return types.void(starts, types.int64, values), codegen


def _apart(builder: Any, instruction: Any, mine: int, count: int) -> None:
    """Tell LLVM that several pointers do not overlap: it would else test it at run time, or give up on vectors."""
    module = builder.module
    domain = module.add_metadata(["glassnet arrays that do not overlap"])
    scopes = [module.add_metadata([f"array {i}", domain]) for i in range(count)]
    instruction.set_metadata("alias.scope", module.add_metadata([scopes[mine]]))
    others = [scope for i, scope in enumerate(scopes) if i != mine]
    if others:
        instruction.set_metadata("noalias", module.add_metadata(others))


@intrinsic
def call(
    typing: Any,
    address: Any,
    op: Any,
    run: Any,
    P: Any,
    S: Any,
    G: Any,
    A: Any,
    D: Any,
    E: Any,
    C: Any,
    Y: Any,
    W: Any,
) -> Any:
    """Call the kernel at an address: addresses are data, so the driver is compiled once for all networks."""
    signature = types.float64(types.int64, op, run, P, S, G, A, D, E, C, Y, W)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, error = cgutils.alloca_once(builder, ir.DoubleType()), cgutils.alloca_once(builder, BYTE)
        arguments = [result, error, *args[1:]]
        function = ir.FunctionType(INT, [arg.type for arg in arguments])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), arguments)
        return builder.load(result)

    return signature, codegen


@intrinsic
def call_c(typing: Any, function: Any, first: Any, second: Any) -> Any:
    """Call a C function of one or two pointers, all of them addresses; what it returns is not looked at."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(INT, [BYTE, BYTE])
        arguments = [builder.inttoptr(arg, BYTE) for arg in args[1:]]
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), arguments)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@intrinsic
def atomic_add(typing: Any, start: Any, index: Any, value: Any) -> Any:
    """Add to the number at `index` behind a pointer, as one act for all threads; gives what it was before."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", builder.gep(args[0], [args[1]]), args[2], "seq_cst")

    return types.int64(start, types.int64, types.int64), codegen


@intrinsic
def pause(typing: Any) -> Any:
    """Tell the processor that we wait: it gives what it has to the other thread of the core, and saves power."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _is_x86():
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), codegen


FLUSH = 0x8040
"""The two bits of x86's control register that make subnormal results, and subnormal operands, zero."""


@intrinsic
def flush_subnormals(typing: Any) -> Any:
    """From here on this thread takes numbers too small for a normal exponent for zero; gives what to restore.

    The gradients of a network that fits its rows well die out through such numbers, and some processors need a
    hundred times as long for each. Elsewhere than on x86 nothing is done.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if not _is_x86():
            return ir.Constant(INT, 0)
        place = cgutils.alloca_once(builder, INT)
        _control(builder, "st", place)
        before = builder.load(place)
        builder.store(builder.or_(before, ir.Constant(INT, FLUSH)), place)
        _control(builder, "ld", place)
        return before

    return types.int32(), codegen


@intrinsic
def restore_subnormals(typing: Any, before: Any) -> Any:
    """As it was before :func:`flush_subnormals`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _is_x86():
            _control(builder, "ld", cgutils.alloca_once_value(builder, args[0]))
        return context.get_dummy_value()

    return types.void(types.int32), codegen


def _control(builder: Any, direction: str, place: Any) -> None:
    """Store x86's control register for floating-point numbers, or load it."""
    kind = ir.FunctionType(ir.VoidType(), [BYTE])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{direction}mxcsr")
    builder.call(function, [builder.bitcast(place, BYTE)])


def _is_x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


@intrinsic
def product(
    typing: Any, A: Any, a_row: Any, a_column: Any, B: Any, b_row: Any, b_column: Any, m: Any, n: Any, k: Any,
    add: Any, C: Any, c_row: Any, panel: Any,
) -> Any:  # fmt: skip
    """C = A B, or C += A B if `add`, of matrices behind pointers, where `panel` is room that it needs.

    A has m rows and k columns, B has n columns. `a_row` says how many numbers further the next row of A begins,
    `a_column` the next column. The numbers of a row of C lie side by side.
    """
    symbol, long = product_symbol(str(A.dtype)), types.int64
    signature = types.void(A, long, long, B, long, long, long, long, long, types.boolean, C, long, panel)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_value_type(A.dtype)))
        A_, a_row, a_column, B_, b_row, b_column, m, n, k, add, C_, c_row, panel = args

        def number(value: Any) -> Any:
            return builder.ptrtoint(value, size.type) if isinstance(value.type, ir.PointerType) else value

        def distance(count: Any) -> Any:
            return builder.mul(count, size)

        result, error = cgutils.alloca_once(builder, ir.DoubleType()), cgutils.alloca_once(builder, BYTE)
        matrices = A_, distance(a_row), distance(a_column), B_, distance(b_row), distance(b_column)
        values = *matrices, m, n, k, builder.zext(add, size.type), C_, distance(c_row), size, panel
        arguments = [result, error, *(number(value) for value in values)]
        kind = ir.FunctionType(INT, [value.type for value in arguments])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, symbol), arguments)
        return context.get_dummy_value()

    return signature, codegen
