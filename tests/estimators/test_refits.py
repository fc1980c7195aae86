"""Members that learn from all rows, for as many epochs as were best for others of their kind."""

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_regression

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError
from glassnet.estimators.ensemble import kept_members
from glassnet.estimators.folds import held_back
from glassnet.insight.doctor.preparation import trained_with

KINDS = ({"spread": 0.1}, {"spread": 2.0, "epochs": 9})
FEW = {"hidden_layers": (8,), "epochs": 6, "random_state": 0, "preset": "realmlp", "kinds": KINDS}
JUDGED = 4


class Seen:
    """How many rows each network learns from."""

    every_member = True

    def __init__(self):
        self.rows = {}

    def on_train_begin(self, run):
        self.rows[run.network.seed] = run.rows


class Interrupt:
    """Ctrl-C in the epoch with this number, counted through all members."""

    every_member = True

    def __init__(self, epoch):
        self.left = epoch

    def on_epoch_end(self, run):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def classes():
    return make_classification(300, 6, n_informative=4, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def seen():
    return Seen()


@pytest.fixture(scope="module")
def fitted(classes, seen):
    return NeuralClassifier(**FEW, members=7, refits=3, callbacks=[seen]).fit(*classes)


def best_of_kind(model, kind):
    return round(np.mean([history.best_epoch for history in model.histories_[kind:JUDGED:2]]))


def test_the_last_members_learn_from_all_rows(fitted, seen):
    assert [seen.rows[network.seed] for network in fitted.networks_] == [240] * JUDGED + [300] * 3
    assert all("validation_loss" in history.columns for history in fitted.histories_[:JUDGED])
    assert not any("validation_loss" in history.columns for history in fitted.histories_[JUDGED:])


def test_they_learn_for_as_long_as_was_best_for_their_kind(fitted):
    assert [len(history) for history in fitted.histories_[JUDGED:]] == [best_of_kind(fitted, k) for k in (0, 1, 0)]


def test_a_refit_is_a_training_of_so_many_epochs(fitted, classes):
    lasting = {"epochs": best_of_kind(fitted, 1), "spread": 2.0, "kinds": (), "early_stopping": False}
    seed = fitted.networks_[5].seed
    alone = NeuralClassifier(**FEW | lasting | {"random_state": seed}, members=1).fit(*classes)
    assert fitted.networks_[5].layers[0].spread == 2.0
    np.testing.assert_array_equal(alone.network_.parameters, fitted.networks_[5].parameters)


def test_those_that_are_judged_know_of_no_others(fitted, classes):
    alone = NeuralClassifier(**FEW, members=JUDGED).fit(*classes)
    for one, other in zip(alone.networks_, fitted.networks_[:JUDGED], strict=True):
        np.testing.assert_array_equal(one.parameters, other.parameters)
    of_kinds = [fitted.weights_[kind::2].sum() for kind in (0, 1)]
    np.testing.assert_allclose(np.divide(*alone.weights_[:2]), np.divide(*of_kinds), rtol=1e-6)


def test_probabilities_are_calibrated_by_those_that_are_judged(fitted):
    assert 0.5 < fitted.temperature_ < 2
    assert fitted.temperature_ != 1


@pytest.mark.once
def test_numbers_come_out_better_with_all_rows():
    X, y = make_regression(400, 6, noise=20, random_state=0)
    options = {"preset": "bagged", "random_state": 0, "validation_fraction": 0.5, "members": 6}
    few, all_rows = (NeuralRegressor(**options, refits=refits).fit(X[:200], y[:200]) for refits in (0, 4))
    assert all_rows.score(X[200:], y[200:]) > few.score(X[200:], y[200:])


def test_the_engines_refit_alike(fitted, classes):
    slow = NeuralClassifier(**FEW, members=7, refits=3, engine="reference").fit(*classes)
    assert list(map(len, slow.histories_)) == list(map(len, fitted.histories_))


def test_whoever_wants_them_wants_epochs_judged(classes):
    model = NeuralClassifier(preset="mlp", members=3, refits=1, epochs=2, random_state=0).fit(*classes)
    assert model.settings_["early_stopping"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"cv": 3}, {"early_stopping": False}, {"members": 2}], ids=str)
def test_a_preset_refits_nobody_where_others_are_wanted(options, monkeypatch):
    from glassnet.estimators import presets

    monkeypatch.setattr(presets, "PRESETS", {"bagged": dict(presets.BAGGED) | {"refits": 3}})
    X, y = make_regression(200, 3, random_state=0)
    model = NeuralRegressor(preset="bagged", epochs=1, random_state=0, kinds=KINDS, **options).fit(X, y)
    assert model.settings_["refits"] == 0


def test_rows_of_their_own_judge_all(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=4, refits=2).fit(X[:200], y[:200], validation_data=(X[200:], y[200:]))
    assert model.settings_["refits"] == 0
    assert all("validation_loss" in history.columns for history in model.histories_)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"refits": -1}, "`refits` must be"),
        ({"refits": 2, "early_stopping": False}, "`refits` needs `early_stopping`"),
        ({"refits": 3}, "`refits` must leave a member of each kind with held-out rows. Received: 3 of 4 members"),
    ],
)
def test_what_cannot_be_is_refused(options, message, classes):
    with pytest.raises(InputError, match=message):
        NeuralClassifier(**FEW, members=4, **options).fit(*classes)


# --------------------------------------------------------------- life after fit


def test_a_saved_model_answers_as_before(fitted, classes, tmp_path):
    glassnet.save(fitted, tmp_path / "model")
    loaded = glassnet.load(tmp_path / "model")
    assert loaded.settings_["refits"] == 3
    np.testing.assert_array_equal(loaded.predict_proba(classes[0]), fitted.predict_proba(classes[0]))


def test_pruning_counts_those_that_stay(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=6, refits=2).fit(X[:200], y[:200])
    refitted = {network.seed for network in model.networks_[JUDGED:]}
    model.prune(3, X[200:], y[200:])
    assert model.settings_["refits"] == sum(network.seed in refitted for network in model.networks_)


def test_a_warm_start_goes_on_with_all(classes):
    model = NeuralClassifier(**FEW, members=6, refits=2, warm_start=True).fit(*classes)
    begun = list(map(len, model.histories_))
    best = [history.best_epoch for history in model.fit(*classes).histories_[:JUDGED]]
    more = [length - before for length, before in zip(map(len, model.histories_), begun, strict=True)]
    assert more[JUDGED:] == [
        round(np.mean([best[member] - begun[member] for member in members])) for members in ((0, 2), (1, 3))
    ]


def test_nobody_is_judged_by_rows_that_were_learned_from_before(classes):
    model = NeuralClassifier(**FEW, members=6, refits=4, warm_start=True).fit(*classes)
    with pytest.raises(
        InputError, match=r"cannot be validated on some of them. Received: refits=2, after 4 of 6 members"
    ):
        model.set_params(refits=2).fit(*classes)
    seen = Seen()
    model.set_params(refits=None, callbacks=[seen]).fit(*classes)  # None: as before, whatever the preset has
    assert [seen.rows[network.seed] for network in model.networks_] == [240] * 2 + [300] * 4
    X, y = classes
    model.set_params(refits=0, callbacks=None).fit(X[:200], y[:200], validation_data=(X[200:], y[200:]))


def test_where_no_others_are_left_nobody_is_judged(classes):
    model = NeuralClassifier(**FEW | {"kinds": ()}, members=3, refits=2, warm_start=True).fit(*classes)
    kept = [1, 2]
    for name in ("networks_", "histories_"):
        setattr(model, name, [getattr(model, name)[member] for member in kept])
    model.settings_ |= kept_members(model.settings_, kept)
    with pytest.raises(InputError, match=r"after 2 of 2 members. Set early_stopping=False"):
        model.set_params(members=None, refits=None).fit(*classes)


def test_a_warm_start_that_is_interrupted_loses_no_member(classes, monkeypatch):
    from glassnet.estimators import members as side

    monkeypatch.setattr(side, "cores", lambda: 1)
    model = NeuralClassifier(**FEW, members=6, refits=2, warm_start=True).fit(*classes)
    model.set_params(callbacks=[Interrupt(3)]).fit(*classes)
    assert [len(history) for history in model.histories_[:4]] == [9, 9, 6, 9]
    assert model.history_.ended == "interrupted"
    assert len(model.set_params(callbacks=None).fit(*classes).networks_) == 6


def test_the_doctor_looks_at_those_that_are_judged(fitted, classes):
    X, y = classes
    assert trained_with(fitted, X, y)
    assert not trained_with(fitted, X[::-1], y[::-1])
    assert len(held_back(len(y), 2, 0.2, 0, y)) == 2
    assert fitted.diagnose(X, y).findings is not None


@pytest.mark.slow
def test_the_report_counts_those_of_folds_without_them(classes, tmp_path):
    model = NeuralClassifier(**FEW, members=7, refits=3, cv=4).fit(*classes)
    assert "one fold for each of the 4 members" in glassnet.report(model, *classes, tmp_path / "r.html").read_text(
        "utf-8"
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_who_learned_from_all_rows(language, fitted, classes, tmp_path):
    path = glassnet.report(fitted, *classes, tmp_path / "r.html", language=language)
    words = {"en": "3 more were trained on all rows", "zh": "另外 3 个用全部样本训练"}
    assert words[language] in path.read_text("utf-8")


@pytest.mark.parametrize(("epoch", "members"), [(3, 1), (9, 2), (17, 3), (20, 3)])
def test_the_model_says_that_it_was_interrupted_whoever_was_learning(epoch, members, classes, monkeypatch):
    from glassnet.estimators import members as side

    monkeypatch.setattr(side, "cores", lambda: 1)
    options = FEW | {"kinds": (), "epochs": 8, "members": 4, "refits": 2}
    model = NeuralClassifier(**options, callbacks=[Interrupt(epoch)]).fit(*classes)
    assert len(model.networks_) == members
    assert model.history_.ended == "interrupted"


def test_what_was_learned_stays_when_time_is_up_before_the_refits(classes):
    options = FEW | {"epochs": 10**6, "patience": 10**6, "kinds": (), "members": 6, "refits": 4}
    model = NeuralClassifier(**options).fit(*classes, time_limit=0.2)
    assert model.settings_["refits"] == 0
    assert model.history_.ending == "time"
    assert "members were not trained" in model.history_.ended
    assert np.isfinite(model.predict_proba(classes[0])).all()
