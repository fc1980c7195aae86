"""The options of the estimators, declared once: what is made of them has them all."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.declaration import OPTIONS, RULES


@pytest.mark.parametrize("kind", [NeuralClassifier, NeuralRegressor])
def test_docstrings_describe_every_option_in_the_order_of_the_signature(kind):
    section = kind.__doc__.partition("Parameters\n---")[2].partition("Attributes\n---")[0]
    named = [line.partition(" : ")[0] for line in section.splitlines() if " : " in line and not line.startswith(" ")]
    assert named == list(inspect.signature(kind).parameters)


@pytest.mark.parametrize("kind", [NeuralClassifier, NeuralRegressor])
def test_every_option_has_a_rule_that_takes_its_default(kind):
    for name, value in kind().get_params().items():
        assert RULES[name].taken(f"`{name}`", value) == value


class Forest(NeuralClassifier):
    """A class of somebody's own, with options of its own, that sets some of those declared here itself."""

    def __init__(self, *, trees=2, epochs=3, random_state=0):
        self.trees = trees
        super().__init__(preset="mlp", hidden_layers=4, members=trees, epochs=epochs, random_state=random_state)


def test_a_class_made_of_an_estimator_may_have_other_options(table):
    model = Forest(trees=3)
    assert sorted(model.get_params()) == ["epochs", "random_state", "trees"]
    assert len(clone(model).fit(table.X, table.words).networks_) == 3
    found = GridSearchCV(model, {"trees": [1, 2]}, cv=2, error_score="raise").fit(table.X, table.words)
    assert found.best_estimator_.partial_fit(table.X, table.words).settings_["epochs"] == 3
    alike = NeuralClassifier(preset="mlp", hidden_layers=4, members=3, epochs=3, random_state=0)
    expected = alike.fit(table.X, table.words).predict_proba(table.X)
    np.testing.assert_array_equal(model.fit(table.X, table.words).predict_proba(table.X), expected)


@pytest.mark.slow
def test_what_holds_of_options_is_declared_with_them_and_listed_nowhere_else():
    """A list of many options beside the declaration is one that a new option is forgotten in."""
    lists = []
    for path in Path(glassnet.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                names = {each.value for each in node.elts if isinstance(each, ast.Constant)}
                if len(names & OPTIONS.keys()) > 5:
                    lists.append(f"{path}:{node.lineno}")
    assert lists == []
