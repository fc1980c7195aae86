"""The network itself, and all that is needed to make it again."""

from __future__ import annotations

import platform
from collections import Counter
from importlib import metadata
from typing import Any

from glassnet.estimators.kinds import kinds_in_words, parameters_in_words
from glassnet.insight.report.markup import Markup, element, join, table
from glassnet.insight.report.spelling import constructor
from glassnet.insight.report.subject import Subject
from glassnet.insight.text import Text

__all__ = ["network", "reproduce"]

LAYERS = Text("The layers, from the first to the last", "各层，从第一层到最后一层")
LAYER, INTO, OUT, PARAMETERS = Text("Layer", "层"), Text("In", "入"), Text("Out", "出"), Text("Parameters", "参数")
ONE = Text(
    "One network with {parameters} parameters. Its {inputs} inputs are made of the {columns} columns of the table; "
    "it "
    "was trained with the loss {loss} in {dtype}.",
    "一个网络，{parameters} 个参数。它的 {inputs} 个输入来自表格的 {columns} 列；用损失 {loss} 训练，精度 {dtype}。",
)
SEVERAL = Text(
    "{members} networks, each with {parameters} parameters, are averaged. The {inputs} inputs of "
    "each are "
    "made of the {columns} columns of the table; they were trained with the loss {loss} in {dtype}.",
    "{members} 个网络取平均，每个有 {parameters} 个参数。各自的 {inputs} 个输入来自表格的 {columns} 列；"
    "用损失 {loss} 训练，精度 {dtype}。",
)
SHARED = Text(
    "Within each, {members} members share most of their weights.", "每个网络里有 {members} 个成员，它们共用大部分权重。"
)
KINDS = Text(
    "These are the layers of the first. The networks are of several kinds; how much each kind counts, rows held back "
    "from it have decided.",
    "以上是第一个网络的各层。网络分为几种；每种占多少权重，由没有用于它学习的行决定。",
)
KIND, MEMBERS, WEIGHT = Text("Kind", "种类"), Text("Networks", "网络数"), Text("Weight", "权重")

COMMAND, CODE = Text("In the terminal", "在终端里"), Text("In Python", "在 Python 里")
SETTINGS, SETTING, VALUE = (
    Text("Every setting as it was used", "实际使用的全部设置"),
    Text("Setting", "设置"),
    Text("Value", "值"),
)
VERSIONS, PACKAGE, VERSION = Text("Versions", "版本"), Text("Package", "软件包"), Text("Version", "版本号")
MACHINE = Text("Python and machine", "Python 与机器")
SAME = Text(
    "The same seed gives the same numbers on the same machine with the same versions; on others they may differ a "
    "little.",
    "同样的种子，在同样的机器、同样的版本上得到同样的数；换了机器或版本，可能略有出入。",
)
PACKAGES = ("glassnet", "numpy", "scipy", "scikit-learn", "llvmlite", "narwhals")


def network(subject: Subject) -> Markup:
    """A line for each layer."""
    model, first = subject.model, subject.model.network_
    counts: Counter[int] = Counter()
    for slot in first.layout.parameters:
        counts[slot.layer] += slot.stop - slot.start
    widths = first.layout.widths
    rows = [
        [str(number), element("code", repr(layer)), str(widths[number - 1]), str(widths[number]), f"{counts[number]:,}"]
        for number, layer in enumerate(first.layers, 1)
    ]
    sizes = [each.layout.size for each in model.networks_]
    facts = {
        "parameters": parameters_in_words(sizes), "inputs": first.inputs, "columns": model.encoder_.n_features_in,
        "loss": str(first.loss), "dtype": str(first.dtype),
    }  # fmt: skip
    members = len(model.networks_)
    words = [subject.say(ONE, **facts) if members == 1 else subject.say(SEVERAL, members=members, **facts)]
    if first.members > 1:
        words.append(subject.say(SHARED, members=first.members))
    head = ["#", *(subject.say(name) for name in (LAYER, INTO, OUT, PARAMETERS))]
    layers = table(subject.say(LAYERS), head, rows, words=(0, 1))
    return join([element("p", subject.sentences(words)), layers, *_kinds(subject)])


def _kinds(subject: Subject) -> list[Markup]:
    """What members of several kinds differ in, and how much each kind counts."""
    found = kinds_in_words(subject.model.settings_, subject.model.weights_)
    if not found:
        return []
    sizes = [subject.model.networks_[kind.first].layout.size for kind in found]
    rows = [
        [element("code", kind.settings), str(kind.members), f"{size:,}", f"{kind.share:.1%}"]
        for kind, size in zip(found, sizes, strict=True)
    ]
    head = [subject.say(name) for name in (KIND, MEMBERS, PARAMETERS, WEIGHT)]
    return [element("p", subject.say(KINDS)), table(subject.say(KIND), head, rows, words=(0,))]


def reproduce(subject: Subject) -> Markup:
    """The command, the code, every setting, and the versions."""
    origin, parts = subject.origin, []
    if origin.command:
        parts += [element("h3", subject.say(COMMAND)), _code(origin.command, subject.say(COMMAND))]
    code = origin.code or _snippet(subject)
    parts += [element("h3", subject.say(CODE)), _code(code, subject.say(CODE)), element("p", subject.say(SAME))]
    settings = [[name, element("code", _plain(value))] for name, value in sorted(subject.model.settings_.items())]
    versions = [[name, _version(name)] for name in PACKAGES]
    machine = (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    versions.append([subject.say(MACHINE), machine])
    parts += [
        table(subject.say(SETTINGS), [subject.say(SETTING), subject.say(VALUE)], settings, words=(0, 1)),
        table(subject.say(VERSIONS), [subject.say(PACKAGE), subject.say(VERSION)], versions, words=(0, 1)),
    ]
    return join(parts)


def _snippet(subject: Subject) -> str:
    """The model made again, where nobody knows where its rows came from."""
    name = type(subject.model).__name__
    return f"from glassnet import {name}\n\nmodel = {constructor(subject.model)}\nmodel.fit(X_train, y_train)\n"


def _code(text: str, label: str) -> Markup:
    return element("pre", element("code", text), tabindex="0", role="group", aria_label=label)


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, str) else repr(value)


def _version(package: str) -> str:
    if package == "glassnet":  # may be run from its source
        import glassnet

        return glassnet.__version__
    return metadata.version(package)
