"""What other libraries call options and formulas is answered with the name that is used here, wherever it is given."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

import glassnet
from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, Neuron, Trainer
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES
from glassnet.support.option_names import ALIASES
from glassnet.support.options import Choice
from tests.hostile.doors import doors

NOT_HERE = {
    *(
        "beta_1",
        "beta_2",
        "epsilon",
        "momentum",
        "nesterovs_momentum",
        "power_t",
    ),  # "adam(beta1=0.8)", "nesterov(mu=0.9)"
    *("max_fun", "shuffle", "tol"),
}
"""What scikit-learn's networks have as options, and networks here do not."""


def told(call, *args, **options):
    with pytest.raises((InputTypeError, InputError)) as raised:
        call(*args, **options)
    return str(raised.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_public_callable_names_itself_where_an_option_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    glassnet.save(NeuralNetwork(2, [1]), "model.safetensors")
    glassnet.to_onnx(NeuralNetwork(2, [1]), "model.onnx")
    said = {name: told(door, "no_such_option", 3) for name, door in doors().items() if not name.endswith("set_params")}
    for name, text in said.items():
        own = name.rpartition(".")[2]
        assert re.match(rf"(\w+\.)?{own} has no option `no_such_option`\. Received: 3\. Available: ", text), text
        assert not re.match(r"\w*(Options|Estimator|Methods|Answers|Numbers|Fitted)\b", text), text


@pytest.mark.parametrize(
    ("call", "option", "answer"),
    [
        (NeuralClassifier, {"max_iter": 9}, "NeuralClassifier has no option `max_iter`. Received: 9. Did"),
        (NeuralClassifier, {"hidden_layer_sizes": (9,)}, "Did you mean `hidden_layers`?"),
        (NeuralRegressor, {"alpha": 0.1}, "Did you mean `weight_decay`?"),
        (NeuralRegressor, {"lr": 0.1}, "Did you mean `learning_rate`?"),
        (NeuralRegressor, {"checkpoint": "folder"}, "Pass `checkpoint` to NeuralRegressor.fit."),
        (NeuralRegressor().set_params, {"lr": 0.1}, "NeuralRegressor has no option `lr`. Received: 0.1. Did"),
        (Trainer, {"max_epochs": 9}, "Did you mean `epochs`?"),
        (Trainer, {"Epochs": 9}, "Did you mean `epochs`?"),
        (Trainer, {"validation_data": 9}, "Pass `validation_data` to Trainer.fit."),
        (NeuralNetwork, {"lr": 0.1}, "Pass `learning_rate` to NeuralNetwork.train."),
        (NeuralNetwork, {"random_state": 1}, "Did you mean `seed`?"),
        (Neuron, {"in_features": 1}, "Did you mean `inputs`?"),
        (glassnet.Dense, {"out_features": 1}, "Did you mean `units`?"),
        (glassnet.Dense, {"kernel_initializer": "he"}, "Did you mean `initializer`?"),
        (glassnet.Dropout, {"p": 0.5}, "Did you mean `rate`?"),
        (glassnet.search, {"X": [[1], [2]] * 9, "y": [0, 1] * 9, "lr": 0.1}, "search has no option `lr`."),
    ],
)  # fmt: skip
def test_an_option_of_another_library_is_answered_with_the_name_here(call, option, answer):
    assert answer in told(call, **option)


def test_a_method_says_what_the_constructor_takes():
    assert "NeuralClassifier.fit has no option `max_iter`. Received: 9. Pass `epochs` to NeuralClassifier." in told(
        NeuralClassifier().fit, [[1], [2]], [0, 1], max_iter=9
    )


def test_an_error_of_the_call_is_not_taken_for_one_of_its_arguments():
    class Odd(Trainer):
        def check(self):
            raise TypeError("something else")

    with pytest.raises(TypeError, match=r"^something else$"):
        Odd(epochs=3)


@pytest.mark.parametrize(("theirs", "ours"), [(MLPClassifier, NeuralClassifier), (MLPRegressor, NeuralRegressor)])
def test_every_option_of_scikit_learns_networks_has_an_answer(theirs, ours):
    here = inspect.signature(ours).parameters
    for name in theirs().get_params():
        if name not in here and name not in NOT_HERE:
            assert any(alias in here for alias in ALIASES[name]), name


def test_every_name_in_the_table_is_an_option_of_something_public():
    there = {option for door in doors().values() for option in door.options} | {"epsilon"}  # of formulas' spellings
    assert {here for names in ALIASES.values() for here in names} <= there


def spellings(name):
    """As other libraries write it: "LeakyReLU" and "LEAKY_RELU"."""
    return {
        name.upper(),
        name.title(),
        "".join(part.title() for part in name.split("_")),
        name.replace("_", "").upper(),
    }


@pytest.mark.parametrize(
    "registry", [ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES], ids=lambda each: each.kind
)
def test_a_formula_in_other_letters_is_answered_with_its_name(registry):
    for name in registry:
        for other in spellings(name) - {name}:
            assert f"Did you mean {name!r}?" in told(registry.get, other), other


def test_a_word_in_other_letters_is_answered_with_the_word():
    for word in ("bagged", "mlp", "piecewise_linear", "compiled"):
        choice = Choice("none", "bagged", "mlp", "piecewise_linear", "compiled")
        for other in spellings(word):
            assert f"Did you mean {word!r}?" in told(choice.taken, "`x`", other)


@pytest.mark.parametrize(
    "option",
    [{"optimizer": "Adam"}, {"callbacks": [1]}, {"schedule": "Cosine"}, {"epochs": 0}, {"scoring": "acuracy"}],
    ids=str,
)
def test_a_trainer_is_checked_as_it_is_made(option):
    told(Trainer, **option)


def test_a_function_is_a_schedule():
    def half(progress):
        return 1.0 if progress < 0.5 else 0.1

    X = np.random.default_rng(0).normal(size=(40, 2))
    rates = Trainer(schedule=half, epochs=4, learning_rate=1e-3).fit(NeuralNetwork(2, [1]), X, X[:, 0])["learning_rate"]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4])
    model = NeuralRegressor(preset="mlp", schedule=half, epochs=4, learning_rate=1e-3, random_state=0).fit(X, X[:, 0])
    assert model.history_["learning_rate"] == rates


@pytest.mark.parametrize("wrong", [lambda epoch, rate: rate, lambda progress: "much", lambda progress: None])
def test_a_function_that_is_no_schedule_is_refused_as_it_is_given(wrong):
    assert "It is called with the training progress, from 0 to 1" in told(Trainer, schedule=wrong)


def test_text_of_several_lines_shows_itself():
    network = NeuralNetwork(2, ["tanh:2", 1])
    assert repr(network.summary()).splitlines()[0].split() == ["#", "layer", "in", "out", "parameters"]
    assert "\n" in repr(glassnet.TableEncoder().fit(np.eye(3)).describe())
