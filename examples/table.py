"""A table with text, dates and gaps: train, score, look inside, save, load, predict.

python examples/table.py [table.csv target]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor


def some_table(rows=800):
    """Deliveries that are late or not: invented, so that this runs without your data."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "ordered": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), unit="D"),
            "carrier": rng.choice(["North", "Swift", "Post"], rows),
            "kilograms": rng.lognormal(1, 0.8, rows).round(1),
            "distance": rng.integers(5, 900, rows),
        }
    )
    holidays = frame["ordered"].dt.month == 12
    slow = frame["carrier"].map({"North": 0.0, "Swift": -1.0, "Post": 1.0}) + frame["distance"] / 300 + 3 * holidays
    frame["late"] = np.where(slow + rng.normal(0, 0.7, rows) > 2.2, "yes", "no")
    return frame.mask(rng.random(frame.shape) < np.array([0, 0.1, 0.1, 0.1, 0])), "late"


if len(sys.argv) == 3:
    table, target = pd.read_csv(sys.argv[1]), sys.argv[2]
else:
    table, target = some_table()
train, test = train_test_split(table.dropna(subset=target), test_size=0.25, random_state=0)

numbers = pd.api.types.is_numeric_dtype(table[target]) and table[target].nunique() > 20
model = NeuralRegressor(random_state=0) if numbers else NeuralClassifier(random_state=0)
model.fit(train.drop(columns=target), train[target])
score = model.score(test.drop(columns=target), test[target])
print(f"{'R²' if numbers else 'accuracy'} on rows that it has not seen: {score:.3f}\n")

print(model.encoder_)  # what was done to each column
print(model.network_.summary())

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "model.safetensors")
    glassnet.save(model, file)
    print(f"\nsaved in {file.stat().st_size / 1000:.0f} kB; loaded again it says of the first rows:")
    print(glassnet.load(file).predict(test.drop(columns=target)[:5]))
