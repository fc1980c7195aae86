"""The engine as WebAssembly: the driver and all built-in kernels of float32 in one module, for pages.

    make wasm

writes `engine.wasm`, `engine-scalar.wasm`, `engine.json` and `recipes.json` into `src/glassnet/web/`. It needs LLVM's
linker for WebAssembly (`wasm-ld`, in Debian's package lld); who only uses the module needs nothing. The kernels
are the texts that a processor's code is made of, with another target: vectors of 128 bits, no fused multiply-adds, no
threads.

A page fills the same tables as :mod:`glassnet.engines.compiled.execution`; `engine.js` beside the module does it. The
addresses of kernels are their places in the module's table of functions, all others places in its memory.
:func:`program` gives the table of a network; `network.js` makes it in a page, of what `recipes.json` says.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.engines.compiled import jit
from glassnet.engines.compiled.execution import gather
from glassnet.engines.compiled.kernels.product import multiply, product_room, product_text
from glassnet.engines.compiled.llvm import PASSES, Processor, optimised
from glassnet.engines.compiled.lower_network import lower_layers, lower_response
from glassnet.engines.compiled.memory import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.program import NotCompiledError, Program
from glassnet.engines.compiled.reuse import is_immutable
from glassnet.engines.compiled.update_plan import UpdatePlan
from glassnet.engines.compiled.warm import TinyNetwork
from glassnet.engines.compiled.wasm_recipes import penalised, recipes
from glassnet.engines.reference import Model
from glassnet.engines.updater import Updater
from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.random import random_bits
from glassnet.layers import (
    Activate,
    Blend,
    Copies,
    Dense,
    Embedding,
    MemberDense,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
)
from glassnet.layers.base import Layer
from glassnet.layers.rounding import rounds
from glassnet.support.language import Text

PRECISION = "float32"
FEATURES = "+bulk-memory,+nontrapping-fptoint,+sign-ext"
MODULES = {"engine.wasm": f"+simd128,{FEATURES}", "engine-scalar.wasm": FEATURES}
"""The module, and one for browsers without vectors: one instruction is several there, with the same result."""
TARGET = Processor("generic", MODULES["engine.wasm"], 128, 16, fused=False, family="wasm32")
TRIPLE = "wasm32-unknown-unknown"
LAYOUT = "e-m:e-p:32:32-p10:8:8-p20:8:8-i64:64-i128:128-n32:64-S128-ni:1:10:20"
LINKER = "wasm-ld"
LINKED = (
    "--no-entry",
    "--strip-all",
    "--allow-undefined",
    "--export=kernels",
    "--export=__heap_base",
    "--export-table",
    "--growable-table",
    "-z",
    "stack-size=65536",
)
"""Imports are a few functions of the C library, such as pow, which JavaScript has."""


class Kernels:
    """The kernels that programs ask for, by name; each has the number of its place in the module's table.

    Parameters
    ----------
    known : dict of str to int
        Those of a module that there is, from its description.
    """

    def __init__(self, known: dict[str, int] | None = None) -> None:
        self.numbers, self.complete = dict(known or {}), known is not None
        self.texts: dict[str, int] = {}
        """Kernels of one text are one kernel."""

    def __call__(self, builder: str, precision: str, *ingredients: Any) -> int:
        """Return the number of a kernel, from 1, which programs use in place of an address."""
        if not all(map(is_immutable, ingredients)):
            raise NotCompiledError(
                Text("A module has kernels of glassnet's own formulas and layers alone, by their names")
            )
        name = f"{builder}({', '.join(map(_spelled, ingredients))})"
        if name not in self.numbers:
            if self.complete:
                raise NotCompiledError(
                    Text("The module has no kernel {name}; after a new formula or layer: make wasm", name=name)
                )
            text = jit.text_of(builder, precision, *ingredients, target=TARGET)
            self.numbers[name] = self.texts.setdefault(text, len(self.texts) + 1)
        return self.numbers[name]


LAYERS: tuple[Any, ...] = ("dropout:0.5", "batch_norm", "layer_norm", "rms_norm", "scale")
LAYERS += (Residual([Dense(2)]), Copies(2))
LAYERS += (PeriodicEmbedding(1), PiecewiseLinearEmbedding(1), Embedding((2,)), Dense(2, max_norm=1.0))
LAYERS += (PeriodicEmbedding(1, rectify=True), PeriodicEmbedding(1, keep=False))
LAYERS += (PiecewiseLinearEmbedding(1, rectify=True),)
"""Each as the first layer, and as one behind others."""


def _spelled(ingredient: Any) -> str:
    if isinstance(ingredient, tuple):
        return f"({', '.join(map(_spelled, ingredient))})"
    return ingredient.__name__ if callable(ingredient) else repr(ingredient)


def program(
    model: Model, rows: int, optimizer: str, classes: bool, kernels: Kernels, training: bool = True
) -> dict[str, Any]:
    """Return a network's table for batches of at most some rows, and the memory that it needs.

    Parameters
    ----------
    model : Model
        Such as a :class:`glassnet.NeuralNetwork` of float32.
    rows : int
    optimizer : str
    classes : bool
        Whether targets are numbers of classes.
    kernels : Kernels
    training : bool
        Otherwise the last operation is the prediction: outputs to their place.

    Returns
    -------
    dict
        "ops", a row each, whose kernels are numbers; the sizes of all buffers; "constants" of the network; the
        optimizer's data.

    Raises
    ------
    NotCompiledError
        If the module lacks a kernel, or a layer rounds the operands of its products.
    """
    if rounds(model.layers):
        raise NotCompiledError(Text("The engine of pages has no products of numbers rounded to bfloat16"))
    table = Program(PRECISION, model.layout.widths[0], rows, rows, training, kernel=kernels, split=split)
    gather(table, "rows")
    outputs, last = lower_layers(table, model.layers, table.inputs, 0, 0)
    found: dict[str, Any] = {"inputs": table.inputs, "outputs": outputs, "rows": rows}
    if training:
        table.loss(model.loss, outputs, last, classes, 1)
        updater = Updater(model.layout, optimizer, dtype=np.dtype(PRECISION))
        update = UpdatePlan(table, updater, model.layout)
        segments = update.segments
        found |= {"step_constants": update.width, "slots": len(updater.slots), "values": list(update.values)}
        found |= {"segments": segments.spans.tolist(), "strengths": segments.strengths.tolist()}
        found |= {"limits": segments.limits.tolist(), "coefficients": {"count": update.count, "kernel": 0}}
        if update.count:
            rule, count = updater.rule, len(update.values)
            number = kernels("update.coefficients", "float64", rule.coefficients, count, update.count)
            found["coefficients"]["kernel"] = number
    else:
        last = lower_response(table, model.loss, outputs, last)
        table.add(table.compiled("A prediction", "gather.scatter"), INPUTS=outputs, X=last)
    found |= {"ops": [*table.ops, *table.after], "after": len(table.after), "constants": table.constants}
    sizes = ("activations", "kept", "parameters", "statistics", "scratch", "target_width")
    found |= {size: getattr(table, size) for size in sizes} | {"kept_constants": table.kept_constants}
    return found


def split(layer: Layer) -> tuple[Layer, ...]:
    """Separate sums and activation, except in the usual dense layer, so that no pair of them needs a kernel."""
    if not isinstance(layer, (Dense, MemberDense)) or not layer.f.elementwise:
        return (layer,)
    if isinstance(layer, Dense) and layer.bias and layer.parametrization == "standard":
        return (layer,)
    return replace(layer, activation="identity"), Activate(layer.activation)


def networks() -> Iterator[TinyNetwork]:
    """Yield the smallest that need all built-in parts, each at least once, first and behind something that learns."""
    for layer in (*LAYERS, *(layer for name in ACTIVATIONS for layer in with_activation(name))):
        yield TinyNetwork.of(PRECISION, layer, 2, layer)
    for name, shared, parametrization in itertools.product(ACTIVATIONS, (True, False), ("standard", "ntk")):
        of_members = MemberDense(2, name, 2, shared, parametrization=parametrization)  # type: ignore[arg-type]
        yield TinyNetwork.of(PRECISION, Copies(2), of_members, of_members)
    for name in LOSSES:
        yield TinyNetwork.of(PRECISION, 2, loss=name)
    for name in OPTIMIZERS:
        yield TinyNetwork.of(PRECISION, 2, optimizer=name)
        yield penalised(name)


def with_activation(name: str) -> Iterator[Layer]:
    """Yield all layers that an activation may stand in."""
    for bias, parametrization in itertools.product((True, False), ("standard", "ntk")):
        yield Dense(2, name, bias=bias, parametrization=parametrization)  # type: ignore[arg-type]
    yield Activate(name)
    if ACTIVATIONS.get(name).elementwise:
        yield Blend(name)


def built_in() -> Kernels:
    """Return all that built-in networks need, the driver first."""
    kernels = Kernels()
    kernels("driver.drive", PRECISION, False, random_bits)
    for network in networks():
        for training in (True, False):
            program(network, 4, network.optimizer, network.loss.target == "classes", kernels, training)
    recipes(kernels)
    return kernels


def module_texts(kernels: Kernels) -> list[str]:
    """Return the texts of a module: of its kernels, of the product, and of the table of both."""
    texts = [text.replace("@kernel(", f"@kernel{number}(") for number, text in enumerate(kernels.texts)]
    return [*texts, product_text(multiply(TARGET, PRECISION), TARGET, PRECISION), _table(len(texts))]


def digest(texts: Sequence[str]) -> str:
    """Return whether a module was made of these texts: its description has the same."""
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def build(folder: Path) -> list[Path]:
    """Write the module and its description.

    Raises
    ------
    InputError
        If there is no linker.
    """
    if shutil.which(LINKER) is None:
        raise InputError(
            "WebAssembly is linked by LLVM's own linker",
            Text("no {linker}", linker=LINKER),
            "On Debian: apt install lld",
        )
    kernels = built_in()
    texts = module_texts(kernels)
    for name, features in MODULES.items():
        with tempfile.TemporaryDirectory() as parts:
            files = [Path(parts) / f"{number}.o" for number in range(len(texts))]
            for number, (file, text) in enumerate(zip(files, texts, strict=True)):
                passes = 0 if number >= len(kernels.texts) else PASSES
                file.write_bytes(_object(text, passes, features))
            subprocess.run([LINKER, *LINKED, *map(str, files), "-o", str(folder / name)], check=True)
    described = {
        "texts": digest(texts),
        "kernels": kernels.numbers,
        "count": len(texts) - 2,
        "driver": 1,
        "panel": product_room(PRECISION, TARGET),
        "op": Op._asdict(),
        "op_size": OP_SIZE,
        "run": Run._asdict(),
        "run_size": RUN_SIZE,
    }
    description = folder / "engine.json"
    description.write_text(json.dumps(described, indent=1) + "\n", "utf-8")
    for_pages = folder / "recipes.json"
    of_module = {name: described[name] for name in ("texts", "count", "driver", "panel")}
    for_pages.write_text(json.dumps(of_module | recipes(kernels), separators=(",", ":")) + "\n", "utf-8")
    return [*(folder / name for name in MODULES), description, for_pages]


def _table(count: int) -> str:
    """Return the places of all kernels, one after the other."""
    kind = "double (ptr, ptr, ptr, ptr, ptr, ptr, ptr, ptr, ptr, ptr, ptr)"
    declared = "\n".join(f"declare {kind.replace(' (', f' @kernel{number}(')}" for number in range(count))
    return f"{declared}\n@kernels = constant [{count} x ptr] [{', '.join(f'ptr @kernel{n}' for n in range(count))}]\n"


def _object(text: str, passes: int, features: str) -> bytes:
    from llvmlite import binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE).create_target_machine(
        cpu=TARGET.name, features=features, opt=3, reloc="static", codemodel="default"
    )
    return bytes(target.emit_object(optimised(text, passes, target, LAYOUT)))


def main(arguments: Sequence[str]) -> None:
    """Build into a folder."""
    for file in build(Path(arguments[0])):
        print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
