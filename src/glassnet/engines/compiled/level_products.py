"""Products of weights with levels of bins, as piecewise linear embeddings have them: look-ups and sums by bin.

Of a number's levels those of bins below its own are 1, and those above 0: so their product with W is a sum of rows of W
up to the number's bin, which is looked up, and a share of one more row.
"""

from __future__ import annotations

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.formula_lowering import lower
from glassnet.engines.compiled.column_cells import ColumnCells
from glassnet.engines.compiled.lowered_values import LevelProduct, Pieces
from glassnet.formulas.layer_formulas import level

OF_BINS = ("bin", "filled", "reached", "bin sums")
"""Kinds of values that products with levels of bins are made of."""
COUNTED = 64
"""Rows whose bins are counted at a time: one sum alone would wait for each addition."""


class LevelProducts(ColumnCells):
    """The values that products with levels of bins are made of, and the gradients of their weights."""

    def _hold_bins(self, one: Pieces, place: Pointer) -> None:
        k, j = self.k, 0 if one.columns == 1 else self.j
        if one.kind == "bin sums":
            place.fill(self.count(one.size), 0.0)
            return
        if one.kind == "reached":
            W = one.more["weights"]
            bins, size = map(self.count, W.shape[1:])
            for p, lanes, _ in self.strips(size):
                before = k.vector(k.number, lanes)
                for bin in k.range(bins):
                    k.store(place + bin * size, p, before.value)
                    row = self.P + self.offsets[W.parameter] + (j * bins + bin) * size
                    before.value = before.value + k.load(row, p, lanes)
            return
        numbers, statistic = self.held[one.inputs[0].number], one.inputs[1]
        size = self.count(statistic.size)
        edges = self.S + self.statistics[statistic.more["place"]] + j * size
        if one.kind == "filled":
            bins = self.held[one.inputs[2].number]
            for i in k.range(self.some):
                edge = edges + bins[i].as_kind("i64")
                place[i] = lower(level, numbers[i], edge[0], edge[1])
            return
        for start in k.range(0, self.some, step=COUNTED):  # there is room for whole vectors
            below, x = k.vector(k.number, COUNTED), k.load(numbers, start, COUNTED)
            for edge in k.range(1, size - 1):
                below.value = below.value + k.where(x >= edges[edge], 1.0, 0.0)
            k.store(place, start, below.value)

    def _learn_levels(self, gradient: LevelProduct, place: Pointer, fresh: Value) -> None:
        """Sum d by bin, as it is and times the bin's level; of a bin that is full the former counts."""
        k, d, (_, bins, size) = self.k, gradient.d, map(self.count, gradient.shape)
        bin, filled, sums = (self.held[one.number] for one in gradient.grids[1:])
        for i in k.range(self.some):
            self._look_up(d, i)
            row = sums + bin[i].as_kind("i64") * (2 * size)
            for p, lanes, at in self._places(d):
                number = self.cell(d, i, at)
                k.store(row, p, k.load(row, p, lanes) + number)
                k.store(row + size, p, filled[i] * number + k.load(row + size, p, lanes))
        for p, lanes, _ in self.strips(size):
            behind = k.vector(k.number, lanes)
            for done in k.range(bins):
                at = bins - 1 - done
                row, target = sums + at * (2 * size), place + (self.j * bins + at) * size
                before = k.where(fresh, 0.0, k.load(target, p, lanes))
                k.store(target, p, before + (behind.value + k.load(row + size, p, lanes)))
                behind.value = behind.value + k.load(row, p, lanes)
