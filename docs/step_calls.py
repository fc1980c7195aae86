"""The way of a training through the source, from a profile of a real one; run this file to write it down anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

import glassnet
from glassnet import Dense, NeuralNetwork
from glassnet.engines.compiled import reuse

SOURCE = Path(glassnet.__file__).parent
PAGE = Path(__file__).with_name("architecture.md")
BLOCK = re.compile("(?<=<!-- calls -->\n).*?(?=<!-- end of calls -->)", re.DOTALL)


class Entered(NamedTuple):
    """A file of the source, and the function that was called in it first; above it the file that did."""

    file: str
    function: str
    above: str


def entered(run: Callable[[], object]) -> list[Entered]:
    """The files in which functions run, in the order in which the first one of each is called."""
    found: dict[str, Entered] = {}
    stack = [""]

    def watch(frame: FrameType, event: str, _: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if event not in ("call", "return") or not file.is_relative_to(SOURCE):
            return
        if event == "return":
            stack.pop()
            return
        name = file.relative_to(SOURCE).as_posix()
        function = frame.f_code.co_qualname.partition(".<locals>")[0]
        found.setdefault(name, Entered(name, function, stack[-1]))
        stack.append(name)

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return list(found.values())


def picture() -> str:
    """The files as a tree, each below the one that called it; a star marks those that run in every training."""
    X = np.linspace(-1, 1, 40)[:, None]
    networks = [NeuralNetwork(1, [Dense(8, "tanh"), Dense(1)]) for _ in range(3)]

    def train() -> None:
        networks.pop().train(X, X[:, 0] ** 2, epochs=1)

    train()  # whatever a process does once, the compilation among it
    always = {one.file for one in entered(train)}
    for known in (reuse._known, reuse._lowered):  # as at the beginning of a process
        known.clear()
    files = entered(train)
    lines = []

    def below(above: str, depth: int) -> None:
        for one in files:
            if one.above == above:
                name = "  " * depth + one.function
                lines.append(f"{name:<44} {one.file}{' *' if one.file in always else ''}")
                below(one.file, depth + 1)

    below("", 0)
    return "\n".join(["```text", *lines, "```", f"{len(files)} files, {len(always)} of them in every training."]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: picture(), PAGE.read_text("utf-8")), "utf-8")
