"""What notebooks show of results: whole, well formed, in the language that is set, and nothing around it changes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet
from glassnet.display.blocks import Paragraph, display
from glassnet.display.markup import element
from glassnet.display.result import Result
from glassnet.display.templating import DISPLAY
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import speaking
from glassnet.training import History
from tests.display.results import RESULTS, fitted


@pytest.fixture(scope="module")
def model() -> Any:
    return fitted()


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself_in_the_language_that_is_set(model: Any, name: str) -> None:
    make, english, chinese = RESULTS[name]
    for language, words in (("en", english), ("zh", chinese)):
        with speaking(language):
            page = make(model)._repr_html_()
        assert words in page
        ElementTree.fromstring(page)


def test_every_public_result_is_among_them() -> None:
    public = [getattr(glassnet, name) for name in glassnet.__all__]
    shown = {one.__name__ for one in public if isinstance(one, type) and issubclass(one, Result)}
    assert shown <= {name.partition(",")[0] for name in RESULTS}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(RESULTS) - {"NeuralClassifier", "TableEncoder"}))
def test_where_there_is_no_html_the_text_is_words(model: Any, name: str) -> None:
    """No dump of a record's fields; an encoder's `repr` is the one of scikit-learn."""
    text = repr(RESULTS[name][0](model))
    assert not re.search(r"array\(|object at 0x|\\n", text)


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_where_drawings_are_taken_out_their_texts_do_not_run_together(model: Any, name: str) -> None:
    """GitHub, and JupyterLab before a notebook is trusted, keep the texts and no drawing."""
    page = RESULTS[name][0](model)._repr_html_()
    assert not re.search(r"</text>(<(?!text)[^>]*>)*<text", page)


def test_a_chain_shows_every_number() -> None:
    neuron = glassnet.Neuron(2, "sigmoid", "mse")
    chain = neuron.chain([[1.0, 2.0]], [1.0])
    shown = "".join(ElementTree.fromstring(chain._repr_html_()).itertext())
    for line in str(chain).splitlines():
        assert line in shown
    assert "<p>loss = mse(a, y)</p>" in chain._repr_html_()


def test_an_empty_history_is_shown_too() -> None:
    assert "0 epochs" in History()._repr_html_()


def test_what_is_shown_is_no_markup() -> None:
    assert "<p>&lt;script&gt;</p>" in display([Paragraph("<script>")])


def test_no_rule_reaches_beyond_the_display() -> None:
    """Each rule that is not nested begins at the display."""
    depth, heads = 0, []
    for piece in re.findall(r"[^{}]+|[{}]", DISPLAY):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
        elif depth == 0 and piece.strip():
            heads.append(piece.strip())
    assert depth == 0
    assert all(head.startswith("@media") or all(".glassnet" in part for part in head.split(",")) for head in heads)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_jupyterlab_counts_more_than_that_of_the_system(theme: str) -> None:
    light = str(theme == "light").lower()
    assert DISPLAY.index(f'[data-jp-theme-light="{light}"] .glassnet') > DISPLAY.index("prefers-color-scheme")


# ------------------------------------------------------------------------ markup
# Nothing gets into a page unescaped but what was made as markup.


class Texts(HTMLParser):
    found, attributes, tags = "", (), 0

    def handle_starttag(self, tag, attributes):
        self.tags += 1
        self.attributes = attributes

    def handle_data(self, data):
        self.found += data


@given(
    st.text(st.characters(exclude_categories=["Cs"]).filter(lambda letter: escape_controls(letter) == letter)),
    st.text("<>&\"' a"),
)
def test_any_text_comes_back_as_it_was(text, value):
    reader = Texts()
    reader.feed(element("p", text, title=value))
    reader.close()
    assert reader.tags == 1
    assert reader.found == text
    assert reader.attributes == [("title", value)]


def test_what_a_page_would_obey_is_spelled_out():
    name = "\x1bpa\u202eid"
    assert element("h1", name, title=name) == r'<h1 title="\x1bpa\u202eid">\x1bpa\u202eid</h1>'
