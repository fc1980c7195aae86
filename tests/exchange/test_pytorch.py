"""State dicts of PyTorch are read without it; what is missing or cannot be taken over is named."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from glassnet import (
    BatchNorm,
    Dense,
    Embedding,
    LayerNorm,
    NeuralClassifier,
    NeuralNetwork,
    from_keras,
    from_torch,
    to_keras,
    to_torch,
)
from glassnet.errors import InputError, InputTypeError, MissingExtraError

rng = np.random.default_rng(0)
X = rng.normal(size=(10, 4)).astype(np.float32)
LAYERS = ["relu:6", BatchNorm(), LayerNorm(), "dropout:0.1", Dense(3, bias=False)]


def numbers(*shape):
    return rng.normal(size=shape).astype(np.float32)


def state(prefix=""):
    """That of Sequential(Linear, ReLU, BatchNorm1d, LayerNorm, Dropout, Linear), in no order."""
    arrays = {
        "10.weight": numbers(3, 6),
        "2.running_var": np.abs(numbers(6)) + 0.5,
        "2.running_mean": numbers(6),
        "2.num_batches_tracked": np.array(7),
        "2.weight": numbers(6),
        "2.bias": numbers(6),
        "3.weight": numbers(6),
        "3.bias": numbers(6),
        "0.weight": numbers(6, 4),
        "0.bias": numbers(6),
    }
    return {prefix + name: array for name, array in arrays.items()}


def expected(arrays):
    z = np.maximum(X @ arrays["0.weight"].T + arrays["0.bias"], 0)
    x_hat = (z - arrays["2.running_mean"]) / np.sqrt(arrays["2.running_var"] + 1e-5)
    z = x_hat * arrays["2.weight"] + arrays["2.bias"]
    x_hat = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)
    return (x_hat * arrays["3.weight"] + arrays["3.bias"]) @ arrays["10.weight"].T


def test_a_state_dict():
    arrays = state()
    network = from_torch(arrays, LAYERS, loss="cross_entropy")
    np.testing.assert_allclose(network.forward(X), expected(arrays), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(network.predict(X).sum(axis=1), 1, rtol=1e-5)
    assert network.dtype == np.float32


def test_a_file(tmp_path):
    arrays = state("net.")
    save_file(arrays, tmp_path / "state.safetensors")
    network = from_torch(tmp_path / "state.safetensors", LAYERS)
    plain = {name.removeprefix("net."): array for name, array in arrays.items()}
    np.testing.assert_allclose(network.forward(X), expected(plain), rtol=1e-5, atol=1e-5)


def test_double_precision_stays():
    arrays = {name: array.astype(np.float64) for name, array in state().items()}
    assert from_torch(arrays, LAYERS).dtype == np.float64


def test_half_precision_becomes_single(tmp_path):
    save_file({"0.weight": numbers(1, 4).astype(np.float16), "0.bias": np.zeros(1, np.float16)}, tmp_path / "half")
    assert from_torch(tmp_path / "half", [1]).dtype == np.float32


class Trap:
    """What opens it says so."""

    opened = False

    def __reduce__(self):
        return setattr, (Trap, "opened", True)


def test_a_pickled_file_is_never_opened(tmp_path):
    (tmp_path / "state.pt").write_bytes(pickle.dumps({"0.weight": Trap()}))
    with pytest.raises(InputError, match="must be a safetensors file.*pickled files can run code.*save_file"):
        from_torch(tmp_path / "state.pt", [1])
    assert not Trap.opened


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError):
        from_torch("none.safetensors", [1])


@pytest.mark.parametrize(
    ("change", "layers", "message"),
    [
        ({"fc.weight": numbers(1)}, LAYERS, "must be numbered, so that their order is known. Received: 'fc'"),
        ({"11.weight": numbers(1, 3)}, LAYERS, "must belong to a layer. Received: part 11 is left"),
        ({"10.bias": numbers(3)}, LAYERS, r"must have the \['weight'\] of each layer. Received: part 10"),
        ({"10.weight": numbers(3, 7)}, LAYERS, r"matching shapes: 5.W of shape \(6, 3\). Received: shape \(7, 3\)"),
        ({"10.weight": numbers(3, 6) * np.nan}, LAYERS, "Received: NaN or infinity"),
        ({}, [*LAYERS, "relu:2"], "must have parameters for every layer. Received: none for Dense"),
        ({}, [Embedding((3,)), *LAYERS], "PyTorch has no such module"),
    ],
)
def test_what_does_not_fit_is_named(change, layers, message):
    with pytest.raises(InputError, match=message):
        from_torch(state() | change, layers)


@pytest.mark.parametrize("source", [3, None, object()])
def test_what_is_neither_is_refused(source):
    with pytest.raises(InputTypeError, match="must be a torch.nn.Sequential, or a state dict"):
        from_torch(source, [1])


def test_a_state_dict_needs_its_layers():
    with pytest.raises(InputTypeError, match="or a state dict with its `layers`"):
        from_torch(state())


def test_without_pytorch_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r'needs torch. Install it with: pip install "glassnet\[torch\]"'):
        to_torch(NeuralNetwork(2, [1]))


def test_without_keras_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingExtraError, match=r'needs keras. Install it with: pip install "glassnet\[keras\]"'):
        to_keras(NeuralNetwork(2, [1]))


def test_only_models_of_keras_come_from_keras():
    with pytest.raises(InputTypeError, match="must be Sequential or functional. Received: NeuralNetwork of"):
        from_keras(NeuralNetwork(2, [1]))


def test_a_module_of_somebody_else_s_is_refused():
    class Linear:
        def named_children(self):
            return iter(())

        def state_dict(self):
            return {}

    with pytest.raises(InputError, match="module itself, Linear: it is not PyTorch's own but of"):
        from_torch(Linear())


def test_estimators_hand_over_their_network():
    with pytest.raises(InputTypeError, match="must be a NeuralNetwork. Received: NeuralClassifier. Pass `network_`"):
        to_torch(NeuralClassifier())


@pytest.mark.parametrize(("units", "last", "loss"), [(3, "softmax", "cross_entropy"), (1, "sigmoid", "binary_focal")])
def test_an_activation_that_the_loss_has_inside_is_not_applied_twice(units, last, loss):
    arrays = {"0.weight": numbers(units, 4), "0.bias": numbers(units)}
    module, network = from_torch(arrays, [f"{last}:{units}"]), from_torch(arrays, [f"{last}:{units}"], loss=loss)
    assert np.abs(module.predict(X) - network.predict(X)).max() < 1e-6
    np.testing.assert_allclose(network.forward(X), X @ arrays["0.weight"].T + arrays["0.bias"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("numbers", "dtype"),
    [
        (np.array([[1, 2]]), "float32"),
        (np.array([[2**40 + 1, 2]]), "float64"),
        (np.array([[1e-310, 1e300]]), "float64"),
        (np.array([[1e-40, 1.0]], np.float32), "float32"),
    ],
)
def test_no_number_of_a_state_is_changed(numbers, dtype):
    network = from_torch({"0.weight": numbers}, [Dense(1, bias=False)])
    assert network.dtype == dtype
    np.testing.assert_array_equal(network["1.W"].ravel(), numbers.ravel())
