"""For all tests: no clock decides whether one passes, scikit-learn leaves none of its checks out, matrices are sampled.

A matrix is a test of every activation with every loss, or of every model with every way out. Each run draws a sample
from it that changes with the day; whoever must know runs ``make test-all``, which draws nothing. ``make quick`` draws
from every test of several cases. What takes seconds and says the same every day, under every version, is marked
``once`` and is left to ``make test-all`` and ``make matrices``. The header names the seed, by which the sample comes
again: ``pytest --sample-seed=20260131``.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from tests.forks import Parent

os.environ["SCIPY_ARRAY_API"] = "1"  # before SciPy is imported: without it scikit-learn skips a check

# Kernels compiled by the tests are no business of the user's own cache; all workers and later runs share them.
os.environ.setdefault("GLASSNET_CACHE", str(Path(__file__).parent.parent / ".pytest_cache" / "kernels"))

# Under nohup, or in a shell's background, signals are ignored, and whatever a test starts would ignore them, too.
for number, heard in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, heard)

settings.register_profile("few", deadline=None, max_examples=10)
settings.register_profile("sample", deadline=None, max_examples=25)
settings.register_profile("whole", deadline=None, max_examples=300)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("glassnet")
    group.addoption("--whole", action="store_true", help="run the matrices whole, without drawing samples")
    group.addoption("--few", type=int, metavar="COUNT", help="run at most so many cases of each test")
    today = int(f"{date.today():%Y%m%d}")
    group.addoption("--sample-seed", type=int, default=today, help="draw the samples of this day (default: of today)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until the tests are collected
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = config.option.sample_seed  # so that its examples come again, too
    settings.load_profile("whole" if config.option.whole else "few" if config.option.few else "sample")


def pytest_report_header(config: pytest.Config) -> str:
    few, again = config.option.few, f"the same again with --sample-seed={config.option.sample_seed}"
    if config.option.whole:
        return f"matrices: whole; {again}"
    drawn = f"at most {few} cases of each test" if few else "matrices: a sample"
    return f"{drawn}; {again}, all with --whole"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the cases of each test with ``@pytest.mark.sample(count)`` keep so many; without a number, enough for every
    value of every parameter to come once; of a test marked ``once`` none. With ``--few`` of all other tests, too, at
    most so many."""
    for item in items:
        if {"sample", "hypothesis", "once"} & {*item.keywords} or "sample" in getattr(item, "fixturenames", ()):
            item.add_marker("matrix")
    if config.option.whole:
        return
    few = config.option.few
    kept: list[pytest.Item] = []
    for name, group in groupby(items, lambda item: item.nodeid.partition("[")[0]):
        cases = [case for case in group if "once" not in case.keywords]
        if cases and (mark := cases[0].get_closest_marker("sample")):
            cases = spread(cases, random.Random(f"{config.option.sample_seed} {name}"), *mark.args)
        if few and len(cases) > few:
            cases = spread(cases, random.Random(f"{config.option.sample_seed} {name}"), few)
        kept += cases
    config.hook.pytest_deselected(items=list(set(items) - set(kept)))
    items[:] = kept


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: whoever looks for garbage need not go through it every time."""
    gc.freeze()
    gc.enable()


def spread(cases: list[pytest.Item], rng: random.Random, count: int | None = None) -> list[pytest.Item]:
    """So many cases, in their order, of which each brings the values that the cases before it had least."""
    values = {case: [(name, id(value)) for name, value in case.callspec.params.items()] for case in cases}
    if count is None:
        count = max(len(set(of_one)) for of_one in zip(*values.values(), strict=True))
    left, times, drawn = rng.sample(cases, len(cases)), Counter(), set()
    while left and len(drawn) < count:
        case = min(left, key=lambda case: sum(times[value] for value in values[case]))
        left.remove(case)
        times.update(values[case])
        drawn.add(case)
    return [case for case in cases if case in drawn]


@pytest.fixture(scope="session")
def forks() -> Iterator[Parent]:
    """Starts processes in which everything is imported already."""
    parent = Parent()
    yield parent
    parent.close()


@pytest.fixture(scope="session", autouse=True)
def files_are_tried_in_forks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hundreds of tests read a file that another process tries first (``tables/reading/memory_limits.py``): here a
    fork, which has the same limits and need not import Polars."""
    from glassnet.tables.reading import memory_limits

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        return request.getfixturevalue("forks").run(*command[1:], env=env)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_limits, "subprocess", SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL))
        yield


@pytest.fixture
def day(request: pytest.FixtureRequest) -> int:
    """The seed of the samples, for a matrix of which each day runs another part."""
    seed: int = request.config.option.sample_seed
    return seed


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    """For a matrix within a test: ``sample(cases, 3)`` are three of them, in their order; where matrices are run whole,
    all."""
    options = request.config.option
    rng = random.Random(f"{options.sample_seed} {request.node.nodeid}")

    def drawn(cases: Iterable[Any], count: int) -> list[Any]:
        cases = list(cases)
        if options.whole or count >= len(cases):
            return cases
        return [cases[place] for place in sorted(rng.sample(range(len(cases)), count))]

    return drawn
