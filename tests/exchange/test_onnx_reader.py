"""Networks in ONNX files give here what ONNX's own evaluator gives; what is no such network is refused by its node."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import BatchNorm, Dense, Dropout, LayerNorm, RMSNorm, from_onnx
from glassnet.errors import InputError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4)).astype(np.float32)
W1, b1 = rng.normal(size=(4, 6)).astype(np.float32), rng.normal(size=6).astype(np.float32)
W2, b2 = rng.normal(size=(6, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)


def model(nodes, numbers=(), *, opset=20, ends=("x", "y")):
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in dict(numbers).items()]
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in ends]
    graph = helper.make_graph(nodes, "graph", infos[:1], infos[1:], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def read(made, folder, **options):
    onnx.save(made, folder / "m.onnx")
    return from_onnx(folder / "m.onnx", **options)


def assert_same(made, folder):
    network = read(made, folder)
    (expected,) = ReferenceEvaluator(made).run(None, {"x": X})
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-5, atol=1e-5)
    return network


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs, [output], name=f"my {kind}", **attributes)


DENSE = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def between(*nodes):
    """Two dense layers, and between them what makes b of a."""
    return [node("Gemm", ["x", "W1", "b1"], "a"), *nodes, node("Gemm", ["b", "W2", "b2"], "y")]


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        *((name, {}) for name in ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Mish", "Elu", "Selu", "Gelu")),
        ("HardSwish", {}),
        ("LeakyRelu", {"alpha": 0.2}),
        ("Elu", {"alpha": 0.5}),
        ("Gelu", {"approximate": "tanh"}),
        ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
        ("Softmax", {"axis": -1}),
        ("Identity", {}),
    ],
)
def test_every_activation(kind, attributes, tmp_path):
    assert_same(model(between(node(kind, ["a"], "b", **attributes)), DENSE), tmp_path)


def test_clip_is_the_hard_tanh(tmp_path):
    numbers = DENSE | {"low": np.float32(-1), "high": np.float32(1)}
    assert_same(model(between(node("Clip", ["a", "low", "high"], "b")), numbers), tmp_path)


@pytest.mark.parametrize(("low", "high", "name"), [(0, 6, "relu6"), (0, None, "relu")])
def test_clip_is_a_rectifier(low, high, name, tmp_path):
    ends = {"low": np.float32(low)} | ({} if high is None else {"high": np.float32(high)})
    network = assert_same(model(between(node("Clip", ["a", *ends], "b")), DENSE | ends), tmp_path)
    assert network.layers[0].f.name == name


def test_a_learned_slope_is_that_of_the_leaky_relu(tmp_path):
    numbers = DENSE | {"slope": np.array([0.25], np.float32)}
    network = assert_same(model(between(node("PRelu", ["a", "slope"], "b")), numbers), tmp_path)
    assert network.layers[0] == Dense(6, "leaky_relu(slope=0.25)")


@pytest.mark.skipif(not onnx.defs.has("RMSNormalization"), reason="this onnx does not know it")
def test_the_root_mean_square_norm(tmp_path):
    made = model(between(node("RMSNormalization", ["a", "b1"], "b", epsilon=1e-3)), DENSE, opset=23)
    assert assert_same(made, tmp_path).layers[1] == RMSNorm(float(np.float32(1e-3)))


WOVEN = {
    "silu": [node("Sigmoid", ["a"], "s"), node("Mul", ["a", "s"], "b")],
    "silu, the other way round": [node("Sigmoid", ["a"], "s"), node("Mul", ["s", "a"], "b")],
    "gelu": [
        node("Div", ["a", "root"], "c"),
        node("Erf", ["c"], "e"),
        node("Add", ["e", "one"], "f"),
        node("Mul", ["a", "f"], "g"),
        node("Mul", ["g", "half"], "b"),
    ],
    "gelu, halved first": [
        node("Mul", ["half", "a"], "h"),
        node("Div", ["a", "root"], "c"),
        node("Erf", ["c"], "e"),
        node("Add", ["one", "e"], "f"),
        node("Mul", ["h", "f"], "b"),
    ],
    "softplus, straight from 20 on": [
        node("Softplus", ["a"], "s"),
        node("Greater", ["a", "twenty"], "g"),
        node("Where", ["g", "a", "s"], "b"),
    ],
    "mish": [node("Softplus", ["a"], "s"), node("Tanh", ["s"], "t"), node("Mul", ["a", "t"], "b")],
}
NUMBERS = DENSE | {"root": np.float32(2**0.5), "one": np.float32(1), "half": np.float32(0.5), "twenty": np.float32(20)}


@pytest.mark.parametrize("name", WOVEN)
def test_activations_of_several_nodes(name, tmp_path):
    network = assert_same(model(between(*WOVEN[name]), NUMBERS), tmp_path)
    assert network.layers[0].f.name == name.partition(",")[0]


def test_a_softplus_that_becomes_straight_too_early_is_refused(tmp_path):
    nodes = WOVEN["softplus, straight from 20 on"]
    with pytest.raises(InputError, match="must together form an activation that glassnet has"):
        read(model(between(*nodes), NUMBERS | {"twenty": np.float32(9)}), tmp_path)


ROOT_MEAN_SQUARE = [
    node("Pow", ["a", "two"], "p"),
    node("ReduceMean", ["p", "last"], "m", keepdims=1),
    node("Add", ["m", "little"], "e"),
    node("Sqrt", ["e"], "s"),
    node("Reciprocal", ["s"], "r"),
    node("Mul", ["a", "r"], "h"),
    node("Mul", ["h", "b1"], "b"),
]
ITS_NUMBERS = DENSE | {"two": np.float32(2), "last": np.array([-1]), "little": np.float32(1e-3)}


def test_the_root_mean_square_norm_in_several_nodes(tmp_path):
    network = assert_same(model(between(*ROOT_MEAN_SQUARE), ITS_NUMBERS), tmp_path)
    assert network.layers[1] == RMSNorm(float(np.float32(1e-3)))


@pytest.mark.parametrize("change", [{"two": np.float32(3)}, {"last": np.array([0])}])
def test_what_is_only_like_a_root_mean_square_norm_is_refused(change, tmp_path):
    with pytest.raises(InputError, match="the branches do not join again"):
        read(model(between(*ROOT_MEAN_SQUARE), ITS_NUMBERS | change), tmp_path)


def test_products_and_sums_are_dense_layers(tmp_path):
    nodes = [
        node("MatMul", ["x", "W1"], "z"),
        node("Add", ["b1", "z"], "a"),
        node("Relu", ["a"], "r"),
        node("MatMul", ["r", "W2"], "y"),
    ]
    network = assert_same(model(nodes, {"W1": W1, "b1": b1, "W2": W2}), tmp_path)
    assert network.layers == (Dense(6, "relu"), Dense(3, bias=False))


def test_gemm_with_all_its_settings(tmp_path):
    nodes = [node("Gemm", ["x", "W", "b"], "y", alpha=0.5, beta=2.0, transB=1)]
    assert_same(model(nodes, {"W": W1.T.copy(), "b": b1[:1]}), tmp_path)


def test_numbers_may_be_nodes(tmp_path):
    constant = helper.make_node("Constant", [], ["W"], value=numpy_helper.from_array(W1))
    assert_same(model([constant, node("MatMul", ["x", "W"], "y")]), tmp_path)


def test_normalization_and_dropout(tmp_path):
    numbers = DENSE | {name: np.abs(rng.normal(size=6)).astype(np.float32) + 0.5 for name in ("g", "s", "m", "v")}
    nodes = between(
        node("BatchNormalization", ["a", "g", "s", "m", "v"], "n", epsilon=1e-3, momentum=0.8),
        node("LayerNormalization", ["n", "g", "s"], "l", epsilon=1e-4),
        node("Dropout", ["l"], "b"),
    )
    network = assert_same(model(nodes, numbers), tmp_path)
    dense, batch, layer, dropout, _ = network.layers
    assert (type(dense), type(batch), type(layer), type(dropout)) == (Dense, BatchNorm, LayerNorm, Dropout)
    assert (batch.momentum, batch.epsilon, layer.epsilon, dropout.rate) == pytest.approx((0.2, 1e-3, 1e-4, 0.5))


def test_dropout_that_is_told_not_to_drop_anything(tmp_path):
    numbers = DENSE | {"rate": np.float32(0.25), "no": np.array(False)}
    network = assert_same(model(between(node("Dropout", ["a", "rate", "no"], "b")), numbers), tmp_path)
    assert network.layers[1] == Dropout(0.25)


def test_the_loss_says_what_the_outputs_mean(tmp_path):
    network = read(model([node("Gemm", ["x", "W1", "b1"], "y")], DENSE), tmp_path, loss="cross_entropy")
    np.testing.assert_allclose(network.predict(X).sum(axis=1), 1, rtol=1e-5)


REFUSED = {
    "Conv": ([node("Conv", ["a", "W2"], "b")], "Conv 'my Conv': Unsupported layer"),
    "PRelu": ([node("PRelu", ["a", "b1"], "b")], "PRelu 'my PRelu': PReLU must have a single slope"),
    "Add": ([node("Add", ["a", "b1"], "b")], "Add 'my Add'"),
    "Clip": ([node("Clip", ["a"], "b")], "Clip 'my Clip': Clip bounds must be -1 to 1"),
    "HardSigmoid": ([node("HardSigmoid", ["a"], "b")], "slope of HardSigmoid must be 1/6"),
    "Softmax": ([node("Softmax", ["a"], "b", axis=0)], "Softmax must act along the outputs of each row"),
    "BatchNorm": ([node("BatchNormalization", ["a", "g", "b1", "b1", "b1"], "b")], "gain must be numbers in the file"),
    "If": (
        [node("Tanh", ["a"], "t"), node("Mul", ["a", "t"], "b")],
        "must together form an activation that glassnet has",
    ),
    "two ways": (
        [node("Gemm", ["a", "W3"], "c"), node("Add", ["a", "c"], "b")],
        "the branches do not join again",
    ),
    "vectors": ([node("Mul", ["a", "b1"], "c"), node("Mul", ["a", "c"], "b")], "not an elementwise activation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_over_is_named(name, tmp_path):
    nodes, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        read(model(between(*nodes), DENSE | {"W3": np.eye(6, dtype=np.float32)}), tmp_path)


def test_a_product_with_what_is_not_in_the_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="MatMul 'my MatMul': Its weights must be numbers in the file"):
        read(model([node("MatMul", ["x", "x"], "y")]), tmp_path)


def test_several_inputs_are_refused(tmp_path):
    made = model([node("Gemm", ["x", "W1", "b1"], "y")], DENSE)
    made.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))
    with pytest.raises(InputError, match="must have one input and one output. Received: 2 and 1"):
        read(made, tmp_path)


def test_a_graph_that_leads_nowhere_is_refused(tmp_path):
    with pytest.raises(InputError, match="must be computed from its input. Received: it ends at 'a'"):
        read(model([node("Gemm", ["x", "W1", "b1"], "a")], DENSE), tmp_path)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("MatMul", ["x", "W1"], "a"), node("Add", ["a"], "y")], "all of its inputs.*Add 'my Add'"),
        ([node("MatMul", ["x"], "y")], "all of its inputs.*MatMul"),
        ([helper.make_node("Relu", ["x"], [], name="my Relu")], "and an output.*Relu"),
        ([node("Gemm", ["x", "W1", "b1"], "y"), node("Relu", ["y"], "y")], "computed once. Received: 'y'"),
        ([node("Gemm", ["x", "W1", "b1"], "x"), node("Relu", ["x"], "y")], "computed once. Received: 'x'"),
    ],
)
def test_what_is_no_graph_is_refused(nodes, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read(model(nodes, DENSE), tmp_path)


def test_no_other_file_is_opened(tmp_path):
    made = model([node("Gemm", ["x", "W1", "b1"], "y")], DENSE)
    onnx.save(made, tmp_path / "m.onnx", save_as_external_data=True, location="numbers", size_threshold=0)
    with pytest.raises(InputError, match="must be in the file itself. Received: '.*' is in another file"):
        from_onnx(tmp_path / "m.onnx")


@pytest.mark.parametrize("contents", [b"", b"no model", b"\xff" * 100])
def test_what_is_no_model_is_refused(contents, tmp_path):
    (tmp_path / "m.onnx").write_bytes(contents)
    with pytest.raises(InputError, match="must"):
        from_onnx(tmp_path / "m.onnx")


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        from_onnx(tmp_path / "none.onnx")


def test_broken_files_are_refused(tmp_path):
    """Every changed file is refused in words, or read."""
    good = model(between(*WOVEN["gelu"]), NUMBERS).SerializeToString()
    changing = np.random.default_rng(1)
    for _ in range(300):
        contents = bytearray(good)
        for place in changing.integers(0, len(contents), 3):
            contents[place] ^= 1 << int(changing.integers(8))
        (tmp_path / "bad.onnx").write_bytes(contents[: int(changing.integers(len(contents) // 2, len(contents) + 1))])
        try:
            from_onnx(tmp_path / "bad.onnx")
        except InputError:
            continue


def test_a_softmax_that_the_loss_has_inside_is_not_applied_twice(tmp_path):
    made = model([node("Gemm", ["x", "W1", "b1"], "z"), node("Softmax", ["z"], "y")], {"W1": W1, "b1": b1})
    network = read(made, tmp_path, loss="cross_entropy")
    (expected,) = ReferenceEvaluator(made).run(None, {"x": X})
    np.testing.assert_allclose(network.predict(X), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(network.forward(X), X @ W1 + b1, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (between(node("Cast", ["a"], "b", to=TensorProto.INT64)), "must not change values"),
        (between(node("Flatten", ["a"], "b", axis=0)), "must not change rows. Received: axis 0"),
        (between(node("Relu", ["a"], "b", domain="somebody.else")), "domain 'somebody.else'"),
        (between(node("Relu", ["a"], "b", slope=0.5)), "settings must be supported. Received: slope"),
        (between(node("Dropout", ["a", "", "yes"], "b")), "in evaluation mode"),
        (
            between(node("BatchNormalization", ["a", *["b1"] * 4], "b", training_mode=1)),
            "in evaluation mode",
        ),
        ([node("MatMul", ["x", "W1"], "a"), node("Add", ["a", "W2"], "y")], "one for each output. Received: shape"),
        (between(node("BatchNormalization", ["a", "b1", "b1", "b1", "below"], "b")), "variance` must be 0 or more"),
        (
            between(node("Identity", ["six"], "h"), node("Clip", ["a", "low", "h"], "b")),
            "limits must be numbers in the file",
        ),
        (between(node("Clip", ["a", "low", "b1"], "b")), "limits must be single numbers. Received: shape"),
        ([node("Gemm", ["x", "W1", "down"], "y")], "one for each output. Received: shape \\(6, 1\\)"),
        (
            [node("MatMul", ["x", "W1"], "a"), node("Add", ["a", "b1"], "y", axis=0)],
            "settings must be supported. Received: axis",
        ),
        (between(node("LayerNormalization", ["a", "six"], "b")), "matching shapes: 2.gain of shape"),
    ],
)
def test_nothing_that_changes_the_answer_is_left_out(nodes, message, tmp_path):
    numbers = DENSE | {
        "yes": np.array(True),
        "down": np.arange(6, dtype=np.float32)[:, None],
        "six": np.float32(6),
        "low": np.float32(0),
        "below": np.array([1, 1, 1, -0.1, 1, 1], np.float32),
    }
    with pytest.raises(InputError, match=message):
        read(model(nodes, numbers), tmp_path)
