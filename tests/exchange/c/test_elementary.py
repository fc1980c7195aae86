"""The elementary functions in C are as exact as the compiled engine's, whose text they are made from."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from scipy import special

from glassnet.engines.compiled.approximations import ULPS
from glassnet.exchange.c.products import FUSED
from glassnet.exchange.c.scalar_code import ELEMENTARY, elementary_source
from glassnet.formulas import elementary
from tests.exchange.compiling import STRICT

TRUTH = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "erf": special.erf,
    "gaussian": lambda x: np.exp(-x * x),
    "erfc": special.erfc,
    "cos_turn": elementary.cos_turn,
    "sin_turn": elementary.sin_turn,
    "nearest": np.rint,
}
PROGRAM = """\
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
{fused}
{functions}
int main(void)
{{
    float x[4096], y[4096];
    size_t count;
    while ((count = fread(x, sizeof *x, 4096, stdin)) > 0) {{
        for (size_t i = 0; i < count; ++i)
            y[i] = {name}(x[i]);
        fwrite(y, sizeof *y, count, stdout);
    }}
    return 0;
}}
"""
OPTIONS = {"plain": ("-O1",), "fast": ("-O3", "-march=native"), "watched": ("-O1", "-fsanitize=undefined")}


def numbers():
    """Numbers of every size and both signs, whole numbers and their halves, and those at the ends."""
    rng = np.random.default_rng(0)
    spread = np.exp2(rng.uniform(-149, 128, 20_000)) * rng.choice([-1, 1], 20_000)
    near = np.concatenate([rng.uniform(-20, 20, 20_000), rng.uniform(-1, 1, 20_000), np.arange(-200, 200) / 4])
    ends = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 88.0, -103.0, 3.4e38, -3.4e38, 1e-45]
    return np.concatenate([spread, near, ends]).astype(np.float32)


def run(name, x, options, folder):
    source, program = folder / "f.c", folder / "f"
    called = name if name == "nearest" else f"{name}_f"
    source.write_text(PROGRAM.format(fused=FUSED, functions=elementary_source({name}), name=called))
    subprocess.run(["gcc", *STRICT, *options, str(source), "-lm", "-o", str(program)], check=True)
    return np.frombuffer(subprocess.run([program], input=x.tobytes(), stdout=-1, check=True).stdout, np.float32)


@pytest.mark.sample(10)
@pytest.mark.skipif(not shutil.which("gcc"), reason="there is no gcc")
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", [*ELEMENTARY, "nearest"])
def test_as_exact_as_in_the_engine(name, options, tmp_path):
    x = numbers()
    if name.endswith("turn"):
        x = x[np.isfinite(x)]
    with np.errstate(all="ignore"):
        exact = TRUTH[name](x.astype(np.float64))
        rounded = exact.astype(np.float32)
        found = run(name, x, OPTIONS[options], tmp_path)
        unit = np.abs(np.spacing(rounded)).astype(np.float64)
    finite = np.isfinite(rounded)
    assert np.array_equal(found[~finite], rounded[~finite], equal_nan=True)
    error = np.abs(found[finite].astype(np.float64) - exact[finite]) / unit[finite]
    # without a fused multiply-add, which the engine takes where there is one, a product is rounded by itself
    bound = ULPS.get(name, (0, 0))[0] * (1 if options == "fast" else 1.1)
    assert error.max() <= bound, x[finite][error.argmax()]


def test_every_function_of_the_engine_is_there():
    assert {*ELEMENTARY} == {*ULPS}
