"""What the playground looks at besides training, in node: units, gradients, the loss surface, rates, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, r2_score

from glassnet import NeuralNetwork
from glassnet.insight.doctor import layer_checks
from glassnet.insight.doctor.diagnostics import layers_at_work
from glassnet.insight.learning_rate import EXPLODED, _suggest
from glassnet.insight.plots.surface import landscape_of_path
from glassnet.training import Rows
from tests.web.test_session import hidden, layer, node

pytestmark = pytest.mark.slow  # each starts a process

FEW = {"rows": 60, "batch": 8, "table": "moons", "share": 0.7, "hidden": [hidden(), hidden()]}


def twin(found, parameters):
    """The network of the page in the library, with these parameters, and its rows."""
    described = found["network"]
    layers = [layer(one) for one in described["layers"]]
    network = NeuralNetwork(
        described["inputs"],
        layers,
        described["loss"],
        dtype="float32",
        engine="reference",
        seed=found["choices"]["seed"],
    )
    network.parameters[:] = parameters
    X = np.array(found["X"], "float32").reshape(-1, described["inputs"])
    return network, X, np.array(found["y"], "float32")[:, None]


def test_names_of_curves_that_end_at_the_top_do_not_lie_on_each_other():
    crowded, loose = node("apart", {"ends": [2, 2, 2], "height": 60}, {"ends": [50, 12], "height": 60})
    assert crowded == [35, 21, 7]
    assert loose == [50, 12]


SICK = {
    "dead": FEW | {"hidden": [hidden("relu"), hidden("relu", units=8)], "optimizer": "sgd", "rate": 3},
    "saturated": FEW | {"rate": 1, "hidden": [hidden("tanh", units=8), hidden("tanh", units=8)]},
    "vanishing": FEW | {"hidden": [hidden("sigmoid")] * 8, "rate": 0.00001},
}


@pytest.fixture(scope="module")
def examined():
    cases = [*SICK.values(), FEW | {"hidden": [hidden("gelu", skip=True)] * 3}]
    return node("examine", *({"choices": one, "epochs": 20} for one in cases))


def test_units_and_gradients_are_those_that_the_library_s_doctor_sees(examined):
    for found in examined:
        network, X, y = twin(found, found["parameters"])
        parts = list(layers_at_work(network, Rows(X, y, None), backward=True))
        seen = found["health"]["layers"]
        for one, idle in zip(seen, layer_checks.of_parts(parts), strict=False):
            assert one["dead"] == np.flatnonzero(idle.dead).tolist(), found["choices"]
            assert one["saturated"] == np.flatnonzero(idle.saturated).tolist(), found["choices"]
        sizes = [len(X) * size for _, size in layer_checks.gradient_sizes(parts)]  # the loss is a mean over rows
        np.testing.assert_allclose([one["gradient"] for one in seen], sizes, rtol=1e-3, err_msg=str(found["choices"]))


def test_each_trouble_is_found(examined):
    for kind, found in zip(SICK, examined, strict=False):
        assert kind in [one["kind"] for one in found["health"]["findings"]], kind


def test_a_network_that_learns_well_is_found_fine(examined):
    assert examined[-1]["health"]["findings"] == []


def test_a_training_that_diverged_is_traced_to_the_layer_with_the_largest_weights():
    choices = FEW | {"table": "sine", "optimizer": "sgd", "rate": 100, "hidden": [hidden("relu")]}
    (found,) = node("examine", {"choices": choices, "epochs": 50})
    (finding,) = found["health"]["findings"]
    assert finding["kind"] == "diverged"
    assert finding["layer"] in (0, 1)
    assert np.isfinite(finding["value"])


def test_whoever_is_examined_trains_to_the_same_bits():
    choices = FEW | {"hidden": [hidden(dropout=0.2), hidden(norm="batch_norm")]}
    ((alone, watched),) = node("watched", {"choices": choices, "epochs": 4})
    assert alone == watched


def test_the_length_of_a_step_is_measured_at_each_layer_s_weights():
    (found,) = node("step", {"choices": FEW, "epochs": 2})
    before, after = np.array(found["before"]), np.array(found["after"])
    weights = [slice(one["start"], one["stop"]) for one in found["learned"] if one["name"] == "W"]
    lengths = [np.linalg.norm(after[some] - before[some]) / np.linalg.norm(before[some]) for some in weights]
    np.testing.assert_allclose(found["moved"], lengths, rtol=1e-5)


def test_the_surface_is_that_of_the_library():
    (found,) = node("surface", {"choices": FEW, "epochs": 12})
    network, X, y = twin(found, found["parameters"])
    wanted = landscape_of_path(network, X, y, [np.array(one) for one in found["path"]], points=31)
    along = np.array(found["along"])
    signs = np.sign((along * wanted.path).sum(axis=0))  # a direction's sign is a matter of chance
    np.testing.assert_allclose(along * signs, wanted.path, atol=1e-4)
    np.testing.assert_allclose(found["shares"], wanted.shares, rtol=1e-4)
    losses = wanted.losses[:: int(signs[1]), :: int(signs[0])]
    np.testing.assert_allclose(found["losses"], losses[[0, 15, 30]], rtol=1e-3)


def test_a_look_at_the_surface_changes_nothing_and_a_short_path_has_none():
    long, short = node("surface", {"choices": FEW, "epochs": 5}, {"choices": FEW, "epochs": 1})
    assert long["parameters"] == long["path"][-1]
    assert short["flat"]


def test_the_range_test_suggests_what_the_library_suggests():
    (found,) = node("rates", {"choices": FEW, "epochs": 1})
    rates, losses, smoothed = (np.array(found[name]) for name in ("rates", "losses", "smoothed"))
    average = np.zeros(len(losses) + 1)
    for step, loss in enumerate(losses):
        average[step + 1] = 0.95 * average[step] + 0.05 * loss
    np.testing.assert_allclose(smoothed, average[1:] / (1 - 0.95 ** np.arange(1, len(losses) + 1)))
    assert found["exploded"] == (len(losses) < 200 or smoothed[-1] > EXPLODED * smoothed.min())
    assert found["suggestion"] == pytest.approx(_suggest(rates, losses, smoothed))
    assert 1e-4 < found["suggestion"] < 1
    assert found["before"] == found["after"]


def mistaken(*mistakes, epochs=0, **choices):
    """One step with each mistake, and first without one."""
    options = FEW | {"optimizer": "sgd", "rate": 0.1} | choices
    return node("step", *({"choices": options, "mistake": one, "epochs": epochs} for one in (None, *mistakes)))


def part(found, which):
    """The numbers before and after the step of the arrays that are chosen."""
    last = max(one["layer"] for one in found["learned"])
    chosen = [one for one in found["learned"] if which(one, one["layer"] == last)]
    places = np.concatenate([np.arange(one["start"], one["stop"]) for one in chosen])
    return np.array(found["before"])[places], np.array(found["after"])[places]


def test_mistakes_at_the_start_are_made_there():
    _, zeros, equal, large = mistaken("zeros", "equal", "large")
    assert not np.any(part(zeros, lambda one, _: one["kind"] == "weight")[0])
    for one in equal["learned"]:
        if one["kind"] == "weight":
            assert len(set(equal["before"][one["start"] : one["stop"]])) == 1
    honest = part(_, lambda one, _: one["kind"] == "weight")[0]
    np.testing.assert_allclose(part(large, lambda one, _: one["kind"] == "weight")[0], 10 * honest, rtol=1e-6)


def test_mistakes_of_every_step_are_made_in_it():
    honest, reversed_, frozen, biasless = mistaken("reversed", "frozen", "biasless")

    def inner(_, last):
        return not last

    before, after = part(honest, inner)
    np.testing.assert_allclose(part(reversed_, inner)[1] - before, before - after, atol=1e-7)
    assert part(frozen, inner)[0].tolist() == part(frozen, inner)[1].tolist()
    for found in (reversed_, frozen):
        assert part(found, lambda _, last: last)[1].tolist() == part(honest, lambda _, last: last)[1].tolist()
    biases = part(biasless, lambda one, _: one["kind"] == "bias")
    assert not np.any(biases[1])


def test_mistakes_of_rows_and_choices_are_made_there():
    honest, unscaled, sorted_, fast, linear = mistaken("unscaled", "sorted", "fast", "linear")
    np.testing.assert_allclose(unscaled["X"], 100 * np.array(honest["X"]), rtol=1e-6)
    assert np.all(np.diff(np.array(sorted_["y"])[sorted_["order"]]) >= 0)
    assert fast["choices"]["rate"] == 10
    assert {one["activation"] for one in linear["choices"]["hidden"]} == {"identity"}


def test_every_difference_has_a_name_and_every_mistake_a_reason():
    (found,) = node("differences", FEW)
    assert len({one["name"] for one in found}) == len(found)
    assert all(one["reason"] for one in found if one["one"].startswith("mistake="))
    starts = {one["one"]: one["start"] for one in found}
    assert starts["optimizer=sgd"]["choices"]["optimizer"] == "sgd"
    assert starts["rate=0.3"]["choices"]["rate"] == 0.3
    assert starts["mistake=zeros"]["mistake"] == "zeros"


def test_of_a_long_training_epochs_are_kept_evenly_and_lead_to_the_same_bits():
    (found,) = node("kept", {"choices": FEW | {"rows": 20}, "epochs": 1001})
    gaps = np.diff(found["kept"])
    assert len(found["kept"]) <= 400
    assert set(gaps[:-1]) == {4}
    assert (found["kept"][0], found["kept"][-1]) == (0, 1001)
    assert found["back"] == 500
    assert found["once"] == found["again"]


@pytest.mark.parametrize(
    "choices",
    [{"table": "rings"}, {"table": "moons"}, {"table": "moons", "loss": "hinge"}, {"table": "sine", "loss": "mae"}],
)
def test_scores_are_those_of_scikit_learn(choices):
    (found,) = node("scores", {"choices": FEW | choices, "epochs": 5})
    answers, targets = np.reshape(found["answers"], (-1, found["outputs"])), found["targets"]
    if choices["table"] == "sine":
        assert found["score"] == pytest.approx(r2_score(targets, answers[:, 0]), rel=1e-5)
        return
    middle = 0.5 if found["loss"] == "binary_cross_entropy" else 0
    predicted = answers.argmax(axis=1) if found["outputs"] > 1 else (answers[:, 0] > middle).astype(int)
    assert found["score"] == pytest.approx(accuracy_score(targets, predicted))
    assert found["confusion"] == confusion_matrix(targets, predicted).tolist()


def test_the_gradient_check_measures_the_library_s_gradient():
    """Rings under softmax, and one layer whose slope the way back forgets: what is measured has it nevertheless."""
    choices = FEW | {"table": "rings", "hidden": [hidden("tanh"), hidden("gelu")]}
    found = node("checked", *({"choices": choices | {"forgotten": layer}, "epochs": 3} for layer in (0, 1)))
    for one, forgotten in zip(found, (False, True), strict=True):
        network, X, y = twin(one, one["parameters"])
        _, gradients = network.backward(X, y[:, 0].astype(int))
        lengths = [np.linalg.norm(gradient) for gradient in gradients.values()]
        np.testing.assert_allclose([group["measured"] for group in one["checked"]], lengths, rtol=5e-3)
        assert (max(group["error"] for group in one["checked"]) > 0.05) == forgotten


def test_the_measured_slopes_of_a_smooth_loss_are_differences_of_losses_and_not_the_gradient_itself():
    """Central differences in float32 err by something; what is fitted to the gradient would have no error."""
    (found,) = node("checked", {"choices": FEW | {"hidden": [hidden("tanh"), hidden("tanh")]}, "epochs": 3})
    assert all(0 < group["error"] < 0.01 for group in found["checked"])


@pytest.mark.parametrize("epochs", [0, 20])
def test_a_gradient_at_a_kink_is_found_right(epochs):
    """Units of relu that no row reaches give the next layer sums of exactly 0."""
    (found,) = node("checked", {"choices": FEW | {"hidden": [hidden("relu"), hidden("relu")]}, "epochs": epochs})
    assert max(group["error"] for group in found["checked"]) < 0.01


def test_a_weight_far_from_zero_is_moved_in_proportion_when_its_slope_is_measured():
    """In float32 a step of 0.001 would be lost in a weight of 100,000."""
    choices = FEW | {"table": "sine", "loss": "mse", "hidden": [], "inputs": ["x1"]}
    (found,) = node("checked", {"choices": choices, "epochs": 0, "set": [1e5]})
    assert found["checked"][0]["error"] < 0.01
