"""A 64-bit ARM processor to run kernels on, without an operating system: QEMU's, and a program that we write ourselves.

The program reads a memory image, calls the functions that the image names, and writes the image back. What differs from
the image that this processor leaves, differs between the two.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from llvmlite import binding as llvm

from glassnet.engines.compiled.code import NUMBER
from glassnet.engines.compiled.code.kernel import product_symbol
from glassnet.engines.compiled.kernels.product import multiply, product_text
from glassnet.engines.compiled.kernels.rounded_product import ROUNDED, rounded_product_text
from glassnet.engines.compiled.llvm import PASSES, Processor, optimised

NEON = Processor("generic", "", 128, 32, fused=True, family="aarch64")
"""What every 64-bit ARM processor has."""
EMULATOR, LINKER = "qemu-aarch64", "ld.lld"
MISSING = [program for program in (EMULATOR, LINKER) if shutil.which(program) is None]
ROOM = 1 << 27
ARGUMENTS = 14
"""As many as any function has that is called here; more than a function takes do no harm."""

SYSTEM = (0xAA0003E8, 0xAA0103E0, 0xAA0203E1, 0xAA0303E2, 0xD4000001, 0xD65F03C0)
"""mov x8, x0; mov x0, x1; mov x1, x2; mov x2, x3; svc 0; ret: a call of the system, by its number and three arguments.
LLVM as it comes with Python assembles for its own processor alone."""
WORDS = "\n".join(
    f"  %index{i} = add i64 %first, {i + 1}\n"
    f"  %at{i} = getelementptr i64, ptr @room, i64 %index{i}\n"
    f"  %word{i} = load i64, ptr %at{i}"
    for i in range(ARGUMENTS + 1)
)
PROGRAM = f"""
@room = global [{ROOM} x i8] zeroinitializer, align 64

@system = constant [{len(SYSTEM)} x i32] [{", ".join(f"i32 {x}" for x in SYSTEM)}], section ".text.system", align 4

define i64 @whole(i64 %what, i64 %file, i64 %size) noinline {{
start:
  br label %more
more:
  %done = phi i64 [0, %start], [%then, %more]
  %place = getelementptr i8, ptr @room, i64 %done
  %left = sub i64 %size, %done
  %moved = call i64 @system(i64 %what, i64 %file, ptr %place, i64 %left)
  %then = add i64 %done, %moved
  %going = icmp sgt i64 %moved, 0
  br i1 %going, label %more, label %end
end:
  ret i64 %done
}}

define void @_start() {{
start:
  %size = call i64 @whole(i64 63, i64 0, i64 {ROOM})
  %count = load i64, ptr @room
  br label %next
next:
  %number = phi i64 [0, %start], [%number_then, %call]
  %going = icmp slt i64 %number, %count
  br i1 %going, label %call, label %end
call:
  %first = mul i64 %number, {ARGUMENTS + 1}
{WORDS}
  %function = inttoptr i64 %word0 to ptr
  call void %function({", ".join(f"i64 %word{i + 1}" for i in range(ARGUMENTS))})
  %number_then = add i64 %number, 1
  br label %next
end:
  %written = call i64 @whole(i64 64, i64 1, i64 %size)
  call i64 @system(i64 94, i64 0, ptr null, i64 0)
  unreachable
}}

define ptr @memset(ptr %to, i32 %number, i64 %size) {{
start:
  %byte = trunc i32 %number to i8
  br label %next
next:
  %i = phi i64 [0, %start], [%then, %step]
  %going = icmp ult i64 %i, %size
  br i1 %going, label %step, label %end
step:
  %at = getelementptr i8, ptr %to, i64 %i
  store volatile i8 %byte, ptr %at
  %then = add i64 %i, 1
  br label %next
end:
  ret ptr %to
}}

define ptr @memcpy(ptr %to, ptr %from, i64 %size) {{
start:
  br label %next
next:
  %i = phi i64 [0, %start], [%then, %step]
  %going = icmp ult i64 %i, %size
  br i1 %going, label %step, label %end
step:
  %source = getelementptr i8, ptr %from, i64 %i
  %at = getelementptr i8, ptr %to, i64 %i
  %byte = load volatile i8, ptr %source
  store volatile i8 %byte, ptr %at
  %then = add i64 %i, 1
  br label %next
end:
  ret ptr %to
}}
"""
"""63, 64 and 94 are Linux's numbers of read, write and exit_group."""


@cache
def _target() -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple("aarch64-unknown-linux-gnu")
    return target.create_target_machine(cpu=NEON.name, features=NEON.features, opt=3, reloc="static", codemodel="small")


@cache
def compiled(text: str, passes: int = PASSES) -> bytes:
    """Object code of a text."""
    return bytes(_target().emit_object(optimised(text, passes, _target())))


def assembly(text: str, passes: int = PASSES) -> str:
    """The same as it can be read."""
    return _target().emit_assembly(optimised(text, passes, _target()))


def product(precision: str) -> str:
    """The text of the product of matrices."""
    return (
        rounded_product_text(NEON) if precision == ROUNDED else product_text(multiply(NEON, precision), NEON, precision)
    )


class Emulated:
    """Functions on an emulated processor.

    Parameters
    ----------
    texts : sequence of str
        Of functions called "kernel".
    precision : str
        Of the product that can be called; those of the functions are there, too.
    folder : Path
        For files.
    """

    def __init__(self, texts: Sequence[str], precision: str, folder: Path) -> None:
        objects = [compiled(text.replace("@kernel(", f"@kernel{number}(")) for number, text in enumerate(texts)]
        called = {one for one in (*NUMBER, ROUNDED) if any(product_symbol(one) in text for text in texts)}
        objects += [compiled(product(one), 0) for one in sorted(called | {precision})]
        objects.append(compiled(PROGRAM, 0))
        files = [folder / f"{number}.o" for number in range(len(objects))]
        for file, code in zip(files, objects, strict=True):
            file.write_bytes(code)
        self.program, places = folder / "program", folder / "places"
        subprocess.run([LINKER, "-static", f"-Map={places}", "-o", self.program, *files], check=True)
        found = re.findall(r"^ *([0-9a-f]+) +[0-9a-f]+ +[0-9a-f]+ +\d+ +(\w+)$", places.read_text(), re.M)
        where = {name: int(place, 16) for place, name in found}
        self.room = where["room"]
        self.kernels = {text: where[f"kernel{number}"] for number, text in enumerate(texts)}
        self.product = where[product_symbol(precision)]

    def run(self, calls: Sequence[Sequence[int]], image: bytes) -> bytes:
        """What the image is after these calls: each is a function's address, and its arguments.

        The image lies where :meth:`begin` says.
        """
        words = np.zeros((len(calls), ARGUMENTS + 1), np.int64)
        for row, call in zip(words, calls, strict=True):
            row[: len(call)] = call
        head = np.int64(len(calls)).tobytes() + words.tobytes()
        skipped = self.begin(len(calls)) - self.room
        whole = head.ljust(skipped, b"\0") + image
        assert len(whole) < ROOM
        done = subprocess.run([EMULATOR, self.program], input=whole, capture_output=True, check=True).stdout
        assert len(done) == len(whole)
        return done[skipped:]

    def begin(self, calls: int) -> int:
        """The address of an image behind so many calls."""
        return self.room + -(-(1 + calls * (ARGUMENTS + 1)) // 8) * 64
