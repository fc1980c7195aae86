"""What is known of C code that was written: its files, what goes in and comes out, and how near it is to the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Deviation:
    """Deviation of the predictions of the C code from the model's, on some rows.

    Attributes
    ----------
    rows : int
    largest : float
        The largest difference of a probability, or of a predicted value in its units.
    changed : float or None
        The share of rows that get another class; None where there are no classes.
    score, score_before : float or None
        Accuracy, or R² of values, of the code and of the model; None if the true answers were not given.
    estimated : str or None
        None: the code was compiled and answered the rows. Else why not; then the graph that it was written from
        answered in its place, with weights as the code has them.
    """

    rows: int
    largest: float
    changed: float | None = None
    score: float | None = None
    score_before: float | None = None
    estimated: str | None = None


@dataclass(frozen=True)
class CSource:
    """Result of :func:`glassnet.to_c`.

    Attributes
    ----------
    source, header : Path
    prefix : str
        What public names begin with.
    constants : int
        Bytes of all tables.
    stack : int
        Bytes of arrays that a prediction lays on the stack.
    quantized : bool
        Whether weights are of one byte.
    fields : tuple of (str, str, str)
        Of each field of the input its name, the column, and what it holds.
    answers : tuple of (str, int)
        Of each field of the output its name and how many numbers it has.
    deviation : Deviation or None
        None if no rows were given.
    """

    source: Path
    header: Path
    prefix: str
    constants: int
    stack: int
    quantized: bool
    fields: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[str, int], ...]
    deviation: Deviation | None = None
