"""RealMLP with its tuned defaults, and TabM, both as pytabkit has them.

Sources: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
Tabular Data*; Gorishniy, Kotelnikov, Babenko (2025), *TabM: Advancing Tabular Deep Learning with Parameter-Efficient
Ensembling*.
"""

from __future__ import annotations

import os
from typing import Any

from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor, TabM_D_Classifier, TabM_D_Regressor

from benchmarks.accuracy.models.prepared import Prepared

__all__ = ["make"]

NETWORKS = {
    "realmlp": (RealMLP_TD_Classifier, RealMLP_TD_Regressor),
    "tabm": (TabM_D_Classifier, TabM_D_Regressor),
}


def make(kind: str, numbers: bool, seed: int, **options: Any) -> Prepared:
    network = NETWORKS[kind][numbers]
    settings = options | {"n_cv": 1, "device": "cpu", "n_threads": os.cpu_count(), "random_state": seed}
    return Prepared(lambda _: network(**settings), fill_gaps=True)
