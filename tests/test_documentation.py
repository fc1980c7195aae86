"""What people read is true: code runs, commands exist, both languages say the same, figures are those of the files."""

import ast
import contextlib
import inspect
import io
import json
import re
import sys
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from types import SimpleNamespace

import pytest

import glassnet

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def pages(language: str) -> list[str]:
    """The pages of a language, below its folder; the reference of formulas is in one language."""
    files = (ROOT / "docs" / language).rglob("*.md")
    names = sorted(file.relative_to(ROOT / "docs" / language).as_posix() for file in files)
    return [name for name in names if not name.startswith("reference/")]


PAGES = pages("en")
TEXTS = [ROOT / name for name in (*READMES, "CONTRIBUTING.md")]
TEXTS += [ROOT / "docs" / language / name for language in ("en", "zh") for name in pages(language)]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def cells(page: str) -> list[str]:
    """The code of a page that its readers see."""
    found = blocks(page, "{code-cell} ipython3")
    return [re.sub(r"\A(---\n.*?^---\n|(:[^\n]*\n)+)", "", cell, flags=re.DOTALL | re.MULTILINE) for cell in found]


def shape(code: str) -> str:
    """Code without its words: comments and the texts in quotation marks may be in another language."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.JoinedStr):
            node.values = [part for part in node.values if not isinstance(part, ast.Constant)]
    return ast.dump(tree)


# ------------------------------------------------------------------ code runs


@pytest.mark.slow
@pytest.mark.sample(1)  # both have the same code, as a test below makes sure of
@pytest.mark.filterwarnings("ignore:No font with Chinese characters")  # of the machine, not of the code
@pytest.mark.parametrize("name", READMES)
def test_the_code_of_a_readme_runs_and_prints_what_it_says(name, tmp_path, monkeypatch):
    """Block after block in one namespace; the text block after one is an excerpt of its output."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    printed = ""
    for language, block in re.findall(r"^```(python|text)\n(.*?)^```", (ROOT / name).read_text(), re.DOTALL | re.M):
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(block, name, "exec"), namespace)
            printed = output.getvalue()
            continue
        position = 0
        for excerpt in re.split(r"^ *\.\.\.\n", block, flags=re.MULTILINE):
            position = printed.find(excerpt, position)
            assert position >= 0, f"{name} shows what is not printed:\n{excerpt}"
    assert namespace


SMALLER = {"bigger_than_memory.py": ["500000", "500MB"]}
"""What an example is told, so that it does not take minutes."""


@pytest.mark.slow
@pytest.mark.sample(2)
@pytest.mark.parametrize("script", sorted((ROOT / "examples").rglob("*.py")), ids=lambda script: script.name)
def test_every_example_runs(script, tmp_path, forks):
    run = forks.run(script, *SMALLER.get(script.name, []), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout


# -------------------------------------------------------------- commands exist


def commands(text: str) -> list[str]:
    """Every `glassnet ...` that a reader is told to type, joined over continued lines."""
    lines = [block.replace("\\\n", " ") for block in blocks(text, "console") + blocks(text, "{terminal}")]
    typed = re.findall(r"^(?:\$ )?(glassnet .*)$", "\n".join(lines), re.MULTILINE)
    return [line.partition("#")[0].partition("|")[0] for line in typed + re.findall(r"`(glassnet \w+[^`]*)`", text)]


@pytest.fixture(scope="module")
def help_of():
    """The help of a command, "" for the whole."""
    pytest.importorskip("cyclopts")
    from glassnet.apps.cli import main

    known: dict[str, str] = {}

    def of(command: str) -> str:
        if command not in known:
            with contextlib.redirect_stdout(io.StringIO()) as output:
                assert main([*command.split(), "--help"]) == 0
            known[command] = output.getvalue()
        return known[command]

    return of


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_and_option_exists(file, help_of):
    for line in commands(file.read_text()):
        name = line.split()[1]
        assert re.search(rf"^\W*{name}\b", help_of(""), re.MULTILINE), f"there is no command {line!r}"
        for option in set(re.findall(r"(?<=\s)--?[a-z][a-z0-9-]*", line)) - {"--help"}:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", help_of(name)), f"{line!r} has no option {option}"


def test_commands_are_found_in_the_pages():
    assert len(commands((ROOT / "docs/en/commandline.md").read_text())) > 8
    assert len(commands((ROOT / "README.md").read_text())) > 2


@pytest.mark.parametrize("name", READMES)
def test_every_target_of_make_exists(name):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"make ([a-z-]+)", "\n".join(blocks((ROOT / name).read_text(), "console")))
    assert named
    assert set(named) <= set(targets)


# --------------------------------------------------------------- what is claimed


def test_there_are_as_many_pictures_as_the_readmes_say():
    from glassnet import plots

    functions = [getattr(plots, name) for name in plots.__all__]
    methods = [getattr(getattr(glassnet, name), "plot", None) for name in glassnet.__all__]
    drawn = [one for one in (*functions, *methods) if one and "ax" in inspect.signature(one).parameters]
    pictures = [one for one in drawn if one is not plots.svg]  # which takes a picture that is there
    assert len(pictures) == 15
    assert "# one of fifteen plots" in (ROOT / "README.md").read_text()
    assert "# 十五种图中的一种" in (ROOT / "README.zh-CN.md").read_text()


def test_the_activation_of_the_page_on_formulas_learns_a_sine_as_it_says():
    page = (ROOT / "docs/en/formulas.md").read_text()
    assert "learns a sine far better than\ntanh and relu do" in page
    (cell,) = [cell for cell in cells(page) if '"snake",' in cell]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(cell, {"NeuralNetwork": glassnet.NeuralNetwork, "Dense": glassnet.Dense})
    losses = dict(re.findall(r"^(\w+): loss ([\d.]+)$", output.getvalue(), re.MULTILINE))
    assert 10 * float(losses["snake"]) < min(float(losses["tanh"]), float(losses["relu"]))


def test_a_bar_in_a_table_of_formulas_does_not_end_its_cell(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(Markdown=str))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=sys.modules["IPython.display"]))
    monkeypatch.syspath_prepend(ROOT / "docs")
    from listing import row

    cells_of_row = re.split(r"(?<!\\)\|", row("softsign", "$z / (1 + |z|)$"))
    assert cells_of_row == ["", " `softsign` ", r" $z / (1 + \|z\|)$ ", ""]


@pytest.mark.parametrize("kind", ["activations", "losses", "optimizers", "schedules", "initializers"])
def test_every_formula_has_its_line_of_chinese(kind, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import chinese

    names = {*getattr(import_module(f"glassnet.formulas.{kind}"), kind.upper())}
    assert set(getattr(chinese, kind.upper())) == names, (
        f"put a line of a new formula into {kind.upper()}, docs/chinese.py"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reference_lists_every_public_name(language):
    page = (ROOT / f"docs/{language}/api.md").read_text()
    missing = [name for name in glassnet.__all__ if not re.search(rf"\b{name}\b", page)]
    assert missing == ["__version__"]


def test_the_table_of_presets_has_them_all():
    from glassnet.estimators import PRESETS

    for language in ("en", "zh"):
        page = (ROOT / f"docs/{language}/accuracy.md").read_text()
        table = page[page.index("| `preset=` |") :].partition("\n\n")[0]
        named = re.findall(r'^\| `"(\w+)"`', table, re.MULTILINE)
        assert sorted(named) == sorted(["auto", *PRESETS])


# ---------------------------------------------------------------- two languages


def test_every_page_is_there_in_both_languages():
    assert pages("zh") == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_show_the_same_code(name):
    english, chinese = ((ROOT / "docs" / language / name).read_text() for language in ("en", "zh"))
    assert blocks(english, "{terminal}") == blocks(chinese, "{terminal}")
    for number, (ours, theirs) in enumerate(zip_longest(cells(english), cells(chinese)), 1):
        assert ours is not None, f"{name}: the Chinese page has more than {number - 1} cells"
        assert theirs is not None, f"{name}: the English page has more than {number - 1} cells"
        if "from drawing import" not in ours and not ours.startswith(
            ("cases(", "formulas(", "rooms(", "from glassnet.formulas")
        ):
            assert shape(ours) == shape(theirs), f"{name}, cell {number}"


@pytest.mark.parametrize("name", PAGES)
def test_no_mark_of_emphasis_stays_visible(name):
    """Between a Chinese character and a bracket, a star neither begins nor ends anything in Markdown."""
    markdown = pytest.importorskip("markdown_it").MarkdownIt()
    page = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "x", (ROOT / "docs" / "zh" / name).read_text(), flags=re.DOTALL)
    texts = [part.content for token in markdown.parse(page) for part in token.children or () if part.type == "text"]
    assert [text for text in texts if re.search(r"(?<!=)\*", text)] == []


def test_both_readmes_have_the_same_code_links_and_figures():
    english, chinese = ((ROOT / name).read_text() for name in READMES)
    for ours, theirs in zip(blocks(english, "python"), blocks(chinese, "python"), strict=True):
        assert shape(ours) == shape(theirs)
    assert blocks(english, "text") == blocks(chinese, "text")
    links = [
        set(re.findall(r"\]\(((?:src|benchmarks|examples|docs/(?!images))[^)#]*)(?:#[^)]*)?\)", text))
        for text in (english, chinese)
    ]
    assert {link.replace("docs/zh/", "docs/en/") for link in links[1]} == {
        link.replace("docs/zh/", "docs/en/") for link in links[0]
    }
    figures = [re.findall(r"\d[\d,.]*\d(?: ?%)?", text[text.index("784-256-128-10") :]) for text in (english, chinese)]
    assert figures[0] == figures[1]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(file):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text()):
        assert (file.parent / target).exists(), f"{file.name} links to {target}"


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_test_that_a_page_names_exists(file):
    for path, name in re.findall(r"\b(tests/[\w/]+\.(?:py|js))(?:::(\w+))?", file.read_text()):
        assert (ROOT / path).exists(), f"{file.name} names {path}"
        assert not name or re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M), f"{path} has no {name}"


# --------------------------------------------------------------------- figures


@pytest.mark.parametrize("name", READMES)
def test_the_readme_s_table_is_that_of_the_result_file(name):
    found = json.loads((ROOT / "benchmarks/results/accuracy.json").read_text())["records"]
    models = found["halves"]["all"]["comparisons"][0]["models"]
    shown = re.findall(r"^\| ([\w -]+) \|((?: \*{0,2}[\d.,]+\*{0,2} \|){5})$", (ROOT / name).read_text(), re.MULTILINE)
    titles = {found["titles"][model]: figures for model, figures in models.items()}
    assert [title for title, _ in shown] == sorted(titles, key=lambda title: titles[title]["error"])
    for title, cells in shown:
        figures = [titles[title][column] for column in ("error", "log_loss", "rmse", "rank", "fit_seconds")]
        words = [
            f"{figures[0]:.3f}",
            f"{figures[1]:.3f}",
            f"{figures[2]:.3f}",
            f"{figures[3]:.2f}",
            f"{figures[4]:.3g}",
        ]
        assert [cell.strip(" *") for cell in cells.split("|")[:-1]] == words, title


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_of_a_readme_says_what_its_table_says(name):
    """One line of figures stands above the fold, and the table far below it."""
    text = (ROOT / name).read_text()
    numbers = re.findall(r"\b0\.\d{3}\b", text[: text.index("\n## ")])
    for title, number in zip(("glassnet", "CatBoost", "LightGBM"), numbers, strict=True):
        assert re.search(rf"^\| {title} \| \*{{0,2}}{number}\b", text, re.MULTILINE), (title, number)


def test_the_readme_s_other_figures_are_those_of_the_result_files():
    text = (ROOT / "README.md").read_text()
    records = json.loads((ROOT / "benchmarks/results/gradients.json").read_text())["records"]
    bound, usual, torch = (float(number) for number in re.findall(r"1e-\d+", text.partition("**Correct.**")[2])[:3])
    assert max(record["central_differences"] for record in records) < bound
    assert sum(record["central_differences"] < usual for record in records) > len(records) / 2
    assert max(record["pytorch"] for record in records) < torch
    runs = json.loads((ROOT / "benchmarks/results/mnist.json").read_text())["records"]
    ours, theirs = re.findall(r"(\d\d\.\d)%", text.partition("**On MNIST**")[2])[:2]
    for model, shown in (("glassnet", ours), ("PyTorch", theirs)):
        right = [run["accuracy"] for run in runs if run["model"] == model]
        assert 100 * sum(right) / len(right) == pytest.approx(float(shown), abs=0.05)


def test_the_chinese_page_on_the_architecture_describes_every_module() -> None:
    source = ROOT / "src" / "glassnet"
    modules = {file.stem for file in source.glob("*.py")} | {file.parent.name for file in source.glob("*/__init__.py")}
    described = re.findall(r'^        "(\w+)":', (ROOT / "docs" / "zh" / "house.md").read_text(), re.MULTILINE)
    assert sorted(described) == sorted(modules - {"__init__"})
