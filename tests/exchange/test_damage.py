"""Whatever a file holds, loading it gives a model or an error of input: damage by chance, and by intent."""

from __future__ import annotations

import copy
import hashlib
import json
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save as pack

from glassnet import BatchNorm, Dense, NeuralClassifier, NeuralNetwork, NeuralRegressor, Residual, load, save
from glassnet.errors import InputError
from glassnet.support.container import FORMAT, read, write
from tests.exchange.documents import holder, places

rng = np.random.default_rng(0)
NUMBERS = rng.normal(size=(40, 3))
TABLE = [[a, b, c, "uvw"[i % 3], None if i % 5 == 0 else i] for i, (a, b, c) in enumerate(NUMBERS.tolist())]
CLASSES = np.array(["no", "yes", "?"])[np.digitize(NUMBERS[:, 0], [-0.5, 0.5])]
SHORT = {"preset": "mlp", "epochs": 2, "random_state": 0}
LAYERS = [4, BatchNorm(), "dropout:0.1", Residual([Dense(4, "tanh")])]
MODELS = {
    "classifier": NeuralClassifier(hidden_layers=LAYERS, class_weight={"no": 2.0}, **SHORT),
    "regressor": NeuralRegressor(hidden_layers=(3,), **SHORT),
    "network": NeuralNetwork(3, ["tanh:4", BatchNorm(), 2], "cross_entropy"),
}
ROWS = {"classifier": TABLE, "regressor": NUMBERS, "network": NUMBERS}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    MODELS["classifier"].fit(TABLE, CLASSES)
    MODELS["regressor"].fit(NUMBERS, NUMBERS[:, :2])
    for name, model in MODELS.items():
        save(model, folder / name)
    return folder


def load_or_refuse(path):
    """The model, or None if it was refused in the right way."""
    try:
        return load(path)
    except InputError as error:
        message = str(error)
    assert message.startswith(f"{path.name} cannot be loaded: ")
    return None


names = st.sampled_from(list(MODELS))


# ---------------------------------------------------------------- by chance


@given(names, st.data())
def test_not_one_changed_byte_goes_unnoticed(files, name, data):
    contents = bytearray((files / name).read_bytes())
    position = data.draw(st.integers(0, len(contents) - 1))
    contents[position] ^= data.draw(st.integers(1, 255))
    path = files / "changed"
    path.write_bytes(contents)
    model = load_or_refuse(path)
    if model is not None:  # one kind of white space in the header for another: that is no damage
        assert contents[position] in b" \t\n\r"
        assert model.predict(ROWS[name]).tolist() == MODELS[name].predict(ROWS[name]).tolist()


@given(names, st.data())
def test_a_part_of_a_file_is_refused(files, name, data):
    contents = (files / name).read_bytes()
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(contents))] * 2)))
    path = files / "part"
    path.write_bytes(data.draw(st.sampled_from([contents[:end], contents[start:], contents + contents[start:end]])))
    if path.read_bytes() != contents:
        assert load_or_refuse(path) is None


@given(st.binary(max_size=200))
def test_noise_is_refused(files, noise):
    (files / "noise").write_bytes(noise)
    assert load_or_refuse(files / "noise") is None


# ---------------------------------------------------------------- by intent

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from([-1, 0, 1, 2, 10**9, 10**30, 1e308, "relu", "float32", "mse", "Dense", "os.system", "__class__"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(names, st.data())
def test_a_false_description_with_a_right_digest_does_no_harm(files, name, data):
    document, arrays = read(files / name)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(list(places(document))))
        inside, key = holder(document, path), path[-1]
        change = data.draw(st.sampled_from(["replace", "remove", "copy", "swap"]))
        if change == "remove":
            del inside[key]
        elif change == "replace":
            inside[key] = data.draw(PLAIN)
        elif change == "copy" and isinstance(inside, list):
            inside.append(copy.deepcopy(inside[key]))
        else:
            other = data.draw(st.sampled_from(list(places(document))))
            inside[key] = copy.deepcopy(holder(document, other)[other[-1]])
    write_false(files / "false", document, arrays)
    check_harmless(files / "false", ROWS[name])


def write_false(path, document, arrays):
    document = {key: value for key, value in document.items() if key != "format"} | (
        {"format": document["format"]} if "format" in document else {}
    )
    try:
        write(path, document, arrays)
    except InputError:  # numbers that JSON has no form for
        path.write_bytes(b"")


def check_harmless(path, rows):
    """Refused, or a model that predicts or refuses to."""
    model = load_or_refuse(path)
    if model is None:
        return
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            predicted = model.predict(rows)
        except (InputError, TypeError):
            return
    assert len(predicted) == len(rows)


@given(names, st.data())
def test_false_arrays_do_no_harm(files, name, data):
    document, arrays = read(files / name)
    chosen = data.draw(st.sampled_from(sorted(arrays)))
    array = arrays[chosen].copy()
    change = data.draw(st.sampled_from(["drop", "longer", "shorter", "shape", "dtype", "value", "rename", "more"]))
    if change == "drop":
        del arrays[chosen]
    elif change == "rename":
        arrays[chosen + "s"] = arrays.pop(chosen)
    elif change == "more":
        arrays["more"] = array
    elif change == "value" and array.size:
        index = data.draw(st.integers(0, array.size - 1))
        odd = [-1, 0, 7, 2**40] if array.dtype.kind == "i" else [-1.0, 0.0, 1e30, 1e-40, np.nan, np.inf, -np.inf]
        array[index] = data.draw(st.sampled_from(odd))
        arrays[chosen] = array
    else:
        arrays[chosen] = {
            "longer": np.append(array, array[:1] if array.size else np.ones(1, array.dtype)),
            "shorter": array[1:],
            "shape": array[:, None],
        }.get(change, array.astype("float32" if array.dtype != "float32" else "float64"))
    write_false(files / "false", document, arrays)
    check_harmless(files / "false", ROWS[name])


def test_a_running_variance_below_zero_is_refused(files):
    """Its root would be NaN, and with it every answer."""
    document, arrays = read(files / "network")
    arrays["statistics"] = arrays["statistics"].copy()
    arrays["statistics"][-1] = -0.1
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match="running statistic `2.variance` must be 0 or more. Received: -0.1"):
        load(files / "false")


@pytest.mark.parametrize("place", ["ended", "note", "key"])
def test_half_a_pair_of_surrogates_is_refused(files, place):
    """No page, no terminal and no file can have it, so that it would fail later, wherever it is shown."""
    document, arrays = read(files / "classifier")
    document["histories"][0]["endings"][0]["words"] = "MARK" if place == "ended" else "as it was"
    document["notes"] = {"MARK" if place == "key" else "key": "MARK" if place == "note" else 1}
    with pytest.raises(InputError, match="Text in a model file must be Unicode. Received: 'half .ud800'. Rename"):
        write(files / "false", {**document, "notes": {"a": "half \ud800"}}, arrays)
    text = json.dumps({**document, "sha256": ""}).replace("MARK", "\\ud800")
    digest = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.name} {array.shape}".encode())
        digest.update(array.tobytes())
    text = text.removesuffix('""}') + f'"{digest.hexdigest()}"}}'
    (files / "false").write_bytes(pack(arrays, {"glassnet": text}))
    with pytest.raises(InputError, match="Text in a model file must be Unicode. Received: '.ud800'"):
        load(files / "false")


@pytest.mark.parametrize("rows", [[{}], [{"epoch": 1}], [{"epoch": "inf", "loss": 0.5}], [{"epoch": 0, "loss": 0.5}]])
def test_a_history_that_could_not_be_shown_is_refused(files, rows):
    document, arrays = read(files / "classifier")
    document["histories"][0]["rows"] = rows
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match="A row of a history must have its epoch and the loss"):
        load(files / "false")


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("options", "class_weight", {"weights": [[0, "-inf"]]}),
        ("options", "class_weight", {"weights": [[0, -3.0]]}),
        ("options", "cv", {"splitter": {"name": "system", "parameters": {}}}),
        ("options", "cv", {"splitter": {"name": "KFold", "parameters": {"n_splits": -1}}}),
        ("options", "cv", {"splitter": {"name": "KFold", "parameters": {"own": 1}}}),
        ("options", "cv", {"splitter": {"name": ["KFold"], "parameters": {}}}),
        ("options", "cv", {"splitter": {"name": "KFold", "parameters": {"random_state": "0"}}}),
        ("options", "epochs", -5),
        ("options", "rates", {"weights": [["first", "-inf"]]}),
        ("settings", "learning_rate", -1.0),
        ("settings", "members", 0),
    ],
)
def test_options_that_no_fit_would_take_are_refused(files, part, name, value):
    document, arrays = read(files / "classifier")
    document[part][name] = value
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match=f"cannot be loaded: `{name}`"):
        load(files / "false")


def test_scores_and_summaries_that_cannot_be_are_refused(files):
    document, arrays = read(files / "classifier")
    write(files / "false", document, arrays | {"conformal": np.array([-np.inf, 0.5])})
    with pytest.raises(InputError, match="conformal scores"):
        load(files / "false")
    for change in ({"ends": [3.0, 2.0, 1.0]}, {"levels": [["a", -1]]}):
        false = copy.deepcopy(document)
        false["data"]["columns"][0] |= change
        write(files / "false", false, arrays)
        with pytest.raises(InputError, match="table description of a model"):
            load(files / "false")


@pytest.mark.parametrize("temperature", [0.0, 1e-320, 1e38, "warm"])
def test_a_temperature_by_which_scores_cannot_be_divided_is_refused(files, temperature):
    document, arrays = read(files / "classifier")
    write(files / "false", document | {"temperature": temperature}, arrays)
    with pytest.raises(InputError, match="temperature"):
        load(files / "false")


@pytest.mark.parametrize("what", ["parameters", "statistics"])
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(files, what, odd):
    document, arrays = read(files / "network")
    arrays[what] = arrays[what].copy()
    arrays[what][-1] = odd
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match=f"The {what} of a model must match the rest. Received: NaN or infinity"):
        load(files / "false")


def test_a_network_that_applied_its_last_activation_twice_is_not_loaded_as_another(files):
    """Early versions trained such ones. Their answers were those of a sigmoid of a sigmoid."""
    document, arrays = read(files / "network")
    document["network"]["layers"][-1] |= {"activation": "softmax"}
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match=r"must not end with the activation that its loss applies itself.*Train it"):
        load(files / "false")


@pytest.mark.parametrize(
    "layers",
    [
        [{"type": "Dense", "units": 10**9}, {"type": "Dense", "units": 2}],
        [{"type": "Dense", "units": 10**30}],
        [{"type": "Residual", "layers": [{"type": "Dense", "units": 10**9}, {"type": "Dense", "units": 3}]}],
        [{"type": "BatchNorm"}] * 30_000,
    ],
    ids=["wide", "absurd", "in a block", "many"],
)
def test_no_memory_is_taken_on_a_claim(files, layers):
    document, arrays = read(files / "network")
    document["network"]["layers"] = layers
    write(files / "false", document, arrays)
    size = (files / "false").stat().st_size
    tracemalloc.start()
    assert load_or_refuse(files / "false") is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (
        peak < 20 * size + 5_000_000
    )  # Python's objects take some ten times the room of the text that they are read from


def nested(depth):
    layer = {"type": "Dense", "units": 3}
    for _ in range(depth):
        layer = {"type": "Residual", "layers": [layer]}
    return layer


@pytest.mark.parametrize("depth", [60, 300])
def test_blocks_in_blocks_without_end_are_refused(files, depth):
    document, arrays = read(files / "network")
    document["network"]["layers"] = [nested(depth)]
    write(files / "false", document, arrays)
    assert load_or_refuse(files / "false") is None


@pytest.mark.parametrize(
    "text",
    ["[" * 10**5, "9" * 5000, '{"format": NaN}', '{"format": 1e999}', "{}", "[]", '{"format": true}', '"\\ud800"'],
)
def test_a_description_that_is_none_is_refused(files, text):
    (files / "false").write_bytes(pack({"parameters": np.zeros(3)}, {"glassnet": text}))
    assert load_or_refuse(files / "false") is None


def test_a_newer_format_is_refused_and_says_what_to_do(files):
    text = json.dumps({"format": FORMAT + 1, "versions": {"glassnet": "7.1"}, "more": "than we know"})
    (files / "newer").write_bytes(pack({"tensor": np.zeros(3)}, {"glassnet": text}))
    with pytest.raises(
        InputError,
        match=rf"must be at most {FORMAT}. Received: format {FORMAT + 1}, written by glassnet 7.1. Install a newer",
    ):
        load(files / "newer")


def test_another_safetensors_file_is_refused(files):
    (files / "other").write_bytes(pack({"weight": np.zeros((3, 2), "float32")}))
    with pytest.raises(InputError, match="must be a file that glassnet wrote. Received: another safetensors file"):
        load(files / "other")


@pytest.mark.parametrize("kind", ["Pipeline", "os.system", "NeuralEstimator", None, ["NeuralNetwork"]])
def test_nothing_but_the_known_kinds_is_made(files, kind):
    document, arrays = read(files / "classifier")
    document["kind"] = kind
    write(files / "false", document, arrays)
    with pytest.raises(InputError, match="The kind of a model must be one of: NeuralClassifier"):
        load(files / "false")


def test_parts_of_different_models_do_not_fit(files):
    document, arrays = read(files / "classifier")
    theirs, their_arrays = read(files / "regressor")
    for part in ("network", "encoder", "targets"):
        mixed = {**document, part: theirs[part]}
        own = {name: array for name, array in arrays.items() if not name.startswith(part)}
        more = {name: array for name, array in their_arrays.items() if name.startswith(part)}
        write(files / "false", mixed, own | more)
        assert load_or_refuse(files / "false") is None
