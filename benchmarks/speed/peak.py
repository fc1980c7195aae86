"""The most that a processor can do: fused multiply-adds on registers alone, nothing loaded, nothing stored.

What share of this a training step reaches says how much there is left to gain, on whatever machine.
"""

from __future__ import annotations

import ctypes
import time
from functools import cache
from threading import Thread
from typing import Any

import numpy as np
from llvmlite import binding as llvm

from glassnet.engines.compiled.llvm import processor

__all__ = ["gigaflops"]

SUMS = 12
"""Independent chains of sums: twice what a processor has under way at a time, and fewer than it has registers."""


def text(lanes: int) -> str:
    """So many rounds of SUMS fused multiply-adds of vectors."""
    kind = f"<{lanes} x float>"
    lines = [f"declare {kind} @llvm.fma.v{lanes}f32({kind}, {kind}, {kind})"]
    lines += [f"define void @peak(i64 %rounds, ptr %memory) #0 {{\nstart:\n  %a = load {kind}, ptr %memory, align 4"]
    lines += ["  br label %step\nstep:\n  %left = phi i64 [%rounds, %start], [%left_then, %step]"]
    lines += [f"  %s{i} = phi {kind} [%a, %start], [%t{i}, %step]" for i in range(SUMS)]
    lines += [f"  %t{i} = call {kind} @llvm.fma.v{lanes}f32({kind} %a, {kind} %a, {kind} %s{i})" for i in range(SUMS)]
    lines += ["  %left_then = sub i64 %left, 1\n  %more = icmp sgt i64 %left_then, 0"]
    lines += ["  br i1 %more, label %step, label %end\nend:"]
    lines += [f"  store {kind} %t{i}, ptr %memory, align 4" for i in range(SUMS)]
    bits = lanes * 32
    lines += [
        "  ret void\n}",
        f'attributes #0 = {{ nounwind "min-legal-vector-width"="{bits}" "prefer-vector-width"="{bits}" }}',
    ]
    return "\n".join(lines)


@cache
def _compiled() -> tuple[Any, Any]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features, *_ = processor()
    machine = llvm.Target.from_default_triple().create_target_machine(cpu=name, features=features, opt=3, jit=True)
    module = llvm.parse_assembly(text(processor().bits // 32))
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine, ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(engine.get_function_address("peak"))


def gigaflops(threads: int, seconds: float) -> float:
    """Floating-point operations a nanosecond of all threads together, the best of several tries in so many seconds.

    A fused multiply-add counts as two.
    """
    _, run = _compiled()
    lanes, rounds = processor().bits // 32, 2_000_000
    memories = [np.zeros(lanes, np.float32) for _ in range(threads)]
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        others = [Thread(target=run, args=(rounds, memory.ctypes.data)) for memory in memories[1:]]
        started = time.perf_counter()
        for thread in others:
            thread.start()
        run(rounds, memories[0].ctypes.data)
        for thread in others:
            thread.join()
        best = min(best, time.perf_counter() - started)
    return 2 * lanes * SUMS * rounds * threads / best / 1e9
