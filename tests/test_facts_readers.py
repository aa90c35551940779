"""Readers of users' tables: encodings, decimal signs, headers, missing marks, workbooks, hostile files."""

import io
import unicodedata
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand import guards
from dxanalysis.facts.understand.door import kind_of, read
from dxanalysis.facts.understand.tables import read_table
from tests.tables import workbook, written

YEARBOOK = """Bảng 12. Tỷ trọng kinh tế số
(Đơn vị tính: %)
STT;Tỉnh, thành phố;2020;2021;Sơ bộ 2022
1;Quảng Ninh;5,1;…;7,15
2;Hà Nội;-;1.234,6;8
Nguồn: Cục Thống kê;;;;
"""


def figures(reading, *columns):
    return [tuple(row) for row in reading.cells[[*columns, "value"]].dropna().itertuples(index=False)]


def expect_yearbook(reading):
    assert figures(reading, "area", "period") == [
        ("Quảng Ninh", "2020", 5.1),
        ("Quảng Ninh", "2022", 7.15),
        ("Hà Nội", "2021", 1234.6),
        ("Hà Nội", "2022", 8.0),
    ]
    assert (reading.title, reading.unit, reading.source) == ("Bảng 12. Tỷ trọng kinh tế số", "%", "Cục Thống kê")
    assert reading.problems == () and not reading.questions


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_yearbook_table_is_read_in_every_unicode_encoding(tmp_path, encoding):
    expect_yearbook(read_table(written(tmp_path, YEARBOOK, encoding=encoding)))


# text -> columns and figures, a note
TABLES = {
    "a long table keeps notes and statuses": (
        'Tỉnh,Năm,Giá trị,Trạng thái,Ghi chú\nQuảng Ninh,2021,"12,5",sơ bộ,abc\nHà Nội,2022,..,,\n',
        "area period status note", [("Quảng Ninh", "2021", "sơ bộ", "abc", 12.5)], ""),
    "two header rows give heading and period": (
        "Tỉnh;2020;;2021;\n;Doanh thu;Số DN;Doanh thu;Số DN\nQuảng Ninh;1,5;2;3;4\n", "area period heading",
        [("Quảng Ninh", "2020", "Doanh thu", 1.5), ("Quảng Ninh", "2020", "Số DN", 2.0),
         ("Quảng Ninh", "2021", "Doanh thu", 3.0), ("Quảng Ninh", "2021", "Số DN", 4.0)], "Header in rows 1 to 2."),
    "areas across and years down": (
        "Năm;Quảng Ninh;Hà Nội\n2020;1,5;2\n2021;1,6;3\n", "period heading",
        [("2020", "Quảng Ninh", 1.5), ("2020", "Hà Nội", 2.0), ("2021", "Quảng Ninh", 1.6), ("2021", "Hà Nội", 3.0)],
        ""),
    "a plan is not read as a figure": ("Tỉnh;Thực hiện 2023;Kế hoạch 2024\nHuế;1,5;2,5\n", "period",
                                       [("2023", 1.5)], "Column C is a plan for 2024, not a figure: not read."),
    "a header repeated on each page is skipped": (
        "Tỉnh;2020;2021\nHuế;1;2\nTỉnh;2020;2021\nHà Nội;3;4\n", "", [(1,), (2,), (3,), (4,)], ""),
    "section names between rows do not end the table": (
        "Tỉnh;2020;2021\nNguồn nhân lực;;\nHuế;1;2\nPhần B;Phần B;Phần B\nHà Nội;3;4\n"
        "Nguồn:;Cục Thống kê;\n(*) Ước tính;;\n", "", [(1,), (2,), (3,), (4,)], ""),
    "a row with one figure and no name is kept": ("Tỉnh;2020;2021\nHuế;1;2\n;3;\n", "", [(1,), (2,), (3,)], ""),
    "a blank first header over names": (
        ";2020;2021\nHuế;1,5;2\nTP: Đà Nẵng;3;4\n", "column_A period",
        [("Huế", "2020", 1.5), ("Huế", "2021", 2.0), ("TP: Đà Nẵng", "2020", 3.0), ("TP: Đà Nẵng", "2021", 4.0)],
        "Printed numbers read with a decimal comma."),
}


@pytest.mark.parametrize(("text", "columns", "rows", "note"), TABLES.values(), ids=TABLES)
def test_a_table_is_read_as_its_office_meant_it(tmp_path, text, columns, rows, note):
    reading = read_table(written(tmp_path, text))
    assert figures(reading, *(name.replace("_", " ") for name in columns.split())) == rows
    assert not note or note in reading.notes
    assert not reading.problems


def test_decomposed_letters_are_composed(tmp_path):
    expect_yearbook(read_table(written(tmp_path, unicodedata.normalize("NFD", YEARBOOK))))


def cp1258(text):
    """Encode as Windows-1258: letters it has no code for are written as base letter and combining mark."""
    coded = bytearray()
    for letter in text:
        try:
            coded += letter.encode("cp1258")
            continue
        except UnicodeEncodeError:
            base, mark = unicodedata.normalize("NFD", letter)[:-1], unicodedata.normalize("NFD", letter)[-1]
        try:
            coded += unicodedata.normalize("NFC", base).encode("cp1258") + mark.encode("cp1258")
        except UnicodeEncodeError:  # the mark that stands last is part of the base letter (ặ = ă + dot)
            parts = unicodedata.normalize("NFD", letter)
            coded += unicodedata.normalize("NFC", parts[0] + parts[2]).encode("cp1258") + parts[1].encode("cp1258")
    return bytes(coded)


def test_windows_1258_is_read_and_said(tmp_path):
    text = YEARBOOK.replace("…", "...")
    reading = read_table(written(tmp_path, cp1258(text)))
    expect_yearbook(reading)
    assert reading.notes[0] == "Text in cp1258, columns separated by semicolon."


def test_text_in_an_old_font_encoding_is_converted_and_said(tmp_path):
    tcvn3 = "Tỉnh;2020\nQu".encode().replace("ỉ".encode(), b"\xd8") + b"\xb6ng Ninh;5\n"
    reading = read_table(written(tmp_path, tcvn3))
    assert figures(reading, "area") == [("Quảng Ninh", 5.0)]
    assert any("TCVN3" in note for note in reading.notes)


@pytest.mark.parametrize(("data", "message"), [
    (b"", "is empty"),
    (b"a;b\x00c\n1;2\n" * 3, "control character U\\+0000"),
    (b"T\xe1\xbb\x89nh;2020\nH\xc3\xa0 N\xe1\xbb\x99i;1\nHu\xe1\xba", "ends inside a letter: it is truncated"),
    (b"T\x81nh;2020\nQu\x90ng Ninh;5\n", r"neither UTF-8, UTF-16 nor Windows-1258: byte 0x81"),
    (b"\xff\xfea\x00;", "damaged or truncated"),
    (b'a;2020;2021\n"x;1;2\n', "Close every quotation mark"),
    (b"a;2020;2021\n" + b"9" * 1_000_001, "the line has 1,000,001 characters"),
    (b"x,y\n1,2\n", "no header row"),
    ("Tỉnh;2020;2021\nTỉnh;2020;2021\n", r"no header row with figures|holds no figure"),
    ("a;2020\n\u202e5;1\n".encode(), "control character U\\+202E"),
])
def test_a_broken_text_file_is_refused_with_its_reason(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        read_table(written(tmp_path, data))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(guards, "MAX_FILE_BYTES", 10)
    with pytest.raises(DataError, match="at most 0 MB are read at once"):
        read_table(written(tmp_path, YEARBOOK))


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv: does not exist"):
        read(tmp_path / "none.csv")


def test_months_and_quarters_in_columns_of_their_own_join_the_year(tmp_path):
    months = read_table(written(tmp_path, "Tỉnh;Năm;Tháng;Giá trị\nHuế;2024;7;1\n"))
    quarters = read_table(written(tmp_path, "Tỉnh;Năm;Quý;Giá trị\nHuế;2024;IV;1\n", "q.csv"))
    assert (months.cells.at[0, "period"], quarters.cells.at[0, "period"]) == ("2024-07", "2024-Q4")


def test_numbers_that_could_be_read_both_ways_ask(tmp_path):
    path = written(tmp_path, "Tỉnh;2020;2021\nHuế;1.452;2.003\n")
    assert tuple(read_table(path).questions) == ("decimal",)
    assert read_table(path, decimal=",").cells["value"].tolist() == [1452, 2003]
    assert read_table(path, decimal=".").cells["value"].tolist() == [1.452, 2.003]


PROBLEMS = {
    "a decimal point among commas": ("Tỉnh;2020;2021;2022\nHuế;1,5;2,5;3.5\n", (2, "D", "3.5"),
                                     "The rest of the file writes a decimal comma: write this number so too."),
    "a word in the column of years": (
        "Tỉnh;Năm;Giá trị\nHuế;2020;1\nHuế;bình quân;2\n", (3, "period", "bình quân"), ""),
    "a number in brackets": ("Tỉnh;2020;2021\nHuế;1,5;(2,5)\n", (2, "C", "(2,5)"),
                             "Write a negative number as -2,5; move a footnote to a column of notes."),
    **{f"no number: {text}": (f'Tỉnh,2020,2021\nHuế,"1,5","{text}"\n', (2, "C", text), "")
       for text in ["abc", "(2)", "1,2,3", "１２", "1e999", "12;5", "0x1F", "--1"]},
}


@pytest.mark.parametrize(("text", "place", "cure"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_is_no_number_or_year_is_a_problem_with_its_place_not_a_gap(tmp_path, text, place, cure):
    (problem,) = read_table(written(tmp_path, text)).problems
    assert (problem.row, problem.column, problem.value) == place
    assert problem.cure.startswith(cure)


WIDE = [["Tỷ trọng", None, None], ["Tỉnh", "Năm", None], [None, 2020, 2021], ["Huế", 1.5, 2], ["Hà Nội", "…", 3.25]]


def test_merged_title_and_header_cells_are_understood(tmp_path):
    def merge(sheet):
        for place in ("A1:C1", "A2:A3", "B2:C2"):
            sheet.merge_cells(place)

    reading = read(workbook(tmp_path / "a.xlsx", WIDE, change=merge))
    assert figures(reading, "area", "period") == [("Huế", "2020", 1.5), ("Huế", "2021", 2.0), ("Hà Nội", "2021", 3.25)]
    assert "3 merged ranges filled with their text." in reading.notes


def test_formulas_and_errors_in_cells_are_problems(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["Tỉnh", 2020, 2021], ["Huế", "=1+1", "#REF!"]])
    messages = [(problem.column, problem.message) for problem in read(path).problems]
    assert messages[0] == ("Sheet!B", "the cell holds a formula without a stored result.")
    assert messages[1][0] == "Sheet!C"


def test_a_wrong_stated_size_does_not_cut_a_sheet_off(tmp_path):
    path = repacked(workbook(tmp_path / "a.xlsx", WIDE), lambda name, data: data.replace(b'ref="A1:C5"', b'ref="A1"'))
    assert len(read(path).cells) == 4


def repacked(path, change, extra=()):
    """Rewrite an archive: change(name, data) -> data, and extra parts."""
    parts = {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            parts[part.filename] = change(part.filename, archive.read(part))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*parts.items(), *extra]:
            archive.writestr(name, data)
    return path


EVIL = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
HUGE = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 500_000 + b"</mergeCells><pageMargins"

# what is done to the parts of a sound workbook, or what is added to them -> what is said
HOSTILE = {
    "macros": (None, ("xl/vbaProject.bin", b"x"), "macros"),
    "outside data": (None, ("xl/connections.xml", b"x"), "a connection to outside data"),
    "an embedded file": (None, ("xl/embeddings/oleObject1.bin", b"x"), "an embedded file"),
    "a zip bomb": (None, ("xl/worksheets/sheet9.xml", b"0" * 50_000_000), "it looks like a zip bomb"),
    "a document type": (lambda data: EVIL + data, None, "declares a document type"),
    "merged ranges that repeat the whole sheet": (
        lambda data: data.replace(b"<pageMargins", HUGE), None, r"zip bomb|merges more than 5,000,000 cells"),
}


@pytest.mark.parametrize(("change", "part", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_workbook_is_refused_before_it_is_unpacked(tmp_path, change, part, message):
    def changed(name, data):
        return change(data) if change and name.startswith("xl/worksheets/") else data

    path = repacked(workbook(tmp_path / "a.xlsx", WIDE), changed, [part] if part else [])
    with pytest.raises(DataError, match=message):
        read(path)


def archive_of_text(folder):
    with zipfile.ZipFile(folder / "a.xlsx", "w") as archive:
        archive.writestr("a.txt", "x")
    return folder / "a.xlsx"


def stray(sheet):
    sheet["XFD1048576"] = 1


@pytest.mark.parametrize(("make", "message"), [
    (lambda folder: written(folder, workbook(folder / "a.xlsx", WIDE).read_bytes()[:2500], "b.xlsx"),
     "is damaged or truncated"),
    (archive_of_text, r"its part xl/workbook\.xml cannot be read"),
    (lambda folder: workbook(folder / "a.xlsx", WIDE, change=stray), "10,000 empty rows"),
    (lambda folder: written(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls"),
     r"needs python-calamine|is a damaged workbook"),
], ids=["cut off", "no workbook", "a stray cell at the far corner", "an old workbook"])
def test_a_workbook_that_cannot_be_read_says_why(tmp_path, make, message):
    with pytest.raises(DataError, match=message):
        read(make(tmp_path))


def test_hidden_sheets_are_not_read_and_others_are_named(tmp_path):
    def hide(sheet):
        sheet.sheet_state, sheet.parent.active = "hidden", 1

    path = workbook(tmp_path / "a.xlsx", WIDE, hide, B=[["Tỉnh", 2020, 2021], ["Huế", 7, 8]], C=[])
    reading = read(path)
    assert reading.cells["value"].tolist() == [7, 8] and reading.notes[0] == "Sheet 'B'."
    with pytest.raises(DataError, match="has no visible sheet 'Sheet'"):
        read(path, sheet="Sheet")


def test_the_first_bytes_decide_the_format_not_the_name(tmp_path):
    path = workbook(tmp_path / "a.csv.xlsx", WIDE).rename(tmp_path / "a.csv")
    assert kind_of(path) == "table" and read(path).kind == "xlsx"
    assert kind_of(written(tmp_path, '{"class": "dataset"}', "b.csv")) == "json-stat"
    assert kind_of(written(tmp_path, "\ufeffDATAFLOW,TIME_PERIOD,OBS_VALUE\n", "c.csv")) == "sdmx-csv"
    assert kind_of(written(tmp_path, "<a/>", "d.csv")) == "sdmx-ml"
    assert kind_of(written(tmp_path, 'CHARSET="ANSI";', "e.txt")) == "px"


def test_a_second_column_of_areas_keeps_its_own_name(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;Địa phương;2020;2021\nHuế;A Lưới;1;2\n"))
    assert reading.dimensions == ("area", "Địa phương (B)", "period")
    assert "Column B 'Địa phương' names the area again." in reading.notes


@pytest.mark.parametrize("mark", ["n/a", "Chưa có số liệu", "…", "...", "..", "-", "–", ":", ""])
def test_every_mark_of_a_missing_value_is_missing(tmp_path, mark):
    reading = read_table(written(tmp_path, f"Tỉnh;2020;2021\nHuế;1,5;{mark}\n"))
    assert reading.problems == () and reading.cells["value"].isna().tolist() == [False, True]


QUIET = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = [
    "Tỉnh", "Năm", "2020", "2021", "Quý I/2022", ";", ",", "\n", '"', "1,5", "1.452", "…", "-", "=1+1", "%",
    "Nguồn:", "Giá trị",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join))
@QUIET
def test_any_text_is_read_or_refused(tmp_path, text):
    path = written(tmp_path, text.encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(read(path).cells, pd.DataFrame)
    except DataError as error:
        assert error.problems


@given(st.binary(max_size=400))
@QUIET
def test_any_bytes_are_read_or_refused(tmp_path, data):
    for name in ("a.csv", "a.px", "a.json", "a.xml"):
        try:
            assert isinstance(read(written(tmp_path, data, name)).cells, pd.DataFrame)
        except DataError as error:
            assert error.problems


@given(st.integers(0, 5000), st.integers(0, 255))
@QUIET
def test_a_workbook_with_one_changed_byte_is_read_or_refused(tmp_path, place, byte):
    stream = io.BytesIO(workbook(tmp_path / "a.xlsx", WIDE).read_bytes())
    data = bytearray(stream.getvalue())
    data[place % len(data)] = byte
    try:
        assert isinstance(read(written(tmp_path, bytes(data), "b.xlsx")).cells, pd.DataFrame)
    except DataError as error:
        assert error.problems
