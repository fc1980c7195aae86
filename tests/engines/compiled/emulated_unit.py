"""Intel's matrix unit without the processor: its six operations, which the very text of a kernel calls by address."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding as llvm

from glassnet.engines.compiled.kernels.matrix_unit import OPERATIONS

ROWS, ROW_BYTES, TILES = 16, 64, 8
KINDS = {"i8 immarg": ctypes.c_int8, "ptr": ctypes.c_void_p, "i64": ctypes.c_int64}


def bytes_at(address: int, size: int) -> np.ndarray:
    """Memory as an array."""
    return np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(ctypes.c_uint8)), (size,))


def numbers(half: np.ndarray) -> np.ndarray:
    """Numbers of bfloat16 as float32."""
    return (half.astype(np.uint32) << 16).view(np.float32)


class EmulatedUnit:
    """The state of one core's unit, and what it was told that Intel's manual forbids."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.tiles: list[np.ndarray] = []
        self.counts = dict.fromkeys(OPERATIONS, 0)
        self.faults: list[str] = []
        self.functions = []
        for name, arguments in OPERATIONS.items():
            kinds = [KINDS[kind] for kind in arguments.split(", ") if kind]
            self.functions.append(ctypes.CFUNCTYPE(None, *kinds)(self._noting(name, getattr(self, name))))
            llvm.add_symbol(f"emulated_{name}", ctypes.cast(self.functions[-1], ctypes.c_void_p).value)

    def _noting(self, name: str, operation: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: Any) -> None:
            self.counts[name] += 1
            try:  # an error does not get through the kernel
                operation(*arguments)
            except (AssertionError, IndexError) as error:
                self.faults.append(f"{name}{arguments}: {error!r}")

        return called

    @staticmethod
    def instead_of_the_real_one(text: str) -> str:
        """The text with these operations."""
        for name in OPERATIONS:
            text = text.replace(f"@llvm.x86.{name}(", f"@emulated_{name}(")
        return text.replace("immarg", "")

    def ldtilecfg(self, place: int) -> None:
        shape = bytes_at(place, 64)
        assert shape[0] == 1, "palette"
        assert not shape[1:16].any(), "reserved"
        assert not shape[32:48].any(), "reserved"
        assert not shape[56:].any(), "reserved"
        columns, rows = shape[16:32].view(np.uint16), shape[48:56]
        assert ((rows > 0) & (rows <= ROWS) & (columns > 0) & (columns <= ROW_BYTES)).all(), "sizes"
        self.sizes = list(zip(rows.tolist(), columns.tolist(), strict=True))
        self.tiles = [np.zeros(size, np.uint8) for size in self.sizes]

    def tilerelease(self) -> None:
        self.sizes, self.tiles = [], []

    def tilezero(self, tile: int) -> None:
        self.tiles[tile][...] = 0

    def tileloadd64(self, tile: int, place: int, step: int) -> None:
        rows, columns = self.sizes[tile]
        for row in range(rows):
            self.tiles[tile][row] = bytes_at(place + row * step, columns)

    def tilestored64(self, tile: int, place: int, step: int) -> None:
        rows, columns = self.sizes[tile]
        for row in range(rows):
            bytes_at(place + row * step, columns)[...] = self.tiles[tile][row]

    def tdpbf16ps(self, c: int, a: int, b: int) -> None:
        (m, n4), (a_rows, k4), (pairs, b_columns) = self.sizes[c], self.sizes[a], self.sizes[b]
        assert len({a, b, c}) == 3, "one tile twice"
        assert (m, n4, k4) == (a_rows, b_columns, 4 * pairs), "sizes that do not fit"
        A, B = numbers(self.tiles[a].view(np.uint16)), numbers(self.tiles[b].view(np.uint16))
        total, chains = self.tiles[c].view(np.float32), np.zeros((2, m, n4 // 4), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for pair in range(pairs):
                for place in range(2):
                    chains[place] += A[:, 2 * pair + place, None] * B[pair, place::2]
            total[...] += chains[0] + chains[1]
