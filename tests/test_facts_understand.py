"""One door for files: what others' files say is read, what they leave open is asked, what is left out is said."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import cli
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.door import understand
from dxanalysis.facts.understand.frames import read_frame
from dxanalysis.facts.understand.measuring import describe
from dxanalysis.facts.understand.reading import Unclear
from tests.tables import import_file, workbook

DATA = Path(__file__).parent / "data"
SHARE, NET, PEOPLE, GRDP = "digital_economy_share", "internet_users_share", "population", "grdp_nominal"
SOURCE = {"publisher": "Cục Thống kê", "title": "Niên giám", "published": "2024-06-30", "grade": "official"}

# file, answers -> [area, year, value] of the history
READ = [
    ("year_footnote.csv", {"indicator": SHARE, "area": "Quảng Ninh"},
     [["quang-ninh", 2022, 40.2], ["quang-ninh", 2023, 46.5], ["quang-ninh", 2024, 51.1]]),
    ("unit_line.csv", {"indicator": PEOPLE}, [["quang-ninh", 2022, 1362900], ["quang-ninh", 2023, 1381200]]),
    ("unit_title.csv", {"indicator": GRDP}, [["quang-ninh", 2022, 269300], ["quang-ninh", 2023, 315900]]),
    ("unit_column.csv", {"indicator": GRDP}, [["quang-ninh", 2022, 269300], ["quang-ninh", 2023, 315900]]),
    ("ambiguous.csv", {"indicator": GRDP, "area": "Quảng Ninh", "decimal": ","},
     [["quang-ninh", 2022, 1357], ["quang-ninh", 2023, 1468]]),
    ("fractions.csv", {"indicator": SHARE, "scale": 100}, [["quang-ninh", 2022, 14.8], ["quang-ninh", 2023, 15.7]]),
    ("fractions.csv", {"indicator": SHARE, "scale": 1}, [["quang-ninh", 2022, 0.148], ["quang-ninh", 2023, 0.157]]),
    ("percent_mixed.csv", {"indicator": SHARE, "area": "viet-nam", "scale": 100},
     [["viet-nam", 2022, 13.5], ["viet-nam", 2023, 15.1]]),
    ("three_countries.csv", {"indicator": NET, "area": "viet-nam"}, [["viet-nam", 2022, 78.6]]),
    ("owid.csv", {"area": "VNM"}, [["viet-nam", 2021, 74.21], ["viet-nam", 2022, 78.59]]),
    ("owid.csv", {"where": {"Code": "LAO"}}, [["laos", 2022, 62.0]]),
    ("datapackage.json", {"area": "Lào"}, [["laos", 2022, 62.0]]),
    ("world_bank.csv", {"area": "Viet Nam"}, [["viet-nam", 2021, 74.21], ["viet-nam", 2022, 78.59]]),
    ("world_bank.csv", {"where": {"Country Name": "Thailand"}}, [["thailand", 2021, 85.27], ["thailand", 2022, 87.98]]),
    ("eurostat.tsv", {"indicator": NET, "area": "viet-nam"},
     [["viet-nam", 2020, 70.3], ["viet-nam", 2021, 74.2], ["viet-nam", 2022, 78.6]]),
    ("ilostat.csv", {"indicator": dx.measure("Thất nghiệp", unit="percent")},
     [["viet-nam", 2022, 1.5], ["viet-nam", 2023, 1.6], ["viet-nam", 2024, 1.4]]),
    ("fred.csv", {"area": "viet-nam"}, [["viet-nam", 2019, 68.7], ["viet-nam", 2020, 70.3], ["viet-nam", 2022, 78.59]]),
    ("sdmx_unit_mult.csv", {}, [["viet-nam", 2022, 99462000], ["viet-nam", 2023, 100309000]]),
    ("nam_male.csv", {"indicator": PEOPLE, "period": "2023", "where": {"heading": "Nam"}},
     [["ha-noi", 2023, 2012], ["quang-ninh", 2023, 1999]]),
    ("pandas_index.csv", {"indicator": SHARE, "area": "viet-nam"},
     [["viet-nam", 2021, 11.9], ["viet-nam", 2022, 14.3], ["viet-nam", 2023, 12.3]]),
    ("tcvn3.csv", {"indicator": SHARE, "area": "Hà Nội"}, [["ha-noi", 2022, 11.6], ["ha-noi", 2023, 12.7]]),
    ("vni.csv", {"indicator": SHARE, "area": "Hà Nội"}, [["ha-noi", 2022, 11.6], ["ha-noi", 2023, 12.7]]),
    ("quarters.json", {"indicator": PEOPLE, "annual": "last"}, [["viet-nam", 2006, 480.2]]),
    ("periodo.px", {"indicator": PEOPLE, "unit": "người", "annual": "mean"}, [["viet-nam", 2023, 102.0]]),
    ("statcan.csv", {}, [["canada", 2022, 38929900], ["canada", 2023, 40097800]]),
    ("imf_weo.csv", {"area": "VNM"}, [["viet-nam", 2021, 98506000], ["viet-nam", 2022, 99462000]]),
    ("databank.csv", {}, [["laos", 2022, 62.0], ["viet-nam", 2021, 74.21], ["viet-nam", 2022, 78.59]]),
    ("un_syb.csv", {"indicator": NET, "area": "Viet Nam"}, [["viet-nam", 2015, 45.0], ["viet-nam", 2020, 70.3]]),
    ("sdg_long.csv", {}, [["viet-nam", 2021, 74.21], ["viet-nam", 2022, 78.59]]),
    ("faostat.csv", {}, [["viet-nam", 2021, 97468029], ["viet-nam", 2022, 98186856]]),
    ("vn_monthly.csv", {"area": "viet-nam", "annual": "last"}, [["viet-nam", 2023, 100300]]),
    ("small_islands.csv", {"indicator": PEOPLE}, [
        ["antigua-barbuda", 2020, 92664], ["niue", 1850, 1999], ["niue", 2019, 2011], ["niue", 2020, 1952],
        ["tuvalu", 2019, 10956], ["tuvalu", 2020, 11069],
    ]),
    ("sdmx.json", {}, [["viet-nam", 2021, 74.2], ["viet-nam", 2022, 78.6]]),
]

# file, answers -> the question that is left
ASKED = [
    ("ambiguous.csv", {"indicator": GRDP, "area": "Quảng Ninh"}, "decimal"),
    ("decimal_mixed.csv", {"indicator": SHARE}, "decimal"),
    ("fractions.csv", {"indicator": SHARE}, "scale"),
    ("percent_mixed.csv", {"indicator": SHARE, "area": "viet-nam"}, "scale"),
    ("unit_column.csv", {"indicator": SHARE}, "unit"),
    ("three_countries.csv", {"indicator": NET, "area": "Malaysia"}, "area"),
    ("owid.csv", {"indicator": SHARE}, "indicator"),
    ("owid.csv", {"indicator": NET, "area": "Quảng Ninh"}, "area"),
    ("nam_male.csv", {"indicator": PEOPLE, "period": "2023"}, "where"),
    ("quarters.json", {"indicator": PEOPLE}, "annual"),
    ("year_footnote.csv", {"indicator": SHARE, "through": 2001}, "through"),
    ("pandas_index.csv", {"indicator": SHARE}, "area"),
]


@pytest.mark.parametrize(
    ("file", "answers", "rows"), READ, ids=[f"{file} {list(answers)}" for file, answers, _ in READ]
)
def test_files_of_other_producers_are_read(file, answers, rows):
    history = dx.read(DATA / file, **answers)
    assert history[["area", "year", "value"]].values.tolist() == rows
    assert history.attrs["notes"]


@pytest.mark.parametrize(("file", "answers", "keyword"), ASKED, ids=[f"{file} {key}" for file, _, key in ASKED])
def test_what_a_file_leaves_open_is_the_same_question_at_every_door(file, answers, keyword):
    with pytest.raises(Unclear, match=r"leaves (a question|\d questions)") as asked:
        dx.read(DATA / file, **answers)
    assert keyword in asked.value.questions
    assert isinstance(asked.value, ValueError) and dx.Unclear is Unclear
    told = {name: one for name, one in answers.items() if name not in ("through", "annual")}
    if keyword not in ("annual", "through"):
        assert any(
            line.startswith(f"to answer: --{keyword}") for line in describe(understand(DATA / file, **told).questions)
        )


#: name and text of a file, answers -> the question that is left; more kinds than the files of tests/data leave
LEFT_OPEN = [
    ("codes.csv", "Mã tỉnh;Năm;Giá trị\n22;2022;10,5\n22;2023;11,5\n", {"indicator": SHARE}, "code_list"),
    ("undated.csv", "Tỉnh;Tỷ trọng kinh tế số\nHuế;10,5\n", {"indicator": SHARE}, "period"),
    ("dated.csv", "Tỉnh;2022\nHuế;10,5\n", {"indicator": SHARE, "period": "2023"}, "period"),
    ("sexes.csv", "Tỉnh;Năm;Giới;Giá trị\nHuế;2022;Nam;10,5\nHuế;2022;Nữ;11,5\n", {"indicator": SHARE}, "where"),
    ("slip.csv", "Tỉnh;Năm;Giới;Giá trị\nHuế;2022;Nam;10,5\n", {"indicator": SHARE, "where": {"Giới": "Na"}}, "where"),
    ("away.csv", "Region;Year;Value\nLondon;2022;10.5\nKent;2022;11.5\n", {"indicator": SHARE}, "where"),
    ("about.csv", "country;indicator;year;value\nVNM;Internet users;2022;78.6\n", {"indicator": NET}, "indicator"),
    ("two.csv", "area,year,value,definition\nHuế,2022,1.5,gso\nHuế,2023,2.5,mic\n", {"indicator": SHARE},
     "definition"),
    ("kinds.csv", "area,year,value,definition\nHuế,2022,1.5,gso\n", {"indicator": SHARE, "definition": "mic"},
     "definition"),
    ("twice.csv", "area,year,value,unit,unit multiplier\nVNM,2022,98506,Thousand persons,3\n", {"indicator": PEOPLE},
     "scale"),
    ("power.csv", "area,year,value,unit multiplier\nVNM,2022,98506,lots\n", {"indicator": PEOPLE}, "scale"),
    ("unit.csv", "area,year,value,unit\nVNM,2022,98506,parsecs\n", {"indicator": PEOPLE}, "unit"),
    ("other.csv", "area,year,value,unit\nVNM,2022,98506,Thousand persons\n", {"indicator": PEOPLE, "unit": "người"},
     "unit"),
    ("months.csv", "Tỉnh;Tháng 1/2023;Tháng 2/2023\nHuế;10,5;11,5\n", {"indicator": SHARE}, "annual"),
]


def printed(asked, keyword):
    """Return the answers an error prints for one question."""
    line = next(one for one in str(asked).split("\n") if f"Answer with {keyword}=" in one)
    found = re.findall(rf"{keyword}=({{.*?}}|'.*?'|[\d.]+?)(?= or |\.$)", line.rpartition("Answer with ")[2])
    return [ast.literal_eval(one) for one in found]


@pytest.mark.parametrize(("file", "text", "answers", "keyword"), [
    *((file, "", answers, keyword) for file, answers, keyword in ASKED), *LEFT_OPEN])
def test_every_answer_an_unclear_prints_works_on_the_file_that_raised_it(tmp_path, file, text, answers, keyword):
    path = tmp_path / file if text else DATA / file
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(Unclear) as asked:
        dx.read(path, **answers)
    assert keyword in asked.value.questions
    choices = printed(asked.value, keyword)
    assert choices
    for choice in choices:
        given = dict(answers)
        for _ in range(4):  # an answer may leave the next question, which prints its own answers
            try:
                assert len(dx.read(path, **{**given, keyword: choice}))
                break
            except Unclear as more:
                assert keyword not in more.questions or keyword == "where"
                other = more.questions and next(iter(more.questions))
                given[other] = printed(more, other)[0]
            except DataError as error:  # the answer is taken; a figure then breaks a bound, which is said with its cell
                assert re.search("beyond the upper bound|write this number so too", str(error))
                break
        else:
            pytest.fail(f"{keyword}={choice!r} leads to no figures")


def test_flags_become_statuses_and_notes():
    table = understand(DATA / "eurostat.tsv", indicator=NET).table
    assert table[["area", "period", "status", "note"]].values.tolist()[1:3] == [
        ["viet-nam", "2021", "estimate", "flag e"], ["viet-nam", "2022", "preliminary", "flag bp"],
    ]


def test_everything_left_out_is_counted_and_named():
    notes = dx.read(DATA / "owid.csv", area="VNM").attrs["notes"]
    assert any(note.startswith("2 figures of 2 other areas: Laos, World left out") for note in notes)
    notes = dx.read(DATA / "world_bank.csv").attrs["notes"]
    assert any("2 figures of groups and places that are no country left out" in note for note in notes)
    notes = dx.read(DATA / "year_footnote.csv", indicator=SHARE, through=2022).attrs["notes"]
    assert "4 figures after 2022 left out." in notes
    assert any(
        "Nghìn người' multiplied by 1000" in note
        for note in dx.read(DATA / "unit_line.csv", indicator=PEOPLE).attrs["notes"]
    )


def test_regions_of_other_countries_are_not_taken_for_vietnamese_ones():
    with pytest.raises(Unclear, match=r"names places the catalogue does not hold: South East, North East, London"):
        dx.read(DATA / "english_regions.csv", indicator=SHARE)
    london = dx.read(DATA / "english_regions.csv", indicator=SHARE, where={"Region": "London"}, area="GBR")
    assert set(london["area"]) == {"united-kingdom"}
    assert "'London' is taken for GBR, as answered." in london.attrs["notes"]


def test_a_line_with_an_unquoted_decimal_comma_is_a_fault_with_its_line():
    with pytest.raises(DataError, match=r"row 3.*the line has 3 cells where the header has 2"):
        dx.read(DATA / "unquoted_comma.csv", indicator=SHARE, area="viet-nam")


def test_an_answer_never_renames_what_the_file_says(tmp_path):
    with pytest.raises(DataError, match=r"names its areas itself; the answer would leave out 2 other areas"):
        import_file(DATA / "three_countries.csv", tmp_path / "mine", indicator=NET, area="viet-nam",
                    definition="itu", source=SOURCE)
    assert not (tmp_path / "mine").exists()


def test_a_country_the_catalogue_does_not_hold_travels_with_its_names(tmp_path, monkeypatch):
    folder = import_file(
        DATA / "owid.csv", tmp_path / "mine", definition="itu", source=SOURCE, where={"Entity": "Laos"}
    )
    areas = pd.read_csv(folder / "areas.csv")
    assert areas[["id", "name_vi", "name_en"]].values.tolist() == [["laos", "Lào", "Laos"]]


def shown_as(**formats):
    return lambda sheet: [setattr(sheet[place], "number_format", form) for place, form in formats.items()]


SMALL = [["Tỉnh", 2022, 2023], ["Quảng Ninh", 12.3, 14.3]]


@pytest.mark.parametrize(("form", "stored", "value"), [
    ("0.0%", 0.123, 12.3), ('0.0"%"', 12.3, 12.3), (r"0.0\%", 12.3, 12.3), ("#,##0.0 [$%-42A]", 12.3, 12.3),
    ('0.00"%"', 0.62, 0.62), ("#,##0.0_%", 12.3, 12.3), ("0.00%;[Red]-0.00%", 0.123, 12.3),
])
def test_a_number_format_divides_only_where_the_spreadsheet_multiplies(tmp_path, form, stored, value):
    path = workbook(tmp_path / "a.xlsx", [["Tỉnh", 2022], ["Quảng Ninh", stored]], shown_as(B2=form))
    assert dx.read(path, indicator=SHARE)["value"].tolist() == [value]


def test_one_cell_without_the_format_of_the_others_is_asked_about(tmp_path):
    rows = [["Tỉnh", 2021, 2022, 2023], ["Hà Nội", 0.2, 0.21, 0.225]]
    path = workbook(tmp_path / "a.xlsx", rows, shown_as(B2="0.0%", C2="0.0%"))
    with pytest.raises(Unclear, match=r"scale=100") as asked:
        dx.read(path, indicator=SHARE)
    assert asked.value.cells == ("row 2, column D: 0.225",)
    assert dx.read(path, indicator=SHARE, scale=100)["value"].tolist() == [20.0, 21.0, 22.5]


YEARBOOK = [
    ["45 Dân số trung bình phân theo địa phương"], ["    Average population by province"], [],
    [None, None, None, "Nghìn người - Thous. persons"],
    [None, 2021, 2022, "Sơ bộ", None], [None, None, None, "Prel. 2023", None], [],
    ["CẢ NƯỚC - WHOLE COUNTRY", 98506, 99462, 100309, "WHOLE COUNTRY"],
    ["Đồng bằng sông Hồng", 23224.8, 23454.2, 23732.4, "Red River Delta"],
    ["Quảng Ninh", 1350.9, 1362.9, 1381.2, "Quảng Ninh"], ["Bắc Cạn", "..", "-", 326.5, "Bac Kan"],
    ["Nguồn: Tổng cục Thống kê"],
]


def test_a_page_of_a_yearbook_is_read_as_printed(tmp_path):
    history = dx.read(workbook(tmp_path / "nien_giam.xlsx", YEARBOOK), indicator=PEOPLE)
    assert history[["area", "year", "value", "status"]].values.tolist() == [
        ["bac-kan", 2023, 326500, "preliminary"],
        ["quang-ninh", 2021, 1350900, ""],
        ["quang-ninh", 2022, 1362900, ""],
        ["quang-ninh", 2023, 1381200, "preliminary"],
        ["viet-nam", 2021, 98506000, ""],
        ["viet-nam", 2022, 99462000, ""],
        ["viet-nam", 2023, 100309000, "preliminary"],
    ]
    assert any("Đồng bằng sông Hồng" in note for note in history.attrs["notes"])


# heading rows of the office's monthly workbooks -> periods and headings of the figures; a comparison is none of them
HEADINGS = [
    ([["", "Tháng 2 năm 2017 so với:", "Tháng 2 năm 2017 so với:"], ["", "Kỳ gốc (2014)", "Tháng 1 năm 2017"]],
     [("2017-02", "so với: Kỳ gốc (2014)"), ("2017-02", "so với: Tháng 1 năm 2017")]),
    ([["", "Thực hiện", "2 tháng năm", "2 tháng năm"], ["", "tháng 1 năm", "2017", "2017 so"],
      ["", "2017", "(Tỷ đồng)", "với cùng kỳ"]], [("2017-01", ""), ("2017-2M", "")]),
    ([["", "Ước tính tháng 2 năm", "Cộng dồn 2 tháng năm"], ["", "2017", "2017"], ["", "(Tỷ đồng)", "(Tỷ đồng)"]],
     [("2017-02", ""), ("2017-2M", "")]),
    ([["", "Tăng so với năm trước (%)", "Tăng so với năm trước (%)"], ["", "2021", "2022"]],
     [("2021", "Tăng so với năm trước (%)"), ("2022", "Tăng so với năm trước (%)")]),
    ([["", "Chỉ số", "Chỉ số"], ["", "tồn kho thời điểm", "tồn kho thời điểm"], ["", "1/2/2017", "1/2/2017"],
      ["", "so với cùng", "so với cùng"], ["", "thời điểm", "thời điểm"], ["", "tháng trước", "năm 2016"]],
     [("2017-02-01", "Chỉ số tồn kho thời điểm so với cùng thời điểm tháng trước"),
      ("2017-02-01", "Chỉ số tồn kho thời điểm so với cùng thời điểm năm 2016")]),
]


@pytest.mark.parametrize(("header", "expected"), HEADINGS)
def test_a_comparison_is_dated_by_what_it_compares_and_never_by_its_base(header, expected):
    body = [["Quảng Ninh", *range(101, 100 + len(header[0]))], ["Hà Nội", *range(111, 110 + len(header[0]))]]
    cells = read_frame(pd.DataFrame([*header[1:], *body], columns=header[0], dtype=object)).cells
    held = cells[cells["row"] == cells["row"].min()]
    found = [(row.period, getattr(row, "heading", "")) for row in held.itertuples()]
    assert [(period, re.sub(r" *\(Tỷ đồng\)", "", heading)) for period, heading in found] == expected


# rows of a sheet, answers -> rows of the history
SHEETS = [
    ([["Bảng 1. Dân số (nghìn người)"], ["Tỉnh", 2022, 2023], ["Quảng Ninh", 1362.9, 1381.2], [],
      ["Bảng 2. Tỷ trọng kinh tế số (%)"], ["Tỉnh", 2022, 2023], ["Quảng Ninh", 10.4, 11.2]],
     {"indicator": SHARE}, [["quang-ninh", 2022, 10.4], ["quang-ninh", 2023, 11.2]]),
    ([[None, "Nghìn người", "Nghìn người", "%", "%"], ["Địa phương", "Dân số", "Dân số", *["Tỷ lệ dùng Internet"] * 2],
      [None, 2022, 2023, 2022, 2023], ["Hà Nội", 8435, 8587, 88.1, 90.2]],
     {"indicator": NET}, [["ha-noi", 2022, 88.1], ["ha-noi", 2023, 90.2]]),
    ([["Địa phương", "Dân số (nghìn người)", "Diện tích (km2)"], ["Hà Nội", 8587.5, 3359.8]],
     {"indicator": PEOPLE, "period": "2023"}, [["ha-noi", 2023, 8587500]]),
    ([["Năm", "Hà Nội", "Hà Nam", "Tân An"], [2022, 16.1, 7.5, 3.5], [2023, 17.3, 8.5, 4.5]],
     {"indicator": SHARE, "area": "Hà Nội"}, [["ha-noi", 2022, 16.1], ["ha-noi", 2023, 17.3]]),
    ([["Tỷ lệ hộ có Internet"], ["Tỉnh", 2022, 2023], ["Hà Nội", 88.1, 90.2]],
     {"indicator": "internet_household_share"}, [["ha-noi", 2022, 88.1], ["ha-noi", 2023, 90.2]]),
    ([["Chỉ tiêu", "ĐVT", 2022, 2023], ["Dân số", "Nghìn người", 1362.9, 1381.2],
      ["Tỷ trọng kinh tế số trong GRDP", "%", 10.4, 11.2]],
     {"indicator": SHARE, "area": "Quảng Ninh"}, [["quang-ninh", 2022, 10.4], ["quang-ninh", 2023, 11.2]]),
    ([["Tỷ lệ thất nghiệp"], [None, "Chung", "Chung"], ["Tỉnh", 2022, 2023], ["Hà Nội", 2.2, 2.1],
      [None, "Chung", "Chung"], ["Huế", 2.4, 2.5]],
     {"indicator": dx.measure("Thất nghiệp"), "area": "Huế"}, [["hue", 2022, 2.4], ["hue", 2023, 2.5]]),
    ([["Doanh thu"], [None, None, "Triệu đồng"], ["Tỉnh", 2022, 2023], ["Huế", 2400, 2500]],
     {"indicator": dx.measure("Doanh thu", unit="tỷ đồng")}, [["hue", 2022, 2.4], ["hue", 2023, 2.5]]),
    ([["Tỉnh", 2022, 2023], ["Huế", 24, 25]], {"indicator": dx.measure("Số ca", unit="ca bệnh")},
     [["hue", 2022, 24], ["hue", 2023, 25]]),
    ([["T\u00d8nh", "N\u00a8m 2022", "Năm 2023"], ["Qu\u00b6ng Ninh", 10.4, 11.2]], {"indicator": SHARE},
     [["quang-ninh", 2022, 10.4], ["quang-ninh", 2023, 11.2]]),
]


@pytest.mark.parametrize(("rows", "answers", "expected"), SHEETS)
def test_units_titles_and_names_on_a_sheet_are_taken_for_what_they_are(tmp_path, rows, answers, expected):
    history = dx.read(workbook(tmp_path / "a.xlsx", rows), **answers)
    assert history[["area", "year", "value"]].values.tolist() == expected


def test_several_sheets_with_figures_are_listed_and_one_is_asked_for(tmp_path, capsys):
    path = workbook(tmp_path / "a.xlsx", SMALL, B=[["Bảng 2. Tỷ lệ"], ["Tỉnh", 2021], ["Hà Nội", 5.5]], C=[["Ghi chú"]])
    with pytest.raises(Unclear, match=r"2 sheets hold figures.*sheet='Sheet' or sheet='B'"):
        dx.read(path, indicator=SHARE)
    assert dx.read(path, indicator=SHARE, sheet="B")["value"].tolist() == [5.5]
    cli.main(["data", "import", str(path), "--indicator", SHARE])
    shown = capsys.readouterr().out
    assert "Sheet 'B': Bảng 2. Tỷ lệ (1 table, 1 rows, 2021)" in shown and "to answer: --sheet" in shown


def test_several_tables_on_a_sheet_are_told_apart_by_their_titles(tmp_path):
    def sheet(first, second):
        rows = [[first], *SMALL, [], [second], ["Tỉnh", 2022, 2023], ["Quảng Ninh", 1.5, 2.5]]
        return workbook(tmp_path / "a.xlsx", rows)

    path = sheet("Bảng 1. Thành thị", "Bảng 2. Nông thôn")
    with pytest.raises(Unclear, match=r"which 'table'"):
        dx.read(path, indicator=SHARE)
    assert dx.read(path, indicator=SHARE, where={"table": "Bảng 2. Nông thôn"})["value"].tolist() == [1.5, 2.5]
    named = dx.read(sheet("Bảng 1. Tỷ trọng kinh tế số", "Bảng 2. Tỷ lệ khác"), indicator=SHARE)
    assert named["value"].tolist() == [12.3, 14.3]
    assert "2 figures of other indicators left out: Bảng 2. Tỷ lệ khác." in named.attrs["notes"]


NAMES = """
Bắc Cạn=bac-kan|Kontum=kon-tum|Haiphong=hai-phong|HN=ha-noi|TT Huế=hue|T. Quảng Ninh=quang-ninh|HCMC=tp-ho-chi-minh
1. Quảng Ninh=quang-ninh|Quảng Ninh (1)=quang-ninh|Hà Nội(*)=ha-noi|Đắc Lắc=dak-lak|Cả nước=viet-nam|VNM=viet-nam
WHOLE COUNTRY=viet-nam|Tổng số=viet-nam|704=viet-nam
"""


def test_spellings_of_provinces_are_known(tmp_path):
    for pair in NAMES.strip().replace("\n", "|").split("|"):
        printed, _, area = pair.partition("=")
        path = tmp_path / "a.csv"
        path.write_text(f"Tỉnh;2021\nLạng Sơn;1,5\nCao Bằng;2,5\n{printed};3,5\n", encoding="utf-8")
        table = understand(path, indicator=SHARE).table
        assert table.loc[table["value"] == 3.5, "area"].tolist() == [area], printed


def test_a_million_cells_come_through_the_same_door(tmp_path, monkeypatch):
    from dxanalysis.facts.understand import workbooks

    rows = [f"{SHARE},{area},{year}-{month:02},{5 + month / 10:.1f},gso,founding-article"
            for area in ("ha-noi", "quang-ninh") for year in range(2000, 2024) for month in range(1, 13)]
    path = tmp_path / "large.csv"
    path.write_text("indicator,area,period,value,definition,source\n" + "\n".join(rows) + "\n", encoding="utf-8")
    whole = understand(path).table
    monkeypatch.setattr(workbooks, "LARGE", 100)
    monkeypatch.setattr(workbooks, "HEAD", 2000)
    by_columns = understand(path).table
    pd.testing.assert_frame_equal(by_columns.drop(columns="row"), whole.drop(columns="row"), check_dtype=False)
    assert by_columns["row"].tolist() == whole["row"].tolist()
