"""One model in every form in which it can leave, and how near the answers of each are.

All but the model file answer in a process of their own that cannot import glassnet.

python examples/round_trip.py

Needs the extra `onnx` and ONNX Runtime for the ONNX file, gcc or clang for the C code; what is not there is left out.
"""

import csv
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import glassnet
from glassnet import NeuralClassifier

ALONE = "import sys; sys.modules['glassnet'] = None  # whoever imports it gets an error\n"

WITH_ONNX_RUNTIME = """
import csv, sys
import numpy as np, onnxruntime

model, rows, answers = sys.argv[1:]
table = list(csv.DictReader(open(rows, newline="")))
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])

def cells(source):
    texts = [row[source.name] for row in table]
    if source.type == "tensor(double)":
        texts = np.array([text or "nan" for text in texts], float)
    elif source.type == "tensor(int64)":
        texts = np.array([text or "NaT" for text in texts], "datetime64[us]").astype("int64")
    return np.array(texts, object if source.type == "tensor(string)" else None)[:, None]

found, = session.run(["probabilities"], {source.name: cells(source) for source in session.get_inputs()})
np.savetxt(answers, found)
"""

WITH_NUMPY = """
import runpy
from pathlib import Path

model, rows, answers = sys.argv[1:]
sys.argv, sys.stdout = [model, rows], Path(answers).open("w")
runpy.run_path(model, run_name="__main__")
"""

MAIN_OF_C = """\
#include "{name}.h"
#include <math.h>
#include <stdio.h>

static const {name}_input rows[] = {{
{rows}
}};

int main(void)
{{
    for (size_t row = 0; row < sizeof rows / sizeof *rows; ++row) {{
        {name}_output out;
        if ({name}_predict(&rows[row], &out))
            return 1;
        for (int k = 0; k < {name}_CLASSES_; ++k)
            printf("%.9g ", out.probabilities[k]);
        puts("");
    }}
    return 0;
}}
"""


def deliveries(rows=2000):
    """Late or not: dates, text and gaps, invented."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "ordered": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), unit="D"),
            "carrier": rng.choice(["North", "Swift", "Post", 'Über "Nacht"'], rows),
            "kilograms": rng.lognormal(1, 0.8, rows).round(1),
            "distance": rng.integers(5, 900, rows).astype(float),
        }
    )
    slow = frame["kilograms"] / 8 + frame["distance"] / 300 + 3 * (frame["ordered"].dt.month == 12)
    late = np.where(slow + (frame["carrier"] == "Post") + rng.normal(0, 0.7, rows) > 2.2, "yes", "no")
    return frame.mask(rng.random(frame.shape) < 0.1), late


def python(code, *arguments):
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True)


def safetensors(model, folder, rows):
    glassnet.save(model, folder / "late.safetensors")
    return glassnet.load(folder / "late.safetensors").predict_proba(rows)


def onnx(model, folder, rows):
    file = model.to_onnx(folder / "late.onnx")
    python(ALONE + WITH_ONNX_RUNTIME, file, folder / "rows.csv", folder / "onnx.txt")
    return np.loadtxt(folder / "onnx.txt")


def numpy(model, folder, rows):
    file = model.to_python(folder / "late.py")
    python(ALONE + WITH_NUMPY, file, folder / "rows.csv", folder / "numpy.csv")
    with (folder / "numpy.csv").open(newline="") as answers:
        return np.array([list(row.values())[-2:] for row in csv.DictReader(answers)], float)


def c(model, folder, rows, quantize=False):
    name = "late8" if quantize else "late"
    written = model.to_c(folder / f"{name}.c", quantize=quantize)
    cells = [[cell_of_c(value, kind) for value in rows[column]] for _, column, kind in written.fields]
    lines = [
        "    {"
        + ", ".join(f".{field} = {cell}" for (field, _, _), cell in zip(written.fields, row, strict=True))
        + "},"
        for row in zip(*cells, strict=True)
    ]
    text = MAIN_OF_C.format(name=name, rows="\n".join(lines)).replace(f"{name}_CLASSES_", f"{name.upper()}_CLASSES")
    (folder / "main.c").write_text(text)
    compiler = shutil.which("gcc") or shutil.which("clang")
    files = [folder / "main.c", written.source, "-lm", "-o", folder / name]
    subprocess.run([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", *map(str, files)], check=True)
    answers = subprocess.run([folder / name], check=True, capture_output=True, text=True).stdout
    return np.array([line.split() for line in answers.splitlines()], float)


def cell_of_c(value, kind):
    if kind == "category":
        return "NULL" if pd.isna(value) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind == "datetime":
        return "INT64_MIN" if pd.isna(value) else f"INT64_C({np.datetime64(value, 'us').astype(int)})"
    return "NAN" if pd.isna(value) else repr(float(value))


X, y = deliveries()
X_train, X_test, y_train, y_test = X[:1500], X[1500:], y[:1500], y[1500:]
model = NeuralClassifier(random_state=0).fit(X_train, y_train)
expected = model.predict_proba(X_test)
print(f"{len(X_test)} rows, accuracy {model.score(X_test, y_test):.3f}; the largest difference of a probability:")

has_onnx = importlib.util.find_spec("onnx") and importlib.util.find_spec("onnxruntime")
has_compiler = shutil.which("gcc") or shutil.which("clang")
forms = [
    ("safetensors, loaded again", safetensors, True, "glassnet"),
    ("ONNX, in ONNX Runtime", onnx, has_onnx, "onnx and onnxruntime"),
    ("a Python file, with NumPy", numpy, True, "NumPy"),
    ("C", c, has_compiler, "gcc or clang"),
    ("C, weights of one byte", lambda *all: c(*all, quantize=True), has_compiler, "gcc or clang"),
]
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    X_test.to_csv(folder / "rows.csv", index=False)
    for title, answer, possible, needs in forms:
        if possible:
            print(f"{title:<28} {abs(answer(model, folder, X_test) - expected).max():.1e}")
        else:
            print(f"{title:<28} left out: needs {needs}")
