"""Output folders, files and templates from strangers: read by index, briefing and where, never obeyed."""

import io
import json
import struct
import zipfile
import zlib

import pytest

from dxanalysis.cli import main
from dxanalysis.delivery import listing, origin, records
from dxanalysis.delivery.files import checked

RUN = {
    "notebook": "30_attainment", "parameters": {"area": "quang-ninh", "year": 2025}, "tables": [],
    "about": {"area": {"id": "quang-ninh", "vi": "Quảng Ninh", "en": "Quảng Ninh"}},
    "charts": [{"name": "trend", "function": "trend", "vi": {"alt": "a", "files": ["t.png"], "thumbnail": "t.jpg"},
                "en": {"alt": "a", "files": ["t.png"]}}],
}
FACTS = {"headline": {"vi": "Đạt", "en": "Met"}, "findings": [{"vi": "Một", "en": "One"}]}
ALERT = "<script>alert(1)</script>"


def outputs(folder, run=RUN, facts=FACTS):
    place = folder / "quang-ninh" / "2025" / "30_attainment"
    place.mkdir(parents=True)
    for name, content in (("run.json", run), ("facts.json", facts)):
        text = content if isinstance(content, str) else json.dumps(content)
        (place / name).write_text(text, encoding="utf-8")
    return place


def with_chart(**changes):
    return RUN | {"charts": [RUN["charts"][0] | changes]}


# ---------------------------------------------------------------- run.json and facts.json
@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "a/b.png", "..\\secret.png", "out.png"])
def test_a_picture_outside_the_run_never_reaches_a_slide(tmp_path, name):
    (tmp_path / "secret.png").write_bytes(b"secret")
    place = outputs(tmp_path / "o", with_chart(vi={"alt": "", "files": [name]}))
    (place / "out.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ValueError, match="outside its folder"):
        records.read_run(place).pictures("vi")


@pytest.mark.parametrize("tables", [["../secret"], ["a/b"], ["[x]"], ["'"], [""], ["x" * 100], "pace", [1]])
def test_a_table_by_another_name_than_ours_is_refused(tmp_path, tables):
    with pytest.raises(ValueError, match="'tables' is no list"):
        records.read_run(outputs(tmp_path, RUN | {"tables": tables}))


@pytest.mark.parametrize(
    ("run", "facts"),
    [("[" * 100_000, FACTS), ("[]", FACTS), ("\x00", FACTS), (RUN | {"parameters": 1}, FACTS),
     (RUN | {"about": []}, FACTS),
     (RUN | {"about": {"area": {"vi": ["x"]}}}, FACTS), (RUN | {"about": {"area": {"vi": "x", "en": "x"}}}, FACTS),
     (RUN | {"notebook": "\ud800"}, FACTS), (RUN | {"charts": {}}, FACTS), (with_chart(vi=1), FACTS),
     (with_chart(vi={"files": [1]}), FACTS), (RUN | {"notebook": 1}, FACTS), (RUN, {"findings": [{"vi": "a"}]}),
     (RUN, {"headline": "x"}), (RUN, {"findings": [{"vi": 1, "en": 1}]}), (RUN, "{"), (RUN, "NaN"), (RUN, "9" * 5000)],
)
def test_a_record_of_another_form_is_refused_by_the_briefing_and_listed_by_the_index(tmp_path, run, facts):
    place = outputs(tmp_path, run, facts)
    with pytest.raises(ValueError, match=r"was not written by a run"):
        records.read_run(place)
    assert "was not written by a run" in listing.write_index(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["a\x1b[2J", "a\u202eb", "a\x00", "a\x85"])
def test_a_sentence_with_control_characters_is_refused(tmp_path, word):
    facts = {"headline": {"vi": word, "en": "x"}, "findings": []}
    with pytest.raises(ValueError, match=r"it holds the control character U\+"):
        records.read_run(outputs(tmp_path, RUN, facts))


@pytest.mark.parametrize("year", ["x", "9" * 5000, None, [1], {"a": 1}, -1, 1e308])
def test_a_year_that_is_none_does_not_stop_the_index(tmp_path, year):
    outputs(tmp_path, RUN | {"parameters": {"year": year, "area": "x"}})
    assert "30_attainment" in listing.write_index(tmp_path).read_text(encoding="utf-8")


def test_nothing_a_stranger_names_becomes_an_element_or_a_link_that_runs(tmp_path):
    names = {"id": "javascript:alert(1)", "vi": ALERT, "en": '"><svg onload=alert(1)>'}
    run = with_chart(name=ALERT, vi={"alt": '" onerror="x', "files": ["javascript:alert(1)"], "thumbnail": "data:x"})
    run |= {"notebook": ALERT, "about": {"area": names, "indicator": names}, "parameters": {"year": ALERT}}
    outputs(tmp_path, run, {"headline": {"vi": ALERT, "en": ALERT}, "findings": []})
    page = listing.write_index(tmp_path).read_text(encoding="utf-8")
    assert ALERT not in page
    assert "<svg" not in page
    assert ' onerror="' not in page
    assert 'href="javascript:' not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "text", ["[]", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"outputs": [1]}]}', "[" * 99_999]
)
def test_a_failed_notebook_of_another_form_is_listed_in_one_line(tmp_path, text):
    (tmp_path / "n.ipynb").write_text(text)
    assert len(listing.last_error(tmp_path / "n.ipynb").splitlines()) <= 1


# ---------------------------------------------------------------- dx where
def png(width=1, height=1, record=b'{"command": "dx run"}'):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * (3 * width + 1) * height if width * height < 100 else b"")
    text = b"Provenance\0" + record
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*one) for one in ((b"IHDR", header), (b"tEXt", text), (b"IDAT", data), (b"IEND", b""))
    )


def office(core, name="customXml/dxanalysis.xml"):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, core)
    return held.getvalue()


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
ENTITY = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
DESCRIPTION = '<a xmlns:d="http://purl.org/dc/elements/1.1/"><d:description>&a;</d:description></a>'


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", b""), ("a.png", b"\x89PNG\r\n\x1a\n"), ("a.png", png(60_000, 60_000)), ("a.png", png(record=b"[1]")),
     ("a.svg", b"<svg"), ("a.svg", (LAUGHS + DESCRIPTION).encode()), ("a.svg", (ENTITY + DESCRIPTION).encode()),
     ("a.svg", b'<?xml version="1.0" encoding="none"?><a/>'), ("a.pdf", b"/Keywords ("), ("a.pdf", b"/Keywords (\\9"),
     ("a.pdf", b"/Keywords (\\"), ("a.pdf", b"/Keywords (\xb2)"), ("a.pptx", b"PK"), ("a.pptx", office(b"<a", "x.xml")),
     ("a.pptx", office(ENTITY + DESCRIPTION)), ("a.docx", office(b"<a>" + b" " * 30_000_000 + b"</a>")),
     ("a.xlsx", office(b"\0")), ("a.exe", b"MZ")],
)
def test_a_file_that_holds_no_record_of_ours_is_said_to_hold_none(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="holds no provenance"):
        origin.read(tmp_path / name)


def test_a_record_is_shown_and_not_obeyed_by_the_terminal(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(png(record=b'{"command": "\\u001b[2Jdx", "parameters": {"area": "\\u202e"}}'))
    assert main(["where", str(tmp_path / "a.png")]) == 0
    assert "\x1b" not in (shown := capsys.readouterr().out)
    assert "[2Jdx" in shown


# ---------------------------------------------------------------- templates
def template(**parts):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({"ppt/presentation.xml": "<p/>"} | parts).items():
            archive.writestr(name, content)
    return held.getvalue()


def link(kind, target="https://example.vn"):
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    one = f'<Relationship Id="r" Type="{kinds}/{kind}" Target="{target}" TargetMode="External"/>'
    return f"<Relationships>{one}</Relationships>"


@pytest.mark.parametrize(
    ("parts", "why"),
    [({"ppt/vbaProject.bin": "x"}, "holds a program"), ({"ppt/activeX/activeX1.xml": "<a/>"}, "holds a program"),
     ({"ppt/embeddings/oleObject1.bin": "x"}, "embedded file"), ({"ppt/a.xml": LAUGHS + "<a/>"}, "document type"),
     ({"ppt/_rels/a.rels": link("image")}, "loads something from outside"),
     ({"ppt/_rels/a.rels": link("oleObject", "file:///etc/passwd")}, "loads something from outside"),
     ({"ppt/_rels/a.rels": link("attachedTemplate")}, "loads something from outside"),
     ({"ppt/a.xml": b" " * 50_000_000}, "zip bomb")],
)
def test_a_template_with_a_program_or_something_to_fetch_is_refused(tmp_path, parts, why):
    (tmp_path / "t.pptx").write_bytes(template(**parts))
    with pytest.raises(ValueError, match=why):
        checked(tmp_path / "t.pptx", ".pptx")


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no archive", template()[:60]], ids=["empty", "two letters", "text", "cut off"]
)
def test_a_template_that_is_no_office_file_is_refused(tmp_path, content):
    (tmp_path / "t.pptx").write_bytes(content)
    with pytest.raises(ValueError, match="is no office file"):
        checked(tmp_path / "t.pptx", ".pptx")


def test_a_template_with_a_link_to_click_and_a_chart_s_data_is_taken(tmp_path):
    parts = {"ppt/_rels/a.rels": link("hyperlink"), "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": "x"}
    (tmp_path / "t.pptx").write_bytes(template(**parts))
    assert checked(tmp_path / "t.pptx", ".pptx") == tmp_path / "t.pptx"
