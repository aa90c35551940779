"""The glossary's words never to use stand in no wording and in no file an official hands in."""

import re
import tomllib
from importlib import resources
from types import SimpleNamespace as Record

import pytest

from dxanalysis.briefing import labels
from dxanalysis.briefing.quotes import Measure, printed


def terms():
    text = resources.files("dxanalysis.briefing").joinpath("glossary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["term"]


def in_language(words, lang):
    """Return an entry's text; the readings of charts and tables exist in Vietnamese alone."""
    return words[lang] if isinstance(words, dict) else words if lang == "vi" else ""


def forbidden(lang, text):
    """Return the words never to use that a text holds; numbers of the program stand for themselves."""
    bare = re.sub(r"\{\w+\}", "N", text)
    return [word for term in terms() for word in term[f"never_{lang}"] if word in bare]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_wording_holds_a_word_never_to_use(lang):
    found = {
        (section, key): held
        for section, keys in labels.wording().items()
        for key, words in keys.items()
        if section != "publisher" and (held := forbidden(lang, in_language(words, lang)))
    }
    assert not found


def test_every_term_has_a_word_to_use_in_both_languages():
    for term in terms():
        assert term["idea"] and term["vi"] and term["en"], term
        assert not forbidden("vi", term["vi"]) and not forbidden("en", term["en"]), term


def test_a_word_never_to_use_is_found():
    told = "theo Địa phương tự báo cáo, tăng 4 điểm %"
    assert forbidden("vi", told) == ["theo Địa phương tự báo cáo", "điểm %", " %"]


SHARE, RANK = Measure("percent", "%", "%", 2), Measure("rank", "thứ hạng", "rank", 0)


@pytest.mark.parametrize(("kind", "value", "measure", "vi", "en"), [
    ("part", 0.09, SHARE, "9%", "9%"),
    ("value:at_most", 3, RANK, "thuộc nhóm 3 dẫn đầu", "among the first 3"),
    ("value:at_least", 20, SHARE, "tối thiểu 20%", "at least 20%"),
    ("value", 8.42, Measure("percent_per_year", "% mỗi năm", "% per year", 2), "8,42%", "8.42%"),
])
def test_numbers_are_printed_as_an_official_writes_them(kind, value, measure, vi, en):
    assert (printed(kind, value, "vi", measure), printed(kind, value, "en", measure)) == (vi, en)


def test_what_a_share_counts_is_named_for_provinces_and_the_nation():
    share = Record(id="digital_economy_share", share_of_vi="GDP/GRDP", share_of_en="GDP/GRDP")
    assert labels.parts_of_share(share, Record(level="nation"), "en") == ("value added in the digital economy", "GDP")
    retail = Record(id="ecommerce_share_retail", share_of_vi="tổng mức bán lẻ", share_of_en="retail sales")
    assert labels.parts_of_share(retail, Record(level="province"), "vi") == ("phần được tính", "tổng mức bán lẻ")


def test_every_percent_of_the_wording_stands_at_its_number():
    for section, keys in labels.wording().items():
        for key, words in keys.items():
            assert not re.search(r"\d %", in_language(words, "vi") + in_language(words, "en")), (section, key)
