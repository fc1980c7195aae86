"""What later rows of ``partial_fit`` bring that the first ones did not have: levels, classes and columns.

New levels are counted, and a warning names them, or with the option `grow` networks get a place for them, and for new
classes; see :mod:`glassnet.network.growth` for the numbers that these begin with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from glassnet.engines import Updater
from glassnet.errors import TableWarning
from glassnet.formulas.loss import Loss
from glassnet.layers import Embedding, Layer
from glassnet.layers.base import Array
from glassnet.network.growth import same_but_for_size, with_inputs, with_outputs
from glassnet.support.language import Text
from glassnet.support.messages import listed, some, warn
from glassnet.tables import TableEncoder, is_sparse
from glassnet.tables.encoder_plan import ALWAYS
from glassnet.tables.opened_table import open_table

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

MOST_COUNTED: Final = 1000
"""The most new levels of a column that are counted: identifiers would be new in every row."""


def new_levels(model: NeuralEstimator, X: Any) -> dict[str, Counter[str]]:
    """Count the levels of these rows that the first rows did not have; return those that are met for the first time."""
    warn_of_columns(model.encoder_, X)
    met, known = model.encoder_.later_levels(X), model.new_levels_
    fresh = {
        name: Counter({level: count for level, count in levels.items() if level not in known.get(name, {})})
        for name, levels in met.items()
    }
    counted = {name: dict(levels) for name, levels in known.items()}
    for name, levels in met.items():
        counts = counted.setdefault(name, {})
        for level, count in sorted(levels.items()):
            if level in counts or len(counts) < MOST_COUNTED:
                counts[level] = counts.get(level, 0) + count
    model.new_levels_ = counted
    return {name: levels for name, levels in fresh.items() if levels}


def warn_of_levels(levels: Mapping[str, Counter[str]]) -> None:
    """Warn of new levels, which are encoded as unknown ones."""
    columns = [
        f"{name!r}: {some([f'{level!r} ({count})' for level, count in counts.most_common()])}"
        for name, counts in levels.items()
    ]
    warn(
        Text(
            "Levels that the first rows did not have are encoded as unknown (with their numbers of rows): {columns}. "
            "Set grow=True to give each of them weights of its own",
            columns="; ".join(columns),
        ),
        TableWarning,
    )


def warn_of_columns(encoder: TableEncoder, X: Any) -> None:
    """Warn of columns that the first rows did not have: nothing is learned from them."""
    table = None if is_sparse(X) else open_table(X)
    if table is None or not (table.named and encoder.plan.named):
        return
    known = set(encoder.plan.names)
    if further := [name for name in table.names if name not in known]:
        rule = Text("Nothing is learned from columns that the first rows did not have: {names}", names=listed(further))
        warn(rule, TableWarning)


def warn_of_constants(encoder: TableEncoder, *, grow: bool) -> None:
    """Warn of columns that are left out of all later rows, too, since the first rows had at most one value of them."""
    plan = encoder.plan
    left = [
        plan.names[source]
        for source, reason in sorted(plan.skipped.items())
        if not (grow and plan.kinds[source] == "category" and reason.startswith(ALWAYS))
    ]
    if left and plan.named:
        warn(
            Text(
                "Columns of which the first rows have at most one value are left out of all later rows, too: {names}. "
                "Begin with more rows",
                names=listed(left),
            ),
            TableWarning,
        )


@dataclass(frozen=True)
class Growth:
    """The encoder and the targets of the networks that there are; the model has grown ones."""

    encoder: TableEncoder
    targets: Any

    @classmethod
    def of(cls, model: NeuralEstimator, y: Array, announced: Array | None) -> Growth | None:
        """Let encoder and targets of a model grow by the levels that it has met and by the classes of these rows.

        None, if there is nothing new.
        """
        encoder, targets = model.encoder_, model.targets_
        model.encoder_ = encoder.with_levels(model.new_levels_)
        model.targets_ = model._grown_targets(y, announced)
        same = model.targets_ is targets and model.encoder_ == encoder
        return None if same else cls(encoder, targets)

    def apply(
        self, model: NeuralEstimator, layers: Sequence[Sequence[Layer]], loss: Loss, monotone: Sequence[int] | None
    ) -> None:
        """Let the networks of a model grow to these layers and this loss, with their optimizers' state.

        Networks that differ in more than their size, or are not as many, stay as they are, which is refused.
        """
        if len(layers) != len(model.networks_):
            return
        more_classes = model.targets_ is not self.targets
        updaters: Sequence[Updater | None] = getattr(model, "updaters_", None) or [None] * len(model.networks_)
        places = {output: place for place, output in enumerate(model.encoder_.plan.outputs)}
        kept = np.array([places[output] for output in self.encoder.plan.outputs], np.intp)
        grown = []
        for network, updater, wanted in zip(model.networks_, updaters, layers, strict=True):
            pairs = zip(network.layers, wanted, strict=False)
            other_loss = loss != network.loss and not (more_classes and model.loss is None)
            if other_loss or len(network.layers) != len(wanted) or not all(starmap(same_but_for_size, pairs)):
                return
            both = zip(network.layers, wanted, strict=True)
            with_levels = [new if isinstance(new, Embedding) else old for old, new in both]
            pair = with_inputs(network, updater, with_levels, kept, model.encoder_.n_outputs, monotone)
            if more_classes:
                known = np.searchsorted(model.targets_.classes, self.targets.classes)
                pair = with_outputs(*pair, wanted, loss, known)
            grown.append(pair)
        model.networks_ = [network for network, _ in grown]
        model.updaters_ = [updater for _, updater in grown if updater is not None] or None
