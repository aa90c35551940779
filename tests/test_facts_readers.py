"""Readers of users' tables: encodings, decimal signs, headers, missing marks, workbooks, hostile files."""

import io
import unicodedata
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand import guards
from dxanalysis.facts.understand.door import kind_of, read
from dxanalysis.facts.understand.numbers import decimal_signs, parse_number
from dxanalysis.facts.understand.periods import parse_period, period_end
from dxanalysis.facts.understand.tables import read_table

YEARBOOK = """Bảng 12. Tỷ trọng kinh tế số
(Đơn vị tính: %)
STT;Tỉnh, thành phố;2020;2021;Sơ bộ 2022
1;Quảng Ninh;5,1;…;7,15
2;Hà Nội;-;1.234,6;8
Nguồn: Cục Thống kê;;;;
"""


def written(folder, data, name="a.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(data.encode(encoding) if isinstance(data, str) else data)
    return path


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


def test_bytes_of_no_known_encoding_are_refused_not_garbled(tmp_path):
    with pytest.raises(DataError, match=r"neither UTF-8, UTF-16 nor Windows-1258: byte 0x81"):
        read_table(written(tmp_path, b"T\x81nh;2020\nQu\x90ng Ninh;5\n"))


@pytest.mark.parametrize(("data", "message"), [
    (b"", "is empty"),
    (b"a;b\x00c\n1;2\n" * 3, "control character U\\+0000"),
    (b"T\xe1\xbb\x89nh;2020\nH\xc3\xa0 N\xe1\xbb\x99i;1\nHu\xe1\xba", "ends inside a letter: it is truncated"),
    (b"\xff\xfea\x00;", "damaged or truncated"),
    (b'a;2020;2021\n"x;1;2\n', "Close every quotation mark"),
    (b"a;2020;2021\n" + b"9" * 1_000_001, "the line has 1,000,001 characters"),
    (b"x,y\n1,2\n", "no header row"),
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


def test_a_long_table_keeps_notes_and_statuses(tmp_path):
    text = 'Tỉnh,Năm,Giá trị,Trạng thái,Ghi chú\nQuảng Ninh,2021,"12,5",sơ bộ,abc\nHà Nội,2022,..,,\n'
    reading = read_table(written(tmp_path, text))
    assert figures(reading, "area", "period", "status", "note") == [("Quảng Ninh", "2021", "sơ bộ", "abc", 12.5)]
    assert reading.roles == {"area": "area", "period": "period", "note": "note"}


def test_two_header_rows_give_heading_and_period(tmp_path):
    text = "Tỉnh;2020;;2021;\n;Doanh thu;Số DN;Doanh thu;Số DN\nQuảng Ninh;1,5;2;3;4\n"
    reading = read_table(written(tmp_path, text))
    assert figures(reading, "area", "period", "heading") == [
        ("Quảng Ninh", "2020", "Doanh thu", 1.5),
        ("Quảng Ninh", "2020", "Số DN", 2.0),
        ("Quảng Ninh", "2021", "Doanh thu", 3.0),
        ("Quảng Ninh", "2021", "Số DN", 4.0),
    ]
    assert "Header in rows 1 to 2." in reading.notes


def test_areas_across_and_years_down_are_read(tmp_path):
    reading = read_table(written(tmp_path, "Năm;Quảng Ninh;Hà Nội\n2020;1,5;2\n2021;1,6;3\n"))
    assert figures(reading, "period", "heading")[:2] == [("2020", "Quảng Ninh", 1.5), ("2020", "Hà Nội", 2.0)]


def test_months_and_quarters_in_columns_of_their_own_join_the_year(tmp_path):
    months = read_table(written(tmp_path, "Tỉnh;Năm;Tháng;Giá trị\nHuế;2024;7;1\n"))
    quarters = read_table(written(tmp_path, "Tỉnh;Năm;Quý;Giá trị\nHuế;2024;IV;1\n", "q.csv"))
    assert (months.cells.at[0, "period"], quarters.cells.at[0, "period"]) == ("2024-07", "2024-Q4")


def test_a_plan_is_not_read_as_a_figure(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;Thực hiện 2023;Kế hoạch 2024\nHuế;1,5;2,5\n"))
    assert figures(reading, "period") == [("2023", 1.5)]
    assert "Column C is a plan for 2024, not a figure: not read." in reading.notes


def test_a_header_repeated_on_each_page_is_skipped(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;2020;2021\nHuế;1;2\nTỉnh;2020;2021\nHà Nội;3;4\n"))
    assert reading.cells["value"].tolist() == [1, 2, 3, 4]


def test_numbers_that_could_be_read_both_ways_ask(tmp_path):
    path = written(tmp_path, "Tỉnh;2020;2021\nHuế;1.452;2.003\n")
    assert tuple(read_table(path).questions) == ("decimal",)
    assert read_table(path, decimal=",").cells["value"].tolist() == [1452, 2003]
    assert read_table(path, decimal=".").cells["value"].tolist() == [1.452, 2.003]


def test_mixed_decimal_signs_are_named_cell_by_cell(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;2020;2021;2022\nHuế;1,5;2,5;3.5\n"))
    (problem,) = reading.problems
    assert (problem.row, problem.column, problem.value) == (2, "D", "3.5")
    assert problem.cure == "The rest of the file writes a decimal comma: write this number so too."


@pytest.mark.parametrize("text", ["abc", "(2)", "1,2,3", "１２", "1e999", "12;5", "0x1F", "--1"])
def test_what_is_no_number_is_a_problem_not_a_gap(tmp_path, text):
    reading = read_table(written(tmp_path, f'Tỉnh,2020,2021\nHuế,"1,5","{text}"\n'))
    assert [problem.row for problem in reading.problems] == [2]


@pytest.mark.parametrize(("printed", "decimal", "value"), [
    ("1.234.567", ",", 1234567),
    ("1 234,5", ",", 1234.5),
    ("−3,5", ",", -3.5),
    ("12,33%", ",", 12.33),
    ("5*", ".", 5),
])
def test_printed_numbers_are_read(printed, decimal, value):
    assert parse_number(printed, decimal) == value


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.sampled_from([",", "."]))
@settings(max_examples=100, deadline=None)
def test_every_formatted_number_is_read_back(number, decimal):
    english = f"{number:,.3f}"
    printed = english if decimal == "." else english.translate(str.maketrans(",.", ".,"))
    assert parse_number(printed, decimal) == pytest.approx(float(number), rel=1e-12)
    assert decimal_signs([printed]) <= {decimal, *({",", "."} if abs(number) < 1000 else ())}


@pytest.mark.parametrize(("printed", "period"), [
    ("Năm 2021", "2021"),
    ("2021.0", "2021"),
    ("Quý IV/2023", "2023-Q4"),
    ("2023M04", "2023-04"),
    ("T1/2024", "2024-01"),
    ("6 tháng đầu năm 2024", "2024-H1"),
    ("31/12/2020", "2020-12-31"),
    ("2021-2025", "2021-2025"),
])
def test_periods_are_read(printed, period):
    assert parse_period(printed) == (period, "")


@pytest.mark.parametrize(
    "printed", ["", "31/02/2024", "2023.5", "-2023", "20233", "1899", "2025-2021", "tổng số", "2024-13"]
)
def test_what_is_no_period_is_none(printed):
    assert parse_period(printed) is None


def test_the_last_day_of_each_kind_of_period():
    periods = ["2024", "2024-H1", "2024-Q3", "2024-02", "2024-02-10", "2021-2025"]
    assert [period_end(p).isoformat() for p in periods] == [
        *("2024-12-31", "2024-06-30", "2024-09-30", "2024-02-29", "2024-02-10", "2025-12-31"),
    ]


def workbook(folder, rows, name="a.xlsx", change=lambda book, sheet: None):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    change(book, sheet)
    book.save(folder / name)
    return folder / name


WIDE = [["Tỷ trọng", None, None], ["Tỉnh", "Năm", None], [None, 2020, 2021], ["Huế", 1.5, 2], ["Hà Nội", "…", 3.25]]


def test_merged_title_and_header_cells_are_understood(tmp_path):
    def merge(book, sheet):
        for place in ("A1:C1", "A2:A3", "B2:C2"):
            sheet.merge_cells(place)

    reading = read(workbook(tmp_path, WIDE, change=merge))
    assert figures(reading, "area", "period") == [("Huế", "2020", 1.5), ("Huế", "2021", 2.0), ("Hà Nội", "2021", 3.25)]
    assert "3 merged ranges filled with their text." in reading.notes


def test_a_cell_shown_as_percent_is_what_the_user_sees(tmp_path):
    def show(book, sheet):
        sheet["B2"].number_format = "0.0%"

    reading = read(workbook(tmp_path, [["Tỉnh", 2020, 2021], ["Huế", 0.132, 0.5]], change=show))
    assert reading.cells["value"].tolist() == [13.2, 0.5]


def test_formulas_and_errors_in_cells_are_problems(tmp_path):
    path = workbook(tmp_path, [["Tỉnh", 2020, 2021], ["Huế", "=1+1", "#REF!"]])
    messages = [(problem.column, problem.message) for problem in read(path).problems]
    assert messages[0] == ("Sheet!B", "the cell holds a formula without a stored result.")
    assert messages[1][0] == "Sheet!C"


def test_a_wrong_stated_size_does_not_cut_a_sheet_off(tmp_path):
    path = repacked(workbook(tmp_path, WIDE), lambda name, data: data.replace(b'ref="A1:C5"', b'ref="A1"'))
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


@pytest.mark.parametrize(("part", "words"), [
    ("xl/vbaProject.bin", "macros"),
    ("xl/connections.xml", "a connection to outside data"),
    ("xl/embeddings/oleObject1.bin", "an embedded file"),
])
def test_a_workbook_that_reaches_outside_is_refused(tmp_path, part, words):
    path = repacked(workbook(tmp_path, WIDE), lambda name, data: data, [(part, b"x")])
    with pytest.raises(DataError, match=words):
        read(path)


def test_a_document_type_in_a_workbook_is_refused(tmp_path):
    evil = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    path = repacked(
        workbook(tmp_path, WIDE),
        lambda name, data: evil + data if name.startswith("xl/worksheets/") else data,
    )
    with pytest.raises(DataError, match="declares a document type"):
        read(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = repacked(
        workbook(tmp_path, WIDE), lambda name, data: data, [("xl/worksheets/sheet9.xml", b"0" * 50_000_000)]
    )
    with pytest.raises(DataError, match="it looks like a zip bomb"):
        read(path)


def test_a_truncated_workbook_is_refused(tmp_path):
    path = workbook(tmp_path, WIDE)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="is damaged or truncated"):
        read(path)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(DataError, match=r"its part xl/workbook\.xml cannot be read"):
        read(path)


def test_a_stray_cell_at_the_far_corner_is_refused_quickly(tmp_path):
    def stray(book, sheet):
        sheet["XFD1048576"] = 1

    with pytest.raises(DataError, match="10,000 empty rows"):
        read(workbook(tmp_path, WIDE, change=stray))


def test_merged_ranges_that_repeat_the_whole_sheet_are_refused(tmp_path):
    huge = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 500_000 + b"</mergeCells>"
    path = repacked(
        workbook(tmp_path, WIDE),
        lambda name, data: data.replace(b"<pageMargins", huge + b"<pageMargins") if "sheet1" in name else data,
    )
    with pytest.raises(DataError, match=r"zip bomb|merges more than 5,000,000 cells"):
        read(path)


def test_hidden_sheets_are_not_read_and_others_are_named(tmp_path):
    def more(book, sheet):
        sheet.sheet_state = "hidden"
        for row in (["Tỉnh", 2020, 2021], ["Huế", 7, 8]):
            book["B"].append(row)

    book = openpyxl.Workbook()
    for row in WIDE:
        book.active.append(row)
    book.create_sheet("B")
    book.create_sheet("C")
    more(book, book.active)
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert reading.cells["value"].tolist() == [7, 8]
    assert reading.notes[0] == "Sheet 'B'."
    with pytest.raises(DataError, match="has no visible sheet 'Sheet'"):
        read(tmp_path / "a.xlsx", sheet="Sheet")


def test_an_old_xls_workbook_is_read_or_says_what_it_needs(tmp_path):
    path = written(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls")
    with pytest.raises(DataError, match=r"needs python-calamine|is a damaged workbook"):
        read(path)


def test_the_first_bytes_decide_the_format_not_the_name(tmp_path):
    path = workbook(tmp_path, WIDE, name="a.csv.xlsx").rename(tmp_path / "a.csv")
    assert kind_of(path) == "table" and read(path).kind == "xlsx"
    assert kind_of(written(tmp_path, '{"class": "dataset"}', "b.csv")) == "json-stat"
    assert kind_of(written(tmp_path, "\ufeffDATAFLOW,TIME_PERIOD,OBS_VALUE\n", "c.csv")) == "sdmx-csv"
    assert kind_of(written(tmp_path, "<a/>", "d.csv")) == "sdmx-ml"
    assert kind_of(written(tmp_path, 'CHARSET="ANSI";', "e.txt")) == "px"


def test_section_names_between_rows_do_not_end_the_table(tmp_path):
    text = "Tỉnh;2020;2021\nNguồn nhân lực;;\nHuế;1;2\nPhần B;Phần B;Phần B\nHà Nội;3;4\n"
    text += "Nguồn:;Cục Thống kê;\n(*) Ước tính;;\n"
    assert read_table(written(tmp_path, text)).cells["value"].tolist() == [1, 2, 3, 4]


def test_a_row_with_one_figure_and_no_name_is_kept(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;2020;2021\nHuế;1;2\n;3;\n"))
    assert reading.cells["value"].dropna().tolist() == [1, 2, 3]


def test_a_blank_first_header_over_names_is_read(tmp_path):
    reading = read_table(written(tmp_path, ";2020;2021\nHuế;1,5;2\nTP: Đà Nẵng;3;4\n"))
    assert figures(reading, "column A", "period")[2:] == [("TP: Đà Nẵng", "2020", 3.0), ("TP: Đà Nẵng", "2021", 4.0)]
    assert reading.notes == (
        "Text in utf-8, columns separated by semicolon.", "Printed numbers read with a decimal comma.",
    )


def test_a_second_column_of_areas_keeps_its_own_name(tmp_path):
    reading = read_table(written(tmp_path, "Tỉnh;Địa phương;2020;2021\nHuế;A Lưới;1;2\n"))
    assert reading.dimensions == ("area", "Địa phương (B)", "period")
    assert "Column B 'Địa phương' names the area again." in reading.notes


@pytest.mark.parametrize("mark", ["n/a", "Chưa có số liệu", "…", "...", "..", "-", "–", ":", ""])
def test_every_mark_of_a_missing_value_is_missing(tmp_path, mark):
    reading = read_table(written(tmp_path, f"Tỉnh;2020;2021\nHuế;1,5;{mark}\n"))
    assert reading.problems == () and reading.cells["value"].isna().tolist() == [False, True]


def test_a_word_in_the_column_of_years_is_named_with_its_row(tmp_path):
    (problem,) = read_table(written(tmp_path, "Tỉnh;Năm;Giá trị\nHuế;2020;1\nHuế;bình quân;2\n")).problems
    assert (problem.row, problem.column, problem.value) == (3, "period", "bình quân")


def test_a_number_in_brackets_is_refused_with_its_cure(tmp_path):
    (problem,) = read_table(written(tmp_path, "Tỉnh;2020;2021\nHuế;1,5;(2,5)\n")).problems
    assert problem.cure == "Write a negative number as -2,5; move a footnote to a column of notes."


def test_a_table_whose_rows_hold_no_figure_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"no header row with figures|holds no figure"):
        read_table(written(tmp_path, "Tỉnh;2020;2021\nTỉnh;2020;2021\n"))


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
    stream = io.BytesIO(workbook(tmp_path, WIDE).read_bytes())
    data = bytearray(stream.getvalue())
    data[place % len(data)] = byte
    try:
        assert isinstance(read(written(tmp_path, bytes(data), "b.xlsx")).cells, pd.DataFrame)
    except DataError as error:
        assert error.problems
