"""How much is measured, and of which engine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.cases import Case
from benchmarks.speed.team import Contender

__all__ = ["CORES", "Settings"]

CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """What was asked for on the command line.

    Parameters
    ----------
    engine : str
        Of glassnet.
    rounds : int or None
        For every section; None: as each finds right.
    quick : bool
        Everything as small as it goes: shows that it works, its figures mean nothing.
    data : Path or None
        The folder with mnist.npz.
    """

    engine: str = "compiled"
    rounds: int | None = None
    quick: bool = False
    data: Path | None = None

    def count(self, usual: int) -> int:
        """Rounds."""
        return self.rounds or (1 if self.quick else usual)

    def seconds(self, usual: float) -> float:
        """Of one measurement."""
        return 0.005 if self.quick else usual

    def case(self, case: Case) -> Case:
        """As it is, or with hardly any rows."""
        return case.with_steps(3) if self.quick else case

    @property
    def ours(self) -> Contender:
        """glassnet as a user gets it."""
        return Contender("glassnet", CORES, "glassnet", {"engine": self.engine}, note="default")

    @property
    def ours_by_workers(self) -> list[Contender]:
        """glassnet with every number of workers that there can be: whether it chose well."""
        found = []
        for threads in thread_counts():
            options = {"engine": self.engine, "workers": threads}
            note = "1 worker" if threads == 1 else f"{threads} workers"
            found.append(Contender("glassnet", threads, "glassnet", options, note=note))
        return found

    def peers(self, *names: str) -> list[Contender]:
        """Other libraries, by name, each with one thread and with one a core."""
        return [Contender(name, threads, PEERS[name]) for name in names or tuple(PEERS) for threads in thread_counts()]


PEERS = {
    "PyTorch": "pytorch",
    "PyTorch compiled": "pytorch compiled",
    "JAX": "jax",
    "Keras": "keras",
    "scikit-learn": "scikit-learn",
}


def thread_counts() -> list[int]:
    """One, and as many as there are cores."""
    return sorted({1, CORES})
