"""What is aimed at, and whether it was reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.markdown import ratio, table
from benchmarks.speed.best import OURS
from benchmarks.speed.settings import CORES

__all__ = ["TARGETS", "Target", "verdicts"]

Sections = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One aim.

    Parameters
    ----------
    what : str
    limit : float
    find : callable
        From all sections to the figure; a missing key means that it was not measured.
    at_least : bool
        Whether the limit is the smallest figure that will do, rather than the largest.
    """

    what: str
    limit: float
    find: Callable[[Sections], float]
    at_least: bool = False

    def reached(self, sections: Sections) -> float | None:
        """The figure, or None where it was not measured."""
        try:
            return self.find(sections)
        except (KeyError, TypeError):
            return None

    def met(self, figure: float) -> bool:
        """Whether that will do."""
        return figure >= self.limit if self.at_least else figure <= self.limit


def step_ratio(case: str, peer: str, section: str = "steps") -> Callable[[Sections], float]:
    return lambda sections: sections[section][case]["ratios"][peer]


def share(case: str, section: str = "share") -> Callable[[Sections], float]:
    return lambda sections: sections[section][case]["share_of_peak"]


def in_company(case: str, load: int) -> Callable[[Sections], float]:
    return lambda sections: sections["company"][case]["multiples"][OURS][str(load)]


def one_row(sections: Sections) -> float:
    return sections["predict"]["ratios"]["network"]["1"]["PyTorch"]


def bare_row(sections: Sections) -> float:
    return 1e6 * sections["predict"]["times"]["glassnet, default, network"]["1"]["median"]


def of_one_row(label: str) -> Callable[[Sections], float]:
    return lambda sections: 1e6 * sections["one_row"]["times"][label]["median"]


def many_by_onnx(sections: Sections) -> float:
    times = sections["one_row"]["times"]
    return times["ONNX Runtime, many"]["median"] / times["glassnet, many"]["median"]


def through(case: str, way: str) -> Callable[[Sections], float]:
    return lambda sections: sections["ways"][case][way]["ratio"]


def first_fit(what: str, part: str) -> Callable[[Sections], float]:
    return lambda sections: sections["first_fit"]["times"][what][part]["median"]


def growth(sections: Sections) -> float:
    return sections["memory"]["bytes"][OURS]["multiple"]


LIMITS = {"tiny": 0.30, "small": 0.58, "medium": 0.58, "mnist": 0.66, "wide": 0.83}
VARIANT_LIMITS = {"small tanh": 0.60, "small gelu": 0.60, "small dropout": 0.35}
NARROW_LIMIT = 0.95
SHARES = {"medium": 0.75, "mnist": 0.75, "wide": 0.82}

TARGETS = (
    *(
        Target(f"{case}: step / JAX's", limit, step_ratio(case, "JAX"))
        for case, limit in (LIMITS | VARIANT_LIMITS).items()
    ),
    *(Target(f"{case}, AVX2 only: step / JAX's", NARROW_LIMIT, step_ratio(case, "JAX", "narrow")) for case in LIMITS),
    *(
        Target(f"{case}: share of the rate of the registers", limit, share(case), at_least=True)
        for case, limit in SHARES.items()
    ),
    Target("wide, AVX2 only: share of the rate of the registers", 0.82, share("wide", "narrow"), at_least=True),
    *(
        Target(f"{case}, {busy} busy: step / its own when idle", limit, in_company(case, load))
        for case in ("tiny", "small", "medium", "mnist", "wide")
        for busy, load, limit in (("one core", 1, 2.5), ("all cores", CORES, 4.0))
    ),
    *(
        Target(f"{case}: a step through {way} / through NeuralNetwork.train", 1.1, through(case, way))
        for case in ("tiny", "small", "medium")
        for way in ("Trainer.fit", 'NeuralClassifier(preset="mlp").fit')
    ),
    *(
        Target(f"{what}: seconds of the first {part}", limit, first_fit(what, part))
        for what, part, limit in (
            ("glassnet network, cold", "fit", 1.2),
            ("glassnet network, warm", "fit", 0.2),
            ("glassnet's default on 569 x 30, cold", "fit", 2.5),
            ("glassnet's default on 569 x 30, cold", "compile", 1.2),
            ("glassnet's default on 569 x 30, warm", "fit", 1.0),
        )
    ),
    Target("one row by the bare network / PyTorch's", 1 / 5, one_row),
    Target("one row by the bare network, in us", 4, bare_row),
    Target("one row by the default estimator from NumPy, in us", 60, of_one_row("glassnet from NumPy")),
    *(
        Target(f"one row by the default estimator {way}, in us", 200, of_one_row(f"glassnet {way}"))
        for way in ("from a DataFrame of numbers", "from a DataFrame of mixed columns")
    ),
    Target("20,000 rows by the ONNX file / predict's", 1.5, many_by_onnx),
    Target("memory: growth / array", 1.2, growth),
)


def verdicts(sections: Sections) -> list[dict[str, Any]]:
    """Every target with what was reached."""
    found = []
    for target in TARGETS:
        figure = target.reached(sections)
        verdict = "not measured" if figure is None else "yes" if target.met(figure) else "NO"
        found.append({"target": target.what, "limit": target.limit, "at_least": target.at_least})
        found[-1] |= {"reached": figure, "met": verdict}
    return found


def report(sections: Sections) -> list[str]:
    """A line for each target that was measured, and how many were missed."""
    found = verdicts(sections)
    rows = [
        [
            v["target"],
            f"{'at least' if v['at_least'] else 'at most'} {ratio(v['limit'])}",
            ratio(v["reached"]),
            v["met"],
        ]
        for v in found
        if v["reached"] is not None
    ]
    counts = {word: sum(v["met"] == word for v in found) for word in ("yes", "NO", "not measured")}
    count = f"{counts['yes']} reached, {counts['NO']} missed, {counts['not measured']} not measured."
    return [*table(["what", "target", "reached", "met"], rows), count, ""]
