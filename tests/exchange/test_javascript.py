"""What cells and classes a JavaScript module takes."""

from __future__ import annotations

from datetime import time

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier
from glassnet.errors import InputError
from tests.node import run_program


@pytest.mark.slow
def test_a_javascript_module_reads_cells_as_tables_do(tmp_path):
    x = np.linspace(-1, 1, 40)
    times = [time(hour % 24) for hour in range(40)]
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=40), "at": times, "x": x})
    model = NeuralClassifier(hidden_layers=4, preset="mlp", epochs=3, random_state=0).fit(frame, x > 0)
    file = model.to_javascript(tmp_path / "cells.mjs")
    program = f"""
        import {{ predict, predictProba }} from "{file}";
        const found = (...row) => {{ try {{ return predictProba(row)[1]; }} catch (told) {{ return told.message; }} }};
        const days = ["2024-01-05", "2024-01-05 00:00", "2024-01-05T02:00+02:00", new Date("2024-01-05")];
        const day = days[0];
        const hour = "01:00";
        const refused = [["2024-02-30", hour, 0], ["2024-1-5", hour, 0], [day, "01:99", 0], [day, hour, 1 / 0]];
        console.log(JSON.stringify({{
          label: predict([day, "04:00", 0.5]), days: days.map((one) => found(one, "04:00", 0.5)),
          blank: [found(null, "04:00", 0.5), found(" ", "04:00", 0.5)],
          refused: [...refused, [1, 2, 3, 4]].map((row) => found(...row)),
        }}));
    """
    found = run_program(program, [])
    own = model.predict_proba(pd.DataFrame({"day": [pd.Timestamp("2024-01-05")], "at": [time(4)], "x": [0.5]}))[0, 1]
    assert isinstance(found["label"], bool)
    np.testing.assert_allclose(found["days"], own, atol=1e-4)
    assert found["blank"][0] == found["blank"][1] != found["days"][0]
    received = ['"2024-02-30"', '"2024-1-5"', '"01:99"', "Infinity", "4"]
    assert [message.partition("Received: ")[2].partition(".")[0] for message in found["refused"]] == received


def test_whole_number_classes_that_javascript_cannot_tell_apart_are_refused(tmp_path):
    x = np.linspace(-1, 1, 20)[:, None]
    model = NeuralClassifier(hidden_layers=4, preset="mlp", epochs=1).fit(x, np.where(x[:, 0] > 0, 2**60, 2**60 + 1))
    with pytest.raises(InputError, match="must lie within"):
        model.to_javascript(tmp_path / "large.mjs")
