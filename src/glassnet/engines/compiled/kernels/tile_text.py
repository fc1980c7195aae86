"""What the texts of tiles share: addresses, numbers in all lanes, transposes in registers, attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from glassnet.engines.compiled.code import Code
from glassnet.engines.compiled.llvm import Processor


def pointers(*addresses: str) -> Iterator[str]:
    """Yield the pointers of addresses: that of ``%A`` is ``%A_``."""
    for name in addresses:
        yield f"  %{name}_ = inttoptr i64 %{name} to ptr"


def addresses_of_c(rows: int, vectors: int, kind: str) -> Iterator[str]:
    """Yield the addresses of the vectors of a tile of C: ``%c1_0`` is the first one in its second row."""
    for i in range(rows):
        yield f"  %c_start{i} = mul i64 %c_row, {i}"
        yield f"  %c{i} = getelementptr i8, ptr %C_, i64 %c_start{i}"
        yield from (f"  %c{i}_{j} = getelementptr {kind}, ptr %c{i}, i64 {j}" for j in range(vectors))


def spread(name: str, value: str, lanes: int, number: str) -> Iterator[str]:
    """Yield a number in all lanes of a vector."""
    kind = f"<{lanes} x {number}>"
    if lanes == 1:
        yield f"  {name} = bitcast {number} {value} to {number}"
    else:
        yield f"  {name}_first = insertelement {kind} poison, {number} {value}, i32 0"
        yield f"  {name} = shufflevector {kind} {name}_first, {kind} poison, <{lanes} x i32> zeroinitializer"


PREFETCH = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"


def prefetch(name: str, kind: str, row: str, vector: int) -> Iterator[str]:
    """Yield the request for a vector that will be read soon; it may lie behind the end of a matrix."""
    yield f"  {name} = getelementptr {kind}, ptr {row}, i64 {vector}"
    yield f"  call void @llvm.prefetch.p0(ptr {name}, i32 0, i32 3, i32 1)"


def transposed(rows: list[str], kind: str, lanes: int) -> Iterator[str]:
    """Yield the transpose of a square in registers: swap neighbours, then pairs, then fours; `rows` get its names."""
    step = 1
    while step < lanes:
        # of two rows a and b, the places of a with this step's bit change places with those of b without it
        upper = [lanes + place - step if place & step else place for place in range(lanes)]
        lower = [lanes + place if place & step else place + step for place in range(lanes)]
        for a in range(lanes):
            if not a & step:
                b = a + step
                names = f"%r{a}_{step}", f"%r{b}_{step}"
                for name, picked in zip(names, (upper, lower), strict=True):
                    mask = ", ".join(f"i32 {place}" for place in picked)
                    both = f"{kind} {rows[a]}, {kind} {rows[b]}"
                    yield f"  {name} = shufflevector {both}, <{lanes} x i32> <{mask}>"
                rows[a], rows[b] = names
        step *= 2


def attributes(processor: Processor) -> str:
    """Return the attributes #1 of tiles: without them LLVM splits the widest vectors on some processors."""
    widths = f'"min-legal-vector-width"="{processor.bits}" "prefer-vector-width"="{processor.bits}"'
    return f"attributes #1 = {{ nounwind noinline {widths} }}"


def with_own(code: Code, names: Iterable[str], texts: str) -> str:
    """Return the text of a function with the texts of functions that it calls."""
    own = set(names)
    for part in (code, *code.parts.values()):
        part.declared = {name: text for name, text in part.declared.items() if name not in own}
    return f"{code.text()}\n{texts}\n"
