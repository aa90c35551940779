"""What must hold of every statistic, whatever the series: finite or said to be missing, ordered, scaled, adding up."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis import analysis
from dxanalysis.analysis import verdicts
from dxanalysis.analysis.milestones import milestone_table
from dxanalysis.analysis.peers import place_pace, ranks, sustained_paces
from dxanalysis.analysis.releases import Judgement, explain_change
from dxanalysis.analysis.verdicts.world_bank import TypicalPath
from tests.records import SHARE, agreed

FEW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=200)
shares = st.floats(0.5, 99.5).map(lambda value: round(value, 2))
lists = st.lists(shares, min_size=1, max_size=9)


def history(values, last=2024, **more):
    return pd.DataFrame({"year": range(last + 1 - len(values), last + 1), "value": [float(v) for v in values], **more})


def goals(*pairs):
    return pd.DataFrame(pairs, columns=["year", "value"])


@FEW
@given(lists, st.sampled_from([0.01, 1000.0]))
def test_a_change_scales_with_its_unit_and_adds_up(values, unit):
    plain, scaled = (analysis.change(history(np.array(values) * k)).iloc[0] for k in (1.0, unit))
    assert plain["n"] == len(values)
    if len(values) == 1:
        assert plain["reason"] == "one_point" and math.isnan(plain["points"])
        return
    assert scaled["points"] == pytest.approx(unit * plain["points"], abs=1e-9 * unit)
    assert (scaled["percent"], scaled["cagr"]) == pytest.approx((plain["percent"], plain["cagr"]), abs=1e-7)
    assert plain["first"] + plain["per_year"] * (len(values) - 1) == pytest.approx(plain["last"])
    assert plain["first"] * (1 + plain["cagr"]) ** (len(values) - 1) == pytest.approx(plain["last"])
    assert plain["percent"] == pytest.approx(100 * (values[-1] / values[0] - 1))


@FEW
@given(st.lists(shares, min_size=3, max_size=3, unique=True).map(sorted), st.sampled_from([1, -1]))
def test_on_the_planned_path_nothing_is_owed(knots, direction):
    start, middle, end = knots
    turn = (lambda value: value) if direction == 1 else (lambda value: 100 - value)
    planned = np.interp(range(2020, 2031), [2020, 2025, 2030], [turn(v) for v in (start, middle, end)])
    aims = goals((2025, turn(middle)), (2030, turn(end)))
    for year in range(2021, 2031):
        seen = history(planned[: year - 2019], year)
        told = {"state": "open", "figure": float(seen["value"].iloc[-1]), "figure_year": year, "required_per_year": 0.0}
        record = pd.DataFrame({"target_year": aims["year"], "target": aims["value"]}).assign(**told)
        debt = milestone_table(seen, aims, record, direction=direction)
        assert debt["debt_points"].abs().max() < 1e-9 and debt["debt_years"].abs().max() < 1e-6
        assert set(debt["reason"]) == {""}


@st.composite
def panels(draw):
    areas = draw(st.integers(2, 5))
    rows = [(f"a{k}", 2018 + t, draw(shares)) for k in range(areas) for t in range(draw(st.integers(2, 6)))]
    return pd.DataFrame(rows, columns=["area", "year", "value"])


@FEW
@given(panels(), shares, st.floats(0, 10), st.integers(1, 4), st.sampled_from([1, -1]))
def test_fewer_ever_kept_up_a_harder_pace(panel, level, pace, years, direction):
    spans = sustained_paces(panel, years)
    assert (spans["start"] + spans["pace"] * years).tolist() == pytest.approx(spans["end"].tolist())
    easy, hard = (
        place_pace(panel, level=level, pace=direction * one, years=years, direction=direction).iloc[0]
        for one in (pace, pace + 1)
    )
    assert 0 <= hard["ever"] <= easy["ever"] <= easy["similar"] <= easy["areas"] <= panel["area"].nunique()
    if easy["similar"]:
        assert easy["percentile"] == pytest.approx(100 * (1 - easy["ever"] / easy["similar"]))
        assert (direction * easy["best"] >= direction * easy["pace"]) == (easy["ever"] > 0)


@FEW
@given(panels(), st.sampled_from([1, -1]))
def test_ranks_mirror_and_count_everybody(panel, direction):
    table = ranks(panel, direction=direction, year=2019).set_index("area")
    mirrored = ranks(panel.assign(value=100 - panel["value"]), direction=-direction, year=2019).set_index("area")
    assert table["rank"].to_dict() == mirrored["rank"].to_dict()
    assert table["rank"].min() == 1 and (table["rank"] <= table["of"]).all()
    assert (table["gap_to_first"] >= 0).all() and table.loc[table["rank"] == 1, "gap_to_first"].eq(0).all()
    assert table["percentile"].max() == 100
    assert table["tied"].sum() != 1


@FEW
@given(st.lists(st.tuples(*[st.integers(0, 100).map(lambda v: v / 100)] * 3), min_size=2, max_size=6))
def test_a_better_pillar_never_lowers_total_or_rank(rows):
    names = ("government", "economy", "society")
    table = pd.DataFrame([("DTI 2020", f"a{k}", 2020, name, value) for k, row in enumerate(rows)
                          for name, value in zip(names, row, strict=True)],
                         columns=["edition", "area", "year", "pillar", "value"])
    better = analysis.what_if_best(table, "a0").set_index("pillar").loc["economy"]
    assert better["new_total"] >= better["total"] - 1e-12 and better["new_rank"] <= better["rank"]
    assert better["total"] == pytest.approx(0.4 * rows[0][0] + 0.3 * (rows[0][1] + rows[0][2]))


@FEW
@given(lists, shares, shares)
def test_scenarios_stay_possible_and_the_required_pace_arrives(values, first, second):
    targets = goals((2027, min(first, second)), (2030, max(first, second)))
    paths = analysis.draw_scenarios(history(values), targets, SHARE)
    assert paths["value"].between(0, 100).all()
    assert paths[paths["year"] == 2024]["value"].eq(values[-1]).all()
    assert paths[paths["scenario"] == "halt"]["value"].eq(values[-1]).all()
    table = analysis.scenario_table(history(values), targets, SHARE).set_index(["scenario", "target_year"])
    assert table.loc["required_pace", "met"].all()
    assert table.loc["required_pace", "value"].tolist() == pytest.approx(targets["value"].tolist())
    slow, fast = table.loc["slow", "per_year"], table.loc["continue", "per_year"]
    assert (2 * slow).tolist() == pytest.approx(fast.tolist(), nan_ok=True)


@FEW
@given(st.lists(shares, min_size=4, max_size=6), st.lists(shares, min_size=4, max_size=7), shares, shares)
def test_what_turned_a_verdict_adds_up_to_the_whole_turn(old, new, target, other):
    before = Judgement(dict(zip(range(2018, 2018 + len(old)), old, strict=True)), target, 2030, 1, "sdsn_trend")
    after = Judgement(dict(zip(range(2018, 2018 + len(new)), new, strict=True)), other, 2032, 1, "destatis")
    try:
        table = explain_change(before, after)
    except ValueError as error:
        assert "has no pace ratio" in str(error)
        return
    change = table["after"].iloc[0] - table["before"].iloc[0]
    assert table["effect"].sum() == pytest.approx(change, abs=1e-9 * (1 + table["effect"].abs().max()))
    if abs(change) > 1e-3:
        assert table["percent"].sum() == pytest.approx(100)


@MANY
@given(st.lists(st.floats(0, 100), min_size=2, max_size=5), st.floats(0, 50), st.integers(0, 4))
def test_a_goals_two_worst_never_look_worse_when_an_indicator_improves(values, rise, which):
    cuts = {f"i{k}": (0.0, 30.0, 60.0, 100.0) for k in range(len(values))}
    better = [value + rise * (k == which % len(values)) for k, value in enumerate(values)]
    place = [verdicts.sdsn_colour(dict(zip(cuts, one, strict=True)), cuts) for one in (values, better)]
    order = ["red", "orange", "yellow", "green"]
    assert 0 <= place[0].value <= place[1].value <= 3
    assert order.index(place[0].status) <= order.index(place[1].status)


@MANY
@given(st.floats(0.01, 300), st.sampled_from(["ratio", "share", "budget"]))
def test_a_folded_band_lies_at_or_above_its_target(value, kind):
    folded, target = verdicts.goldilocks(value, kind)
    assert math.isnan(folded) or folded >= target
    assert 0 <= verdicts.limit_factor(value, 100.0) <= 1


@MANY
@given(st.lists(st.floats(0.1, 9), min_size=3, max_size=8), st.floats(-5, 30), st.floats(-5, 30), st.floats(-5, 30))
def test_time_on_the_typical_path_adds_up_and_runs_backwards(changes, one, two, three):
    path = TypicalPath(np.linspace(0.0, 20.0, len(changes)), np.array(changes), 3, 30)
    way = path.years_between(one, two)
    assert way + path.years_between(two, three) == pytest.approx(path.years_between(one, three), abs=1e-6)
    assert path.years_between(two, one) == pytest.approx(-way, abs=1e-9)
    assert (way > 0) == (two > one) or way == 0


@FEW
@given(st.lists(shares, min_size=2, max_size=7), shares)
def test_robustness_counts_a_part_of_what_it_tried(values, target):
    found = agreed(analysis.judge(history(values), goals((2030, target)), SHARE))
    row = analysis.robustness(history(values), goals((2030, target)), SHARE, found).iloc[0]
    assert 0 <= row["same"] <= row["tried"] and 0 <= row["borderline"] <= row["tried"]
    if row["tried"]:
        assert row["share"] == pytest.approx(row["same"] / row["tried"])
        assert 0 <= row["share"] <= 1
