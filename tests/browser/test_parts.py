"""The parts for other pages in a real browser, opened from a file: each used, and looked at, in both languages."""

from __future__ import annotations

import json
import re
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.apps.playground_server import page, write
from glassnet.support.scripts import engine, parts
from tests.web.test_parts import attributes

pytestmark = pytest.mark.browser

W = [0.5, -0.5, -0.5, 1.0, 0.25, -0.25, 0.5, -2.0, -0.25]
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>parts</title><meta name="viewport" content="width=device-width">
<script src="parts.js" defer></script></head><body><main><h1>Parts</h1><h2>All</h2>
<p><a href="#neuron-w">w</a> <a href="#step-back_hidden">delta</a></p>
<span id="neuron-w"></span><glassnet-neuron data-symbols="neuron" w="0.5,-1" b="0.25" x="1,2" activation="sigmoid"
 target="1" chain>A neuron.</glassnet-neuron>
<glassnet-neuron w="1.5" x="0.5" activation="tanh">A neuron of one input.</glassnet-neuron>
<glassnet-activation name="tanh"></glassnet-activation>
<glassnet-activation name="sigmoid,tanh,relu,gelu"></glassnet-activation>
<glassnet-landscape surface="parabola" rate="0.3"></glassnet-landscape>
<glassnet-race></glassnet-race>
<glassnet-step data-symbols="step" network="2-2-1" activation="tanh,sigmoid" loss="mse" row="1,0.5"
 w="{",".join(map(str, W))}"></glassnet-step>
<glassnet-step id="wrong" network="2x1"></glassnet-step>
<glassnet-workout network="2-2-1" activation="tanh,sigmoid" row="1,0.5" w="{",".join(map(str, W))}"
 ask="delta 1.2, gradient 1.1.2"></glassnet-workout>
<div id="session"></div></main><script src="session.js"></script></body></html>
"""


SESSION = """
const values = {values};
globalThis.kept = [];
const model = {{
  get: (name) => values[name], set: (name, value) => {{ values[name] = value; kept.push([name, value]); }},
  on: () => {{}}, off: () => {{}}, save_changes: () => kept.push("saved"),
}};
const module = URL.createObjectURL(new Blob([{script}], {{ type: "text/javascript" }}));
import(module).then((one) => one.default.render({{ model, el: document.getElementById("session") }}));
"""
"""What a notebook does with the widget, whose model is Python's there."""


def session():
    """The script of a page that shows a network of Python's."""
    network = NeuralNetwork(2, ["tanh:3", "relu:2", 1], loss="binary_cross_entropy")
    X = [[0.0, 0], [0, 1], [1, 0], [1, 1]]
    widget = network.widget(X, [0.0, 1.0, 1.0, 0.0], row=1, optimizer="adam")
    values = {name: getattr(widget, name) for name in ("step", "row", "rows", "language")}
    return SESSION.format(values=json.dumps(values), script=json.dumps(str(widget._esm)))


@pytest.fixture(scope="module")
def seen(browse, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    (folder / "parts.js").write_text(parts(), encoding="utf-8")
    (folder / "parts-engine.js").write_text(engine(), encoding="utf-8")
    (folder / "session.js").write_text(session(), encoding="utf-8")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    return browse("parts.js", (folder / "page.html").as_uri())


def numbers(texts):
    """Cells as numbers; a minus sign is a minus sign there."""
    return [float(text.replace("−", "-")) for text in texts]


def test_axe_finds_no_fault(seen):
    assert [
        (view["width"], view["language"], fault) for view in seen for fault in view["faults"] + view["alerts"]
    ] == []


def test_nothing_scrolls_sideways_and_nothing_is_complained_of(seen):
    assert {view["overflow"] for view in seen} == {0}
    assert [view["complaints"] for view in seen] == [[]] * len(seen)


def test_a_neuron_follows_its_sliders_its_gradient_and_its_plane(seen):
    for view in seen:
        first, moved, learned, clicked = map(numbers, view["neuron"])
        z = 0.5 - 2 + 0.25
        a = 1 / (1 + np.exp(-z))
        np.testing.assert_allclose(first, [z, a, -np.log(a)], rtol=1e-3)
        assert moved[0] == pytest.approx(0.25, rel=1e-3)
        assert learned[2] < moved[2]
        assert clicked != learned
        assert view["formulas"] == 9
        assert view["single"] == 1


def test_an_activation_gives_value_slope_and_what_is_left_of_it_after_layers(seen):
    slope = 1 - np.tanh(2) ** 2
    for view in seen:
        np.testing.assert_allclose(numbers(view["activation"][:3]), [2, np.tanh(2), slope], rtol=1e-3)
        assert numbers(view["relu"]) == [2, 2, 1, 1, 1, 1]
        colon = {"en": ": ", "zh": "："}[view["language"]]
        assert [line.split(colon)[0] for line in view["compared"]] == ["sigmoid", "tanh", "relu", "gelu"]


def test_a_ball_comes_to_rest_or_leaves_for_good(seen):
    said = {"en": ("minimum", "Diverged"), "zh": ("极小值", "发散")}
    for view in seen:
        rests, leaves = said[view["language"]]
        (steps, place, *_), words = view["descended"]
        assert abs(numbers([place])[0]) < 1e-3
        assert int(steps) < 60
        assert rests in words
        assert leaves in view["diverged"][1]
        assert numbers(view["nudged"][1].split(", "))[0] == pytest.approx(2.4 - 6 / 20, abs=0.01)


def test_four_optimizers_race(seen):
    for view in seen:
        assert [row.partition("0")[0].rstrip("0.") for row in view["race"]] == ["sgd", "momentum", "rmsprop", "adam"]
        assert view["paths"] == 4


@pytest.fixture(scope="module")
def trace():
    """The step that the parts of the page show, by the library."""
    network = NeuralNetwork(2, ["tanh:2", "sigmoid:1"], loss="mse", dtype="float32")
    network.parameters[:] = W
    return network.trace([[1.0, 0.5]], [1.0], learning_rate=0.5)


def test_a_step_has_the_numbers_of_the_trace(seen, trace):
    for view in seen:
        assert [beat.split("/")[0] for beat in view["beats"]] == [str(number) for number in range(1, 8)]
        found = [numbers(label.replace("δ ", "").split()[-2:]) for label in view["nodes"][2:]]
        expected = [
            (trace["1.a"][0, 0], trace["d_1.z"][0, 0]),
            (trace["1.a"][0, 1], trace["d_1.z"][0, 1]),
            (trace["2.a"][0, 0], trace["d_2.z"][0, 0]),
        ]
        np.testing.assert_allclose(found, expected, rtol=6e-3)
        assert view["lines"] >= 2
        assert "x₂" in view["link"]  # by keyboard
        assert view["after"] == 4


def test_a_number_is_worked_out_and_a_mistake_named(seen, trace):
    for view in seen:
        assert view["workout"]["mistake"] == "slope"
        assert view["workout"]["right"] == ["false", "true"]
        (memory,) = re.findall(r"0\.\d+", view["workout"]["memory"])
        assert float(memory) == pytest.approx(trace["d_1.z"][0, 1], rel=1e-6)
        assert re.search(r"\b1\b", view["workout"]["score"])
        assert view["workout"]["other"] != view["workout"]["first"]


def test_a_link_to_a_symbol_lights_up_what_shows_it_and_opens_its_beat(seen):
    for view in seen:
        assert view["outlined"] == [[], ["w", "w"], []]  # at first, pointed at, after another was followed
        assert view["opened"].startswith("6/7")


def test_a_wrong_attribute_is_refused_in_words(seen):
    for view in seen:
        assert "2x1" in view["wrong"]
        assert ("must be layer widths" if view["language"] == "en" else "应为") in view["wrong"]


def test_a_notebook_shows_the_network_of_its_session_and_hears_which_row_is_wanted(seen):
    for view in seen:
        assert view["session"] == [8, 9]  # neurons, and beats
        assert view["maps"] == 8
        assert view["kept"] == [["row", 3], "saved"]


FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>frame</title><link rel="icon" href="data:,">
<script src="parts.js" defer></script></head><body data-theme="dark">
<glassnet-playground state='{"table": "xor", "seed": 3}' hide="noise">XOR</glassnet-playground></body></html>
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_the_playground_stands_in_a_frame_in_the_language_and_theme_of_the_page(browse, tmp_path):
    folder = tmp_path / "site"
    list(write(folder))
    (folder / "page.html").write_text(FRAME, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = browse("frame.js", f"http://127.0.0.1:{server.server_port}/page.html")
    finally:
        server.shutdown()
        server.server_close()
    expected = {"lang": "zh-Hans", "theme": "dark", "table": "xor", "hidden": True, "links": 1, "complaints": []}
    assert found == expected


def test_the_playground_is_a_single_file_too_that_needs_no_server(browse, tmp_path):
    file = tmp_path / "playground.html"
    file.write_text(page(), encoding="utf-8")
    found = browse("single.js", file.as_uri())
    assert found["complaints"] == []
    assert found["requests"] == [file.as_uri()]
    assert 0 < float(found["loss"]) < 1


HOSTILE = [
    "nonsense",
    "NaN",
    "Infinity",
    "1e99",
    "-1",
    "0.5",
    "7",
    "<b class=hostile>x</b>",
    "1,2,3,4,5,6,7,8,9",
    "__proto__",
]
REFUSED = {
    '<glassnet-step network="2-3" loss="cross_entropy" target="7">': "must be a whole number from 0 to 2. Received: 7.",
    '<glassnet-step network="2-3" loss="cross_entropy" target="0.5">': "from 0 to 2. Received: 0.5.",
    '<glassnet-step network="2-2" loss="binary_cross_entropy" target="1,2">': "target must lie between 0 and 1",
    '<glassnet-step network="2-1" loss="gaussian_nll">': "loss must be one of:",
    '<glassnet-step seed="1.5">': "seed must be a whole number from 0 to 1000000. Received: 1.5.",
    '<glassnet-workout ask="p 1">': "such as z 1.1, a 1.1, p 1, loss",
    '<glassnet-workout activation="gelu">': "activation must be one of: relu, sigmoid, tanh. Received: gelu.",
    '<glassnet-workout row="1,2,3">': "row must be the 2 inputs of a row",
    '<glassnet-neuron loss="binary_cross_entropy" activation="sigmoid" target="7">': "between 0 and 1",
    '<glassnet-race steps="2.5">': "steps must be a whole number from 1 to 5000. Received: 2.5.",
    '<glassnet-race rates="1,2">': "rates must be 4 numbers",
    '<glassnet-activation name="relu,tanh,relu,tanh,relu,tanh,relu">': "name must be 1 to 6 names",
}  # fmt: skip


def hostile_parts():
    """Each part with each of its attributes as each of these."""
    for tag, names in attributes():
        if tag != "glassnet-playground":  # a frame, with a session that brings whatever it is given into its ranges
            yield from (f"<{tag} {name}='{escape(value)}'>" for name in sorted(names) for value in HOSTILE)


@pytest.fixture(scope="module")
def refused(browse, tmp_path_factory):
    folder = tmp_path_factory.mktemp("attributes")
    (folder / "parts.js").write_text(parts(), encoding="utf-8")
    (folder / "parts-engine.js").write_text(engine(), encoding="utf-8")
    head, _, _ = PAGE.partition("<main>")
    given = [*REFUSED, *hostile_parts()]
    body = "".join(f"{part}</{part[1:].split()[0]}>" for part in given)
    (folder / "page.html").write_text(f"{head}<main>{body}</main></body></html>", encoding="utf-8")
    return given, browse("attributes.js", (folder / "page.html").as_uri())


def test_what_an_attribute_cannot_be_is_refused_in_words(refused):
    said = dict(zip(*(refused[0], [part["refused"] for part in refused[1]["parts"]]), strict=True))
    assert [part for part, words in REFUSED.items() if words not in said[part]] == []


def test_no_attribute_breaks_a_part(refused):
    found = refused[1]
    assert found["complaints"] == []
    broken = [part["markup"] for part in found["parts"] if part["foreign"] or not part["text"].strip()]
    shows_no_number = [
        part["markup"]
        for part in found["parts"]
        if not part["refused"] and re.search(r"\b(NaN|undefined|Infinity|∞)\b", part["text"])
    ]
    assert broken + shows_no_number == []
