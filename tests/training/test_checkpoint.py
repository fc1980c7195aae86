"""Trainings that a kill ends, and that go on from a checkpoint: to the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import glassnet
from glassnet import Checkpoint, NeuralNetwork, Trainer
from glassnet.engines import Updater
from glassnet.errors import InputError, TrainingWarning
from glassnet.formulas.schedules import Schedule
from glassnet.layers import BatchNorm
from glassnet.support.container import read, write
from glassnet.training.checkpoint import latest_checkpoint
from tests.killing import Kill, KilledError

ROWS = 300


@pytest.fixture(autouse=True)
def at_each_batch(monkeypatch):
    """Checkpoints may take as long as they like."""
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(ROWS, 4))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def network(engine="compiled"):
    return NeuralNetwork(4, ["tanh:8", "dropout:0.2", 2], loss="cross_entropy", seed=5, engine=engine)


def numbers(network, history):
    rows = [{name: value for name, value in row.items() if name != "seconds"} for row in history.rows]
    return network.parameters.tobytes(), network.statistics.tobytes(), rows, history.best_epoch, history.endings


SETTINGS = [
    {},
    {"optimizer": "nadam", "schedule": "cosine(warmup=0.1)", "decay_schedule": "flat_cosine", "weight_decay": 0.01},
    {"optimizer": "sgd", "learning_rate": 0.1, "schedule": "reduce_on_plateau(patience=1)", "clip_norm": 0.5},
    {"ema_decay": 0.9, "validation_fraction": 0.0, "early_stopping": False},
    {"patience": 2, "restore_best": False, "scoring": "accuracy"},
]


@pytest.mark.sample
@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_training_that_was_killed_ends_with_the_same_bits(data, tmp_path, settings, engine):
    def trainer(*callbacks):
        return Trainer(**{"epochs": 6, "batch_size": 32, **settings}, callbacks=callbacks)

    whole = network(engine)
    wanted = numbers(whole, trainer().fit(whole, *data))
    for after in (1, 9, 14, 20):
        with pytest.raises(KilledError):
            trainer(Kill(after)).fit(network(engine), *data, checkpoint=Checkpoint(tmp_path, every=0))
    resumed = network(engine)
    assert numbers(resumed, trainer().fit(resumed, *data, checkpoint=Checkpoint(tmp_path, every=0))) == wanted


def test_batch_statistics_go_on(data, tmp_path):
    def fresh():
        return NeuralNetwork(4, ["relu:8", BatchNorm(), 2], loss="cross_entropy", seed=5)

    whole, resumed = fresh(), fresh()
    wanted = numbers(whole, Trainer(epochs=3).fit(whole, *data))
    with pytest.raises(KilledError):
        Trainer(epochs=3, callbacks=[Kill(12)]).fit(fresh(), *data, checkpoint=Checkpoint(tmp_path, every=0))
    assert numbers(resumed, Trainer(epochs=3).fit(resumed, *data, checkpoint=tmp_path)) == wanted


def test_a_finished_training_only_gives_what_came_out(data, tmp_path):
    first, second = network(), network()
    wanted = numbers(first, Trainer(epochs=2).fit(first, *data, checkpoint=tmp_path))
    again = Trainer(epochs=2, callbacks=[Kill(1)]).fit(second, *data, checkpoint=tmp_path)
    assert numbers(second, again) == wanted


def test_another_training_is_refused_with_what_differs(data, tmp_path):
    X, y = data
    Trainer(epochs=2).fit(network(), X, y, checkpoint=tmp_path)
    with pytest.raises(InputError, match=r"differences in batch_size: 32 there, 16 here; epochs: 2 there, 3 here"):
        Trainer(epochs=3, batch_size=16).fit(network(), X, y, checkpoint=tmp_path)
    with pytest.raises(InputError, match="differences in training rows; validation rows"):
        Trainer(epochs=2).fit(network(), X + 1, y, checkpoint=tmp_path)
    assert network().seed == 5


def _accuracy(estimator, X, y):
    return float((estimator.predict(X) == y).mean())


def test_another_scoring_is_refused(data, tmp_path):
    X, y = data
    more_often_wrong = lambda estimator, X, y: -_accuracy(estimator, X, y)  # noqa: E731
    right = lambda estimator, X, y: _accuracy(estimator, X, y)  # noqa: E731
    for number, (one, other) in enumerate([("accuracy", "balanced_accuracy"), (right, more_often_wrong)]):
        folder = tmp_path / str(number)
        Trainer(epochs=2, scoring=one).fit(network(), X, y, checkpoint=folder)
        with pytest.raises(InputError, match="differences in scoring"):
            Trainer(epochs=2, scoring=other).fit(network(), X, y, checkpoint=folder)
        Trainer(epochs=2, scoring=one).fit(network(), X, y, checkpoint=folder)


NAMED = """
from functools import partial
from glassnet.training.fingerprint import judge_name

def kind(estimator, X, y, of=1):
    return of if type(estimator).__name__ in {"a", "b", "c", "d", "e"} else -of

class Judge:
    def __call__(self, estimator, X, y):
        return 0.0

print(judge_name(kind), judge_name(partial(kind, of=2)), judge_name(Judge()), judge_name(Judge().__call__))
"""


@pytest.mark.slow
def test_a_scoring_is_the_same_in_the_next_process():
    found = set()
    for seed in "01":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", NAMED], env=environment, capture_output=True, text=True, check=True)
        found.add(run.stdout)
    assert len(found) == 1, found


def test_another_start_of_optimizer_or_history_is_refused(data, tmp_path):
    begun, trained = network(), network()
    updater = Updater(trained.layout, "adam")
    earlier = Trainer(epochs=1).fit(trained, *data, updater=updater)
    Trainer(epochs=2).fit(begun, *data, updater=Updater(begun.layout, "adam"), checkpoint=tmp_path)
    with pytest.raises(InputError, match="differences in optimizer at the start"):
        Trainer(epochs=2).fit(network(), *data, updater=updater, checkpoint=tmp_path)
    with pytest.raises(InputError, match="differences in earlier epochs: 0 there, 1 here"):
        Trainer(epochs=2).fit(network(), *data, history=earlier, checkpoint=tmp_path)


@pytest.mark.parametrize("place", [{"step": -1}, {"step": 1000}, {"epoch": -1}, {"epoch": 2}, {"total": "much"}])
def test_a_place_that_no_training_comes_to_is_refused(data, tmp_path, place):
    with pytest.raises(KilledError):
        Trainer(epochs=3, callbacks=[Kill(12)]).fit(network(), *data, checkpoint=Checkpoint(tmp_path, every=0))
    for path in tmp_path.iterdir():
        document, arrays = read(path)
        document["training"]["place"] |= place
        write(path, document, arrays)
    with pytest.raises(InputError, match="A checkpoint must be unmodified"):
        Trainer(epochs=3).fit(network(), *data, checkpoint=tmp_path)


def test_weights_of_another_shape_are_refused(data, tmp_path):
    Trainer(epochs=1).fit(network(), *data, checkpoint=tmp_path)
    for path in tmp_path.iterdir():
        document, arrays = read(path)
        write(path, document, arrays | {"parameters": arrays["parameters"][:1]})
    with pytest.raises(InputError, match="A checkpoint must be unmodified"):
        Trainer(epochs=1).fit(network(), *data, checkpoint=tmp_path)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(data, tmp_path):
    whole, resumed = network(), network()
    wanted = numbers(whole, Trainer(epochs=3).fit(whole, *data))
    with pytest.raises(KilledError):
        Trainer(epochs=3, callbacks=[Kill(20)]).fit(network(), *data, checkpoint=Checkpoint(tmp_path, every=0))
    last = latest_checkpoint(tmp_path).path  # clocks of files do not tell two of the same moment apart
    contents = last.read_bytes()
    last.write_bytes(contents[:-1] + bytes([contents[-1] ^ 1]))
    with pytest.warns(TrainingWarning, match=rf"the previous one is used: {last.name}"):
        history = Trainer(epochs=3).fit(resumed, *data, checkpoint=tmp_path)
    assert numbers(resumed, history) == wanted


def test_none_that_is_sound_is_an_error(data, tmp_path):
    (tmp_path / "checkpoint-1.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match="A checkpoint to resume from must be intact"):
        Trainer(epochs=1).fit(network(), *data, checkpoint=tmp_path)


def test_a_second_training_in_the_folder_is_told(data, tmp_path):
    class Second:
        def on_epoch_end(self, run):
            with pytest.raises(InputError, match="another one is at work"):
                Trainer(epochs=1).fit(network(), *data, checkpoint=tmp_path)

    Trainer(epochs=1, callbacks=[Second()]).fit(network(), *data, checkpoint=tmp_path)


def test_without_room_training_goes_on_and_says_so(data, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glassnet.training.checkpoint.write", full)
    whole, trained = network(), network()
    wanted = numbers(whole, Trainer(epochs=2).fit(whole, *data))
    with pytest.warns(TrainingWarning, match="No checkpoint could be written.*No space left") as warned:
        history = Trainer(epochs=2).fit(trained, *data, checkpoint=Checkpoint(tmp_path, every=0))
    assert numbers(trained, history) == wanted
    assert len(warned) == 1


@pytest.mark.parametrize("settings", [{"time_limit": 60}, {"optimizer": "lbfgs"}])
def test_what_cannot_be_repeated_takes_none(data, tmp_path, settings):
    with pytest.raises(InputError, match="checkpoint"):
        Trainer(**settings).fit(network(), *data, checkpoint=tmp_path)


def test_a_schedule_that_no_name_stands_for_takes_none(data, tmp_path):
    with pytest.raises(InputError, match="must be registered under its name"):
        Trainer(schedule=Schedule("mine", lambda p: 1 - p / 2)).fit(network(), *data, checkpoint=tmp_path)


def test_a_checkpoint_is_a_model(data, tmp_path):
    with pytest.raises(KilledError):
        Trainer(epochs=3, callbacks=[Kill(12)]).fit(network(), *data, checkpoint=Checkpoint(tmp_path, every=0))
    loaded = glassnet.load(tmp_path / "checkpoint-1.safetensors")
    assert loaded.predict(data[0]).shape == (ROWS, 2)


PROGRAM = """
import sys
import numpy as np
from glassnet import Checkpoint, NeuralNetwork, Trainer
from glassnet.training import checkpoint as module
module.SHARE = 0
rng = np.random.default_rng(3)
X = rng.normal(size=(2000, 4))
network = NeuralNetwork(4, ["tanh:32", "tanh:32", 2], loss="cross_entropy", seed=5)
print("begun", flush=True)
checkpoint = Checkpoint(sys.argv[1], every=0) if len(sys.argv) > 1 else None
Trainer(epochs=150, early_stopping=False).fit(network, X, (X[:, 0] > 0).astype(int), checkpoint=checkpoint)
print(network.parameters.tobytes().hex())
"""


@pytest.mark.once
def test_sigkill_at_any_moment(forks, tmp_path):
    """Of a process, in the middle of writing, too."""
    wanted = forks.run("-c", PROGRAM).stdout
    for after in (0.05, 0.2, 0.3):
        process = forks.fork("-c", PROGRAM, tmp_path)
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert forks.run("-c", PROGRAM, tmp_path).stdout == wanted


def test_a_file_is_no_folder(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="The path of checkpoints must be a folder"):
        Trainer(epochs=1).fit(network(), *data, checkpoint=tmp_path / "file")
