"""What is trained: tables of random numbers and networks, from tiny to wide."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

__all__ = ["CASES", "MNIST", "PRODUCT_BOUND", "VARIANTS", "Case", "make_table"]


@dataclass(frozen=True)
class Case:
    """A table and a network for it, trained with softmax cross-entropy and Adam in float32."""

    name: str
    rows: int
    inputs: int
    hidden: tuple[int, ...]
    classes: int
    batch: int
    activation: str = "relu"
    dropout: float = 0.0

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Case:
        """Back from what ``as_dict`` gave."""
        return cls(**values | {"hidden": tuple(values["hidden"])})

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @property
    def widths(self) -> tuple[int, ...]:
        """From the inputs to the outputs."""
        return (self.inputs, *self.hidden, self.classes)

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may be smaller, for every library alike."""
        return -(-self.rows // self.batch)

    @property
    def products(self) -> list[tuple[str, int, int]]:
        """The matrix products of a step, each as (kind, inputs, outputs of the layer).

        No gradient with respect to the table itself is needed.
        """
        layers = list(itertools.pairwise(self.widths))
        forward = [("forward", k, o) for k, o in layers]
        backward = [("d_W", k, o) for k, o in layers] + [("d_X", k, o) for k, o in layers[1:]]
        return forward + backward

    @property
    def flops(self) -> int:
        """Multiplications and additions in the products of a step with a full batch."""
        return sum(2 * self.batch * k * o for _, k, o in self.products)

    def with_steps(self, steps: int) -> Case:
        """The same with so many steps an epoch at most."""
        return replace(self, rows=min(self.rows, steps * self.batch))

    def describe(self) -> str:
        """Its sizes in a few words."""
        return f"{self.rows}x{self.inputs}, {'-'.join(map(str, self.hidden))}, {self.classes}, batch {self.batch}"


TINY = Case("tiny", 1_000, 2, (16,), 2, 32)
SMALL = Case("small", 10_000, 20, (64, 64), 3, 128)
MEDIUM = Case("medium", 20_000, 50, (256, 256), 2, 256)
MNIST = Case("mnist", 60_000, 784, (256,), 10, 256)
WIDE = Case("wide", 20_000, 100, (512, 512, 512), 10, 256)

CASES = (TINY, SMALL, MEDIUM, MNIST, WIDE)

PRODUCT_BOUND = (MEDIUM, MNIST, WIDE)
"""Those whose time is mostly matrix products, so that the machine's own rate of products is a limit to be near."""

VARIANTS = tuple(
    replace(case, name=f"{case.name} {what}", **changes)
    for case in (SMALL, MEDIUM)
    for what, changes in (
        ("tanh", {"activation": "tanh"}),
        ("gelu", {"activation": "gelu"}),
        ("dropout", {"dropout": 0.2}),
    )
)


def make_table(case: Case, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random rows, and classes that a network can learn from them."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((case.rows, case.inputs), dtype=np.float32)
    inner = rng.standard_normal((case.inputs, 32), dtype=np.float32) / np.float32(case.inputs**0.5)
    outer = rng.standard_normal((32, case.classes), dtype=np.float32)
    return X, np.argmax(np.tanh(X @ inner) @ outer, axis=1).astype(np.int64)
