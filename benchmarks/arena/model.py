"""glassnet as a model of TabArena: the wrapper, its search space and its entry in the registry, ready to be handed in.

Copied into a package ``tabarena/models/glassnet`` of TabArena as ``info.py`` it is found there like any other model. It
needs no other file of this folder.

Source: Erickson et al. (2025), *TabArena: A Living Benchmark for Machine Learning on Tabular Data*.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from autogluon.common import space
from autogluon.core.models import AbstractModel
from tabarena.models._method_metadata import MethodMetadata
from tabarena.models._model_info import ModelInfo
from tabarena.utils.config_utils import ConfigGenerator

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.presets import TableSize, choose_preset, resolve
from glassnet.tuning.space import Categorical, LogUniform, Range, UniformInteger, options_from, search_space

__all__ = ["GlassnetModel", "gen_glassnet", "glassnet_info"]

IN_TIME = 0.95
"""The share of the time limit for training: predictions of the validation rows need time, too."""
TYPICAL_ROWS, WARM_UP_ROWS = 5000, 200


class GlassnetModel(AbstractModel):
    """The estimator with its default options, or with those drawn from the search space.

    The members of a fold are trained side by side on all processors given; so the folds of a bag follow each other.
    """

    ag_key = "GLASSNET"
    ag_name = "Glassnet"
    seed_name = "random_state"
    _supported_problem_types: ClassVar = ["binary", "multiclass", "regression"]
    _default_auxiliary_params_extra: ClassVar = {"valid_raw_types": ["int", "float", "category"]}
    _default_ag_args_ensemble_extra: ClassVar = {"fold_fitting_strategy": "sequential_local"}
    default_resources_physical_cores_only = True

    def _fit(
        self,
        X: pd.DataFrame,
        y: pd.Series,
        X_val: pd.DataFrame | None = None,
        y_val: pd.Series | None = None,
        time_limit: float | None = None,
        num_cpus: int = 1,
        **others: Any,
    ) -> None:
        """Train on X; the epochs, the weights of the kinds and the temperature follow from the validation rows."""
        started = time.perf_counter()
        options = options_from(self._get_model_params())
        options.pop("verbose", None)  # AutoGluon's levels, of which ours has none
        estimator = NeuralRegressor if self.problem_type == "regression" else NeuralClassifier
        self.model = estimator(n_jobs=num_cpus, **options)
        table = self.preprocess(X, is_train=True)
        validation = None if X_val is None else (self.preprocess(X_val), y_val)
        left = None if time_limit is None else IN_TIME * (time_limit - (time.perf_counter() - started))
        with processors(num_cpus):
            self.model.fit(table, y, validation_data=validation, time_limit=left)

    @classmethod
    def warmup(cls, *, problem_type: str | None = None, **others: Any) -> None:
        """Compile what every fit needs; TabArena calls it before the clock starts."""
        rng = np.random.default_rng(0)
        x, kind = rng.normal(size=WARM_UP_ROWS), pd.Categorical(rng.choice(list("abcdefghijkl"), WARM_UP_ROWS))
        target = {"binary": x > 0, "multiclass": np.digitize(x, (-0.5, 0.5))}.get(problem_type or "", x)
        estimator = NeuralRegressor if target is x else NeuralClassifier
        estimator(epochs=1, random_state=0).fit(pd.DataFrame({"x": x, "kind": kind}), target)

    def _more_tags(self) -> dict[str, bool]:
        return {"can_refit_full": False}  # without validation rows other epochs would be the best ones


@contextmanager
def processors(count: int) -> Iterator[None]:
    """Let this thread and those that it starts use at most so many processors, where the system (Linux) lets it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def spaces_of_autogluon(ranges: dict[str, Range]) -> dict[str, Any]:
    """The ranges of a search of glassnet's, as AutoGluon spells them."""

    def spelled(range_: Range) -> Any:
        if isinstance(range_, Categorical):
            return space.Categorical(*range_.values)
        if isinstance(range_, UniformInteger):
            return space.Int(range_.low, range_.high)
        return space.Real(range_.low, range_.high, log=isinstance(range_, LogUniform))

    return {name: spelled(range_) for name, range_ in ranges.items()}


def default_search_space() -> dict[str, Any]:
    """What `search` looks through where nothing is given; TabArena's scores are those of probabilities and numbers."""
    size = TableSize(TYPICAL_ROWS, 10)
    preset = choose_preset("auto", size)
    return spaces_of_autogluon(search_space(preset, resolve(preset, {}, size), {}, classes=True, scoring="roc_auc"))


gen_glassnet = ConfigGenerator(default_search_space(), GlassnetModel, manual_configs=[{}])

glassnet_info = ModelInfo(
    model_cls=GlassnetModel,
    search_space=gen_glassnet,
    method_metadata=MethodMetadata.config(
        method=GlassnetModel.ag_name,
        display_name="glassnet",
        compute="cpu",
        date="2026-12-01",
        ag_key=GlassnetModel.ag_key,
        model_key=GlassnetModel.ag_key,
        config_default=f"{GlassnetModel.ag_name}_c1_default_BAG_L1",
        can_hpo=True,
        is_bag=True,
        verified=False,
    ),
    pip_extra=("glassnet",),
)
