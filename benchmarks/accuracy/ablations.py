"""What each ingredient of glassnet's default is good for: what it reaches without."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.accuracy.journal import Record
from benchmarks.accuracy.variants import Settings, Variant, classes, numbers, sees_thresholds

__all__ = ["ABLATIONS", "standard_weights"]


def without_thresholds(settings: Settings) -> dict[str, Any]:
    """As many members of each of the other kinds."""
    rest = settings["kinds"][:-1]
    each = {name: settings[name] // max(1, len(settings["kinds"])) * len(rest) for name in ("members", "refits")}
    return {"kinds": rest, **each}


def one_spread(settings: Settings) -> dict[str, Any]:
    """Kinds that differ in everything else."""
    kinds = ({name: value for name, value in kind.items() if name != "spread"} for kind in settings["kinds"])
    return {"spread": 0.1, "kinds": tuple(kinds)}


def drops_out(record: Record, settings: Settings) -> bool:
    return bool(settings["dropout"])


def embedded(record: Record, settings: Settings) -> bool:
    """Whether a category has so many levels that it is embedded."""
    return record["most_levels"] > settings["max_one_hot"]


def standard_weights(settings: Settings) -> dict[str, Any]:
    r"""Weights of the usual size instead of size 1, with rates that make every other difference vanish.

    A sum of n weights of size 1 is divided by :math:`\sqrt n`: a step of the rate on such a weight is one of the rate
    over :math:`\sqrt n` on a usual one. So the rate is divided by the root of the width of the hidden layers, and what
    multiplies it elsewhere (biases, scales, ...) and decays with it is multiplied by as much.
    """
    if settings["parametrization"] == "standard":
        return {}
    factor = math.sqrt(max(settings["hidden_layers"]))
    return {
        "parametrization": "standard",
        "learning_rate": settings["learning_rate"] / factor,
        "rates": {part: rate * factor for part, rate in settings["rates"].items()},
        "weight_decay": settings["weight_decay"] * factor,
    }


ABLATIONS = (
    Variant("no numeric embedding", {"numeric_embedding": "none"}),
    Variant("piecewise linear embedding", {"numeric_embedding": "piecewise_linear"}),
    Variant("no factor for each input", {"input_scale": False}),
    Variant("no share of activation for each unit", {"parametric": False}),
    Variant("standard parametrization, rate / √width", standard_weights),
    Variant("random start", {"start": "random"}),
    Variant("scaling by mean and deviation", {"scaling": "standard"}),
    Variant("constant learning rate", {"schedule": "constant"}),
    Variant("learning rate along one cosine", {"schedule": "cosine"}),
    Variant("AdamW's usual β₂ of 0.999", {"optimizer": "adamw"}),
    Variant("no dropout", {"dropout": 0.0}),
    Variant("constant dropout", {"dropout_schedule": "constant"}, drops_out),
    Variant("no weight decay", {"weight_decay": 0.0}),
    Variant("no calibration", {"calibration": "none"}, classes),
    Variant("label smoothing of 0.1", {"label_smoothing": 0.1}, classes),
    Variant("one network", {"members": 1}),
    Variant("every member holds rows out", {"refits": 0}),
    Variant("members all alike", {"kinds": ()}),
    Variant("no kind that sees thresholds", without_thresholds, sees_thresholds),
    Variant("every spread 0.1", one_spread),
    Variant("a fifth held out", {"validation_fraction": 0.2}),
    Variant("no clamp", {"clamp": False}, numbers),
    Variant("numbers that are names as numbers alone", {"number_levels": "none"}),
    Variant("no embedding of categories up to 64 levels", {"max_one_hot": 64}, embedded),
)
