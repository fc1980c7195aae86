"""Layers of somebody's own, compiled from their own functions: the same numbers, the same bits, or a refusal."""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pytest

from glassnet import (
    Activate,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    to_c,
    to_onnx,
)
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled import kernel_cache, llvm
from glassnet.engines.compiled.memory_plan import memory_plan
from glassnet.errors import TrainingWarning
from glassnet.formulas.activations import sigmoid
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.ir import UntraceableError
from glassnet.ir.layer_trace import structure
from glassnet.layers import Layer, Parameter
from glassnet.support.language import speaking
from tests.gradient import check_network

GLASSNETS_OWN = "glassnet.layers.of_a_test"
GLOROT = INITIALIZERS.get("glorot_uniform")


@dataclass(frozen=True)
class GatedLinear(Layer):
    """a = (x W + b) · σ(x V + c), the gated linear unit of Dauphin et al. (2017)."""

    units: int

    def outputs(self, inputs):
        return self.units

    def parameters(self, inputs):
        weights = (Parameter(name, (inputs, self.units), GLOROT) for name in "WV")
        return (*weights, *(Parameter(name, (self.units,), kind="bias") for name in "bc"))

    def forward(self, values, x, run):
        z, g = x @ values["W"] + values["b"], sigmoid(x @ values["V"] + values["c"])
        return z * g, {"x": x, "z": z, "g": g}

    def backward(self, values, record, d_y, gradients):
        x, z, g = record["x"], record["z"], record["g"]
        d_z, d_h = d_y * g, d_y * z * g * (1 - g)
        gradients["W"][...], gradients["b"][...] = x.T @ d_z, d_z.sum(axis=0)
        gradients["V"][...], gradients["c"][...] = x.T @ d_h, d_h.sum(axis=0)
        return d_z @ values["W"].T + d_h @ values["V"].T


@dataclass(frozen=True)
class Centred(Layer):
    """The softmax of a row, less the row's mean, times 3."""

    def forward(self, values, x, run):
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        s = e / np.sum(e, axis=1, keepdims=True)
        return 3 * (s - x.mean(axis=1, keepdims=True)), {"s": s}

    def backward(self, values, record, d_y, gradients):
        s, d = record["s"], 3 * d_y
        return s * (d - (s * d).sum(axis=-1, keepdims=True)) - np.mean(d, axis=-1, keepdims=True) * np.ones_like(s)


@dataclass(frozen=True)
class Swapped(Layer):
    """The halves of a row change places, and one is doubled."""

    def forward(self, values, x, run):
        half = x.shape[1] // 2
        return np.concatenate([x[:, half:], 2 * x[:, :half]], axis=1), {}

    def backward(self, values, record, d_y, gradients):
        half = d_y.shape[-1] - d_y.shape[-1] // 2
        return np.hstack([2 * d_y[:, half:], d_y[:, :half]])


@dataclass(frozen=True)
class Bent(Layer):
    """tanh(x W) / 2, whose way back reads another function of the product, kept on the way forward."""

    units: int

    def outputs(self, inputs):
        return self.units

    def parameters(self, inputs):
        return (Parameter("W", (inputs, self.units), GLOROT),)

    def forward(self, values, x, run):
        z = x @ values["W"]
        return np.tanh(z) / 2, {"x": x, "slope": 2 / np.cosh(z) ** 2}

    def backward(self, values, record, d_y, gradients):
        d_z = d_y * record["slope"] / 4
        gradients["W"][...] = record["x"].T @ d_z
        return d_z @ values["W"].T


@dataclass(frozen=True)
class Scaled(Layer):
    """a = c x W, where c is no parameter, with a vector of its own beside."""

    c: float = field(default=0.25)

    def parameters(self, inputs):
        return (Parameter("W", (inputs, inputs), GLOROT), Parameter("v", (inputs,), kind="gain"))

    def forward(self, values, x, run):
        gain = np.exp(values["v"]) + 1
        return self.c * (x @ values["W"]) * gain, {"x": x, "gain": gain}

    def backward(self, values, record, d_y, gradients):
        x, gain = record["x"], np.exp(values["v"]) + 1
        gradients["W"][...] = self.c * (x.T @ (d_y * gain))
        gradients["v"][...] = 2 * (0.5 * d_y * self.c * (x @ values["W"]) * (gain - 1)).sum(axis=0)
        return self.c * (d_y * gain) @ values["W"].T


@dataclass(frozen=True)
class OneForAll(Layer):
    """a = s (x + b) with one s for all columns."""

    def parameters(self, inputs):
        return (Parameter("s", (1,), INITIALIZERS.get("ones")), Parameter("b", (inputs,), GLOROT))

    def forward(self, values, x, run):
        return values["s"] * (x + values["b"]), {"x": x}

    def backward(self, values, record, d_y, gradients):
        moved = record["x"] + values["b"]
        gradients["s"][...] = (d_y * moved).sum(axis=1, keepdims=True).sum(axis=0)
        gradients["b"][...] = (values["s"] * d_y).sum(axis=0)
        return values["s"] * d_y


@dataclass(frozen=True)
class Standardised(Layer):
    """Each row has mean 0 and variance 1; then some of it is left out."""

    def forward(self, values, x, run):
        spread = np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)
        s = (x - x.mean(axis=1, keepdims=True)) / spread
        mask = run.dropout_mask(s, 0.3)
        return (s if mask is None else s * mask), {"s": s, "spread": spread, "mask": mask}

    def backward(self, values, record, d_y, gradients):
        s, d = record["s"], d_y if record["mask"] is None else d_y * record["mask"]
        along = d.mean(axis=1, keepdims=True) + s * (d * s).mean(axis=1, keepdims=True)
        return (d - along) / record["spread"]


@dataclass(frozen=True)
class ByColumns(Layer):
    """Every number times another column of its row, and more that is one for all columns."""

    def parameters(self, inputs):
        return (
            Parameter("W", (inputs, inputs), GLOROT),
            Parameter("v", (inputs,), GLOROT),
            Parameter("s", (1,), GLOROT),
        )

    def forward(self, values, x, run):
        one, kept = x[:, 2:3], run.dropout_mask(x[:, 1:2], 0.3)
        all_together = (values["s"] * np.sin(x)).sum(axis=-1, keepdims=True) + x.std(axis=1, keepdims=True)
        return x @ values["W"] * one + all_together * (1 if kept is None else kept), {"x": x}

    def backward(self, values, record, d_y, gradients):
        x = record["x"]
        one, wave = np.tanh(x)[:, 4:5], np.where(x > 0, np.arctan(d_y), (x > -1).astype(float))
        gradients["s"][:] = -(one * d_y[:, :1]).sum(axis=0)
        gradients["v"][:] = (x * one).sum(axis=0) / 3
        gradients["W"][:] = -(x.T @ d_y) / 2
        return np.where(one > 0, wave, d_y) + (np.cosh(values["v"]) * x).sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class BySum(Layer):
    """a = x s², where s is the sum of the row: kept as it is, it is a factor in a sum of the way back."""

    def forward(self, values, x, run):
        s = x.sum(axis=1, keepdims=True)
        return x * s * s, {"x": x, "s": s}

    def backward(self, values, record, d_y, gradients):
        x, s = record["x"], record["s"]
        return d_y * s * s + (2 * (d_y * x * s)).sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Centring(Layer):
    """Each column less its mean over the batch; in prediction less the mean of all batches."""

    whole_batch = True

    def statistics(self, inputs):
        return (Parameter("mean", (inputs,)),)

    def forward(self, values, x, run):
        mean = x.mean(axis=0) if run.training else values["mean"]
        return np.tanh(x - mean), {"x": x, "mean": mean, "a": np.tanh(x - mean), "training": run.training}

    def backward(self, values, record, d_y, gradients):
        d = d_y * (1 - record["a"] ** 2)
        return d - d.mean(axis=0) if record["training"] else d

    def update_statistics(self, values, record, share=None):
        values["mean"][...] = values["mean"] + (0.2 if share is None else share) * (record["mean"] - values["mean"])


@dataclass(frozen=True)
class Grouped(Layer):
    """Each half of the columns has a matrix and a gain of its own; all that comes out comes three times."""

    units: int

    def outputs(self, inputs):
        return 6 * self.units

    def parameters(self, inputs):
        return (Parameter("W", (2, inputs // 2, self.units), GLOROT), Parameter("v", (2, self.units), GLOROT))

    def forward(self, values, x, run):
        halves = x.reshape(-1, 2, x.shape[1] // 2)
        z = np.einsum("bgi,gio->bgo", halves, values["W"])
        a = np.where(z > 0, z, 0.1 * z)
        return np.tile((a * values["v"]).reshape(-1, 2 * self.units), (1, 3)), {"x": halves, "z": z, "a": a}

    def backward(self, values, record, d_y, gradients):
        x, z, a = (record[name] for name in "xza")
        d = d_y.reshape(-1, 3, 2 * self.units).sum(axis=1).reshape(-1, 2, self.units)
        d_z = d * values["v"] * np.where(z > 0, 1, 0.1)
        gradients["W"][...], gradients["v"][...] = np.einsum("bgi,bgo->gio", x, d_z), (d * a).sum(axis=0)
        return np.einsum("bgo,gio->bgi", d_z, values["W"]).reshape(-1, 2 * values["W"].shape[1])


@dataclass(frozen=True)
class Bumps(Layer):
    """Each column, and sums of how near it is to four places of its own."""

    def outputs(self, inputs):
        return 3 * inputs

    def parameters(self, inputs):
        return (Parameter("c", (inputs, 4), GLOROT), Parameter("W", (inputs, 4, 2), GLOROT))

    def forward(self, values, x, run):
        numbers = x[:, :, None]
        e = np.exp(-((numbers - values["c"]) ** 2))
        s = e / e.sum(axis=-1, keepdims=True)
        sums = np.einsum("bcp,cpq->bcq", s, values["W"])
        return np.concatenate([numbers, sums], axis=-1).reshape(-1, 3 * x.shape[1]), {"x": x, "s": s}

    def backward(self, values, record, d_y, gradients):
        x, s = record["x"], record["s"]
        d = d_y.reshape(-1, x.shape[1], 3)
        gradients["W"][...] = np.einsum("bcp,bcq->cpq", s, d[:, :, 1:])
        d_s = np.einsum("bcq,cpq->bcp", d[:, :, 1:], values["W"])
        d_e = s * (d_s - (d_s * s).sum(axis=-1, keepdims=True))
        d_numbers = -2 * d_e * (x[:, :, None] - values["c"])
        gradients["c"][...] = -d_numbers.sum(axis=0)
        return (d_numbers.sum(axis=2, keepdims=True) + d[:, :, :1]).reshape(-1, x.shape[1])


@dataclass(frozen=True)
class InOtherWords(Layer):
    """The halves of a row change places, centred and made shorter; beside them is the mean of the two."""

    def outputs(self, inputs):
        return inputs + inputs // 2

    def forward(self, values, x, run):
        z = np.column_stack(np.split(x, 2, axis=1)[::-1])
        z -= z.mean(axis=1, keepdims=True)
        n = np.linalg.norm(z, axis=1, keepdims=True)
        rows, columns = x.shape
        double = np.stack([x, np.expand_dims(x, 2)[..., 0:].reshape(rows, columns)], axis=2).mean(axis=2, keepdims=True)
        mean = np.reshape(double.reshape(rows, -1), (rows, 2, columns // 2)).mean(axis=1)
        return np.hstack([z / (1 + n), mean]), {"z": z, "n": n, "columns": columns}

    def backward(self, values, record, d_y, gradients):
        z, n, columns = record["z"], record["n"], record["columns"]
        d, d_mean = d_y[..., :columns], d_y[..., columns:] / 2
        d_z = d / (1 + n) - z * np.sum(d * z, axis=1, keepdims=True) / (n.clip(1e-12) * np.square(1 + n))
        d_z -= np.mean(d_z, axis=1, keepdims=True)
        return np.hstack(np.split(d_z, 2, axis=1)[::-1]) + np.tile(d_mean, (1, 2))


CHAINS = {
    "bent": ["tanh:5", Bent(3), Bent(1), 3],
    "bumps": ["tanh:5", Bumps(), Dense(1), Bumps(), 3],
    "by columns": ["tanh:5", ByColumns(), 3],
    "gated": ["tanh:6", GatedLinear(4), 3],
    "grouped": ["tanh:6", Grouped(4), Grouped(1), 3],
    "first": [GatedLinear(7), Scaled(), 3],
    "in other words": ["tanh:6", InOtherWords(), 3],
    "one for all": ["tanh:6", OneForAll(), OneForAll(), 3],
    "rows": ["relu:6", Swapped(), Centred(), Swapped(), 3],
    "by a sum": ["tanh:4", BySum(), "tanh:5", 3],
    "whole batch": ["tanh:7", Centring(), "tanh:5", 3],
    "dropping": [Standardised(), "tanh:6", Standardised(), 3],
    "in a block": ["tanh:5", Residual([Scaled(), Dense(9, "gelu"), GatedLinear(5)]), 3],
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(600, 5)), rng.integers(0, 3, 600)


def trained(data, layers, engine, dtype="float64"):
    network = NeuralNetwork(5, layers, "cross_entropy", engine=engine, dtype=dtype)
    losses = network.train(*data, epochs=2, batch_size=270, sample_weight=np.linspace(0, 2, 600))
    return network, losses


@pytest.mark.filterwarnings("error")  # none of them is left to the reference engine
@pytest.mark.parametrize("name", CHAINS)
def test_they_train_and_predict_as_in_the_reference_engine(data, name):
    (one, losses), (other, expected) = (trained(data, CHAINS[name], engine) for engine in ("compiled", "reference"))
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(one.parameters, other.parameters, atol=1e-13)
    np.testing.assert_allclose(one.statistics, other.statistics, atol=1e-13)
    np.testing.assert_allclose(one.predict(data[0]), other.predict(data[0]), atol=1e-13)
    if name != "by columns":  # whose gradients are none
        check_network(one, data[0][:8], data[1][:8])


@pytest.mark.sample
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CHAINS)
def test_however_many_workers_share_the_work(data, name, dtype):
    ends = [trained(data, CHAINS[name], CompiledEngine(workers), dtype) for workers in (1, 2, 3)]
    assert len({network.parameters.tobytes() + np.array(losses).tobytes() for network, losses in ends}) == 1


@pytest.mark.parametrize(("layer", "reads"), [(OneForAll(), True), (GatedLinear(3), False), (Swapped(), False)])
def test_whether_gradients_read_parameters_that_others_may_update_is_known(layer, reads):
    assert memory_plan("float64", True, True, *structure(layer, 6).text).scattered == reads


def test_a_gated_linear_unit_is_traced_and_exported(data, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    network, _ = trained(data, CHAINS["gated"], "compiled", "float32")
    X = data[0].astype("float32")
    names = [entry.name for entry in network.trace(X[:4], data[1][:4])]
    assert {"2.z", "2.g", "d_2.V"} <= {*names}
    session = runtime.InferenceSession(to_onnx(network, tmp_path / "gated.onnx"))
    (answers,) = session.run(None, {"X": X})
    np.testing.assert_allclose(answers, network.predict(X), atol=1e-6)
    assert to_c(network, tmp_path / "gated.c").source.exists()


@pytest.mark.parametrize("what", ["one", "members", "embeddings"])
def test_a_kernel_serves_all_widths(what, monkeypatch):
    def train(width):
        layers = [Dense(width + 1, "tanh", parametrization="ntk"), LayerNorm(), Blend("elu"), 1]
        if what == "embeddings":
            numbers = PeriodicEmbedding(width - 2, frequencies=width, size=width)
            layers = [Embedding((width,)), numbers, PiecewiseLinearEmbedding(1, bins=width, size=width), 1]
        if what == "members":
            shared = MemberDense(width + 1, "softmax", width, parametrization="ntk")
            layers = [Dense(width - 1), Copies(width), shared, MemberDense(1, members=width, shared=False)]
        network = NeuralNetwork(width, layers, members=width if what == "members" else 1)
        network.train(np.eye(9, width), np.ones(9), epochs=1)

    train(4)
    monkeypatch.setattr(kernel_cache, "load", lambda key: None)  # nor may one be found that an earlier run has left
    monkeypatch.setattr(llvm, "object_code", None)
    train(7)


@pytest.mark.parametrize(
    ("layer", "kept"),
    [
        (Dense(3, "relu"), []),
        (Dense(3, "gelu"), ["each"]),
        (Activate("tanh"), []),
        (Blend("silu"), ["each", "each"]),
        (Dropout(0.5), ["mask"]),
        (LayerNorm(), ["each"]),
        (Copies(2), []),
        (MemberDense(3, "relu", 2), ["each", "product"]),
        (MemberDense(3, "relu", 2, shared=False), []),
    ],
)
def test_no_more_is_kept_than_the_way_back_needs(layer, kept):
    plan = memory_plan("float32", True, True, *structure(layer, 4).text)
    assert [grid.kind for grid in plan.kept if not grid.back and grid.columns != 1] == kept


@dataclass(frozen=True)
class Limited(Layer):
    """a = x v, whose v is limited in length."""

    def parameters(self, inputs):
        return (Parameter("v", (inputs,), INITIALIZERS.get("ones"), max_norm=0.5),)

    def forward(self, values, x, run):
        return x * values["v"], {"x": x}

    def backward(self, values, record, d_y, gradients):
        gradients["v"][...] = (record["x"] * d_y).sum(axis=0)
        return d_y * values["v"]


@pytest.mark.filterwarnings("error")
def test_the_length_of_a_vector_is_limited_too(data):
    one, other = (trained(data, [Limited(), 3], engine)[0] for engine in ("compiled", "reference"))
    np.testing.assert_allclose(one.parameters, other.parameters, atol=1e-13)
    assert np.linalg.norm(one.parameters[:5]) <= 0.5 + 1e-12  # of ones, √5


STEEPNESS = 1.0


@dataclass(frozen=True)
class Steep(Layer):
    def forward(self, values, x, run):
        return STEEPNESS * x, {}

    def backward(self, values, record, d_y, gradients):
        return STEEPNESS * d_y


def test_a_global_that_changes_changes_the_next_prediction_too(monkeypatch):
    network = NeuralNetwork(1, [Steep(), 1])
    network.parameters[...] = [1.0, 0.0]
    assert network.predict([[3.0]]) == 3
    monkeypatch.setitem(globals(), "STEEPNESS", 2.0)
    assert network.predict([[3.0]]) == 6


@dataclass(frozen=True)
class Nearly(Layer):
    """a = (1 + four times the precision) x."""

    def forward(self, values, x, run):
        return x * (1 + 4 * np.finfo(x.dtype).eps), {}

    def backward(self, values, record, d_y, gradients):
        return d_y * (1 + 4 * np.finfo(d_y.dtype).eps)


def test_a_layer_that_asks_for_the_type_of_its_numbers_hears_the_network_s():
    X = np.ones((4, 3))
    answers = [
        NeuralNetwork(3, ["tanh:2", Nearly(), 1], engine=engine).predict(X) for engine in ("compiled", "reference")
    ]
    np.testing.assert_allclose(*answers, rtol=1e-12)


def layer(forward, backward=lambda self, values, record, d_y, gradients: d_y, **more):
    return dataclass(frozen=True)(type("Odd", (Layer,), {"forward": forward, "backward": backward, **more}))()


def back(gradient):
    def backward(self, values, record, d_y, gradients):
        gradients["v"][...] = gradient(record["x"], d_y)
        return d_y

    return backward


def learns(gradient):
    return layer(
        lambda self, values, x, run: (x * values["v"], {"x": x}),
        back(gradient),
        parameters=lambda self, inputs: (Parameter("v", (inputs,)),),
    )


def by_another_name(self, values, x, run):
    one = other = 1.0 * x
    one += 1
    return one + other, {}


def twice(self, values, record, d_y, gradients):
    gradients["v"][...] = d_y.sum(axis=0)
    gradients["v"][...] = (d_y * record["x"]).sum(axis=0)
    return d_y


REFUSED = {
    "how many rows": layer(lambda self, values, x, run: (x / x.shape[0], {})),
    "all rows": layer(lambda self, values, x, run: (x - x.mean(axis=0), {})),
    "another column's mean": layer(
        lambda self, values, x, run: (x - (x - x.mean(axis=0))[:, 1:].mean(axis=0).sum(), {}), whole_batch=True
    ),
    "the mean of a neighbour": layer(
        lambda self, values, x, run: (x - ((x - x.mean(axis=0))[:, :1].mean(axis=0) + 0 * x.mean(axis=0)), {}),
        whole_batch=True,
    ),
    "a part of a member": layer(lambda self, values, x, run: (x.reshape(-1, 1, 3)[:, 0], {})),
    "members of two kinds": layer(
        lambda self, values, x, run: ((x.reshape(-1, 3, 1) * x.reshape(-1, 1, 3)).sum(axis=2), {})
    ),
    "a row of a parameter": layer(
        lambda self, values, x, run: (values["v"][(x > 0).astype(int)].reshape(-1, 3), {"x": x}),
        back(lambda x, d: np.zeros((2, 1))),
        parameters=lambda self, inputs: (Parameter("v", (2, 1)),),
    ),
    "members with rows": layer(lambda self, values, x, run: ((x.reshape(-1, 1, 3) + x[:1]).reshape(-1, 3), {})),
    "the greatest of a member": layer(lambda self, values, x, run: (np.max(x.reshape(-1, 3, 1), axis=2), {})),
    "the sum of a member": layer(lambda self, values, x, run: (x.reshape(-1, 3, 1).sum(axis=2), {})),
    "a product of all axes": layer(
        lambda self, values, x, run: (x * np.einsum("rki,rki->", x.reshape(-1, 3, 1), x.reshape(-1, 3, 1)), {})
    ),
    "all numbers behind each other": layer(lambda self, values, x, run: (x.reshape(-1).reshape(-1, 3), {})),
    "rows again and again": layer(lambda self, values, x, run: (np.tile(x, (2, 1))[:9], {})),
    "weights of three axes": layer(
        lambda self, values, x, run: (x @ values["W"][0], {}),
        parameters=lambda self, inputs: (Parameter("W", (1, inputs, inputs)),),
    ),
    "weights beside rows": layer(
        lambda self, values, x, run: (x * values["W"], {}),
        parameters=lambda self, inputs: (Parameter("W", (1, inputs)),),
    ),
    "the seed": layer(lambda self, values, x, run: (x + run.seed, {})),
    "the order of numbers": layer(lambda self, values, x, run: (np.sort(x, axis=1), {})),
    "a loop over rows": layer(lambda self, values, x, run: (np.stack(list(x)), {})),
    "a choice of columns": layer(lambda self, values, x, run: (x[:, [0, 0, 0]], {})),
    "in place": layer(lambda self, values, x, run: (x.__setitem__(0, 0) or x, {})),
    "a question about all": layer(lambda self, values, x, run: (x if x.shape[1] and x > 0 else -x, {})),
    "a question": layer(lambda self, values, x, run: (x if (x > 0).all() else -x, {})),
    "a mean as gradient": learns(lambda x, d: (d * x).mean(axis=0)),
    "another shape": layer(lambda self, values, x, run: (x[:, :1], {})),
    "the type": layer(lambda self, values, x, run: (2 * x if isinstance(x, np.ndarray) else x, {})),
    "whole numbers below zero": layer(lambda self, values, x, run: (x * (((x > 0) * 1 - 3) // 2), {})),
    "a random number": layer(lambda self, values, x, run: (x * np.random.default_rng().normal(), {})),
    "in place, by another name": layer(by_another_name),
    "its input to write into": layer(lambda self, values, x, run: (np.negative(x, out=x), {})),
    "no gradient": layer(
        lambda self, values, x, run: (x * values["v"], {}), parameters=lambda self, inputs: (Parameter("v", (inputs,)),)
    ),
    "a gradient written twice": layer(
        lambda self, values, x, run: (x * values["v"], {"x": x}),
        twice,
        parameters=lambda self, inputs: (Parameter("v", (inputs,)),),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_symbol_can_say_is_left_to_the_reference_engine(what):
    network = NeuralNetwork(3, ["tanh:3", REFUSED[what], 1])
    nor_by_arrays = (
        (ValueError, TypeError, AttributeError) if what in ("another shape", "in place", "a question about all") else ()
    )
    with pytest.warns(TrainingWarning, match=r"The layer .*Odd\(\) cannot be compiled: it"), suppress(*nor_by_arrays):
        network.train(np.random.default_rng(0).normal(size=(9, 3)), np.ones(9), epochs=1)


@pytest.mark.parametrize("what", ["a loop over rows", "all rows"])
def test_why_a_layer_is_not_compiled_is_said_in_chinese(what):
    X = np.random.default_rng(0).normal(size=(9, 3))
    with speaking("zh"), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        NeuralNetwork(3, ["tanh:3", REFUSED[what], 1]).train(X, np.ones(9), epochs=1)
    assert caught
    assert not any(re.findall("[a-z]{2,} [a-z]{2,}", str(each.message)) for each in caught)


def test_a_sum_over_the_rows_may_be_scaled():
    X = np.random.default_rng(0).normal(size=(9, 3))
    ends = []
    for engine in ("compiled", "reference"):
        network = NeuralNetwork(3, ["tanh:3", learns(lambda x, d: 0.5 * (d * x).sum(axis=0) * 4), 1], engine=engine)
        network.train(X, X[:, 0], epochs=3)
        ends.append(network.parameters)
    np.testing.assert_allclose(*ends, atol=1e-14)


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        (lambda x: x.var(axis=1, keepdims=True, ddof=1) * x, "the option `ddof` of var"),
        (lambda x: np.var(x, axis=1, keepdims=True, ddof=1) * x, "the option `ddof` of var"),
        (lambda x: x * np.arange(3.0), r"an array of shape (3,) that is none of its parameters"),
        (lambda x: np.where(x > 0, np.ones(3), x), r"an array of shape (3,) that is none of its parameters"),
    ],
)
def test_a_refusal_speaks_of_the_layer_and_not_of_symbols(forward, reason):
    network = NeuralNetwork(3, ["tanh:3", layer(lambda self, values, x, run: (forward(x), {})), 1])
    with pytest.warns(TrainingWarning, match=re.escape(f"cannot be compiled: it uses {reason}. The reference")):
        network.train(np.random.default_rng(0).normal(size=(9, 3)), np.ones(9), epochs=1)


@dataclass(frozen=True)
class Shifted(Layer):
    """The last column is a code; the row of W that it names is added to the other columns."""

    levels: int

    def outputs(self, inputs):
        return inputs - 1

    def parameters(self, inputs):
        return (Parameter("W", (self.levels, inputs - 1), GLOROT),)

    def forward(self, values, x, run):
        codes, numbers = x[:, x.shape[1] - 1 :], x[:, : x.shape[1] - 1]
        rows = np.where((codes >= 0) & (codes < self.levels), codes, 0).astype(np.intp)
        return numbers + values["W"][rows].reshape(-1, x.shape[1] - 1), {"x": x, "rows": rows}

    def backward(self, values, record, d_y, gradients):
        x = record["x"]
        gradients["W"][...] = 0
        np.add.at(gradients["W"], record["rows"], d_y.reshape(-1, 1, x.shape[1] - 1))
        return np.concatenate([d_y, np.zeros_like(x[:, x.shape[1] - 1 :])], axis=1)


Shifted.__module__ = GLASSNETS_OWN


def test_a_layer_of_glassnets_own_looks_up_the_row_of_a_single_code():
    X = np.random.default_rng(0).normal(size=(40, 4))
    X[:, 3] = np.arange(40) % 5
    networks = [NeuralNetwork(4, [Shifted(5), "tanh:3", 1], engine=engine) for engine in ("compiled", "reference")]
    losses = [network.train(X, X[:, 0] + X[:, 3], epochs=3, batch_size=8) for network in networks]
    np.testing.assert_allclose(*losses, rtol=1e-12)
    np.testing.assert_allclose(*(network.parameters for network in networks), rtol=1e-9, atol=1e-12)


@dataclass(frozen=True)
class Backwards(Layer):
    """The columns in the reverse order."""

    def forward(self, values, x, run):
        return x[:, ::-1], {}

    def backward(self, values, record, d_y, gradients):
        return d_y[:, ::-1]


Backwards.__module__ = GLASSNETS_OWN


def test_an_error_says_which_layer_of_glassnets_own_cannot_be_compiled():
    network = NeuralNetwork(3, [Backwards(), 1])
    with pytest.raises(UntraceableError) as raised:
        network.train(np.ones((4, 3)), np.ones(4), epochs=1)
    assert raised.value.__notes__[0].startswith("Backwards() is glassnet's own")
