"""How the tests compile what was written as C: with every warning that means something, each an error.

Compilers take most of the time of these tests, so what one has made of the same text is kept, as kernels are.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from glassnet.exchange.c import compilation
from glassnet.exchange.c.compilation import FAST, CompiledProgram, CSource

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wdouble-promotion", "-Wshadow")
STRICT = ("-std=c99", *WARNINGS, "-Werror")
KEPT = Path(os.environ["GLASSNET_CACHE"]).with_name("programs")


def compiled(written: CSource, compiler: str = "gcc", options: tuple[str, ...] = FAST) -> CompiledProgram:
    """The model in a program, without a word of the compiler about it."""
    with pytest.MonkeyPatch.context() as patch:
        if "-march=native" not in options:
            patch.setattr(compilation, "_run", functools.partial(kept, compilation._run, written.header))
        return compilation.compile_model(written, [compiler], options, strict=STRICT)


def kept(run: Callable[[Sequence[str]], str], header: Path, command: Sequence[str]) -> None:
    """Carry a compiler's command out, or take the file that it would write."""
    compiler, *words, target = command
    read = [header, *(Path(word) for word in words if word.endswith((".c", ".o")))]
    of = [version(compiler), *(word for word in words if not Path(word).is_absolute())]
    parts = [*map(str.encode, of), *(file.name.encode() + b"\0" + file.read_bytes() for file in read)]
    place = KEPT / hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    if place.exists():
        shutil.copy(place, target)
        return
    run(command)
    KEPT.mkdir(parents=True, exist_ok=True)
    aside = place.with_suffix(f".{os.getpid()}")
    shutil.copy(target, aside)
    aside.replace(place)


@functools.cache
def version(compiler: str) -> str:
    return subprocess.run([compiler, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
