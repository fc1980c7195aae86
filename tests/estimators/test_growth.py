"""``partial_fit`` on rows that bring levels, classes and columns which the first ones did not have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError, TableWarning

pytestmark = pytest.mark.filterwarnings("ignore::glassnet.errors.TableWarning")

NETWORKS = {
    "plain": {"preset": "mlp", "hidden_layers": (8, "tanh:4")},
    "linear": {"preset": "mlp", "hidden_layers": ()},
    "embedded": {"preset": "mlp", "hidden_layers": (8,), "max_one_hot": 2, "numeric_embedding": "periodic"},
    "scaled": {"preset": "realmlp", "hidden_layers": (8,), "members": 2, "max_one_hot": 2},
    "shared": {"preset": "tabm", "hidden_layers": (8,), "members": 1, "shared_members": 4},
    "normalized": {"preset": "mlp", "hidden_layers": ("batch_norm", 8)},
}


def piece(towns, classes, rows=60, seed=0):
    """Rows whose class follows from the town, the sex and the age."""
    rng = np.random.default_rng(seed)
    town, sex = rng.choice(towns, rows), rng.choice(["f", "m"], rows)
    X = pd.DataFrame({"age": rng.normal(size=rows), "town": town, "sex": sex, "country": "de"})
    X.loc[::7, "town"] = None
    return X, np.array(classes)[(np.char.str_len(town) + (sex == "m")) % len(classes)]


FIRST = piece(["a", "bb", "ccc"], ["no", "yes"])
LATER = piece(["a", "bb", "dd", "eeee"], ["no", "yes"], seed=1)
LATER[0].loc[:9, "country"] = "fr"
THREE = piece(["a", "dd", "f"], ["maybe", "no", "yes"], seed=2)


def grown(network, *pieces, **options):
    model = NeuralClassifier(random_state=0, grow=True, **NETWORKS[network] | options)
    for one in pieces:
        model.partial_fit(*one)
    return model


@pytest.mark.parametrize("network", NETWORKS)
def test_new_levels_change_no_prediction_before_they_are_trained(network):
    before = grown(network, FIRST)
    after = grown(network, FIRST)
    after.set_params(learning_rate=1e-30)
    after.partial_fit(*LATER)
    if network == "normalized":  # running statistics follow the rows
        before.set_params(grow=False, learning_rate=1e-30).partial_fit(*LATER)
    for rows in (FIRST[0], LATER[0]):
        np.testing.assert_allclose(after.predict_proba(rows), before.predict_proba(rows), atol=2e-6)
    assert after.network_.layout.size > before.network_.layout.size


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_a_new_level_is_learned(network):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"town": rng.choice(["a", "bb", "z"], 300), "sex": rng.choice(["f", "m"], 300)})
    y = np.where(X["town"] == "z", "yes", "no")
    model = grown(network, FIRST, learning_rate=0.03)
    for _ in range(30):
        model.partial_fit(X.assign(age=0.0, country="de"), y)
    assert model.score(X.assign(age=0.0, country="de"), y) > 0.95


@pytest.mark.parametrize("network", ["plain", "linear", "embedded"])
def test_a_new_class_takes_no_row_before_it_is_trained(network):
    before = grown(network, FIRST)
    after = grown(network, FIRST).set_params(learning_rate=1e-30).partial_fit(*THREE)
    assert after.classes_.tolist() == ["maybe", "no", "yes"]
    np.testing.assert_array_equal(after.predict(FIRST[0]), before.predict(FIRST[0]))
    two = after.predict_proba(FIRST[0])[:, 1:]
    np.testing.assert_allclose(two / two.sum(axis=1, keepdims=True), before.predict_proba(FIRST[0]), atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_a_new_class_is_learned(network):
    model = grown(network, FIRST, learning_rate=0.03)
    y = np.where(THREE[0]["sex"] == "m", "maybe", "no")
    for _ in range(30):
        model.partial_fit(THREE[0], y)
    assert model.score(THREE[0], y) > 0.95


def test_a_class_more_keeps_the_outputs_of_the_others():
    model = grown("plain", THREE)
    before = model.decision_function(THREE[0])
    model.set_params(learning_rate=1e-30).partial_fit(THREE[0], np.where(THREE[1] == "no", "never", THREE[1]))
    np.testing.assert_allclose(model.decision_function(THREE[0])[:, [0, 2, 3]], before, atol=2e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_pieces_give_the_same_bits_after_saving_and_loading(network, tmp_path):
    first, second = (grown(network, FIRST, LATER, THREE) for _ in range(2))
    glassnet.save(second, tmp_path / "m.safetensors", optimizer=True)
    loaded = glassnet.load(tmp_path / "m.safetensors")
    assert loaded.new_levels_ == first.new_levels_
    assert loaded.encoder_ == first.encoder_
    for model in (first, loaded):
        model.partial_fit(*LATER).partial_fit(*piece(["new"], ["maybe", "never"], seed=3))
    for one, other in zip(first.networks_, loaded.networks_, strict=True):
        np.testing.assert_array_equal(one.parameters, other.parameters)


def test_the_optimizer_keeps_its_state():
    row = (
        LATER[0][:1].assign(country="xx"),
        LATER[1][:1],
    )  # a level that has no weights without growth, new ones of zero with it
    plain, other = (grown("plain", FIRST).set_params(learning_rate=1e-30, grow=grow) for grow in (False, True))
    before = plain.updaters_[0]
    step, state = before.t, {name: slots.copy() for name, slots in before.slots.items()}
    plain.partial_fit(*row)
    other.partial_fit(*row)
    assert other.network_.layout.size > plain.network_.layout.size
    kept, later = plain.updaters_[0], other.updaters_[0]
    assert (kept.t, later.t) == (step + 1, step + 1)
    assert any(slots.any() for slots in state.values())
    for name in state:
        bias, same = (one.layout.named(one.slots[name])["2.b"] for one in (kept, later))
        np.testing.assert_allclose(bias, same, rtol=1e-5)


def test_levels_met_later_are_counted():
    model = NeuralClassifier(preset="mlp", random_state=0).partial_fit(*FIRST)
    assert model.new_levels_ == {}
    model.partial_fit(*LATER).partial_fit(*LATER)
    counts = LATER[0]["town"].value_counts()
    assert model.new_levels_["town"] == {"dd": 2 * counts["dd"], "eeee": 2 * counts["eeee"]}
    assert model.new_levels_["country"] == {"fr": 20}


def test_new_levels_are_named_once_with_their_numbers_of_rows(recwarn):
    model = NeuralClassifier(preset="mlp", random_state=0).partial_fit(*FIRST)
    rows = LATER[0]["town"].value_counts()
    with pytest.warns(TableWarning, match=rf"'town': .*'dd' \({rows['dd']}\).*; 'country': 'fr' \(10\).*grow=True"):
        model.partial_fit(*LATER)
    recwarn.clear()
    model.partial_fit(*LATER)
    assert [str(each.message) for each in recwarn] == []


def test_no_warning_where_the_model_grows(recwarn):
    grown("plain", FIRST, LATER, THREE)
    assert [str(each.message) for each in recwarn if issubclass(each.category, TableWarning)] == []


def test_columns_that_the_first_rows_did_not_have_are_named():
    model = NeuralClassifier(preset="mlp", random_state=0).partial_fit(*FIRST)
    with pytest.warns(TableWarning, match="columns that the first rows did not have: 'extra'"):
        model.partial_fit(FIRST[0].assign(extra=1.0), FIRST[1])
    with pytest.raises(InputError, match="(?s)yet now missing:\n- town"):
        model.partial_fit(FIRST[0].drop(columns="town"), FIRST[1])


def test_columns_without_two_values_in_the_first_rows_are_named():
    X = pd.DataFrame({"n": [1.0, 2, 3], "always": 1.0, "empty": [None] * 3, "one": "x"})
    with pytest.warns(TableWarning, match="left out of all later rows, too: 'always', 'empty', 'one'"):
        NeuralClassifier(preset="mlp", random_state=0).partial_fit(X, ["a", "b", "a"])
    with pytest.warns(TableWarning, match="left out of all later rows, too: 'always', 'empty'. "):
        grown("plain", (X, ["a", "b", "a"]))


def test_a_new_class_is_refused_unless_the_model_may_grow():
    model = NeuralClassifier(preset="mlp", random_state=0).partial_fit(*FIRST)
    with pytest.raises(InputError, match=r"among the classes \['no', 'yes'\]. Received: \['maybe'\].*grow=True"):
        model.partial_fit(*THREE)
    assert model.classes_.tolist() == ["no", "yes"]


def test_a_loss_of_two_classes_is_refused_a_third():
    model = grown("plain", FIRST, loss="binary_cross_entropy")
    with pytest.raises(InputError, match="supports two classes. Received: 3 classes"):
        model.partial_fit(*THREE)
    assert model.network_.outputs == 1


def test_a_threshold_between_two_classes_is_not_lost_for_a_third():
    model = grown("plain", FIRST)
    model.decision_threshold_ = 0.3
    with pytest.raises(InputError, match="threshold"):
        model.partial_fit(*THREE)
    assert (model.classes_.tolist(), model.decision_threshold_) == (["no", "yes"], 0.3)


def test_other_layers_are_refused_while_growing():
    model = grown("plain", FIRST).set_params(hidden_layers=(9,))
    with pytest.raises(InputError, match="must keep the network unchanged"):
        model.partial_fit(*THREE)


def test_another_number_of_members_is_refused_while_growing():
    model = grown("scaled", FIRST).set_params(members=1)
    with pytest.raises(InputError, match="number of members"):
        model.partial_fit(*LATER)


def test_layers_that_mix_inputs_are_refused_new_levels():
    model = grown("plain", FIRST, hidden_layers=("layer_norm", 8))
    with pytest.raises(InputError, match="only layers that treat each input by itself"):
        model.partial_fit(*LATER)


def test_announced_classes_may_be_more_later():
    model = grown("plain", FIRST).partial_fit(*FIRST, classes=["no", "yes", "perhaps"])
    assert model.classes_.tolist() == ["no", "perhaps", "yes"]


def test_a_regressor_takes_new_levels():
    model = NeuralRegressor(preset="mlp", grow=True, random_state=0).partial_fit(FIRST[0], np.arange(60.0))
    before = model.network_.inputs
    model.partial_fit(LATER[0], np.arange(60.0))
    assert model.network_.inputs == before + 3


def test_monotonic_columns_stay_so_with_more_levels():
    model = grown("plain", FIRST, LATER, monotone={"age": 1})
    rows = LATER[0][:1].loc[np.zeros(50, int)].assign(age=np.linspace(-5, 5, 50))
    assert (np.diff(model.predict_proba(rows)[:, 1]) >= -1e-7).all()


def test_of_too_many_levels_the_most_frequent_ones_are_taken():
    model = grown("plain", FIRST)
    towns = np.repeat([f"t{number}" for number in range(1100)], 2)[: 2 * 1100 - 100]
    model.partial_fit(pd.DataFrame({"age": 0.5, "town": towns, "sex": "f", "country": "de"}), np.resize(FIRST[1], 2100))
    column = next(column for column in model.encoder_.plan.others if column.name == "town")
    assert len(column.levels) == 1000
    assert "t1099" not in column.levels


@pytest.mark.slow
@pytest.mark.parametrize("network", ["plain", "embedded"])
def test_exports_of_a_model_that_has_grown_agree(network, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    model = grown(network, FIRST, LATER, THREE)
    rows = pd.concat([FIRST[0], LATER[0], THREE[0]], ignore_index=True)
    wanted = model.predict_proba(rows)
    model.to_onnx(tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    given = {
        name: rows[[name]].to_numpy(np.float64) if name == "age" else rows[[name]].fillna("").to_numpy(object)
        for name in (one.name for one in session.get_inputs())
    }
    found = next(one for one in session.run(None, given) if np.shape(one) == wanted.shape)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    model.to_python(tmp_path / "m.py")
    model.to_html(tmp_path / "m.html")
    model.report(tmp_path / "r.html", *THREE)
    assert "maybe" in (tmp_path / "m.html").read_text(encoding="utf-8")
    names = {}
    exec((tmp_path / "m.py").read_text(encoding="utf-8"), names)
