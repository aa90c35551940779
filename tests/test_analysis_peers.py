"""Ranks, and the paces others ever sustained."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis import peers

PANEL = pd.DataFrame({
    "area": ["a"] * 4 + ["b"] * 4 + ["c"] * 2,
    "year": [2020, 2021, 2022, 2023] * 2 + [2020, 2023],
    "value": [5.0, 6.0, 8.0, 9.0, 20.0, 26.0, 27.0, 29.0, 6.0, 18.0],
})


def test_every_span_of_every_area_is_listed():
    spans = peers.sustained_paces(PANEL, 3)
    assert spans[["area", "pace"]].to_numpy().tolist() == [["a", pytest.approx(4 / 3)], ["b", 3.0], ["c", 4.0]]
    assert len(peers.sustained_paces(PANEL, 1)) == 6
    assert len(peers.sustained_paces(PANEL.iloc[:0], 1)) == 0


def test_a_span_never_crosses_a_break_but_earlier_runs_count():
    broken = PANEL.assign(break_before=[""] * 2 + ["new"] + [""] * 7)
    spans = peers.sustained_paces(broken, 1)
    assert spans[spans["area"] == "a"]["first_year"].tolist() == [2022, 2020]


def test_a_span_of_no_year_is_refused():
    with pytest.raises(ValueError, match="over 0 years"):
        peers.sustained_paces(PANEL, 0)


def place(**more):
    return peers.place_pace(PANEL, **({"level": 7.1, "pace": 3.9, "years": 3, "direction": 1} | more)).iloc[0]


def test_two_of_three_start_alike_and_one_ever_kept_the_pace():
    row = place()
    assert (row["areas"], row["similar"], row["ever"]) == (3, 2, 1)
    assert (row["best"], row["best_area"], row["best_first_year"]) == (4.0, "c", 2020)
    assert (row["percentile"], row["low"], row["high"]) == (50.0, 3.55, pytest.approx(10.65))


def test_a_pace_exactly_kept_counts():
    assert place(pace=4.0)["ever"] == 1
    assert place(pace=4.0001)["ever"] == 0


def test_the_area_itself_is_no_peer_of_its_own():
    assert place(area="c")["ever"] == 0


def test_no_similar_level_and_no_span_are_told():
    assert place(level=90.0)["reason"] == "no_similar_level"
    assert place(years=9)["reason"] == "no_span"
    assert math.isnan(place(years=9)["best"])


def test_falling_is_progress_where_lower_is_better():
    mirrored = PANEL.assign(value=-PANEL["value"])
    row = peers.place_pace(mirrored, level=-7.1, pace=-3.9, years=3, direction=-1).iloc[0]
    assert (row["similar"], row["ever"], row["best"], row["best_area"]) == (2, 1, -4.0, "c")


def test_ranks_share_the_better_place_and_say_so():
    table = pd.DataFrame({"area": list("abcd"), "year": [2022] * 4, "value": [5.0, 9.0, 5.0, 1.0]})
    ranked = peers.ranks(table, direction=1)
    assert ranked["area"].tolist() == ["b", "a", "c", "d"]
    assert ranked["rank"].tolist() == [1, 2, 2, 4]
    assert ranked["tied"].tolist() == [False, True, True, False]
    assert ranked["gap_to_first"].tolist() == [0, 4, 4, 8]
    assert ranked["gap_to_median"].tolist() == [-4, 0, 0, 4]
    assert ranked["percentile"].tolist() == [100, 75, 75, 25]
    assert peers.ranks(table, direction=-1)["area"].tolist() == ["d", "a", "c", "b"]


def test_the_latest_year_is_ranked_unless_another_is_asked_for():
    assert peers.ranks(PANEL, direction=1)["year"].unique().tolist() == [2023]
    assert peers.ranks(PANEL, direction=1, year=2022)["of"].tolist() == [2, 2]
    assert len(peers.ranks(PANEL, direction=1, year=1999)) == 0
    assert len(peers.ranks(PANEL.iloc[:0], direction=1)) == 0


def required(history, *targets, **more):
    from dxanalysis.analysis import required_pace

    goals = pd.DataFrame({"year": [year for year, _ in targets], "value": [value for _, value in targets]})
    return peers.place_required(PANEL, required_pace(history, goals, direction=1), direction=1, **more)


def test_the_required_pace_of_each_target_is_placed():
    own = pd.DataFrame({"area": ["qn"], "year": [2024], "value": [7.1]})
    table = required(own, (2026, 12.0), (2030, 30.0))
    assert table["pace"].tolist() == pytest.approx([2.45, 22.9 / 6])
    assert table["years"].tolist() == [2, 3]
    assert table["similar"].tolist() == [1, 2]
    assert table["ever"].tolist() == [0, 1]
    assert table["target_year"].tolist() == [2026, 2030]


def test_an_area_of_the_panel_is_not_its_own_peer():
    own = PANEL[PANEL["area"] == "c"]
    table = required(own, (2026, 19.0))
    assert "c" not in set(table["best_area"])


def test_where_nothing_is_required_nothing_is_placed():
    own = pd.DataFrame({"area": ["qn"], "year": [2024], "value": [25.0]})
    table = required(own, (2023, 30.0), (2026, 20.0))
    assert table["reason"].tolist() == ["target_year_not_observed", "target_met"]
    assert table["ever"].isna().all()
    assert len(required(own)) == 0
    assert required(own.iloc[:0], (2026, 20.0))["reason"].tolist() == ["no_data"]


def test_a_panel_of_one_place_needs_no_column_of_areas():
    alone = pd.DataFrame({"year": [2020, 2022], "value": [7.0, 9.0]})
    row = peers.place_pace(alone, level=7.1, pace=3.0, years=2, direction=1, area="hue").iloc[0]
    assert (row["areas"], row["similar"], row["ever"], row["best"]) == (1, 1, 0, 1.0)
