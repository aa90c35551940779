"""Ranks are of one year, lines cross no break, and no nation is weighed with a weight missing."""

import pandas as pd
import pytest

from dxanalysis import analysis

PANEL = pd.DataFrame({"area": ["a", "b", "b", "c"], "year": [2022, 2022, 2023, 2023], "value": [5.0, 9.0, 10.0, 1.0]})


def test_the_year_ranked_is_the_area_s_own_latest():
    table = analysis.standing(PANEL, "a", direction=1)
    assert table["area"].tolist() == ["b", "a"]
    assert table["year"].unique().tolist() == [2022]


def test_an_area_that_is_absent_leaves_the_latest_year_of_all():
    assert analysis.standing(PANEL, "z", direction=1)["year"].unique().tolist() == [2023]
    assert analysis.standing(PANEL[:0], "a", direction=1).empty


def test_a_low_rank_is_good_where_less_is_better():
    assert analysis.standing(PANEL, "b", direction=-1)["area"].tolist() == ["c", "b"]


def test_what_lies_before_a_break_is_left_out():
    panel = pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "x"]})
    assert analysis.comparable_panel(panel)["year"].tolist() == [2024]
    assert analysis.comparable_panel(panel[:0]).empty


def test_one_missing_weight_leaves_all_parts_unknown():
    values = pd.DataFrame({"area": ["a", "b"], "value": [10.0, 20.0]})
    goals = pd.DataFrame({"area": ["a", "b"], "value": [30.0, 40.0]})
    table = analysis.national_goal(values, goals, pd.DataFrame({"area": ["a"], "value": [5.0]}))
    assert table["points"].isna().all()
    assert table["basis"].tolist() == ["not_weighed", "no_weight"]


def test_full_weights_give_each_area_its_part():
    values = pd.DataFrame({"area": ["a", "b"], "value": [10.0, 20.0]})
    goals = pd.DataFrame({"area": ["a", "b"], "value": [30.0, 40.0]})
    weights = pd.DataFrame({"area": ["a", "b", "elsewhere"], "value": [3.0, 1.0, 9.0]})
    table = analysis.national_goal(values, goals, weights)
    assert table["points"].sum() == pytest.approx(32.5)
    assert table["share_of_rise"].tolist() == pytest.approx([75.0, 25.0])


def test_no_values_have_no_goal():
    empty = pd.DataFrame(columns=["area", "value"])
    assert analysis.national_goal(empty, empty, empty).empty


def test_a_newest_year_of_few_areas_gives_way_to_the_latest_with_enough():
    areas = list("abcde")
    full = pd.DataFrame({"area": areas, "year": 2022, "value": range(5)})
    newest = pd.DataFrame({"area": ["a", "b"], "year": 2025, "value": [9.0, 8.0]})
    table = pd.concat([full, newest])
    assert analysis.standing(table, "a", direction=1)["year"].unique().tolist() == [2022]
    assert analysis.standing(table, "a", direction=1, least=2)["year"].unique().tolist() == [2025]
    assert analysis.standing(table[table["area"] != "e"], "a", direction=1)["year"].unique().tolist() == [2025]
