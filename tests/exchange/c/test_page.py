"""The C program on the page about C compiles as it says there, and gives what the model predicts."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from glassnet import NeuralRegressor

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_program_on_the_page_runs(language, tmp_path):
    page = (DOCS / language / "c.md").read_text()
    (program,) = re.findall(r"^```c\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (command,) = re.findall(r"^cc .*$", page, re.MULTILINE)
    flats = pd.read_csv(DOCS / "data/flats.csv", parse_dates=["available"])
    X = flats.drop(columns=["flat", "rent", "gone_in_a_week"])
    model = NeuralRegressor(hidden_layers=(32, 16), preset="mlp", epochs=2, random_state=0).fit(X, flats["rent"])
    model.to_c(tmp_path / "rent.c")
    (tmp_path / "main.c").write_text(program)
    subprocess.run([*command.split(), "-Wall", "-Werror"], cwd=tmp_path, check=True)
    said = float(subprocess.run([tmp_path / "rent"], stdout=-1, check=True).stdout)
    row = {"area": 67, "rooms": 3, "built": math.nan, "district": "north", "balcony": "no", "heating": None}
    row["available"] = pd.Timestamp(date.fromordinal(date(1970, 1, 1).toordinal() + 19744))
    assert said == pytest.approx(model.predict(pd.DataFrame([row])[X.columns])[0], abs=0.01)
