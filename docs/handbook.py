"""The doctor's cases: each fault is made on purpose, and what the doctor says of it is shown."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

from IPython.display import Markdown

from glassnet.support.language import Language

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.faults import NETWORK_FAULTS

LABELS = {"en": ("what", "why", "remedy"), "zh": ("现象", "原因", "办法")}


def cases(language: Language, words: Mapping[str, str] | None = None) -> Markdown:
    """All faults of networks and trainings, each with the finding of its kind.

    Parameters
    ----------
    language : {"en", "zh"}
    words : mapping from fault to str, optional
        What was done, in the page's language.

    Raises
    ------
    ValueError
        If the doctor overlooks a fault, or `words` lack one.
    """
    parts = []
    for fault, (kind, make) in NETWORK_FAULTS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the doctor tells findings while it trains, too
            found = next((finding.spoken(language) for finding in make(0) if finding.kind == kind), None)
        if found is None or (words is not None and fault not in words):
            raise ValueError(f"{fault}: not found, or without words")
        texts = (found.what, found.reason, found.remedy)
        lines = [f"`{kind}` ({fault if words is None else words[fault]})"]
        lines += [f": **{label}** {text}" for label, text in zip(LABELS[language], texts, strict=True)]
        parts.append("\n".join(lines))
    return Markdown("\n\n".join(parts))
