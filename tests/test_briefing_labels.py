"""The wording file is complete, free of typed numbers, and used."""

import re
from pathlib import Path

import pytest

from dxanalysis.briefing import labels, quotes

ROOM = Path(labels.__file__).parent
# The level of the interval is fixed by the chart's own bands; precedents are told "in 100".
DIGITS = ("forecast_interval", "record_hits", "per_hundred", "below_one_in_hundred", "nearly_all")
DIGITS_ALLOWED = {("label", name) for name in DIGITS}


VIETNAMESE_ALONE = "reading"  # the notebooks are written in English; these say in Vietnamese how a result is read
JOINED = {("label", name) for name in ("forecast_interval", "forecast_goal", "in_year", "and_more")}  # ends of titles
OWN_ORDER = ("document_line", "document_line_month", "document_line_by", "line_met", "line_missed", "line_at_level",
             "closing", "period_quarter")  # cited and told in Vietnamese as Nghị định 30 asks, in English by the title


def entries():
    for section, keys in labels.wording().items():
        for key, words in keys.items() if section != VIETNAMESE_ALONE else ():
            yield section, key, words


def test_every_key_has_both_languages_and_nothing_else():
    besides = {"sentence": {"needs"}, "noun": {"en_one"}}
    optional = {"assessed": {"told_vi", "told_en"}, "office": {"en_one"}}
    for section, key, words in entries():
        expected = {"vi", "en"} | besides.get(section, set())
        assert expected <= set(words) <= expected | optional.get(section, set()), (section, key)
        assert all(words.values()), (section, key)
        part = section == "publisher" or (section, key) in JOINED  # publishers: what is replaced inside a name
        assert part or all(text.strip() == text for text in words.values()), (section, key)


def test_both_languages_of_a_key_use_the_same_placeholders():
    for section, key, words in entries():
        found = {lang: {name.lower() for name in labels.placeholders(words[lang])} for lang in ("vi", "en")}
        assert found["vi"] == found["en"] or (section == "office" and key in OWN_ORDER), (section, key)


def test_no_number_is_typed_into_a_sentence():
    for section, key, words in entries():
        if section in ("sentence", "label") and (section, key) not in DIGITS_ALLOWED:
            assert not re.search(r"\d", words["vi"] + words["en"]), (section, key)


def test_the_file_is_in_composed_unicode():
    import unicodedata

    text = (ROOM / "wording.toml").read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text


def test_every_sentence_names_an_evidence_grade():
    for section, key, words in entries():
        if section == "sentence":
            assert words["needs"] in quotes.GRADES, key


def source():
    rooms = [ROOM, ROOM.parent / "delivery"]
    return "\n".join(path.read_text(encoding="utf-8") for room in rooms for path in sorted(room.rglob("*.py")))


def test_every_label_and_sentence_is_used_by_the_code():
    code = source()
    stems = set(re.findall(r'"([a-z_]+)_\{|f"([a-z_]*)\{', code))
    starts = tuple(one for pair in stems for one in pair if one)
    for section, key, _ in entries():
        if section in ("label", "sentence"):
            assert f'"{key}"' in code or f"'{key}'" in code or key.startswith(starts), (section, key)


def test_every_label_the_code_asks_for_exists():
    for key in re.findall(r'labels\.label\(\s*"([a-z_]+)"', source()):
        assert key in labels.wording()["label"], key
    for key in re.findall(r'\.say\(\s*"([a-z_]+)"', source()):
        assert key in labels.wording()["sentence"], key


def test_an_unknown_key_says_where_to_add_it():
    with pytest.raises(KeyError, match=r"No wording 'tren_d' in section 'label'\. Add it to briefing/wording.toml"):
        labels.label("tren_d", "vi")


def test_a_missing_value_is_named():
    with pytest.raises(KeyError, match="it was given: yaer"):
        labels.label("verdict_for", "vi", yaer="2025")


@pytest.mark.parametrize(("probability", "word"), [
    (1.0, "virtually_certain"),
    (0.99, "virtually_certain"),
    (0.9899, "very_likely"),
    (0.90, "very_likely"),
    (0.66, "likely"),
    (0.6599, "even"),
    (0.33, "even"),
    (0.3299, "unlikely"),
    (0.10, "unlikely"),
    (0.0999, "very_unlikely"),
    (0.01, "very_unlikely"),
    (0.0099, "exceptionally_unlikely"),
    (0.0, "exceptionally_unlikely"),
])
def test_words_of_likelihood_follow_the_published_scale(probability, word):
    assert labels.likelihood(probability) == word
    assert labels.entry("likelihood", word)


def test_the_glossary_s_words_are_the_ones_used():
    assert labels.name("step", "acceleration_needed", "vi") == "cần tăng tốc"
    assert labels.name("step", "moving_away", "vi") == "giảm so với kỳ trước"
    assert labels.name("likelihood", "exceptionally_unlikely", "vi") == "hầu như không thể"
    assert labels.name("status", "preliminary", "vi") == "sơ bộ"


def test_the_nation_s_share_is_of_gdp_and_a_province_s_of_grdp():
    from types import SimpleNamespace as Record

    share = Record(short_vi="Tỷ trọng kinh tế số trong GRDP", short_en="Digital economy share of GRDP")
    nation = Record(name_vi="Việt Nam", name_en="Viet Nam", level="nation")
    assert labels.subject(share, nation, "vi") == "tỷ trọng kinh tế số trong GDP của Việt Nam"
