"""What the files around the code say must agree with each other and with the code."""

import ast
import itertools
import re
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import Doctor, NeuralNetwork, Trainer
from glassnet.exchange.page import javascript
from glassnet.formulas import activations, optimizers
from glassnet.ir import scalar
from glassnet.layers import base
from glassnet.support.messages import warn
from glassnet.support.prefetch import ahead
from tests.gradient import check_network

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "constraints" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


def test_the_version_is_the_same_everywhere():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert cited is not None
    assert cited[1] == glassnet.__version__


def test_whoever_catches_everything_says_why():
    """A broad `except` hides faults of our own: it has its reason beside it, or hands the error on."""
    silent = []
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        if not re.search(r"\bexcept\b\s*(?::|\(?\s*Exception\b)", text):
            continue  # to parse every file takes a second
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception"):
                said = "#" in text.splitlines()[node.lineno - 1]
                last = node.body[-1]
                if not said and not (isinstance(last, ast.Raise) and last.exc is None):
                    silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert silent == []


@pytest.mark.slow
def test_no_class_name_stands_in_two_files():
    """A reader who searches for a class finds one definition."""
    places: dict[str, set[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, set()).add(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_the_changelog_has_a_place_for_the_next_change():
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_oldest_constraints_are_the_lower_bounds():
    extras = PROJECT["optional-dependencies"]
    requirements = [
        *PROJECT["dependencies"],
        *extras["cli"],
        *extras["scale"],
        *extras["excel"],
        *extras["plot"],
        *extras["notebook"],
        *extras["onnx"],
        *extras["search"],
        *extras["serve"],
        *extras["tensorboard"],
        *extras["onnx"],
        *extras["test"],
    ]
    lower = [requirement.partition(";")[0].partition(",")[0] for requirement in requirements]
    bounds = dict(requirement.split(">=") for requirement in lower if ">=" in requirement)
    oldest = pins("oldest.txt")
    assert set(oldest) == {name for name in bounds if not name.startswith(("pytest", "hypothesis"))}
    for name, version in oldest.items():
        assert version.startswith(bounds[name]), f"{name}: {version} in oldest.txt, {bounds[name]} in pyproject.toml"


def test_the_exact_constraints_work_anywhere_and_have_hashes():
    names = {requirement.split(">=")[0].lower() for requirement in PROJECT["dependencies"]}
    exact = pins("ci.txt")
    assert names | {"hatchling", "editables"} <= set(exact)
    lines = (ROOT / "constraints" / "ci.txt").read_text().splitlines()
    pinned = [after for line, after in itertools.pairwise(lines) if "==" in line.partition(";")[0]]
    assert len(pinned) >= len(exact)
    assert all(re.match(r" +--hash=sha256:[0-9a-f]{64}", line) for line in pinned)
    assert "torch" not in exact
    for name, version in exact.items():
        assert re.fullmatch(r"[0-9][0-9a-z.]*", version), f"{name}=={version} is not a release of the package index"


def test_no_file_names_an_address_that_nobody_of_ours_holds():
    """A stranger who registered it would get our users' reports of vulnerabilities."""
    files = [ROOT / name for name in ("pyproject.toml", "CITATION.cff", "Makefile")]
    files += [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md"), *(ROOT / "src").glob("**/*.py")]
    address = re.compile(
        r"https?://[^\s)>\"'`]*glassnet|[\w.+-]+@[\w-]*glassnet|glassnet\.(?:org|com|io|dev|readthedocs)"
    )
    found = {str(file.relative_to(ROOT)): address.findall(file.read_text()) for file in files}
    assert not {name: addresses for name, addresses in found.items() if addresses}


def test_every_test_that_the_whole_check_names_exists():
    """Where one is missing, pytest runs none at all."""
    named = re.findall(r"\btests/[\w/.]*\w", (ROOT / ".ci" / "run").read_text() + (ROOT / "Makefile").read_text())
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_extra_that_a_page_names_exists():
    extras = set(PROJECT["optional-dependencies"])
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")]:
        text = file.read_text()
        lists = re.findall(r"\.\[([\w,]+)\]|glassnet\[([\w,]+)\]", text)
        named = {name for pair in lists for name in ",".join(pair).split(",") if name}
        for several in re.findall(r"extras? (`\w+`(?:(?:,| and|, and) `\w+`)*)", text):
            named |= set(re.findall(r"\w+", several)) - {"and"}
        assert named <= extras, file.name


@pytest.mark.slow
def test_the_way_of_a_training_through_the_source_is_as_a_profiler_sees_it():
    code = "from step_calls import *; print(BLOCK.search(PAGE.read_text('utf-8'))[0] == picture())"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "docs", capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True", "write it anew: python docs/step_calls.py"


@pytest.mark.slow
def test_importing_glassnet_loads_numpy_at_most_its_tables_no_polars_and_its_searches_no_optuna():
    heavy = ["matplotlib", "narwhals", "pandas", "polars", "rich", "safetensors", "scipy", "sklearn"]
    code = f"import sys, glassnet; print(*[name for name in {heavy} if name in sys.modules])"
    code += "; import glassnet.tables.reading.parquet_copy; print(*[name for name in sys.modules if name == 'polars'])"
    code += "; import glassnet.tuning; print(*[name for name in ('optuna', 'sqlalchemy') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.slow
def test_importing_an_estimator_loads_beside_scikit_learn_hardly_more_than_its_own_modules():
    code = "import sys, sklearn.base; known = set(sys.modules); from glassnet import NeuralClassifier"
    code += "; print(*sorted(set(sys.modules) - known))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", capture_output=True, text=True, check=True)
    loaded = run.stdout.split()
    packages = [name.partition(".")[0] for name in loaded]
    frames = {"concurrent", "narwhals"}  # which a newer scikit-learn has loaded already
    assert set(packages) <= {"glassnet", "sklearn", "fractions", "shlex", "timeit"} | frames
    assert sum(package not in frames for package in packages) <= 210


def contributed() -> list[str]:
    """The code in CONTRIBUTING: a formula, its record, a layer, a formula in another language."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


def test_the_formula_in_contributing_is_right():
    functions, record, *_ = contributed()
    names = dict(vars(activations))
    exec(functions, names)
    activation = eval(record, names)
    z = np.linspace(-8, 8, 101)
    measured = (activation(z + 1e-5) - activation(z - 1e-5)) / 2e-5
    np.testing.assert_allclose(activation.backward(z, activation(z), 1), measured, atol=1e-8)


@pytest.mark.parametrize("width", [3, 5])
def test_the_layer_in_contributing_is_right_and_compiled(width):
    names = dict(vars(base))
    exec(contributed()[2], names)
    X, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 2
    networks = [
        glassnet.NeuralNetwork(4, [names["Shift"](), f"tanh:{width}", names["Shift"](rate=2.0), 2], engine=engine)
        for engine in ("compiled", "reference")
    ]
    losses = [network.train(X, y[:, None] * np.ones(2), epochs=3, batch_size=16) for network in networks]
    np.testing.assert_allclose(*losses, rtol=1e-12)
    check_network(networks[0], X[:8], y[:8, None] * np.ones(2))
    assert {"1.a", "d_3.shift"} <= {entry.name for entry in networks[0].trace(X, y[:, None] * np.ones(2))}


def test_the_printer_in_contributing_says_all_of_a_rule():
    names = vars(javascript) | vars(scalar) | {"spell": javascript._spell, "adam": optimizers.adam}
    exec(contributed()[3], names)
    assert [name for _, name, _ in names["lines"]] == ["m_2", "v_2", "m_hat", "v_hat"]
    assert names["outputs"][1:] == ["m_2", "v_2"]
    assert names["first"] is None


@pytest.mark.once
def test_a_module_whose_examples_run_is_imported_once():
    """By pytest alone it would be executed again after the package that imports it, and each of its classes be two."""
    module = "src/glassnet/tables/reading/notation.py"
    code = f"import pytest; pytest.main(['-q', '--collect-only', {module!r}]);"
    code += "from glassnet.tables.reading import notation, readers; assert notation.Notation is readers.Notation"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def _without_encoding(call: ast.Call) -> bool:
    """Whether a call reads or writes text in the encoding of whatever machine it runs on."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if "encoding" in given:
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    if name in ("run", "Popen", "check_output"):
        return bool({"text", "universal_newlines"} & given.keys())
    words = [word.value for word in (*call.args, *given.values()) if isinstance(word, ast.Constant)]
    return name == "open" and not any("b" in str(word) for word in words)


@pytest.mark.once
def test_no_text_is_in_the_encoding_of_the_machine():
    """Which may lack the letters of a model's columns."""
    found = {
        f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)[:60]}"
        for path in (ROOT / "src").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and _without_encoding(call)
    }
    assert {line for line in found if "os.open(" not in line} == set()


def test_whoever_warns_names_a_line_of_the_users():
    """`warnings.warn` counts frames, and how many of them are ours depends on the way that was taken."""
    counting = [path.name for path in (ROOT / "src").rglob("*.py") if re.search(r"warnings\.warn\(", path.read_text())]
    assert counting == []


def _lines_warned_of(call: str, **known: object) -> set[tuple[str, int]]:
    """Where a script of one line that stands in a file of the user's is said to have led to warnings."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        exec(compile(f"\n\n{call}", "/home/somebody/script.py", "exec"), dict(known))
    return {(each.filename, each.lineno) for each in told}


def test_a_warning_out_of_a_callback_names_the_line_that_called_fit():
    X = np.random.default_rng(0).normal(size=(100, 2))
    network = NeuralNetwork(2, ["relu:8", 1], engine="reference")
    network["1.b"][...] = -100
    trainer = Trainer(epochs=2, callbacks=[Doctor()])
    places = _lines_warned_of("fit(network, X, X[:, 0])", fit=trainer.fit, network=network, X=X)
    assert places == {("/home/somebody/script.py", 3)}


def test_a_warning_out_of_a_thread_of_ours_names_the_line_that_waits_for_it():
    known, file = {"warn": warn}, f"{Path(glassnet.__file__).parent}/reading.py"
    exec(compile("def read(part): warn('a file is cut')", file, "exec"), known)
    places = _lines_warned_of("list(ahead(1, read))", ahead=ahead, read=known["read"])
    assert places == {("/home/somebody/script.py", 3)}
