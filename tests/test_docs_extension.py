"""What the docs add to Sphinx: formulas as browsers draw them, marks that begin no line, quotation marks as typed."""

from pathlib import Path

import pytest

sphinx = pytest.importorskip("sphinx")
pytest.importorskip("myst_nb")

from docutils import nodes  # noqa: E402
from docutils.utils import new_document  # noqa: E402


@pytest.fixture
def extension(monkeypatch):
    """The extension of Sphinx, which lies beside the pages."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "docs")
    import extension

    return extension


def test_a_line_is_drawn_over_the_whole_of_a_formula(extension):
    text = extension.mathml(r"\overline{x^2} - \bar x", block=False)
    assert '<mrow class="overlined">' in text
    assert text.index("overlined") < text.index("msup") < text.index("</mrow>")
    assert "_</mo>" not in text


@pytest.mark.parametrize(("after", "kept"), [("。下面", "。"), (", so", ","), ("). ", ")."), (" is", None)])
def test_a_mark_behind_a_formula_begins_no_line(after, kept, extension):
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text("目标值 "), nodes.math("y", "y"), nodes.Text(after))
    extension.keep_marks(None, document)
    together = [one for one in document.findall(nodes.inline) if "together" in one["classes"]]
    assert [one.astext() for one in together] == ([] if kept is None else [f"y{kept}"])
    assert document.astext() == f"目标值 y{after}"


def test_only_words_in_latin_letters_are_in_italics(extension):
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.emphasis("", "Deep Learning"), nodes.emphasis("", "不能"))
    extension.mark_foreign(None, document)
    assert [one["classes"] for one in document.findall(nodes.emphasis)] == [["foreign"], []]


def test_long_code_of_a_table_may_be_broken_and_is_copied_as_it_is(extension):
    cell = nodes.entry("", nodes.paragraph("", "", code := nodes.literal("", "HuberLoss(delta=2.5)")))
    document = new_document("page")
    document += nodes.table("", nodes.tgroup("", nodes.tbody("", nodes.row("", cell))))
    extension.break_in_tables(None, document)
    assert [part.astext() for part in code] == ["HuberLoss(", "<wbr>", "delta=", "<wbr>", "2.5)"]
    assert all(part["format"] == "html" for part in code.findall(nodes.raw))


def test_a_number_and_its_standard_error_stand_in_one_line(extension):
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text("1.04 ± 0.02 for "), nodes.literal("", "1 ± 2"))
    extension.keep_errors(None, document)
    assert document.astext() == "1.04\u00a0±\u00a00.02 for 1 ± 2"
