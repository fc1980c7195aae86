"""One neuron: its chain link by link, what it learns, and what no neuron can learn."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LinearRegression

from glassnet import NeuralNetwork, Neuron
from glassnet.errors import DivergenceError, InputError, InputTypeError
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.layers.output_activation import check_output_activation
from tests.gradient import assert_close, numerical_gradient

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])

ELEMENTWISE = [name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise]
ONE_OUTPUT = [name for name in LOSSES if LOSSES.get(name).target != "classes" and name != "gaussian_nll"]


def go_together(activation, loss):
    try:
        check_output_activation(ACTIVATIONS.get(activation), LOSSES.get(loss))
    except InputError:
        return False
    return True


PAIRS = [(activation, loss) for activation in ELEMENTWISE for loss in ONE_OUTPUT if go_together(activation, loss)]
MODELS = [
    ("sigmoid", "binary_cross_entropy_from_probabilities"),
    ("identity", "binary_cross_entropy"),
    ("sigmoid", "mse"),
    ("identity", "hinge"),
    ("identity", "mse"),
]

numbers = st.floats(-20, 20, allow_subnormal=False)


def data(loss):
    """Rows and targets that suit the loss."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    return X, {
        "numbers": y,
        "counts": np.floor(np.abs(3 * y)),
        "fractions": (y > 0).astype(float),
        "signs": np.where(y > 0, 1.0, -1.0),
    }[LOSSES.get(loss).target]


# ------------------------------------------------------------------- the chain


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_every_link_of_the_chain_is_the_slope(activation, loss):
    X, y = data(loss)
    neuron = Neuron(3, activation, loss, seed=5)
    neuron.w, neuron.b = 0.2 * neuron.w, 0.3  # a hard_tanh that saturates at 1 would sit on the hinge's kink
    w, b, chain = neuron.w.copy(), neuron.b, neuron.chain(X, y)

    def loss_at(w=w, b=b, x=X):
        neuron.w, neuron.b = w, np.asarray(b).item()
        return neuron.chain(x, y).loss

    d_w, d_b, d_x = neuron.gradient(X, y)
    assert_close(d_w, numerical_gradient(lambda w: loss_at(w=w), w), "d_w")
    assert_close(d_b, numerical_gradient(lambda b: loss_at(b=b), b), "d_b")
    assert_close(d_x, numerical_gradient(lambda x: loss_at(x=x), X), "d_x")

    f, error = neuron.activation, neuron.loss
    target = chain.y[:, None]
    assert_close(chain["d_a/d_z"], [numerical_gradient(f, z).item() for z in chain.z], "d_a/d_z")
    after_a = numerical_gradient(lambda a: error.value(a[:, None], target).mean(), chain.a)
    assert_close(chain["d_loss/d_a"], after_a, "d_loss/d_a")
    after_z = numerical_gradient(lambda z: error.value(f(z)[:, None], target).mean(), chain.z)
    assert_close(chain["d_z"], after_z, "d_z")


@pytest.mark.parametrize(("activation", "loss"), MODELS)
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS])
def test_it_is_a_network_of_one_dense_layer_of_one_unit(activation, loss, optimizer):
    """Nothing is computed in another way: the same numbers forward, back, and after any number of steps."""
    X, y = data(loss)
    neuron, network = Neuron(3, activation, loss, seed=2), NeuralNetwork(3, [f"{activation}:1"], loss, seed=2)
    np.testing.assert_array_equal(neuron.parameters, network.parameters)
    np.testing.assert_allclose(neuron.forward(X), network.forward(X)[:, 0], rtol=1e-14)
    np.testing.assert_allclose(neuron.predict(X), network.predict(X)[:, 0], rtol=1e-14)
    loss_there, gradients = network.backward(X, y)
    chain = neuron.chain(X, y)
    assert chain.loss == pytest.approx(loss_there, rel=1e-14)
    np.testing.assert_allclose(chain.d_w, gradients["1.W"][:, 0], rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(chain.d_b, gradients["1.b"][0], rtol=1e-10, atol=1e-15)
    losses = neuron.train(X, y, 5, optimizer, 0.05)
    assert losses == pytest.approx(network.train(X, y, epochs=5, batch_size=6, optimizer=optimizer, learning_rate=0.05))
    np.testing.assert_allclose(neuron.parameters, network.parameters, rtol=1e-9)


def joined(text):
    """Each link of a chain on one line, however many it is printed on."""
    return re.sub(r"\n {6,}", " ", text).splitlines()


def test_the_chain_is_printed_with_its_numbers():
    neuron = Neuron(2, "sigmoid", "mse")
    neuron.w, neuron.b = [0.5, -1.0], 0.25
    chain = neuron.chain(CORNERS, AND)
    text = str(chain)
    assert max(map(len, text.splitlines())) < 80
    blocks = [
        [line.split() for line in block.splitlines()] for block in text.split("\n\n") if block.split()[0] == "row"
    ]
    table = [[cell for block in blocks[:-1] for cell in block[row][1:]] for row in range(5)]  # the last is filled in
    assert table[0] == ["x1", "x2", "z", "a", "y", "loss", "d_loss/d_a", "d_a/d_z", "d_z", "d_x1", "d_x2"]
    for row in range(4):
        shown = [float(cell) for cell in table[row + 1]]
        values = [*chain.x[row], chain.z[row], chain.a[row], chain.y[row], chain.row_losses[row]]
        values += [chain.d_a[row], chain.slope[row], chain.d_z[row], *chain.d_x[row]]
        np.testing.assert_allclose(shown, values, rtol=1e-3)
    for name, value in (("d_w1", chain.d_w[0]), ("d_w2", chain.d_w[1]), ("d_b", chain.d_b)):
        (line,) = [line for line in joined(text) if line.split()[:1] == [name]]
        assert float(line.split("=")[-1]) == pytest.approx(value, rel=1e-3)


@given(w=st.lists(numbers, min_size=2, max_size=2), b=numbers, x=st.lists(numbers, min_size=2, max_size=2))
def test_the_formulas_that_are_filled_in_give_what_they_say(w, b, x):
    """Products and sums of the printed numbers give the printed results, to the four digits shown."""
    neuron = Neuron(2, "tanh", "mse")
    neuron.w, neuron.b = w, b
    text = str(neuron.chain([x], [0.5])).split("filled in\n")[1]
    checked = 0
    for line in joined(text):
        *_, filled, value = (part.strip() for part in line.split("="))
        if "·" not in filled or " - " in filled or any(letter in filled for letter in "wxd"):
            continue
        terms = [term.replace("(", "").replace(")", "").split(" · ") for term in filled.split(" + ")]
        products = [np.prod([float(factor) for factor in term]) for term in terms]
        assert float(value) == pytest.approx(sum(products), abs=2e-3 * np.abs(products).sum() + 1e-12)
        checked += 1
    assert checked == 6  # z, d_z, d_w1, d_w2, d_x1, d_x2


def test_a_sigmoid_that_the_loss_has_inside_is_not_applied_twice():
    neuron, twin = (Neuron(2, activation, "binary_cross_entropy") for activation in ("sigmoid", "identity"))
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    assert repr(neuron) == repr(twin)
    assert neuron.train(X, y, 200, learning_rate=1.0) == twin.train(X, y, 200, learning_rate=1.0)
    np.testing.assert_array_equal(neuron.predict(X) > 0.5, np.equal(y, 1))
    assert str(neuron.chain(X, y)).splitlines()[1:3] == [
        "loss = binary_cross_entropy(a, y), the mean over 4 rows",
        "it predicts sigmoid(a)",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_factor_is_filled_in_and_fits_a_telephone(language):
    neuron = Neuron(2, "sigmoid", "mse")
    neuron.w, neuron.b = [0.5, -1.0], 1.5
    text = neuron.chain([[1.0, 2.0]], [1.0]).in_words(language)
    assert max(map(len, text.splitlines())) <= 44
    links = {line.split()[0]: line for line in joined(text) if line.startswith("  ")}
    assert links["a"].endswith("= 1 / (1 + exp(-|0|)) = 0.5")
    assert links["d_a/d_z"].endswith("sigmoid'(z) = a · (1 - a) = 0.5 · (1 - 0.5) = 0.25")
    assert links["d_loss/d_a"].endswith("= 2 · (a - y) = 2 · (0.5 - 1) = -1")


def test_a_formula_of_ones_own_that_cannot_be_written_is_named():
    odd = Activation("odd", lambda z: np.array([float(v) ** 3 for v in z]), lambda z, a: np.array([*(3 * z * z)]))
    neuron = Neuron(1, odd, "mse")
    neuron.w, neuron.b = [2.0], 0.0
    assert "odd'(z) = odd'(2) = 12" in " ".join(str(neuron.chain([[1.0]], [1.0])).split())


def test_many_rows_and_inputs_are_abbreviated():
    rng = np.random.default_rng(0)
    text = str(Neuron(500, "tanh", "mse").chain(rng.normal(size=(300, 500)), rng.normal(size=300)))
    assert "x500" in text
    assert "…" in text
    assert len(text) < 10_000


def test_the_chain_stays_as_it_was():
    neuron, X = Neuron(2), CORNERS.copy()
    chain = neuron.chain(X, AND)
    text = str(chain)
    neuron.train(X, AND, 10, learning_rate=1.0)
    X[...] = 7
    assert str(chain) == text


# --------------------------------------------------------------------- updates


def test_an_update_is_one_step_down_the_slope():
    neuron = Neuron(2, seed=1)
    before = neuron.chain(CORNERS, AND)
    returned = neuron.update(CORNERS, AND, "sgd", 0.5)
    assert str(returned) == str(before)  # where it came from
    np.testing.assert_allclose(neuron.w, before.w - 0.5 * before.d_w, rtol=1e-14)
    assert neuron.b == pytest.approx(before.b - 0.5 * before.d_b, rel=1e-14)
    assert neuron.chain(CORNERS, AND).loss < before.loss


def test_an_optimizer_remembers_as_long_as_it_is_asked_for():
    neuron = Neuron(2, seed=1)
    neuron.update(CORNERS, AND, "momentum", 0.5)
    first = neuron.updater
    neuron.update(CORNERS, AND, "momentum", 0.1)  # another rate is not another optimizer
    assert neuron.updater is first
    assert first.t == 2
    assert first.slots["b"].any()
    neuron.update(CORNERS, AND, "momentum(mu=0.5)", 0.1)
    assert neuron.updater.t == 1
    neuron.update(CORNERS, AND, OPTIMIZERS.get("momentum"), 0.1)
    assert neuron.updater.t == 1


def test_a_step_that_would_leave_the_finite_numbers_is_not_taken():
    X = 1e10 * CORNERS
    neuron = Neuron(2, "identity", "mse", seed=1)
    with pytest.raises(DivergenceError, match="The step produced inf or NaN at a loss of .* smaller learning rate"):
        neuron.train(X, OR, 1000, learning_rate=1.0)
    assert np.isfinite(neuron.parameters).all()
    neuron.w, neuron.b = [0.1, 0.1], 0
    before = neuron.parameters.copy()
    with pytest.raises(DivergenceError):
        neuron.update(X, OR, learning_rate=1e300)
    np.testing.assert_array_equal(neuron.parameters, before)


def test_identity_and_mse_are_linear_regression():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = X @ [1.0, -2.0, 0.5] + 3 + 0.1 * rng.normal(size=50)
    neuron = Neuron(3, "identity", "mse")
    neuron.train(X, y, 500, learning_rate=0.2)
    truth = LinearRegression().fit(X, y)
    np.testing.assert_allclose(neuron.w, truth.coef_, atol=1e-9)
    assert neuron.b == pytest.approx(truth.intercept_, abs=1e-9)


# ------------------------------------------------------- what a neuron learns


def yes(neuron):
    """Its answers at the four corners: the score of a hinge says yes above 0, all others above one half."""
    return neuron.predict(CORNERS) > (0 if neuron.loss.target == "signs" else 0.5)


@pytest.mark.sample(10)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("activation", "loss"), MODELS)
@pytest.mark.parametrize("y", [AND, OR], ids=["and", "or"])
def test_it_learns_and_and_or(y, activation, loss, seed):
    neuron = Neuron(2, activation, loss, seed=seed)
    target = 2 * y - 1 if neuron.loss.target == "signs" else y
    losses = neuron.train(CORNERS, target, 300, "momentum", 0.3)
    np.testing.assert_array_equal(yes(neuron), y)
    if (activation, loss) == ("identity", "mse"):  # a plane: it can cut the corners apart, not pass through them
        assert losses[-1] == pytest.approx(1 / 16, abs=1e-9)
    else:
        assert losses[-1] < 0.06


@pytest.mark.sample(4)
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS])
def test_it_learns_and_by_every_optimizer(optimizer):
    neuron = Neuron(2)
    neuron.train(CORNERS, AND, 300, optimizer, {"sgd": 1.0, "adagrad": 0.5}.get(optimizer, 0.05))
    np.testing.assert_array_equal(yes(neuron), AND)


# -------------------------------------------------- what no neuron can learn


@given(w=st.lists(numbers, min_size=2, max_size=2), b=numbers, threshold=st.floats(-1, 1))
@pytest.mark.parametrize(
    "activation", [name for name in ELEMENTWISE if name not in ("gelu", "gelu_tanh", "silu", "mish", "hard_swish")]
)
def test_no_weights_at_all_give_xor(activation, w, b, threshold):
    """At opposite corners the weighted sums add up to the same: z00 + z11 = z01 + z10 = w1 + w2 + 2b.

    So z01 and z10 cannot both lie above a bound and z00 and z11 both not above it; and as f never falls, a bound
    on a is a bound on z. One of the four answers is wrong, whatever the weights.
    """
    neuron = Neuron(2, activation, "mse")
    neuron.w, neuron.b = w, b
    assert (np.diff(neuron.activation(np.linspace(-50, 50, 2001))) >= -1e-12).all(), "f must never fall"
    z = neuron.chain(CORNERS, XOR).z
    assert z[0] + z[3] == pytest.approx(z[1] + z[2], abs=1e-12)
    assert ((neuron.forward(CORNERS) > threshold) != XOR).any()


CONVEX = [
    ("sigmoid", "binary_cross_entropy_from_probabilities", np.log(2)),
    ("identity", "binary_cross_entropy", np.log(2)),
    ("identity", "mse", 0.25),
]
"""Models whose loss is convex in w and b, and the least loss on XOR: that of always answering one half."""


def always_one_half(activation, loss):
    """The neuron that ignores its inputs."""
    neuron = Neuron(2, activation, loss)
    neuron.w, neuron.b = [0, 0], 0.5 if loss == "mse" else 0
    return neuron


@pytest.mark.parametrize(("activation", "loss", "least"), CONVEX)
@given(first=st.lists(numbers, min_size=3, max_size=3), second=st.lists(numbers, min_size=3, max_size=3))
def test_the_least_loss_on_xor_is_that_of_always_answering_one_half(activation, loss, least, first, second):
    """The proof, in three steps that hold for any points that Hypothesis may choose.

    1. The loss is convex in (w, b): between any two points its gradient only grows along the way,
       (∇L(p) - ∇L(q)) · (p - q) ≥ 0. (For the logistic loss the Hessian is a sum of x xᵀ σ(z)(1 - σ(z)), each term
       positive semi-definite.)
    2. At w = 0, where every answer is one half, the gradient is exactly zero.
    3. A convex function lies above its tangents, and a tangent of gradient zero is flat: L(p) ≥ L(one half) for all p.
    """
    points = np.array([first, second])
    if loss.endswith("probabilities"):
        points /= 5  # beyond |z| = 16 its guard keeps the probabilities 1e-7 from 0 and 1, and the loss is flat
    gradients, losses = [], []
    for point in points:
        neuron = Neuron(2, activation, loss)
        neuron.w, neuron.b = point[:2], point[2]
        chain = neuron.chain(CORNERS, XOR)
        gradients.append([*chain.d_w, chain.d_b])
        losses.append(chain.loss)
    p, q = points
    size = np.abs(gradients).max() * np.abs(p - q).max()
    assert np.subtract(*gradients) @ (p - q) >= -1e-13 * size  # 1, but for rounding

    flat = always_one_half(activation, loss).chain(CORNERS, XOR)
    np.testing.assert_array_equal([*flat.d_w, flat.d_b], 0)  # 2
    assert flat.loss == pytest.approx(least, rel=1e-15)

    assert min(losses) >= least - 1e-14  # 3


@pytest.mark.sample(6)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("activation", "loss", "least"), CONVEX)
def test_training_on_xor_ends_at_that_loss_from_every_start(activation, loss, least, seed):
    neuron = Neuron(2, activation, loss, seed=seed)
    neuron.w = 3 * neuron.w  # well away from the answer that ignores its inputs
    losses = neuron.train(CORNERS, XOR, 300, "momentum", 0.3)
    assert losses[0] > least + 1e-3
    assert losses[-1] == pytest.approx(least, abs=1e-9)
    np.testing.assert_allclose(neuron.predict(CORNERS), 0.5, atol=1e-4)


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(6))
def test_a_sigmoid_with_squared_error_does_no_better(seed):
    """That loss is not convex, yet no start gets below a quarter: one corner of four entirely wrong, or all by half."""
    neuron = Neuron(2, "sigmoid", "mse", seed=seed)
    losses = neuron.train(CORNERS, XOR, 400, "momentum", 0.5)
    assert min(losses) >= 0.25 - 1e-12
    assert (yes(neuron) != XOR).any()


def test_two_layers_can():
    """So that it is the neuron that fails, not the training."""
    network = NeuralNetwork(2, ["tanh:4", 1], loss="binary_cross_entropy")
    losses = network.train(CORNERS, XOR, epochs=500, optimizer="momentum", learning_rate=0.1)
    np.testing.assert_array_equal(network.classify(CORNERS), XOR)
    assert losses[-1] < 0.05


# --------------------------------------------------------------- its numbers


def test_weights_and_bias_can_be_set_and_are_one_vector():
    neuron = Neuron(2)
    neuron.w, neuron.b = [20, 20], -30  # AND by hand
    np.testing.assert_array_equal(neuron.parameters, [20, 20, -30])
    np.testing.assert_array_equal(yes(neuron), AND)
    neuron.w[0] = 0  # w is a view
    neuron.b += 15
    np.testing.assert_array_equal(neuron.parameters, [0, 20, -15])


def test_the_start_follows_from_the_seed():
    np.testing.assert_array_equal(Neuron(4, seed=7).parameters, Neuron(4, seed=7).parameters)
    assert len({Neuron(4, seed=seed).parameters.tobytes() for seed in range(10)}) == 10
    assert Neuron(4).b == 0


@pytest.mark.parametrize(
    ("loss", "low", "high"), [("binary_cross_entropy", 0, 1), ("poisson", 0, np.inf), ("mse", -np.inf, 0)]
)
def test_predictions_are_what_the_loss_says(loss, low, high):
    neuron = Neuron(1, "identity", loss)
    neuron.w, neuron.b = [1.0], -2.0
    assert neuron.forward([[0.0]]) == -2.0
    assert low <= neuron.predict([[0.0]])[0] <= high


def test_it_prints_as_it_could_be_written():
    neuron = Neuron(3, "elu(alpha=0.5)", "huber(delta=2.0)")
    assert repr(eval(repr(neuron), {"Neuron": Neuron})) == repr(neuron)


def test_sparse_rows_are_rows():
    neuron = Neuron(2)
    assert str(neuron.chain(sparse.csr_array(CORNERS), AND)) == str(neuron.chain(CORNERS, AND))


# --------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (np.ones((4, 3)), AND, InputError, r"must have shape \(rows, 2\)"),
        (np.ones(2), [1], InputError, r"must have shape \(rows, 2\)"),
        (np.ones((0, 2)), [], InputError, "The loss needs at least one row"),
        ([[1, np.nan]], [1], InputError, "must be finite"),
        ([["a", "b"]], [1], InputTypeError, "must be an array of real numbers"),
        (CORNERS, [0, 1], InputError, "same number of rows"),
        (CORNERS, 2 * AND, InputError, r"must lie in \[0, 1\]"),
        (
            CORNERS,
            ["no", "no", "no", "yes"],
            InputTypeError,
            "The targets of a network must be an array of real numbers",
        ),
    ],
)
def test_data_that_do_not_fit_are_refused(X, y, error, message):
    neuron = Neuron(2)
    before = neuron.parameters.copy()
    for use in (neuron.chain, neuron.gradient, neuron.update, neuron.train):
        with pytest.raises(error, match=message):
            use(X, y)
    np.testing.assert_array_equal(neuron.parameters, before)


def test_the_share_of_a_row_in_the_mean_is_printed_from_the_trace():
    neuron = Neuron(1, "identity", "mse")
    neuron.w, neuron.b = [1.0], -1.0
    text = str(neuron.chain([[1.0], [3.0]], [1.0, 1.0]))
    assert "d_loss/d_a = 2 · (a - y) / 2\n" in text
    assert "= -1 + 1 = 0" in text  # of d_b: a negative number in front of a sum needs no parentheses


def test_terms_that_are_left_out_are_dots_in_letters_and_in_numbers():
    neuron = Neuron(12, "identity", "mse")
    neuron.w, neuron.b = np.arange(12.0), 0.5
    text = " ".join(str(neuron.chain(np.ones((1, 12)), [1.0])).split())
    assert "+ w5 · x5 + … + w12 · x12 + b = 0 · 1 +" in text
    assert "+ 4 · 1 + … + 11 · 1 + 0.5 = 66.5" in text
