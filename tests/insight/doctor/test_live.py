"""The doctor as a callback."""

import copy
import threading
import warnings

import numpy as np
import pytest

from glassnet import Doctor, NeuralClassifier, NeuralRegressor, Trainer
from glassnet.errors import DivergenceError, InputError, TrainingWarning
from glassnet.insight.doctor import Finding, examination
from glassnet.insight.doctor.layer_checks import DIVERGED


def train(network, doctor, X, y, **options):
    """Train, and give the warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        Trainer(callbacks=[doctor], **{"epochs": 4, "early_stopping": False} | options).fit(network, X, y)
    return [str(warning.message) for warning in warned if warning.category is TrainingWarning]


def test_each_kind_is_warned_of_once(network, rows, monkeypatch):
    monkeypatch.setattr(examination, "SHARE", 1000.0)
    dead, doctor = network(3, ["relu:8", 1]), Doctor()
    dead["1.b"][...] = -1000
    warned = train(dead, doctor, rows, rows[:, 0])
    kinds = [finding.kind for finding in doctor.findings]
    assert sorted(kinds) == ["dead_units", "vanishing_gradients"]
    assert len(warned) == 2
    assert any("8 of 8 units are dead: inactive for all 256 rows" in text for text in warned)


def test_whoever_is_to_be_told_hears_of_each_kind_once_and_nobody_is_warned(network, rows, monkeypatch):
    monkeypatch.setattr(examination, "SHARE", 1000.0)
    heard = []
    dead, doctor = network(3, ["relu:8", 1]), Doctor(language="zh", tell=heard.append)
    dead["1.b"][...] = -1000
    assert train(dead, doctor, rows, rows[:, 0]) == []
    assert sorted(finding.kind for finding in heard) == ["dead_units", "vanishing_gradients"]
    assert {finding.language for finding in heard} == {"zh"}


def test_what_two_members_find_at_the_same_moment_is_told_once(monkeypatch):
    heard, spoken, beside = [], Finding.spoken, []
    doctor, found = Doctor(tell=heard.append), DIVERGED.found("serious", epoch=1, ended="", began="", layer=None)

    def spoken_late(finding, language):
        if not beside:
            beside.append(threading.Thread(target=doctor._note, args=([found],)))
            beside[0].start()
            beside[0].join(0.1)
        return spoken(finding, language)

    monkeypatch.setattr(Finding, "spoken", spoken_late)
    doctor._note([found])
    beside[0].join()
    assert len(heard) == 1


def test_a_healthy_training_is_left_alone(network, rows):
    doctor = Doctor()
    assert train(network(3, ["relu:16", 1]), doctor, rows, rows[:, 0]) == []
    assert doctor.findings == []


def test_it_says_in_which_step_and_layer_a_divergence_began(network, rows):
    doctor = Doctor()
    with pytest.warns(TrainingWarning, match="diverged in epoch 1"), pytest.raises(DivergenceError):
        Trainer(optimizer="sgd", learning_rate=1e6, epochs=3, callbacks=[doctor]).fit(
            network(3, ["identity:8", "identity:8", 1]), rows, rows[:, 0]
        )
    (finding,) = [finding for finding in doctor.findings if finding.kind == "diverged"]
    assert finding.severity == "serious"
    assert finding.evidence["step"] > 1
    assert finding.evidence["layer"] in {"1", "2", "3"}
    assert f"layer {finding.evidence['layer']}" in finding.reason


def test_the_layer_of_a_divergence_is_the_one_whose_numbers_overflow(network, rows):
    from glassnet.insight.doctor.diagnostics import layers_at_work
    from glassnet.insight.doctor.layer_checks import place_of_overflow
    from glassnet.training import Rows

    big = network(3, ["identity:4", "identity:4", 1])
    big["2.W"][...] = 1e308
    parts = list(layers_at_work(big, Rows(100 * rows, rows[:, 0], None), backward=True))
    text, layer = place_of_overflow(big, parts)
    assert (layer, text) == ("2", "It began in layer 2, whose z was the first to become inf or NaN.")
    big["3.W"][0] = np.nan
    assert place_of_overflow(big, parts)[1] == "3"


def test_a_later_divergence_keeps_the_training(network, rows):
    doctor = Doctor(language="zh")
    unstable = network(3, ["identity:8", 1])

    class Push:
        def on_epoch_end(self, run):
            if run.epoch == 2:
                run.network["1.W"][...] = 1e200

    with pytest.warns(TrainingWarning) as warned:
        Trainer(epochs=5, callbacks=[doctor, Push()]).fit(unstable, rows, rows[:, 0])
    assert [f.evidence["epoch"] for f in doctor.findings if f.kind == "diverged"] == [3]
    assert any("训练在第 3 轮发散" in str(warning.message) for warning in warned)
    assert np.isfinite(unstable.parameters).all()


def test_looking_takes_but_a_share_of_the_time(network, rows, monkeypatch):
    looks = []
    monkeypatch.setattr(Doctor, "_parts", lambda self, run, visit: looks.append(run.epoch) or [])
    monkeypatch.setattr(examination, "gradient_sizes", lambda parts: [])
    monkeypatch.setattr(examination, "SHARE", 0.0)
    train(network(3, [1]), Doctor(), rows, rows[:, 0], epochs=6)
    assert looks == [1]
    looks.clear()
    monkeypatch.setattr(examination, "SHARE", 1000.0)
    train(network(3, [1]), Doctor(), rows, rows[:, 0], epochs=6)
    assert looks == [1, 2, 3, 4, 5, 6]


def test_all_members_are_watched_and_the_result_is_the_same(rows, monkeypatch):
    monkeypatch.setattr(examination, "SHARE", 1000.0)
    seen = set()
    look = Doctor._parts
    monkeypatch.setattr(Doctor, "_parts", lambda self, run, visit: seen.add(run.network.seed) or look(self, run, visit))
    options = {"preset": "mlp", "hidden_layers": (8,), "epochs": 5, "members": 3, "random_state": 0}
    options |= {"early_stopping": True}
    y = (rows[:, 0] > 0).astype(int)
    watched = NeuralClassifier(**options, callbacks=[Doctor()]).fit(rows, y)
    alone = NeuralClassifier(**options).fit(rows, y)
    assert seen == {0, 1, 2}
    np.testing.assert_array_equal(watched.predict_proba(rows), alone.predict_proba(rows))


def test_members_share_the_time(rows, monkeypatch):
    monkeypatch.setattr(examination, "SHARE", 0.0)
    looks = []
    look = Doctor._parts
    monkeypatch.setattr(Doctor, "_parts", lambda self, run, visit: looks.append(run.epoch) or look(self, run, visit))
    options = {"preset": "mlp", "hidden_layers": (8,), "epochs": 5, "members": 2, "early_stopping": True}
    NeuralRegressor(**options, callbacks=[Doctor()]).fit(rows, rows[:, 0])
    assert 1 <= len(looks) <= 2  # two, if both have ended their first epoch at the same moment


def test_l_bfgs_and_clones_are_fine(rows):
    doctor = Doctor(100)
    NeuralRegressor(preset="mlp", hidden_layers=(4,), optimizer="lbfgs", epochs=5, callbacks=[doctor]).fit(
        rows, rows[:, 0]
    )
    assert copy.deepcopy(doctor).findings == doctor.findings


def test_its_options_are_checked():
    with pytest.raises(InputError, match="`rows` of Doctor must be a positive integer"):
        Doctor(0)
    with pytest.raises(InputError, match="`language`"):
        Doctor(language="fr")
