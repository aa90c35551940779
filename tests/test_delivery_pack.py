"""Slides, note and workbook hold the runs' own numbers, open in an office suite, and have the same bytes each time."""

import re
import shutil
import zipfile
from types import SimpleNamespace as Record

import pandas as pd
import pytest

from dxanalysis import delivery, facts
from dxanalysis.briefing import charts, findings
from dxanalysis.delivery import left, zips
from dxanalysis.delivery.origin import read as origin_of

pptx = pytest.importorskip("pptx", reason="python-pptx is not installed (extra 'briefing')")
docx = pytest.importorskip("docx", reason="python-docx is not installed (extra 'briefing')")

SHARE = Record(
    id="digital_economy_share",
    title_vi="Tỷ trọng kinh tế số trong GDP/GRDP",
    title_en="Digital economy share of GDP/GRDP",
    short_vi="Tỷ trọng kinh tế số",
    short_en="Digital economy share",
    unit="percent",
    unit_vi="%",
    unit_en="%",
    decimals=2,
    direction=1,
    lower=0.0,
    upper=100.0,
)
HERE = Record(id="quang-ninh", name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province")
HISTORY = pd.DataFrame({"year": [2021, 2022, 2024], "value": [3.0, 5.5, 7.1], "vintage": "2025-07-31", "note": "=1+1"})
TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
PACE = pd.DataFrame(
    {
        "target_year": [2025, 2030],
        "target": [20.0, 30.0],
        "last_year": 2024,
        "last": 7.1,
        "gap": [12.9, 22.9],
        "years_left": [1, 6],
        "required_per_year": [12.9, 22.9 / 6],
        "actual_per_year": 1.37,
        "ratio": 0.2,
        "met": False,
    }
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give an output folder with one run, made once."""
    folder = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTEBOOK_RUN_DIR", str(folder / "quang-ninh" / "2025" / "30_attainment"))
        patch.setattr(facts, "digest", lambda: "d1")
        leave(delivery.open_report("30_attainment", indicator=SHARE, area=HERE, year=2025))
    return folder


@pytest.fixture
def outputs(made, tmp_path):
    shutil.copytree(made, tmp_path / "outputs")
    return tmp_path / "outputs"


def leave(report):
    for name, table in (("history", HISTORY), ("targets", TARGETS), ("pace", PACE)):
        report.table(name, table)
    report.chart("trend", charts.trend, history=HISTORY, targets=TARGETS)
    about = {"indicator": SHARE, "area": HERE}
    report.findings(findings.headline(HISTORY, PACE, **about), findings.pace(PACE, HISTORY, **about))
    report.save()


def slides_of(outputs, lang="vi"):
    made = delivery.briefing(outputs, "quang-ninh", 2025, languages=[lang])
    return pptx.Presentation(str(made[0]))


def test_one_call_writes_deck_note_and_workbook_in_both_languages(outputs):
    made = delivery.briefing(outputs, "quang-ninh", 2025)
    assert [path.name for path in made] == [
        f"quang-ninh-2025.{lang}.{kind}" for lang in ("vi", "en") for kind in ("pptx", "docx", "pdf", "xlsx")
    ]


def test_the_same_runs_give_the_same_bytes(outputs):
    first = [path.read_bytes() for path in delivery.briefing(outputs, "quang-ninh", 2025)]
    assert [path.read_bytes() for path in delivery.briefing(outputs, "quang-ninh", 2025)] == first


def test_no_date_of_making_is_left_in_an_office_file(outputs):
    for path in delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"]):
        if path.suffix == ".pdf":
            continue
        with zipfile.ZipFile(path) as parts:
            assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = parts.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}


def test_the_native_chart_holds_the_values_of_the_tables(outputs):
    chart = next(shape.chart for slide in slides_of(outputs).slides for shape in slide.shapes if shape.has_chart)
    plot = chart.plots[0]
    assert list(plot.categories) == [str(year) for year in range(2021, 2031)]
    values = {series.name: dict(zip(plot.categories, series.values, strict=True)) for series in plot.series}
    assert {year: v for year, v in values["Số liệu"].items() if v is not None} == {
        "2021": 3.0,
        "2022": 5.5,
        "2024": 7.1,
    }
    assert {year: v for year, v in values["Mục tiêu"].items() if v is not None} == {"2025": 20.0, "2030": 30.0}


def test_a_break_makes_two_series_in_the_native_chart(outputs):
    from dxanalysis.delivery.nativechart import chart_series

    runs = left.read_runs(outputs, "quang-ninh", 2025)
    runs[0].tables["history"] = HISTORY.assign(break_before=[None, None, "other method"])
    found = chart_series(runs, "en")
    assert found["Observed"].to_dict() == {2024: 7.1}
    assert found["Observed before the break"].to_dict() == {2021: 3.0, 2022: 5.5}


def test_every_picture_on_a_slide_and_in_the_note_is_described_in_words(outputs):
    made = delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"])
    for slide in pptx.Presentation(str(made[0])).slides:
        for shape in slide.shapes:
            if shape.shape_type == 13 or shape.has_chart:
                assert "Quảng Ninh" in shape._element.xpath(".//p:cNvPr")[0].get("descr")
        assert "dx briefing --areas quang-ninh --year 2025" in slide.notes_slide.notes_text_frame.text
    note = docx.Document(str(made[1]))
    assert all("Quảng Ninh" in shape._inline.docPr.get("descr") for shape in note.inline_shapes)
    assert len(note.inline_shapes) == 1


def test_no_text_runs_out_of_a_slide(outputs):
    deck = slides_of(outputs)
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_an_office_s_own_template_keeps_its_page_and_master(outputs, tmp_path):
    own = pptx.Presentation()
    own.slide_width, own.slide_height = 9_000_000, 6_000_000
    own.slide_master.name = "Sở Thông tin"
    own.save(str(tmp_path / "office.pptx"))
    made = delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"], template=tmp_path / "office.pptx")
    deck = pptx.Presentation(str(made[0]))
    assert (deck.slide_width, deck.slide_master.name) == (9_000_000, "Sở Thông tin")


def test_the_workbook_s_required_pace_is_a_formula_with_today_s_value(outputs):
    import openpyxl

    path = str(delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"])[3])
    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    sheet = formulas["Tốc độ cần thiết"]
    assert sheet["E4"].value == "=D4-B4"
    assert sheet["G5"].value == '=IF(F5>0,E5/F5,"")'
    assert values["Tốc độ cần thiết"]["G5"].value == pytest.approx(22.9 / 6)
    assert values["Tốc độ cần thiết"]["H5"].value == pytest.approx((30 / 7.1) ** (1 / 6) - 1)


def test_the_workbook_speaks_one_language(outputs):
    import openpyxl

    path = outputs / "quang-ninh" / "2025" / "30_attainment" / "history.csv"
    table = pd.read_csv(path, encoding="utf-8-sig").assign(
        status="preliminary", note="n", note_vi="ghi chú", note_en="n"
    )
    table.to_csv(path, index=False)
    made = {lang: openpyxl.load_workbook(delivery.briefing(outputs, "quang-ninh", 2025, languages=[lang])[3])
            for lang in ("vi", "en")}  # fmt: skip
    cells = [str(cell.value) for row in made["vi"]["Số liệu"].iter_rows() for cell in row]
    assert {"sơ bộ", "ghi chú", "31/07/2025"} <= set(cells)
    assert "preliminary" in [str(cell.value) for row in made["en"]["Figures"].iter_rows() for cell in row]
    assert made["vi"]["Số liệu"].column_dimensions["D"].hidden


def test_text_that_looks_like_a_formula_stays_text_in_the_workbook(outputs):
    import openpyxl

    path = str(delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"])[3])
    cells = [cell for row in openpyxl.load_workbook(path)["Số liệu"].iter_rows() for cell in row]
    wild = [cell for cell in cells if isinstance(cell.value, str) and "=1+1" in cell.value]
    assert wild
    assert all(cell.data_type == "s" for cell in wild)


def test_every_office_file_says_how_to_make_it_again(outputs):
    for path in delivery.briefing(outputs, "quang-ninh", 2025, languages=["en"]):
        origin = origin_of(path)
        assert origin["data_digest"] == "d1"
        assert origin["command"] == "dx briefing --areas quang-ninh --year 2025 --lang en"
        assert [run["notebook"] for run in origin["runs"]] == ["30_attainment"]
        assert set(origin["methods"]) == {"facts", "analysis", "forecast", "briefing", "delivery"}


def test_nothing_to_gather_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No run of ha-noi 2024.*dx run --areas ha-noi --years 2024"):
        delivery.briefing(tmp_path, "ha-noi", 2024)


def test_a_missing_picture_is_named(outputs):
    (outputs / "quang-ninh" / "2025" / "30_attainment" / "trend.vi.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"trend\.vi\.png is named in run\.json but not there"):
        delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"])


def test_dates_inside_a_zip_in_a_zip_are_fixed_too(tmp_path):
    inner, outer = tmp_path / "a.xlsx", tmp_path / "b.pptx"
    with zipfile.ZipFile(inner, "w") as parts:
        parts.writestr("docProps/core.xml", '<dcterms:created xsi:type="x">2026-01-02T03:04:05Z</dcterms:created>')
    with zipfile.ZipFile(outer, "w") as parts:
        parts.write(inner, "embeddings/a.xlsx")
    again = zips.fixed(outer.read_bytes())
    assert again == zips.fixed(again)
    assert b"2026-01-02" not in again
