"""The workbook to fill in: its lists, and its way back through the importer."""

import openpyxl
import pytest

from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand import template
from dxanalysis.facts.understand.door import understand
from dxanalysis.facts.understand.packing import write_package
from dxanalysis.facts.understand.workbooks import sheet_names


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
    preview = understand(filled_twice(tmp_path, rows))
    known = open_package().tables["areas"].set_index("name_vi")["id"]
    assert preview.problems == ()
    assert preview.table["area"].tolist() == [known[area] for area in areas]


def filled_twice(folder, rows):
    (folder / "empty.xlsx").unlink(missing_ok=True)
    return filled(folder, "vi", rows, [SOURCE])


def test_two_templates_have_the_same_bytes(tmp_path):
    first, second = (template.write(tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second


def test_an_existing_file_is_not_overwritten(tmp_path):
    (tmp_path / "t.xlsx").write_text("mine")
    with pytest.raises(DataError, match="exists already"):
        template.write(tmp_path / "t.xlsx")


def test_an_unknown_language_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"Unknown language 'fr'. Languages: \['vi', 'en'\]"):
        template.write(tmp_path / "t.xlsx", lang="fr")


def test_an_empty_template_is_refused_as_empty(tmp_path):
    with pytest.raises(DataError, match="no header row with figures below it"):
        understand(template.write(tmp_path / "t.xlsx"))


def test_a_source_without_its_day_is_refused_with_its_row(tmp_path):
    path = filled(tmp_path, "vi", [["x", "mic", "Huế", "2023", 1]], [[*SOURCE[:3], "mùa xuân", *SOURCE[4:]]])
    with pytest.raises(DataError, match=r"row 2, column 'sources': describes a source incompletely"):
        understand(path)
