"""Nothing gets into a page unescaped but what was made as markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from glassnet.markup import element, table
from glassnet.visible import visible
from tests.insight.report.reading import Page


class Texts(HTMLParser):
    found, attributes, tags = "", (), 0

    def handle_starttag(self, tag, attributes):
        self.tags += 1
        self.attributes = attributes

    def handle_data(self, data):
        self.found += data


@given(
    st.text(st.characters(exclude_categories=["Cs"]).filter(lambda letter: visible(letter) == letter)),
    st.text("<>&\"' a"),
)
def test_any_text_comes_back_as_it_was(text, value):
    reader = Texts()
    reader.feed(element("p", text, title=value))
    reader.close()
    assert reader.tags == 1
    assert reader.found == text
    assert reader.attributes == [("title", value)]


def test_what_a_page_would_obey_is_spelled_out_and_what_a_form_sends_back_stays():
    name = "\x1bpa\u202eid"
    assert element("h1", name) == r"<h1>\x1bpa\u202eid</h1>"
    assert element("option", value=name, title=name) == rf'<option value="{name}" title="\x1bpa\u202eid"></option>'


def test_a_table_names_its_columns_and_rows():
    page = Page(table("A & B", ["", "n"], [["<a>", "1"], ["b", "2"]], best=1))
    assert page.captions == ["A & B"]
    assert page.tables == [[["", "n"], ["<a>", "1"], ["b", "2"]]]
    assert page.all("scope") == ["col", "row", "row"]
    assert page.all("aria-label") == ["A & B"]
