"""Where benchmarks write what they measured: JSON with the machine and the versions it was measured on."""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """The processor, its cores, and the versions of what was measured."""
    versions = {}
    for package in ("glassnet", "numpy", "scipy", "scikit-learn", "torch"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": versions,
    }


def write_results(name: str, records: Any, path: Path | None = None) -> Path:
    """Write records to benchmarks/results/NAME.json (or elsewhere) and say where."""
    path = path or RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps({"machine": machine(), "records": records}, indent=1) + "\n")
    print(f"written to {path}")
    return path


def whole_numbers(text: str) -> list[int]:
    """Those in "10,100", as an option has them."""
    return [int(number) for number in text.split(",")]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
