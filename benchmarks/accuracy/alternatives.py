"""What else glassnet's default might have been: other settings, more members, further kinds of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.accuracy.journal import Record
from benchmarks.accuracy.variants import Settings, Variant, classes, numbers, sees_thresholds
from glassnet.estimators.presets import FINER, MOST_FOR_SHORT, THRESHOLDS

__all__ = ["ALTERNATIVES"]

Change = Callable[[Settings], dict[str, Any]]


def times(factor: float, *names: str) -> Change:
    """Some settings multiplied, of all kinds of members."""

    def change(settings: Settings) -> dict[str, Any]:
        def scaled(options: Settings) -> dict[str, Any]:
            return {name: type(options[name])(options[name] * factor) for name in names if name in options}

        return scaled(settings) | {"kinds": tuple(kind | scaled(kind) for kind in settings["kinds"])}

    return change


def layers(change_of: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Change:
    """Other hidden layers, in all kinds of members."""

    def change(settings: Settings) -> dict[str, Any]:
        kinds = tuple(
            kind | {"hidden_layers": change_of(kind["hidden_layers"])} if "hidden_layers" in kind else kind
            for kind in settings["kinds"]
        )
        return {"hidden_layers": change_of(settings["hidden_layers"]), "kinds": kinds}

    return change


def members(factor: float) -> Change:
    """So many times the members of each kind; those that hold rows out stay as many."""

    def change(settings: Settings) -> dict[str, Any]:
        whole = int(factor * settings["members"])
        held_out = settings["members"] - settings["refits"]
        return {"members": whole, "refits": max(0, whole - held_out) if settings["refits"] else 0}

    return change


def further(**kind: Any) -> Change:
    """One more kind of members, as many as of each of the others."""

    def change(settings: Settings) -> dict[str, Any]:
        there = max(1, len(settings["kinds"]))
        more = {name: settings[name] // there * (there + 1) for name in ("members", "refits")}
        return {"kinds": (*(settings["kinds"] or ({},)), kind), **more}

    return change


def all_of(**kind: Any) -> Change:
    """As many members, all of one kind."""
    return lambda settings: {"kinds": (kind,)}


def last_kind(**changes: Any) -> Change:
    """The last kind changed."""
    return lambda settings: {"kinds": (*settings["kinds"][:-1], settings["kinds"][-1] | changes)}


def few_numbers(record: Record, settings: Settings) -> bool:
    return numbers(record, settings) and bool(settings["kinds"]) and record["train_rows"] <= MOST_FOR_SHORT


def first_kind_longer(settings: Settings) -> dict[str, Any]:
    """Twice the epochs for the first kind."""
    first, *others = settings["kinds"]
    return {"kinds": (first | {"epochs": 2 * settings["epochs"]}, *others)}


def huber(settings: Settings) -> dict[str, Any]:
    """The loss alone; everything else as for squares."""
    kept = ("kinds", "members", "refits", "learning_rate", "dropout")
    return {"loss": "huber", **{name: settings[name] for name in kept}}


ALTERNATIVES = (
    Variant("half the learning rate", times(0.5, "learning_rate")),
    Variant("twice the learning rate", times(2.0, "learning_rate")),
    Variant("dropout of 0.05", {"dropout": 0.05}),
    Variant("dropout of 0.3", {"dropout": 0.3}),
    Variant("weight decay of 0.05", {"weight_decay": 0.05}),
    Variant("half the batch size", times(0.5, "batch_size")),
    Variant("twice the batch size", times(2.0, "batch_size")),
    Variant("half the epochs", times(0.5, "epochs")),
    Variant("twice the epochs", times(2.0, "epochs")),
    Variant("half the width", layers(lambda sizes: tuple(size // 2 for size in sizes))),
    Variant("twice the width", layers(lambda sizes: tuple(2 * size for size in sizes))),
    Variant("one more hidden layer", layers(lambda sizes: (*sizes, sizes[-1]))),
    Variant("ReLU", {"activation": "relu"}),
    Variant("Mish", {"activation": "mish"}),
    Variant("SELU", {"activation": "selu"}),
    Variant("three fifths of the members", members(0.6)),
    Variant("twice the members", members(2.0)),
    Variant("one kind, spread 0.5", all_of(spread=0.5)),
    Variant("one kind, spread 2", all_of(spread=2.0)),
    Variant("one kind, which sees thresholds", all_of(**THRESHOLDS), sees_thresholds),
    Variant("thresholds between quantiles", last_kind(numeric_embedding="piecewise_linear"), sees_thresholds),
    Variant("a further kind, spread 8", further(spread=8.0)),
    Variant("a further kind, without numeric embedding", further(numeric_embedding="none", batch_size=128)),
    Variant("a further kind, spread 0.5", further(**FINER), classes),
    Variant("a further kind, which sees thresholds", further(**THRESHOLDS), numbers),
    Variant("twice the epochs for the first kind, up to 2,500 rows", first_kind_longer, few_numbers),
    Variant("all epochs for all members", times(4.0, "patience")),
    Variant("Huber's loss", huber, numbers),
)
