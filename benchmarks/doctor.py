"""The doctor: how many faults made on purpose it finds, and how often it accuses healthy models.

    python -m benchmarks.doctor --data FOLDER

The folder has an INDEX.json, as that of the accuracy benchmark; of each table at most 3,000 rows are taken, a quarter
of them to judge by. Writes benchmarks/results/doctor.json after every table, and doctor.md. With --resume it goes on
where it was ended.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import markdown
from benchmarks.accuracy.tables import Split, Table, read_index, split_table
from benchmarks.faults import NETWORK_FAULTS, Findings
from benchmarks.results import RESULTS, write_results
from glassnet import Doctor, NeuralClassifier, NeuralRegressor, diagnose

ROWS = 3000
SEEDS = range(5)
FLIPPED = 0.1
COPIED = 0.15


class Timed(Doctor):
    """A doctor that knows how long it looked."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def on_epoch_end(self, run: Any) -> None:
        started = time.perf_counter()
        super().on_epoch_end(run)
        self.seconds += time.perf_counter() - started


# ------------------------------------------------------------- faults of tables


def fitted(split: Split, X: pd.DataFrame, y: np.ndarray, **options: Any) -> Any:
    kind = NeuralClassifier if split.classes else NeuralRegressor
    return kind(random_state=0, **options).fit(X, y)


QUICK = {"preset": "mlp", "epochs": 5}
"""Where the fault is in the table, it does not matter how well the model is."""


def leaked(split: Split) -> tuple[str, Findings]:
    """A column that has the target in other words, wrong in one of 500 rows."""
    copy = np.where(np.random.default_rng(0).random(len(split.y_train)) < 0.002, split.y_train[0], split.y_train)
    X = split.X_train.assign(outcome=copy if not split.classes else [f"state {label}" for label in copy])
    return "leaked_target", list(diagnose(fitted(split, X, split.y_train, **QUICK), X, split.y_train))


def mislabelled(split: Split) -> tuple[str, Findings]:
    """A tenth of the labels is another one; or three numbers have the decimal point in the wrong place."""
    rng, y = np.random.default_rng(0), split.y_train.copy()
    if split.classes:
        wrong = rng.random(len(y)) < FLIPPED
        y[wrong] = (y[wrong] + rng.integers(1, split.classes, wrong.sum())) % split.classes
    else:
        y[rng.choice(len(y), 3, replace=False)] *= 100
    return "suspect_labels", list(diagnose(fitted(split, split.X_train, y), split.X_train, y))


def copied(split: Split) -> tuple[str, Findings]:
    """Rows that were learned from among those that judge."""
    few = np.arange(int(COPIED * len(split.y_test)))
    X = pd.concat([split.X_train.iloc[few], split.X_test.iloc[len(few) :]])
    y = np.concatenate([split.y_train[few], split.y_test[len(few) :]])
    model = fitted(split, split.X_train, split.y_train, **QUICK)
    return "duplicates", list(diagnose(model, split.X_train, split.y_train, validation_data=(X, y)))


def moved(split: Split) -> tuple[str, Findings]:
    """The validation rows are those with the larger values of the most varied column."""
    X, y = pd.concat([split.X_train, split.X_test]), np.concatenate([split.y_train, split.y_test])
    numbers = X.select_dtypes("number")
    column = numbers.nunique().idxmax() if numbers.shape[1] else X.nunique().idxmax()
    order = X[column].to_numpy().argsort(kind="stable")
    train, test = np.split(order, [len(split.y_train)])
    known = np.isin(y[test], y[train]) if split.classes else np.ones(len(test), bool)
    X_test, y_test = X.iloc[test][known], y[test][known]
    model = fitted(split, X.iloc[train], y[train], **QUICK)
    return "drift", list(diagnose(model, X.iloc[train], y[train], validation_data=(X_test, y_test)))


TABLE_FAULTS = {
    "the target among the columns": leaked,
    "a tenth of the labels wrong": mislabelled,
    "15 % of the validation rows learned from": copied,
    "validation rows from the far end of a column": moved,
}


def examine(table: Table) -> dict[str, Any]:
    """A healthy model of a table, live and afterwards, and the faults made in the table."""
    split = split_table(table, seed=0, most_rows=ROWS)
    doctor = Timed()
    model = fitted(split, split.X_train, split.y_train, callbacks=[doctor])
    training = sum(sum(history["seconds"]) for history in model.histories_)
    started = time.perf_counter()
    first = diagnose(model, split.X_train, split.y_train)
    seconds = time.perf_counter() - started
    second = diagnose(model, split.X_train, split.y_train, validation_data=(split.X_test, split.y_test))
    # the second time other rows judge, and they alone can show a drift
    said = {finding.kind: finding for finding in (*second, *first, *doctor.findings)}
    faults = {}
    for name, make in TABLE_FAULTS.items():
        kind, findings = make(split)
        faults[name] = {"kind": kind, "found": any(finding.kind == kind for finding in findings)}
    return {
        "rows": len(split.y_train),
        "columns": split.X_train.shape[1],
        "findings": [{"kind": f.kind, "severity": f.severity, "what": f.what} for f in said.values()],
        "seconds": seconds,
        "live": doctor.seconds / training,
        "faults": faults,
    }


# ------------------------------------------------------------------- the report


def page(records: dict[str, Any]) -> str:
    """Both tables, and every finding on the healthy models."""
    tables = records["tables"]
    faults = [[r["fault"], f"`{r['kind']}`", f"{r['found']} of {r['of']}"] for r in records["faults"]]
    for name in TABLE_FAULTS:
        made = [about["faults"][name] for about in tables.values()]
        if made:
            found = sum(each["found"] for each in made)
            faults.append([f"{name}, in a real table", f"`{made[0]['kind']}`", f"{found} of {len(made)}"])
    lines = ["# The doctor", "", "Made by `python -m benchmarks.doctor`; do not edit.", ""]
    lines += [
        "Settled after a first look at these tables and faults: the limits of suspect labels and of a rate too high,",
        "that a very rare class which is never answered is only a note, and how the members share the callback's time.",
        "",
        "## Faults made on purpose",
        "",
        *markdown.table(["fault", "kind", "found"], faults),
    ]
    accused = sum(any(f["severity"] != "note" for f in about["findings"]) for about in tables.values())
    live = 100 * max((about["live"] for about in tables.values()), default=0.0)
    lines += [
        "## Models that should be healthy",
        "",
        f"The default preset on {len(tables)} tables of at most {ROWS:,} rows: {accused} get a warning.",
        f"The callback took {live:.1f} % of the time of a training at most.",
        "",
    ]
    rows = [
        [name, f"{about['rows']:,}", f"{about['columns']}", f"{about['seconds']:.1f} s", f"{100 * about['live']:.1f} %"]
        for name, about in tables.items()
    ]
    lines += markdown.table(["table", "rows", "columns", "diagnosis", "callback"], rows)
    lines += ["Everything that was said of them:", ""]
    lines += [
        f"- {name}, {finding['severity']}: {finding['what']}"
        for name, about in tables.items()
        for finding in about["findings"]
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with INDEX.json and tables")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    file = RESULTS / "doctor.json"
    records: dict[str, Any] = {"faults": [], "tables": {}}
    if arguments.resume and file.exists():
        records = json.loads(file.read_text())["records"]
    if not records["faults"]:
        for fault, (kind, make) in NETWORK_FAULTS.items():
            found = sum(any(finding.kind == kind for finding in make(seed)) for seed in SEEDS)
            records["faults"].append({"fault": fault, "kind": kind, "found": found, "of": len(SEEDS)})
            print(f"{fault}: {kind} found in {found} of {len(SEEDS)}")
    for table in read_index(arguments.data):
        if table.name not in records["tables"]:
            records["tables"][table.name] = about = examine(table)
            write_results("doctor", records)
            print(table.name, json.dumps(about, indent=1))
        (RESULTS / "doctor.md").write_text(page(records))


if __name__ == "__main__":
    main()
