"""Losses: right by central differences, by probabilities from elsewhere, and by what each is the loss *of*."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.activations import sigmoid, softmax
from glassnet.formulas.loss import Loss, log_softmax
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.measure import is_log_loss, is_squared_error

NAMES = list(LOSSES)
SPELLINGS = [
    *NAMES,
    "huber(delta=0.3)",
    "quantile(levels=(0.1, 0.5, 0.9))",
    "focal(gamma=0)",
    "focal(gamma=0.5)",
    "binary_focal(gamma=0)",
    "binary_focal(gamma=5)",
    "cross_entropy(label_smoothing=0.1)",
    "binary_cross_entropy(label_smoothing=0.2)",
    "focal(label_smoothing=0.1)",
]
CONVEX = sorted(set(NAMES) - {"focal", "binary_focal", "gaussian_nll"})
COLUMNS = 3


def case(loss, rows, seed, dtype=np.float64):
    """Outputs and prepared targets of some rows: three targets (or classes), as the loss wants them."""
    rng = np.random.default_rng(seed)
    output = 2 * rng.normal(size=(rows, COLUMNS * loss.outputs_per_target))
    if loss.name.endswith("from_probabilities"):
        output = softmax(output) if loss.target == "classes" else sigmoid(output)
        output = 0.02 + 0.95 * output
    target = {
        "numbers": lambda: rng.normal(size=(rows, COLUMNS)),
        "counts": lambda: rng.poisson(2.0, size=(rows, COLUMNS)),
        "fractions": lambda: np.where(
            rng.random((rows, 1)) < 0.5, rng.random((rows, COLUMNS)), rng.integers(0, 2, COLUMNS)
        ),
        "signs": lambda: rng.choice([-1, 1], size=(rows, COLUMNS)),
        "classes": lambda: rng.dirichlet(np.ones(COLUMNS), size=rows),
    }[loss.target]()
    loss.check(target, output.shape[1])
    return output.astype(dtype), loss.prepare(target, output.shape[1], dtype)


def on_smooth_ground(loss, output, target, room=0.04):
    """Rows in which no term is near a point where the first or second derivative jumps."""
    size = np.abs(output.reshape(len(output), COLUMNS, -1) - target[:, :, None])
    margin = output * target if loss.target == "signs" else None
    bad = np.zeros(len(output), bool)
    if loss.name in ("mae", "quantile"):
        bad = (size < room).any(axis=(1, 2))
    elif loss.name == "huber":
        bad = (np.abs(size - loss.values[0]) < room).any(axis=(1, 2))
    elif margin is not None:
        bad = (np.abs(margin - 1) < room).any(axis=1)
    return ~bad


# ---------------------------------------------------------------- gradients


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_gradient_is_the_central_difference(spelling, row_gradient):
    loss = LOSSES.get(spelling)
    output, target = case(loss, 300, seed=1)
    smooth = on_smooth_ground(loss, output, target)
    output, target = output[smooth], target[smooth]
    assert len(output) > 150
    measured = row_gradient(lambda o: loss.value(o, target), output, h=1e-3 if "probabilities" in spelling else 1e-2)
    error = np.abs(loss.gradient(output, target) - measured) / np.maximum(np.abs(measured), 1e-3)
    assert error.max() < 1e-6


@pytest.mark.parametrize("name", ["mae", "quantile", "hinge"])
def test_gradient_at_a_kink_is_zero_between_the_one_sided_ones(name):
    loss = LOSSES.get(name)
    (kink,) = loss.kinks
    outputs = np.array([[np.nextafter(kink, -9)], [kink], [np.nextafter(kink, 9)]])
    target = np.full((3, 1), 1.0 if loss.target == "signs" else 0.0)
    below, at, above = loss.gradient(outputs, target)[:, 0]
    assert below <= at <= above
    assert above - below >= 1 - 1e-12
    assert at == 0


def test_defaults_are_those_of_the_papers():
    defaults = {name: LOSSES.get(name).values for name in NAMES if LOSSES.get(name).values}
    assert defaults == {"huber": (1.0,), "quantile": ((0.5,),), "focal": (2.0,), "binary_focal": (2.0,)}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_row_stands_alone(spelling):
    """No mean over rows is taken: each has its own loss and gradient."""
    loss = LOSSES.get(spelling)
    output, target = case(loss, 20, seed=2)
    value, gradient = loss.value_and_gradient(output, target)
    assert value.shape == (20,)
    assert gradient.shape == output.shape
    for i in (0, 7, 19):
        alone = loss.value_and_gradient(output[i : i + 1], target[i : i + 1])
        np.testing.assert_allclose(alone[0], value[i : i + 1], rtol=1e-14)
        np.testing.assert_allclose(alone[1], gradient[i : i + 1], rtol=1e-13, atol=1e-15)


# ------------------------------------------------------------------- values


def single(spelling, output, target):
    """The loss of one row."""
    loss = LOSSES.get(spelling)
    return float(loss.value(np.array([output], float), np.array([target], float))[0])


def test_a_value_is_computed_without_a_gradient():
    def refused(output, target):
        raise AssertionError

    loss = Loss("own", lambda output, target: (output - target) ** 2, refused)
    np.testing.assert_array_equal(loss.value(np.array([[3.0]]), np.array([[1.0]])), [4])


def test_squared_and_absolute_errors_by_hand():
    assert single("mse", [3.0, 1.0], [1.0, 1.0]) == 2  # the mean of 4 and 0, no one half
    assert single("mae", [3.0, 1.0], [1.0, 1.0]) == 1
    assert single("huber", [0.5], [0.0]) == 0.125
    assert single("huber(delta=2)", [5.0], [0.0]) == 8  # 2 (5 - 1)


@pytest.mark.parametrize("e", [0.0, 0.3, 1.0, -1.0, -2.0, 20.0])
def test_log_cosh(e):
    assert single("log_cosh", [e], [0.0]) == pytest.approx(math.log(math.cosh(e)), abs=1e-15)


def test_quantile_by_hand():
    # 2 too low at level 0.9: 1.8; 2 too high at 0.25: 1.5; their mean
    assert single("quantile(levels=(0.9, 0.25))", [1.0, 5.0], [3.0]) == pytest.approx((1.8 + 1.5) / 2)


@pytest.mark.parametrize(("mean", "deviation", "target"), [(0.0, 1.0, 0.5), (2.0, 0.1, 2.3), (-1.0, 3.0, 7.0)])
def test_gaussian_nll_is_the_density_of_the_normal_distribution(mean, deviation, target):
    density = NormalDist(mean, deviation).pdf(target)
    ours = single("gaussian_nll", [mean, 2 * math.log(deviation)], [target])
    assert ours + math.log(2 * math.pi) / 2 == pytest.approx(-math.log(density), rel=1e-12)


@pytest.mark.parametrize(("rate", "count"), [(1.0, 0), (0.2, 3), (7.5, 7)])
def test_poisson_is_the_probability_of_the_poisson_distribution(rate, count):
    ours = single("poisson", [math.log(rate)], [count])
    assert ours + math.lgamma(count + 1) == pytest.approx(-stats.poisson.logpmf(count, rate), rel=1e-12)


def test_losses_of_classes_are_logarithms_of_probabilities():
    # scores ln 1, ln 2, ln 5: probabilities 1/8, 2/8, 5/8
    scores = np.log([1.0, 2.0, 5.0])
    assert single("cross_entropy", scores, [0, 1, 0]) == pytest.approx(math.log(4), rel=1e-14)
    assert single("cross_entropy", scores, [0.5, 0.5, 0]) == pytest.approx((math.log(8) + math.log(4)) / 2, rel=1e-14)
    assert single("focal", scores, [0, 1, 0]) == pytest.approx((3 / 4) ** 2 * math.log(4), rel=1e-14)
    assert single("cross_entropy_from_probabilities", [1 / 8, 2 / 8, 5 / 8], [0, 1, 0]) == pytest.approx(math.log(4))
    assert single("binary_cross_entropy", [math.log(3)], [1]) == pytest.approx(math.log(4 / 3), rel=1e-14)
    assert single("binary_cross_entropy", [math.log(3)], [0]) == pytest.approx(math.log(4), rel=1e-14)
    assert single("binary_cross_entropy_from_probabilities", [3 / 4], [0]) == pytest.approx(math.log(4), rel=1e-14)
    assert single("binary_focal", [math.log(3)], [0]) == pytest.approx((3 / 4) ** 2 * math.log(4), rel=1e-14)


def test_hinges_by_hand():
    assert single("hinge", [0.25, -3.0], [1, 1]) == 4.75  # 0.75 and 4, summed
    assert single("squared_hinge", [0.5, -1.0], [1, -1]) == 0.25


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_focal"])
@given(z=st.floats(-30, 30), yes=st.booleans())
def test_two_classes_are_the_case_of_several_with_scores_z_and_zero(name, z, yes):
    several = {"binary_cross_entropy": "cross_entropy", "binary_focal": "focal"}[name]
    two = single(several, [z, 0.0], [yes, not yes])
    assert single(name, [z], [yes]) == pytest.approx(two, rel=1e-9, abs=1e-13)


@given(z=arrays(np.float64, (1, 4), elements=st.floats(-30, 30)), label=st.integers(0, 3))
def test_losses_on_scores_and_on_probabilities_agree(z, label):
    target = np.eye(4)[[label]]
    p = softmax(z)
    if p.min() > 1e-6:
        ours = LOSSES.get("cross_entropy").value(z, target)
        assert ours == pytest.approx(
            LOSSES.get("cross_entropy_from_probabilities").value(p, target), rel=1e-9, abs=1e-9
        )


@given(z=arrays(np.float64, (2, 4), elements=st.floats(-1e4, 1e4)))
def test_log_softmax_is_the_logarithm_of_a_distribution(z):
    log_p = log_softmax(z)
    assert np.all(log_p <= 0)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.exp(log_p), softmax(z), rtol=1e-10, atol=1e-300)


# ----------------------------------------------------------- what is implied


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"poisson", "gaussian_nll"}))
@given(seed=st.integers(0, 10_000))
def test_never_negative(name, seed):
    loss = LOSSES.get(name)
    assert np.all(loss.value(*case(loss, 5, seed)) >= 0)


@pytest.mark.parametrize("spelling", ["mse", "mae", "huber", "log_cosh", "quantile", "quantile(levels=(0.1, 0.9))"])
def test_zero_at_the_target_and_positive_elsewhere(spelling):
    loss = LOSSES.get(spelling)
    target = np.array([[1.5, -2.0], [0.0, 1e6]])
    output = np.repeat(target, loss.outputs_per_target, axis=1)
    np.testing.assert_allclose(loss.value(output, target), 0, atol=1e-15)
    assert np.all(loss.value(output + 0.1, target) > 0)
    assert np.all(loss.value(output - 0.1, target) > 0)


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_beyond_the_margin_nothing_is_lost_or_pulled(name):
    value, gradient = LOSSES.get(name).value_and_gradient(np.array([[1.01, -5.0]]), np.array([[1.0, -1.0]]))
    assert (value.tolist(), np.abs(gradient).tolist()) == ([0.0], [[0.0, 0.0]])


@pytest.mark.parametrize("name", CONVEX)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
def test_convex_in_the_output(name, seed, share):
    loss = LOSSES.get(name)
    first, target = case(loss, 5, seed)
    second, _ = case(loss, 5, seed + 1)
    chord = share * loss.value(first, target) + (1 - share) * loss.value(second, target)
    assert np.all(loss.value(share * first + (1 - share) * second, target) <= chord + 1e-9)


NUMBERS = np.array([[-1.0], [0.0], [2.0], [3.0], [11.0]])


def pull(spelling, at, targets=NUMBERS):
    """The derivative of the mean loss of one constant output against many targets."""
    loss = LOSSES.get(spelling)
    return float(loss.gradient(np.full((len(targets), 1), at), np.asarray(targets, float)).mean())


def test_the_best_constant_is_the_mean_the_median_the_quantile():
    assert pull("mse", 3.0) == pytest.approx(0, abs=1e-15)
    assert pull("mae", 2.0) == pytest.approx(0, abs=1e-15)
    # the level 0.7 of five numbers is the fourth
    assert pull("quantile(levels=(0.7,))", 2.999) < 0 < pull("quantile(levels=(0.7,))", 3.001)
    # Huber's is the mean while no error is large, the median while none is small
    assert pull("huber(delta=100)", 3.0) == pytest.approx(0, abs=1e-15)
    assert pull("huber(delta=0.01)", 2.0) == pytest.approx(0, abs=1e-15)


def test_the_best_constant_is_the_logarithm_of_the_rate_and_the_logit_of_the_share():
    assert pull("poisson", math.log(2.5), [[1.0], [4.0]]) == pytest.approx(0, abs=1e-14)
    yes_of_four = [[1.0], [0.0], [1.0], [1.0]]
    assert pull("binary_cross_entropy", math.log(3), yes_of_four) == pytest.approx(0, abs=1e-15)
    assert pull("binary_cross_entropy_from_probabilities", 0.75, yes_of_four) == pytest.approx(0, abs=1e-14)


def test_the_best_constant_scores_give_the_shares_of_the_classes():
    targets = np.eye(3)[[0, 1, 1, 2, 2, 2, 2, 2]]
    scores = np.tile(np.log([1.0, 2.0, 5.0]), (8, 1))
    np.testing.assert_allclose(LOSSES.get("cross_entropy").gradient(scores, targets).mean(axis=0), 0, atol=1e-15)


def test_the_best_constant_normal_distribution_has_mean_and_variance_of_the_targets():
    constant = np.tile([NUMBERS.mean(), math.log(NUMBERS.var())], (5, 1))
    np.testing.assert_allclose(LOSSES.get("gaussian_nll").gradient(constant, NUMBERS).mean(axis=0), 0, atol=1e-15)


@given(z=arrays(np.float64, (3, 4), elements=st.floats(-50, 50)), label=st.integers(0, 3))
def test_gradient_of_cross_entropy_is_probability_minus_truth(z, label):
    target = np.eye(4)[[label] * 3]
    np.testing.assert_allclose(LOSSES.get("cross_entropy").gradient(z, target), softmax(z) - target, atol=1e-14)


def test_focal_with_gamma_zero_is_cross_entropy_and_more_gamma_is_less_loss():
    output, target = case(LOSSES.get("cross_entropy"), 50, seed=4)
    plain = LOSSES.get("cross_entropy").value(output, target)
    np.testing.assert_allclose(LOSSES.get("focal(gamma=0)").value(output, target), plain, rtol=1e-13)
    assert np.all(LOSSES.get("focal(gamma=1)").value(output, target) < plain)


def test_label_smoothing_is_cross_entropy_with_the_softened_target():
    output, target = case(LOSSES.get("cross_entropy"), 20, seed=4)
    smoothing = LOSSES.get("cross_entropy(label_smoothing=0.3)")
    plain = LOSSES.get("cross_entropy")
    uniform = np.full_like(target, 1 / COLUMNS)
    expected = 0.7 * plain.value(output, target) + 0.3 * plain.value(output, uniform)  # it is linear in the target
    np.testing.assert_allclose(smoothing.value(output, smoothing.prepare(target, COLUMNS)), expected, rtol=1e-13)


def test_label_smoothing_bounds_the_score_that_is_best():
    loss = LOSSES.get("binary_cross_entropy(label_smoothing=0.2)")
    target = loss.prepare(np.array([1.0]), 1)
    assert loss.gradient(np.array([[math.log(9)]]), target)[0, 0] == pytest.approx(0, abs=1e-15)  # p = 0.9


# ------------------------------------------------------- extremes and types


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_are_kept(spelling, dtype):
    loss = LOSSES.get(spelling)
    output, target = case(loss, 4, 0, dtype)
    value, gradient = loss.value_and_gradient(output, target)
    assert {output.dtype, target.dtype, value.dtype, gradient.dtype} == {np.dtype(dtype)}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sign", [-1, 1])
def test_huge_outputs_and_certain_probabilities_stay_finite_without_a_warning(spelling, dtype, sign):
    """No logarithm of zero, no overflow; exp(1e4) itself is no number, so there the outputs are smaller."""
    loss = LOSSES.get(spelling)
    output, target = case(loss, 30, 0, dtype)
    if loss.name.endswith("from_probabilities"):
        output = np.round(output)  # exactly 0 and 1, right and wrong
    else:
        size = {"poisson": 80, "gaussian_nll": 40}.get(loss.name, 1e4)
        output = sign * np.sign(output) * np.array(size, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = loss.value_and_gradient(output, target)
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ["cross_entropy", "focal"])
def test_a_hopeless_row_still_has_a_gradient(name):
    """Where log(softmax) would be log(0): the loss is the distance of the scores, and the pull is full."""
    value, gradient = LOSSES.get(name).value_and_gradient(np.array([[0.0, 1000.0]]), np.array([[1.0, 0.0]]))
    assert value == pytest.approx(1000)
    np.testing.assert_allclose(gradient, [[-1, 1]], rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_nan_is_not_hidden(name):
    loss = LOSSES.get(name)
    output, target = case(loss, 3, 0)
    output[1, 0] = np.nan
    value = loss.value(output, target)
    if loss.target == "classes" and loss.link != "log_softmax":
        target[1, 0] = 1.0
    assert np.isnan(value).tolist() == [False, True, False]


# ------------------------------------------------------------------- shapes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ((4, 1), (2, 1)),
        ((2, 2), (4, 1)),
        ((4, 3), (4, 2)),
        ((6, 2), (3, 4)),
        ((4, 1), (4,)),
        ((4,), (4,)),
        ((4,), (4, 1)),
    ],
)
def test_shapes_that_do_not_fit_are_refused_and_never_broadcast(name, outputs, targets):
    loss = LOSSES.get(name)
    factor = loss.outputs_per_target
    outputs = (outputs[0], outputs[1] * factor) if len(outputs) == 2 else outputs
    with pytest.raises(InputError, match="needs outputs of shape"):
        loss.value(np.full(outputs, 0.5), np.ones(targets))


@pytest.mark.parametrize("name", NAMES)
def test_targets_in_one_column_or_flat_are_prepared_alike(name):
    loss = LOSSES.get(name)
    if loss.target != "classes":
        flat = np.array([1, 0, 1]) if loss.target != "signs" else np.array([1, -1, 1])
        prepared = loss.prepare(flat, loss.outputs_per_target)
        assert prepared.shape == (3, 1)
        np.testing.assert_array_equal(prepared, loss.prepare(flat[:, None], loss.outputs_per_target))


def test_class_numbers_become_rows():
    np.testing.assert_array_equal(LOSSES.get("cross_entropy").prepare(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(LOSSES.get("hinge").prepare(np.array([2, 0]), 3), [[-1, -1, 1], [1, -1, -1]])


def test_a_gradient_in_the_place_of_a_target_is_refused():
    """A classical slip: the gradient p - t has the shape of a target, but its rows sum to 0."""
    loss = LOSSES.get("cross_entropy")
    output, target = case(loss, 5, 0)
    with pytest.raises(InputError, match="not scores or gradients"):
        loss.check(loss.gradient(output, target), COLUMNS)


# ------------------------------------------------------------------ records


def test_a_loss_of_ones_own(row_gradient):
    fourth = Loss("fourth", lambda o, t: (o - t) ** 4, lambda o, t: 4 * (o - t) ** 3)
    output, target = case(fourth, 10, 0)
    measured = row_gradient(lambda o: fourth.value(o, target), output)
    np.testing.assert_allclose(fourth.gradient(output, target), measured, rtol=1e-9, atol=1e-9)
    with pytest.raises(InputTypeError, match="`derivative` of Loss must be a function"):
        Loss("half", abs, None)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_mean_what_the_targets_mean(name):
    loss = LOSSES.get(name)
    output, _ = case(loss, 30, 0)
    prediction = loss.predict(output)
    assert prediction.shape == output.shape
    if loss.response == "softmax":
        np.testing.assert_allclose(prediction.sum(axis=1), 1, rtol=1e-12)
    if loss.response in ("softmax", "sigmoid"):
        assert np.all((prediction > 0) & (prediction < 1))
    if loss.response == "exp":
        assert np.all(prediction > 0)


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_numbers_between_the_sides_are_no_targets_of_a_margin(name):
    with pytest.raises(InputError, match="0 or -1 for no, 1 for yes"):
        LOSSES.get(name).check(np.array([[0.3], [-1.0]]), outputs=1)
    LOSSES.get(name).check(np.array([[0.0], [-1.0], [1.0]]), outputs=1)


# ---------------------------------------------------------- what a loss measures
# Losses are told apart by what they say, not by what they are called.


def named(loss: Loss) -> Loss:
    """The same by another name."""
    return Loss("other", loss.function, loss.derivative, loss.target, loss.link, loss.response, loss.over_targets)


def test_of_all_losses_these_are_squares_and_these_are_logarithms():
    losses = {name: LOSSES.get(name) for name in LOSSES}
    assert {name for name, loss in losses.items() if is_squared_error(loss)} == {"mse"}
    assert {name for name, loss in losses.items() if is_log_loss(loss)} == {"cross_entropy", "binary_cross_entropy"}


@pytest.mark.parametrize(
    ("name", "measured"),
    [("mse", is_squared_error), ("cross_entropy", is_log_loss), ("binary_cross_entropy", is_log_loss)],
)
def test_the_name_does_not_matter(name, measured):
    assert measured(named(LOSSES.get(name)))


def test_smoothed_labels_are_no_log_loss_and_a_loss_that_fails_is_nothing():
    assert not is_log_loss(LOSSES.get("cross_entropy(label_smoothing=0.1)"))
    assert not is_squared_error(
        Loss("picky", lambda output, target: np.linalg.inv(output), lambda output, target: output)
    )
