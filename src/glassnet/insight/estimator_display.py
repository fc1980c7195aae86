"""The HTML that a notebook shows of a fitted estimator: its network, its best and its last epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.display.blocks import Paragraph, TableBlock, display
from glassnet.display.markup import Markup
from glassnet.display.numbers import short
from glassnet.network.diagram import network_blocks
from glassnet.support.language import Text, check_language
from glassnet.training.history_display import EPOCH, column_name

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

MEMBERS = Text("{count} networks, averaged; this is the first")
BEST = Text("{epoch} (best)")
LAST = Text("{epoch} (last)")


def estimator_html(estimator: NeuralEstimator, language: str | None = None) -> Markup:
    """The network of a fitted estimator, and the numbers of its best and its last epoch."""
    spoken = check_language(language)
    history, several = estimator.history_, len(estimator.networks_)
    blocks = network_blocks(estimator.network_, spoken)
    if several > 1:
        blocks.append(Paragraph(MEMBERS.say(spoken, count=several)))
    if not len(history):  # a search that writes none, elsewhere
        return display(blocks, spoken)
    columns = [name for name in history.columns if name not in ("epoch", "seconds")]
    labels = {int(history["epoch"][-1]): LAST}
    if history.best_epoch is not None:
        labels = {history.best_epoch: BEST} | ({} if history.best_epoch in labels else labels)
    rows = [
        [
            labels[int(row["epoch"])].say(spoken, epoch=int(row["epoch"])),
            *(short(row[name]) if name in row else "" for name in columns),
        ]
        for row in history
        if row["epoch"] in labels
    ]
    head = [EPOCH.say(spoken), *(column_name(name, spoken) for name in columns)]
    return display([*blocks, TableBlock("", head, rows)], spoken)
