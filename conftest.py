"""For all tests: English, and for the examples in docstrings: a module is imported as everybody imports it, once.

Where nobody has imported a module yet, pytest executes its file by itself, after its package. Most packages import
their modules, so such a file would be executed twice, and of each class there would be two.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

os.environ["GLASSNET_LANGUAGE"] = "en"  # whatever the locale of whoever runs the tests

SOURCES = Path(__file__).parent / "src"


def pytest_collect_file(file_path: Path) -> None:
    if file_path.suffix == ".py" and file_path.is_relative_to(SOURCES):
        import_module(".".join(file_path.parent.relative_to(SOURCES).parts))
