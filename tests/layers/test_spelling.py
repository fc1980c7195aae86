"""Short spellings of layers, and layers as plain data from files that may be damaged or hostile."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.layers import (
    Activate,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Layout,
    Residual,
    RMSNorm,
    Scale,
    layer_from_dict,
    layer_to_dict,
    parse_layers,
)

# ------------------------------------------------------------------ spellings


@pytest.mark.parametrize(
    ("spelling", "layer"),
    [
        (64, Dense(64, "relu")),
        (np.int64(64), Dense(64, "relu")),
        ("64", Dense(64, "relu")),
        ("gelu:32", Dense(32, "gelu")),
        (" elu(alpha=0.5):8 ", Dense(8, "elu(alpha=0.5)")),
        ("dropout:0.2", Dropout(0.2)),
        ("batch_norm", BatchNorm()),
        ("layer_norm", LayerNorm()),
        ("rms_norm", RMSNorm()),
        ("scale", Scale()),
        (Dense(3), Dense(3)),
    ],
)
def test_a_spelling_stands_for_its_layer(spelling, layer):
    assert parse_layers([spelling], "relu") == [layer]


@given(name=st.sampled_from([*ACTIVATIONS]), units=st.integers(1, 10**6))
def test_every_activation_can_be_spelled(name, units):
    assert parse_layers([f"{name}:{units}"], "relu") == [Dense(units, name)]


@given(text=st.text(max_size=30))
def test_any_other_text_is_refused_with_the_house_s_own_error(text):
    try:
        (layer,) = parse_layers([text], "relu")
    except (InputError, InputTypeError):
        return
    assert isinstance(layer, Layer)


@pytest.mark.parametrize("layers", ["relu:64", 64, Dense(3), None])
def test_a_list_is_wanted(layers):
    with pytest.raises(InputTypeError, match="Layers must be a list"):
        parse_layers(layers, "relu")


# ----------------------------------------------------------------- plain data

activations = st.sampled_from(["relu", "elu(alpha=0.5)", "softmax", "leaky_relu(slope=0.2)", "identity"])
dense = st.builds(
    Dense,
    st.integers(1, 999),
    activations,
    bias=st.booleans(),
    initializer=st.none() | st.sampled_from(["he_normal", "normal(std=0.1)", "zeros"]),
    l1=st.floats(0, 1e9),
    l2=st.floats(0, 1),
    max_norm=st.none() | st.floats(1e-300, 1e9),
)
simple = st.one_of(
    dense,
    st.builds(Activate, activations),
    st.builds(Dropout, st.floats(0, 1, exclude_max=True)),
    st.builds(BatchNorm, st.floats(1e-6, 1), st.floats(1e-12, 1)),
    st.builds(LayerNorm, st.floats(1e-12, 1)),
    st.builds(RMSNorm, st.floats(1e-12, 1)),
    st.builds(Scale),
)
layers = st.recursive(simple, lambda inner: st.builds(Residual, st.lists(inner, min_size=1, max_size=3)), max_leaves=8)


@given(layer=layers)
def test_every_layer_comes_back_from_json_as_it_was(layer):
    again = layer_from_dict(json.loads(json.dumps(layer_to_dict(layer))))
    assert again == layer
    assert repr(again) == repr(layer)


def test_numbers_of_numpy_become_plain():
    layer = Dense(np.int32(3), l2=np.float32(0.5), max_norm=np.float64(2))
    assert json.dumps(layer_to_dict(layer)) == '{"type": "Dense", "units": 3, "l2": 0.5, "max_norm": 2.0}'


def test_a_layer_of_your_own_cannot_be_written():
    class Twice(Scale):
        """A subclass must not pass for its parent, either."""

    with pytest.raises(InputTypeError, match="Only glassnet's own layers"):
        layer_to_dict(Twice())


def test_a_formula_of_your_own_can_be_written_once_it_is_registered(monkeypatch):
    monkeypatch.setattr(ACTIVATIONS, "_known", dict(ACTIVATIONS._known))
    square = ACTIVATIONS.register(Activation("square", lambda z: z * z, lambda z, a: 2 * z))
    assert layer_from_dict(layer_to_dict(Dense(3, square))) == Dense(3, square)


HOSTILE = [
    None,
    [],
    "Dense",
    {},
    {"type": None},
    {"type": ["Dense"]},
    {"type": "os.system"},
    {"type": "Layer"},
    {"type": "dense", "units": 3},
    {"type": "Dense"},
    {"type": "Dense", "units": 3, "f": "relu"},
    {"type": "Dense", "units": 3, "__class__": "int"},
    {"type": "Dense", "units": 3, 7: 7},
    {"type": "Dense", "units": "3"},
    {"type": "Dense", "units": -1},
    {"type": "Dense", "units": 10**400 * -1},
    {"type": "Dense", "units": 3.5},
    {"type": "Dense", "units": 3, "activation": "exec"},
    {"type": "Dense", "units": 3, "activation": {"name": "relu"}},
    {"type": "Dense", "units": 3, "activation": "elu(__import__('os'))"},
    {"type": "Dense", "units": 3, "activation": "elu(alpha={[]: 1})"},
    {"type": "Dense", "units": 3, "activation": "elu(alpha=" + "-" * 100_000 + "1)"},
    {"type": "Dense", "units": 3, "activation": "elu(" * 100_000},
    {"type": "Dense", "units": 3, "activation": "elu(alpha=" + "9" * 5000 + ")"},
    {"type": "Dense", "units": 3, "l1": "0.1"},
    {"type": "Dense", "units": 3, "l2": float("nan")},
    {"type": "Dense", "units": 3, "l2": 10**400},
    {"type": "Dense", "units": 3, "max_norm": []},
    {"type": "Dense", "units": 3, "bias": "false"},
    {"type": "Dense", "units": 3, "initializer": 5},
    {"type": "Dropout", "rate": None},
    {"type": "BatchNorm", "momentum": {}},
    {"type": "Scale", "gain": 1},
    {"type": "Residual"},
    {"type": "Residual", "layers": []},
    {"type": "Residual", "layers": 5},
    {"type": "Residual", "layers": "Scale"},
    {"type": "Residual", "layers": {"type": "Scale"}},
    {"type": "Residual", "layers": [None]},
    {"type": "Residual", "layers": [{"type": "Residual", "layers": [{"type": "Dense"}]}]},
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data)[:60])
def test_hostile_data_are_refused_with_the_house_s_own_error(data):
    with pytest.raises((InputError, InputTypeError)) as caught:
        layer_from_dict(data)
    assert len(str(caught.value)) < 1500, "a message that nobody can read"


def test_a_file_cannot_nest_blocks_without_end():
    data = {"type": "Scale"}
    for _ in range(40):
        data = {"type": "Residual", "layers": [data]}
    assert layer_from_dict(data).inside() == 40
    for _ in range(5000):
        data = {"type": "Residual", "layers": [data]}
    with pytest.raises(InputError, match="nested"):
        layer_from_dict(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    name=st.sampled_from(["Dense", "Activate", "Dropout", "BatchNorm", "LayerNorm", "Residual", "Scale"]),
    fields=st.dictionaries(
        st.sampled_from(["units", "activation", "bias", "initializer", "l1", "max_norm", "rate", "momentum", "layers"]),
        json_values,
    ),
)
def test_whatever_a_file_says_the_answer_is_a_layer_or_the_house_s_own_error(name, fields):
    try:
        layer = layer_from_dict({"type": name, **fields})
    except (InputError, InputTypeError):
        return
    assert layer_from_dict(layer_to_dict(layer)) == layer


def test_the_registries_are_not_changed_by_reading():
    before = [*ACTIVATIONS], [*INITIALIZERS]
    layer_from_dict({"type": "Dense", "units": 3, "activation": "elu(alpha=0.7)"})
    assert ([*ACTIVATIONS], [*INITIALIZERS]) == before


def test_a_layer_read_from_a_file_has_the_same_parameters():
    layer = Dense(3, "selu", l1=0.1, max_norm=2)
    assert Layout([layer_from_dict(layer_to_dict(layer))], 5).parameters == Layout([layer], 5).parameters
