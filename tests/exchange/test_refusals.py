"""What cannot be saved is refused with the remedy, and a save that fails leaves what was there."""

from __future__ import annotations

import errno
import os
import pickle
import re
import stat
import sys
import textwrap

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import (
    Activation,
    Dense,
    Loss,
    NeuralClassifier,
    NeuralNetwork,
    NeuralRegressor,
    Optimizer,
    Schedule,
    load,
    save,
)
from glassnet.errors import InputError, InputTypeError
from glassnet.layers import Layer

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 2))
y = X[:, 0] - X[:, 1]
FOURTH = Loss(
    "fourth", lambda output, target: (output - target) ** 4, lambda output, target: 4 * (output - target) ** 3
)
CUBE = Activation("cube", lambda z: z**3, lambda z, a: 3 * z**2)
SIGN = Optimizer("sign", lambda theta, g, alpha: (theta - alpha * np.sign(g),), learning_rate=0.01)
HALF = Schedule("half", lambda progress: 0.5 + 0 * progress)


def fitted(**options):
    return NeuralRegressor(**{"hidden_layers": (4,), "epochs": 2, "random_state": 0, **options}).fit(X, y)


# ------------------------------------------------------------ what cannot be


@pytest.mark.parametrize(
    "options",
    [
        {"loss": FOURTH},
        {"activation": CUBE},
        {"hidden_layers": [Dense(3, CUBE)]},
        {"optimizer": SIGN},
        {"schedule": HALF},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_formula_of_ones_own_must_be_registered(options, tmp_path):
    with pytest.raises(InputError, match="must be registered under its name.* Register it, here and wherever"):
        save(fitted(**options), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_formula_must_be_the_one_that_is_registered(tmp_path):
    false_mse = Loss("mse", FOURTH.function, FOURTH.derivative)
    with pytest.raises(InputError, match="A loss must be registered under its name.* Received: mse"):
        save(fitted(loss=false_mse), tmp_path / "model")


def test_numbers_that_are_not_finite_are_not_saved(tmp_path):
    network = NeuralNetwork(2, [3, 1])
    network["1.W"][0, 0] = np.nan
    with pytest.raises(InputError, match="must be finite. Received: NaN or infinity"):
        save(network, tmp_path / "network")


class Twice(Layer):
    def forward(self, values, x, run):
        return 2 * x, {"x": x}

    def backward(self, values, record, d_y, gradients):
        return 2 * d_y


def test_a_layer_of_ones_own_has_no_form_in_a_file(tmp_path):
    with pytest.raises(InputTypeError, match="Only glassnet's own layers can be written"):
        save(fitted(hidden_layers=[4, Twice()], engine="reference"), tmp_path / "model")


def test_only_fitted_models_can_be_saved(tmp_path):
    with pytest.raises(NotFittedError, match="not fitted"):
        save(NeuralClassifier(), tmp_path / "model")
    pipeline = make_pipeline(StandardScaler(), fitted())
    with pytest.raises(
        InputTypeError, match="must be one of: NeuralClassifier, .* Received: Pipeline. Save the model in"
    ):
        save(pipeline, tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("notes", [{"a": {1, 2}}, {"a": np.inf}, {"a": object()}], ids=["set", "infinity", "object"])
def test_notes_must_be_plain_data(notes, tmp_path):
    model = fitted()
    model.notes_ = notes
    with pytest.raises(InputError, match="plain data only"):
        save(model, tmp_path / "model")


CLASSES = (y > 0).astype(int)


@pytest.mark.parametrize("kind", [*"?bhilqBHILQefd"])
def test_classes_of_every_type_that_can_be_trained_come_back_as_they_were(tmp_path, kind):
    model = NeuralClassifier(preset="mlp", epochs=1).fit(X, CLASSES.astype(kind))
    save(model, tmp_path / "model")
    back = load(tmp_path / "model")
    assert (back.classes_.dtype, back.classes_.tolist()) == (model.classes_.dtype, model.classes_.tolist())


@pytest.mark.parametrize("kind", ["S1", "F", "g", "datetime64[D]", "datetime64[ns]", "timedelta64[s]"])
def test_classes_that_no_file_can_hold_are_refused_before_training(kind):
    if np.dtype(kind) == np.float64:
        pytest.skip("longdouble is float64 here")
    model = NeuralClassifier(preset="mlp", epochs=1)
    with pytest.raises(
        (InputError, TypeError), match=r"Convert (y to text|the labels to a string)|Give one class per row"
    ):
        model.fit(X, CLASSES.astype(kind))
    assert not hasattr(model, "networks_")


# --------------------------------------------------- formulas on the way back

ACTIVATION = """
    from glassnet.formulas.activations import ACTIVATIONS
    ACTIVATIONS.register(glassnet.Activation("my_cube", lambda z, k: k * z**3, lambda z, a, k: 3 * k * z**2,
                                             parameters=(("k", 0.1),)))
"""
LOSS = """
    from glassnet.formulas.losses import LOSSES
    LOSSES.register(glassnet.Loss("my_fourth", lambda output, target: (output - target) ** 4,
                                  lambda output, target: 4 * (output - target) ** 3))
"""
TRAIN = """
    model = glassnet.NeuralRegressor(hidden_layers=["my_cube(k=0.2):4", "dropout:0.1", 3], loss="my_fourth", epochs=2,
                                     random_state=0).fit(X, X[:, 0])
    glassnet.save(model, path)
    print(model.predict(X).tobytes().hex())
"""
NETWORK = """
    layers = [4, glassnet.Residual([glassnet.Dense(4, "my_cube(k=0.3)")]), 1]
    glassnet.save(glassnet.NeuralNetwork(2, layers), path + " network")
"""
REFUSAL = """
    try:
        glassnet.load(path)
    except glassnet.errors.InputError as error:
        print(error)
"""
PREDICT = """
    print(glassnet.load(path).predict(X).tobytes().hex())
"""


@pytest.fixture(scope="module")
def run(forks):
    """Carry parts of a program out in a process of its own."""
    start = """
        import sys, numpy, glassnet
        path, X = sys.argv[1], numpy.random.default_rng(0).normal(size=(40, 2))
    """

    def carry_out(*parts, path):
        return forks.run("-c", "\n".join(textwrap.dedent(part) for part in (start, *parts)), path)

    return carry_out


@pytest.fixture(scope="module")
def trained(tmp_path_factory, run):
    """Models with formulas that only the process had which made them, and what the first predicted."""
    path = tmp_path_factory.mktemp("own formulas") / "model"
    made = run(ACTIVATION, LOSS, TRAIN, NETWORK, path=path)
    assert made.returncode == 0, made.stderr
    return path, made.stdout


@pytest.mark.slow
def test_a_registered_formula_comes_back_where_it_is_registered(trained, run):
    path, predicted = trained
    refused, _, again = run(ACTIVATION, REFUSAL, LOSS, PREDICT, path=path).stdout.partition("\n")
    assert refused.startswith("model cannot be loaded: A loss must be registered")
    assert again == predicted


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model", "model network"], ids=["of an estimator", "inside a layer"])
def test_a_missing_activation_is_named_wherever_it_is(name, trained):
    with pytest.raises(InputError, match="An activation must be registered before.* Received: 'my_cube'. Register it"):
        load(trained[0].with_name(name))


# --------------------------------------------------------------- the writing


def test_a_save_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "model"
    save(fitted(), path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=re.escape(f"No space left on device; the model was not saved: '{path}'")):
        save(fitted(epochs=3), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of this kind")
def test_a_disk_that_is_too_small_is_an_error_that_says_so(tmp_path, run):
    code = """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        glassnet.save(glassnet.NeuralNetwork(100, [100]), path)
    """
    failed = run(code, path=tmp_path / "model")
    assert "the model was not saved" in failed.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_an_interrupted_save_leaves_nothing_half(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(fitted(), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="the model was not saved"):
        save(fitted(), tmp_path / "nowhere" / "model")


@pytest.mark.skipif(sys.platform == "win32", reason="has no modes and links of this kind")
def test_replacing_keeps_the_mode_and_follows_a_link(tmp_path):
    path, link = tmp_path / "model", tmp_path / "link"
    save(fitted(), path)
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    path.chmod(0o600)
    link.symlink_to(path)
    save(fitted(epochs=3), link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path).n_iter_ == 3


# --------------------------------------------------------------- the reading


def test_no_pickle_is_ever_read(tmp_path):
    path = tmp_path / "model"

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InputError, match="model cannot be loaded: A model must be a complete safetensors file"):
        load(path)
    assert not (tmp_path / "exploded").exists()


def test_what_is_no_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "model")
    with pytest.raises(InputError, match="A folder to load must have a checkpoint"):
        load(tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="has no such device")  # noqa: PTH110
def test_a_device_without_end_is_not_read():
    with pytest.raises(InputError, match="must be a regular file"):
        load("/dev/zero")


def test_networks_come_back_as_networks_only(tmp_path):
    save(NeuralNetwork(2, [3, 1]), tmp_path / "network")
    assert not hasattr(load(tmp_path / "network"), "encoder_")
