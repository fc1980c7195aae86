"""Drawing with matplotlib: axes in the colours of a theme, charts on them, fonts for two languages."""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from glassnet.display.chart import Axis, Band, Bars, Chart, Dots, Mark, ReferenceLine, VerticalBars
from glassnet.display.scale import unit
from glassnet.display.theme import THEMES, Axes, Look, Theme
from glassnet.errors import InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Language, Text, check_language
from glassnet.support.lazy_import import require
from glassnet.support.messages import warn
from glassnet.support.option_names import suggests_options
from glassnet.support.options import Choice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE = 4.6
"""Inches from which on the letters have their full size."""

WIDEST = 0.45
"""Inches of a bar: where there are few, they need not fill the picture."""
WEIGHTS = {"usual": 1.8, "thin": 0.7, "thick": 2.5}


@dataclass(frozen=True)
class Canvas:
    """The style of a plot: axes, colours, the language of its labels, the font size in points."""

    ax: Any  # matplotlib's own types differ from version to version
    theme: Theme
    language: Language
    size: float

    def inches(self) -> tuple[float, float]:
        """Width and height of the axes, about: a layout that is still to be made may change them a little."""
        place, (width, height) = self.ax.get_position(), root_figure(self.ax).get_size_inches()
        return float(place.width * width), float(place.height * height)

    def say(self, text: Text, **values: Any) -> str:
        """A text in the reader's language."""
        return text.say(self.language, **values)

    def label(self, title: Text | str, x: Text | str = "", y: Text | str = "", **values: Any) -> None:
        """Set title and axis labels, with dollar signs escaped from mathtext; a str is a name and not translated."""
        labels = [
            escape_controls(words.say(self.language, **values) if isinstance(words, Text) else words)
            for words in (title, x, y)
        ]
        self.ax.set_title(labels[0])
        self.ax.set_xlabel(labels[1])
        self.ax.set_ylabel(labels[2])

    def legend(self, **options: Any) -> None:
        """The legend, wherever it hides least."""
        look = {"fontsize": self.size - 1, "facecolor": self.theme.paper, "framealpha": 0.65, "edgecolor": "none"}
        self.ax.legend(**{"loc": "best", "borderaxespad": 0.3, "frameon": True} | look | options)

    def beside(self, text: str, at: tuple[float, float], away: tuple[float, float], smaller: float, **how: Any) -> None:
        """A text so many points away from a place, on the side that it is away to, in letters smaller by so much."""
        across, up = away
        ha = "left" if across > 0 else "right" if across < 0 else "center"
        va = "bottom" if up > 0 else "top" if up < 0 else "center"
        sides = {"textcoords": "offset points", "ha": ha, "va": va, "fontsize": self.size - smaller}
        self.ax.annotate(text, at, away, **sides, **how)

    def whole_numbers(self, side: str) -> None:
        """Ticks of the axis "x" or "y" at whole numbers: there is no half an epoch."""
        from matplotlib.ticker import MaxNLocator

        getattr(self.ax, f"{side}axis").set_major_locator(MaxNLocator(integer=True))


@contextlib.contextmanager
def canvas(
    ax: Any = None, language: str | None = None, theme: str = "light", room: tuple[float, float] = (0.0, 0.0)
) -> Iterator[Canvas]:
    """Axes in the family's look, to draw on within it; a figure of its own is at least so many inches large."""
    spoken = check_language(language)
    look = THEMES[Choice(*THEMES).taken("`theme`", theme)]
    plt = require("matplotlib.pyplot", "Drawing", "plot", "matplotlib")
    import matplotlib as mpl
    from matplotlib.axes import Axes

    if ax is not None and not isinstance(ax, Axes):
        remedy = Text("Use one returned by `plt.subplots`, or omit it")
        raise InputTypeError("`ax` must be matplotlib Axes", type(ax).__name__, remedy)
    font = chinese_font(False)
    if spoken == "zh" and font is None:
        font = chinese_font(True)
    if spoken == "zh" and font is None and mpl.rcParams["svg.fonttype"] != "none":  # else it is the browser's font
        warn_of_font()
        spoken = "en"
    own = [font] if font else []
    families = [*own, "DejaVu Sans", "sans-serif"] if spoken == "zh" else ["DejaVu Sans", *own, "sans-serif"]
    with mpl.rc_context(settings(look, families)):
        made: Any = None
        if ax is None:
            size = [max(pair) for pair in zip(mpl.rcParams["figure.figsize"], room, strict=True)]
            made, ax = plt.subplots(layout="constrained", figsize=size)
            made.get_layout_engine().set(w_pad=0.07, h_pad=0.07)
        try:
            points = _points(ax)
            with mpl.rc_context({"font.size": points}):
                ax.tick_params(labelsize=points - 1)
                yield Canvas(ax, look, spoken, points)
            _dress(ax, look, families, points)
        except BaseException:
            if made is not None:
                plt.close(made)
            raise


@suggests_options
def svg(ax: Axes) -> str:
    """A picture as SVG whose letters stay letters, to be put into a page; the page's reader has the font for them.

    Parameters
    ----------
    ax : matplotlib Axes
        The figure that they are on is drawn, whole.

    Returns
    -------
    str
        One ``<svg>`` element; several may stand on one page.

    Examples
    --------
    >>> from glassnet import History, plots
    >>> text = plots.svg(plots.training_curves(History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}])))
    >>> text.startswith("<svg"), "Training" in text
    (True, True)
    """
    import matplotlib as mpl

    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")  # it is the page that needs the glyph
        root_figure(ax).savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def root_figure(ax: Axes) -> Figure:
    """The figure that the axes are on, through all figures in between."""
    if not offers(ax, "figure"):
        raise InputTypeError("`ax` must be matplotlib Axes", shown(ax), "Pass the Axes returned by a function of plots")
    return ax.figure.figure


def plain(name: object) -> str:
    """A name of the user's, where two dollars would be mathematics, and control characters no letters at all."""
    return escape_controls(str(name)).replace("$", r"\$")


def settings(theme: Theme, families: list[str]) -> Any:
    """What matplotlib makes new things with, as its rcParams; the first of the fonts that has a letter draws it."""
    from cycler import cycler

    return {
        "axes.edgecolor": theme.quiet,
        "axes.facecolor": "none",
        "axes.labelcolor": theme.ink,
        "axes.labelsize": "medium",
        "axes.prop_cycle": cycler(color=list(theme.colors)),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": theme.ink,
        "axes.titlesize": "large",
        "axes.titleweight": "bold" if have_bold(families) else "normal",
        "figure.facecolor": theme.paper,
        "font.family": families,
        "legend.labelcolor": theme.ink,
        "lines.linewidth": 1.6,
        "savefig.facecolor": theme.paper,
        "text.color": theme.ink,
        "xtick.color": theme.quiet,
        "ytick.color": theme.quiet,
    }


def _points(ax: Axes) -> float:
    """Letters that suit the room."""
    width = ax.get_position().width * root_figure(ax).get_size_inches()[0] / 0.775  # of the figure that it would fill
    return float(min(10.0, max(8.0, 10.0 * width / WIDE)))


def _dress(ax: Axes, theme: Theme, families: list[str], points: float) -> None:
    """The look for what there was before: axes that were handed over, and ticks that come later."""
    ax.patch.set_alpha(0)
    for spine in ax.spines.values():
        spine.set_edgecolor(theme.quiet)
    ax.tick_params(colors=theme.quiet, labelcolor=theme.ink, labelsize=points - 1, labelfontfamily=families)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
        text.set(color=theme.ink, fontfamily=families, fontsize=points, parse_math=False)
    ax.title.set(fontsize=points + 1, fontweight="bold" if have_bold(families) else "normal")
    ax.xaxis.get_offset_text().set(color=theme.quiet, fontsize=points - 1)
    ax.yaxis.get_offset_text().set(color=theme.quiet, fontsize=points - 1)


# ------------------------------------------------------------------- fonts

CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei"),
)
"""Fonts with simplified Chinese, the best first."""

BOLD = 600
"""From this weight on letters are bold, on the scale of CSS."""

NO_FONT = Text(
    "No font with Chinese characters was found, so the picture speaks English. On Debian and "
    "Ubuntu: apt install fonts-noto-cjk; elsewhere install Noto Sans SC"
)


@functools.cache
def chinese_font(fresh: bool) -> str | None:
    """The best font with Chinese characters on this machine; `fresh`: also one that was installed a minute ago."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if fresh:  # matplotlib remembers the fonts of yesterday
        remembered = {font.fname for font in manager.ttflist}
        for file in font_manager.findSystemFonts():
            if file not in remembered and file.lower().endswith((".otf", ".ttf", ".ttc")):
                with contextlib.suppress(RuntimeError, OSError):  # some files only look like fonts
                    manager.addfont(file)
    known = {font.name for font in manager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


def have_bold(families: Iterable[str]) -> bool:
    """Return whether each known font has a bold face; without one matplotlib warns at every drawing."""
    from matplotlib import font_manager

    def weight(font: font_manager.FontEntry) -> int:
        return font.weight if isinstance(font.weight, int) else font_manager.weight_dict.get(font.weight, 400)

    fonts = font_manager.fontManager.ttflist
    weights = [[weight(font) for font in fonts if font.name == name] for name in families]
    return all(max(found) >= BOLD for found in weights if found)


@functools.lru_cache(maxsize=1)
def warn_of_font() -> None:
    """Warn once that there is no font for Chinese."""
    warn(NO_FONT, UserWarning)


# ------------------------------------------------------------------- charts


def draw(chart: Callable[[Language], Chart | Bars], **look: Unpack[Look]) -> Axes:
    """Draw what `chart` gives for a language, or for English where no font has the letters."""
    spoken = check_language(look.get("language"))
    spoken_chart = chart(spoken)
    room = (0.0, 1.1 + 0.3 * len(spoken_chart.each)) if isinstance(spoken_chart, Bars) else (0.0, 0.0)
    with canvas(room=room, **look) as drawing:
        shown = spoken_chart if drawing.language == spoken else chart(drawing.language)
        if isinstance(shown, Bars):
            _bars(drawing, shown)
        else:
            _marks(drawing, shown)
        return drawing.ax


def _marks(drawing: Canvas, chart: Chart) -> None:
    across, up = chart.extent()
    x, y = (1.0 if axis.logarithmic(side) else unit(side) for axis, side in ((chart.x, across), (chart.y, up)))
    if (x, y) != (1, 1):  # matplotlib leaves a margin around them, and would end in an overflow
        chart = chart.divided(x, y)
    for mark in chart.marks:
        _mark(drawing, mark)
    drawing.label(chart.title, chart.x.label, chart.y.label)
    _axis(drawing, "x", chart.x, chart.x.logarithmic(across))
    _axis(drawing, "y", chart.y, chart.y.logarithmic(up))
    if any(mark.name for mark in chart.marks):
        drawing.legend()


def _axis(drawing: Canvas, side: str, axis: Axis, logarithmic: bool) -> None:
    if logarithmic:
        drawing.ax.set(**{f"{side}scale": "log"})
    elif axis.whole:
        drawing.whole_numbers(side)
    if axis.limits is not None:
        low, high = axis.limits
        edge = 0.0 if logarithmic else 0.02 * (high - low)  # room for lines at the ends
        drawing.ax.set(**{f"{side}lim": (low - edge, high + edge)})
    if axis.names:
        places, names = zip(*axis.names, strict=True)
        drawing.ax.set(**{f"{side}ticks": places, f"{side}ticklabels": [plain(name) for name in names]})


def _mark(drawing: Canvas, mark: Mark) -> None:
    ax, color = drawing.ax, drawing.theme.of(mark.kind)
    look: dict[str, Any] = {"color": color, "label": plain(mark.name) if mark.name else None}
    if isinstance(mark, ReferenceLine):
        (ax.axhline if mark.level else ax.axvline)(mark.at, linewidth=1, linestyle=(0, (2, 3)), zorder=1, **look)
    elif isinstance(mark, Band):
        if mark.x is None:
            ax.axhspan(mark.low, mark.high, alpha=0.2, linewidth=0, zorder=0, **look)
        else:
            ax.fill_between(mark.x, mark.low, mark.high, alpha=0.2, linewidth=0, **look)
    elif isinstance(mark, VerticalBars):
        _columns(drawing, mark, look)
    elif isinstance(mark, Dots):
        if mark.large:
            edge = {"markersize": drawing.size * 0.7, "markeredgecolor": drawing.theme.ink, "markeredgewidth": 0.8}
            ax.plot(mark.x, mark.y, "o", **edge, **look)
        else:
            ax.scatter(mark.x, mark.y, s=drawing.size * 1.4, alpha=0.55, linewidths=0, zorder=3, **look)
    else:
        dots = {"marker": "o", "markersize": drawing.size / 2} if mark.dots else {}
        style = {"linewidth": 1, "linestyle": ":"} if mark.kind == "guide" else {"linewidth": WEIGHTS[mark.weight]}
        ax.plot(mark.x, mark.y, alpha=0.5 if mark.weight == "thin" else None, **style, **dots, **look)


def _columns(drawing: Canvas, mark: VerticalBars, look: dict[str, Any]) -> None:
    ax, theme = drawing.ax, drawing.theme
    edge = {"edgecolor": theme.paper, "linewidth": 0.8, "zorder": 0, "alpha": 0.35 if mark.texts else 1}
    ax.bar(mark.edges[:-1], mark.heights, np.diff(mark.edges), align="edge", **edge, **look)
    smaller = min(2.5, drawing.size - 6)
    middles = (mark.edges[1:] + mark.edges[:-1]) / 2
    for middle, height, text in zip(middles, mark.heights, mark.texts, strict=False):
        if height:
            drawing.beside(text, (middle, height), (0, 1), smaller, color=theme.quiet)


def _bars(drawing: Canvas, chart: Bars) -> None:
    """Bars one below the other, the first on top, with their names at the left."""
    ax, theme, each = drawing.ax, drawing.theme, chart.each
    width, height = drawing.inches()
    values, colors = [bar.value for bar in each], [theme.of(bar.kind) for bar in each]
    ax.barh(range(len(each)), values, height=min(0.75, WIDEST * len(each) / height), color=colors)
    for number, bar in enumerate(each):
        if bar.low is not None and bar.high is not None:
            ax.hlines(number, bar.low, bar.high, color=theme.ink, linewidth=1.2, zorder=3)
    for number, bar in enumerate(each):
        ends = [end for end in (bar.value, bar.low, bar.high) if end is not None]
        end = min(ends) if bar.value < 0 else max(ends)
        drawing.beside(plain(bar.text), (end, number), (4 if end >= 0 else -4, 0), 1)
    ax.margins(x=1.2 * max(len(bar.text) for bar in each) * drawing.size / 72 / width)  # where the letters go
    ax.set_yticks(range(len(each)), [plain(bar.name) for bar in each])
    ax.set_ylim(len(each) - 0.4, -0.6)
    ax.axvline(0, color=theme.ink, linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)
    drawing.label(chart.title, chart.axis)
