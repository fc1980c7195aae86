"""The time of one training step with vectors of 256 bits: what processors without AVX-512 are given.

Each library is told by its own switch; one that has none is left out. glassnet is told by `GLASSNET_PROCESSOR`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.speed.best import OURS
from benchmarks.speed.cases import CASES
from benchmarks.speed.sections import steps
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import Contender, team

TITLE = "One training step, everybody told to use AVX2 only"

# Without the second of its flags JAX takes products from a library that looks at the processor itself: on one with
# AVX-512 they ran at 145 to 155 GFLOP/s a core, where the registers allow 91 with AVX2.
SWITCHES = {
    "GLASSNET_PROCESSOR": "x86-64-v3",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2 --xla_cpu_experimental_ynn_fusion_type=",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}

PEERS = ("JAX", "PyTorch")


def run(settings: Settings) -> dict[str, Any]:
    """The five cases, and what the registers allow with such vectors."""
    cases = CASES[:1] if settings.quick else CASES
    record = steps.measure([settings.ours, *settings.peers(*PEERS)], cases, settings, **SWITCHES)
    with team([Contender("registers", CORES, "")], **SWITCHES) as (registers,):
        peak = max(registers.ask("measure_peak", threads=CORES, seconds=settings.seconds(0.2)) for _ in range(7))
    for case in cases:
        if OURS in record[case.name]["times"]:
            record[case.name]["share_of_peak"] = case.flops / record[case.name]["times"][OURS]["median"] / peak
    return record


def report(record: dict[str, Any]) -> list[str]:
    """As with vectors of any width, and the shares of the registers' rate."""
    shares = [
        f"{name} {100 * found['share_of_peak']:.0f} %" for name, found in record.items() if "share_of_peak" in found
    ]
    return [*steps.report(record), f"Of the rate of the registers: {', '.join(shares)}.", ""]
