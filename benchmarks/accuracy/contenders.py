"""Who takes part."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from glassnet.estimators.presets import PRESETS

__all__ = ["BASELINE", "CONTENDERS", "OURS", "Contender"]

OURS, BASELINE = "glassnet", "sklearn-mlp"


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
    def installed(self) -> bool:
        """Whether it can take part here."""
        return importlib.util.find_spec(self.module) is not None

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
    others = (
        ("catboost", "CatBoost", "catboost", "catboost"),
        ("lightgbm", "LightGBM", "lightgbm", "lightgbm"),
        ("xgboost", "XGBoost", "xgboost", "xgboost"),
        ("hist-gradient-boosting", "HistGradientBoosting", "scikit-learn", "sklearn"),
        ("realmlp", "RealMLP-TD", "pytabkit", "pytabkit"),
        ("tabm", "TabM", "pytabkit", "pytabkit"),
        (BASELINE, "scikit-learn MLP", "scikit-learn", "sklearn"),
        ("linear", "linear model", "scikit-learn", "sklearn"),
    )
    return [*found, *(Contender(name, title, name, package, module) for name, title, package, module in others)]


CONTENDERS = {contender.name: contender for contender in _contenders()}
