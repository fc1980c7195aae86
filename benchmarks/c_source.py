"""Plain C from models of real tables: the time of a row, how near its answers are, its size, and what int8 costs.

    python -m benchmarks.c_source --data FOLDER

The folder has an INDEX.json, as that of the accuracy benchmark. Each table trains the default preset and the preset
"mlp" on at most 5,000 rows. The C code is compiled with gcc -O3 -march=native and answers 100,000 rows (the table's
own, again and again) one at a time, on one thread; the time is what the processor spent, in the best of three passes.
What weights of one byte cost is measured on test rows. Writes benchmarks/results/c_source.json and c_source.md. With
--resume it goes on where it was ended.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import markdown
from benchmarks.accuracy.tables import Split, Table, read_index, split_table
from benchmarks.results import RESULTS, write_results
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.exchange.c import to_c
from glassnet.exchange.c.compilation import FAST, CompiledProgram, compile_model
from glassnet.exchange.graph import graph_inputs, model_graph

ROWS = 100_000
LEARNED = 5000
RUNS = 3
PORTABLE = ("-O3",)
PRESETS = {"default": "auto", "mlp": "mlp"}


BOUND = """\
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <time.h>

__attribute__((aligned(64))) static float weights[1 << 20], x[1 << 13], y[128];

__attribute__((noinline)) static void weighted_sums(
    int inputs, const float *restrict x, const float *restrict W, float *restrict y)
{
    float sums[128] = {0};
    for (int i = 0; i < inputs; ++i)
        for (int k = 0; k < 128; ++k)
            sums[k] = fmaf(x[i], W[i * 128 + k], sums[k]);
    for (int k = 0; k < 128; ++k)
        y[k] = sums[k];
}

int main(int count, char **words)
{
    for (int i = 0; i < 1 << 20; ++i)
        weights[i] = (float)(i % (count + 2));
    for (int i = 0; i < 1 << 13; ++i)
        x[i] = (float)(i % (count + 3)) + words[0][0];
    for (int kilobytes = 16; kilobytes <= 896; kilobytes *= 56) {
        const int inputs = 2 * kilobytes, times = 100000 / inputs;
        double best = 1e300;
        for (int run = 0; run < 200; ++run) {
            struct timespec before, after;
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
            for (int time = 0; time < times; ++time)
                weighted_sums(inputs, x, weights, y);
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
            const double seconds =
                (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
            best = fmin(best, seconds / times);
        }
        printf("%g\\n", inputs * 128.0 / best);
    }
    return y[0] < 0;
}
"""
"""The same loop over weights that stay in the first cache (16 kB), and over those of a model (896 kB)."""


def bounds() -> dict[str, float]:
    """How many products with weights this machine makes in a second, by where the weights come from."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bound.c").write_text(BOUND)
        command = ["gcc", "-std=c99", *FAST, "bound.c", "-lm", "-o", "bound"]
        subprocess.run(command, cwd=folder, check=True)
        run = subprocess.run([Path(folder) / "bound"], capture_output=True, text=True, check=False)
        first, model = map(float, run.stdout.split())
    return {"first cache": first, "896 kB": model}


def products(model: Any) -> int:
    """How many multiplications with weights a row takes, were no input zero."""
    nodes = [node for node in model_graph(model).nodes if node.operation == "matmul"]
    widths = [node.inputs[0].shape[-1] for node in nodes]
    sizes = [int(np.prod([size for size in node.shape if size < 1_000_000])) for node in nodes]
    return sum(width * size for width, size in zip(widths, sizes, strict=True))


def object_size(compiled: CompiledProgram) -> int:
    """Bytes of code and tables in the object file."""
    said = subprocess.run(["size", compiled.program.parent / "model.o"], capture_output=True, text=True, check=True)
    return sum(map(int, said.stdout.splitlines()[1].split()[:2]))


def examine(split: Split, preset: str) -> dict[str, Any]:
    """One model of one table, with weights of single precision and of one byte."""
    kind = NeuralClassifier if split.classes else NeuralRegressor
    model: Any = kind(random_state=0, preset=preset).fit(split.X_train[:LEARNED], split.y_train[:LEARNED])
    everything = pd.concat([split.X_train, split.X_test])
    cells = graph_inputs(model.encoder_, everything)
    many = {name: values[np.arange(ROWS) % len(everything)] for name, values in cells.items()}
    expected = model.predict_proba(everything) if split.classes else model.predict(everything)
    # as shares of a deviation of the target, where it is no probability
    unit = 1.0 if split.classes else float(np.std(split.y_train))
    about: dict[str, Any] = {"products": products(model), "columns": everything.shape[1]}
    for name, quantize in (("float", False), ("int8", True)):
        with tempfile.TemporaryDirectory() as folder:
            written = to_c(model, Path(folder) / "m.c", split.X_test, split.y_test, quantize=quantize)
            portable = compile_model(written, ["gcc"], PORTABLE, folder=Path(tempfile.mkdtemp(dir=folder)))
            compiled = compile_model(written, ["gcc"])
            answers = compiled.answer(cells).answers
            found = answers["probabilities"] if split.classes else answers["value"][:, 0]
            deviation = asdict(written.deviation) if written.deviation else {}
            about[name] = {
                "seconds": compiled.answer(many, RUNS).processor_seconds,
                "portable": portable.answer(many, RUNS).processor_seconds,
                "largest": float(np.abs(found - expected).max() / unit),
                "constants": written.constants,
                "stack": written.stack,
                "object": object_size(compiled),
                **{key: deviation[key] for key in ("changed", "score", "score_before")},
            }
    return about


def whole_line(name: str, about: dict[str, Any]) -> list[str]:
    whole = about["float"]
    return [
        name,
        f"{about['products'] / 1e3:.0f}",
        markdown.seconds(whole["seconds"]),
        markdown.seconds(whole["portable"]) if "portable" in whole else "-",
        f"{whole['largest']:.1e}",
        f"{whole['object'] / 1e3:.0f}",
    ]


def byte_line(name: str, about: dict[str, Any]) -> list[str]:
    byte = about["int8"]
    return [
        name,
        markdown.seconds(byte["seconds"]),
        f"{byte['largest']:.1e}",
        f"{byte['object'] / 1e3:.0f}",
        "-" if byte["changed"] is None else f"{100 * byte['changed']:.2f} %",
        f"{byte['score'] - byte['score_before']:+.4f}",
    ]


def page(records: dict[str, Any]) -> str:
    """Two tables, each with one line for each model."""
    tables, bound = records["tables"], records["bound"]
    models = {f"{name}, {preset}": about for name, table in tables.items() for preset, about in table.items()}
    lines = ["# Plain C", "", "Made by `python -m benchmarks.c_source`; do not edit.", ""]
    lines += [
        f"Processor time of one row among {ROWS:,}, one at a time on one thread, gcc {' '.join(FAST)}. Products are",
        "those with weights, in thousands. Differences are to `predict_proba` on all rows, or to `predict` in",
        "deviations of the target. The size is that of the object file, code and tables. Portable is -O3 alone.",
        "",
        f"What this machine can do at most: {bound['first cache'] / 1e9:.0f} products in a nanosecond with weights",
        f"from its first cache, {bound['896 kB'] / 1e9:.0f} with the 896 kB of a larger model.",
        "",
        *markdown.table(
            ["single precision", "products", "a row", "portable", "difference", "kB"],
            [whole_line(name, about) for name, about in models.items()],
        ),
        "With weights of one byte; on test rows: how many get another class, and how the accuracy, or R², changes.",
        "",
        *markdown.table(
            ["one byte", "a row", "difference", "kB", "other class", "score"],
            [byte_line(name, about) for name, about in models.items()],
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with INDEX.json and tables")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--tables", nargs="*", help="only these")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    file = RESULTS / "c_source.json"
    records: dict[str, Any] = {"tables": {}}
    if arguments.resume and file.exists():
        records = json.loads(file.read_text())["records"]
    records["bound"] = bounds()
    for table in read_index(arguments.data):
        if arguments.tables and table.name not in arguments.tables:
            continue
        presets = records["tables"].setdefault(table.name, {})
        for name, preset in PRESETS.items():
            if name not in presets:
                presets[name] = examine(_split(table), preset)
                write_results("c_source", records)
                print(table.name, *whole_line(name, presets[name]), sep="\t", flush=True)
    in_order = [table.name for table in read_index(arguments.data)]
    records["tables"] = {name: records["tables"][name] for name in in_order if name in records["tables"]}
    write_results("c_source", records)
    (RESULTS / "c_source.md").write_text(page(records))


def _split(table: Table) -> Split:
    return split_table(table, seed=0, most_rows=table.rows)


if __name__ == "__main__":
    main()
