"""Words of a user's file beside the catalogue: areas, indicators, units and statuses."""

import pandas as pd
import pytest

from dxanalysis.facts.package import open_package
from dxanalysis.facts.understand.numbers import status_id, unit_id
from dxanalysis.facts.understand.roles import (
    area_codes,
    area_names,
    choose_area,
    indicator_names,
    is_region,
    nearest,
    resolve,
)


@pytest.fixture(scope="module")
def areas():
    return open_package().tables["areas"]


@pytest.mark.parametrize(("word", "period", "area"), [
    ("Tỉnh Quảng Ninh", "2030", "quang-ninh"),
    ("QUANG NINH", "2020", "quang-ninh"),
    ("TP. Hồ Chí Minh", "2020", "tp-ho-chi-minh"),
    ("Hà Tĩnh", "2020", "ha-tinh"),
    ("Bà Rịa - Vũng Tàu", "2020", "ba-ria-vung-tau"),
    ("Bắc Ninh", "2025-H1", "bac-ninh"),
    ("Bắc Ninh", "2025", "bac-ninh-2025"),
    ("Bắc Ninh (từ 7/2025)", "2020", "bac-ninh-2025"),
    ("CẢ NƯỚC - WHOLE COUNTRY", "2020", "viet-nam"),
])
def test_area_names_are_resolved_by_their_period(areas, word, period, area):
    names = area_names(areas)
    assert choose_area(names[resolve(word, names)], period, "period") == area


def test_all_63_and_34_provinces_are_found_by_name_and_code(areas):
    names = area_names(areas)
    for code_list, day, count in (("vn63", "2024", 63), ("vn34", "2026", 34)):
        codes = area_codes(areas, code_list)
        assert len(codes) == count
        for ((area, _, _),) in codes.values():
            name = areas.set_index("id").at[area, "name_vi"].partition(" (")[0]
            assert choose_area(names[resolve(name, names)], day, "period") == area


def test_seven_codes_mean_another_province_after_2025(areas):
    old, new = area_codes(areas, "vn63"), area_codes(areas, "vn34")
    moved = [code for code in new if code in old and old[code][0][0] != new[code][0][0].removesuffix("-2025")]
    assert sorted(moved) == ["15", "24", "44", "52", "80", "82", "91"]


def test_a_title_shared_by_two_indicators_names_neither():
    rows = {
        "id": ["a", "b"],
        "title_vi": ["Chung", "Chung"],
        "title_en": ["A", "B"],
        "short_vi": "",
        "short_en": ["x", "y"],
    }
    assert indicator_names(pd.DataFrame(rows)) == {"a": "a", "b": "b", "x": "a", "y": "b"}


@pytest.mark.parametrize(
    ("word", "unit"), [("%", "percent"), ("Nghìn tỷ đồng", ""), ("tỷ đồng", "vnd_billion"), ("", "")]
)
def test_units_are_known_or_empty(word, unit):
    assert unit_id(word) == unit


@pytest.mark.parametrize(
    ("word", "status"), [("Ước tính", "estimate"), ("", ""), ("guess", None), ("P", "preliminary")]
)
def test_statuses_are_known_blank_or_unknown(word, status):
    assert status_id(word) == status


def test_regions_are_told_from_provinces():
    assert is_region("Tây Nguyên") and is_region("Đông Nam Bộ - South East") and not is_region("Đồng Nai")


def test_the_nearest_name_is_suggested_by_its_id(areas):
    assert nearest("Quảng Nin", area_names(areas)) == "Did you mean 'quang-ninh'? "
    assert nearest("Atlantis", area_names(areas)) == nearest("x" * 10_000, area_names(areas)) == ""
