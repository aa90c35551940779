"""What a rising share takes is computed only for rising shares, with a reason where it cannot be."""

from types import SimpleNamespace

import pandas as pd
import pytest

from dxanalysis import analysis
from tests.records import SHARE

RANK = SimpleNamespace(direction=-1, lower=1.0, upper=None)
SEEN = pd.DataFrame({"year": [2020, 2024], "value": [12.66, 13.17]})
GOALS = pd.DataFrame({"year": [2030], "value": [30.0]})


def test_a_rank_has_no_numerator():
    assert analysis.growth_needed(SEEN, GOALS, RANK).empty
    assert analysis.growth_grid(SEEN, GOALS, RANK).empty
    assert analysis.share_effects(SEEN, SEEN, RANK)["reason"].tolist() == ["not_a_share"]


def test_the_growth_needed_follows_the_ratio():
    table = analysis.growth_needed(SEEN, GOALS, SHARE, growth=[0.08])
    assert table["required_growth"].iloc[0] == pytest.approx(1.08 * (30 / 13.17) ** (1 / 6) - 1)


def test_the_grid_starts_on_time_and_adds_years():
    grid = analysis.growth_grid(SEEN, GOALS, SHARE, growth=[0.08], later=2)
    assert grid["years"].tolist() == [6, 7, 8]
    assert grid["required_growth"].is_monotonic_decreasing


@pytest.mark.parametrize(("history", "goals"), [
    (SEEN[:0], GOALS), (pd.DataFrame({"year": [2024], "value": [0.0]}), GOALS),
    (SEEN, pd.DataFrame({"year": [2022], "value": [30.0]})),
], ids=["nothing", "a share of zero", "a past target"])
def test_there_is_no_grid_for(history, goals):
    assert analysis.growth_grid(history, goals, SHARE).empty


def test_the_effects_add_up_to_the_change():
    whole = pd.DataFrame({"year": [2020, 2024], "value": [100.0, 125.0]})
    row = analysis.share_effects(SEEN, whole, SHARE).iloc[0]
    assert row["numerator_effect"] + row["denominator_effect"] == pytest.approx(0.51)


def test_each_reason_for_silence_is_told_apart():
    broken = SEEN.assign(break_before=["", "new method"])
    assert analysis.share_effects(SEEN[:0], SEEN, SHARE)["reason"].tolist() == ["no_data"]
    assert analysis.share_effects(SEEN[:1], SEEN, SHARE)["reason"].tolist() == ["one_point"]
    assert analysis.share_effects(broken, SEEN, SHARE)["reason"].tolist() == ["break"]
    assert analysis.share_effects(SEEN, SEEN[:1], SHARE)["reason"].tolist() == ["no_denominator"]
