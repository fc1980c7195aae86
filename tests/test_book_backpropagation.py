"""The chapter on backpropagation: every number is computed anew, every equation with letters or numbers evaluated."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from tests.test_documentation import cells

BOOK = Path(__file__).parents[1] / "docs"
LANGUAGES = ("en", "zh")
FUNCTIONS = {"tanh": math.tanh, "ln": math.log, "sigma": lambda z: 1 / (1 + math.exp(-z))}
SLOPES = {"tanh": lambda z, a: 1 - a * a, "relu": lambda z, a: float(z > 0)}


def values(activation: str = "tanh", y: float = 1.0, loss: str = "squares") -> dict[str, float]:
    """Every letter of the chapter, by plain arithmetic: two inputs, the hidden neurons h and k, the output o."""
    f = {"tanh": math.tanh, "relu": lambda z: max(z, 0.0)}[activation]
    v = {"x_1": 1.0, "x_2": 0.5, "y": y, "alpha": 0.5}
    v |= {"w_1h": 0.5, "w_2h": -0.5, "b_h": 0.25, "w_1k": -0.5, "w_2k": 1.0, "b_k": -0.25}
    v |= {"w_ho": 0.5, "w_ko": -2.0, "b_o": -0.25}
    for neuron in "hk":
        v[f"z_{neuron}"] = v[f"w_1{neuron}"] * v["x_1"] + v[f"w_2{neuron}"] * v["x_2"] + v[f"b_{neuron}"]
        v[f"a_{neuron}"] = f(v[f"z_{neuron}"])
    v["z_o"] = v["w_ho"] * v["a_h"] + v["w_ko"] * v["a_k"] + v["b_o"]
    p = v["p"] = FUNCTIONS["sigma"](v["z_o"])
    v["L"] = (p - y) ** 2 if loss == "squares" else -math.log(p)
    v["d p"] = 2 * (p - y) if loss == "squares" else -1 / p
    v["slope"] = p * (1 - p)
    v["delta_o"] = v["d b_o"] = v["d p"] * v["slope"]
    for neuron in "hk":
        v[f"d w_{neuron}o"] = v["delta_o"] * v[f"a_{neuron}"]
        v[f"d a_{neuron}"] = v["delta_o"] * v[f"w_{neuron}o"]
        slope = SLOPES[activation](v[f"z_{neuron}"], v[f"a_{neuron}"])
        v[f"delta_{neuron}"] = v[f"d b_{neuron}"] = v[f"d a_{neuron}"] * slope
        for number in "12":
            v[f"d w_{number}{neuron}"] = v[f"delta_{neuron}"] * v[f"x_{number}"]
    for number in "12":
        v[f"d x_{number}"] = sum(v[f"delta_{neuron}"] * v[f"w_{number}{neuron}"] for neuron in "hk")
    return v


ASSUMED = ({"y": 0.0}, {"activation": "relu"}, {}, {}, {"loss": "entropy"}, {})
"""What each exercise changes."""


def parts(language: str) -> list[tuple[str, dict[str, float]]]:
    """The chapter's prose, then each exercise with its answer; and what the letters are there."""
    page = (BOOK / language / "book/backpropagation.md").read_text()
    page = re.sub(r"^```\{code-cell\}.*?^```\n", "", page, flags=re.DOTALL | re.MULTILINE)
    page = re.sub(r"\A---\n.*?^---\n|^:\w+:[^\n]*\n", "", page, flags=re.DOTALL | re.MULTILINE)
    chapter, *exercises = page.split(":::{exercise}")
    assert len(exercises) == len(ASSUMED)
    exercises[-1] = exercises[-1].partition("\n## ")[0]
    return [(chapter, values()), *((text, values(**change)) for text, change in zip(exercises, ASSUMED, strict=True))]


TOKEN = re.compile(
    r"\s+|\\,|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[+\-*/^()])|(?P<times>\\cdot)"
    r"|\\d?frac\{\\partial L\}\{\\partial (?P<by>\w+_\{?\w+\}?|p)\}|\\partial L/\\partial (?P<over>\w+_\{?\w+\}?|p)"
    r"|(?P<slope>\\d?frac\{\\partial p\}\{\\partial z_o\})"
    r"|(?P<function>\\(?:tanh|ln|sigma)(?![a-z_]))|(?P<name>\\(?:alpha|delta_\w)|[a-zL](?:_\w|_\{\w+\})?(?![a-z_]))"
)


def evaluated(latex: str, letters: dict[str, float]) -> float | None:
    """The number that an expression stands for; None if there is something in it that has no number here."""
    written, place, ended = "", 0, False  # whether what is written so far ends with a number
    while place < len(latex):
        token = TOKEN.match(latex, place)
        if token is None:
            return None
        place, kind = token.end(), token.lastgroup
        if kind is None:
            continue
        if kind in ("sign", "times"):
            text = {r"\cdot": "*", "^": "**"}.get(token[0], token[0])
            begins, ends = text == "(", text == ")"
        elif kind == "number":
            text, begins, ends = token[0], True, True
        else:
            name = re.sub(r"[\\{}]", "", token["by"] or token["over"] or token[0])
            name = f"d {name}" if kind in ("by", "over") else "slope" if kind == "slope" else name
            if kind != "function" and name not in letters:
                return None
            text = f"{'functions' if kind == 'function' else 'letters'}[{name!r}]"
            begins, ends = True, kind != "function"
        written += "*" * (begins and ended) + text
        ended = ends
    if not written:
        return None
    number = eval(written, {"__builtins__": {}}, {"letters": letters, "functions": FUNCTIONS})
    return number if isinstance(number, int | float) else None


def equations(text: str) -> list[str]:
    """All between dollars, a line of a formula at a time; one that begins with = goes on with the one before."""
    found: list[str] = []
    for block, inline in re.findall(r"\$\$(.*?)\$\$|\$([^$]+)\$", text, re.DOTALL):
        lines = [line.replace("&", "").strip() for line in re.split(r"\\\\|, &", block or inline)]
        for line in lines:
            if line.startswith("="):
                found[-1] += line
            else:
                found.append(line)
    return found


def decimals(text: str) -> list[str]:
    return re.findall(r"\d+\.(\d+)", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_equation_of_the_chapter_is_true(language):
    """All sides of an equation are the same number, to the digits that it shows; none with decimals is left out."""
    seen = 0
    for number, (text, letters) in enumerate(parts(language)):
        for equation in equations(text):
            sides = re.split(r"=|\\leftarrow", equation)
            if r"\leftarrow" in equation:
                sides = sides[1:]  # what was there before
            elif number and re.fullmatch(r"\\?[\w{}]+ = -?\d+", equation):
                continue  # what an exercise assumes
            numbers = [evaluated(side, letters) for side in sides]
            if decimals(equation):
                assert None not in numbers, f"not understood: {equation}"
            known = [each for each in numbers if each is not None]
            digits = min((len(each) for each in decimals(equation) if len(each) > 2), default=12)
            for each in known[1:]:
                assert abs(each - known[0]) < 1.01 * 10.0**-digits, f"{equation}: {known}"
            seen += len(known) > 1
    assert seen > 45


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decimal_of_the_chapter_is_a_number_of_the_network(language):
    """Also those in the middle of a sentence: each is one of the chapter's numbers, rounded as far as it is written."""
    entropy = FUNCTIONS["sigma"](-8.0)
    known = {1e-5, 0.25**7, entropy, 1 - entropy, 2 * (1 - entropy) ** 2 * entropy}
    for _, letters in parts(language):
        known |= {abs(each) for each in letters.values()}
    known |= {values(y=0.0)["d p"] / -values()["d p"], 1 - values()["p"]}
    known |= {abs(values()[name] - 0.5 * values()[f"d {name}"]) for name in ("w_ko", "b_k")}
    known |= {SLOPES["tanh"](0, values()[f"a_{neuron}"]) for neuron in "hk"}
    for text, _ in parts(language):
        for shown in re.findall(r"(?<![\d.])\d+\.\d+", text):
            digits = len(shown.partition(".")[2])
            rounded = {f"{each:.{digits}f}" for each in known}
            assert shown in rounded, f"{shown} is none of the numbers of this network"


def test_both_languages_have_the_same_equations():
    """In whatever order a language names them."""
    ours, theirs = (
        sorted(" ".join(each.split()) for text, _ in parts(language) for each in equations(text) if decimals(each))
        for language in LANGUAGES
    )
    assert ours == theirs


@pytest.mark.slow
def test_the_chapter_s_cells_run_and_its_four_ways_agree(monkeypatch, capsys):
    """By hand, in NumPy, in the trace to the last bit; measured to ten digits. Its checks of the answers hold."""
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    page = (BOOK / "en/book/backpropagation.md").read_text()
    found: dict[str, object] = {}
    for code in cells(page):
        if "from drawing import" not in code:
            exec(compile(code, "backpropagation.md", "exec"), found)
    by_hand, from_numpy, from_trace = (np.array(found[name]) for name in ("by_hand", "from_numpy", "from_trace"))
    letters = values()
    ours = [letters[f"d {name[0]}_{name[1:]}"] for name in found["names"]]
    np.testing.assert_array_equal(by_hand, from_numpy)
    np.testing.assert_array_equal(from_numpy, from_trace)
    np.testing.assert_allclose(by_hand, ours, rtol=1e-14)
    np.testing.assert_allclose(found["measured"], from_numpy, atol=1e-10)
    printed = capsys.readouterr().out
    assert "True True" in printed
    assert "False" not in printed
