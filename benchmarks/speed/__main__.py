"""The command line: measure what was asked for, print it, and write results and pictures."""

from __future__ import annotations

import argparse
import importlib
import json
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.results import RESULTS, machine, write_results
from benchmarks.speed import __doc__ as about
from benchmarks.speed import targets
from benchmarks.speed.busy import busy_with_others
from benchmarks.speed.report import page
from benchmarks.speed.sections import SECTIONS
from benchmarks.speed.settings import Settings

PACKAGES = ("glassnet", "numpy", "scipy", "llvmlite", "scikit-learn", "torch", "jax", "jaxlib", "keras")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="holds mnist.npz; without it that part is left out")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, help="of every section, instead of what each finds right")
    parser.add_argument("--quick", action="store_true", help="show that all works; the figures mean nothing")
    parser.add_argument("--engine", default="compiled", help="of glassnet (compiled)")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results; with --quick build/speed)")
    options = parser.parse_args()
    settings = Settings(options.engine, options.rounds, options.quick, options.data)
    folder = options.out or (Path("build/speed") if options.quick else RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": machine() | {"versions": versions()},
        "engine": options.engine,
        "quick": options.quick,
        "sections": {},
    }
    content["sections"] = earlier(folder / "speed.json", content)
    started = time.perf_counter()
    for name in options.only or SECTIONS:
        print(f"\n== {SECTIONS[name].TITLE}", flush=True)
        others = busy_with_others()
        begun = time.perf_counter()
        result = SECTIONS[name].run(settings)
        taken = time.perf_counter() - begun
        content["sections"][name] = {
            "measured": time.strftime("%Y-%m-%d %H:%M:%S"),
            "seconds": taken,
            "busy_with_others": max(others, busy_with_others()),
            "result": result,
        }
        print("\n".join(SECTIONS[name].report(result)))
        print(f"{taken:.0f} s", flush=True)
        write(folder, content)
    print("\n== Targets")
    print("\n".join(targets.report({name: record["result"] for name, record in content["sections"].items()})))
    print(f"all in {time.perf_counter() - started:.0f} s; results and pictures are in {folder}")


def write(folder: Path, content: dict[str, Any]) -> None:
    """The figures, the page and the pictures, after each section anew: nothing measured gets lost."""
    from benchmarks.speed.pictures import draw_overview, draw_scaling

    sections = content["sections"]
    results = {name: record["result"] for name, record in sections.items()}
    write_results("speed", content | {"targets": targets.verdicts(results)}, folder / "speed.json")
    (folder / "speed.md").write_text(page(content), encoding="utf-8")
    if "steps" in results:
        draw_overview(results["steps"], folder / "speed_overview.png")
    if "scaling" in results:
        draw_scaling(results["scaling"], folder / "speed_scaling.png")


def earlier(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Sections that were measured before, by the same versions on the same machine: one section can be renewed."""
    if not path.exists():
        return {}
    before = json.loads(path.read_text())["records"]
    same = all(before.get(key) == content[key] for key in ("machine", "engine", "quick"))
    return {name: record for name, record in before["sections"].items() if name in SECTIONS} if same else {}


def versions() -> dict[str, str]:
    """Of everything that is measured; glassnet may be used without being installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            if package == "glassnet":
                found[package] = importlib.import_module("glassnet").__version__
    return found


if __name__ == "__main__":
    main()
