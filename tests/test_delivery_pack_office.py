"""LibreOffice opens every file of a pack as it is, draws its pages, and recalculates the workbook to our numbers."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from dxanalysis import delivery
from dxanalysis.delivery import figures

from .test_briefing_charts_bad import CASES, CHARTS, drawn
from .test_delivery_pack import PACE, made, outputs  # noqa: F401  (the run they were all made from)

pytest.importorskip("pptx", reason="python-pptx is not installed (extra 'briefing')")


def converted(path, kind, folder):
    """Let LibreOffice open a file and save it as another kind."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed (Debian: libreoffice-impress, -writer, -calc)")
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", kind, "--outdir",
         str(folder / kind), str(path)],
        capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    result = folder / kind / f"{path.stem}.{kind}"
    assert result.exists(), done.stderr
    return result


def pages(pdf, folder):
    """Draw the pages of a PDF and return how many tones of grey each shows."""
    from PIL import Image

    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (Debian: poppler-utils)")
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(pdf), str(folder / "page")], check=True, timeout=300)
    tones = []
    for path in sorted(folder.glob("page*.png")):
        with Image.open(path) as image:
            tones.append(len(image.convert("L").getcolors()))
        path.unlink()
    return tones


@pytest.mark.slow
def test_each_file_is_drawn_by_libreoffice_page_by_page(outputs, tmp_path):  # noqa: F811
    import pptx

    for path in delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"]):
        pdf = path if path.suffix == ".pdf" else converted(path, "pdf", tmp_path)
        tones = pages(pdf, tmp_path)
        assert min(tones) > 2, (path.suffix, tones)
        if path.suffix == ".pptx":
            assert len(tones) == len(pptx.Presentation(str(path)).slides)
        if path.suffix in (".docx", ".pdf"):
            assert len(tones) <= 2


@pytest.mark.slow
def test_libreoffice_recalculates_the_required_pace_to_our_numbers(outputs, tmp_path):  # noqa: F811
    import openpyxl

    made_of = delivery.briefing(outputs, "quang-ninh", 2025, languages=["en"])[3]
    book = openpyxl.load_workbook(made_of)  # saved again it holds formulas only, so each must be computed anew
    book["Required pace"]["B5"].value = 10.0
    book.save(tmp_path / "changed.xlsx")
    sheet = openpyxl.load_workbook(converted(tmp_path / "changed.xlsx", "xlsx", tmp_path), data_only=True)
    sheet = sheet["Required pace"]
    assert sheet["E4"].value == pytest.approx(PACE["gap"][0])
    assert sheet["G4"].value == pytest.approx(PACE["required_per_year"][0])
    assert (sheet["E5"].value, sheet["G5"].value) == (pytest.approx(20.0), pytest.approx(20 / 6))
    assert sheet["H5"].value == pytest.approx((30 / 10) ** (1 / 6) - 1)


def test_the_numbers_behind_the_native_chart_are_those_of_the_tables(outputs):  # noqa: F811
    import openpyxl
    import pptx

    deck = pptx.Presentation(str(delivery.briefing(outputs, "quang-ninh", 2025, languages=["en"])[0]))
    chart = next(shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart)
    kept = Path(outputs) / "behind.xlsx"
    kept.write_bytes(chart.part.chart_workbook.xlsx_part.blob)
    rows = list(openpyxl.load_workbook(kept).active.values)
    assert rows[0] == (None, "Observed", "Target")
    assert {row[0]: row[1:] for row in rows[1:] if any(row[1:])} == {
        "2021": (3.0, None), "2022": (5.5, None), "2024": (7.1, None), "2025": (None, 20.0), "2030": (None, 30.0)
    }  # fmt: skip


def test_every_slide_has_a_title_and_every_point_a_value(outputs):  # noqa: F811
    import pptx

    deck = pptx.Presentation(str(delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"])[0]))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    chart = next(shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart)
    for series in chart.plots[0].series:
        assert series.data_labels.show_value
        assert series.data_labels.number_format == '[$-42A]#,##0.0"%"'
    for slide in deck.slides:
        texts = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert "dx run" not in texts


def test_a_template_s_title_place_and_font_are_kept(outputs, tmp_path):  # noqa: F811
    import pptx

    own = pptx.Presentation()
    layout = next(one for one in own.slide_layouts if one.name == "Title Only")
    layout.placeholders[0].left = layout.placeholders[0].top = 123_456
    own.save(str(tmp_path / "office.pptx"))
    deck = pptx.Presentation(str(delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"],
                                                   template=tmp_path / "office.pptx")[0]))  # fmt: skip
    title = deck.slides[0].shapes.title
    assert (title.left, title.top) == (123_456, 123_456)
    fonts = {run.font.name for shape in deck.slides[0].shapes for p in shape.text_frame.paragraphs for run in p.runs}
    assert fonts == {None}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_embeds_its_letters_and_stays_legible_in_grey(name, tmp_path):
    figure, _ = drawn(name, CASES["all values equal"], "slide", "vi")
    png, svg, pdf = figures.save_figure(figure, tmp_path, name, {"chart": name}, "words")
    assert "<text" not in svg.read_text(encoding="utf-8")
    assert b"/FontFile2" in pdf.read_bytes()
    from PIL import Image

    with Image.open(png) as image:
        grey = image.convert("L").histogram()
    assert sum(grey[:120]) > 0.002 * sum(grey)  # words and lines are dark in grey, too


def test_the_record_survives_in_every_office_file(outputs):  # noqa: F811
    for path in delivery.briefing(outputs, "quang-ninh", 2025, languages=["vi"]):
        if path.suffix != ".pdf":
            with zipfile.ZipFile(path) as parts:
                assert "customXml/dxanalysis.xml" in parts.namelist()
                assert parts.testzip() is None
