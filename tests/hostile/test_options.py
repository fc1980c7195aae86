"""Whatever is given for an option of whatever is public: it works, or an error of glassnet says what is wrong."""

import contextlib
import io
import re

import matplotlib.pyplot as plt
import pytest

import glassnet
from glassnet.errors import DivergenceError, InputError, InputTypeError, MissingExtraError
from tests.hostile.doors import Door, doors
from tests.hostile.values import HOSTILE

OURS = (InputError, InputTypeError, DivergenceError, MissingExtraError)
DATA = (
    "X",
    "y",
    "sample_weight",
    "groups",
    "times",
    "validation_data",
    "background",
    "test_data",
    "training_data",
    "matrix",
    "classes",
)
"""Tables are no options: what is none may be an error in the words of scikit-learn or of the library it came from."""
PATHS = ("path", "folder", "storage", "checkpoint")
"""A path may be one at which no file can be: the operating system says so, as the documentation does."""
FUNCTIONS = ("function", "derivative", "rule", "coefficients", "scoring", "callbacks", "tell", "score")
"""A function is not called to see what it does: `int` is one, and what it says of three arguments is its own affair."""
SAID = re.compile(r".+[.?] Received: .+[.?] .+|.+ needs .+ Install it with: .+", re.DOTALL)


@pytest.fixture(autouse=True)
def in_a_folder_with_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = glassnet.NeuralNetwork(2, ["tanh:2", 1], engine="reference")
    glassnet.save(network, "model.safetensors")
    glassnet.to_onnx(network, "model.onnx")


def outcome(door: Door, option: str, value: str) -> str:
    """What is wrong with how this ends, or nothing."""
    given = HOSTILE[value]()
    allowed = (*OURS, *((OSError,) if option in PATHS else ()), *((ValueError, TypeError) if option in DATA else ()))
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            door(option, given)
    except allowed as error:
        if option in DATA or not isinstance(error, (InputError, InputTypeError)) or SAID.fullmatch(str(error)):
            return ""
        return f"{door.name}({option}={value}) does not say it all: {error}"
    except Exception as error:
        return f"{door.name}({option}={value}) raises {type(error).__name__}: {error}"
    finally:
        plt.close("all")
    return ""


def cases(data: bool) -> list[tuple[Door, str, str]]:
    """What is to be tried, of the tables or of the other options."""
    every = [(door, option, value) for door in doors().values() for option in door.options for value in HOSTILE]
    every = [case for case in every if (case[1] in DATA) == data]
    return [case for case in every if not (case[1] in FUNCTIONS and callable(HOSTILE[case[2]]()))]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_nothing_raw_comes_out_of_any_table(sample):
    found = [outcome(*case) for case in sample(cases(data=True), 500)]
    assert not [wrong for wrong in found if wrong]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_nothing_raw_comes_out_of_any_option(sample):
    found = [outcome(*case) for case in sample(cases(data=False), 500)]
    assert not [wrong for wrong in found if wrong]


def test_every_public_callable_is_a_door():
    """One that is forgotten would never be tried."""
    named = {name.partition(".")[0] for name in doors()}
    from tests.hostile import doors as listed

    left_out = {*listed.MADE_BY_GLASSNET, *listed.TAKES_ANOTHER_LIBRARY, *listed.NO_OPTIONS, "__version__", "plots"}
    assert set(glassnet.__all__) - left_out <= named
    assert {f"plots.{name}" for name in glassnet.plots.__all__} <= set(doors())
