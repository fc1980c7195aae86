"""How much of the machine's own rate a training step reaches: of fused multiply-adds, and of a BLAS's products.

The first is what the registers of all cores allow, with nothing loaded and nothing stored. The second is that of the
products of the same step alone, with the same shapes, in the same minutes, by whichever of NumPy's and SciPy's BLAS,
with one thread or one a core, is fastest.
"""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import seconds, table
from benchmarks.speed.cases import PRODUCT_BOUND, Case
from benchmarks.speed.sections.steps import LEAST_EPOCHS
from benchmarks.speed.settings import CORES, Settings, thread_counts
from benchmarks.speed.team import Contender, TaskError, prepare, rounds, summary, team

TITLE = "Share of the machine's own rate"


def run(settings: Settings) -> dict[str, Any]:
    """Our steps and bare products in turn."""
    record: dict[str, Any] = {}
    blas = [Contender("BLAS", threads, "") for threads in thread_counts()]
    with team([settings.ours]) as ours, team(blas) as others:
        for case in PRODUCT_BOUND:
            try:
                record[case.name] = measure(settings, settings.case(case), ours, others)
            except TaskError as error:
                record[case.name] = {"failed": str(error)}
    return record


def measure(settings: Settings, case: Case, ours: Any, others: Any) -> dict[str, Any]:
    """One case."""
    length = settings.seconds(0.2)
    able, prepared = prepare(ours, case, length, least_epochs=LEAST_EPOCHS)
    checks = {worker.contender.label: worker.ask("build_products", case=case.as_dict()) for worker in others}
    found = rounds(
        [*able, *others],
        settings.count(7),
        lambda worker: (
            worker.ask("measure") if worker.contender.peer else worker.ask("measure_products", seconds=length)
        ),
    )
    peak = max(others[0].ask("measure_peak", threads=CORES, seconds=length) for _ in range(settings.count(7)))
    products = {}
    for worker in others:
        label = worker.contender.label
        for way in found[label][0]:
            products[f"{label}, {way}"] = summary([each[way] for each in found[label]])
    best = min(products, key=lambda label: products[label]["median"])
    record: dict[str, Any] = {
        "flops": case.flops,
        "products": products,
        "best_products": best,
        "rate": case.flops / products[best]["median"],
        "peak": peak,
        "checks": checks,
        "prepared": prepared,
    }
    if able:
        step = summary(found[able[0].contender.label])
        record |= {"step": step, "share": products[best]["median"] / step["median"]}
        record["share_of_peak"] = case.flops / step["median"] / peak
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a case."""
    rows, notes = [], []
    checks: dict[str, float] = {}
    for name, found in record.items():
        if "failed" in found:
            notes.append(f"{name}: {found['failed']}")
            continue
        step = found.get("step")
        rows.append(
            [
                name,
                seconds(step and step["median"]),
                seconds(found["products"][found["best_products"]]["median"]),
                f"{found['flops'] / step['median'] / 1e9:.0f}" if step else "-",
                f"{found['peak'] / 1e9:.0f}",
                f"{100 * found['share_of_peak']:.0f} %" if step else "-",
                f"{found['rate'] / 1e9:.0f}",
                f"{100 * found['share']:.0f} %" if step else "-",
                found["best_products"],
            ]
        )
        for label, check in found["checks"].items():
            kernels = " and ".join(dict.fromkeys(str(blas["architecture"]) for blas in check["blas"]))
            key = f"{label}: kernels for {kernels}"
            checks[key] = max(checks.get(key, 0.0), *check["errors"].values())
    notes += [f"- {label}; largest error against float64 {error:.0e}" for label, error in checks.items()]
    head = ["case", "step", "BLAS's products", "GFLOP/s of the step", "of the registers", "share", "of BLAS", "share"]
    head += ["fastest BLAS"]
    return [*table(head, rows), *notes, ""]
