"""Names become formulas: spellings, aliases, options, and errors that tell what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Formula, Registry
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES

REGISTRIES = [ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES]
EVERYTHING = [pytest.param(registry, name, id=name) for registry in REGISTRIES for name in registry]

PROMISED = {  # what the documentation names must be there
    "an activation": "identity sigmoid tanh relu relu6 leaky_relu elu selu gelu gelu_tanh silu mish softplus softsign "
    "hard_sigmoid hard_tanh hard_swish softmax",
    "an initializer": "zeros ones uniform normal glorot_uniform glorot_normal he_uniform he_normal lecun_uniform "
    "lecun_normal orthogonal",
    "a loss": "mse mae huber log_cosh binary_cross_entropy cross_entropy focal hinge poisson quantile gaussian_nll",
    "an optimizer": "sgd momentum nesterov adagrad rmsprop adam amsgrad adamw nadam radam lion",
    "a schedule": "constant step exponential linear cosine one_cycle coslog4 flat_cosine reduce_on_plateau",
}


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_what_is_promised_is_there_in_alphabetical_order(registry):
    names = list(registry)
    assert set(PROMISED[registry.kind].split()) <= set(names)
    assert names == sorted(names)


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_a_record_is_found_by_its_name_and_stands_for_itself(registry, name):
    formula = registry.get(name)
    assert formula.name == name
    assert name in registry
    assert registry.get(formula) is formula
    assert registry.get(f" {name} ") == formula
    assert registry.get(f"{name}()") == formula


def test_what_was_asked_for_before_is_made_once_and_told_apart_by_type_and_sign():
    assert INITIALIZERS.get("normal", std=0.25) is INITIALIZERS.get("normal", std=0.25)
    assert ACTIVATIONS.get("elu(alpha=0.5)") is ACTIVATIONS.get("elu(alpha=0.5)")
    known = Registry("a number", Activation)
    known.register(Activation("line", lambda z, a: a * z, lambda z, y, a: a, parameters=(("a", 1.0),)))
    zeros = [known.get("line", a=zero).values[0] for zero in (0.0, -0.0)]
    assert [str(zero) for zero in zeros] == ["0.0", "-0.0"]
    assert type(known.get("line", a=1).values[0]) is int
    assert type(known.get("line", a=1.0).values[0]) is float


def test_a_name_that_was_asked_for_before_it_was_known_is_found_afterwards():
    known = Registry("a number", Activation)
    with pytest.raises(InputError):
        known.get("line")
    line = known.register(Activation("line", lambda z: z, lambda z, a: 1.0))
    assert known.get("line") is line


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_the_text_of_a_formula_is_a_spelling_of_it(registry, name):
    assert registry.get(str(registry.get(name))) == registry.get(name)


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_records_are_frozen_hashable_and_equal_by_value(registry, name):
    formula = registry.get(name)
    assert hash(formula) == hash(registry.get(name))
    with pytest.raises(AttributeError):
        formula.name = "other"


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_every_formula_says_what_it_is(registry, name):
    """The functions that a registry knows have a docstring: that is where the mathematics stands."""
    formula = registry.get(name)
    function = formula.rule if registry is OPTIMIZERS else formula.function
    assert len(function.__doc__.strip()) > 10


@pytest.mark.parametrize(
    ("spelling", "values"),
    [
        ("leaky_relu", (0.01,)),
        ("leaky_relu(0.2)", (0.2,)),
        ("leaky_relu(slope=0.2)", (0.2,)),
        ("leaky_relu( slope = 2e-1 )", (0.2,)),
        ("selu(1.0, alpha=2)", (1.0, 2)),
    ],
)
def test_spellings(spelling, values):
    assert ACTIVATIONS.get(spelling).values == values


def test_keywords_go_before_the_spelling():
    assert ACTIVATIONS.get("leaky_relu(0.2)", slope=0.3).values == (0.3,)
    assert ACTIVATIONS.get(ACTIVATIONS.get("leaky_relu"), slope=0.3).values == (0.3,)


@given(slope=st.floats(0, 1, exclude_max=True))
def test_any_number_survives_being_written_down(slope):
    formula = ACTIVATIONS.get("leaky_relu", slope=slope)
    assert ACTIVATIONS.get(str(formula)) == formula


def test_options_are_spelled_like_parameters_and_listed_with_them():
    schedule = SCHEDULES.get("cosine(warmup=0.1)")
    assert (schedule.warmup, schedule.values) == (0.1, (0.0, 1))
    assert schedule.settings() == {"end": 0.0, "cycles": 1, "warmup": 0.1}


def test_changing_nothing_gives_the_same_record():
    adam = OPTIMIZERS.get("adam")
    assert adam.with_parameters() is adam
    changed = adam.with_parameters(beta1=0.8)
    assert dict(changed.parameters) == {"beta1": 0.8, "beta2": 0.999, "epsilon": 1e-8}
    assert dict(adam.parameters)["beta1"] == 0.9


@pytest.mark.parametrize(
    ("registry", "name", "meant"),
    [
        (LOSSES, "bce", "binary_cross_entropy"),
        (LOSSES, "categorical_crossentropy", "cross_entropy"),
        (LOSSES, "mean_squared_error", "mse"),
        (ACTIVATIONS, "swish", "silu"),  # whose spelling is nearer to mish
        (ACTIVATIONS, "ReLU", "relu"),
        (INITIALIZERS, "xavier_uniform", "glorot_uniform"),
        (INITIALIZERS, "kaiming_normal", "he_normal"),
        (OPTIMIZERS, "SGD", "sgd"),
        (SCHEDULES, "cosine_annealing", "cosine"),
    ],
)
def test_what_other_libraries_call_a_formula_is_answered_with_its_name_here(registry, name, meant):
    with pytest.raises(InputError, match=f"Did you mean '{meant}'"):
        registry.get(name)


@pytest.mark.parametrize(
    "spelling",
    ["elu(", "elu(alpha=)", "elu(alpha=x)", "elu(alpha='a')", "elu(__import__('os'))", "a.elu(1)", "elu(1)(2)", "(1)"],
)
def test_what_is_not_a_spelling_is_refused_and_nothing_is_evaluated(spelling):
    with pytest.raises(InputError):
        ACTIVATIONS.get(spelling)


def test_the_ends_of_an_interval():
    both = Formula("f", parameters=(("a", 0.0), ("b", 1.0)), domains=(("a", "[0, 1)"), ("b", "(0, 1]")))
    assert both.values == (0.0, 1.0)
    for wrong in ({"a": 1.0}, {"b": 0.0}):
        with pytest.raises(InputError, match="a square bracket belongs to it"):
            both.with_parameters(**wrong)


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_a_parameter_that_counts_takes_whole_numbers_alone(registry, name):
    formula = registry.get(name)
    for (key, interval), value in zip(formula.domains, formula.values, strict=True):
        assert interval.startswith("{") is isinstance(value, int)
        if isinstance(value, int):
            assert registry.get(name, **{key: value + 1.0}).values
            with pytest.raises(
                InputError, match=rf"must lie in .*, ...}}. Received: {value + 0.5}. Choose one of these"
            ):
                registry.get(name, **{key: value + 0.5})


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_true_and_false_are_no_parameters_of_a_formula(registry, name):
    for key, _ in registry.get(name).domains:
        with pytest.raises(InputError, match=f"`{key}` of `{name}` must lie in"):
            registry.get(name, **{key: True})


@pytest.mark.parametrize(("registry", "name"), EVERYTHING)
def test_every_parameter_has_an_interval(registry, name):
    formula = registry.get(name)
    assert [key for key, _ in formula.domains] == [key for key, _ in formula.parameters]


def test_registering_ones_own_and_its_aliases():
    registry = Registry("a thing", Formula)
    mine = Formula("mine", parameters=(("size", 1.0),))
    assert registry.register(mine, "my_own") is mine
    assert registry.get("my_own(2.0)").values == (2.0,)
    assert list(registry) == ["mine"]
    assert "my_own" in registry
    assert registry.register(mine) is mine  # again: nothing new
    with pytest.raises(InputError, match="The name of a thing must not be taken"):
        registry.register(Formula("mine"))
    with pytest.raises(InputError, match="The name of a thing must not be taken"):
        registry.register(Formula("other"), "my_own")
    with pytest.raises(InputError, match="The name of a thing must not be taken"):
        registry.register(Formula("my_own"))


def test_an_activation_of_ones_own_needs_no_registration():
    square = Activation("square", lambda z: z * z, lambda z, a: 2 * z)
    assert ACTIVATIONS.get(square) is square
    assert "square" not in ACTIVATIONS
