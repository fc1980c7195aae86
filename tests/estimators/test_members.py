"""Several networks for one table: what each learns from, that they do not disturb each other, and their average."""

import threading

import numpy as np
import pytest

import glassnet
from glassnet import History, NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError
from glassnet.estimators import members
from glassnet.estimators.folds import held_back
from glassnet.formulas.averages import averaged
from glassnet.formulas.losses import LOSSES
from tests.forks import PATIENCE

FEW = {"hidden_layers": (8,), "epochs": 4, "random_state": 0, "preset": "realmlp"}


# -------------------------------------------------------------------- shares


@pytest.mark.parametrize("strata", [None, np.repeat([0, 1, 2], [30, 60, 10])], ids=["plain", "classes"])
def test_each_of_several_is_judged_by_another_fold(strata):
    parts = held_back(100, 7, 0.2, 0, strata)
    assert all(len(a) == 80 and len(b) == 20 and len(np.union1d(a, b)) == 100 for a, b in parts)
    together = np.sort(np.concatenate([held for _, held in parts[:5]]))
    np.testing.assert_array_equal(together, np.arange(100))
    assert set(parts[5][1]) != set(parts[0][1])  # the next round of folds is another
    if strata is not None:
        for _, held in parts:
            np.testing.assert_allclose(np.bincount(strata[held]), [6, 12, 2], atol=1)


def test_a_single_one_is_judged_as_ever(classes):
    X, y = classes
    one = NeuralClassifier(**FEW).fit(X, y)
    assert len(one.networks_) == len(one.histories_) == 1
    assert one.network_ is one.networks_[0]


# ------------------------------------------------------------------- average


def test_probabilities_are_averaged(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=3).fit(X, y)
    encoded = model.encoder_.transform(X)
    scores = [network.forward(encoded).astype(float) / model.temperature_ for network in model.networks_]
    each = [np.exp(s) / np.exp(s).sum(axis=1, keepdims=True) for s in scores]
    np.testing.assert_allclose(model.predict_proba(X), np.mean(each, axis=0), atol=1e-6)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X).argmax(axis=1))


def test_numbers_are_averaged(numbers):
    X, y = numbers
    model = NeuralRegressor(**FEW, members=3, clamp=False).fit(X, y)
    encoded = model.encoder_.transform(X)
    each = [network.forward(encoded)[:, 0] for network in model.networks_]
    expected = np.mean(each, axis=0) * model.targets_.scale + model.targets_.center
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy", "poisson", "hinge"])
def test_what_all_would_answer_is_the_mean_of_their_answers(loss):
    loss = LOSSES.get(loss)
    outputs = np.random.default_rng(0).normal(size=(4, 10, 3))
    answers = loss.predict(averaged(list(outputs), loss, 1.0))
    np.testing.assert_allclose(answers, np.mean([loss.predict(o) for o in outputs], axis=0), rtol=1e-12)


def test_a_mixture_of_normals_has_their_mean_and_variance():
    outputs = [np.array([[0.0, np.log(1.0)]]), np.array([[4.0, np.log(3.0)]])]
    mean, log_variance = averaged(outputs, LOSSES.get("gaussian_nll"), 1.0)[0]
    draws = np.concatenate([np.random.default_rng(0).normal(m, v**0.5, 200_000) for m, v in ((0, 1), (4, 3))])
    assert mean == pytest.approx(draws.mean(), abs=0.02)
    assert np.exp(log_variance) == pytest.approx(draws.var(), abs=0.05)


def test_probabilities_of_zero_and_one_stay_finite():
    sure = [np.array([[900.0], [-900.0]]), np.array([[800.0], [-800.0]])]
    assert np.isfinite(averaged(sure, LOSSES.get("binary_cross_entropy"), 1.0)).all()


# -------------------------------------------------------------- side by side


def test_members_differ_and_come_out_the_same_each_time(classes):
    X, y = classes
    models = [NeuralClassifier(**FEW, members=4).fit(X, y) for _ in range(2)]
    for one, other in zip(models[0].networks_, models[1].networks_, strict=True):
        np.testing.assert_array_equal(one.parameters, other.parameters)
    assert len({network.parameters.tobytes() for network in models[0].networks_}) == 4


def test_the_first_of_several_does_not_depend_on_how_many_there_are(classes):
    X, y = classes
    two, three = (NeuralClassifier(**FEW, members=members).fit(X, y) for members in (2, 3))
    np.testing.assert_array_equal(two.networks_[1].parameters, three.networks_[1].parameters)


def test_callbacks_see_the_first(classes):
    class Seen:
        def __init__(self):
            self.networks = []

        def on_epoch_end(self, run):
            self.networks.append(run.network)

    seen = Seen()
    model = NeuralClassifier(**FEW, members=3, callbacks=[seen]).fit(*classes)
    assert len(seen.networks) == 4
    assert all(network is model.networks_[0] for network in seen.networks)


def test_a_callback_may_see_every_member(classes):
    class Count:
        every_member = True

        def __init__(self):
            self.seeds = []

        def on_epoch_end(self, run):
            self.seeds.append(run.network.seed)
            run.stop = run.epoch == 2

    count = Count()
    model = NeuralClassifier(members=3, callbacks=[count], **FEW).fit(*classes)
    assert sorted(count.seeds) == [0, 0, 1, 1, 2, 2]
    assert [len(history) for history in model.histories_] == [2, 2, 2]


def test_an_interrupt_ends_all_and_keeps_what_was_learned(classes, monkeypatch):
    monkeypatch.setattr(members, "cores", lambda: 2)  # with one, the second has not begun

    class Interrupt:
        def on_epoch_end(self, run):
            if run.epoch == 2:
                raise KeyboardInterrupt

    settings = FEW | {"epochs": 2000}
    model = NeuralClassifier(**settings, members=2, callbacks=[Interrupt()]).fit(*classes)
    assert [history.ended for history in model.histories_] == ["interrupted"] * 2
    assert len(model.histories_[1]) < 2000
    assert model.score(*classes) > 0.3


def test_members_that_had_not_begun_do_not_answer(classes):
    class Interrupt:
        def on_epoch_end(self, run):
            raise KeyboardInterrupt

    model = NeuralClassifier(**FEW | {"epochs": 2000}, members=30, callbacks=[Interrupt()]).fit(*classes)
    assert 1 <= len(model.networks_) == len(model.histories_) < 30
    assert all(len(history) for history in model.histories_)
    assert np.isfinite(model.predict_proba(classes[0])).all()


@pytest.mark.parametrize("processors", [1, 2, 5])
def test_histories_come_in_order_from_no_more_threads_than_processors(processors, monkeypatch):
    monkeypatch.setattr(members, "cores", lambda: processors)
    threads = {}

    def training(number):
        def train(stop):
            threads[number] = threading.get_ident()
            return History([{"epoch": number}])

        return train

    histories, interrupted = members.side_by_side([training(number) for number in range(9)])
    assert [history["epoch"] for history in histories] == [[number] for number in range(9)]
    assert not interrupted
    assert threads[0] == threading.get_ident()  # which hears Ctrl-C
    assert len(set(threads.values())) <= processors


def test_whoever_is_free_takes_the_next(monkeypatch):
    """While one thread is at a long training, the other does all the rest."""
    monkeypatch.setattr(members, "cores", lambda: 2)
    long_begun, rest_done, done = threading.Event(), threading.Event(), []

    def first(stop):
        assert long_begun.wait(PATIENCE)
        return History()

    def long(stop):
        long_begun.set()
        assert rest_done.wait(PATIENCE)
        return History()

    def short(stop):
        done.append(threading.get_ident())
        if len(done) == 5:
            rest_done.set()
        return History()

    members.side_by_side([first, long, *[short] * 5])
    assert done == [threading.get_ident()] * 5


def test_an_error_in_a_thread_ends_the_others_and_is_raised(monkeypatch):
    monkeypatch.setattr(members, "cores", lambda: 2)
    begun = threading.Event()

    def patient(stop):
        begun.set()
        assert stop.event.wait(PATIENCE)
        return History()

    def broken(stop):
        begun.wait(PATIENCE)
        raise IndexError("no luck")

    with pytest.raises(IndexError, match="no luck"):
        members.side_by_side([patient, broken, patient])


@pytest.mark.parametrize("learned", [True, False])
def test_an_interrupt_between_trainings_ends_the_others(monkeypatch, learned):
    """What they have learned until then is kept; if that is nothing, the interrupt goes on."""
    monkeypatch.setattr(members, "cores", lambda: 2)
    begun = threading.Event()

    def interrupted(stop):
        assert begun.wait(PATIENCE)
        raise KeyboardInterrupt

    def patient(stop):
        begun.set()
        assert stop.event.wait(PATIENCE)
        if not learned:
            raise KeyboardInterrupt
        return History([{"epoch": 1}])

    if learned:
        histories, was = members.side_by_side([interrupted, patient, patient])
        assert [history is not None for history in histories] == [False, True, False]
        assert was
    else:
        with pytest.raises(KeyboardInterrupt):
            members.side_by_side([interrupted, patient, patient])


def test_an_error_in_one_is_raised_and_nothing_stays(classes):
    class Trouble:
        def on_epoch_end(self, run):
            raise RuntimeError("no luck")

    model = NeuralClassifier(**FEW, members=3, callbacks=[Trouble()])
    with pytest.raises(RuntimeError, match="no luck"):
        model.fit(*classes)
    assert not hasattr(model, "networks_")


def test_warm_start_and_parts_go_on_with_each(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=2, warm_start=True).fit(X, y)
    before = [network.parameters.copy() for network in model.networks_]
    model.fit(X, y)
    assert [len(history) for history in model.histories_] == [8, 8]
    model.partial_fit(X, y)
    assert [len(history) for history in model.histories_] == [9, 9]
    assert all((n.parameters != b).any() for n, b in zip(model.networks_, before, strict=True))
    with pytest.raises(InputError, match=r"another number of members.*Set members=2 to go on"):
        model.set_params(members=3).fit(X, y)


def test_all_members_survive_a_file(classes, tmp_path):
    X, y = classes
    model = NeuralClassifier(**FEW, members=3).fit(X, y)
    glassnet.save(model, tmp_path / "model")
    again = glassnet.load(tmp_path / "model")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.temperature_ == model.temperature_
    assert [n.seed for n in again.networks_] == [n.seed for n in model.networks_]


@pytest.mark.parametrize("members", [0, -1, 2.5, "two"])
def test_members_are_a_positive_number(members, classes):
    with pytest.raises((ValueError, TypeError), match="`members` must be a positive integer"):
        NeuralClassifier(members=members).fit(*classes)


@pytest.mark.slow
@pytest.mark.sample(1)
@pytest.mark.parametrize("rows", [200, 700, 3000])
def test_the_default_is_the_same_in_any_company(rows):
    """Whatever another thread makes BLAS do meanwhile: members start and train beside each other, and beside it."""
    rng = np.random.default_rng(rows)
    X, y, big = rng.normal(size=(rows, 12)).astype(np.float32), rng.integers(0, 3, rows), rng.normal(size=(300, 300))
    alone = NeuralClassifier(preset="bagged", epochs=1, random_state=0).fit(X, y)
    done = threading.Event()

    def keep_busy():
        while not done.is_set():
            big @ big

    beside = threading.Thread(target=keep_busy)
    beside.start()
    try:
        in_company = NeuralClassifier(preset="bagged", epochs=1, random_state=0).fit(X, y)
    finally:
        done.set()
        beside.join()
    for one, other in zip(alone.networks_, in_company.networks_, strict=True):
        assert one.parameters.tobytes() == other.parameters.tobytes()
    assert alone.predict_proba(X).tobytes() == in_company.predict_proba(X).tobytes()
