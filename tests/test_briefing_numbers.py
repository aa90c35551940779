"""Numbers, dates and names are written as readers of each language write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis.briefing import numbers


@pytest.mark.parametrize(("value", "decimals", "vi", "en"), [
    (1234.5, 2, "1.234,5", "1,234.5"),
    (0.0, 2, "0", "0"),
    (-0.004, 2, "0", "0"),
    (-3.25, 1, "−3,3", "−3.3"),
    (2.675, 2, "2,68", "2.68"),
    (1e15, 0, "1.000.000.000.000.000", "1,000,000,000,000,000"),
    (1e-9, 12, "0,000000001", "0.000000001"),
])
def test_a_number_carries_the_decimal_mark_of_its_language(value, decimals, vi, en):
    assert numbers.number(value, "vi", decimals) == vi
    assert numbers.number(value, "en", decimals) == en


def test_a_missing_number_is_a_dash_and_never_a_zero():
    assert numbers.number(math.nan, "vi") == numbers.number(None, "en") == "–"
    assert numbers.percent(math.nan, "vi") == "–"


def test_the_minus_is_the_true_minus_and_the_plus_is_written_for_changes_only():
    assert numbers.number(-4.1, "vi") == "\u22124,1"
    assert numbers.number(4.1, "vi", sign=True) == "+4,1"
    assert numbers.number(0.0, "vi", sign=True) == "0"


def test_percent_has_no_space_before_its_sign():
    assert numbers.percent(13.17, "vi") == "13,17%"
    assert numbers.percent(13.17, "en") == "13.17%"


def test_a_difference_of_percentages_is_in_percentage_points():
    assert numbers.points(4.1, "vi", sign=True) == "+4,1 điểm phần trăm"
    assert numbers.points(1, "en") == "1 percentage point"
    assert numbers.points(-1, "en") == "−1 percentage point"
    assert numbers.points(0.5, "en") == "0.5 percentage points"


def test_a_probability_is_never_printed_as_certain_or_impossible():
    assert numbers.probability(0.0, "vi") == "dưới 1%"
    assert numbers.probability(1.0, "en") == "over 99%"
    assert numbers.probability(0.5, "vi") == "50%"


def test_a_probability_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match=r"A probability lies between 0 and 1; got 38\."):
        numbers.probability(38.0, "vi")


@pytest.mark.parametrize(("value", "vi", "en"), [
    ("2025-01-06", "06/01/2025", "6 January 2025"),
    ("2023-12", "12/2023", "December 2023"),
    ("2023", "2023", "2023"),
])
def test_a_date_is_written_as_far_as_it_is_known(value, vi, en):
    assert numbers.date(value, "vi") == vi
    assert numbers.date(value, "en") == en


def test_an_unknown_language_is_refused_with_the_ones_there_are():
    with pytest.raises(ValueError, match=r"Unknown language 'fr'\. Languages: vi, en"):
        numbers.number(1.0, "fr")


def test_names_sort_by_the_vietnamese_alphabet_and_then_by_tone():
    names = ["Đồng Nai", "Yên Bái", "Ea", "Dak", "Bình", "Bạc Liêu", "Bà Rịa", "An Giang", "Ăn", "Ân", "Ơn", "Ôn", "On"]
    expected = [
        "An Giang", "Ăn", "Ân", "Bà Rịa", "Bạc Liêu", "Bình", "Dak", "Đồng Nai", "Ea", "On", "Ôn", "Ơn", "Yên Bái",
    ]
    assert sorted(names, key=numbers.vi_key) == expected
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=numbers.vi_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_composed_and_decomposed_letters_sort_alike():
    assert numbers.vi_key("Đà Nẵng") == numbers.vi_key("Đa\u0300 Na\u0306\u0303ng")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 6))
def test_both_languages_print_the_same_number(value, decimals):
    swapped = numbers.number(value, "vi", decimals).translate(str.maketrans(",.", ".,"))
    assert swapped == numbers.number(value, "en", decimals)
    assert float(swapped.replace(",", "").replace("−", "-")) == pytest.approx(value, abs=0.51 * 10**-decimals, rel=1e-6)


def test_a_small_number_is_not_printed_as_zero():
    assert numbers.enough_decimals(0.00034, 2) == 5
    assert numbers.number(0.00034, "vi", numbers.enough_decimals(0.00034, 2)) == "0,00034"
    assert numbers.enough_decimals(1e-17, 2) == 2
