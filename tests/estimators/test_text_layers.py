"""The linear model on n-grams that an encoder with columns of text brings into a network."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralClassifier, load, save
from glassnet.errors import InputError
from glassnet.estimators.architecture import Inputs, network_layers
from glassnet.estimators.ensemble import merge_text_weights
from glassnet.estimators.presets import PRESETS, TableSize, resolve
from glassnet.exchange.files.estimator_state import estimator_to_state
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Dense, Layer, MemberDense, NgramLinear
from glassnet.network import NeuralNetwork
from glassnet.network.state import member_from_state

WORDS = ("late", "early", "broken", "fine", "cold", "warm", "loud", "quiet")
MAIL = [f"the parcel is {WORDS[row % 8]} and {WORDS[row // 3 % 8]}" for row in range(120)]
LATE = ["late" if "late" in mail else "other" for mail in MAIL]
NUMBERED = [[mail, row % 5] for row, mail in enumerate(MAIL)]
USUAL = TableSize(5000, 3)
FEW = {"members": 3, "epochs": 4, "free_text": ["x0"], "random_state": 0}


def layers(preset: str, options: dict[str, object], ngrams: int = 100, size: TableSize = USUAL) -> list[Layer]:
    settings = resolve(preset, options, size)
    return network_layers(settings, LOSSES.get("cross_entropy"), 3, Inputs(3, ngrams=ngrams))


@pytest.mark.parametrize("preset", ["mlp", "realmlp", "tabm"])
def test_columns_of_text_bring_one_layer_at_the_end(preset: str):
    assert [type(one) for one in layers(preset, {})] == [*map(type, layers(preset, {}, ngrams=0)), NgramLinear]


def test_n_grams_learn_at_their_own_rate_whatever_that_of_the_network():
    for rate in (0.001, 0.2):
        last = layers("mlp", {"learning_rate": rate})[-1]
        assert isinstance(last, NgramLinear)
        assert last.rate * rate == pytest.approx(0.025)


def test_the_rate_can_be_set_as_a_factor():
    assert layers("mlp", {"rates": {"text": 3.0}})[-1] == NgramLinear(100, rate=3.0)


def test_members_that_share_weights_each_have_scores_of_their_own():
    *_, last, texts = layers("tabm", {})
    assert isinstance(last, MemberDense)
    assert texts.parameters(last.outputs(64 * last.members))[0].shape == (100, 3 * last.members)


# ---------------------------------------------------------- a table of text alone


@pytest.mark.parametrize("preset", PRESETS)
def test_of_a_table_of_text_alone_each_preset_is_a_linear_model(preset: str):
    settings = resolve(preset, {}, TableSize(5000, 1, text_alone=True))
    assert (settings["hidden_layers"], settings["shared_members"], settings["kinds"]) == ((), 1, ())


def test_given_hidden_layers_are_kept_with_the_rates_that_suit_them():
    size = TableSize(5000, 1, text_alone=True)
    settings = resolve("bagged", {"hidden_layers": (8,)}, size)
    assert (settings["hidden_layers"], settings["learning_rate"]) == ((8,), 0.04)


@pytest.mark.parametrize(
    ("rows", "alone"),
    [
        ([[mail] for mail in MAIL], True),
        ([[mail, "parcel"] for mail in MAIL], True),
        ([[mail, "a" if row % 2 else "b"] for row, mail in enumerate(MAIL)], False),
        (NUMBERED, False),
    ],
    ids=["alone", "beside a constant", "beside a category", "beside a number"],
)
def test_the_default_has_hidden_layers_only_where_other_columns_vary(rows: list[list[object]], alone: bool):
    model = NeuralClassifier(preset="mlp", epochs=1, free_text=["x0"], random_state=0).fit(rows, LATE)
    assert (model.settings_["hidden_layers"] == ()) is alone


def test_a_warm_start_of_a_table_of_text_alone_stays_one():
    rows = [[mail] for mail in MAIL]
    model = NeuralClassifier(preset="mlp", epochs=1, warm_start=True, random_state=0).fit(rows, LATE)
    assert len(model.fit(rows, LATE).history_) == 2


def test_the_bias_beside_text_alone_learns_faster_than_n_grams():
    dense, texts = layers("bagged", {"hidden_layers": None}, size=TableSize(5000, 1, text_alone=True))[-2:]
    assert isinstance(dense, Dense)
    assert isinstance(texts, NgramLinear)
    assert dense.bias_rate > 10 * texts.rate


# ------------------------------------------------------ one table of weights


def text_weights(model: NeuralClassifier) -> list[np.ndarray]:
    slots = [network.layout.text_weights for network in model.networks_]
    return [slot.view(each.parameters) for slot, each in zip(slots, model.networks_, strict=True) if slot is not None]


def test_all_members_end_with_the_same_weights_of_n_grams():
    first, *others = text_weights(NeuralClassifier(**FEW).fit(NUMBERED, LATE))
    assert len(others) == 2
    assert all(np.array_equal(first, other) for other in others)


def test_merged_weights_are_the_average_by_the_weights_of_members():
    networks = [NeuralNetwork(1, [Dense(1), NgramLinear(2)], seed=seed) for seed in range(2)]
    for network, W in zip(networks, (0.0, 4.0), strict=True):
        network.parameters[-2:] = W
    merge_text_weights(networks, np.array([1.5, 0.5]))
    assert [network.parameters[-2:].tolist() for network in networks] == [[1.0, 1.0], [1.0, 1.0]]


def test_a_file_holds_the_weights_of_n_grams_once():
    model = NeuralClassifier(**FEW, hidden_layers=(2,), numeric_embedding="none").fit(NUMBERED, LATE)
    _, arrays = estimator_to_state(model, optimizer=False)
    with_texts = [name for name, array in arrays.items() if "parameters" in name and array.size > model.encoder_.ngrams]
    assert with_texts == ["parameters"]


@pytest.mark.parametrize("kinds", [(), ({"hidden_layers": (2,)}, {"hidden_layers": (3,)})], ids=["alike", "kinds"])
def test_members_of_a_file_have_the_weights_of_n_grams_again(tmp_path: Path, kinds: tuple[dict[str, object], ...]):
    model = NeuralClassifier(**FEW, kinds=kinds).fit(NUMBERED, LATE)
    save(model, tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert all(map(np.array_equal, text_weights(loaded), text_weights(model)))


def test_what_is_known_of_held_out_rows_is_measured_before_members_are_merged():
    model = NeuralClassifier(**FEW | {"members": 2}, cv=2).fit(NUMBERED, LATE)
    merged = model.predict_proba(NUMBERED)
    assert model.oof_predictions_ is not None
    assert not np.allclose(model.oof_predictions_, merged)


def test_a_file_of_weights_before_texts_needs_texts_in_the_first_member():
    first, member = (NeuralNetwork(1, [Dense(1)], seed=seed) for seed in range(2))
    arrays = {"parameters before texts": member.parameters[:1], "statistics": member.statistics}
    with pytest.raises(InputError, match="parameters before texts"):
        member_from_state(first, 1, None, arrays)
