"""Networks that go to PyTorch and come from it give the same outputs; so do their files."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from glassnet import (
    Activate,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    RMSNorm,
    from_onnx,
    from_torch,
    to_torch,
)
from glassnet.errors import InputError
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.elementary import bfloat16
from glassnet.layers.rounding import rounds

pytestmark = pytest.mark.parity

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 5))
MODULES = {
    "ELU": nn.ELU(0.7),
    "GELU": nn.GELU(),
    "GELU of tanh": nn.GELU("tanh"),
    "Hardsigmoid": nn.Hardsigmoid(),
    "Hardswish": nn.Hardswish(),
    "Hardtanh": nn.Hardtanh(),
    "Hardtanh from 0 to 6": nn.Hardtanh(0, 6),
    "Identity": nn.Identity(),
    "LeakyReLU": nn.LeakyReLU(0.2),
    "Mish": nn.Mish(),
    "PReLU": nn.PReLU(init=0.3),
    "ReLU": nn.ReLU(),
    "ReLU6": nn.ReLU6(),
    "SELU": nn.SELU(),
    "SiLU": nn.SiLU(),
    "Sigmoid": nn.Sigmoid(),
    "Softmax": nn.Softmax(dim=1),
    "Softplus": nn.Softplus(),
    "Softsign": nn.Softsign(),
    "Tanh": nn.Tanh(),
}


def stirred(module):
    """With running statistics and gains that are not those of the start."""
    with torch.no_grad():
        for tensor in module.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(0.8 * torch.rand_like(tensor) + 0.1)  # slopes are below 1
    return module.eval()


def theirs(module, rows=X):
    with torch.no_grad():
        dtype = next(module.parameters()).dtype
        return module(torch.from_numpy(rows).to(dtype)).numpy()


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_activation_from_pytorch(name, dtype):
    module = nn.Sequential(nn.Linear(5, 4), MODULES[name], nn.Linear(4, 3)).to(dtype)
    network = from_torch(module)
    assert network.dtype.name == str(dtype).removeprefix("torch.")
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    np.testing.assert_allclose(network.predict(X), theirs(module), rtol=tolerance, atol=tolerance)


def whole():
    head = nn.Sequential(nn.LayerNorm(6, eps=1e-3), nn.RMSNorm(6, eps=1e-2), nn.Linear(6, 3, bias=False))
    return stirred(
        nn.Sequential(
            nn.Flatten(), nn.Linear(5, 6), nn.BatchNorm1d(6, momentum=0.3), nn.ReLU(), nn.Dropout(0.4), head
        ).double()
    )  # fmt: skip


def test_every_layer_from_pytorch():
    module = whole()
    network = from_torch(module)
    np.testing.assert_allclose(network.forward(X), theirs(module), rtol=1e-12, atol=1e-12)
    assert [type(layer) for layer in network.layers] == [Dense, BatchNorm, Activate, Dropout, LayerNorm, RMSNorm, Dense]
    assert (network.layers[1].momentum, network.layers[3].rate, network.layers[4].epsilon) == (0.3, 0.4, 1e-3)


def test_normalizations_without_gain_and_shift():
    module = nn.Sequential(
        *(nn.Linear(5, 6), nn.BatchNorm1d(6, affine=False), nn.LayerNorm(6, elementwise_affine=False)),
        *(nn.RMSNorm(6, elementwise_affine=False), nn.RMSNorm(6)),
    ).double()
    module(torch.from_numpy(X))  # so that there are running statistics
    np.testing.assert_allclose(from_torch(module).forward(X), theirs(module.eval()), rtol=1e-12, atol=1e-12)


def test_a_state_dict_in_a_file(tmp_path):
    module = whole()
    save_file(module.state_dict(), tmp_path / "net.safetensors")
    layers = [6, BatchNorm(), Activate("relu"), Dropout(0.4), LayerNorm(1e-3), RMSNorm(1e-2), Dense(3, bias=False)]
    network = from_torch(tmp_path / "net.safetensors", [Dense(6), *layers[1:]])
    np.testing.assert_allclose(network.forward(X), theirs(module), rtol=1e-12, atol=1e-12)
    network = from_torch(module.state_dict(), [Dense(6), *layers[1:]])
    np.testing.assert_allclose(network.forward(X), theirs(module), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", [*ACTIVATIONS, "elu(alpha=0.3)", "leaky_relu(slope=0.2)"])
def test_every_activation_to_pytorch(activation, dtype):
    network = NeuralNetwork(5, [Dense(4, activation), 3], dtype=dtype)
    module = to_torch(network)
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(theirs(module), network.forward(X), rtol=tolerance, atol=tolerance)
    assert not module.training


def test_every_layer_to_pytorch_and_back():
    layers = [
        Dense(6, "tanh", parametrization="ntk"),
        BatchNorm(0.2, 1e-4),
        Dropout(0.3),
        LayerNorm(1e-4),
        RMSNorm(1e-3),
        Activate("relu"),
    ]
    network = NeuralNetwork(5, [*layers, Dense(2, bias=False)], "cross_entropy")
    network.train(X, np.arange(50) % 2, epochs=3)
    module = to_torch(network)
    np.testing.assert_allclose(theirs(module), network.forward(X), rtol=1e-10, atol=1e-10)
    again = from_torch(module, loss="cross_entropy")
    np.testing.assert_allclose(again.predict(X), network.predict(X), rtol=1e-10, atol=1e-10)
    before = network.forward(X)
    module[0].weight.data += 1  # its numbers are its own
    assert network.forward(X).tolist() == before.tolist()


@pytest.mark.parametrize("parametrization", ["standard", "ntk"])
@pytest.mark.parametrize("bias", [True, False])
def test_sums_of_rounded_operands_differ_by_their_order_alone(parametrization, bias):
    layer = Dense(30, bias=bias, bias_initializer="normal", parametrization=parametrization, products="bfloat16")
    network = NeuralNetwork(200, [layer], dtype="float32")
    rows = rng.normal(size=(50, 200)).astype(np.float32)
    W, share = network.layout.values(network.parameters, network.statistics)[0]["W"], layer.share(200)
    # each order is off by at most so many roundings of the sum of sizes; then come the share and the bias
    limit = 2 * (200 + 2) * 2.0**-24 * (np.abs(bfloat16(rows)) @ np.abs(bfloat16(W)) * share + 3)
    assert (np.abs(theirs(to_torch(network), rows) - network.forward(rows)) <= limit).all()


def test_rounding_layers_to_pytorch_and_back():
    network = NeuralNetwork(5, [128, "tanh:128", Dense(128, "relu", parametrization="ntk"), 3], dtype="bfloat16")
    assert rounds(network.layers)
    model = to_torch(network)
    np.testing.assert_allclose(theirs(model), network.forward(X), rtol=1e-2, atol=1e-2)
    again = from_torch(pickle.loads(pickle.dumps(model)))
    assert again.layers == network.layers
    assert again.forward(X).tobytes() == network.forward(X).tobytes()


class Own(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Conv1d(1, 1, 3), "module 1.0, Conv1d: Unsupported layer"),
        (nn.PReLU(4), "module 1.0, PReLU.*must have a single slope. Received: 4 slopes"),
        (nn.Softplus(beta=2), "`beta` of Softplus must be 1. Received: 2"),
        (nn.Softplus(threshold=5), "`threshold` of Softplus.* must be 20 or more. Received: 5"),
        (nn.Flatten(0), "`start_dim` of Flatten must be 1. Received: 0"),
        (nn.Linear(4, 4, dtype=torch.complex64), "must be real numbers. Received: torch.complex64"),
        (nn.Linear(4, 4, device="meta"), "must contain numbers"),
        (nn.Hardtanh(0, 5), "must be -1 to 1, 0 to 6, or 0 to infinity. Received: 0 to 5"),
        (nn.Softmax(dim=0), "`dim` of Softmax must be 1 or -1"),
        (nn.BatchNorm1d(4, track_running_stats=False), "must keep running statistics"),
        (nn.RMSNorm((2, 2)), "must act along the features of each row"),
        (nn.LayerNorm((2, 2)), "must act along the features of each row"),
        (nn.Dropout(1.0), "`rate` of Dropout must be in"),
        (Own(4, 4), "module 1.0, Own: it is not PyTorch's own"),
        (nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)), "module 1.0, ParametrizedLinear"),
    ],
)
def test_what_cannot_come_is_named_with_its_place(module, message):
    with pytest.raises(InputError, match=message):
        from_torch(nn.Sequential(nn.Linear(5, 4), nn.Sequential(module)))


def test_what_cannot_go_is_named_with_its_place():
    with pytest.raises(InputError, match=r"layer 1, Embedding\(.*another library has no such layer"):
        to_torch(NeuralNetwork(2, [Embedding((3,)), 1]))
    with pytest.raises(InputError, match="must have no members. Received: 2"):
        to_torch(NeuralNetwork(2, [MemberDense(1, members=2, shared=False)], members=2))
    with pytest.raises(InputError, match="PyTorch's selu has no parameters"):
        to_torch(NeuralNetwork(2, [Dense(2, "selu(scale=1.0, alpha=1.5)"), 1]))


def test_a_module_that_comes_twice_is_taken_twice():
    activation = nn.Tanh()
    module = nn.Sequential(nn.Linear(5, 4), activation, nn.Linear(4, 3), activation)
    np.testing.assert_allclose(from_torch(module).forward(X), theirs(module), rtol=1e-5, atol=1e-5)


def test_hooks_are_refused():
    module = nn.Sequential(nn.Linear(5, 4), nn.ReLU())
    module[1].register_forward_hook(lambda module, inputs, output: 2 * output)
    with pytest.raises(InputError, match="module 1, ReLU: hooks change what it computes"):
        from_torch(module)


@pytest.mark.parametrize("place", [0, 1, None])
def test_a_function_that_was_replaced_is_refused(place):
    module = nn.Sequential(nn.Linear(5, 4), nn.ReLU())
    patched = module if place is None else module[place]
    patched.forward = lambda x: 2 * type(patched).forward(patched, x)
    with pytest.raises(InputError, match="its `forward` is not PyTorch's own but was replaced"):
        from_torch(module)


def test_answers_are_compared_whatever_the_reason(monkeypatch):
    """A hook of all modules, a function replaced in the class: what no description of a module tells."""
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
    module[1].train()
    assert from_torch(module).layers == (Dense(4, "tanh"), Dense(2))
    assert module[1].training  # it stays in the mode in which it was
    hook = nn.modules.module.register_module_forward_hook(lambda module, inputs, output: output + 1)
    with pytest.raises(InputError, match="must give the same output as its parts in sequence. Received: off by"):
        from_torch(module)
    hook.remove()
    monkeypatch.setattr(nn.Tanh, "forward", lambda self, x: torch.tanh(x) / 2)
    with pytest.raises(InputError, match="must give the same output as its parts"):
        from_torch(module)


def test_a_running_variance_below_zero_is_refused():
    module = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4))
    module[1].running_var[2] = -0.1
    with pytest.raises(InputError, match="running statistic `2.variance` must be 0 or more"):
        from_torch(module)


def test_a_network_without_weights_is_refused():
    with pytest.raises(InputError, match="must have a layer with weights"):
        from_torch(nn.Sequential(nn.ReLU()))


@pytest.mark.filterwarnings("ignore")  # whatever the packages behind the exporter warn of
@pytest.mark.parametrize("opset", [20, 23])  # RMSNorm has a node of its own from 23 on
def test_what_pytorch_s_newer_exporter_writes(opset, tmp_path):
    pytest.importorskip("onnxscript")
    inner = [layer for activation in MODULES.values() for layer in (activation, nn.Linear(6, 6))]
    norms = [nn.BatchNorm1d(6), nn.Dropout(0.1), nn.LayerNorm(6), nn.RMSNorm(6)]
    module = nn.Sequential(nn.Linear(5, 6), *inner, *norms, nn.Linear(6, 3)).float().eval()
    rows, path = torch.from_numpy(X).float(), tmp_path / "m.onnx"
    shapes = ({0: torch.export.Dim("rows")},)
    options = {"dynamo": True, "external_data": False, "opset_version": opset}
    torch.onnx.export(module, (rows,), path, dynamic_shapes=shapes, **options)
    np.testing.assert_allclose(from_onnx(path).forward(X), theirs(module), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch's older exporter, which needs no further package
def test_what_pytorch_exports_as_onnx(name, tmp_path):
    pytest.importorskip("onnx")
    activation = MODULES[name]
    module = stirred(
        nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), activation, nn.LayerNorm(6), nn.Linear(6, 3))
    ).float()
    rows = torch.from_numpy(X).float()
    axes = {"x": {0: "rows"}}
    names = {"input_names": ["x"], "output_names": ["y"]}
    torch.onnx.export(module, (rows,), tmp_path / "m.onnx", dynamo=False, dynamic_axes=axes, opset_version=17, **names)
    np.testing.assert_allclose(from_onnx(tmp_path / "m.onnx").forward(X), theirs(module), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("last", "units", "loss"), [(nn.Sigmoid(), 1, "binary_cross_entropy"), (nn.Softmax(dim=1), 3, "cross_entropy")]
)
def test_an_activation_that_the_loss_has_inside_is_not_applied_twice(last, units, loss):
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, units), last).double()
    np.testing.assert_allclose(from_torch(module, loss=loss).predict(X), theirs(module), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("last", "units", "loss"),
    [(nn.LogSigmoid(), 1, "binary_cross_entropy"), (nn.LogSoftmax(dim=-1), 3, "cross_entropy")],
)
def test_logarithms_of_probabilities_at_the_end_go_with_their_loss(last, units, loss):
    """As NLLLoss wants them; anywhere else, and before any other loss, they are refused with the remedy."""
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, units), last).double()
    np.testing.assert_allclose(from_torch(module, loss=loss).predict(X), np.exp(theirs(module)), rtol=1e-12, atol=1e-15)
    for wrong, other in ((module, "mse"), (nn.Sequential(module, nn.Linear(units, units).double()), loss)):
        with pytest.raises(InputError, match=f'must come last, and belong to the loss, such as loss="{loss}"'):
            from_torch(wrong, loss=other)
