"""The PDF note holds what the Word note holds, with fonts, words for pictures and its origin inside."""

import re
import zlib

import pytest

from dxanalysis import delivery
from dxanalysis.delivery import left
from dxanalysis.delivery.contents import gather
from dxanalysis.delivery.origin import read as origin_of

from .test_delivery_pack import made, outputs  # noqa: F401  (the run they were all made from)

pytest.importorskip("fpdf", reason="fpdf2 is not installed (extra 'briefing')")


def note_of(outputs, lang="vi"):  # noqa: F811
    return next(path for path in delivery.briefing(outputs, "quang-ninh", 2025, languages=[lang])
                if path.suffix == ".pdf")  # fmt: skip


def test_the_pdf_says_its_language_title_and_origin_and_embeds_its_fonts(outputs):  # noqa: F811
    content = note_of(outputs).read_bytes()
    assert b"/Lang (vi-VN)" in content
    assert content.count(b"/FontFile2") == 2
    assert b"/DisplayDocTitle true" in content
    assert len(content) < 2_000_000
    origin = origin_of(note_of(outputs))
    assert origin["command"] == "dx briefing --areas quang-ninh --year 2025 --lang vi"
    assert origin["file"] == "quang-ninh-2025.vi.pdf"


def test_every_picture_of_the_pdf_is_described_in_words(outputs):  # noqa: F811
    content = note_of(outputs).read_bytes()
    said = gather(left.read_runs(outputs, "quang-ninh", 2025), "vi", "x.pdf").pictures[0].alt
    described = [
        bytes.fromhex(one.decode())[2:].decode("utf-16-be") for one in re.findall(rb"/Alt <([0-9a-f]+)>", content)
    ]
    assert described == [said]


def test_the_pdf_has_at_most_two_pages_and_no_date_of_making(outputs):  # noqa: F811
    content = note_of(outputs, "en").read_bytes()
    assert 1 <= int(re.search(rb"/Count (\d+)", content)[1]) <= 2
    assert set(re.findall(rb"D:(\d{8})", content)) == {b"20000101"}


def test_text_of_the_pdf_is_compressed_and_readable(outputs):  # noqa: F811
    content = note_of(outputs, "en").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    pages = [zlib.decompress(one) for one in streams if one[:1] == b"x"]
    assert any(b"BT" in page for page in pages)


def test_sentences_that_only_repeat_that_nothing_is_known_are_told_once(outputs):  # noqa: F811
    runs = left.read_runs(outputs, "quang-ninh", 2025)
    found = runs[0].facts["findings"]
    found += [{"key": "verdict_none", "vi": "Chưa kết luận.", "en": "None."},
              {"key": "attainment_too_early", "vi": "Chưa đủ số liệu.", "en": "Too early."},
              {"key": "releases_stable", "vi": "Giữ nguyên: “chưa đủ số liệu để kết luận”.", "en": "x"}]  # fmt: skip
    said = gather(runs, "vi", "x.pptx")
    assert said.trust[-1] == "Chưa kết luận."
    assert not [one for one in (*said.lead, *said.trust) if "Chưa đủ" in one or "Giữ nguyên" in one]


def test_a_picture_that_shows_nothing_is_left_out(outputs):  # noqa: F811
    runs = left.read_runs(outputs, "quang-ninh", 2025)
    runs[0].run["charts"][0]["silent"] = True
    assert gather(runs, "vi", "x.pptx").pictures == ()
