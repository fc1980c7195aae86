"""The C files of a model, compiled here to predict some rows: how near it is to the model, and how fast.

The program around the model reads all rows from a file, predicts them a given number of times, prints the time per
row, and writes the predictions to another file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.display.record import PrintedRecord

FAST = ("-O3", "-march=native")
TYPES = {"int": "<i4", "float": "<f4", "double": "<f8", "bool": "?"}
"""What the numbers of an answer are in C, and in NumPy."""
TEXTS = ("category", "text")
"""Columns whose cells are texts."""
PATIENCE = 600
"""Seconds that a compiler, and then the program, may take."""

DRIVER = """\
#define _POSIX_C_SOURCE 199309L
#include "{header}"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void get(void *to, size_t bytes, FILE *file)
{{
    if (fread(to, 1, bytes, file) != bytes)
        exit(3);
}}

static const char *get_text(FILE *file)
{{
    int32_t length;
    get(&length, sizeof length, file);
    if (length < 0)
        return NULL;
    char *text = malloc((size_t)length + 1);
    get(text, (size_t)length, file);
    text[length] = 0;
    return text;
}}

static double now(clockid_t clock)
{{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}}

int main(int count, char **words)
{{
    int32_t rows, times = count > 3 ? atoi(words[3]) : 1;
    FILE *file = fopen(words[1], "rb");
    if (!file)
        return 2;
    get(&rows, sizeof rows, file);
    {prefix}_input *in = calloc((size_t)rows, sizeof *in);
    {prefix}_output *out = calloc((size_t)rows, sizeof *out);
    int32_t *wrong = calloc((size_t)rows, sizeof *wrong);
    for (int32_t row = 0; row < rows; ++row) {{
{read}
    }}
    fclose(file);
    double wall = 1e300, processor = 1e300;
    for (int32_t time = 0; time < times; ++time) {{
        const double begun = now(CLOCK_MONOTONIC), worked = now(CLOCK_PROCESS_CPUTIME_ID);
        for (int32_t row = 0; row < rows; ++row)
            wrong[row] = {prefix}_predict(&in[row], &out[row]);
        wall = fmin(wall, now(CLOCK_MONOTONIC) - begun);
        processor = fmin(processor, now(CLOCK_PROCESS_CPUTIME_ID) - worked);
    }}
    file = fopen(words[2], "wb");
    if (!file)
        return 2;
    for (int32_t row = 0; row < rows; ++row) {{
        fwrite(&wrong[row], sizeof wrong[row], 1, file);
{write}
    }}
    fclose(file);
    printf("%.17g %.17g\\n", wall / rows, processor / rows);
{release}
    free(in);
    free(out);
    free(wrong);
    return 0;
}}
"""


@dataclass(frozen=True)
class ProgramOutput:
    """What a program answered."""

    answers: dict[str, npt.NDArray[Any]]  # of shape (rows, numbers)
    wrong: npt.NDArray[np.int32]  # what the prediction returned
    seconds: float  # for one row, in the best of all repetitions
    processor_seconds: float  # the same of the processor


@dataclass(frozen=True)
class CompiledProgram:
    """A program with a model in it."""

    program: Path
    written: CSource
    types: dict[str, np.dtype[Any]]

    def answer(self, cells: Mapping[str, npt.NDArray[Any]], times: int = 1) -> ProgramOutput:
        """Return the predictions for rows, as `graph_inputs` gives them."""
        folder = self.program.parent
        (folder / "rows").write_bytes(_rows(self.written, cells))
        printed = _run([str(self.program), str(folder / "rows"), str(folder / "answers"), str(times)])
        record = np.dtype([("wrong", "<i4"), *((name, self.types[name], (n,)) for name, n in self.written.answers)])
        answers = np.frombuffer((folder / "answers").read_bytes(), record)
        return ProgramOutput(
            {name: answers[name] for name, _ in self.written.answers}, answers["wrong"], *map(float, printed.split())
        )


class CompilerError(RuntimeError):
    """What a compiler, or the program that it made, had to say."""


def compiler_here() -> list[str] | None:
    """Return the command of the C compiler: the environment variable CC, else cc; None if there is none."""
    command = shlex.split(os.environ.get("CC", "")) or ["cc"]
    return command if shutil.which(command[0]) else None


def compile_model(
    written: CSource,
    compiler: Sequence[str],
    options: Sequence[str] = FAST,
    *,
    strict: Sequence[str] = (),
    folder: Path | None = None,
) -> CompiledProgram:
    """Compile the model and a program around it; `strict` are options for the model alone: warnings."""
    header, folder = written.header.read_text("utf-8", "surrogateescape"), folder or written.source.parent
    field = {name: f"in[row].{name}" for name, _, _ in written.fields}
    read, release = [], []
    for name, _, kind in written.fields:
        if kind in TEXTS:
            read.append(f"        {field[name]} = get_text(file);")
            release.append(f"    for (int32_t row = 0; row < rows; ++row)\n        free((void *){field[name]});")
        else:
            read.append(f"        get(&{field[name]}, sizeof {field[name]}, file);")
    write = [f"        fwrite(&out[row].{name}, sizeof out[row].{name}, 1, file);" for name, _ in written.answers]
    driver = folder / "driver.c"
    driver.write_text(
        DRIVER.format(
            header=written.header.name,
            prefix=written.prefix,
            read="\n".join(read),
            write="\n".join(write),
            release="\n".join(release),
        ),
        "utf-8",
        "surrogateescape",
    )
    program, model = folder / f"{written.prefix}_{Path(compiler[0]).name}", folder / "model.o"
    plain = [*compiler, "-std=c99", *options]
    _run([*plain, *strict, "-c", str(written.source), "-o", str(model)])
    _run([*plain, "-I", str(written.header.parent), str(driver), str(model), "-lm", "-o", str(program)])
    structure = header[: header.index(f"}} {written.prefix}_output;")].rpartition("typedef struct {")[2]
    declared = re.findall(rf"^    ({'|'.join(TYPES)}) (\w+)[\[;]", structure, re.MULTILINE)
    return CompiledProgram(program, written, {name: np.dtype(TYPES[kind]) for kind, name in declared})


def _run(command: Sequence[str]) -> str:
    """Run a command, and return its output."""
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilerError(f"{shlex.join(command)}: {error}") from error
    if run.returncode:
        raise CompilerError(f"{shlex.join(command)} ended with {run.returncode}\n{run.stderr[:4000]}")
    return run.stdout


def _rows(written: CSource, cells: Mapping[str, npt.NDArray[Any]]) -> bytes:
    count = len(next(iter(cells.values())))
    columns = [_column(cells[column], kind) for _, column, kind in written.fields]
    return struct.pack("<i", count) + b"".join(b"".join(one) for one in zip(*columns, strict=True))


def _column(values: npt.NDArray[Any], kind: str) -> list[bytes]:
    if kind in TEXTS:
        texts = [text.encode("utf-8", "surrogatepass") for text in values.ravel().tolist()]
        return [struct.pack("<i", len(text) or -1) + text for text in texts]
    return [row.tobytes() for row in np.ascontiguousarray(values)]


@dataclass(frozen=True, repr=False)
class Deviation(PrintedRecord):
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


@dataclass(frozen=True, repr=False)
class CSource(PrintedRecord):
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
