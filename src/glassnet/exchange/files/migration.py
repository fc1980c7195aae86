"""Descriptions of older formats, brought to today's one step at a time. A file that could be read once always can.

To change the format: count ``container.FORMAT`` up, write one more function here, and keep a file of the old format
in ``tests/exchange/golden``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from glassnet.estimators.class_targets import HALF, positive_place
from glassnet.layers.base import Array
from glassnet.support.container import FORMAT
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.table_summary import TableSummary

Document = dict[str, Any]
SENTENCES: Final[Mapping[str, str]] = {
    "done": r"all (?P<count>\d{1,15}) epochs are done",
    "one": r"the one epoch is done",
    "patience": r"no better for (?P<count>\d{1,15}) epochs",
    "time": r"time was up in epoch (?P<count>\d{1,15}) of (?P<whole>\d{1,15})",
    "left_out": r"(?P<count>\d{1,15}) of (?P<whole>\d{1,15}) members were left out",
    "interrupted": r"interrupted",
}
"""What format 4 said of each ending."""
WORDS: Final[Mapping[str, str]] = {
    "diverged": r"(?P<words>The (?:loss became|loss grew|parameters left) .*?)(?:\. Try a smaller .*)?",
    "unanswered": r"(?P<words>What the network answers .*?)(?:\. Try a smaller .*)?",
    "lbfgs": r"(?P<words>L-BFGS ended: .*)",
    "elsewhere": r"(?P<words>trained by scikit-learn)",
    "callback": r"(?P<words>.*)",
}
"""The same of those with words of their own."""
OF_NETWORKS: Final = (4,)
"""Of these also where the file holds a bare network."""


def migrated(document: Mapping[str, Any]) -> Document:
    """A description in today's format.

    Examples
    --------
    >>> migrated({"format": 1, "kind": "NeuralNetwork"})
    {'format': 9, 'kind': 'NeuralNetwork'}
    """
    current = dict(document)
    for step in range(current["format"], FORMAT):
        if step in OF_NETWORKS or current.get("kind") != "NeuralNetwork":
            current = STEPS[step](current)
    return current | {"format": FORMAT}


def _from_1(document: Document) -> Document:
    """Format 2 adds what the training rows were like, the optimizer's state, and a seed for every member."""
    network, histories = document.get("network"), document.get("histories")
    first = network.get("seed") if isinstance(network, dict) else None
    members = len(histories) if isinstance(histories, list) else 0
    seeds = [(first + member) % 2**64 for member in range(members)] if type(first) is int else None
    return document | {"data": None, "optimizer": None, "seeds": seeds}


def _from_2(document: Document) -> Document:
    """Format 3 adds how the file is written that the model learned from, and whether levels of a category are steps."""
    encoder = document.get("encoder")
    others = encoder.get("others") if isinstance(encoder, dict) else None
    if isinstance(encoder, dict) and isinstance(others, list):
        steps = [column | {"ordered": False} if isinstance(column, dict) else column for column in others]
        document = document | {"encoder": encoder | {"format": 2, "others": steps}}
    return document | {"notation": None}


def _from_3(document: Document) -> Document:
    """Format 4 adds folds of one's own, bounds, how fine and how many the waves of embeddings are, kinds of members."""
    networks = len(document["seeds"]) if isinstance(document.get("seeds"), list) else 0
    added: Document = {"layers": [None] * networks, "weights": None}
    new: Document = dict.fromkeys(("cv", "spread", "frequencies", "numeric_size", "kinds"))
    if document.get("kind") == "NeuralRegressor":
        new["bounds"] = None
    if isinstance(options := document.get("options"), dict):
        added["options"] = new | options
    if isinstance(settings := document.get("settings"), dict):
        added["settings"] = new | {"spread": 0.1, "kinds": []} | settings
    return document | added


def _from_4(document: Document) -> Document:
    """Format 5 has codes for why a training ended, in place of sentences, and which columns answers rise with."""
    parts = ("network",) if document.get("kind") == "NeuralNetwork" else ("network", "options", "settings")
    document = document | {
        name: {"monotone": None} | part for name in parts if isinstance(part := document.get(name), dict)
    }
    histories = document.get("histories")
    if not isinstance(histories, list):
        return document
    return document | {"histories": [_with_endings(each) if isinstance(each, dict) else each for each in histories]}


def _from_5(document: Document) -> Document:
    """Format 6 adds how many members learn from all rows."""
    new = {"options": None, "settings": 0}
    return document | {
        name: {"refits": none} | part for name, none in new.items() if isinstance(part := document.get(name), dict)
    }


def _from_6(document: Document) -> Document:
    """Format 7 adds which of two classes is positive, and from which probability on it is predicted."""
    if document.get("kind") != "NeuralClassifier":
        return document
    added: Document = {}
    if isinstance(options := document.get("options"), dict):
        added["options"] = {"positive": None, "decision_threshold": HALF} | options
    targets = document.get("targets")
    if isinstance(targets, dict) and isinstance(classes := targets.get("classes"), list):
        place = positive_place(np.array(classes, object), _counts(document.get("data"), classes))
        added["targets"] = targets | {"positive": place, "threshold": HALF}
    return document | added


def _from_7(document: Document) -> Document:
    """Format 8 adds which columns are text. It has no boosted trees: the preset that had them is "bagged"."""
    added: Document = {}
    for name, none in (("options", None), ("settings", "none")):
        if isinstance(part := document.get(name), dict):
            added[name] = {"free_text": none} | _without_trees(part)
    encoder = document.get("encoder")
    if isinstance(encoder, dict) and isinstance(settings := encoder.get("settings"), dict):
        added["encoder"] = encoder | {"format": 3, "settings": settings | {"free_text": "none", "hashed": False}}
    return document | added


def _from_8(document: Document) -> Document:
    """Format 9 adds costs of errors, a limit of predictions, codes of numbers, and later levels and classes."""
    added: Document = {"new_levels": {}}
    new: Document = {"grow": False, "predict_limit": None, "number_levels": "none"}
    if document.get("kind") == "NeuralClassifier":
        new["costs"] = None
    if isinstance(options := document.get("options"), dict):
        added["options"] = new | options
    if isinstance(settings := document.get("settings"), dict):
        added["settings"] = {"predict_limit": None, "number_levels": "none"} | settings
    encoder = document.get("encoder")
    if isinstance(encoder, dict) and isinstance(others := encoder.get("others"), list):
        grown = [{"added": 0} | each if isinstance(each, dict) and "levels" in each else each for each in others]
        added["encoder"] = encoder | {"format": 4, "others": grown}
    return document | added


def _without_trees(part: Document) -> Document:
    if isinstance(kinds := part.get("kinds"), list):
        part = part | {"kinds": [kind for kind in kinds if "boosted_trees" not in str(kind)]}
    return part | {"preset": "bagged"} if part.get("preset") == "mixed" else part


def _counts(data: Any, classes: list[Any]) -> Array | None:
    """The number of training rows of each class, if known."""
    target = TableSummary.from_plain(data).target if isinstance(data, dict) else None
    levels = {} if target is None else dict(target.levels)
    return np.array([levels.get(str(level_text(name)), 0) for name in classes]) if levels else None


def _with_endings(history: Document) -> Document:
    ended = history.get("ended")
    endings = [_ending(part) for part in ended.split("; ", 1) if part] if isinstance(ended, str) else []
    return {name: value for name, value in history.items() if name != "ended"} | {"endings": endings}


def _ending(sentence: str) -> Document:
    for code, known in SENTENCES.items():
        if found := re.fullmatch(known, sentence):
            return {"code": code, "words": "", "numbers": {n: int(value) for n, value in found.groupdict().items()}}
    matches = ((code, re.fullmatch(known, sentence, re.DOTALL)) for code, known in WORDS.items())
    code, words = next((code, found["words"]) for code, found in matches if found)
    return {"code": code, "words": words, "numbers": {}}


STEPS: Final[Mapping[int, Callable[[Document], Document]]] = {
    1: _from_1,
    2: _from_2,
    3: _from_3,
    4: _from_4,
    5: _from_5,
    6: _from_6,
    7: _from_7,
    8: _from_8,
}
"""From each older format to the next."""
