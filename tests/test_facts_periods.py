"""What is printed in a cell: periods in the writings of many offices, and numbers."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.facts.package import open_package
from dxanalysis.facts.understand.numbers import decimal_signs, parse_number, status_id
from dxanalysis.facts.understand.periods import parse_period, parse_periods, period_end
from dxanalysis.facts.understand.roles import (
    area_codes,
    area_names,
    choose_area,
    indicator_names,
    is_region,
    nearest,
    resolve,
)

# printed -> (period, status); what stands for a period in files of offices, one line each
PERIODS = """
2023 = 2023
2023(1) = 2023
2023 1) = 2023
2023¹ = 2023
2023[2] = 2023
2023* = 2023
2023p = 2023 preliminary
2023 (p) = 2023 preliminary
Sơ bộ 2023 = 2023 preliminary
Sơ bộ - Prel. 2023 = 2023 preliminary
Ước tính năm 2024 = 2024 estimate
Ước TH 2024 = 2024 estimate
2024 (est.) = 2024 estimate
Dự kiến 2025 = 2025 projection
Kế hoạch năm 2025 = 2025 plan
KH 2025 = 2025 plan
Thực hiện năm 2023 = 2023
năm 2024 = 2024
FY2024 = 2024
2021 [YR2021] = 2021
12 tháng năm 2023 = 2023
Cả năm 2023 = 2023
6 tháng 2024 = 2024-H1
6 tháng đầu năm 2024 = 2024-H1
6 tháng cuối năm 2024 = 2024-H2
9 tháng 2024 = 2024-9M
11 tháng năm 2024 = 2024-11M
Quý I/2024 = 2024-Q1
Quý 4 năm 2023 = 2023-Q4
I/2024 = 2024-Q1
2024Q3 = 2024-Q3
2024-Q3 = 2024-Q3
Q3 2024 = 2024-Q3
1Q24 = 2024-Q1
3rd quarter 2024 = 2024-Q3
First quarter 2024 = 2024-Q1
1er trimestre 2024 = 2024-Q1
Trimestre 3 2024 = 2024-Q3
2024K2 = 2024-Q2
Jan-Mar 2024 = 2024-Q1
H2 2023 = 2023-H2
2024-S1 = 2024-H1
1S2024 = 2024-H1
2018M12 = 2018-12
T4/2024 = 2024-04
Tháng 4 năm 2024 = 2024-04
tháng mười hai năm 2023 = 2023-12
Sep 1999 = 1999-09
Septiembre 2019 = 2019-09
Apr-24 = 2024-04
2023-24 = 2023-2024
2023/24 = 2023-2024
2023–2024 = 2023-2024
Giai đoạn 2021-2025 = 2021-2025
31/12/2020 = 2020-12-31
2020-12-31 00:00:00 = 2020-12-31
12/31/2020 = 2020-12-31
1 April 2019 = 2019-04-01
Năm 2016 so với năm 2015 =
9T/2024 = 2024-9M
7T2025 = 2025-7M
T7.2025 = 2025-07
thg 7 2025 = 2025-07
III/2024 = 2024-Q3
Q3.2024 = 2024-Q3
2024 Q3p = 2024-Q3 preliminary
1H24 = 2024-H1
FY24 = 2024
FY2023-24 = 2023-2024
2021–25 = 2021-2025
2024(1)(2) = 2024
2024 (1),(2) = 2024
2023ᵖ = 2023 preliminary
X2021 = 2021
Ước 2025 = 2025 estimate
MT 2025 = 2025 plan
Tính đến 31/12/2023 = 2023-12-31
cuối năm 2023 = 2023
Cộng dồn 10 tháng năm 2024 = 2024-10M
2023-12-31T00:00:00+07:00 = 2023-12-31
Năm 2021 = 2021
2021.0 = 2021
Quý IV/2023 = 2023-Q4
2023M04 = 2023-04
T1/2024 = 2024-01
2021-2025 = 2021-2025
-2023 =
20233 =
1899 =
2024-13 =
2021_value =
tháng 7 =
Mar-May 1993 =
2025-2021 =
31/02/2024 =
2023.5 =
Nam =
tổng số =
"""


@pytest.mark.parametrize("line", PERIODS.strip().splitlines())
def test_the_grammar_of_periods(line):
    printed, _, meant = (part.strip() for part in line.partition(" ="))
    period, _, status = meant.partition(" ")
    assert parse_period(printed) == ((period, status) if period else None)


def test_a_column_of_periods_is_read_together():
    assert parse_period("") is None
    assert parse_periods(["2009-10", "2010-11"])["2010-11"] == ("2010-2011", "")
    assert parse_periods(["2010-11", "2010-12"])["2010-11"] == ("2010-11", "")
    assert parse_periods(["03/04/2021", "12/31/2021"])["03/04/2021"] == ("2021-03-04", "")
    assert parse_periods(["2024T1", "2024T2"])["2024T2"] == ("2024-Q2", "")
    assert [parse_period("2005 - 2", hint)[0] for hint in ("", "quarter", "half")] == ["2005-02", "2005-Q2", "2005-H2"]


@settings(max_examples=200, deadline=None)
@given(st.integers(1950, 2049), st.integers(1, 12), st.sampled_from(["", "Sơ bộ ", "Ước tính ", "Prel. "]),
       st.sampled_from(["", "(1)", " 2)", "*", "[1]"]))
def test_a_year_and_a_month_survive_words_before_and_marks_behind(year, month, before, behind):
    assert parse_period(f"{before}{year}{behind}")[0] == str(year)
    assert parse_period(f"{before}Tháng {month} năm {year}{behind}")[0] == f"{year}-{month:02}"
    assert parse_period(f"{before}{year}-{month:02}")[0] == f"{year}-{month:02}"
    assert parse_period(f"Quý {(month + 2) // 3}/{year}{behind}")[0] == f"{year}-Q{(month + 2) // 3}"


@pytest.mark.parametrize(("printed", "decimal", "value"), [
    ("1.234.567", ",", 1234567),
    ("1 234,5", ",", 1234.5),
    ("−3,5", ",", -3.5),
    ("12,33%", ",", 12.33),
    ("5*", ".", 5),
])
def test_printed_numbers_are_read(printed, decimal, value):
    assert parse_number(printed, decimal) == value


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.sampled_from([",", "."]))
@settings(max_examples=100, deadline=None)
def test_every_formatted_number_is_read_back(number, decimal):
    english = f"{number:,.3f}"
    printed = english if decimal == "." else english.translate(str.maketrans(",.", ".,"))
    assert parse_number(printed, decimal) == pytest.approx(float(number), rel=1e-12)
    assert decimal_signs([printed]) <= {decimal, *({",", "."} if abs(number) < 1000 else ())}


def test_the_last_day_of_each_kind_of_period():
    periods = ["2024", "2024-H1", "2024-Q3", "2024-02", "2024-02-10", "2021-2025"]
    assert [period_end(p).isoformat() for p in periods] == [
        *("2024-12-31", "2024-06-30", "2024-09-30", "2024-02-29", "2024-02-10", "2025-12-31"),
    ]


# ---------- Words of a user's file beside the catalogue: areas, indicators, units and statuses

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
    ("word", "status"), [("Ước tính", "estimate"), ("", ""), ("guess", None), ("P", "preliminary")]
)
def test_statuses_are_known_blank_or_unknown(word, status):
    assert status_id(word) == status


def test_regions_are_told_from_provinces():
    assert is_region("Tây Nguyên") and is_region("Đông Nam Bộ - South East") and not is_region("Đồng Nai")


def test_the_nearest_name_is_suggested_by_its_id(areas):
    assert nearest("Quảng Nin", area_names(areas)) == "Did you mean 'quang-ninh'? "
    assert nearest("Atlantis", area_names(areas)) == nearest("x" * 10_000, area_names(areas)) == ""
