"""How tables are read, measured by files of which it is known what is in them: right, or asked for, and never wrong."""

from __future__ import annotations

import collections

import pytest

from glassnet.errors import InputError
from glassnet.tables.reading.encodings import likely_encoding
from glassnet.tables.reading.readers import read_table
from tests.tables.labelled_files import LAYOUTS, MARKS, encoded


@pytest.mark.parametrize("label", [*LAYOUTS, *MARKS], ids=lambda label: label.name)
def test_a_file_is_read_as_it_was_meant(tmp_path, label):
    file = tmp_path / "t.csv"
    file.write_bytes(label.content)
    if isinstance(label.first, str):
        with pytest.raises(InputError, match=label.first):
            read_table(file)
    else:
        table = read_table(file)
        assert (table.columns, table.row(0)) == (label.columns, label.first)


@pytest.mark.slow
def test_encodings_are_told_apart_or_asked_for():
    answers = collections.Counter()
    for language, content, text in encoded():
        try:
            answer = "right" if content.decode(likely_encoding(content, "t")) == text else f"wrong: {language}"
        except InputError as error:
            answer = "asked for" if "--encoding" in str(error) else "left alone"
        answers[answer] += 1
    # charset-normalizer 3.5, told of the same encodings: 193 right, 95 wrong
    assert answers["right"] >= 275
    assert answers["right"] + answers["asked for"] == answers.total() == 288
