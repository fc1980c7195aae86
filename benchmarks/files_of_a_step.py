"""How many source files one has to open to follow a training step, from the network's call to the instructions.

    python -m benchmarks.files_of_a_step

counts the files whose functions are called while one step of a plain network is prepared, written down and made, with
nothing known yet; what is only imported does not count.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

ROOMS = ("network", "formulas", "layers", "ir", "engines")


def main() -> None:
    """Print the files, and how many lines each has."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GLASSNET_CACHE"] = folder
        import numpy as np

        import glassnet

        network = glassnet.NeuralNetwork(3, ["tanh:4", 2], loss="cross_entropy", dtype="float32")
        X, y = np.ones((8, 3), np.float32), np.arange(8) % 2
        root, calls = Path(glassnet.__file__).parent, Counter[Path]()

        def look(frame: FrameType, event: str, _: Any) -> None:
            file = Path(frame.f_code.co_filename)
            if event == "call" and frame.f_code.co_name != "<module>" and file.is_relative_to(root):
                calls[file.relative_to(root)] += 1

        sys.setprofile(look)
        network.train(X, y, epochs=1, batch_size=8)
        sys.setprofile(None)
    files = sorted(file for file in calls if file.parts[0] in ROOMS and file.name != "__init__.py")
    for file in files:
        print(f"{len((root / file).read_text().splitlines()):5} lines  {file}")
    print(f"{len(files)} files")


if __name__ == "__main__":
    main()
