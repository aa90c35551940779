"""Sentences say what the tables say, no more than the evidence allows, in both languages, for every awkward series."""

import math
import re

import pandas as pd
import pytest

from dxanalysis.briefing import findings, labels, quotes
from tests.records import HERE, SHARE, Record

ABOUT = {"indicator": SHARE, "area": HERE}
GRADES_BY_POINTS = {
    0: "none", 1: "level", 2: "direction", 3: "direction", 4: "pace", 5: "pace", 6: "forecast", 9: "forecast",
}


def history(values, first=2020, **columns):
    years = range(first, first + len(values))
    table = pd.DataFrame({"year": list(years), "value": [float(value) for value in values]})
    return table.assign(definition="gso", status="official", vintage="2025-01-06", **columns)


def change_of(table):
    """The change table of a series, as analysis.change gives it, worked out here by hand."""
    if table.empty:
        return pd.DataFrame([{"first_year": None, "last_year": None, "points": math.nan, "per_year": math.nan, "n": 0}])
    first, last, span = table.iloc[0], table.iloc[-1], len(table) - 1
    points = last["value"] - first["value"] if span else math.nan
    return pd.DataFrame([{
        "first_year": first["year"], "last_year": last["year"], "first": first["value"], "last": last["value"],
        "points": points, "per_year": points / span if span else math.nan, "n": len(table),
    }])


def keys(found):
    return [one.key for one in found]


@pytest.mark.parametrize(("points", "grade"), GRADES_BY_POINTS.items())
def test_the_grade_follows_the_number_of_comparable_points(points, grade):
    assert findings.grade_of(history([10 + n for n in range(points)])) == grade


def test_a_break_leaves_only_the_points_after_it():
    table = history([10, 11, 12, 13]).assign(break_before=["", "", "new method", ""])
    assert findings.grade_of(table) == "direction"


@pytest.mark.parametrize("points", GRADES_BY_POINTS)
def test_no_sentence_needs_more_evidence_than_there_is(points):
    table = history([10 + n for n in range(points)])
    grade = GRADES_BY_POINTS[points]
    said = findings.trend(table, change_of(table), **ABOUT) + findings.limits(table, **ABOUT)
    said += findings.level(table, **ABOUT)
    assert said
    for one in said:
        assert quotes.allows(grade, one.grade), one.key


def test_a_sentence_above_the_grade_cannot_be_made():
    for key, words in labels.wording()["sentence"].items():
        for grade in quotes.GRADES:
            if not quotes.allows(grade, words["needs"]):
                with pytest.raises(ValueError, match="needs evidence of grade"):
                    quotes.say(key, grade)


def test_no_figure_is_said_in_words():
    found = findings.trend(history([]), change_of(history([])), year=2021, **ABOUT)
    assert found[0].vi == (
        "Dữ liệu hiện có không có số liệu nào về tỷ trọng kinh tế số trong GRDP của Quảng Ninh cho đến hết năm 2021."
    )
    assert (
        found[0].en
        == "No figure for the digital economy share of GRDP in Quảng Ninh up to the end of 2021 is held here."
    )


def test_one_figure_allows_a_level_and_no_trend():
    table = history([3.0], first=2021).assign(status="self-assessed", definition="province")
    found = findings.trend(table, change_of(table), **ABOUT)
    assert keys(found) == ["trend_one", "self_assessed"]
    assert findings.level(table, **ABOUT)[0].vi.startswith(
        "Năm 2021, tỷ trọng kinh tế số trong GRDP của Quảng Ninh là 3%"
    )


def test_two_figures_allow_a_direction_and_no_pace():
    table = history([3.0, 7.1])
    found = findings.trend(table, change_of(table), **ABOUT)
    assert found[0].vi == (
        "Từ năm 2020 đến năm 2021, tỷ trọng kinh tế số trong GRDP của Quảng Ninh tăng từ 3% lên 7,1%, "
        "tức tăng 4,1 điểm phần trăm."
    )
    assert keys(found) == ["trend_up", "trend_few"]


def test_a_fall_is_called_a_fall_and_no_change_no_change():
    falling, flat = history([9.0, 8.5]), history([9.0, 9.0])
    assert (
        "fell from 9% to 8.5%, down 0.5 percentage points" in findings.trend(falling, change_of(falling), **ABOUT)[0].en
    )
    assert findings.trend(flat, change_of(flat), **ABOUT)[0].key == "trend_flat"


def test_missing_years_are_said_not_to_be_filled():
    table = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
    change = pd.DataFrame([{"first_year": 2021, "last_year": 2024, "first": 3.0, "last": 7.1, "points": 4.1,
                            "per_year": 4.1 / 3, "n": 2}])
    assert "gap_years" in keys(findings.trend(table, change, **ABOUT))


def test_a_break_is_named_with_its_year_and_reason():
    table = history([10, 11, 12]).assign(break_before=["", "đổi cách tính", ""])
    found = findings.trend(table, change_of(table.iloc[1:]), **ABOUT)
    assert "gián đoạn từ năm 2021 (đổi cách tính)" in found[0].vi


def test_the_last_provisional_figure_is_said_to_be_one():
    table = history([12.87, 13.17]).assign(status=["official", "estimate"])
    found = findings.trend(table, change_of(table), **ABOUT)
    assert found[-1].vi == "Số liệu năm 2021 là số liệu ước tính, có thể được điều chỉnh ở lần công bố sau."


def test_a_forecast_says_its_interval_and_whether_it_borrowed():
    fan = pd.DataFrame({"year": [2030] * 3, "quantile": [0.1, 0.5, 0.9], "value": [12.1, 14.4, 17.9]})
    own = findings.forecast(fan, history(range(10, 16)), **ABOUT)[0]
    assert own.vi == "Dự báo đến năm 2030: giá trị dự báo giữa 14,4%, khoảng dự báo 80% từ 12,1% đến 17,9%."
    assert findings.forecast(fan, history([10]), **ABOUT)[0].key == "forecast_learned"
    heard = pd.DataFrame({"points": [6], "peers": [0], "why": ["one_figure"]})
    assert findings.forecast(fan, history(range(10, 16)), heard.drop(columns="why"), **ABOUT)[0].key == "forecast_own"
    assert findings.forecast(fan, history([10]), heard.assign(points=1), **ABOUT)[0].key == "forecast_learned"
    still = history([10] * 6)
    assert findings.forecast(fan, still, heard, **ABOUT)[0].key == "forecast_learned"
    assert "12 other areas" in findings.forecast(fan, history([10]), heard.assign(peers=12), **ABOUT)[0].en


@pytest.mark.parametrize("why", ["trend_clear", "trend_unclear", "panel_moves", "panel_rests", "panel_unbounded"])
def test_why_the_middle_lies_where_it_lies_is_said_with_the_simple_drift(why):
    fan = pd.DataFrame({"year": [2030] * 3, "quantile": [0.1, 0.5, 0.9], "value": [12.1, 14.3, 17.1]})
    heard = pd.DataFrame({"points": [6], "peers": [0], "why": [why], "kept": [25.4], "drift": [15.5]})
    found = findings.forecast(fan, history([9, 10, 11, 12, 13, 14.02]), heard, **ABOUT)
    assert keys(found) == ["forecast_own", f"forecast_why_{why}"]
    assert found[1].en.endswith("the average change of the series carried on would give 15.5% in 2030.")
    assert ("about 25%" in found[1].en) == (why in ("trend_unclear", "panel_rests"))


def releases(steps):
    days = ["2023-12-29", "2025-01-06", "2026-01-05"][: len(steps)]
    return pd.DataFrame({"as_of": days, "target_year": 2025, "last_year": [2023, 2024, 2025][: len(steps)],
                         "last": [12.33, 13.17, 14.02][: len(steps)], "step": steps})


def test_a_verdict_that_changed_with_a_release_names_both_sides():
    found = findings.releases(releases(["moving_away", "limited_progress"]), **ABOUT)[0]
    assert found.vi == (
        "Mục tiêu năm 2025: kết luận đã thay đổi qua các lần công bố. "
        "Với số liệu công bố đến ngày 29/12/2023: “giảm so với kỳ trước” "
        "(mức năm 2023 là 12,33%); đến ngày 06/01/2025: “tiến triển hạn chế” (mức năm 2024 là 13,17%)."
    )


def test_releases_that_agree_or_are_too_few_are_said():
    assert findings.releases(releases(["on_track"] * 3), **ABOUT)[0].key == "releases_stable"
    assert findings.releases(releases(["on_track"]), **ABOUT)[0].key == "releases_one"
    assert findings.releases(releases([]), **ABOUT) == []
    assert findings.releases(releases(["not_available"] * 2), **ABOUT) == []


def test_definitions_stand_side_by_side_for_their_latest_common_year():
    records = [Record(id="gso", agency="GSO", name_vi="Cục Thống kê", name_en="Statistics Office"),
               Record(id="mic", agency="MIC", name_vi="Bộ TT&TT", name_en="Ministry")]
    values = pd.DataFrame(
        {"definition": ["gso", "gso", "mic"], "year": [2022, 2024, 2024], "value": [12.83, 13.17, 18.3]}
    )
    found = findings.definitions(records, values, **ABOUT)
    assert [one.vi for one in found if one.key == "definition_value"] == [
        "Năm 2024, theo Cục Thống kê: 13,17%.", "Năm 2024, theo Bộ TT&TT: 18,3%.",
    ]
    assert found[-1].key == "definitions_apart"


def test_vietnamese_sentences_use_no_english_number_and_no_space_before_percent():
    table = history([12.66, 12.87, 12.83, 12.87, 13.17])
    said = findings.trend(table, change_of(table), **ABOUT)
    for one in said:
        assert not re.search(r"\d\.\d\b(?!\.)", one.vi), one.vi
        assert " %" not in one.vi + one.en


def test_an_area_whose_name_holds_a_number_is_no_stray_number():
    merged = Record(name_vi="An Giang (từ 7/2025)", name_en="An Giang (since July 2025)", level="province")
    found = findings.level(history([3.0]), indicator=SHARE, area=merged)
    assert "An Giang (từ 7/2025)" in found[0].vi


def test_a_rank_moves_it_does_not_rise_or_fall():
    rank = Record(**{**SHARE.__dict__, "unit": "rank", "unit_vi": "thứ hạng", "unit_en": "rank", "decimals": 0})
    table = history([3.0, 2.0], first=2023)
    found = findings.trend(table, change_of(table), indicator=rank, area=ABOUT["area"])
    assert found[0].key == "trend_rank"
    assert "hạng 3 sang hạng 2" in found[0].vi
    headline = findings.headline(table, indicator=rank, area=ABOUT["area"])
    assert headline.key == "headline_rank" and "moved from rank 3 in 2023 to rank 2 in 2024" in headline.en


@pytest.mark.parametrize(
    ("values", "key"),
    [([], "headline_nothing"), ([13.17], "headline_level"), ([12.87, 13.17], "headline_up"),
     ([13.17, 12.87], "headline_down"), ([13.17, 13.17], "headline_flat")],
)
def test_the_headline_says_how_far_the_series_moved(values, key):
    found = findings.headline(history(values), **ABOUT)
    assert found.key == key and not found.vi.endswith(".")
