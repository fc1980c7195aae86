"""The linear model on n-grams that an encoder with columns of text brings into a network."""

import pytest

from glassnet.estimators.architecture import Inputs, network_layers
from glassnet.estimators.presets import TableSize, resolve
from glassnet.formulas.losses import LOSSES
from glassnet.layers import Layer, MemberDense, NgramLinear


def layers(preset: str, options: dict[str, object], ngrams: int = 100) -> list[Layer]:
    settings = resolve(preset, options, TableSize(5000, 3))
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
