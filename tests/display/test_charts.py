"""Charts: marks where they belong, round ticks, curves that may be short, long, or not finite."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.display.chart import Axis, Band, Bar, Bars, Chart, Dots, Line, ReferenceLine, VerticalBars
from glassnet.display.scale import ticks
from glassnet.display.svg import BOTTOM, LEFT, NARROW, RIGHT, TOP, WIDTH, figure
from glassnet.display.templating import TEMPLATES
from glassnet.insight.charts import against, histogram
from glassnet.insight.plots.decision import Plane
from glassnet.training import History
from glassnet.training.history_display import training_chart

HEIGHT = 250
SHARE = Axis("share", limits=(0.0, 1.0))


def corners(path):
    return np.array([[float(number) for number in pair.split()] for pair in re.split("[ML]", path)[1:]])


def drawn(chart, tag, look="", width=WIDTH):
    """The attributes of the elements of a chart with this tag and class."""
    found = ElementTree.fromstring(figure(chart, width)).iter(tag)
    return [each.attrib for each in found if each.get("class", "").startswith(look)]


def texts(chart, width=WIDTH):
    return [each.text for each in ElementTree.fromstring(figure(chart, width)).iter("text")]


def curve(*marks, **axes):
    (path,) = drawn(Chart("t", **{"x": Axis("x"), "y": Axis("y")} | axes, marks=marks), "path", "curve")
    return corners(path["d"])


def test_the_corners_of_a_square_are_those_of_the_axes():
    path = curve(Line("", [0, 1], [0, 1]), x=SHARE, y=SHARE)
    assert path.tolist() == [[LEFT, HEIGHT - BOTTOM], [WIDTH - RIGHT, TOP]]


def test_numbers_that_are_not_finite_are_left_out():
    assert len(curve(Line("", [1, 2, 3, 4], [1.0, np.nan, np.inf, 2.0]))) == 2
    assert curve(Line("", [], [])).size == 0


def test_losses_far_apart_are_drawn_by_powers_of_ten():
    axes = {"x": Axis("x", whole=True), "y": Axis("y", "either")}
    path = curve(Line("", [1, 2, 3], [1000, 10, 0.1]), **axes)
    assert np.allclose(np.diff(path[:, 1]), np.diff(path[:, 1])[0], atol=0.11)
    assert "1000" in texts(Chart("t", axes["x"], axes["y"], [Line("", [1, 2, 3], [1000, 10, 0.1])]))


def test_a_long_curve_is_thinned_and_a_point_alone_is_marked():
    assert len(curve(Line("", np.arange(5000), np.sin(np.arange(5000))))) == 300
    alone = Chart("t", Axis("x", whole=True), Axis("y"), [Line("", [1], [2.0])])
    assert drawn(alone, "path", "points large a")


def test_columns_have_the_height_of_their_counts():
    values = np.repeat([0.5, 1.5, 2.5, 3.5, 4.5], [10, 0, 5, 1, 9])
    heights = np.array([float(each["height"]) for each in drawn(histogram("t", values, "x", "y"), "rect", "columns a")])
    assert np.allclose(heights / heights[0], [1, 0.5, 0.1, 0.9], atol=0.01)


def test_few_whole_numbers_have_a_column_each():
    """Columns narrower than 1 would be a comb, and none would stand over its number."""
    chart = histogram("t", np.repeat([0.0, 1.0, 3.0], [4, 2, 1]), "x", "y")
    (columns,) = chart.marks
    assert (columns.edges.tolist(), columns.heights.tolist()) == ([-0.5, 0.5, 1.5, 2.5, 3.5], [4, 2, 0, 1])
    (columns,) = histogram("t", np.repeat([0.5, 1.0, 3.0], [4, 2, 1]), "x", "y").marks
    assert columns.edges[0] == 0.5


def test_equal_points_lie_on_the_guide():
    chart = against(np.array([1.0, 3.0]), np.array([1.0, 3.0]), "en")
    (points,), (guide,) = drawn(chart, "path", "points"), drawn(chart, "path", "curve guide")
    assert corners(points["d"].replace("h0", "")).tolist() == corners(guide["d"]).tolist()


def test_what_leaves_the_limits_is_cut_off():
    chart = Chart("t", Axis("x"), Axis("y", limits=(0.0, 1.0)), [Line("", [0, 1], [0, 9])])
    inner = ElementTree.fromstring(figure(chart)).find("svg/svg")
    assert HEIGHT - BOTTOM <= float(inner.get("height")) < HEIGHT - BOTTOM + 5
    assert inner.find("path") is not None


def test_bands_and_rules_span_the_axes():
    chart = Chart(
        "t", Axis("x"), Axis("y"), [Line("", [0, 1], [0, 2]), Band("", 0, 1), ReferenceLine("", 1.0, level=True)]
    )
    (band,), (rule,) = drawn(chart, "path", "band"), drawn(chart, "line", "rule")
    assert corners(band["d"].strip("Z"))[:, 0].tolist() == [LEFT, WIDTH - RIGHT, WIDTH - RIGHT, LEFT]
    assert float(rule["y1"]) == corners(band["d"].strip("Z"))[2, 1]


@pytest.mark.parametrize(
    "mark",
    [
        Line("name", [0, 1], [0, 1]),
        Dots("name", [0, 1], [0, 1]),
        Band("name", 0, 1),
        VerticalBars("name", np.array([0.0, 1.0]), np.array([1.0])),
        ReferenceLine("name", 1.0),
    ],
    ids=lambda mark: type(mark).__name__,
)
def test_every_mark_is_drawn_in_a_look_of_the_style_sheet(mark):
    """An element without a rule is black, or invisible."""
    figured = ElementTree.fromstring(figure(Chart("t", SHARE, SHARE, [mark])))
    looks = {each.get("class", "").split()[0] for each in figured.find("svg/svg")}
    sheet = (TEMPLATES / "chart.css").read_text(encoding="utf-8")
    assert looks
    assert all(f"svg .{look} {{" in sheet for look in looks)


def test_bars_are_as_long_as_their_values_and_none_leaves_the_picture():
    each = [Bar("a", 2.0, "2"), Bar("b", 1.0, "1", low=0.5, high=4.0), Bar("c", -1.0, "a long text")]
    chart = Bars("t", each)
    widths = [float(shape["width"]) for shape in drawn(chart, "rect", "columns a")]
    assert np.allclose(np.array(widths) / widths[0], [1, 0.5, 0.5], atol=0.01)
    ends = [text for text in ElementTree.fromstring(figure(chart)).iter("text") if text.get("class") == "strong"]
    assert all(float(end.get("x")) + 7 * len(end.text) <= WIDTH for end in ends)
    assert drawn(chart, "svg")[0]["aria-label"] == "t. a: 2, b: 1, c: a long text"


@pytest.mark.parametrize("width", [WIDTH, NARROW])
@pytest.mark.parametrize("name", ["the most frequent class", "a name that is long, but not too long", "最常见的类别"])
def test_a_long_name_is_written_whole(name, width):
    *lines, value = texts(Bars("t", [Bar(name, 1.0, "1")]), width)
    assert (" " if name.isascii() else "").join(lines) == name
    assert value == "1"


@pytest.mark.parametrize(
    ("name", "wide"), [("a name that is far too long " * 5, 50), ("很长很长的名字放不进图里" * 5, 25)]
)
def test_a_name_that_is_too_long_is_cut(name, wide):
    first, second, _ = texts(Bars("t", [Bar(name, 1.0, "1")]))
    assert second.endswith("…")
    assert len(first + second) <= wide


def test_a_chart_is_named_and_escaped_for_those_who_listen():
    marks = [Line("<s>", [0, 1], [0, 1]), Dots("", [0], [1])]
    text = figure(Chart("A <b>", Axis("x <i>"), Axis("y"), marks, "note & more"))
    assert 'role="img" aria-label="A &lt;b&gt;"' in text
    assert not re.search("<[bis]>", text)


def test_an_axis_without_numbers_has_names():
    chart = Chart("t", Axis("x", names=[(0, "a"), (2, "c"), (4, "e")]), Axis("y"), [Line("", range(5), range(5))])
    assert [text for text in texts(chart) if text in "abcde"] == ["a", "c", "e"]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.booleans())
def test_ticks_are_round_ascending_and_within(low, width, whole):
    high = low + width
    if low == high or width / max(abs(low), 1) < 1e-9:
        return
    found = ticks(low, high, whole=whole)
    assert 1 <= len(found) <= 12
    assert found == sorted(set(found))
    slack = 1e-6 * width
    assert low - slack <= found[0]
    assert found[-1] <= high + slack


@pytest.mark.parametrize("value", [0.0, -3.0, 7e8])
def test_a_level_curve_has_a_scale(value):
    assert TOP < curve(Line("", [1, 2], [value, value]))[0, 1] < HEIGHT - BOTTOM


@pytest.mark.parametrize("end", [1e308, 1.79e308])
def test_charts_reach_from_end_to_end_of_float64(end):
    values = np.array([-end, -0.5 * end, 0.0, 0.9 * end, end])
    spread = histogram("t", values, "x", "rows")
    columns = spread.marks[0]
    assert np.isfinite(columns.edges).all()
    assert columns.heights.sum() == len(values)
    for chart in (spread, Chart("t", Axis("x"), Axis("y"), [Line("l", values, values)])):
        drawn = str(figure(chart))
        assert not re.search(r"\b(nan|inf)\b", drawn)


def test_a_plane_reaches_from_end_to_end_of_float64():
    plane = Plane.around(np.array([[-1.7e308, 0.0], [1.7e308, 1.0]]))
    assert np.isfinite(plane.points).all()
    assert plane.xx[0, 0] < -1.7e308 < 1.7e308 < plane.xx[0, -1]


@pytest.mark.parametrize("name", ["validation_neg_log_loss", "validation_roc_auc"])
def test_a_score_is_no_loss_whatever_its_name_ends_in(name):
    chart = training_chart(
        [History([{"epoch": 1, "loss": 0.7, name: -0.6}, {"epoch": 2, "loss": 0.5, name: -0.4}])], [name], "en"
    )
    assert chart.y.label == name.replace("_", " ")
