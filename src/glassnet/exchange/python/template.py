"""What every exported file has: its frame, around the functions that differ from model to model."""

from __future__ import annotations

from typing import Final

__all__ = ["BESIDE", "FRAME", "INSIDE", "KINDS"]

KINDS: Final = {
    "number": "numbers",
    "boolean": "true or false",
    "duration": "durations, their seconds, or text such as 1 day, 2:30:00",
    "date": "dates",
    "datetime": "moments, in UTC",
    "time": "times of day",
    "category": "text",
    "text": "text, such as messages or titles",
    "matrix": "numbers, a column each",
}
"""What a column holds, for people."""

FRAME: Final = '''\
"""{title}

    import {module}
    {module}.predict({{{example}}})

or from a text file to a CSV file (with --help: what can be said of it):

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
NOTATION: dict[str, str | None] = {notation}
"""How text writes numbers and dates: as in the file that was learned from, as far as one told."""
MISSING: list[str] = {missing}
"""Texts that stand for a gap in a file, beside the empty cell."""
GAPS: set[str] = {gaps}
"""Texts that stand for a gap where other cells are numbers, dates or the like."""
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
        named = f"These columns are missing: {{', '.join(map(repr, missing))}}"
        raise ValueError(f"All columns that were learned from must be there. {{named}}. Give them by these names.")
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
    """From a text file to predictions as CSV."""
    parser = argparse.ArgumentParser(description="Predictions for the rows of a text file, as CSV.", allow_abbrev=False)
    parser.add_argument("table", help='delimited text, perhaps packed (.gz, .bz2, .xz); "-" is the standard input')
    parser.add_argument("--delimiter", help="between cells; found out if left out")
    parser.add_argument("--encoding", help="of text that is neither UTF-8 nor marked as UTF-16, such as cp1252")
    parser.add_argument("--decimal", choices=[".", ","], help="the decimal mark; as in training if left out")
    parser.add_argument("--date-format", choices=["dmy", "mdy", "ymd"], help="as in training if left out")
    parser.add_argument("--missing", action="append", help="a text that stands for a gap; as in training if left out")
    said = parser.parse_args()
    try:
        cells, mark = read_table(said.table, COLUMNS, said.delimiter, said.encoding, said.missing or MISSING)
        if said.missing:
            GAPS.clear()
        NOTATION["decimal"] = said.decimal or NOTATION["decimal"] or ("." if mark == "," else "ask")
        NOTATION["date-format"] = said.date_format or NOTATION["date-format"]
{check}        answers = predict({reading})
    except ValueError as error:
        sys.exit(str(error))
    table: dict[str, list[Any]] = {{}}
    for name, values in answers.items():
        if values.ndim == 1:
            table[name] = values.tolist()
        else:
            parts = {parts}
            table |= {{f"{{name}} {{part}}": column.tolist() for part, column in zip(parts, values.T, strict=True)}}
    write_table(table)


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
