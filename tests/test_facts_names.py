"""Names as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis.facts import find_area, find_indicator, open_package, source
from dxanalysis.facts.catalogue import _names
from dxanalysis.facts.names import UnknownName, fold, match, slug

AREA_NAMES, INDICATOR_NAMES = ("id", "name_vi", "name_en", "aliases"), ("id", "title_vi", "title_en", "short_vi")
NAMES = {"quang ninh": "quang-ninh", "quang nam": "quang-nam", "ha tinh": "ha-tinh", "ha noi": "ha-noi"}


@pytest.mark.parametrize("text", [
    "Quảng Ninh", "quang ninh", "quang-ninh", "QUẢNG NINH", "Tỉnh Quảng Ninh", "tinh quang ninh", " Quảng  Ninh ",
])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_province_in_every_writing(text, form):
    assert match(unicodedata.normalize(form, text), NAMES, "area", "dx data list") == "quang-ninh"


@pytest.mark.parametrize("text", ["Hà Tĩnh", "ha tinh", "Tỉnh Hà Tĩnh"])
def test_ha_tinh_keeps_its_tinh(text):
    assert match(text, NAMES, "area", "dx data list") == "ha-tinh"


@pytest.mark.parametrize(
    ("text", "folded"), [("Đắk Lắk", "dak lak"), ("Ðong Tháp", "dong thap"), ("đà nẵng", "da nang")]
)
def test_the_barred_d_and_the_icelandic_eth_fold_to_d(text, folded):
    assert fold(text) == folded


def test_both_places_of_the_tone_mark_fold_alike():
    assert fold("Hoà Bình") == fold("Hòa Bình")


def test_a_misspelt_name_gets_a_suggestion_and_the_command_that_lists_them():
    with pytest.raises(UnknownName, match=r"Unknown area 'Quang Nih'\. Did you mean 'quang-ninh'.*dx data list"):
        match("Quang Nih", NAMES, "area", "dx data list")


@pytest.mark.parametrize("find", [find_area, find_indicator, source])
@pytest.mark.parametrize("text", ["", " ", "%", "~", "?", "-", "中国", "Ω", "\u200b", "١٢", "​"])
def test_a_name_without_a_letter_that_names_have_is_refused_and_names_nothing(find, text):
    with pytest.raises(UnknownName, match=r"Unknown \w+ .* holds no letter a-z and no digit\. List them: "):
        find(text)


@pytest.mark.parametrize("text", ["An Giang 中国", "Ωan giang", "quảng ninh жд", "٢an-giang"])
def test_letters_of_other_scripts_are_not_passed_over(text):
    with pytest.raises(UnknownName, match=r"Unknown area .* Did you mean '(an-giang|quang-ninh)"):
        find_area(text)


def test_no_name_of_the_catalogue_folds_to_nothing():
    package = open_package()
    for table, columns in {"areas": AREA_NAMES, "indicators": INDICATOR_NAMES}.items():
        assert "" not in _names(package, table, columns)


def test_a_name_like_nothing_gets_no_suggestion():
    with pytest.raises(UnknownName, match=r"Unknown area 'xyzzy'\. List them"):
        match("xyzzy", NAMES, "area", "dx data list")


@given(st.text(max_size=40))
def test_folding_gives_plain_ascii_and_is_idempotent(text):
    once = fold(text)
    assert once.isascii() and fold(once) == once and fold(unicodedata.normalize("NFD", text)) == once


def test_no_two_areas_share_a_folded_name():
    areas = open_package().tables["areas"]
    for column in ("name_vi", "name_en"):
        assert areas[column].map(fold).is_unique


def test_every_area_is_found_by_its_id_and_both_names():
    for area in open_package().tables["areas"].itertuples():
        assert find_area(area.id).id == find_area(area.name_vi).id == find_area(area.name_en).id == area.id


def test_a_slug_is_an_id():
    assert slug("Bà Rịa - Vũng Tàu") == "ba-ria-vung-tau"
