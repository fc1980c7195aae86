"""A table that is larger than memory: rows are written as Parquet piece by piece, and learned from within 1 GB.

python examples/bigger_than_memory.py [rows] [memory]

Fifty million rows take 2.8 GB as files and 7.4 GB as encoded rows for a while, and some minutes; all of it is gone when
the program ends. Fewer rows show the same: 2000000.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from glassnet import NeuralClassifier

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
MEMORY = sys.argv[2] if len(sys.argv) > 2 else "1GB"
PIECE = 500_000
COLUMNS = 15


def some_rows(number, rows):
    """Flights that are late or not: invented, so that this runs without your data."""
    rng = np.random.default_rng(number)
    numbers = rng.normal(size=(rows, COLUMNS)).astype(np.float32)
    frame = pl.DataFrame(numbers, schema=[f"reading {column}" for column in range(COLUMNS)])
    carrier = rng.integers(0, 20, rows)
    late = numbers[:, 0] * numbers[:, 1] + np.sin(2 * numbers[:, 2]) + 0.1 * carrier - 1 + rng.normal(size=rows) / 2 > 0
    return frame.with_columns(
        carrier=pl.Series([f"carrier {which}" for which in range(20)])[carrier.tolist()],
        late=pl.Series(np.where(late, "yes", "no")),
    )


def peak():
    """The most memory that this process has had so far, in megabytes, what it has mapped of files included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


with tempfile.TemporaryDirectory() as folder:
    started = time.perf_counter()
    for number, start in enumerate(range(0, ROWS, PIECE)):
        some_rows(number, min(PIECE, ROWS - start)).write_parquet(Path(folder, f"{number:05}.parquet"))
    files = sum(file.stat().st_size for file in Path(folder).iterdir())
    print(f"{ROWS:,} rows in {files / 1e9:.2f} GB of files, written in {time.perf_counter() - started:.0f} s")

    model = NeuralClassifier(
        preset="mlp", hidden_layers=(64, 64), epochs=1, batch_size=1024, validation_fraction=0.01, random_state=0
    )
    started = time.perf_counter()
    model.fit(folder, "late", memory=MEMORY)
    seconds, learned = time.perf_counter() - started, model.history_.rows[-1]["seconds"]
    print(f"learned in {seconds:.0f} s, of which {learned:.0f} s were the epoch: {ROWS / learned:,.0f} rows a second")
    print(
        f"peak of the memory: {peak():.0f} MB, with {MEMORY} allowed; in memory the table would take "
        f"{ROWS * (8 * COLUMNS + 40) / 1e9:.1f} GB"
    )

test = some_rows(-1 % 2**32, 20_000)
print(f"accuracy on rows that it has not seen: {model.score(test.drop('late'), test['late'].to_numpy()):.3f}")
