"""A fresh folder of kernels in the tests' own process, filled without compiling anew what tests have compiled."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glassnet.engines import ordered
from glassnet.engines.compiled import jit, kernel_cache, llvm, reuse

SHARED = Path(os.environ["GLASSNET_CACHE"])


def forget() -> None:
    """What the process knows of a folder, as if it had just begun."""
    kept = (
        kernel_cache.cache_folder,
        kernel_cache._remove_unused,
        kernel_cache._tell,
        ordered._order,
        ordered._function,
    )
    for function in kept:
        function.cache_clear()


def know_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process know no kernel, as if it had just begun."""
    monkeypatch.setattr(jit, "_loaded", {})
    monkeypatch.setattr(reuse, "_known", {})
    monkeypatch.setattr(reuse, "_lowered", {})


@contextmanager
def fresh_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of kernels, in a process that knows none yet. What the compiler would write into it is taken from the
    folder that all tests share, if it is there: for tests of what is asked for, not of how it is made."""

    def compiled(text: str, passes: int, compiler: Any = llvm.object_code) -> bytes:
        key = re.findall(r"@(\w+_[0-9a-f]{32})\(", text)[0]
        code = kernel_cache._read(SHARED, key)
        if code is None:
            code = compiler(text, passes)
            kernel_cache._write(SHARED, key, code)
        return code

    monkeypatch.setattr(llvm, "object_code", compiled)
    monkeypatch.setenv("GLASSNET_CACHE", str(folder))
    know_no_kernels(monkeypatch)
    forget()
    yield folder
    forget()
