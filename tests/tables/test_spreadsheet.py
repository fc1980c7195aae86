"""Sheets of Excel: their values as they are, their texts as those of a text file."""

from __future__ import annotations

import datetime
import io
import sys
import zipfile

import polars as pl
import pytest

from glassnet.errors import InputError, MissingExtraError
from glassnet.tables import ReadOptions, open_blocks
from glassnet.tables.reading.readers import read_file, read_table, scan_table
from glassnet.tables.reading.table_blocks import all_pieces

DATED = 14  # the number of Excel's own format of a date
DAY = datetime.date(1899, 12, 30)


def cell(place, value):
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime.date):
        return f'<c r="{place}" s="1"><v>{(value - DAY).days}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return "" if value is None else f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def workbook(**sheets):
    """The smallest file that Excel opens."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = f"{office.removesuffix('/relationships')}/relationships"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{kind}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        entries = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="s{i}"/>' for i, n in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{entries}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="s{i}" Type="{kind}/worksheet" Target="worksheets/s{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        styles = f'<Relationship Id="t" Type="{kind}/styles" Target="styles.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{links}{styles}</Relationships>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="{DATED}"/></cellXfs></styleSheet>',
        )
        for number, rows in enumerate(sheets.values(), 1):
            lines = "".join(
                f'<row r="{r}">{"".join(cell(f"{chr(65 + c)}{r}", value) for c, value in enumerate(row))}</row>'
                for r, row in enumerate(rows, 1)
            )
            archive.writestr(
                f"xl/worksheets/s{number}.xml", f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
            )
    return content.getvalue()


@pytest.fixture
def book(tmp_path):
    def write(**sheets):
        path = tmp_path / "t.xlsx"
        path.write_bytes(workbook(**sheets))
        return path

    return write


def test_values_are_read_as_they_are(book):
    day = datetime.date(2024, 2, 29)
    rows = [
        ["n", "x", "yes", "day", "text"],
        [1, 1.5, True, day, "a"],
        [2, 2, False, day, None],
        [None, None, None, None, "b"],
    ]
    table = read_table(book(Data=rows))
    assert table.schema == {"n": pl.Int64, "x": pl.Float64, "yes": pl.Boolean, "day": pl.Date, "text": pl.String}
    assert table.rows() == [(1, 1.5, True, day, "a"), (2, 2.0, False, day, None), (None, None, None, None, "b")]


def test_numbers_that_were_stored_as_text_are_read_as_those_of_a_text_file(book):
    file = book(Data=[["price", "code", "mixed"], ["1.234,50", "007", 1], ["3,5", "008", "x"]])
    assert read_table(file).rows() == [(1234.5, "007", "1"), (3.5, "008", "x")]
    assert [len(piece) for piece in scan_table(file, rows=1)] == [1, 1]


def test_usual_words_among_numbers_and_dates_are_gaps(book):
    day = datetime.date(2024, 1, 31)
    path = book(Data=[["n", "d", "c"], [1.234, day, "NA"], ["NA", "-", "x"], [2, day, "-"]])
    frame, _, gaps = read_file(path)
    assert frame.rows() == [(1.234, day, "NA"), (None, None, "x"), (2.0, day, "-")]
    assert gaps == {"n": {"NA": 1}, "d": {"-": 1}}
    assert read_file(path, ReadOptions(missing=["x"])).frame["c"].to_list() == ["NA", None, "-"]
    assert read_file(path, text=["n"]).frame["n"].to_list() == ["1.234", "NA", "2"]


def test_empty_sheets_and_rows_do_not_count(book):
    assert read_table(book(Empty=[], Data=[[None], ["a"], [1], [None], [2]])).rows() == [(1,), (2,)]


def test_which_sheet_is_asked_for(book):
    file = book(May=[["a"], [1]], June=[["a"], [2]])
    with pytest.raises(InputError, match=r"sheet of .* must be specified.*'May', 'June'.*--sheet"):
        read_table(file)
    assert read_table(file, sheet="June").rows() == [(2,)]
    with pytest.raises(InputError, match=r"must have the requested sheet.*'July'. Available: 'May', 'June'"):
        read_table(file, sheet="July")


def test_what_is_refused(book, tmp_path):
    with pytest.raises(InputError, match=r"sheet of .* must be specified. Received: no cell"):
        read_table(book(Empty=[]))
    with pytest.raises(InputError, match="must contain the names of the columns"):
        read_table(book(Data=[[5.5, 2], [3, 4]]))
    for read in (read_table, scan_table):
        with pytest.raises(InputError, match="must contain rows. Received: none"):
            read(book(Data=[["a", "b"]]))
    with pytest.raises(InputError, match=r"unpacked, must be at most.*--max-unpacked"):
        read_table(book(Data=[["a"], [1]]), max_unpacked=100)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(workbook(Data=[["a"], [1]])[:-30])
    with pytest.raises(InputError, match="must be a spreadsheet, as its extension says"):
        read_table(broken)


def test_a_cell_at_the_far_end_of_a_sheet_is_refused_and_ends_no_process(book, monkeypatch):
    """The library makes a place for every cell between the first and the last: 400 GB of them here."""
    near = cell
    monkeypatch.setitem(globals(), "cell", lambda place, value: near(place.replace("A2", "XFD1048576"), value))
    with pytest.raises(InputError, match=r"unpacked, must be at most 4 GB. Received: more. .*--max-unpacked"):
        read_table(book(Data=[["a"], [1]]))


def test_without_what_reads_them(book, monkeypatch):
    file = book(Data=[["a"], [1]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match=r"Reading spreadsheets needs python-calamine.*glassnet\[excel\]"):
        read_table(file)


def test_a_sheet_without_rows_may_stand_beside_others(tmp_path):
    for number, rows in enumerate([[["a", "b"]], [["a", "b"], [1, "x"]]]):
        (tmp_path / f"{number}.xlsx").write_bytes(workbook(Data=rows))
    blocks = open_blocks(tmp_path)
    assert [row for piece in all_pieces(blocks) for row in piece.rows()] == [(1, "x")]
