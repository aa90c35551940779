"""The sentences of the wider notebooks say what the tables hold, and silence in words."""

import pandas as pd
import pytest

from dxanalysis import analysis, facts, forecasting
from dxanalysis.analysis.evidence import Evidence
from dxanalysis.assessing import assess_table
from dxanalysis.briefing import surveys

HERE, NATION = facts.find_area("quang-ninh"), facts.find_area("viet-nam")
SHARE, INDEX = facts.find_indicator("digital_economy_share"), facts.find_indicator("dti_total")


def keys(found):
    return [one.key for one in found]


def texts(found):
    return " ".join(one.en for one in found)


def test_coverage_counts_figures_and_targets_without_any():
    held = facts.coverage(area="quang-ninh", as_of="2023-12-31", through=2023)
    agenda = facts.load_agenda("quang-ninh", "2023-12-31")
    found = surveys.coverage(held, facts.freshness(held, 2023), agenda, held[:0], area=HERE, year=2023)
    assert {"coverage_area", "coverage_fresh", "coverage_targets"} <= set(keys(found))
    assert str(len(held)) in found[0].en


def test_nothing_published_and_no_target_are_both_said():
    held = facts.coverage(area="yen-bai", as_of="2001-12-31")
    empty = facts.load_agenda("yen-bai")
    found = surveys.coverage(held, facts.freshness(held, 2001), empty, held, area=facts.find_area("yen-bai"), year=2001)
    assert keys(found) == ["coverage_area_none", "coverage_no_targets"]


def index_findings(area, through):
    place = facts.find_area(area)
    pillars = facts.load_pillars("dti_total", area, through=through)
    return surveys.index(
        analysis.pillar_levels(pillars), analysis.pillar_changes(pillars),
        analysis.what_if_best(facts.load_scores("dti_total", through=through), area),
        facts.load_ranks("dti_total", area, through=through),
        analysis.pillar_levels(facts.load_pillars("dx_points_total", area, through=through)),
        indicator=INDEX, area=place, catalogue=facts,
    )


def test_the_baseline_is_said_to_belong_to_no_edition():
    found = index_findings("quang-ninh", 2022)
    assert {"index_weakest", "index_break", "index_baseline", "index_rank"} <= set(keys(found))
    assert "429.47 of 800 points" in texts(found)


def test_an_area_without_pillars_is_told_so():
    assert keys(index_findings("viet-nam", 2022)) == ["index_no_pillar", "index_what_if_none"]


def standing_findings(history, area):
    field = facts.load_field(history)
    targets = facts.load_targets(SHARE.id, area.id)
    latest = facts.latest_by_area(field)
    record = assess_table(history, targets, facts.find_indicator(SHARE.id), facts.load_peers(history))
    placed = analysis.peers.place_required(facts.load_peers(history), record, direction=1)
    goal = analysis.national_goal(
        latest, facts.load_goals(SHARE.id, latest, 2025), facts.load_weights(SHARE.id, latest)
    )
    ranks = analysis.standing(field, area.id, direction=1)
    return surveys.standing(ranks, placed, goal, indicator=SHARE, area=area)


def test_a_rank_is_said_with_the_number_ranked_and_missing_weights_are_counted():
    found = standing_findings(facts.load_history(SHARE.id, "ha-noi", "mic", through=2022), facts.find_area("ha-noi"))
    assert {"standing_rank", "goal_not_weighed"} <= set(keys(found))


def test_an_area_that_reports_in_its_own_way_is_ranked_with_nobody():
    found = standing_findings(facts.load_history(SHARE.id, "quang-ninh", through=2024), HERE)
    assert {"standing_alone", "goal_none"} <= set(keys(found))


def test_a_nation_is_not_ranked_with_its_provinces():
    found = standing_findings(facts.load_history(SHARE.id, "viet-nam", "mic", through=2022), NATION)
    assert found[0].key == "standing_none"


def test_no_figure_has_no_standing_and_no_goal():
    found = standing_findings(facts.load_history(SHARE.id, "quang-ninh", as_of="2020-12-31"), HERE)
    assert {"standing_none", "goal_none"} <= set(keys(found))


def recorded(history, targets, indicator):
    return analysis.assess(targets, indicator, Evidence(history, int(history["year"].max()) if len(history) else 2025))


def need_findings(history, targets, indicator=SHARE, whole=None):
    return surveys.need(
        analysis.growth_needed(history, targets, indicator, whole), analysis.share_effects(history, history, indicator),
        analysis.milestone_table(history, targets, recorded(history, targets, indicator),
                                 direction=indicator.direction),
        analysis.scenario_table(history, targets, indicator), indicator=indicator, area=HERE,
    )


SEEN = pd.DataFrame({"area": "quang-ninh", "year": [2021, 2024], "value": [3.0, 7.1]})
GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})


def test_every_scenario_is_named_with_its_condition_and_never_called_a_forecast():
    found = [one for one in need_findings(SEEN, GOALS) if one.key.startswith("scenario")]
    assert len(found) == 4
    assert all("if " in one.en and "nếu" in one.vi for one in found)
    assert not any("forecast" in one.en or "dự báo" in one.vi for one in found)


def test_the_middle_rate_is_told_where_none_was_observed():
    needed = [one for one in need_findings(SEEN, GOALS) if one.key == "need_growth"]
    assert len(needed) == 2
    assert "8% a year (assumed, at current prices)" in needed[0].en


def test_a_debt_to_the_path_is_told_with_the_new_pace():
    assert "debt" in keys(need_findings(SEEN, GOALS))


def test_a_rank_is_not_taken_apart_and_no_target_draws_no_scenario():
    rank = facts.find_indicator("dti_rank")
    found = need_findings(SEEN, GOALS[:0], rank)
    assert keys(found) == ["need_not_a_share", "scenario_none"]
    assert "need_nothing" in keys(need_findings(SEEN[:0], GOALS))


def record(scores, past=None, triangle=None):
    past = forecasting.look_back({}, SEEN) if past is None else past
    triangle = pd.DataFrame({"year": [2021], "releases": [1], "revised": [0.0]}) if triangle is None else triangle
    return surveys.record(past, scores, triangle, indicator=SHARE, area=HERE)


@pytest.mark.parametrize(("pooled", "key"), [(1.5, "record_naive_better"), (0.4, "record_pooled_better")])
def test_it_warns_exactly_when_no_change_would_have_done_better(pooled, key):
    scores = pd.DataFrame({"model": ["pooled", "naive"], "n": [3, 3], "mase": [pooled, 1.0]})
    assert keys(record(scores)) == ["record_none", key, "record_unrevised"]


def test_a_series_too_short_for_a_trial_is_said_to_be_untested():
    assert keys(record(forecasting.summarise(pd.DataFrame()))) == ["record_none", "record_untested", "record_unrevised"]


def test_outcomes_inside_and_the_largest_revision_are_told():
    past = pd.DataFrame({"actual": [1.0, 2.0, None], "inside": [1.0, 0.0, None]})
    printed = {"2023": [12.86, 12.33], "2024": [12.67, None], "2025": [12.63, 12.4], "2026": [12.83, None]}
    triangle = pd.DataFrame({"year": [2022, 2023], **printed, "releases": [4, 2], "revised": [-0.03, 0.07]})
    found = record(forecasting.summarise(pd.DataFrame()), past, triangle)
    assert "at 2 outcomes" in found[0].en
    assert found[-1].en == "The figure revised most is that for 2022: over 4 releases it lay between 12.63% and 12.86%."
