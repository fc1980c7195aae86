"""The formulas in JavaScript, for pages that compute with single numbers: said again from the text that they have here.

    make wasm

writes `formulas.js` into `src/glassnet/web/parts/`, beside the engine that trains whole networks. Nothing in it is
written by hand but the few elementary functions that JavaScript has under the same names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from glassnet.exchange.page.translation import called_in, translated
from glassnet.formulas import elementary
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.surfaces import SURFACES
from glassnet.formulas.written import Written, written

__all__ = ["formulas", "main"]

HEAD: Final = """\
// The formulas of glassnet/formulas, said again in JavaScript statement by statement. Made by `make wasm`; do not edit.

import { erfc } from "../model/erf.js";

const { abs, exp, expm1, log, log1p, max, min, sign, sqrt, tanh } = Math;
const gaussian = (x) => exp(-x * x);
"""
ABOVE, BELOW = 0.5, -0.5
"""A number on either side of zero, where a formula may go another way."""


def formulas() -> str:
    """The module: every formula of single numbers, and the records that tie them to names.

    Examples
    --------
    >>> "function tanh_softplus(z) {" in formulas()
    True
    """
    records = {
        "ACTIVATIONS": dict(_activations()),
        "LOSSES": dict(_losses()),
        "OPTIMIZERS": dict(_optimizers()),
        "SURFACES": dict(_surfaces()),
    }
    needed: dict[str, str] = {}
    for function in _functions():
        _need(function, needed)
    texts = [f"export const {name} = {_object(record)};" for name, record in records.items()]
    return "\n\n".join([HEAD.strip(), *needed.values(), *texts]) + "\n"


def _functions() -> Iterator[Callable[..., Any]]:
    for activation in map(ACTIVATIONS.get, ACTIVATIONS):
        if activation.elementwise:
            yield from (activation.function, activation.derivative)
    for loss in _of_single_numbers():
        yield from (loss.function, loss.derivative)
    for optimizer in map(OPTIMIZERS.get, OPTIMIZERS):
        yield optimizer.rule
        if optimizer.coefficients is not None:
            yield optimizer.coefficients
    for surface in map(SURFACES.get, SURFACES):
        yield from (surface.function, surface.gradient)


def _of_single_numbers() -> Iterator[Loss]:
    """Losses of one output and one target."""
    for loss in map(LOSSES.get, LOSSES):
        if loss.target != "classes" and loss.columns == 1:
            yield loss


def _need(function: Callable[..., Any], found: dict[str, str]) -> None:
    """A formula behind all that it calls."""
    if function.__name__ in found:
        return
    for name in called_in(function):
        value = function.__globals__.get(name)
        if name in found or name in elementary.__all__:
            continue
        if callable(value):
            _need(value, found)
        elif isinstance(value, (int, float)):
            found[name] = f"const {name} = {value!r};"
        else:
            raise NotImplementedError(f"{function.__name__} uses {name}, which is neither a formula nor a number")
    found[function.__name__] = translated(function)


def _activations() -> Iterator[tuple[str, dict[str, str]]]:
    for name in ACTIVATIONS:
        one = ACTIVATIONS.get(name)
        if one.elementwise:
            values = _arguments(one.values)
            yield (
                name,
                {
                    "f": f"(z) => {one.function.__name__}(z{values})",
                    "slope": f"(z, a) => {one.derivative.__name__}(z, a{values})",
                    "texts": _texts(one.function, 1, one.values),
                    "slopes": _texts(one.derivative, 2, one.values),
                },
            )


def _texts(function: Callable[..., Any], count: int, values: tuple[Any, ...]) -> str:
    """The formula as people write it, for numbers below zero and above; null where it is too long."""
    return json.dumps(
        [
            written(function, *(Written(letter, number) for letter in "za"[:count]), values=values)
            for number in (BELOW, ABOVE)
        ],
        ensure_ascii=False,
    )


def _losses() -> Iterator[tuple[str, dict[str, str]]]:
    for one in _of_single_numbers():
        values = _arguments(one.values)
        yield (
            one.name,
            {
                "value": f"(output, target) => {one.function.__name__}(output, target{values})",
                "slope": f"(output, target) => {one.derivative.__name__}(output, target{values})",
                "texts": json.dumps([_text(f, one.values) for f in (one.function, one.derivative)], ensure_ascii=False),
                "target": json.dumps(one.target),
                "response": json.dumps(one.response),
            },
        )


def _text(function: Callable[..., Any], values: tuple[Any, ...]) -> str | None:
    """A loss as people write it, of an output a and a target y; None of one that goes several ways."""
    numbers = [(a, y) for a in (-2.0, BELOW, ABOVE, 2.0) for y in (-1.0, 1.0)]
    found = {written(function, Written("a", a), Written("y", y), values=values) for a, y in numbers}
    return found.pop() if len(found) == 1 else None


def _optimizers() -> Iterator[tuple[str, dict[str, str]]]:
    for name in OPTIMIZERS:
        one = OPTIMIZERS.get(name)
        values = _arguments(one.values)
        told = f"{one.coefficients.__name__}(t, previous{values})" if one.coefficients is not None else "[]"
        yield (
            name,
            {
                "slots": json.dumps(one.slots),
                "coefficients": f"(t, previous) => {told}",
                "rule": f"(theta, g, slots, alpha, coefficients) =>"
                f" {one.rule.__name__}(theta, g, ...slots, alpha{values}, ...coefficients)",
            },
        )


def _surfaces() -> Iterator[tuple[str, dict[str, str]]]:
    for name in SURFACES:
        one = SURFACES.get(name)
        numbers = {"reach": one.reach, "start": one.start, "rate": one.rate, "stride": one.stride}
        yield (
            name,
            {"f": one.function.__name__, "gradient": one.gradient.__name__}
            | {key: json.dumps(value) for key, value in numbers.items()},
        )


def _arguments(values: tuple[Any, ...]) -> str:
    """The values of a formula's parameters, behind its other arguments."""
    return "".join(f", {value[0] if isinstance(value, tuple) else value!r}" for value in values)


def _object(record: dict[str, dict[str, str]]) -> str:
    entries = [
        f"  {name}: {{\n{''.join(f'    {key}: {text},{chr(10)}' for key, text in one.items())}  }},\n"
        for name, one in record.items()
    ]
    return f"{{\n{''.join(entries)}}}"


def main(arguments: Sequence[str]) -> None:
    """Write the module into a folder."""
    (Path(arguments[0]) / "formulas.js").write_text(formulas(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
