"""Ways out: exports, the template to fill in, the page of the data."""

import openpyxl
import pandas as pd
import pytest
from maintain.data_readme import readme, series_lengths

from dxanalysis.facts import exporting
from dxanalysis.facts.package import open_package
from dxanalysis.facts.understand import template
from dxanalysis.facts.understand.door import understand
from dxanalysis.facts.understand.packing import write_package
from dxanalysis.facts.understand.workbooks import sheet_names
from tests.tables import cases, written

# ---------- Exports: CSV, XLSX, Parquet and SDMX-CSV, with texts that stay texts

ROWS = pd.DataFrame({
    "indicator": ["digital_economy_share"] * 3,
    "definition": ["gso", "mic", "gso"],
    "area": ["viet-nam", "viet-nam", "quang-ninh"],
    "period": ["2023", "2024-Q1", "2024-07"],
    "value": [12.87, 18.3, 7.1],
    "unit": ["percent"] * 3,
    "status": ["official", "estimate", "reported"],
    "vintage": ["2025-01-06"] * 3,
    "source": ["founding-article"] * 3,
})
EVIL = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "http://example.org", "Quảng Ninh"]


def test_csv_keeps_figures_and_letters(tmp_path):
    path = exporting.write(ROWS.assign(area="Quảng Ninh"), tmp_path / "a.csv")
    back = pd.read_csv(path)
    assert back["value"].tolist() == [12.87, 18.3, 7.1] and back["area"].tolist() == ["Quảng Ninh"] * 3


def test_no_text_becomes_a_formula_in_csv(tmp_path):
    path = exporting.write(pd.DataFrame({"=name": EVIL, "n": [-1.5] * 7}), tmp_path / "a.csv")
    lines = pd.read_csv(path, keep_default_na=False)
    assert lines["'=name"].tolist() == [
        "'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "'\t=1", "http://example.org", "Quảng Ninh",
    ]
    assert lines["n"].tolist() == [-1.5] * 7


def test_no_text_becomes_a_formula_or_link_in_a_workbook(tmp_path):
    path = exporting.write(pd.DataFrame({"=name": EVIL, "n": [1, 2, 3, 4, 5, 6, None]}), tmp_path / "a.xlsx")
    page = openpyxl.load_workbook(path).active
    assert [cell.value for cell in page["A"]] == ["=name", *EVIL]
    assert {cell.data_type for cell in page["A"]} == {"s"}
    assert all(cell.hyperlink is None for cell in page["A"])
    assert [cell.value for cell in page["B"]] == ["n", 1, 2, 3, 4, 5, 6, None]


def test_the_same_table_gives_the_same_workbook(tmp_path):
    first, second = (exporting.write(ROWS, tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second


def test_an_infinite_number_is_refused_and_the_old_file_stays(tmp_path):
    path = exporting.write(ROWS, tmp_path / "a.xlsx")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="holds an infinite number in row 1"):
        exporting.write(ROWS.assign(value=float("inf")), path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_parquet_comes_back_unchanged(tmp_path):
    pytest.importorskip("pyarrow", reason="the optional package pyarrow is not installed")
    pd.testing.assert_frame_equal(pd.read_parquet(exporting.write(ROWS, tmp_path / "a.parquet")), ROWS)


@pytest.mark.parametrize(("name", "header", "first"), [
    ("a.csv", ",".join(ROWS), ["", "digital_economy_share,gso,viet-nam,2023,12.87,percent"]),
    ("a.sdmx.csv", "DATAFLOW,FREQ,REF_AREA,INDICATOR,DEFINITION,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
     ["", "DX:FACTS(1.0),A,viet-nam,digital_economy_share,gso,2023,12.87,A"]),
])
def test_what_is_written_of_observations_is_read_back_by_the_importer(tmp_path, name, header, first):
    path = exporting.write(ROWS, tmp_path / name)
    assert path.read_text(encoding="utf-8").startswith(header) and "\n".join(first) in path.read_text(encoding="utf-8")
    preview = understand(path)
    assert (preview.questions, preview.problems) == ({}, ())
    pd.testing.assert_frame_equal(preview.table[list(ROWS.columns)], ROWS)


@cases("table name message", {
    "SDMX needs the columns of observations": (ROWS.drop(columns="unit"), "a.sdmx.csv", r"missing: \['unit'\]"),
    "an unknown format": (
        ROWS, "a.ods", r"Unknown format 'ods'. Formats: \['csv', 'xlsx', 'parquet', 'sdmx-csv'\]"),
    "an absent folder": (ROWS, "none/a.csv", r"the folder .* does not exist"),
    "a table longer than a sheet": (ROWS, "a.xlsx", "A sheet holds 2 rows; the table has 3"),
})
def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch, table, name, message):
    monkeypatch.setattr(exporting, "MAX_XLSX_ROWS", 2)
    with pytest.raises(ValueError, match=message):
        exporting.write(table, tmp_path / name)


# ---------- The workbook to fill in: its lists, and its way back through the importer

def filled(folder, lang, figures, sources):
    book = openpyxl.load_workbook(template.write(folder / "empty.xlsx", lang=lang))
    data, listed = (book[name] for name in template.WORDS[lang]["sheets"][:2])
    for row, values in enumerate(figures, start=3):
        for column, value in enumerate(values, start=1):
            data.cell(row, column, value)
    for row, values in enumerate(sources, start=2):
        for column, value in enumerate(values, start=1):
            listed.cell(row, column, value)
    book.save(folder / "filled.xlsx")
    return folder / "filled.xlsx"


SOURCE = ["my-source", "Cục Thống kê", "Niên giám", "30/06/2024", "https://example.org", "official"]


@pytest.mark.parametrize(("lang", "status"), [("vi", "Sơ bộ"), ("en", "preliminary")])
def test_a_filled_template_is_imported_without_a_question(tmp_path, lang, status):
    title = open_package().tables["indicators"].set_index("id").at["digital_economy_share", f"title_{lang}"]
    rows = [
        [title, "mic", "Quảng Ninh", "2023", 12.5, "percent", status, "my-source", "=", "note"],
        [title, "mic", "Hà Nội", 2023, 13, "percent", None, "my-source", None, None],
    ]
    preview = understand(filled(tmp_path, lang, rows, [SOURCE]))
    assert (preview.questions, preview.problems) == ({}, ())
    target = write_package(preview, tmp_path / "mine")
    first, second = (target / "observations.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert (
        first
        == "digital_economy_share,mic,quang-ninh,2023,12.5,percent,preliminary,2024-06-30,my-source,=,exact,,,,,note"
    )
    assert second == "digital_economy_share,mic,ha-noi,2023,13,percent,official,2024-06-30,my-source,=,exact,,,,,"


def test_drop_downs_offer_the_catalogue(tmp_path):
    path = template.write(tmp_path / "t.xlsx")
    assert sheet_names(path) == ["Số liệu", "Nguồn", "Danh mục", "Hướng dẫn"]
    book = openpyxl.load_workbook(path)
    ranges = {str(rule.sqref): (rule.type, rule.formula1) for rule in book["Số liệu"].data_validations.dataValidation}
    areas = [cell.value for cell in book["Danh mục"]["C"] if cell.value]
    assert ranges["C3:C1002"] == ("list", f"'Danh mục'!$C$2:$C${len(areas)}")
    assert "Quảng Ninh" in areas and "Bắc Ninh (từ 7/2025)" in areas
    assert ranges["E3:E1002"][0] == "decimal"
    assert ranges["H3:H1002"] == ("list", "'Nguồn'!$A$2:$A$200")


def test_every_name_offered_is_understood_again(tmp_path):
    book = openpyxl.load_workbook(template.write(tmp_path / "t.xlsx"))
    lists = book["Danh mục"]
    indicators, areas = ([c.value for c in lists[letter][1:] if c.value] for letter in "AC")
    rows = [
        [indicators[i % len(indicators)], "mic", area, "2026" if "7/2025" in area else "2020", 1]
        for i, area in enumerate(areas)
    ]
    (tmp_path / "t.xlsx").unlink()
    preview = understand(filled(tmp_path, "vi", rows, [SOURCE]))
    known = open_package().tables["areas"].set_index("name_vi")["id"]
    assert preview.problems == ()
    assert preview.table["area"].tolist() == [known[area] for area in areas]


def test_two_templates_have_the_same_bytes(tmp_path):
    first, second = (template.write(tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second


UNDATED = [["x", "mic", "Huế", "2023", 1]], [[*SOURCE[:3], "mùa xuân", *SOURCE[4:]]]


@cases("call message", {
    "an existing file": (lambda path: template.write(written(path, "mine", "t.xlsx")), "exists already"),
    "an unknown language": (
        lambda path: template.write(path / "t.xlsx", lang="fr"), r"Unknown language 'fr'. Languages: \['vi', 'en'\]"),
    "an empty template": (
        lambda path: understand(template.write(path / "t.xlsx")), "no header row with figures below it"),
    "a source without its day": (
        lambda path: understand(filled(path, "vi", *UNDATED)),
        r"row 2, column 'sources': describes a source incompletely"),
})
def test_what_cannot_be_filled_in_or_read_back_is_refused(tmp_path, call, message):
    with pytest.raises(ValueError, match=message):
        call(tmp_path)


# ---------- The page data/README.md, written from the tables

def test_the_page_lists_every_pillar_the_grades_and_the_known_faults():
    text = readme()
    for heading in ("Digital government", "Digital economy", "Digital society", "Data", "Context"):
        assert f"### {heading}\n" in text
    assert "| official | page of a public body |" in text
    assert "another copy of the release prints 12.87" in text and "## What was left out, and why" in text


def test_the_page_names_indicator_years_areas_definitions_and_targets():
    line = next(line for line in readme().splitlines() if line.startswith("| `digital_economy_share` "))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:4] == ["Tỷ trọng kinh tế số trong GDP/GRDP", "Digital economy share of GDP/GRDP", "2020-2025"]
    assert cells[-1] == "`gso mic ptit province other`" and int(cells[5]) > 60 and int(cells[6]) > 60


def test_series_are_counted_once_by_their_annual_points():
    lengths = series_lengths()
    assert lengths.index.tolist() == ["1", "2-3", "4-5", "6-9", "10+"]
    assert lengths["1"] > lengths["2-3"] > lengths["4-5"] > lengths["6-9"] > 0 and lengths["10+"] >= 7
