"""The options of the estimators, declared once: what is made of them has them all."""

from __future__ import annotations

import inspect

import pytest

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.declaration import RULES


@pytest.mark.parametrize("kind", [NeuralClassifier, NeuralRegressor])
def test_docstrings_describe_every_option_in_the_order_of_the_signature(kind):
    section = kind.__doc__.partition("Parameters\n---")[2].partition("Attributes\n---")[0]
    named = [line.partition(" : ")[0] for line in section.splitlines() if " : " in line and not line.startswith(" ")]
    assert named == list(inspect.signature(kind).parameters)


@pytest.mark.parametrize("kind", [NeuralClassifier, NeuralRegressor])
def test_every_option_has_a_rule_that_takes_its_default(kind):
    for name, value in kind().get_params().items():
        assert RULES[name].taken(f"`{name}`", value) == value


def test_each_estimator_refuses_the_options_of_the_other():
    with pytest.raises(TypeError, match="clamp"):
        NeuralClassifier(clamp=True)
    with pytest.raises(TypeError, match="class_weight"):
        NeuralRegressor(class_weight="balanced")
