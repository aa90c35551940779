"""Ranks, and the paces others ever sustained."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis import peers
from tests.tables import cases, holds

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


@cases("panel more expected", {
    "two of three start alike and one ever kept the pace": (PANEL, {}, {
        "areas": 3, "similar": 2, "ever": 1, "best": 4.0, "best_area": "c", "best_first_year": 2020,
        "percentile": 50.0, "low": 3.55, "high": 10.65}),
    "a pace exactly kept counts": (PANEL, {"pace": 4.0}, {"ever": 1}),
    "a pace just missed does not": (PANEL, {"pace": 4.0001}, {"ever": 0}),
    "the area itself is no peer of its own": (PANEL, {"area": "c"}, {"ever": 0}),
    "no similar level": (PANEL, {"level": 90.0}, {"reason": "no_similar_level"}),
    "no span": (PANEL, {"years": 9}, {"reason": "no_span", "best": math.nan}),
    "falling is progress where lower is better": (
        PANEL.assign(value=-PANEL["value"]), {"level": -7.1, "pace": -3.9, "direction": -1},
        {"similar": 2, "ever": 1, "best": -4.0, "best_area": "c"}),
    "a panel of one place needs no column of areas": (
        pd.DataFrame({"year": [2020, 2022], "value": [7.0, 9.0]}), {"pace": 3.0, "years": 2, "area": "hue"},
        {"areas": 1, "similar": 1, "ever": 0, "best": 1.0}),
})
def test_a_pace_among_those_that_others_kept(panel, more, expected):
    found = peers.place_pace(panel, **{"level": 7.1, "pace": 3.9, "years": 3, "direction": 1} | more)
    assert holds(found, expected)


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


def asked(area, figure, *paces):
    """Return judgements of open targets: year, pace needed, years left."""
    rows = [(2024 + left, 30.0, pace, left) for pace, left in paces]
    table = pd.DataFrame(rows, columns=["target_year", "target", "required_per_year", "years_left"])
    return table.assign(state="open", area=area, figure=figure, figure_year=2024)


@cases("judgement expected", {
    "the required pace of each target": (asked("qn", 7.1, (2.45, 2), (22.9 / 6, 6)), {
        "pace": [2.45, 22.9 / 6], "years": [2, 3], "similar": [1, 2], "ever": [0, 1], "target_year": [2026, 2030]}),
    "nothing where nothing is required": (asked("qn", 7.1, (math.nan, 2)), {"reason": []}),
    "nothing of what is closed": (asked("qn", 25.0, (1.0, 2)).assign(state="met"), {"reason": []}),
    "an area of the panel is not its own peer": (asked("c", 6.0, (1.0, 3)), {"best_area": ["a"]}),
})
def test_what_is_placed_among_peers(judgement, expected):
    assert holds(peers.place_required(PANEL, judgement, direction=1), expected)
