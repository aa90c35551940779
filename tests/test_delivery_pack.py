"""Deck, note, workbook and report of six areas: native parts, one message a slide, notes to speak from, one truth."""

import re
import shutil
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import assessing, facts
from dxanalysis.briefing import judged
from dxanalysis.cli import site
from dxanalysis.delivery import dossier, origin, pack
from dxanalysis.delivery.report_document import goal_cells
from dxanalysis.delivery.site.build import write_site

from .site_support import leave_run
from .test_briefing_glossary import forbidden

docx = pytest.importorskip("docx", reason="python-docx is not installed (extra 'briefing')")
pptx = pytest.importorskip("pptx", reason="python-pptx is not installed (extra 'briefing')")

# The year whose end each area is reported at; Hải Phòng 2023 is a pair nobody looked at before.
YEARS = {"quang-ninh": 2025, "lang-son": 2025, "ha-noi": 2025, "viet-nam": 2025, "da-nang": 2025, "hai-phong": 2023}
AREAS = tuple(YEARS)
COMMAND = "dx briefing --areas quang-ninh --year 2025 --lang vi,en"
_CODE = re.compile(r"\b[0-9a-f]{8,}\b")
_ID = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return, by area, the dossier and the files of one run of all areas in both languages."""
    folder, found = tmp_path_factory.mktemp("pack"), {}
    for name in AREAS:
        area = facts.find_area(name)
        rows = assessing.assess(name, YEARS[name])
        about = dossier.build(rows[rows["area"] == name], area, YEARS[name])
        files = [*pack.write_briefing(folder, about, COMMAND), *pack.write_report(folder / name, about, "dx report",
                 languages=("vi", "en"))]
        found[name] = (about, {(path.name.split(".")[1], kind_of(path)): path for path in files})
    return found


def test_an_office_s_own_figures_that_name_no_source_are_briefed(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTEBOOK_RUN_DIR", str(tmp_path))
    asked = {"indicator": "digital_economy_share", "area": "quang-ninh"}
    rows = pd.DataFrame({"năm": range(2018, 2024), "Tỷ trọng": [3.0, 3.7, 4.4, 5.1, 5.8, 6.5]})
    rows.to_csv(tmp_path / "own.csv", index=False)
    history = dx.read(tmp_path / "own.csv", **asked, through=2025)
    report = dx.report("01_your_own_data", **asked, year=2025, workbook=str(tmp_path / "own.csv"))
    report.table("history", history)
    report.save()
    judgement = dx.assess(history, dx.targets("digital_economy_share", "quang-ninh"), report.indicator)
    pack.brief(tmp_path, judgement, languages=["en"])
    note = docx.Document(next(tmp_path.rglob("*.en.docx")))
    said = " ".join(paragraph.text for paragraph in note.paragraphs)
    assert "6.5" in said and not re.search(r"\b(nan|None)\b", said)


def kind_of(path):
    return ("report-" if path.name.startswith("report") else "") + path.suffix[1:]


def slides_of(path):
    return list(pptx.Presentation(str(path)).slides)


def texts_of(slide):
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)


def all_cells(path):
    book = openpyxl.load_workbook(path)
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_deck_has_at_most_seven_slides_each_with_a_finding_and_a_number_as_its_title(made, area, lang):
    slides = slides_of(made[area][1][(lang, "pptx")])
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert 3 <= len(slides) <= 7 and len(set(titles)) == len(titles)
    assert all(re.search(r"\d", title) for title in titles)


@pytest.mark.parametrize("area", AREAS)
def test_what_powerpoint_can_draw_is_native_and_editable(made, area):
    slides = slides_of(made[area][1][("vi", "pptx")])
    shapes = [shape for slide in slides for shape in slide.shapes]
    assert not [shape for shape in shapes if shape.shape_type == 13]  # pictures
    assert sum(shape.has_table for shape in shapes) >= 2
    charts = [shape for shape in shapes if shape.has_chart]
    assert area not in ("quang-ninh", "viet-nam") or charts
    for shape in charts:
        assert shape.chart.part.chart_workbook.xlsx_part is not None  # a double click opens its numbers
        assert shape._element.nvGraphicFramePr.cNvPr.get("descr")


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_notes_are_what_a_speaker_says_then_source_and_reservations(made, area, lang):
    for slide in slides_of(made[area][1][(lang, "pptx")]):
        notes = slide.notes_slide.notes_text_frame.text
        spoken = notes.split("\n\n")[0]
        assert 60 <= len(spoken.split()) <= 90, (slide.shapes.title.text_frame.text, len(spoken.split()))
        assert "dx briefing" in notes and not _ID.search(spoken)


@pytest.mark.parametrize("area", AREAS)
def test_no_hash_and_no_command_stands_on_a_slide_and_every_slide_has_its_number(made, area):
    for at, slide in enumerate(slides_of(made[area][1][("vi", "pptx")]), start=1):
        shown = list(texts_of(slide))
        assert not [text for text in shown if _CODE.search(text) or "dx " in text or _ID.search(text)]
        assert 'type="slidenum"' in slide.shapes[-1]._element.xml and shown
        assert f">{at}<" in slide.shapes[-1]._element.xml


def test_nothing_leaves_the_slide(made):
    for _, files in made.values():
        deck = pptx.Presentation(str(files[("vi", "pptx")]))
        for slide in deck.slides:
            for shape in slide.shapes:
                assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width + 10
                assert shape.top + shape.height <= deck.slide_height + 10


def test_an_office_s_template_reaches_every_slide(made, tmp_path):
    office = pptx.Presentation()
    office.slides.add_slide(office.slide_layouts[0]).shapes.title.text = "what the template shows"
    for layout in list(office.slide_layouts)[1:]:  # one layout, whose title stands in the middle
        office.slide_layouts.remove(layout)
    office.slide_width, office.slide_height = 9_144_000, 5_143_500
    office.save(tmp_path / "office.pptx")
    about = made["quang-ninh"][0]
    path = pack.write_briefing(tmp_path, about, COMMAND, languages=["vi"], template=tmp_path / "office.pptx")[0]
    deck = pptx.Presentation(str(path))
    assert (deck.slide_width, deck.slide_height) == (9_144_000, 5_143_500)
    assert "what the template shows" not in " ".join(text for slide in deck.slides for text in texts_of(slide))
    for slide in deck.slides:
        assert slide.shapes.title.top + slide.shapes.title.height < deck.slide_height / 4
        fonts = {run.font.name for shape in slide.shapes if shape.has_text_frame
                 for p in shape.text_frame.paragraphs for run in p.runs}
        assert fonts == {None}  # the master's


def test_a_template_s_letters_show_on_a_dark_page_and_lie_flat(made, tmp_path):
    office = pptx.Presentation()
    for layout in [one for one in office.slide_layouts if one.name != "Vertical Title and Text"]:
        office.slide_layouts.remove(layout)
    office.save(tmp_path / "office.pptx")
    path = pack.write_briefing(tmp_path, made["lang-son"][0], COMMAND, languages=["vi"],
                               template=tmp_path / "office.pptx")[0]
    for slide in pptx.Presentation(str(path)).slides:
        assert slide.shapes.title.text_frame._txBody.bodyPr.get("vert") == "horz"
        assert slide.shapes.title.left + slide.shapes.title.width <= office.slide_width
        for shape in slide.shapes:
            if shape.has_chart and not shape.chart.has_legend:  # bars: the letters have the template's own colour
                assert "schemeClr" not in shape.chart.plots[0].series[0].data_labels._element.xml
                assert "srgbClr" not in shape.chart.plots[0].series[0].data_labels._element.xml


@pytest.mark.parametrize(("width", "height"), [(3_657_600, 2_743_200), (9_144_000, 2_743_200)])
def test_slides_too_small_to_be_read_are_refused_with_their_size(made, tmp_path, width, height):
    office = pptx.Presentation()
    office.slide_width, office.slide_height = width, height
    office.save(tmp_path / "small.pptx")
    with pytest.raises(ValueError, match=r"has slides of .* × 3.0 inches; .* takes 7.5 × 5.0 or more"):
        pack.write_briefing(tmp_path, made["lang-son"][0], COMMAND, template=tmp_path / "small.pptx")


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_note_is_one_page_of_times_and_never_arial(made, area, lang):
    files = made[area][1]
    assert files[(lang, "pdf")].read_bytes().count(b"/Type /Page\n") == 1
    with zipfile.ZipFile(files[(lang, "docx")]) as parts:
        assert b"Arial" not in parts.read("word/document.xml") + parts.read("word/styles.xml")


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_workbook_has_few_sheets_made_to_print_without_ids(made, area, lang):
    path = made[area][1][(lang, "xlsx")]
    book = openpyxl.load_workbook(path)
    assert 4 <= len(book.sheetnames) <= 6
    assert all(sheet.print_area and sheet.page_setup.orientation == "landscape" for sheet in book)
    cells = [text for text in all_cells(path) if not text.startswith(("http", "="))]
    assert not [text for text in cells if _ID.search(text)]
    assert sum(sheet.max_row for sheet in book) < 400


@pytest.mark.parametrize("area", AREAS)
def test_one_truth_states_numbers_and_distances_are_the_same_in_every_file(made, area):
    about, files = made[area]
    for lang in ("vi", "en"):
        deck = " ".join(text for slide in slides_of(files[(lang, "pptx")]) for text in texts_of(slide))
        note = " ".join(cell.text for table in docx.Document(str(files[(lang, "docx")])).tables
                        for row in table.rows for cell in row.cells)
        report = docx.Document(str(files[(lang, "report-docx")])).tables[2]
        rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in report.rows}
        book = all_cells(files[(lang, "xlsx")])
        for goal in about.goals:
            cells = goal_cells(about, goal, lang)
            row = rows[str(goal.number)]
            row[1] = re.sub(r" \(\d{1,2}\)$", "", row[1])  # the mark of a note under the table
            assert row == list(cells)
            assert goal.assessment(lang) in book and (not goal.distance(lang) or goal.distance(lang) in book)
        main = about.main()
        for told in filter(None, (main.distance(lang), main.assessment(lang))):
            assert told in deck and told in note, told


@pytest.fixture(scope="module")
def pages(made, tmp_path_factory):
    """Return, by area, the page of the site on the indicator a deck is about, from the same judgement."""
    folder, found = tmp_path_factory.mktemp("outputs"), {}
    for area, (about, _) in made.items():
        indicator = about.main().indicator
        rows = assessing.assess(area, YEARS[area], indicator.id).to_dict("records")
        names = {"id": indicator.id, "vi": indicator.title_vi, "en": indicator.title_en, "unit": indicator.unit}
        names |= {"unit_vi": indicator.unit_vi, "unit_en": indicator.unit_en, "decimals": indicator.decimals}
        leave_run(folder, area, indicator=names, judged=[judged.record(row, indicator) for row in rows])
    write_site(folder, site.known())
    for area, (about, _) in made.items():
        page = folder / "site" / "areas" / area / f"{about.main().indicator.id}.html"
        found[area] = page.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_site_says_the_same_number_target_distance_and_state(made, pages, area, lang):
    main, page = made[area][0].main(), pages[area]
    assert f"state-{main.state}" in page or main.state in page
    told = [main.value(main.judged_figure, lang), main.goal(lang, unit=True)]
    if main.state not in ("due", "open"):  # of these the page asks for the figure, or tells the pace and the outlook
        told.append(main.value(abs(main.row["missing"]), lang, "difference"))
    assert not [one for one in told if one not in page]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_word_never_to_use_stands_in_a_file(made, pages, area, lang):
    files = made[area][1]
    spoken = [slide.notes_slide.notes_text_frame.text.split("\n\n")[0] for slide in slides_of(files[(lang, "pptx")])]
    texts = [text for slide in slides_of(files[(lang, "pptx")]) for text in texts_of(slide)] + spoken
    for kind in ("docx", "report-docx"):
        file = docx.Document(str(files[(lang, kind)]))
        texts += [one.text for one in file.paragraphs]
        texts += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    book = openpyxl.load_workbook(files[(lang, "xlsx")])
    texts += [str(cell.value) for sheet in book.worksheets[:-1] for row in sheet.iter_rows() for cell in row]
    texts += re.findall(rf'<span class="{lang}" lang="{lang}">([^<]*)</span>', pages[area])
    assert not {text: found for text in texts if (found := forbidden(lang, text))}


@pytest.mark.parametrize("area", ["quang-ninh", "viet-nam"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_report_has_three_to_five_pages_before_its_appendix(made, area, lang):
    content = made[area][1][(lang, "report-pdf")].read_bytes()
    wide = content.count(b"/MediaBox [0 0 841.89 595.28]")
    assert wide >= 2 and 3 <= content.count(b"/Type /Page\n") - wide <= 5


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice, which prints the files, is not installed")
def test_an_office_program_prints_at_most_ten_pages_of_a_workbook_and_one_of_a_note(made, tmp_path):
    files = [made[area][1][("vi", kind)] for area in ("viet-nam", "quang-ninh") for kind in ("xlsx", "docx", "pptx")]
    folders = {kind: tmp_path / kind for kind in ("xlsx", "docx", "pptx")}
    for kind, folder in folders.items():
        chosen = [str(path) for path in files if path.suffix == f".{kind}"]
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        subprocess.run(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *chosen],
                       check=True, capture_output=True, timeout=300)
    counted = {kind: [len(re.findall(rb"/Type ?/Page\b(?!s)", path.read_bytes())) for path in folder.glob("*.pdf")]
               for kind, folder in folders.items()}
    assert all(4 <= count <= 10 for count in counted["xlsx"]) and counted["docx"] == [1, 1], counted
    assert all(count <= 7 for count in counted["pptx"]), counted


@pytest.mark.parametrize("area", AREAS)
def test_a_state_is_what_the_judgement_says(made, area):
    about = made[area][0]
    table = assessing.assess(area, YEARS[area])
    table = table[table["area"] == area]
    for goal in about.goals:
        row = table[(table["indicator"] == goal.indicator.id) & (table["target_year"] == goal.row["target_year"])]
        assert goal.state in set(row["state"])
    assert sum(about.counts.values()) == len(about.goals) == table["indicator"].nunique()


def test_files_carry_their_origin_and_have_the_same_bytes_each_time(made, tmp_path):
    about, files = made["lang-son"]
    again = pack.write_briefing(tmp_path, about, COMMAND, languages=["vi"])
    for path in again:
        assert path.read_bytes() == files[("vi", path.suffix[1:])].read_bytes(), path.name
        assert origin.read(path)["command"] == COMMAND


def test_a_template_of_another_kind_is_refused_with_what_to_give(made, tmp_path):
    docx.Document().save(tmp_path / "office.docx")
    pptx.Presentation().save(tmp_path / "office.pptx")
    with pytest.raises(ValueError, match=r"office.docx is no .pptx file. Save it again as a plain .pptx"):
        pack.write_briefing(tmp_path, made["lang-son"][0], COMMAND, template=tmp_path / "office.docx")
    with pytest.raises(ValueError, match=r"office.pptx is no .docx file. Save it again as a plain .docx"):
        pack.write_report(tmp_path, made["lang-son"][0], COMMAND, template=tmp_path / "office.pptx")


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_percent_stands_at_its_number_and_no_definition_s_id_is_shown(made, area, lang):
    texts = [text for slide in slides_of(made[area][1][(lang, "pptx")]) for text in texts_of(slide)]
    for kind in ("docx", "report-docx"):
        file = docx.Document(str(made[area][1][(lang, kind)]))
        texts += [one.text for one in file.paragraphs]
        texts += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    told = "\n".join(texts)
    assert not re.search(r"\d[ \u00a0]%|%\w", told)
    assert not re.search(r"\((?:Nos?\. )?\)|: \.|\bNone\b|\bnan\b|\) \(|\b(?:mic|gso|most)-34\b", told)
    assert lang == "vi" or not re.search(r"\b1 (?:indicators|targets|areas|pages|figures|documents)\b", told)


def test_a_template_with_a_program_is_refused(made, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.pptx", "w") as archive:
        archive.writestr("ppt/vbaProject.bin", b"x")
    with pytest.raises(ValueError, match="holds a program"):
        pack.write_briefing(tmp_path, made["lang-son"][0], COMMAND, template=tmp_path / "bad.pptx")
