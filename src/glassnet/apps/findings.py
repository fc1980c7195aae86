"""What ``glassnet train`` says on its way: what it found in the table, and what it made of it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.apps.console import Output, counted, number
from glassnet.apps.labelled import Labelled, Roles, TaskName
from glassnet.apps.names import join_names
from glassnet.errors import some
from glassnet.estimators.kinds import kinds_in_words, parameters_in_words
from glassnet.tables.almost import AlmostNumbers, almost_numbers

if TYPE_CHECKING:
    import polars as pl

    from glassnet.insight.doctor import Finding
    from glassnet.training import History

__all__ = ["kinds", "say_columns", "say_ended", "say_finding", "say_network", "say_parts", "say_target"]

_NAMES_OF_IDS = re.compile(r"(?:^|[ _.-])(?:id|key|index|nr|no|uuid|guid)$|[a-z]I[dD]$", re.IGNORECASE)
_FEWEST_ROWS_FOR_IDS = 20
_ONE = {"numbers": "number", "booleans": "boolean", "dates or times": "date or time"}
"""What a single column holds, where it is said otherwise than of several."""


def say_columns(output: Output, path: Path, table: Labelled, *, hints: bool = True) -> None:
    """Rows, columns and their kinds, gaps, and (as hints) columns that look like names of rows."""
    import polars as pl

    words = Counter(kinds(table.X))
    rows = len(table) + table.dropped
    columns = ", ".join(
        f"{count} {_ONE.get(kind, kind) if count == 1 else kind}" for kind, count in words.most_common()
    )
    gaps = {name: count for name, count in table.X.null_count().row(0, named=True).items() if count}
    name = "standard input" if str(path) == "-" else path.name
    text = f"{name}: {counted(rows, 'row')}; {counted(table.X.width, 'column')} to learn from: {columns}"
    if gaps:
        text += f"; {counted(sum(gaps.values()), 'empty cell')} in {some(list(gaps))}"
    output.say("table", text)
    if table.notation.decimal == "," or table.notation.dates:
        output.say("notation", table.notation.words())
    text_columns = [column for column in table.X if column.dtype == pl.String]
    spoilt = [found for column in text_columns if (found := almost_numbers(column.name, column.to_list()))]
    for found in spoilt:
        output.say("", _almost(found))
    almost = {found.name for found in spoilt}
    names = [name for name in table.X.columns if name not in almost and _names_rows(table.X[name])]
    if names and hints:
        shown, typed = ", ".join(names), shlex.quote(join_names(names))
        output.say("", f"{shown}: different in every row. If it only identifies rows, leave it out: --id {typed}")


def _almost(found: AlmostNumbers) -> str:
    """Why a column is text though numbers or dates are meant, and what to do."""
    what = f"{found.name}: {found.share:.1%} of its cells are {'dates' if found.dates else 'numbers'}"
    if found.forms:
        return f"{what}, but it is read as text: {found.remedy}"
    gap = f"--missing {join_names(found.spoilers)!r}"
    return f"{what}, and it is text because of {found.spoilt_by}. If that stands for a missing value, add {gap}"


def kinds(X: pl.DataFrame) -> list[str]:
    """The kind of each column, in a word.

    Examples
    --------
    >>> import polars as pl
    >>> kinds(pl.DataFrame({"age": [1.5], "sex": ["f"], "member": [True]}))
    ['numbers', 'text', 'booleans']
    """
    import polars as pl

    words: list[str] = []
    for dtype in X.dtypes:
        if dtype == pl.Boolean:
            words.append("booleans")
        elif dtype.is_temporal():
            words.append("dates or times")
        else:
            words.append("numbers" if dtype.is_numeric() else "empty" if dtype == pl.Null else "text")
    return words


def _names_rows(column: pl.Series) -> bool:
    """Whether it looks like a name of each row: a number called so, or text, that is different everywhere."""
    import polars as pl

    named_so = column.dtype.is_integer() and _NAMES_OF_IDS.search(column.name)
    if len(column) < _FEWEST_ROWS_FOR_IDS or not (named_so or column.dtype == pl.String):
        return False
    return column.n_unique() == len(column)


def say_target(output: Output, name: str, table: Labelled, wanted: TaskName | None) -> TaskName:
    """The task, guessed or wanted, and what is predicted."""
    import polars as pl

    from glassnet.tables.target import check_target, guess_task

    if wanted is not None:
        check_target(table.y)
        task, reason = wanted, "as you said"
    else:
        guessed = guess_task(table.y)
        task = "regression" if guessed.name == "regression" else "classification"
        reason = guessed.reason
    values = table.y
    if task == "regression" and values.dtype.is_numeric():
        text = f"{number(values.min())} to {number(values.max())}, mean {number(values.mean())}"
    else:
        counts = values.value_counts(sort=True).rows()
        text = some([f"{value} {100 * count / len(values):.0f}%" for value, count in counts])
    output.say("target", f"{name}: {text}")
    if table.y.dtype == pl.String and (found := almost_numbers(name, table.y.to_list())):
        output.say("", _almost(found))
    output.say("task", f"{task}: {reason}")
    return task


def say_parts(output: Output, rows: dict[str, int], validation: Labelled | None, roles: Roles) -> None:
    """Which rows are for what."""
    parts = [f"{rows['training']:,} for training"]
    if validation is not None:
        parts.append(f"{len(validation):,} for validation")
    parts.append(f"{rows['test']:,} for the test" if rows["test"] else "none for the test, so there will be no scores")
    if rows["without target"]:
        parts.append(f"{rows['without target']:,} without a target left out")
    kept = [f"no {name} is in two of them" for name in (roles.group, roles.fold) if name]
    kept += [f"the latest by {roles.time} for the test"] if roles.time else []
    output.say("rows", "; ".join([", ".join(parts), *(kept if rows["test"] else [])]))


def say_network(output: Output, model: Any) -> None:
    """What the network is and how it is trained, and which columns it does not see."""
    settings, network = model.settings_, model.networks_[0]
    unused = [column.name for column in model.encoder_.columns if not column.outputs]
    if unused:
        output.say("left out", f"{some(unused)}: the same in every row")
    parts = [counted(network.inputs, "input"), *map(_short, network.layers[:-1]), f"{network.outputs} out"]
    output.say("network", f"{' · '.join(parts)}; {_parameters(model.networks_)}")
    output.say("training", _plan(settings))


def _parameters(networks: Sequence[Any]) -> str:
    counts = [network.layout.size for network in networks]
    return f"{parameters_in_words(counts)} parameters{' each' * (len(networks) > 1)}"


def _plan(settings: Mapping[str, Any]) -> str:
    """How training will go, leaving out what has no meaning for the optimizer."""
    parts = [f"preset {settings['preset']}", str(settings["loss"]), str(settings["optimizer"])]
    if settings["members"] > 1:
        kinds = "; ".join(f"{kind.members} × {kind.settings}" for kind in kinds_in_words(settings, None))
        parts.insert(1, f"average of {settings['members']} members" + (f" ({kinds})" if kinds else ""))
    if settings["shared_members"] > 1:
        parts.insert(1, f"{settings['shared_members']} members in one, sharing weights")
    if settings["learning_rate"] is not None:
        parts.append(f"learning rate {settings['learning_rate']:g} ({settings['schedule']})")
    if settings["weight_decay"] is not None:
        parts.append(f"weight decay {settings['weight_decay']:g}")
    if settings["batch_size"] is not None:
        parts.append(f"batches of {settings['batch_size']}")
    parts.append(f"up to {counted(settings['epochs'], 'epoch')}")
    if settings["early_stopping"] and settings["patience"] < settings["epochs"]:
        parts.append(f"or {settings['patience']} without improvement")
    return ", ".join(parts)


def _short(layer: Any) -> str:
    """A layer in a word or two: its units and activation, or its kind with the number that matters.

    Examples
    --------
    >>> from glassnet import Blend, Dense, Dropout, PeriodicEmbedding
    >>> [_short(layer) for layer in (PeriodicEmbedding(3), Dense(64), Blend("silu"), Dropout(0.2), Dense(8, "relu"))]
    ['periodic embedding', '64', 'parametric silu', 'dropout 0.2', '8 relu']
    """
    kind, activation = type(layer).__name__, getattr(layer, "activation", None)
    name = "" if activation is None or activation.name == "identity" else activation.name
    if hasattr(layer, "units"):
        return f"{layer.units} {name}".strip()
    if kind in _WORDS:
        return _WORDS[kind].format(layer=layer, name=name)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


_WORDS: Mapping[str, str] = {
    "Activate": "{name}",
    "Blend": "parametric {name}",
    "Copies": "{layer.members} copies",
    "Dropout": "dropout {layer.rate:g}",
}


def say_ended(output: Output, history: History, seconds: float) -> None:
    """How training went and why it ended."""
    best = f"; the weights of epoch {history.best_epoch} are kept" if history.best_epoch else ""
    if history.ending == "interrupted":
        output.say(
            "stopped", f"after {counted(len(history), 'epoch')}, {seconds:.1f} s{best or '; the last weights are kept'}"
        )
    else:
        output.say("trained", f"{counted(len(history), 'epoch')} in {seconds:.1f} s: {history.ended}{best}")


def say_finding(output: Output, finding: Finding) -> None:
    """What the doctor found while it trains; why; what to do."""
    for topic, line in zip(("doctor", "", ""), finding.lines, strict=True):
        output.say(topic, line)
