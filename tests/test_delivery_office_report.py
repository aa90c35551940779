"""The report of Nghị định 30/2020 read back from its Word file: page, fonts, order; the form filled in."""

import io
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pytest
from docx.enum.section import WD_ORIENT
from docx.shared import Mm

from dxanalysis import assessing, facts
from dxanalysis.delivery import blocks, dossier, form, pdf, phrases, report_document, sayings, word
from dxanalysis.facts.records import FORM
from dxanalysis.facts.understand import door, packing

DOCUMENT = "nq-09-nq-tu-quang-ninh-2022"


def judged(*rows):
    """Return rows of the judgement table; what a row does not say is missing."""
    base = assessing.assess("quang-ninh", 2025, "digital_id_share").iloc[0].to_dict()  # a row without a figure
    base |= {"definition": "province", "document_id": DOCUMENT, "comparator": "=", "rung": 1, "n": 1}
    return pd.DataFrame([base | row for row in rows])


ROWS = (
    {"indicator": "digital_economy_share", "target": 20.0, "target_year": 2025, "comparator": ">=", "state": "due",
     "figure": 7.1, "figure_year": 2024, "missing": 12.9, "caveats": ("compiler_unknown",)},
    {"indicator": "digital_economy_share", "target": 30.0, "target_year": 2030, "comparator": ">=", "state": "open",
     "figure": 7.1, "figure_year": 2024, "missing": 22.9, "required_per_year": 3.8167, "required_growth": 0.37,
     "whole_growth": 0.08, "growth_basis": "assumed", "years_left": 6},
    {"indicator": "fibre_household_share", "target": 95.0, "target_year": 2025, "state": "due", "figure": 89.13,
     "figure_year": 2023, "missing": 5.87},
    {"indicator": "digital_id_share", "target": 100.0, "target_year": 2025, "state": "no_figure_held"},
    {"indicator": "admin_records_digitised_share", "target": 100.0, "target_year": 2023, "state": "no_figure_held"},
)


@pytest.fixture(scope="module")
def record():
    area = facts.find_area("quang-ninh")
    return dossier.build(judged(*ROWS), area, 2025, chosen="document")


def written(record, lang="vi", **options):
    held = blocks.Document(blocks.About("t", lang), report_document.report_blocks(record, lang))
    return held, options


@pytest.fixture(scope="module", params=["vi", "en"])
def opened(request, record, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.docx"
    word.write_docx(path, written(record, request.param)[0])
    return request.param, docx.Document(str(path)), path


def millimetres(length):
    return round(length / Mm(1))


def test_page_and_margins_are_the_decree_s(opened):
    _, file, _ = opened
    body, appendix = file.sections
    assert (millimetres(body.page_width), millimetres(body.page_height)) == (210, 297)
    assert (millimetres(appendix.page_width), millimetres(appendix.page_height)) == (297, 210)
    assert appendix.orientation == WD_ORIENT.LANDSCAPE
    for section in (body, appendix):
        assert 20 <= millimetres(section.top_margin) <= 25 and 20 <= millimetres(section.bottom_margin) <= 25
    assert 30 <= millimetres(body.left_margin) <= 35 and 15 <= millimetres(body.right_margin) <= 20


def test_letters_are_times_of_13_points_and_nothing_is_arial(opened):
    _, file, path = opened
    normal = file.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 13)
    for style in ("Heading 1", "Heading 2"):
        assert file.styles[style].font.name == "Times New Roman" and file.styles[style].font.size.pt == 13
    with zipfile.ZipFile(path) as parts:
        assert b"Arial" not in parts.read("word/document.xml") + parts.read("word/styles.xml")


def test_pages_are_numbered_from_the_second_each_part_from_one(opened):
    for section in opened[1].sections:
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml and "PAGE" not in section.first_page_header._element.xml
        assert 'w:start="1"' in section._sectPr.xml


def test_head_title_parts_and_signature_stand_in_order(record, tmp_path):
    path = word.write_docx(tmp_path / "r.docx", written(record)[0])
    file = docx.Document(str(path))
    head = [p.text for cell in file.tables[0].rows[0].cells for p in cell.paragraphs]
    assert head[0] == "ỦY BAN NHÂN DÂN\nTỈNH QUẢNG NINH"
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head and "Độc lập - Tự do - Hạnh phúc" in head
    texts = [p.text for p in file.paragraphs if p.text]
    order = ["BÁO CÁO", "Kết quả thực hiện các mục tiêu của Nghị quyết số 09-NQ/TU", "I. CĂN CỨ", "II. KẾT QUẢ",
             "III. TỒN TẠI", "IV. KIẾN NGHỊ", "Phụ lục"]
    places = [next(at for at, text in enumerate(texts) if text.startswith(one)) for one in order]
    assert places == sorted(places)
    signature = [p.text for cell in file.tables[1].rows[0].cells for p in cell.paragraphs]
    assert signature[0] == "Nơi nhận:" and "KT. CHỦ TỊCH" in signature


def test_the_appendix_is_a_native_table_with_every_target_and_a_repeated_head(opened):
    lang, file, _ = opened
    grid = file.tables[2]
    head = [cell.text for cell in grid.rows[0].cells]
    assert head[:4] == (["STT", "Chỉ tiêu", "Đơn vị tính", "Mục tiêu 2025"] if lang == "vi" else
                        ["No.", "Indicator", "Unit", "Target 2025"])
    assert head[4:9] == ["2021", "2022", "2023", "2024", "2025"]
    assert "w:tblHeader" in grid.rows[0]._tr.xml
    rows = [[cell.text for cell in row.cells] for row in grid.rows]
    share = next(row for row in rows if row[0] == "1")
    assert share[3] == ("≥ 20; ≥ 30 (năm 2030)" if lang == "vi" else "≥ 20; ≥ 30 (2030)")
    assert share[7] == ("7,1" if lang == "vi" else "7.1") and share[4] == share[8] == ""  # 3 is before the break
    assert share[10] == ("còn thiếu 12,9 điểm phần trăm" if lang == "vi" else "12.9 percentage points short")
    assert rows[-1][0].startswith(("Tổng số: 4 chỉ tiêu, 5 mục tiêu; ", "Total: 4 indicators, 5 targets; "))


def test_a_state_has_one_word_and_counts_add_up(record):
    assert record.counts == {"undecided": 2, "no_figure": 2}
    assert sum(record.counts.values()) == len(record.goals)


def test_figures_of_other_definitions_stand_in_a_note_and_not_in_the_table(record):
    noted = " ".join(report_document.notes(record, "vi"))
    assert "98%" in noted and "05/01/2026" in noted  # fibre, a day of 2026: no figure of 2025
    assert "năm 2021: 3% (tự đánh giá) không cùng chuỗi, không đưa vào bảng (gián đoạn năm 2024" in noted


def test_pdf_is_the_same_text_with_its_fonts_inside(record, tmp_path):
    path = pdf.write_pdf(tmp_path / "r.pdf", written(record)[0])
    content = path.read_bytes()
    assert content == pdf.write_pdf(tmp_path / "again.pdf", written(record)[0]).read_bytes()
    assert b"DXSerif" in content and b"Liberation Serif" in content  # embedded; named in the properties
    assert content.count(b"/Type /Page\n") >= 3


def test_word_files_have_the_same_bytes_each_time(record, tmp_path):
    first, again = (word.write_docx(tmp_path / name, written(record)[0]).read_bytes() for name in ("a.docx", "b.docx"))
    assert first == again


def test_an_office_s_template_keeps_its_page_and_font(record, tmp_path):
    office = docx.Document()
    office.sections[0].left_margin = Mm(33)
    office.styles["Normal"].font.name = "Cambria"
    office.add_paragraph("old text")
    office.save(tmp_path / "office.docx")
    path = word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "office.docx")
    file = docx.Document(str(path))
    assert millimetres(file.sections[0].left_margin) == 33 and file.styles["Normal"].font.name == "Cambria"
    assert "old text" not in [p.text for p in file.paragraphs]


def test_a_template_without_our_styles_is_written_in_its_own(record, tmp_path):
    office = docx.Document()
    for style in list(office.styles):
        if style.name.startswith(("Heading", "Table Grid", "List")):
            style.delete()
    office.save(tmp_path / "bare.docx")
    path = word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "bare.docx")
    file = docx.Document(str(path))
    head = next(p for p in file.paragraphs if p.text.startswith("I. "))
    assert head.runs[0].bold and "w:tblBorders" in file.tables[2]._tbl.xml


WORD_TYPES = b"wordprocessingml.document.main"


def changed(source, target, part, old, new):
    """Copy an office file with other bytes in one of its parts; with `new` None the part is left out."""
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w") as write:
        for name in read.namelist():
            if name != part:
                write.writestr(name, read.read(name))
            elif new is not None:
                assert old in read.read(name)
                write.writestr(name, read.read(name).replace(old, new))


@pytest.mark.parametrize(("name", "new"), [
    ("office.dotx", b"wordprocessingml.template.main"), ("office.docx", b"wordprocessingml.template.main"),
])
def test_a_word_template_is_a_template(record, tmp_path, name, new):
    docx.Document().save(tmp_path / "plain.docx")
    changed(tmp_path / "plain.docx", tmp_path / name, "[Content_Types].xml", WORD_TYPES, new)
    path = word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / name)
    assert docx.Document(str(path)).tables
    with zipfile.ZipFile(path) as parts:
        assert WORD_TYPES in parts.read("[Content_Types].xml")


def test_columns_of_a_template_do_not_cut_the_tables(record, tmp_path):
    office = docx.Document()
    office.sections[0]._sectPr.append(word._element("cols", num="2"))
    office.save(tmp_path / "columns.docx")
    path = word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "columns.docx")
    assert "w:cols" not in docx.Document(str(path)).element.xml


@pytest.mark.parametrize(("part", "old", "new"), [
    ("word/document.xml", b"</w:document>", b""), ("word/styles.xml", b"</w:styles>", b""),
    ("word/styles.xml", b"", None), ("[Content_Types].xml", b"", None),
])
def test_a_damaged_template_is_refused_in_one_sentence_and_the_cure_works(record, tmp_path, part, old, new):
    docx.Document().save(tmp_path / "plain.docx")
    changed(tmp_path / "plain.docx", tmp_path / "bad.docx", part, old, new)
    with pytest.raises(ValueError, match=r"bad.docx is damaged \(.+\)\. Open it .* save it again as a plain \.docx"):
        word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "bad.docx")
    assert not (tmp_path / "r.docx").exists()
    assert word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "plain.docx").exists()


def test_a_page_too_narrow_for_a_report_is_refused_with_its_width(record, tmp_path):
    office = docx.Document()
    office.sections[0].page_width = Mm(120)
    office.save(tmp_path / "narrow.docx")
    with pytest.raises(ValueError, match=r"narrow.docx leaves 56 mm between its margins; a report takes 90 mm"):
        word.write_docx(tmp_path / "r.docx", written(record)[0], template=tmp_path / "narrow.docx")


def test_a_report_cites_documents_as_the_decree_does_and_closes(record):
    said = told(record, "vi")
    assert said[0].startswith("- Căn cứ Nghị quyết số 09-NQ/TU ngày 05 tháng 02 năm 2022 của Ban Thường vụ Tỉnh ủy")
    assert any(one.startswith("Trên đây là báo cáo kết quả") and one.endswith("trân trọng báo cáo./.") for one in said)


def told(record, lang):
    return [one.text for one in report_document.report_blocks(record, lang) if isinstance(one, blocks.Text)]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_left_to_look_up_is_said_beside_the_report_and_not_in_it(lang):
    area, rows = facts.find_area("quang-ninh"), [ROWS[0] | {"document_id": "kh-tong-the-quang-ninh-2022"}]
    about = dossier.build(judged(*rows), area, 2025)
    assert len(sayings.to_check(about, lang)) == 2  # a document without a number, a lead agency nobody names
    remarks = ("trình ký", "không nêu số", "chưa rõ", "bổ sung", "signing", "number not given", "not known", "checked")
    assert not [one for one in told(about, lang) for remark in remarks if remark in one]


@pytest.mark.parametrize(("caveat", "missing", "vi", "en"), [
    ("lower_bound", -3.0, "trên 7,1% vượt tối thiểu 3 điểm", "over 7.1% at least 3 percentage points beyond"),
    ("lower_bound", 3.0, "trên 7,1% còn thiếu không quá 3 điểm", "over 7.1% at most 3 percentage points short"),
    ("upper_bound", 3.0, "dưới 7,1% còn thiếu tối thiểu 3 điểm", "under 7.1% at least 3 percentage points short"),
    ("rounded", 0.0, "khoảng 7,1% quanh mức", "about 7.1% around the target"),
])
def test_a_figure_known_as_a_bound_is_never_printed_as_exact(caveat, missing, vi, en):
    row = ROWS[0] | {"caveats": (caveat,), "missing": missing, "figure_kind": "rounded", "direction": 1}
    goal = dossier.build(judged(row), facts.find_area("quang-ninh"), 2025).goals[0]
    for lang, expected in (("vi", vi), ("en", en)):
        assert f"{goal.shown(lang)} {goal.distance(lang)}".startswith(expected)
        assert goal.shown(lang) in sayings.line(goal, lang)


@pytest.mark.parametrize(("indicator", "vi", "en"), [
    ("dti_rank", "hạng 3 (ước tính)", "rank 3 (estimate)"), ("fibre_household_share", "ước đạt 3%", "an estimated 3%"),
])
def test_an_estimate_is_reached_and_an_estimated_rank_is_not(indicator, vi, en):
    row = ROWS[2] | {"indicator": indicator, "figure": 3.0, "figure_kind": "estimate"}
    goal = dossier.build(judged(row), facts.find_area("quang-ninh"), 2025).goals[0]
    assert (sayings.figure(goal, "vi"), sayings.figure(goal, "en")) == (vi, en)


@pytest.mark.parametrize(("years", "asked"), [
    ((2023, 2025), "số liệu của năm mục tiêu còn thiếu"), ((2030,), "số liệu năm 2025 còn thiếu"),
    ((2023, 2030), "số liệu của năm mục tiêu, hoặc số liệu năm 2025 nếu mục tiêu chưa đến hạn, còn thiếu"),
])
def test_figures_are_asked_for_the_years_of_their_targets(years, asked):
    names = ("digital_id_share", "fibre_household_share")
    rows = [{"indicator": name, "target": 90.0, "target_year": year, "state": "no_figure_held"}
            for name, year in zip(names, years, strict=False)]
    about = dossier.build(judged(*rows), facts.find_area("quang-ninh"), 2025)
    assert any(asked in one for one in told(about, "vi"))


@pytest.mark.parametrize(("lang", "names"), [
    ("vi", ("đạt", "vượt", "chưa đạt")), ("en", ("met", "exceeded", "not met")),
])
def test_a_state_has_the_same_word_in_table_sentence_and_count(lang, names):
    for missing, name in zip((0.0, -1.0, 1.0), names, strict=True):
        state = "missed" if missing > 0 else "met"
        row = ROWS[2] | {"state": state, "missing": missing, "figure_year": 2025, "direction": 1}
        about = dossier.build(judged(row), facts.find_area("quang-ninh"), 2025)
        assert about.goals[0].assessment(lang) == name and sayings.line(about.goals[0], lang).endswith(f": {name}.")
        assert name in sayings.counted(about, lang) and name in sayings.results(about, lang)


# ---------------------------------------------------------------- the collection form
def test_a_figure_of_a_form_that_is_not_judged_names_who_reported_it(record, monkeypatch):
    source = replace(facts.source("founding-article"), publisher="Sở X", published="2026-01-05", note=FORM)
    monkeypatch.setattr(phrases.catalogue, "source", lambda _: source)
    row = {"period": "2025", "value": 50.0, "source": "x", "definition": "province", "vintage": "2026-01-05"}
    said = phrases.other_figure(record.goals[0], row, "vi")
    assert said == "năm 2025: 50% theo báo cáo của Sở X, ngày 05/01/2026"


def filled(record, tmp_path, lang="vi", *, office="Sở Khoa học và Công nghệ", day="05/01/2026", value=96.5):
    book = openpyxl.load_workbook(form.write_form(tmp_path / "form.xlsx", record, lang))
    sheet = book.worksheets[0]
    sheet["D3"], sheet["D4"], sheet["D5"] = office, "Nguyễn Văn A", day
    row = next(row for row in sheet.iter_rows(min_row=8) if row[0].value == 2)
    row[8].value, row[9].value = value, "Sơ bộ" if lang == "vi" else "preliminary"
    book.save(tmp_path / "filled.xlsx")
    return tmp_path / "filled.xlsx"


def test_the_form_locks_its_structure_and_offers_lists(record, tmp_path):
    sheet = openpyxl.load_workbook(form.write_form(tmp_path / "form.xlsx", record)).worksheets[0]
    assert sheet.protection.sheet and sheet["B9"].protection.locked
    asked = next(row for row in sheet.iter_rows(min_row=8) if row[0].value == 2)
    assert not asked[8].protection.locked and asked[1].comment is not None
    kinds = {one.type for one in sheet.data_validations.dataValidation}
    assert kinds == {"decimal", "list"} and sheet.print_area


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_filled_in_form_comes_back_with_who_and_when(record, tmp_path, lang, monkeypatch):
    preview = door.understand(filled(record, tmp_path, lang))
    assert not preview.problems and not preview.questions
    assert preview.table[["indicator", "period", "value", "status", "vintage"]].values.tolist() == [
        ["fibre_household_share", "2025", 96.5, "preliminary", "2026-01-05"]
    ]
    folder = packing.write_package(preview, tmp_path / "package")
    monkeypatch.setenv("DX_DATA", str(folder))
    again = dossier.build(judged(*ROWS), facts.find_area("quang-ninh"), 2025, chosen="document")
    goal = next(one for one in again.goals if one.indicator.id == "fibre_household_share")
    assert goal.figure(2025, "vi") == "96,5"
    assert sayings.publications(goal.figures, "vi")[-1] == "theo báo cáo của Sở Khoa học và Công nghệ, ngày 05/01/2026"
    judged_by = goal.with_row(goal.row | {"source": preview.table["source"].iloc[0]})
    assert sayings.publications(goal.figures, "vi")[-1] in sayings.line(judged_by, "vi")


@pytest.mark.parametrize(("change", "message"), [
    ({"office": ""}, "does not say which office filled it in"),
    ({"day": "tháng một"}, "does not say on which day"),
    ({"day": "05/01/2099"}, "a day that has not come"),
    ({"value": "nhiều"}, "'I (2025)': holds no number. Received 'nhiều'. Write a number in % without the unit"),
    ({"value": "1.234"}, "may be a thousand or a fraction. Received '1.234'. Write 1234 or a decimal comma, in %."),
    ({"value": 965}, "can be: from 0 to 100. Received '965'. Write it in %."),
])
def test_a_form_filled_in_badly_says_where(record, tmp_path, change, message):
    preview = door.understand(filled(record, tmp_path, **change))
    assert message in " ".join(map(str, preview.problems))


@pytest.mark.parametrize(("value", "read"), [
    ("96,5", 96.5), ("96,5 %", 96.5), ("x", None), ("-", None), ("chưa có", None),
])
def test_a_cell_is_read_as_offices_write_it(record, tmp_path, value, read):
    preview = door.understand(filled(record, tmp_path, value=value))
    assert preview.table["value"].tolist() == ([] if read is None else [read])


def test_an_untouched_form_holds_nothing_new(record, tmp_path):
    path = form.write_form(tmp_path / "form.xlsx", record)
    assert "holds no figure that was not held before" in " ".join(map(str, door.understand(path).problems))


def test_a_form_without_its_hidden_column_is_refused(record, tmp_path):
    book = openpyxl.load_workbook(form.write_form(tmp_path / "form.xlsx", record))
    book.worksheets[0].delete_cols(13)
    held = io.BytesIO()
    book.save(held)
    (tmp_path / "bad.xlsx").write_bytes(held.getvalue())
    with pytest.raises(facts.DataError, match="has lost the hidden column"):
        door.understand(tmp_path / "bad.xlsx")
