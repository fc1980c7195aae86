"""What is missing is measured, record by record."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks.accuracy.company import BUSY
from benchmarks.accuracy.contenders import OURS, Contender
from benchmarks.accuracy.journal import Journal, Key, Record
from benchmarks.accuracy.tables import Table
from benchmarks.accuracy.trial import Order
from benchmarks.accuracy.worker import Worker

__all__ = ["Job", "all_jobs", "measure", "missing", "twin"]


@dataclass(frozen=True)
class Job:
    """A contender on a table with a seed.

    Parameters
    ----------
    contender : Contender
    table : Table
    seed : int
    most_rows : int
    options : dict
        More options of the contender, for this table.
    """

    contender: Contender
    table: Table
    seed: int
    most_rows: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Of its record."""
        return self.contender.name, self.table.name, self.seed, self.most_rows

    @property
    def rows(self) -> int:
        """Of the table that are taken."""
        return min(self.table.rows, self.most_rows)

    @property
    def order(self) -> Order:
        """For the worker."""
        options = self.contender.options | self.options
        if self.contender.reads_text:
            options |= {"text": self.table.text}
        return Order(self.contender.kind, self.table, self.seed, self.most_rows, options)


def all_jobs(
    contenders: Sequence[Contender], tables: Sequence[Table], seeds: Sequence[int], most_rows: int
) -> list[Job]:
    """Seed by seed, so that what is interrupted is complete for the first seeds; within it model by model."""
    pairs = [(one, table) for one in contenders for table in tables if table.text or not one.reads_text]
    return [Job(*pair, seed, most_rows) for seed in seeds for pair in pairs]


def missing(jobs: Sequence[Job], journal: Journal, retry: str = "") -> list[Job]:
    """The jobs without a record; with `retry` "failed" those that failed, too, with "busy" those in company."""

    def again(record: Record) -> bool:
        if record["status"] != "ok":
            return retry == "failed"
        return retry == "busy" and record["busy_with_others"] > BUSY

    found = [(job, journal.get(job.key)) for job in jobs]
    return [job for job, record in found if record is None or again(record)]


def measure(jobs: Sequence[Job], journal: Journal, machine: str, patience: float) -> None:
    """Run the jobs in their order; those of one kind of model that follow each other share a process."""
    started = time.perf_counter()
    numbered = enumerate(jobs, 1)
    for _, group in itertools.groupby(numbered, key=lambda pair: pair[1].contender.kind):
        with closing(Worker()) as worker:
            for number, job in group:
                found = twin(job, journal) or worker.ask(job.order, patience)
                journal.add(_head(job, machine) | found)
                elapsed = time.perf_counter() - started
                print(f"[{elapsed:6.0f} s, {number} of {len(jobs)}] {_line(job, found)}", flush=True)


def twin(job: Job, journal: Journal) -> Record | None:
    """What glassnet reached by default, where its default is the preset of this job: the same training, run once."""
    if not job.contender.ours or set(job.contender.options) != {"preset"} or job.options:
        return None
    default = journal.get((OURS, *job.key[1:]))
    if default is None or default.get("preset") != job.contender.options["preset"]:
        return None
    return {name: value for name, value in default.items() if name not in HEAD}


HEAD = ("model", "table", "seed", "max_rows", "task", "package", "version", "machine", "measured")


def _head(job: Job, machine: str) -> Record:
    """What a record is about; the names in HEAD."""
    contender, now = job.contender, time.strftime("%Y-%m-%d %H:%M:%S")
    about = (*job.key, job.table.task, contender.package, contender.version, machine, now)
    return dict(zip(HEAD, about, strict=True))


def _line(job: Job, found: Record) -> str:
    if found["status"] == "ok":
        names = [name for name in ("accuracy", "log_loss", "rmse", "r2", "fit_seconds") if name in found]
        outcome = ", ".join(f"{name} {found[name]:.4g}" for name in names)
    else:
        outcome = f"{found['status']}: {found['error']}"
    return f"{job.contender.name}, {job.table.name}, seed {job.seed}: {outcome}"
