"""The code on the pages about files and other libraries runs, and says what the pages say."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from pathlib import Path

import pytest

from glassnet.support.container import FORMAT

DOCS = Path(__file__).parents[2] / "docs"
WANTED = {
    "files": ["True", f"{FORMAT} NeuralClassifier", "must be unmodified", "library_name: glassnet"],
    "import": ["1e-9", "Dense(16, 'relu')", "Dense(3, 'silu')", "'waves'"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WANTED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_code_of_a_page_runs(name, language, monkeypatch):
    text = (DOCS / language / f"{name}.md").read_text(encoding="utf-8")
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    if name == "import":
        pytest.importorskip("onnx")
    monkeypatch.chdir(DOCS / language)
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as output, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn may say that its training was short
        for cell in cells:
            exec(compile(cell, f"{language}/{name}.md", "exec"), namespace)
    for words in WANTED[name]:
        assert words in output.getvalue(), words
    assert "False" not in output.getvalue().split("library_name")[0]
