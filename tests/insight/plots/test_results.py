"""The pictures that results draw of themselves: the look of all others, in both themes and languages."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from glassnet import Explanation, Importances, LearningRateCurve, PartialDependence
from glassnet.display.theme import THEMES
from glassnet.errors import InputError, InputTypeError

RATES = np.geomspace(1e-6, 1, 40)
LOSSES = 1 + (np.log10(RATES) + 2) ** 2
RESULTS = {
    "learning rate": LearningRateCurve(RATES, LOSSES, LOSSES, 1e-3, 1e-2, True),
    "importances": Importances(("age", "$town$"), np.array([[0.1, 0.2], [0.3, 0.4]]), 0.9, "accuracy"),
    "partial dependence": PartialDependence(
        *("town", ["Bern", "$a$", None], np.array([0.1, 0.5, 0.3]), np.eye(3), "probability", "yes", False)
    ),
    "explanation": Explanation(
        *(("age", "town"), np.array([[0.3, -0.1]]), np.array([0.5]), np.array([0.7]), "probability", np.ones(1)),
        *(["yes"], "back?", [[30.0], ["$a$"]]),
    ),
}
WORDS = {
    "learning rate": ("Learning rate range test", "学习率范围测试", "loss", "损失"),
    "importances": ("Feature importance", "特征重要性", "", ""),
    "partial dependence": ("Partial dependence on town", "town 的部分依赖", "", ""),
    "explanation": ("back?: yes with probability 0.70 rather than 0.50", "back?：yes，概率 0.70，而不是 0.50", "", ""),
}


@pytest.mark.parametrize("name", RESULTS)
def test_words_are_in_the_reader_s_language(name):
    title, titel, label, etikett = WORDS[name]
    english, chinese = RESULTS[name].plot(language="en"), RESULTS[name].plot(language="zh")
    assert (english.get_title(), english.get_ylabel()) == (title, label)
    assert (chinese.get_title(), chinese.get_ylabel()) == (titel, etikett)
    assert english.get_xlabel() != chinese.get_xlabel()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", RESULTS)
def test_it_has_the_colors_of_its_theme_and_no_ground(name, theme):
    figure, ax = plt.subplots()
    assert RESULTS[name].plot(ax=ax, theme=theme) is ax
    assert plt.get_fignums() == [figure.number]
    look = THEMES[theme]
    assert to_hex(ax.title.get_color()) == look.ink
    assert ax.patch.get_alpha() == 0
    drawn = {to_hex(line.get_color()) for line in ax.lines} | {to_hex(bar.get_facecolor()) for bar in ax.patches}
    assert look.colors[0] in drawn
    assert drawn <= {look.ink, look.quiet, look.positive, look.negative, *look.colors}


@pytest.mark.parametrize("name", RESULTS)
def test_options_out_of_range_are_refused(name):
    with pytest.raises(InputError, match="`theme` must be one of: light, dark. Received: 'pink'"):
        RESULTS[name].plot(theme="pink")
    with pytest.raises(InputError, match="`language` must be one of: en, zh. Received: 'fr'"):
        RESULTS[name].plot(language="fr")
    with pytest.raises(InputTypeError, match="`ax` must be matplotlib Axes. Received: str"):
        RESULTS[name].plot(ax="axes")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", ["importances", "partial dependence", "explanation"])
def test_dollars_in_names_are_no_mathematics(name):
    ax = RESULTS[name].plot()
    ax.figure.canvas.draw()
    ticks = [label.get_text() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    assert any(r"\$" in tick for tick in ticks)


def test_control_characters_in_names_are_spelled_out():
    """In SVG they are not allowed, and whatever shows the letters may obey them."""
    name = "a\x1b\u202e"
    ax = PartialDependence(name, [name, None], np.zeros(2), np.eye(2), "probability", name, False).plot()
    ax.figure.canvas.draw()
    said = [ax.get_title(), ax.get_xlabel(), *(label.get_text() for label in ax.get_yticklabels())]
    assert r"a\x1b\u202e" in said
    assert not any(letter in text for text in said for letter in "\x1b\u202e")


def test_a_curve_speaks_its_own_language_unless_told_otherwise():
    curve = LearningRateCurve(RATES, LOSSES, LOSSES, None, 1e-2, False, language="zh")
    assert curve.plot().get_xlabel() == "学习率"
    assert curve.plot(language="en").get_xlabel() == "learning rate"
