"""For all tests: English, two workers; for the examples in docstrings: a module is imported as everybody does, once.

Where nobody has imported a module yet, pytest executes its file by itself, after its package. Most packages import
their modules, so such a file would be executed twice, and of each class there would be two.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

os.environ["GLASSNET_LANGUAGE"] = "en"  # whatever the locale of whoever runs the tests

SOURCES = Path(__file__).parent / "src"


def pytest_xdist_auto_num_workers() -> int:
    """Two workers; none where there is one core, on which two would collect all tests one after the other."""
    from glassnet.engines.compiled.workers import cores

    return 2 if cores() > 1 else 0


def pytest_collect_file(file_path: Path) -> None:
    if file_path.suffix == ".py" and file_path.is_relative_to(SOURCES):
        import_module(".".join(file_path.parent.relative_to(SOURCES).parts))
