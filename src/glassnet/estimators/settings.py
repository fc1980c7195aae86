"""From the options of an estimator to the settings of one training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.errors import InputError
from glassnet.estimators.architecture import EMBEDDINGS, OF_EMBEDDING, hidden_layers, own_fields
from glassnet.estimators.declaration import options_that_are
from glassnet.estimators.presets import TableSize, choose_preset, resolve
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Dropout, Layer
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import stored

VALIDATED_OF_EACH_KIND = 2
"""At least so many members of each kind hold rows out, unless `refits` says how many learn from all."""


def choose_settings(given: Mapping[str, Any], preset: str, size: TableSize, default_loss: str) -> dict[str, Any]:
    """Every setting with its value: as given, or as the preset has it for a table of this size.

    Raises
    ------
    InputError, InputTypeError
        If the preset or a layer is unknown, or an option has no meaning beside the others.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> given = {name: None for name in NeuralClassifier().setting_names} | {"scoring": "roc_auc"}
    >>> settings = choose_settings(given, "mlp", TableSize(rows=100, columns=5), "cross_entropy")
    >>> settings["early_stopping"], settings["loss"], settings["activation"]
    (True, 'cross_entropy', 'relu')
    """
    if preset == "auto" and given["optimizer"] == LBFGS:
        preset = "mlp"  # the others are tuned for many small steps
    chosen = choose_preset(preset, size)
    settings = {**given, **resolve(chosen, given, size), "preset": chosen}
    settings = {name: value for name, value in settings.items() if name in given}
    if given["loss"] is None:
        settings["loss"] = default_loss
    if given["kinds"] is None:
        settings["kinds"] = _where_free(settings, given)
    settings["kinds"] = tuple(_with_own_fields(kind, given) for kind in settings["kinds"])
    settings = _with_own_fields(settings, given)
    stops_early = given["refits"] or any(given[name] is not None for name in options_that_are("for_stopping"))
    if given["early_stopping"] is None and stops_early:
        settings["early_stopping"] = True
    if given["cv"] is not None and not settings["early_stopping"]:
        raise InputError("`cv` needs `early_stopping`", "early_stopping=False", "Omit one of them")
    settings["refits"] = _refits(settings, given)
    if settings["optimizer"] == LBFGS:
        for name in options_that_are("for_batches"):
            for value in (given[name], *(kind.get(name) for kind in settings["kinds"])):
                if value not in (None, 0.0):  # no decay is what it does
                    raise InputError(
                        Text("The optimizer lbfgs does not support `{name}`", name=name), value, "Keep None"
                    )
            settings[name] = None
    placed = any(isinstance(layer, Dropout) for layer in hidden_layers(settings))
    # dropout that was placed by hand stays where it is; one mask for a whole search would only cut units off
    if given["dropout"] is None and (placed or settings["optimizer"] == LBFGS):
        settings["dropout"] = 0.0
    return settings


def _where_free(settings: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the kinds of a preset without options that the user set (for all members) or that have no effect."""
    decided = {name for name, value in given.items() if value is not None}
    if settings["optimizer"] == LBFGS:
        decided |= set(options_that_are("for_batches"))
    decided |= OF_EMBEDDING.keys() - own_fields(settings["numeric_embedding"])
    kinds = settings["kinds"]
    free = [{name: value for name, value in kind.items() if name not in decided} for kind in kinds]
    different = [kind for place, kind in enumerate(free) if kind not in free[:place]] or [{}]
    return tuple(different) if len(different) > 1 else ()


def _refits(settings: Mapping[str, Any], given: Mapping[str, Any]) -> int:
    """The number of members refitted on all rows: as given, or by the preset, if enough others are validated.

    With given folds every member is validated on one.
    """
    members, kinds, refits = settings["members"], len(settings["kinds"]) or 1, given["refits"]
    if refits is None:
        judged = settings["early_stopping"] and settings["cv"] is None
        return max(0, min(settings["refits"], members - VALIDATED_OF_EACH_KIND * kinds)) if judged else 0
    if refits and not settings["early_stopping"]:
        raise InputError("`refits` needs `early_stopping`", "early_stopping=False", "Omit one of them")
    if refits and refits > members - kinds:
        rule = Text("`refits` must leave a member of each kind with held-out rows")
        received = f"{refits} of {members} members" + (f", {kinds} kinds" if kinds > 1 else "")
        raise InputError(rule, received, "Refit fewer members, or use more of them")
    return int(refits)


def fewer_members(settings: Mapping[str, Any], members: int) -> dict[str, Any]:
    """Return the settings as if so many `members` had been given, of which fewer are refitted.

    Examples
    --------
    >>> fewer_members({"members": 10, "refits": 6, "kinds": ({}, {"spread": 2.0})}, 8)
    {'members': 8, 'refits': 4, 'kinds': ({}, {'spread': 2.0})}
    """
    if members == settings["members"]:
        return dict(settings)
    most = members - VALIDATED_OF_EACH_KIND * (len(settings["kinds"]) or 1)
    return {**settings, "members": members, "refits": max(0, min(settings["refits"], most))}


def _with_own_fields(settings: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the defaults of the chosen embedding, where they are not given."""
    embedding = settings.get("numeric_embedding")
    if embedding is None:
        return dict(settings)
    plain = EMBEDDINGS.get(embedding)
    own = {
        name: getattr(plain, field, None)
        for name, field in OF_EMBEDDING.items()
        if settings.get(name) is None and given[name] is None
    }
    return {**settings, **own}


def fitting_loss(settings: Mapping[str, Any], targets: Sequence[str], estimator: str) -> Loss:
    """The loss, if its targets are of one of these kinds."""
    loss = LOSSES.get(settings["loss"])
    if settings["label_smoothing"] and "label_smoothing" in loss.options and not loss.label_smoothing:
        loss = loss.with_parameters(label_smoothing=settings["label_smoothing"])
    if loss.target not in targets:
        fitting = [name for name in LOSSES if LOSSES.get(name).target in targets]
        raise InputError(
            Text("`loss` of {estimator} must be one of: {choices}", estimator=estimator, choices=", ".join(fitting)),
            str(loss),
            "Use one of these names",
        )
    return loss


def check_unchanged(
    networks: Sequence[NeuralNetwork],
    layers: Sequence[Sequence[Layer]],
    loss: Loss,
    settings: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    """Refuse to continue training with other layers, loss, precision or number of networks, or dependent options."""
    for name in options_that_are("same"):
        if name in settings and settings[name] != before.get(name):
            rule = Text("Continued training must keep `{name}` unchanged", name=name)
            received = f"{settings[name]}, after {before.get(name)}"
            raise InputError(rule, received, "Set warm_start=False and call fit to start over")
    network = networks[0]
    kept = {
        "number of members": settings["members"] == len(networks),
        "loss": loss == network.loss,
        "dtype": stored(settings["dtype"]) == network.dtype and settings["dtype"] == before.get("dtype"),
        "hidden_layers, activation or dropout": all(
            tuple(own) == network.layers for own, network in zip(layers, networks, strict=False)
        ),
    }
    others = Text(
        "Set members={count} to go on with those that there are, or set warm_start=False and call fit to start afresh"
    )
    remedies = {"number of members": others.filled(count=len(networks))}
    for names, same in kept.items():
        if not same:
            raise InputError(
                "Continued training must keep the network unchanged",
                Text("another {names} than {network!r} in {dtype}", names=names, network=network, dtype=network.dtype),
                remedies.get(names, Text("Set warm_start=False and call fit to start afresh")),
            )
