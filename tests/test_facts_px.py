"""PX files as Viet Nam's statistics office publishes them."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.door import read
from dxanalysis.facts.understand.px import read_px

PX = """CHARSET="ANSI";
AXIS-VERSION="2006";
CODEPAGE="utf-8";
LANGUAGE="vi";
LANGUAGES="vi","en";
DECIMALS=1;
UNITS="Nghìn người";
CONTENTS="Dân số";
TITLE="Dân số trung bình "
"phân theo địa phương; giới tính";
STUB="Tỉnh, thành phố","Giới tính";
HEADING="Năm";
VALUES("Tỉnh, thành phố")="Hà Nội","Quảng Ninh";
VALUES("Giới tính")="Tổng số","Nam";
VALUES("Năm")="2021","Sơ bộ 2022";
TIMEVAL("Năm")=TLIST(A1),"2021","2022";
CODES("Tỉnh, thành phố")="01","22";
CODES("Giới tính")="T","M";
STUB[en]="Province","Sex";
HEADING[en]="Year";
VALUES[en]("Province")="Ha Noi","Quang Ninh";
VALUES[en]("Sex")="Total","Male";
VALUES[en]("Year")="2021","Prel. 2022";
SOURCE="Cục Thống kê";
DATA=
8330.8 8435.7
".." 4100
1350.9 "..."
- .;
"""


def written(folder, text=PX, encoding="utf-8"):
    path = folder / "a.px"
    path.write_bytes(text.encode(encoding))
    return path


def test_codes_are_kept_beside_labels_and_periods_are_read(tmp_path):
    reading = read(written(tmp_path))
    first = reading.cells.iloc[1]
    assert (first["Tỉnh, thành phố"], first["Giới tính"], first["period"], first["value"]) == (
        "01", "T", "2022", 8435.7,
    )
    assert first["status"] == "preliminary"
    assert reading.labels["Tỉnh, thành phố"] == {"01": "Hà Nội", "22": "Quảng Ninh"}
    assert reading.roles == {"Tỉnh, thành phố": "area", "period": "period"}


def test_the_texts_of_the_file_are_kept(tmp_path):
    reading = read_px(written(tmp_path))
    assert reading.title == "Dân số trung bình phân theo địa phương; giới tính"
    assert (reading.unit, reading.source) == ("Nghìn người", "Cục Thống kê")


def test_every_missing_mark_is_missing_and_kept_as_symbol(tmp_path):
    cells = read_px(written(tmp_path)).cells
    missing = cells[cells["value"].isna()]
    assert missing["symbol"].tolist() == ["..", "...", "-", "."]


def test_another_language_shares_the_codes(tmp_path):
    reading = read_px(written(tmp_path), language="en")
    assert reading.labels["Province"] == {"01": "Ha Noi", "22": "Quang Ninh"}
    assert reading.dimensions == ("Province", "Sex", "period")


def test_an_absent_language_lists_the_present_ones(tmp_path):
    with pytest.raises(DataError, match=r"has no language 'fr'\. Languages: \['en', 'vi'\]"):
        read_px(written(tmp_path), language="fr")


def test_a_file_without_codes_uses_its_labels(tmp_path):
    text = "\n".join(line for line in PX.splitlines() if not line.startswith("CODES"))
    assert read_px(written(tmp_path, text)).cells["Giới tính"].tolist()[:3] == ["Tổng số", "Tổng số", "Nam"]


def test_the_stated_codepage_is_used(tmp_path):
    text = 'CODEPAGE="iso-8859-1";\nSTUB="Café";HEADING="Year";VALUES("Café")="é";VALUES("Year")="2021";\nDATA=1;\n'
    assert read_px(written(tmp_path, text, "iso-8859-1")).cells["Café"].tolist() == ["é"]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("- .;", "-;", "holds 7 figures where 2 x 2 x 2 = 8 belong: truncated"),
    ("- .;", "- . 5;", "holds 9 figures"),
    ("- .;", "- .", "no closing ';'"),
    ("DATA=", "DATUM=", "has no DATA keyword"),
    ("8330.8", "8330,x", "holds 9 figures"),
    ("8330.8", "1e999", "neither a number nor a missing mark"),
    ('"Nam";', '"Nam","Nữ";', "2 codes .2 different. and 3 values for 'Giới tính'"),
    ('CODES("Giới tính")="T","M"', 'CODES("Giới tính")="T","T"', r"2 codes \(1 different\)"),
    ("DECIMALS=1;", "?!;", r"row 6.*is not written as PX near '\?!;"),
    ("DECIMALS=1;", 'KEYS("Năm")=CODES;', "uses KEYS"),
    ('HEADING="Năm"', 'HEADING="Kỳ"', "0 codes .0 different. and 0 values for 'Kỳ'"),
])
def test_a_broken_file_is_refused_with_its_reason(tmp_path, old, new, message):
    assert old in PX
    with pytest.raises(DataError, match=message):
        read_px(written(tmp_path, PX.replace(old, new, 1)))


def test_dimensions_that_span_too_much_are_refused_before_anything_is_made(tmp_path):
    values = ",".join(f'"{i}"' for i in range(3000))
    text = f'STUB="a";HEADING="b";VALUES("a")={values};VALUES("b")={values};\nDATA=1;\n'
    with pytest.raises(DataError, match="spans 9,000,000 cells"):
        read_px(written(tmp_path, text))


def test_long_blanks_are_read_in_linear_time(tmp_path):
    blanks = "\n".join([" " * 5000] * 100)
    reading = read_px(
        written(tmp_path, PX.replace("DECIMALS=1;", f'NOTE("a"{blanks},{blanks}"b")={blanks}"x"{blanks};'))
    )
    assert len(reading.cells) == 8


QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(
    st.integers(0, len(PX)),
    st.integers(0, 40),
    st.text(max_size=6) | st.sampled_from(['"', ";", "=", "(", "[en]", "DATA="]),
)
@QUIET
def test_a_damaged_file_is_read_or_refused(tmp_path, place, length, text):
    damaged = PX[:place] + text + PX[place + length :]
    path = tmp_path / "a.px"
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))
    try:
        values = read_px(path).cells["value"]
        assert not any(math.isinf(value) for value in values)
    except DataError as error:
        assert error.problems


def test_an_ansi_file_without_a_code_page_is_read_as_western(tmp_path):
    text = 'CHARSET="ANSI";\nSTUB="Año";HEADING="Year";VALUES("Año")="ñ";VALUES("Year")="2021";\nDATA=1;\n'
    assert read_px(written(tmp_path, text, "cp1252")).cells["Año"].tolist() == ["ñ"]


def test_a_file_whose_letters_were_lost_before_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"the sign of a lost letter \(U\+FFFD\)"):
        read_px(written(tmp_path, PX.replace("Cục", "C\ufffdc")))


def test_rows_that_end_with_a_semicolon_are_read(tmp_path):
    text = PX.replace("8330.8 8435.7", "8330.8 8435.7;").replace('".." 4100', '".." 4100;')
    assert read_px(written(tmp_path, text)).cells["value"].tolist()[:2] == [8330.8, 8435.7]
