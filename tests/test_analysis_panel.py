"""All methods on one series, and whether they agree."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.evidence import Evidence
from dxanalysis.analysis.panel import leading_step
from tests.records import SHARE, agreed

INTERNET = pd.DataFrame({
    "year": range(2015, 2025), "value": [45.0, 53.0, 58.14, 69.8479, 68.6616, 70.3, 74.21, 78.59, 78.08, 84.15],
})
GSO = pd.DataFrame({"year": range(2020, 2025), "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
PEERS = pd.DataFrame([{"area": f"p{i}", "year": 2000 + t, "value": 5 * i + 3 * t} for i in range(6) for t in range(22)])


def internet(**more):
    return analysis.judge(INTERNET, pd.DataFrame({"year": [2030], "value": [95.0]}), SHARE, **more).set_index("method")


def test_the_worked_example_of_internet_users_is_reproduced_and_impossible_extrapolations_are_flagged():
    panel = internet()
    assert panel["value"].round(2)[["statcan", "un_chart", "sdsn_trend", "escap"]].tolist() == [1.41, 1.65, 1.31, 9.74]
    assert panel["projected"].round(1)[["un_chart", "destatis", "escap"]].tolist() == [127.7, 102.7, 93.7]
    assert (panel["step"].drop("world_bank") == "on_track").all()
    assert panel.index[panel["flagged"]].tolist() == ["un_chart", "destatis", "sdsn_trend"]


def test_a_negative_count_is_flagged_too():
    fewer = SimpleNamespace(direction=-1, lower=0.0, upper=None)
    history = pd.DataFrame({"year": range(2018, 2024), "value": [60.0, 50, 40, 30, 20, 10]})
    panel = analysis.judge(history, pd.DataFrame({"year": [2030], "value": [1.0]}), fewer).set_index("method")
    assert panel.loc["destatis", "projected"] == -60
    assert panel.loc["destatis", "flagged"]


def test_the_world_bank_answers_where_there_are_peers():
    row = internet(peers=PEERS).loc["world_bank"]
    assert (row["status"], row["projected"]) == ("future", pytest.approx(2027, abs=1))


def test_a_year_beyond_2050_is_flagged():
    slow = pd.DataFrame({"year": range(2015, 2022), "value": np.linspace(20, 21, 7)})
    panel = analysis.judge(slow, pd.DataFrame({"year": [2030], "value": [60.0]}), SHARE, peers=PEERS)
    row = panel.set_index("method").loc["world_bank"]
    assert (row["reason"], row["flagged"]) == ("beyond_2050", True)


def test_the_columns_stand_in_the_agreed_order():
    agreed = (
        "target_year target method version statistic value projected status step reason flagged borderline citation"
    )
    assert list(analysis.judge(GSO, GOALS, SHARE).columns)[:13] == agreed.split()


def test_every_row_has_version_and_citation_even_without_data():
    panel = analysis.judge(GSO.iloc[:0], GOALS, SHARE)
    assert len(panel) == 14
    assert (panel["version"] != "").all() and (panel["citation"] != "").all()
    assert set(panel["reason"]) == {"no_data"} and set(panel["step"]) == {"not_available"}


def test_without_targets_the_rules_for_no_target_apply():
    panel = analysis.judge(INTERNET, GOALS.iloc[:0], SHARE).set_index("method")
    assert panel.loc["statcan", "statistic"] == "growth"
    assert panel.loc["destatis", "reason"] == "direction_only"
    assert panel.loc["escap", "reason"] == "no_target"
    assert panel["target_year"].isna().all()


def test_one_point_allows_no_verdict_unless_the_target_is_met():
    one = pd.DataFrame({"year": [2021], "value": [3.0]})
    assert agreed(analysis.judge(one, GOALS, SHARE))["step"].tolist() == ["not_available", "not_available"]
    assert agreed(analysis.judge(one.assign(value=40.0), GOALS, SHARE))["step"].tolist() == ["achieved", "achieved"]


def test_two_points_are_judged_by_all_families():
    panel = analysis.judge(pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]}), GOALS, SHARE)
    assert set(panel["grade"]) == {"direction"} and agreed(panel)["judged"].tolist() == [3, 3]


def test_years_before_a_break_are_not_judged():
    broken = GSO.assign(break_before=["", "", "", "new method", ""])
    panel = analysis.judge(broken, GOALS, SHARE)
    assert set(panel["base_year"]) == {2023} and set(panel["n"]) == {2}
    assert panel.set_index("method").loc["statcan", "reason"].tolist() == ["break", "break"]


def test_methods_of_one_formula_are_one_voice():
    steps = {"statcan": "on_track", "eustat": "on_track", "un_chart": "on_track", "escap": "moving_away",
             "destatis": "on_track"}
    three = pd.DataFrame({"target_year": 2025, "target": 20.0, "method": steps.keys(), "step": steps.values()})
    assert agreed(three)[["step", "agree", "judged"]].values.tolist() == [["on_track", 2, 3]]
    assert agreed(three[:2])["judged"].tolist() == [1]


def test_what_families_agree_on_is_read_from_the_judgement_of_open_targets():
    record = analysis.assess(GOALS, SHARE, Evidence(GSO, 2025))
    table = analysis.agreement(record)
    open_ones = record[record["state"] == "open"]
    assert table["target_year"].tolist() == open_ones["target_year"].tolist()
    assert table["agree"].tolist() == open_ones["agree"].tolist()


def test_of_equal_counts_the_worse_verdict_leads():
    assert leading_step(pd.Series(["achieved", "on_track"])) == ("on_track", 1)
    assert leading_step(pd.Series(["not_available"])) == ("not_available", 0)


def test_a_past_target_is_judged_on_the_years_up_to_it():
    late = pd.DataFrame({"year": range(2020, 2027), "value": [10.0, 11, 12, 13, 14, 15, 40]})
    panel = analysis.judge(late, pd.DataFrame({"year": [2025], "value": [20.0]}), SHARE)
    assert set(panel["last_year"]) == {2025}
    assert set(panel["reason"].drop(6)) == {"target_year_past"}
    assert "achieved" not in set(panel["step"])


def test_both_milestones_are_judged_apart():
    panel = analysis.judge(GSO, GOALS, SHARE)
    assert panel["target_year"].tolist() == [2025] * 7 + [2030] * 7


def test_several_areas_are_refused():
    two = pd.DataFrame({"area": ["a", "b"], "year": [2020, 2020], "value": [1.0, 2.0]})
    with pytest.raises(ValueError, match="holds 2 series"):
        analysis.judge(two, GOALS, SHARE)


def test_of_targets_of_several_areas_only_the_own_ones_judge():
    goals = pd.DataFrame({"area": ["qn", "hue"], "year": [2025, 2025], "value": [20.0, 25.0]})
    panel = analysis.judge(GSO.assign(area="hue"), goals, SHARE)
    assert set(panel["target"]) == {25.0}


def test_without_bounds_nothing_is_impossible():
    free = SimpleNamespace(direction=1, lower=None, upper=None)
    panel = analysis.judge(INTERNET, pd.DataFrame({"year": [2030], "value": [95.0]}), free)
    assert not panel["flagged"].any()


def test_a_break_that_leaves_one_point_is_the_reason_for_no_verdict():
    apart = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "compiler unknown"]})
    panel = analysis.judge(apart, GOALS, SHARE)
    assert set(panel[panel["method"] != "world_bank"]["reason"]) == {"break"}
    assert agreed(panel)["judged"].tolist() == [0, 0]
    assert set(analysis.judge(apart, GOALS, SHARE, peers=PEERS)["reason"]) == {"break"}


def test_the_base_year_shortens_the_series_that_is_counted():
    panel = analysis.judge(GSO, GOALS, SHARE, base_year=2022)
    assert set(panel["n"]) == {3} and set(panel["base_year"]) == {2022}
