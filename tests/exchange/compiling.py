"""How the tests compile what was written as C: with every warning that means something, each an error."""

from __future__ import annotations

from glassnet.exchange.c.running import FAST, Compiled, compile_model
from glassnet.exchange.c.written import CSource

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wdouble-promotion", "-Wshadow")
STRICT = ("-std=c99", *WARNINGS, "-Werror")


def compiled(written: CSource, compiler: str = "gcc", options: tuple[str, ...] = FAST) -> Compiled:
    """The model in a program, without a word of the compiler about it."""
    return compile_model(written, [compiler], options, strict=STRICT)
