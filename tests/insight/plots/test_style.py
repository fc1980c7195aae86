"""The one look: languages, themes, axes of one's own, missing fonts and a missing matplotlib."""

import inspect
import re
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from glassnet import History, plots
from glassnet.errors import InputError, InputTypeError, MissingExtraError
from glassnet.insight.plots import canvas
from glassnet.support.language import Text

HISTORY = History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}])


def test_titles_and_labels_are_in_the_reader_s_language():
    english, chinese = (plots.training_curves(HISTORY, language=language) for language in ("en", "zh"))
    assert (english.get_title(), english.get_xlabel(), english.get_ylabel()) == ("Training", "epoch", "loss")
    assert (chinese.get_title(), chinese.get_xlabel(), chinese.get_ylabel()) == ("训练过程", "轮次", "损失")


@pytest.mark.parametrize("theme", canvas.THEMES)
def test_a_figure_of_its_own_has_the_ground_of_the_theme(theme):
    figure = plots.training_curves(HISTORY, theme=theme).figure
    assert to_hex(figure.get_facecolor(), keep_alpha=True) == f"{canvas.THEMES[theme].paper}ff"


def test_given_axes_are_drawn_on_and_dressed():
    figure, (left, right) = plt.subplots(1, 2)
    assert plots.training_curves(HISTORY, ax=right, theme="dark") is right
    assert plt.get_fignums() == [figure.number]
    assert not left.lines
    assert right.lines[0].get_color() == canvas.THEMES["dark"].colors[0]
    assert to_hex(right.title.get_color()) == canvas.THEMES["dark"].ink
    assert to_hex(right.spines["left"].get_edgecolor()) == canvas.THEMES["dark"].quiet
    assert left.title.get_color() != right.title.get_color()


def test_what_was_set_for_all_figures_stays_as_it_was():
    before = dict(mpl.rcParams)
    plots.training_curves(HISTORY, language="zh", theme="dark")
    assert dict(mpl.rcParams) == before


def test_letters_are_smaller_where_there_is_little_room():
    sizes = []
    for width in (6.4, 3.2):
        with plt.rc_context({"figure.figsize": (width, width * 0.75)}):
            sizes.append(plots.training_curves(HISTORY).xaxis.label.get_fontsize())
    assert sizes == [10, 8]


def luminance(color):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("name", canvas.THEMES)
def test_colors_stand_out_from_the_page(name):
    theme = canvas.THEMES[name]

    def contrast(color):
        low, high = sorted((luminance(color), luminance(theme.paper)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(theme.ink) > 12
    assert contrast(theme.quiet) > 4
    assert min(map(contrast, theme.colors)) > 2.2
    assert len(set(theme.colors)) == len(theme.colors)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"language": "fr"}, InputError, r"`language` must be one of: en, zh. Received: 'fr'"),
        ({"theme": "pink"}, InputError, r"`theme` must be one of: light, dark. Received: 'pink'"),
        ({"ax": "axes"}, InputTypeError, r"`ax` must be matplotlib Axes. Received: str. Use one returned"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        plots.training_curves(HISTORY, **options)
    assert plt.get_fignums() == []


PICTURES = [name for name in plots.__all__ if name not in ("summary", "svg")]


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_says_that_it_takes_axes_a_language_and_a_theme(name):
    drawing = getattr(plots, name)
    assert [*inspect.signature(drawing).parameters][-3:] == ["ax", "language", "theme"]
    assert all(f"\n{option} : " in drawing.__doc__ for option in ("ax", "language", "theme"))
    assert "**look" not in drawing.__doc__


def test_an_option_that_no_picture_has_is_refused_by_name():
    rule = r"training_curves has no option `them`. Received: 'dark'. Did you mean `theme`\?"
    with pytest.raises(InputTypeError, match=rule):
        plots.training_curves(HISTORY, them="dark")


def test_a_drawing_that_fails_leaves_no_figure_behind():
    with pytest.raises(RuntimeError), canvas.canvas(None, "en", "light"):
        raise RuntimeError
    assert plt.get_fignums() == []


class TestFont:
    """Without a font with Chinese characters."""

    @pytest.fixture(autouse=True)
    def no_font(self, font, monkeypatch):
        monkeypatch.setattr(canvas, "chinese_font", lambda fresh: None)
        canvas.warn_of_font.cache_clear()
        yield
        canvas.warn_of_font.cache_clear()

    def test_the_picture_speaks_english_and_says_so_once(self):
        with pytest.warns(UserWarning, match="apt install fonts-noto-cjk"):
            ax = plots.training_curves(HISTORY, language="zh")
        assert ax.get_title() == "Training"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert plots.training_curves(HISTORY, language="zh").get_title() == "Training"

    def test_where_letters_stay_letters_the_page_has_the_font(self):
        with plt.rc_context({"svg.fonttype": "none"}):
            assert plots.training_curves(HISTORY, language="zh").get_title() == "训练过程"

    def test_english_needs_none(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plots.training_curves(HISTORY)


def test_a_name_with_dollars_is_no_mathematics():
    figure, ax = plt.subplots()
    ax.set_xlabel(canvas.plain("$a$"))
    figure.canvas.draw()
    assert canvas.plain("$a$") == r"\$a\$"
    with canvas.canvas(None, "en", "light") as drawing:
        drawing.label(Text("t"), "$a$", "$b$")
    assert drawing.ax.get_xlabel() == "$a$"
    assert not drawing.ax.xaxis.label.get_parse_math()


def test_svg_keeps_letters():
    text = plots.svg(plots.training_curves(HISTORY, language="zh"))
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert ">训练过程</text>" in text


def test_several_drawings_on_a_page_do_not_share_their_names():
    names = [set(re.findall(r'clipPath id="(\w+)"', plots.svg(plots.training_curves(HISTORY)))) for _ in range(2)]
    assert names[0]
    assert not names[0] & names[1]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError) as raised:
        plots.training_curves(HISTORY)
    assert str(raised.value) == 'Drawing needs matplotlib. Install it with: pip install "glassnet[plot]"'


def test_titles_are_bold_only_where_every_font_has_bold_letters(monkeypatch):
    from matplotlib import font_manager

    thin = font_manager.FontEntry(name="Thin", weight="regular")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [*font_manager.fontManager.ttflist, thin])
    assert canvas.settings(canvas.THEMES["light"], ["DejaVu Sans", "sans-serif"])["axes.titleweight"] == "bold"
    assert canvas.settings(canvas.THEMES["light"], ["DejaVu Sans", "Thin"])["axes.titleweight"] == "normal"
