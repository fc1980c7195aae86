"""Nothing gets into a page unescaped but what was made as markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from glassnet.display.markup import element
from glassnet.support.escape_controls import escape_controls


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
