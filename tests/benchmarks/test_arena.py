import os
import sys
from itertools import accumulate
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmarks.arena.report import page, record
from glassnet import NeuralClassifier, NeuralRegressor


class WithoutAutoGluon:
    """Stands for AutoGluon's AbstractModel: the few methods that the wrapper calls."""

    def __init__(self, problem_type, **parameters):
        self.problem_type, self.parameters = problem_type, parameters

    def _get_model_params(self):
        return dict(self.parameters)

    def preprocess(self, X, is_train=False):
        return X.drop(columns="useless")


def recorded(kind):
    return type(kind, (SimpleNamespace,), {})


def generator(space, model, manual_configs):
    return SimpleNamespace(space=space, model=model, manual_configs=manual_configs)


STAND_INS = {
    "autogluon.common": {
        "space": SimpleNamespace(
            Categorical=lambda *values: recorded("Categorical")(values=values),
            Int=lambda low, high: recorded("Int")(low=low, high=high),
            Real=lambda low, high, log: recorded("Real")(low=low, high=high, log=log),
        )
    },
    "autogluon.core.models": {"AbstractModel": WithoutAutoGluon},
    "tabarena.models._method_metadata": {"MethodMetadata": SimpleNamespace(config=recorded("MethodMetadata"))},
    "tabarena.models._model_info": {"ModelInfo": recorded("ModelInfo")},
    "tabarena.utils.config_utils": {"ConfigGenerator": generator},
}


@pytest.fixture
def wrapper(monkeypatch):
    """The module of the wrapper, where AutoGluon and TabArena are stand-ins."""
    for name, contents in STAND_INS.items():
        module = ModuleType(name)
        vars(module).update(contents)
        for package in (*accumulate(name.split("."), "{}.{}".format),):
            monkeypatch.setitem(sys.modules, package, module)
    monkeypatch.delitem(sys.modules, "benchmarks.arena.model", raising=False)
    import benchmarks.arena.model as module

    yield module
    sys.modules.pop("benchmarks.arena.model")


def rows(count, target):
    rng = np.random.default_rng(count)
    X = pd.DataFrame({"x": rng.normal(size=count), "kind": pd.Categorical(rng.choice(["a", "b"], count))})
    return X.assign(useless=0.0), pd.Series(X["x"] if target == "number" else (X["x"] > 0).astype(int))


def ends(range_):
    return range_.values if hasattr(range_, "values") else (range_.low, range_.high)


def fitted(wrapper, problem_type, **parameters):
    target = "number" if problem_type == "regression" else "class"
    (X, y), (X_val, y_val) = rows(120, target), rows(40, target)
    model = wrapper.GlassnetModel(problem_type, random_state=0, epochs=1, **parameters)
    model._fit(X, y, X_val=X_val, y_val=y_val, num_cpus=1)
    return model.model


@pytest.mark.slow
@pytest.mark.parametrize(("problem_type", "kind"), [("binary", NeuralClassifier), ("regression", NeuralRegressor)])
def test_all_members_learn_from_the_rows_of_the_fold_and_are_judged_by_its_validation_rows(wrapper, problem_type, kind):
    model = fitted(wrapper, problem_type)
    assert type(model) is kind
    assert model.settings_["refits"] == 0
    assert model.data_.rows == 120
    assert model.encoder_.n_features_in == 2  # AutoGluon's preparation took one column away


@pytest.mark.slow
def test_the_levels_of_autogluon_s_verbosity_are_not_handed_on(wrapper):
    assert fitted(wrapper, "binary", verbose=4, members=1).verbose is False


def test_training_has_most_of_the_time_limit(wrapper, monkeypatch):
    given = {}
    monkeypatch.setattr(NeuralClassifier, "fit", lambda self, X, y, **options: given.update(options))
    X, y = rows(40, "class")
    wrapper.GlassnetModel("binary")._fit(X, y, time_limit=100.0)
    assert given["time_limit"] == pytest.approx(95, abs=1)
    assert given["validation_data"] is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux limits the processors of a thread")
def test_training_uses_the_processors_given_and_what_follows_may_use_all(wrapper, monkeypatch):
    used = []
    monkeypatch.setattr(NeuralClassifier, "fit", lambda self, X, y, **options: used.append(os.sched_getaffinity(0)))
    X, y = rows(40, "class")
    before = os.sched_getaffinity(0)
    wrapper.GlassnetModel("binary")._fit(X, y, num_cpus=1)
    assert len(used[0]) == 1
    assert os.sched_getaffinity(0) == before


def test_width_and_depth_of_a_drawn_point_are_hidden_layers(wrapper):
    assert fitted(wrapper, "binary", width=8, depth=2, members=1).settings_["hidden_layers"] == (8, 8)


def test_the_search_space_is_that_of_the_default_preset_without_label_smoothing(wrapper):
    space = wrapper.gen_glassnet.space
    assert {name: type(range_).__name__ for name, range_ in space.items()} == {
        **dict.fromkeys(("learning_rate", "weight_decay", "dropout", "spread"), "Real"),
        **dict.fromkeys(("width", "activation", "numeric_embedding", "frequencies", "batch_size"), "Categorical"),
        "depth": "Int",
    }
    assert space["learning_rate"].log
    assert not space["dropout"].log


@pytest.mark.slow
@pytest.mark.parametrize("problem_type", ["binary", "regression"])
@pytest.mark.parametrize("end", [0, -1])
def test_a_corner_of_the_search_space_can_be_trained(wrapper, problem_type, end):
    space = wrapper.gen_glassnet.space
    choices = {name: ends(range_)[end] for name, range_ in space.items()}
    model = fitted(wrapper, problem_type, members=1, **choices)
    assert model.settings_["hidden_layers"] == (choices["width"],) * choices["depth"]


def result(model, table, error, **more):
    task = {"name": f"{table}-0e481e2667c3", "split_idx": 0}
    return {"framework": model, "task_metadata": task, "metric": "rmse", "metric_error": error} | more


def test_the_page_has_the_mean_over_the_splits_and_the_least_in_bold():
    seconds = {"metric_error_val": 1.0, "time_train_s": 12.0, "time_infer_s": 0.1}
    errors = [("ours", "houses", 1.0), ("ours", "houses", 2.0), ("trees", "houses", 1.75), ("trees", "wine", 4.0)]
    text = page([record(result(*each, **seconds)) for each in errors])
    assert "| houses: rmse | **1.50**, 12.0 s |     1.75, 12.0 s |" in text
    assert "| wine: rmse   |                - | **4.00**, 12.0 s |" in text


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the libraries
def test_the_wrapper_passes_autogluon_s_own_checks_of_models(tmp_path, monkeypatch):
    pytest.importorskip("tabarena")
    from autogluon.tabular.testing import FitHelper

    from benchmarks.arena.model import GlassnetModel

    monkeypatch.chdir(tmp_path)
    FitHelper.verify_model(GlassnetModel, {"members": 3})


@pytest.mark.filterwarnings("ignore")
def test_a_copy_of_the_file_is_found_by_tabarena_s_registry(tmp_path, monkeypatch):
    models = pytest.importorskip("tabarena.models")
    from tabarena.models import _registry

    import benchmarks.arena.model as module

    package = tmp_path / "glassnet"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "info.py").write_bytes(Path(module.__file__).read_bytes())
    monkeypatch.setattr(models, "__path__", [str(tmp_path)])
    monkeypatch.setattr(_registry, "_REGISTRY", None)
    assert list(_registry.discover_models()) == ["Glassnet"]
