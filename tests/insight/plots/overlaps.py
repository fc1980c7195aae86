"""Which letters of a picture lie on each other, on a circle that is not theirs, or outside of it."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.transforms import Bbox

SHARE = 0.12
"""Of its height and of its width a box of letters is empty on either side: boxes may touch."""


def crowded(ax):
    """The texts that are not alone, as words."""
    ax.figure.canvas.draw()
    whole = ax.figure.bbox
    legend = ax.get_legend()
    texts = [*ax.texts, ax.title, *([] if legend is None else legend.get_texts())]
    boxes = [(text.get_text(), _inside(text.get_window_extent())) for text in texts if text.get_text().strip()]
    circles = [("o", box) for drawn in ax.collections if isinstance(drawn, PathCollection) for box in _circles(drawn)]
    found = [f"{name!r} leaves the picture" for name, box in boxes if not _within(box, whole)]
    for number, (name, box) in enumerate(boxes):
        for other, there in boxes[number + 1 :]:
            if box.overlaps(there):
                found.append(f"{name!r} on {other!r}")
        for _, circle in circles:
            if box.overlaps(circle) and not circle.contains(*(box.min + box.max) / 2):
                found.append(f"{name!r} on a circle")
    return found


def _inside(box):
    return box.padded(-SHARE * box.width, -SHARE * box.height)


def _within(box, whole):
    return whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1


def _circles(drawn):
    centers = drawn.get_offset_transform().transform(drawn.get_offsets())
    radius = 0.85 * np.sqrt(drawn.get_sizes()[0]) / 2 * drawn.figure.dpi / 72
    return [Bbox([center - radius, center + radius]) for center in centers]
