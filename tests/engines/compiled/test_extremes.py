"""Every activation, loss and optimizer, in both engines and both precisions, from tiny inputs to huge, against truth.

The truth is the textbook's formula carried out by mpmath with sixty digits, written with no care for rounding: with so
many digits there is no need for it, so no mistake is made twice. What is allowed is a few units in the last place of
the result, or what as many in the last place of the input would change, whichever is more; and a number too small for a
normal exponent may be zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import mpmath as mp
import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork
from glassnet.engines import Updater
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS

ULPS = 16
"""Units in the last place, of the result or of the input."""

SIZES = [1e-30, 1e-8, 1e-3, 0.1, 0.5, 0.9, 1, 1.5, 2, 3, 5, 7, 9, 12, 15, 20, 30, 40, 80, 88, 100, 170, 300, 700, 750]
SIZES += [1e4, 1e5, 1e8, 1e14, 1e20, 1e38, 1e160, 1e300]
PRECISIONS = [np.float32, np.float64]
ENGINES = ["reference", "compiled"]


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(60):
        yield


def grid(dtype, sizes=SIZES):
    sizes = np.array([size for size in sizes if size < float(np.finfo(dtype).max)], dtype)
    return np.concatenate([-sizes[::-1], [0], sizes]).astype(dtype)


def check(got, truth, *inputs, scale=0.0, floor=0.0):
    """`truth` is a function of the inputs.

    `scale` is the size of a number that was rounded on the way, `floor` what is too small to matter, as promised.
    """
    info = np.finfo(got.dtype)
    eps = mp.mpf(float(info.eps))
    exact = [mp.mpf(float(x)) for x in inputs]
    value = truth(*exact)
    if abs(value) >= float(info.max):
        assert not abs(got) < info.max / 2, f"{got!r} at {inputs}, and not {mp.nstr(value, 9)}"
        return
    moved = [
        abs(truth(*exact[:k], x * (1 + sign * eps), *exact[k + 1 :]) - value)
        for k, x in enumerate(exact)
        for sign in (-1, 1)
    ]
    allowed = (
        ULPS * max(eps * abs(value), eps * scale, *moved)
        + float(info.smallest_normal) * max(1, *map(abs, exact))
        + floor
    )
    assert np.isfinite(got), f"{got!r} at {inputs}, and not {mp.nstr(value, 9)}"
    error = abs(mp.mpf(float(got)) - value)
    units = mp.nstr(error / (eps * abs(value)), 3) if value else mp.nstr(error, 3)
    assert error <= allowed, f"{got!r} at {inputs}, and not {mp.nstr(value, 9)}: {units} ulps off"


# -------------------------------------------------------------- activations


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def normal(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2 if z > -1e5 else mp.mpf(0)


def twice_u(z):
    return 2 * mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)


def tanh_softplus(z):
    return mp.tanh(mp.log1p(mp.exp(z)))


SCALE, ALPHA = map(mp.mpf, ACTIVATIONS.get("selu").values)
SLOPE = mp.mpf(0.01)

ACTIVATION = {  # the function, and its derivative
    "identity": (lambda z: z, lambda z: mp.mpf(1)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "relu": (lambda z: max(z, 0), lambda z: mp.mpf(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else SLOPE * z, lambda z: mp.mpf(1) if z > 0 else SLOPE),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: mp.exp(min(z, 0))),
    "selu": (
        lambda z: SCALE * z if z > 0 else SCALE * ALPHA * mp.expm1(z),
        lambda z: SCALE if z > 0 else SCALE * ALPHA * mp.exp(z),
    ),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), sigmoid),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "gelu": (lambda z: z * normal(z), lambda z: normal(z) + z * mp.npdf(z)),
    "gelu_tanh": (
        lambda z: z * sigmoid(twice_u(z)),
        lambda z: (
            sigmoid(twice_u(z))
            + z
            * sigmoid(twice_u(z))
            * sigmoid(-twice_u(z))
            * 2
            * mp.sqrt(2 / mp.pi)
            * (1 + 3 * mp.mpf("0.044715") * z**2)
        ),
    ),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * sigmoid(-z)),
    "mish": (
        lambda z: z * tanh_softplus(z),
        lambda z: tanh_softplus(z) + z * mp.sech(mp.log1p(mp.exp(z))) ** 2 * sigmoid(z),
    ),
    "hard_sigmoid": (lambda z: min(max(z / 6 + 0.5, 0), 1), lambda z: mp.mpf(abs(z) < 3) / 6),
    "hard_tanh": (lambda z: min(max(z, -1), 1), lambda z: mp.mpf(abs(z) < 1)),
    "relu6": (lambda z: min(max(z, 0), 6), lambda z: mp.mpf(0 < z < 6)),
    "hard_swish": (
        lambda z: z * min(max(z / 6 + 0.5, 0), 1),
        lambda z: mp.mpf(z >= 3) if abs(z) >= 3 else z / 3 + 0.5,
    ),
}
FROM_ACTIVATION = {"sigmoid", "tanh", "elu", "selu"}
"""Their derivatives are made of the activation, which is rounded near ±1 (selu: 1.76): right to an ulp of that."""

COUNTED = Loss("counted", lambda output, target: target, lambda output, target: 1 + 0 * target, over_targets="sum")
"""A loss whose gradient is 1 everywhere, so that what comes back through an activation is its derivative."""


def activated(activation, z, engine):
    """a and da/dz in an engine: a layer whose weights are z sees a single 1."""
    network = NeuralNetwork(1, [Dense(len(z), activation)], loss=COUNTED, dtype=z.dtype, engine=engine)
    network["1.W"][...], network["1.b"][...] = z, 0
    one = np.ones((1, 1), z.dtype)
    with np.errstate(all="ignore"), network.engine.objective(network, one, np.zeros((1, len(z))), None) as objective:
        gradient = objective()[1].copy()
        return network.forward(one)[0], network.layout.named(gradient)["1.b"]


@pytest.mark.sample
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", ACTIVATION)
def test_activation(name, dtype, engine):
    function, derivative = ACTIVATION[name]
    kinks = ACTIVATIONS.get(name).kinks
    z = np.array([x for x in grid(dtype) if x not in kinks], dtype)
    for x, a, slope in zip(z, *activated(name, z, engine), strict=True):
        check(a, function, x)
        check(slope, derivative, x, scale=2 if name in FROM_ACTIVATION else 0)


# ------------------------------------------------------------------- losses


@dataclass
class Case:
    """A loss of one target: value and gradient by mpmath, of outputs and target; and where."""

    value: object
    gradient: object
    targets: list = field(default_factory=lambda: [0, -1e-3, 0.7, 1e5])
    outputs: list = field(default_factory=lambda: SIZES)
    exact: bool = False
    """Whether the targets are without error (labels)."""
    floor: float = 0.0


def guarded(p, dtype):
    low, high = mp.mpf(float(dtype(1e-7))), mp.mpf(float(dtype(1 - 1e-7)))
    return min(max(p, low), high)


def focal_term(z, gamma=2):
    """-(1 - p)^γ ln p of p = σ(z), and its derivative by z."""
    p, q, log_p = sigmoid(z), sigmoid(-z), -mp.log1p(mp.exp(-z))
    return -(q**gamma) * log_p, (gamma * q ** (gamma - 1) * p * log_p - q**gamma) * q


def huber_slope(o, t):
    return min(max(o - t, -1), 1)


SURE = 1e-60
"""The focal losses keep 1 - p above 1e-30, and have its square."""
LABELS = {"targets": [0, 1], "exact": True}
SIGNS = {"targets": [-1, 1], "exact": True}
LOSS = {
    "mse": Case(lambda o, t: (o - t) ** 2, lambda o, t: 2 * (o - t)),
    "mae": Case(lambda o, t: abs(o - t), lambda o, t: mp.sign(o - t)),
    "huber": Case(
        lambda o, t: (o - t) ** 2 / 2 if abs(o - t) <= 1 else abs(o - t) - mp.mpf(0.5), lambda o, t: huber_slope(o, t)
    ),
    "log_cosh": Case(
        lambda o, t: mp.log1p(2 * mp.sinh((o - t) / 2) ** 2) if abs(o - t) < 1e6 else abs(o - t) - mp.log(2),
        lambda o, t: mp.tanh(o - t),
    ),
    "quantile(levels=(0.25,))": Case(
        lambda o, t: max((t - o) / 4, (o - t) * 3 / 4),
        lambda o, t: mp.mpf(0.75) if o > t else mp.mpf(-0.25 if o < t else 0),
    ),
    "poisson": Case(lambda o, t: mp.exp(o) - t * o, lambda o, t: mp.exp(o) - t, [0, 3, 1e6]),
    "binary_cross_entropy": Case(
        lambda o, t: mp.log1p(mp.exp(-o if t else o)), lambda o, t: -sigmoid(-o) if t else sigmoid(o), **LABELS
    ),
    "binary_focal": Case(
        lambda o, t: focal_term(o if t else -o)[0],
        lambda o, t: focal_term(o)[1] if t else -focal_term(-o)[1],
        **LABELS,
        floor=SURE,
    ),
    "hinge": Case(lambda o, t: max(1 - t * o, 0), lambda o, t: -t * (t * o < 1), **SIGNS),
    "squared_hinge": Case(lambda o, t: max(1 - t * o, 0) ** 2, lambda o, t: -2 * t * max(1 - t * o, 0), **SIGNS),
}


class Compared:
    """Value and gradient of one row's loss, in an engine."""

    def __init__(self, loss, outputs, dtype, engine):
        self.network = NeuralNetwork(1, [Dense(outputs)], loss=COUNTED, dtype=dtype, engine=engine)
        self.network.loss = LOSSES.get(loss)  # whatever it wants of a last activation
        self.network.parameters[...] = 0
        self.dtype = np.dtype(dtype)

    def __call__(self, output, target):
        network, one = self.network, np.ones((1, 1), self.dtype)
        network["1.W"][...] = output
        target = np.array(target, self.dtype).reshape(1, -1)
        with np.errstate(all="ignore"), network.engine.objective(network, one, target, None) as objective:
            value, gradient = objective()
            return self.dtype.type(value), network.layout.named(gradient)["1.b"].copy()


@pytest.mark.sample
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", LOSS)
def test_loss(name, dtype, engine):
    case, loss = LOSS[name], LOSSES.get(name)
    compared = Compared(loss, 1, dtype, engine)
    for target in np.array(case.targets, dtype):
        for output in grid(dtype, case.outputs):
            if (target * output if case.targets == [-1, 1] else output - target) in (0, *loss.kinks):
                continue
            value, (slope,) = compared([output], target)
            if case.exact:
                check(value, lambda o, t=target: case.value(o, int(t)), output, floor=case.floor)
                check(slope, lambda o, t=target: case.gradient(o, int(t)), output, floor=case.floor)
            else:
                check(value, case.value, output, target)
                check(slope, case.gradient, output, target)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_binary_cross_entropy_of_probabilities(dtype, engine):
    compared = Compared("binary_cross_entropy_from_probabilities", 1, dtype, engine)
    for p in np.array([0, 1e-9, 1e-5, 0.1, 0.5, 0.999, 1], dtype):
        for t in (0, 1):
            value, (slope,) = compared([p], t)
            check(value, lambda x, t=t: -mp.log(x if t else 1 - x), guarded(p, dtype))
            check(slope, lambda x, t=t: -1 / x if t else 1 / (1 - x), guarded(p, dtype))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_gaussian_nll(dtype, engine):
    compared = Compared("gaussian_nll", 2, dtype, engine)
    for mean, target in ((0, 0), (0.5, 0.5), (0, 1e-3), (2, 5), (1e-20, 0), (1e-30, -1e-30), (300, -1e4)):
        for s in grid(dtype, [0.3, 1, 10, 50, 85, 90, 120, 160, 200, 600, 800, 1300, 1e4, 1e5]):
            value, slopes = compared([mean, s], target)
            m, t = dtype(mean), dtype(target)
            check(value, lambda m, s, t: (s + (t - m) ** 2 * mp.exp(-s)) / 2, m, s, t)
            check(slopes[0], lambda m, s, t: (m - t) * mp.exp(-s), m, s, t)
            check(slopes[1], lambda m, s, t: (1 - (t - m) ** 2 * mp.exp(-s)) / 2, m, s, t)


ROWS = [[0, 0, 0], [20, 0, -3], [-20, 0, -3], [40, 1, 1], [80, -80, 0], [1e5, 99999, 99990], [1e5, 99980, 0]]
ROWS += [[1e5, 0, -1e5], [-1e5, -1e5, 1e4], [5, 5, -700], [1e30, 0, 0], [1e-8, 0, 1e-3]]


def of_class(z, k, shrink):
    """-ln p of class k, p and 1 - p of each class; the scores' distances are multiplied by `shrink`."""
    e = [mp.exp((x - max(z)) * shrink) for x in z]
    p, others = [x / sum(e) for x in e], [sum(e[:j] + e[j + 1 :]) / sum(e) for j in range(len(e))]
    return mp.log1p(sum(mp.exp((x - z[k]) * shrink) for j, x in enumerate(z) if j != k)), p, others


def cross_entropy(z, k, shrink):
    loss, p, others = of_class(z, k, shrink)
    return [loss, *(-others[j] if j == k else p[j] for j in range(len(z)))]


def focal(z, k, shrink):
    loss, p, others = of_class(z, k, shrink)
    by_log_p = -2 * others[k] * p[k] * loss - others[k] ** 2
    return [others[k] ** 2 * loss, *(by_log_p * (others[j] if j == k else -p[j]) for j in range(len(z)))]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("truth", [cross_entropy, focal])
def test_loss_of_classes(truth, dtype, engine):
    """What counts is how far scores are apart, and that is exact where they are close, however large they are."""
    compared, floor = Compared(truth.__name__, 3, dtype, engine), SURE if truth is focal else 0
    for row in np.array(ROWS, dtype):
        z = [mp.mpf(float(x)) for x in row]
        for k in range(3):
            value, slopes = compared(row, np.eye(3)[k])
            for place, got in enumerate((value, *slopes)):
                check(got, lambda shrink, place=place, z=z, k=k: truth(z, k, shrink)[place], 1.0, floor=floor)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_cross_entropy_of_probabilities(dtype, engine):
    compared = Compared("cross_entropy_from_probabilities", 2, dtype, engine)
    for p in np.array([0, 1e-9, 1e-5, 0.1, 0.5, 0.999, 1], dtype):
        value, slopes = compared([p, 1 - p], [1, 0])
        at = max(p, dtype(1e-7))
        check(value, lambda x: -mp.log(x), at)
        check(slopes[0], lambda x: -1 / x, at)
        assert slopes[1] == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_softmax(dtype, engine):
    network = NeuralNetwork(1, [Dense(3, "softmax")], dtype=dtype, engine=engine)
    for row in np.array(ROWS, dtype):
        network["1.W"][...], network["1.b"][...] = row, 0
        z = [mp.mpf(float(x)) for x in row]
        for j, got in enumerate(network.forward(np.ones((1, 1), dtype))[0]):
            check(got, lambda shrink, j=j, z=z: of_class(z, 0, shrink)[1][j], 1.0)


# --------------------------------------------------------------- optimizers

STEPS, SIZE = 200, 32
GIVEN = Loss("given", lambda output, target: 0 * target, lambda output, target: target, over_targets="sum")
"""A loss whose gradient is the target: what an optimizer is given is ours to say."""


@pytest.fixture(scope="module")
def gradients():
    """Of all sizes, exact in float32."""
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-3, 1, SIZE)
    return (rng.normal(size=(STEPS, SIZE)) * sizes).astype(np.float32)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_optimizer(name, dtype, engine, gradients):
    """Two hundred steps: where they end, beside the same rule in a wider precision."""
    rule, wide, coefficients = OPTIMIZERS.get(name), np.longdouble, None
    theta = np.zeros(SIZE, wide)
    slots = rule.start(theta)
    for t in range(STEPS):
        coefficients = rule.at_step(t + 1, coefficients)
        theta, *slots = rule(theta, gradients[t].astype(wide), tuple(slots), wide(0.01), coefficients)

    network = NeuralNetwork(1, [Dense(SIZE)], loss=GIVEN, dtype=dtype, engine=engine)
    network.parameters[...] = 0
    updater = Updater(network.layout, name, weight_decay=0.0, ema_decay=0.9999, dtype=dtype)
    ones, targets = np.ones((STEPS, 1), dtype), gradients.astype(dtype)
    with network.engine.training(network, ones, targets, None, 1, updater) as steps:
        steps(np.arange(STEPS), [0.01] * STEPS)
    allowed = 10 * np.finfo(dtype).eps * np.abs(theta).max()
    np.testing.assert_allclose(network["1.b"], theta, rtol=0, atol=float(allowed))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_average_of_parameters_that_stand_still(dtype, engine):
    """Is they themselves, early and late: the weights of a mean sum to 1, although neither 0.9999 nor 1 minus it is
    a number of float32."""
    network = NeuralNetwork(1, [Dense(SIZE)], loss=GIVEN, dtype=dtype, engine=engine)
    updater = Updater(network.layout, "sgd", ema_decay=0.9999, dtype=dtype)
    with network.engine.training(
        network, np.ones((STEPS, 1), dtype), np.zeros((STEPS, SIZE), dtype), None, 1, updater
    ) as steps:
        for _ in range(10):
            steps(np.arange(STEPS), [0.01] * STEPS)
            averaged = updater.averaged(network.parameters)
            np.testing.assert_allclose(averaged, network.parameters, rtol=400 * float(np.finfo(dtype).eps))


def test_every_formula_is_here():
    assert set(ACTIVATION) | {"softmax"} == set(ACTIVATIONS), "put a new activation into ACTIVATION, a loss into LOSS"
    named = {name.partition("(")[0] for name in LOSS} | {"gaussian_nll", "cross_entropy", "focal"}
    assert named | {"binary_cross_entropy_from_probabilities", "cross_entropy_from_probabilities"} == set(LOSSES)
