"""The tables of a folder, and how a seed splits each into training and test rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from benchmarks.accuracy.halves import half_of_each

__all__ = [
    "TASKS",
    "Split",
    "Table",
    "cut_rows",
    "numeric_columns",
    "read_index",
    "read_table",
    "split_rows",
    "split_table",
]

TASKS = ("binary", "multiclass", "regression")

TEST_SHARE = 0.25

FEWEST_ROWS = 4
"""Of a class: with fewer, one side of the split would go without it. Rows of such classes are dropped."""

LEAKS = {"bank_marketing": ["duration"]}
"""Columns that are known only together with the target; here: how long the call lasted in which it was decided."""


@dataclass(frozen=True)
class Table:
    """A CSV file and what is to be predicted from it.

    Parameters
    ----------
    name : str
    path : Path
    target : str
        The column to predict.
    task : {"binary", "multiclass", "regression"}
    rows : int
        In the file.
    half : {"a", "b"}
    text : tuple of str
        The columns of text.
    """

    name: str
    path: Path
    target: str
    task: str
    rows: int
    half: str
    text: tuple[str, ...] = ()

    @property
    def numbers(self) -> bool:
        """Whether numbers are predicted, and not classes."""
        return self.task == "regression"


@dataclass(frozen=True)
class Split:
    """Training and test rows; classes are numbered from 0.

    Parameters
    ----------
    X_train, X_test : DataFrame
    y_train, y_test : array of shape (rows,)
    classes : int
        How many; 0 for numbers.
    """

    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: np.ndarray
    y_test: np.ndarray
    classes: int


def read_index(folder: Path, halves_by: str = "index") -> list[Table]:
    """The tables of INDEX.json in its order; other files, such as images, are left out."""
    entries = [entry for entry in json.loads((folder / "INDEX.json").read_text()) if ".csv" in entry["file"]]
    half = half_of_each([entry["name"] for entry in entries], halves_by)
    return [
        Table(
            path=folder / entry["file"],
            half=half[entry["name"]],
            text=tuple(entry.get("text", ())),
            **{name: entry[name] for name in ("name", "target", "task", "rows")},
        )
        for entry in entries
    ]


def read_table(table: Table) -> pd.DataFrame:
    """The rows whose target is known, without columns that give it away."""
    # an empty cell is missing, a category that is called "None" or "NA" is not
    frame = pd.read_csv(table.path, keep_default_na=False, na_values=[""])
    frame = frame.drop(columns=LEAKS.get(table.name, []))
    return frame[frame[table.target].notna()]


def split_table(table: Table, seed: int, most_rows: int) -> Split:
    """Read a table and split it."""
    return split_rows(read_table(table), table.target, table.numbers, seed, most_rows)


def cut_rows(frame: pd.DataFrame, target: str, numbers: bool, seed: int, most_rows: int) -> pd.DataFrame:
    """Shuffle and cut the rows; classes keep their proportions, and those of too few rows are left out."""
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    if not numbers:
        frame = _without_rare_classes(frame, target)
    if len(frame) > most_rows:
        strata = None if numbers else frame[target]
        frame, _ = train_test_split(frame, train_size=most_rows, random_state=seed, stratify=strata)
    if not numbers:
        frame = _without_rare_classes(frame, target)  # the cut may have left too few
    return frame


def split_rows(frame: pd.DataFrame, target: str, numbers: bool, seed: int, most_rows: int) -> Split:
    """Shuffle, cut and split the rows; classes keep their proportions."""
    frame = cut_rows(frame, target, numbers, seed, most_rows)
    classes = [] if numbers else sorted(frame[target].unique(), key=str)
    X, y = frame.drop(columns=target), frame[target]
    known = y.to_numpy(float) if numbers else y.map({name: code for code, name in enumerate(classes)}).to_numpy(int)
    X_train, X_test, y_train, y_test = train_test_split(
        X, known, test_size=TEST_SHARE, random_state=seed, stratify=None if numbers else known
    )
    return Split(X_train.reset_index(drop=True), X_test.reset_index(drop=True), y_train, y_test, len(classes))


def numeric_columns(X: pd.DataFrame) -> list[str]:
    """The names of the columns that hold numbers or booleans; all others are categories."""
    return [name for name in X if pd.api.types.is_numeric_dtype(X[name])]


def _without_rare_classes(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    counts = frame[target].value_counts()
    return frame[frame[target].isin(counts[counts >= FEWEST_ROWS].index)]
