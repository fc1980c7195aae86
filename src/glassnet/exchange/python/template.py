"""What every exported file has: its frame, around the functions that differ from model to model."""

from __future__ import annotations

from typing import Final

__all__ = ["ANSWERS", "BESIDE", "FRAME", "INSIDE", "KINDS", "MATRIX", "NAMED", "ONE", "SEVERAL"]

KINDS: Final = {
    "number": "numbers",
    "boolean": "true or false",
    "duration": "durations, their seconds, or text such as 1 day, 2:30:00",
    "date": "dates",
    "datetime": "moments, in UTC",
    "time": "times of day",
    "category": "text",
    "matrix": "numbers, a column each",
}
"""What a column holds, for people."""
ANSWERS: Final = {
    "label": "the class",
    "probabilities": "of each class",
    "scores": "of each class, or of the second of two",
    "set": "whether it may well be of each class",
    "value": "the number",
    "quantiles": "of the number",
    "deviation": "the standard deviation of the number",
    "lower": "the lower end of its interval",
    "upper": "the upper end of its interval",
    "answer": "what the outputs of the network mean",
}
"""What an answer is, for people."""

FRAME: Final = '''\
"""{title}

    import {module}
    {module}.predict({{{example}}})

or from a CSV file to a CSV file:

    python {module}.py table.csv > predictions.csv

Written by glassnet {version}, which is not needed to run it: it needs NumPy alone.

Columns:
{columns}

Answers, for each row:
{answers}
"""

from __future__ import annotations

{imports}

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Weights = Mapping[str, Array]

COLUMNS = {names}
BLOCK = {block}
"""Rows that go through the networks at a time."""
THREADS = {threads}
"""Blocks at work at the same time{why}."""
{globals}

def predict(columns: Mapping[str, Sequence[Any]]) -> dict[str, Array]:
    """Answer for every row.

    Parameters
    ----------
    columns : mapping from str to sequence
        The cells of each column, or anything that has them by the names of the columns, such as a DataFrame.

    Returns
    -------
    dict from str to array
        {gives}: one entry, or one row of entries, for each row.
    """
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise ValueError(f"These columns are missing: {{', '.join(map(repr, missing))}}.")
    x = encode(columns)
    np.empty(2**25 - 2**16, np.uint8)  # freed again: from now on Linux keeps freed memory at hand, up to this size
    starts = range(0, max(1, len(x)), BLOCK)
    with ThreadPoolExecutor(THREADS) as threads:
        blocks = list(threads.map(lambda start: respond(x[start : start + BLOCK]), starts))
    return {{name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}}


def respond(x: Array) -> dict[str, Array]:
    """Answer for some rows that are encoded."""
    with np.errstate(all="ignore"):  # of two ways that `where` chooses from, one may lead nowhere
        return {respond}


def main() -> None:
    """From a CSV file to predictions as CSV."""
    if len(sys.argv) != 2:
        sys.exit(f"Usage: python {{Path(__file__).name}} table.csv > predictions.csv")
    with Path(sys.argv[1]).open(newline="", encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    {reading}
    table: dict[str, list[Any]] = {{}}
    for name, values in predict(columns).items():
        if values.ndim == 1:
            table[name] = values.tolist()
        else:
            parts = {parts}
            table |= {{f"{{name}} {{part}}": column.tolist() for part, column in zip(parts, values.T, strict=True)}}
    writer = csv.writer(sys.stdout)
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))


# ------------------------------------------------------------- columns to numbers


def encode(columns: Mapping[str, Sequence[Any]]) -> Array:
    """All columns as one matrix."""
{encode}


{columns_functions}# ------------------------------------------------------------------------ network


{layers_functions}# ------------------------------------------------------------------------- answer


{answer}


# -------------------------------------------------------------------------- cells


{helpers}


# --------------------------------------------------------------- what was learned


@cache
def weights(part: str) -> Weights:
    """The numbers that a part of the model has learned, by their names."""
    return {{name.partition("/")[2]: array for name, array in learned().items() if name.startswith(f"{{part}}/")}}


{learned}

if __name__ == "__main__":
    main()
'''
NAMED: Final = "columns = {name: [row[place] for row in rows] for place, name in enumerate(head)}"
MATRIX: Final = 'columns = {"X": np.array([read_numbers(row) for row in rows]).reshape(len(rows), len(head))}'
ONE: Final = "answer(run_network(x, 1))"
SEVERAL: Final = "answer([run_network(x, network) for network in range(1, {count} + 1)])"

INSIDE: Final = '''\
@cache
def learned() -> Weights:
    """All of them."""
    with np.load(io.BytesIO(base64.b64decode(LEARNED)), allow_pickle=False) as file:
        return dict(file)


LEARNED = """
{text}
"""
'''
BESIDE: Final = '''\
@cache
def learned() -> Weights:
    """All of them, from the file beside this one."""
    with np.load(Path(__file__).with_suffix(".npz"), allow_pickle=False) as file:
        return dict(file)
'''
