"""Sections about the making of a model: task, split, network, training, findings, and how to reproduce it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import metadata
from typing import Any

import numpy as np

from glassnet.display.blocks import Block, Cell, Charts, CodeBlock, Facts, Heading, Paragraph, TableBlock, Template
from glassnet.display.chart import Chart
from glassnet.display.numbers import short_percent
from glassnet.estimators.ensemble import judged_members, kinds_in_words, parameters_in_words
from glassnet.estimators.predict_limit import limit_in_words
from glassnet.insight.report.subject import Subject
from glassnet.training import History
from glassnet.training.history import LOSSES
from glassnet.training.history_display import ending
from glassnet.training.history_display import training_chart as curves

SHOWN_CLASSES = 8
PACKAGES = ("glassnet", "numpy", "scipy", "scikit-learn", "llvmlite", "narwhals")
NO_SPELLING = ("callbacks", "verbose", "warm_start", "n_jobs")
"""Options that do not affect the learned parameters."""


def asked(subject: Subject) -> list[Block]:
    """Task, target, where the rows come from, and the command."""
    origin = subject.origin
    facts: list[tuple[str, str | Cell]] = [
        ("task.target", origin.target or subject.say("task.unknown")),
        ("task.task", _task(subject)),
    ]
    facts += [("task.table", origin.table)] if origin.table else []
    facts.append(("task.model", type(subject.model).__name__))
    facts += [("task.command", Cell(origin.command, look="code"))] if origin.command else []
    return [Facts([(subject.say(name), value) for name, value in facts])]


def _task(subject: Subject) -> str:
    if subject.classes is None:
        return subject.say("task.number")
    names = [str(name) for name in subject.classes]
    shown = subject.say("page.comma").join(names[:SHOWN_CLASSES])
    if len(names) > SHOWN_CLASSES:
        shown = subject.say("task.more", names=shown, count=len(names) - SHOWN_CLASSES)
    return subject.say("task.classes", count=len(names), names=shown)


def split(subject: Subject) -> list[Block]:
    """The training, validation and test rows, and how they were drawn."""
    origin, count = subject.origin, len(subject.y)
    if origin.share and origin.time:
        tested = subject.say("split.latest", count=count, column=origin.time)
    elif origin.share:
        tested = subject.say("split.drawn", count=count, share=short_percent(origin.share), seed=origin.seed)
        tested += subject.say("split.stratified") if subject.classes is not None else ""
    elif origin.test:
        tested = subject.say("split.of_file", count=count, file=origin.test)
    else:
        tested = subject.say("split.rows", count=count)
    tested += _together(subject) if origin.share else ""
    learned = subject.say("split.unknown")
    if subject.learned is not None:
        learned = subject.say("split.rows", count=len(subject.learned.y))
    facts = [("split.learned", learned), ("split.validated", _validated(subject)), ("split.test", tested)]
    facts += [("split.left_out", subject.say("split.no_answer", count=origin.dropped))] if origin.dropped else []
    return [Facts([(subject.say(name), value) for name, value in facts])]


def _validated(subject: Subject) -> str:
    settings, origin = subject.model.settings_, subject.origin
    if origin.validation:
        return subject.say("split.of_other_file", file=origin.validation)
    if not settings["early_stopping"]:
        return subject.say("split.none_held")
    if origin.fold:
        return subject.say("split.of_fold", column=origin.fold)
    share = short_percent(settings["validation_fraction"])
    if settings["cv"] is not None:
        held = subject.say("split.of_cv", members=judged_members(settings), cv=cv_spelled(settings["cv"]))
    elif origin.time:
        held = subject.say("split.latest_held", column=origin.time, share=share)
    elif settings["members"] > 1:
        held = subject.say("split.held_back_each", members=judged_members(settings), share=share)
    else:
        held = subject.say("split.held_back", share=share, seed=subject.model.network_.seed)
    if settings["refits"]:
        held += subject.say("split.refitted", count=settings["refits"])
    return held + _together(subject)


def _together(subject: Subject) -> str:
    column = subject.origin.group or subject.origin.fold
    return subject.say("split.together", column=column) if column else ""


def network(subject: Subject) -> list[Block]:
    """A line for each layer."""
    model, first = subject.model, subject.model.network_
    rows: list[list[str | Cell]] = [
        [str(at), Cell(repr(layer), look="code"), str(into), str(out), f"{size:,}"]
        for at, (layer, into, out, size) in enumerate(first.sized_layers, 1)
    ]
    sizes = [sum(each.sizes) for each in model.networks_]
    facts = {
        "parameters": parameters_in_words(sizes), "inputs": first.inputs, "columns": model.encoder_.n_features_in,
        "loss": str(first.loss), "dtype": str(first.dtype), "members": len(model.networks_),
    }  # fmt: skip
    words = [subject.say("network.one" if len(model.networks_) == 1 else "network.several", **facts)]
    words += [subject.say("network.shared", members=first.members)] if first.members > 1 else []
    ngrams = first.layout.ngrams
    words += [subject.say("network.ngrams", count=ngrams)] if ngrams else []
    limit = limit_in_words(model.settings_, model.notes_)
    words += [] if limit is None else [subject.say(limit)]
    head = ["#", *(subject.say(f"network.{name}") for name in ("layer", "into", "out", "parameters"))]
    layers = TableBlock(subject.say("network.layers"), head, rows, (0, 1))
    return [Paragraph(subject.sentences(words)), layers, *_kinds(subject)]


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
    return [Paragraph(subject.say("network.kinds")), TableBlock(subject.say("network.kinds_table"), head, rows)]


def reproduce(subject: Subject) -> list[Block]:
    """The command, the code, every setting, and the versions."""
    say, origin = subject.say, subject.origin
    settings: list[list[str | Cell]] = [
        [name, Cell(value if isinstance(value, str) else repr(value), look="code")]
        for name, value in sorted(subject.model.settings_.items())
    ]
    versions = [[name, _version(name)] for name in PACKAGES]
    implementation, machine = platform.python_implementation(), platform.machine()
    versions.append(
        [say("reproduce.machine"), f"{implementation} {platform.python_version()}, {platform.system()} {machine}"]
    )
    blocks: list[Block] = []
    if origin.command:
        blocks += [Heading(say("reproduce.command")), CodeBlock(say("reproduce.command"), origin.command)]
    return [
        *blocks,
        Heading(say("reproduce.code")),
        CodeBlock(say("reproduce.code"), origin.code or _snippet(subject)),
        Paragraph(say("reproduce.same")),
        TableBlock(say("reproduce.settings"), [say("reproduce.setting"), say("reproduce.value")], settings, (0, 1)),
        TableBlock(say("reproduce.versions"), [say("reproduce.package"), say("reproduce.version")], versions, (0, 1)),
    ]


def _snippet(subject: Subject) -> str:
    """Code that makes the model again, where the source of its rows is unknown."""
    name = type(subject.model).__name__
    return f"from glassnet import {name}\n\nmodel = {constructor(subject.model)}\nmodel.fit(X_train, y_train)\n"


def _version(package: str) -> str:
    if package == "glassnet":  # may be run from its source
        import glassnet

        return glassnet.__version__
    return metadata.version(package)


def constructor(model: Any) -> str:
    """The call with every option that is not at its default.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> print(constructor(NeuralClassifier(epochs=5, hidden_layers=(8, "gelu:4"), random_state=0)))
    NeuralClassifier(epochs=5, hidden_layers=(8, 'gelu:4'), random_state=0)
    """
    kind = type(model)
    defaults = kind().get_params()
    given = {
        name: value
        for name, value in model.get_params().items()
        if name not in NO_SPELLING and _differ(value, defaults[name])
    }
    written = [f"{name}={cv_spelled(value) if name == 'cv' else _spelled(value)}" for name, value in given.items()]
    line = f"{kind.__name__}({', '.join(written)})"
    if len(line) <= 88:
        return line
    return f"{kind.__name__}(\n" + "".join(f"    {option},\n" for option in written) + ")"


def cv_spelled(cv: Any) -> str:
    """Folds as code; pairs of row numbers have a name alone.

    >>> cv_spelled(5), cv_spelled([([0, 1], [2])])
    ('5', 'folds')
    """
    return repr(cv) if isinstance(cv, int) or hasattr(cv, "split") else "folds"


def _differ(value: Any, default: Any) -> bool:
    return value is not default and (type(value) is not type(default) or value != default)


def _spelled(value: Any) -> str:
    """A value as code; NumPy's numbers as plain ones."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spelled(key)}: {_spelled(item)}" for key, item in value.items()) + "}"
    return repr(value)


# ------------------------------------------------------------------- training


def training(subject: Subject) -> list[Block]:
    """Curves, and a line for each member."""
    histories = subject.model.histories_
    if not any(len(history) for history in histories):
        return []
    rows = []
    for number, history in enumerate(histories, 1):
        seconds = sum(row.get("seconds", 0.0) for row in history)
        best = subject.say("training.last") if history.best_epoch is None else str(history.best_epoch)
        rows.append(
            [str(number), str(len(history)), best, f"{seconds:.1f}", ending(history, language=subject.language)]
        )
    head = [subject.say(f"training.{name}") for name in ("member", "epochs", "best_epoch", "seconds", "ended")]
    return [
        Charts(list(_curves(subject, [history for history in histories if len(history)]))),
        Paragraph(subject.say("training.plain"), "note"),
        TableBlock(subject.say("training.each"), head, rows, (0, 4)),
    ]


def _curves(subject: Subject, histories: Sequence[History]) -> Iterator[Chart]:
    """The losses of all members, the scores that judged them, and the learning rate."""
    first, language, many = histories[0], subject.language, len(histories) > 1
    known = [name for name in first.columns if all(name in history.columns for history in histories)]
    notes = [subject.say("training.fell", epochs=len(first), first=first["loss"][0], last=first["loss"][-1])]
    if first.best_epoch is not None:
        notes.append(subject.say("training.held_best", epoch=first.best_epoch))
    losses = [name for name in LOSSES if name in known]
    note = "" if many else subject.sentences(notes)
    yield replace(curves(histories, losses, language), title=subject.say("training.loss"), note=note)
    for name in known:
        if name.startswith("validation_") and name not in LOSSES:
            score = name.removeprefix("validation_").replace("_", " ")
            title, note = subject.say("training.score", score=score), subject.say("training.score_note")
            yield replace(curves(histories, [name], language), title=title, note=note)
    rates = first["learning_rate"] if "learning_rate" in first.columns else []
    if len(set(rates)) > 1:
        note = subject.say("training.rate_note", schedule=subject.model.settings_["schedule"])
        drawn = curves([first], ["learning_rate"], language)
        yield replace(drawn, title=subject.say("training.rate"), note=note)


def findings(subject: Subject) -> list[Block]:
    """An article for each finding; nothing where no diagnosis was made."""
    if subject.findings is None:
        return []
    if not subject.findings:
        return [Paragraph(subject.say("findings.healthy_network" if subject.learned is None else "findings.healthy"))]
    return [Template("findings.html", [found.spoken(subject.language).shown() for found in subject.findings])]
