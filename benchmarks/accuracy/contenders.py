"""Who takes part."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from glassnet.estimators.presets import PRESETS

__all__ = ["BASELINE", "CONTENDERS", "OURS", "Contender"]

OURS, BASELINE = "glassnet", "sklearn-mlp"

TEXT_ANCHORS = ("text-words", "text-characters", "text-skrub", "text-catboost")


@dataclass(frozen=True)
class Contender:
    """A model with its options.

    Parameters
    ----------
    name : str
        On the command line and in the journal.
    title : str
        In tables and pictures.
    kind : str
        What ``models`` knows it by.
    package : str
        Where it comes from: the distribution, whose version is recorded.
    module : str
        What is imported from there.
    options : dict
        Of the model.
    """

    name: str
    title: str
    kind: str
    package: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether it is glassnet."""
        return self.kind == "glassnet"

    @property
    def reads_text(self) -> bool:
        """Whether it takes part only on tables with columns of text, which it is told."""
        return self.name in TEXT_ANCHORS

    @property
    def installed(self) -> bool:
        """Whether it can take part here."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def extra(self) -> str:
        """What brings its package: one of glassnet's own extras."""
        return "autogluon" if self.kind == "autogluon" else "accuracy"

    @property
    def version(self) -> str:
        """Of its package; glassnet may be used without being installed."""
        if self.ours:
            return importlib.import_module("glassnet").__version__
        return metadata.version(self.package)


def _contenders() -> list[Contender]:
    found = [Contender(OURS, "glassnet", "glassnet", "glassnet", "glassnet")]
    for preset in PRESETS:
        title = f"glassnet, {preset}"
        found.append(Contender(f"{OURS}-{preset}", title, "glassnet", "glassnet", "glassnet", {"preset": preset}))
    for preset, options in (("", {}), ("-mlp", {"preset": "mlp"})):
        title = f"glassnet{preset.replace('-', ', ')}, bfloat16"
        rounded = options | {"dtype": "bfloat16"}
        found.append(Contender(f"{OURS}{preset}-bfloat16", title, "glassnet", "glassnet", "glassnet", rounded))
    pwl = {"num_emb_type": "pwl"}  # embeddings of numbers: the best of its paper, and not its default
    others = (
        ("catboost", "CatBoost", "catboost", "catboost", "catboost", {}),
        ("catboost-bagged", "CatBoost, bagged", "catboost", "catboost", "catboost", {"bagged": True}),
        ("lightgbm", "LightGBM", "lightgbm", "lightgbm", "lightgbm", {}),
        ("xgboost", "XGBoost", "xgboost", "xgboost", "xgboost", {}),
        ("hist-gradient-boosting", "HistGradientBoosting", "hist-gradient-boosting", "scikit-learn", "sklearn", {}),
        ("autogluon", "AutoGluon, a minute", "autogluon", "autogluon.tabular", "autogluon", {"seconds": 60.0}),
        ("realmlp", "RealMLP-TD", "realmlp", "pytabkit", "pytabkit", {}),
        ("tabm", "TabM", "tabm", "pytabkit", "pytabkit", {}),
        ("tabm-pwl", "TabM, piecewise-linear", "tabm", "pytabkit", "pytabkit", pwl),
        (BASELINE, "scikit-learn MLP", "sklearn-mlp", "scikit-learn", "sklearn", {}),
        ("linear", "linear model", "linear", "scikit-learn", "sklearn", {}),
        ("text-words", "TF-IDF of words, linear", "text-words", "scikit-learn", "sklearn", {}),
        ("text-characters", "TF-IDF of characters, linear", "text-characters", "scikit-learn", "sklearn", {}),
        ("text-skrub", "skrub, HistGradientBoosting", "text-skrub", "skrub", "skrub", {}),
        ("text-catboost", "CatBoost, text features", "text-catboost", "catboost", "catboost", {}),
    )
    return [*found, *(Contender(*about) for about in others)]


CONTENDERS = {contender.name: contender for contender in _contenders()}
