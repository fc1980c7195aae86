"""The network itself, and all that is needed to make it again."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from glassnet.estimators.kinds import kinds_in_words, parameters_in_words
from glassnet.insight.blocks import Block, Cell, Code, Heading, Table, Words
from glassnet.insight.report.spelling import constructor
from glassnet.insight.report.subject import Subject
from glassnet.layers.retrieval import rows_known

__all__ = ["network", "reproduce"]

PACKAGES = ("glassnet", "numpy", "scipy", "scikit-learn", "llvmlite", "narwhals")


def network(subject: Subject) -> list[Block]:
    """A line for each layer."""
    model, first = subject.model, subject.model.network_
    widths = first.layout.widths
    rows: list[list[str | Cell]] = [
        [str(at), Cell(repr(layer), look="code"), str(widths[at - 1]), str(widths[at]), f"{size:,}"]
        for at, (layer, size) in enumerate(zip(first.layers, first.sizes, strict=True), 1)
    ]
    sizes = [sum(each.sizes) for each in model.networks_]
    facts = {
        "parameters": parameters_in_words(sizes), "inputs": first.inputs, "columns": model.encoder_.n_features_in,
        "loss": str(first.loss), "dtype": str(first.dtype), "members": len(model.networks_),
    }  # fmt: skip
    words = [subject.say("network.one" if len(model.networks_) == 1 else "network.several", **facts)]
    words += [subject.say("network.shared", members=first.members)] if first.members > 1 else []
    known = rows_known(network.layers for network in model.networks_)
    words += [subject.say("card.kept", rows=known)] if known else []
    head = ["#", *(subject.say(f"network.{name}") for name in ("layer", "into", "out", "parameters"))]
    layers = Table(subject.say("network.layers"), head, rows, (0, 1))
    return [Words(subject.sentences(words)), layers, *_kinds(subject)]


def _kinds(subject: Subject) -> list[Block]:
    """What members of several kinds differ in, and how much each kind counts."""
    found = kinds_in_words(subject.model.settings_, subject.model.weights_)
    if not found:
        return []
    sizes = [sum(subject.model.networks_[kind.first].sizes) for kind in found]
    rows: list[list[str | Cell]] = [
        [Cell(kind.settings, look="code"), str(kind.members), f"{size:,}", f"{kind.share:.1%}"]
        for kind, size in zip(found, sizes, strict=True)
    ]
    head = [subject.say(f"network.{name}") for name in ("kind", "members", "parameters", "weight")]
    return [Words(subject.say("network.kinds")), Table(head[0], head, rows)]


def reproduce(subject: Subject) -> list[Block]:
    """The command, the code, every setting, and the versions."""
    say, origin = subject.say, subject.origin
    settings: list[list[str | Cell]] = [
        [name, Cell(_plain(value), look="code")] for name, value in sorted(subject.model.settings_.items())
    ]
    versions = [[name, _version(name)] for name in PACKAGES]
    implementation, machine = platform.python_implementation(), platform.machine()
    versions.append(
        [say("reproduce.machine"), f"{implementation} {platform.python_version()}, {platform.system()} {machine}"]
    )
    blocks: list[Block] = []
    if origin.command:
        blocks += [Heading(say("reproduce.command")), Code(say("reproduce.command"), origin.command)]
    return [
        *blocks,
        Heading(say("reproduce.code")),
        Code(say("reproduce.code"), origin.code or _snippet(subject)),
        Words(say("reproduce.same")),
        Table(say("reproduce.settings"), [say("reproduce.setting"), say("reproduce.value")], settings, (0, 1)),
        Table(say("reproduce.versions"), [say("reproduce.package"), say("reproduce.version")], versions, (0, 1)),
    ]


def _snippet(subject: Subject) -> str:
    """The model made again, where nobody knows where its rows came from."""
    name = type(subject.model).__name__
    return f"from glassnet import {name}\n\nmodel = {constructor(subject.model)}\nmodel.fit(X_train, y_train)\n"


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, str) else repr(value)


def _version(package: str) -> str:
    if package == "glassnet":  # may be run from its source
        import glassnet

        return glassnet.__version__
    return metadata.version(package)
