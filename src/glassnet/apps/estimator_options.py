"""Every option of the estimators as an option of the command line.

They are those that ``estimators/declaration.py`` declares, so that the help cannot say anything else than the library
does. Here is only what a command line adds: how a value is spelled that is more than a number or a name.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from glassnet.apps.usage import split_names
from glassnet.errors import InputError
from glassnet.support.language import Text

_KINDS: Final[Mapping[str, type]] = {"bool": bool, "int": int, "float": float}


_PAIRS: Final[Mapping[str, tuple[Text, str]]] = {
    "class_weight": (Text("balanced or a list of class=weight"), "yes=2,no=1"),
    "costs": (Text("a list of true:predicted=cost"), "yes:no=5,no:yes=1"),
    "rates": (Text("a list of part=factor"), "bias=0.1,scale=6"),
    "monotone": (Text("a list of column=direction"), "age=1,price=-1"),
}
"""The options that are pairs of a name and a number: the rule in words, and an example."""


@dataclass(frozen=True)
class Option:
    """One option of the command line for one parameter of the estimators.

    Its kind is bool, int, float, str, or a ``Literal`` of the values that there are.
    """

    name: str
    kind: Any
    help: str


@cache
def estimator_options() -> tuple[Option, ...]:
    """The options of both estimators, in the order in which they are declared.

    Examples
    --------
    >>> [option.name for option in estimator_options()][:3]
    ['hidden_layers', 'activation', 'dropout']
    >>> next(option.help for option in estimator_options() if option.name == "dropout")
    'The dropout rate after each dense hidden layer. A number in [0, 1).'
    """
    declared, *own = read_parameters().values()
    first = {name: parameter for options in (*own, declared) for name, parameter in options.items()}
    names = [name for name in (declared | first) if first[name].typed is not None]
    return tuple(Option(name, _kind(first[name]), _help(name, names)) for name in names)


def _kind(parameter: OptionHelp) -> Any:
    """The type of the option's value: a choice where the values are listed, else by the annotation."""
    if parameter.described.startswith("{"):
        return Literal[tuple(re.findall(r'"(\w+)"', parameter.described))]
    simple = [_KINDS[name] for name in parameter.annotation if name in _KINDS and "str" not in parameter.annotation]
    return simple[0] if simple else str


def _help(name: str, options: Iterable[str]) -> str:
    declared, *own = (known.get(name) for known in read_parameters().values())
    if declared is not None and declared.text:
        words, described = [declared.text], declared.described
    else:
        by_task = [(task, known) for task, known in zip(("Classification", "Regression"), own, strict=True) if known]
        described = by_task[0][1].described
        if len(by_task) == 2:
            words = [f"{task}: {known.text}" for task, known in by_task]
        else:
            words = [f"Only for {by_task[0][0].lower()}.", by_task[0][1].text]
    bounds = re.search(r" in ([\[(].*[\])])", described)
    known = declared or by_task[0][1]
    words += [known.typed or "", f"A number in {bounds[1]}." if bounds else "", _names(known.annotation)]
    return _as_typed(" ".join(word for word in words if word), options)


def _as_typed(text: str, options: Iterable[str]) -> str:
    """The words of a declaration for someone who types: options by their spelling, without what only Python can give.

    Examples
    --------
    >>> _as_typed("None: the loss. See `batch_size`, or your own update rule.", ["batch_size"])
    'Default: the loss. See --batch-size.'
    """
    text = re.sub(r",? or (?:a|your own) (?:layer|loss|update rule)(?=[.;])", "", text)
    text = re.sub(r"(^|\. )None:", r"\1Default:", text).replace("None:", "default:")
    return re.sub(r"`+(\w+)`+", lambda name: f"--{name[1].replace('_', '-')}" if name[1] in options else name[1], text)


def as_options(text: str) -> str:
    """A text of the library with its settings as they are typed.

    Examples
    --------
    >>> as_options('class_weight="balanced" finds more of them.')
    '--class-weight balanced finds more of them.'
    """
    known = {option.name for option in estimator_options()}
    return re.sub(
        r"""\b(\w+)=["'](\w+)["']""",
        lambda match: f"--{match[1].replace('_', '-')} {match[2]}" if match[1] in known else match[0],
        text,
    )


def _names(annotation: Iterable[str]) -> str:
    """The names that there are to choose from."""
    from glassnet.formulas.activations import ACTIVATIONS
    from glassnet.formulas.optimizers import OPTIMIZERS
    from glassnet.formulas.schedules import SCHEDULES

    registries: Mapping[str, Iterable[str]] = {
        "Activation": ACTIVATIONS,
        "Optimizer": OPTIMIZERS,
        "Schedule": SCHEDULES,
    }
    found = [registries[name] for name in annotation if name in registries]
    return f"One of: {', '.join(found[0])}." if found else ""


def parse_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the estimators' parameters from the typed values by name; None: not given.

    Raises
    ------
    InputError
        If a text is not spelled as its parameter needs.

    Examples
    --------
    >>> parse_options({"hidden_layers": "64,dropout:0.2,gelu:32", "class_weight": "yes=2,no=1", "epochs": None})
    {'hidden_layers': [64, 'dropout:0.2', 'gelu:32'], 'class_weight': {'yes': 2.0, 'no': 1.0}}
    """
    parsed = {name: value for name, value in given.items() if value is not None}
    readers: Mapping[str, Callable[[str], Any]] = {
        "hidden_layers": _layers,
        "kinds": _kinds,
        "bounds": _bounds,
        "free_text": _columns,
        "number_levels": _columns,
    }
    for name, value in parsed.items():
        if name in readers:
            parsed[name] = readers[name](value)
        elif name in _PAIRS and (name, value) != ("class_weight", "balanced"):
            parsed[name] = _pairs(name, value)
    if "costs" in parsed:
        parsed["costs"] = {tuple(pair.split(":")): cost for pair, cost in parsed["costs"].items()}
    if isinstance(threshold := parsed.get("decision_threshold"), str):
        with contextlib.suppress(ValueError):  # else it is the name of a score
            parsed["decision_threshold"] = float(threshold)
    return parsed


def _bounds(text: str) -> list[float | None]:
    """Two numbers, one of which may be left out."""
    try:
        low, high = text.split(",")
        return [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        raise InputError(
            "`bounds` must be two numbers, one of which may be omitted", repr(text), "For example 0,"
        ) from None


def _kinds(text: str) -> Any:
    """Kinds of members; what they may be their rule says."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        rule, remedy = (
            Text("`kinds` must be a list of settings in JSON"),
            Text('For example [{"spread": 0.1}, {"spread": 2}]'),
        )
        raise InputError(rule, repr(text), remedy) from None


def _columns(text: str) -> str | tuple[str, ...]:
    """One of the words, or names of columns."""
    return text if text in ("auto", "none") else split_names(text)


def _layers(text: str) -> list[int | str]:
    if text.strip().lower() == "none":
        return []
    entries = [entry.strip() for entry in re.split(r",(?![^(]*\))", text)]  # not within leaky_relu(...)
    return [int(entry) if entry.isdecimal() else entry for entry in entries]


def _pairs(name: str, text: str) -> dict[str, float]:
    try:
        pairs = [pair.rsplit("=", 1) for pair in split_names(text)]
        found = [(key.strip(), float(value)) for key, value in pairs]
    except ValueError:
        form, example = _PAIRS[name]
        raise InputError(
            Text("`{name}` must be {form}", name=name, form=form),
            repr(text),
            Text("For example {example}", example=example),
        ) from None
    taken = dict(found)
    if len(taken) < len(found):
        rule = Text("`{name}` must have one number for each name", name=name)
        raise InputError(rule, repr(text), "Specify it only once")
    return taken


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse values that no table could make right, before a long table is read.

    Raises
    ------
    InputError, InputTypeError
        If a name is unknown, or a number out of range.

    Examples
    --------
    >>> check_options({"activation": "rleu"})
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: An activation must be one of: ... Received: 'rleu'. Did you mean 'relu'?
    """
    from glassnet.estimators.architecture import Inputs, network_layers
    from glassnet.estimators.decision_threshold import check_decision
    from glassnet.estimators.declaration import OPTIONS, given_options
    from glassnet.estimators.ensemble import kinds_of_members
    from glassnet.estimators.presets import TableSize
    from glassnet.estimators.settings import choose_settings
    from glassnet.formulas.losses import LOSSES
    from glassnet.network import LBFGS, NeuralNetwork
    from glassnet.training import Trainer

    taken = given_options(
        {option.name: options.get(option.name, OPTIONS[option.name].default) for option in estimator_options()}
    )
    check_decision(*(taken[name] for name in ("costs", "decision_threshold", "class_weight")))
    given = {name: value for name, value in taken.items() if OPTIONS[name].metadata["setting"]}
    settings = choose_settings(given, options.get("preset", "auto"), TableSize(rows=1000, columns=10), "mse")
    of_trainer = {field.name for field in fields(Trainer)}
    for kind in {repr(kind): kind for kind in kinds_of_members(settings)}.values():  # many members are of one kind
        network_layers(kind, LOSSES.get(settings["loss"]), 1, Inputs(numbers=1))
        trainer = Trainer(**{name: value for name, value in kind.items() if name in of_trainer and value is not None})
        trainer.check()
        if settings["optimizer"] != LBFGS:
            trainer.updater(NeuralNetwork(1, [1]))


def class_weights(weights: Any, classes: Iterable[Any]) -> Any:
    """Weights by the classes themselves, from weights by the texts that were typed; "balanced" stays.

    Examples
    --------
    >>> class_weights({"1": 5.0}, [0, 1])
    {1: 5.0}
    """
    if not isinstance(weights, dict):
        return weights
    classes = list(classes)
    return {class_of("class_weight", name, classes): weight for name, weight in weights.items()}


def costs_of_classes(costs: Mapping[tuple[str, str], float], classes: Iterable[Any]) -> dict[tuple[Any, Any], float]:
    """Return costs by the classes themselves, from costs by the texts that were typed.

    Examples
    --------
    >>> costs_of_classes({("1", "0"): 5.0}, [0, 1])
    {(1, 0): 5.0}
    """
    classes = list(classes)
    return {tuple(class_of("costs", name, classes) for name in pair): cost for pair, cost in costs.items()}


def class_of(option: str, typed: str, classes: Iterable[Any]) -> Any:
    """The class that was typed as files write it.

    Examples
    --------
    >>> class_of("positive", "true", [False, True]), class_of("positive", "1", [0.0, 1.0])
    (True, 1.0)
    """
    from glassnet.tables.columns.column_values import level_text

    plain = [name.item() if hasattr(name, "item") else name for name in classes]
    for name in plain:
        written = {str(name), str(name).lower()} if isinstance(name, bool) else {str(name), str(level_text(name))}
        if typed in written:
            return name
    raise InputError(
        Text("`{name}` must name classes of the target", name=option),
        typed,
        Text("Available: {some}", some=", ".join(map(str, plain))),
    )


@dataclass(frozen=True)
class OptionHelp:
    """One option of an estimator: the alternatives of its annotation, its type in words, what it does, how it is typed.

    The words are empty where each of the estimators has words of its own.
    """

    annotation: tuple[str, ...]
    described: str = ""
    text: str = ""
    typed: str | None = ""


@cache
def read_parameters() -> dict[str, dict[str, OptionHelp]]:
    """The options by name, in their order, of each class that declares some.

    Examples
    --------
    >>> read_parameters()["Declared"]["epochs"].annotation
    ('int', 'None')
    >>> list(read_parameters()["RegressorOptions"])
    ['loss', 'clamp', 'bounds']
    """
    source = files("glassnet") / "estimators" / "declaration.py"  # not files("glassnet.estimators"): that imports it
    classes = [node for node in ast.parse(source.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    return {
        declaring.name: {
            node.target.id: _parameter(node)
            for node in declaring.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        for declaring in classes
    }


def _parameter(field: ast.AnnAssign) -> OptionHelp:
    annotation = tuple(re.split(r" \| (?![^[]*\])", ast.unparse(field.annotation)))
    if not isinstance(field.value, ast.Call):
        return OptionHelp(annotation)
    described, _, text = field.value.args
    typed = next((keyword.value for keyword in field.value.keywords if keyword.arg == "typed"), ast.Constant(""))
    return OptionHelp(annotation, *map(ast.literal_eval, (described, text, typed)))
