"""What a ratio needs, and what moved it."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis import shares
from tests.records import SHARE
from tests.tables import cases

SEEN = pd.DataFrame({"year": [2020, 2022, 2024], "value": [12.66, 12.83, 13.17]})
DENOMINATOR = pd.DataFrame({"year": [2020, 2022, 2024], "value": [100.0, 110.0, 125.0]})


@pytest.mark.parametrize(
    ("share", "target", "years", "percent"), [(13.17, 30, 6, 23.9), (3, 20, 5, 57.8), (3, 30, 10, 36.0)]
)
def test_the_growth_a_share_needs_is_that_of_the_hand_checks(share, target, years, percent):
    assert round(100 * shares.required_growth(share, target, years, 0.08), 1) == percent


def test_a_share_that_only_holds_needs_the_growth_of_the_whole():
    assert shares.required_growth(20, 20, 5, 0.08) == pytest.approx(0.08)


def test_the_requirement_leads_to_the_target():
    growth = shares.required_growth(3, 20, 5, 0.08)
    assert 3 * (1 + growth) ** 5 / 1.08**5 == pytest.approx(20)


@cases("call message", {
    **{f"from {share} to {target}": (
        lambda share=share, target=target: shares.required_growth(share, target, 5, 0.08), "no growth rate leads")
       for share, target in [(0.0, 20), (-1, 20), (3, 0), (math.nan, 20)]},
    "a target of today": (lambda: shares.required_growth(3, 20, 0, 0.08), "0 years are left"),
    "a denominator of zero": (
        lambda: shares.share_effects(SEEN, DENOMINATOR.assign(value=0.0), SHARE), "denominator is 0 in 2020"),
})
def test_no_growth_rate_and_no_parts(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_effects_add_up_to_the_change_exactly():
    row = shares.share_effects(SEEN, DENOMINATOR, SHARE).iloc[0]
    mean = (13.17 - 12.66) / math.log(13.17 / 12.66)
    assert row["denominator_effect"] == pytest.approx(-mean * math.log(1.25))
    assert row["numerator_effect"] == pytest.approx(mean * math.log(13.17 * 1.25 / 12.66))
    assert row["numerator_effect"] + row["denominator_effect"] == pytest.approx(row["points"], abs=1e-15)
    assert row["numerator_growth"] == pytest.approx(13.17 * 1.25 / 12.66 - 1)
    assert row["denominator_growth"] == pytest.approx(0.25)


def test_a_part_that_came_into_being_is_all_numerator():
    born = pd.DataFrame({"year": [2020, 2024], "value": [0.0, 2.0]})
    row = shares.share_effects(born, DENOMINATOR, SHARE).iloc[0]
    assert (row["numerator_effect"], abs(row["denominator_effect"])) == (2.0, 0.0)
    assert math.isnan(row["numerator_growth"])


def test_the_logarithmic_mean_lies_between_its_numbers():
    assert 1 < shares.log_mean(1.0, 2.0) < 1.5
    assert shares.log_mean(2.0, 1.0) == shares.log_mean(1.0, 2.0)
    assert shares.log_mean(0.0, 0.0) == 0.0


GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})


def test_what_it_takes_is_told_for_each_target_and_rate():
    share = pd.DataFrame({"year": [2020], "value": [3.0]})
    whole = pd.DataFrame({"year": [2017, 2020], "value": [100.0, 125.9712]})
    table = shares.growth_needed(share, GOALS, SHARE, whole, growth=[0.1])
    assert table["basis"].tolist() == ["observed", "assumed"] * 2
    assert table["growth"].tolist() == pytest.approx([0.08, 0.1, 0.08, 0.1])
    assert table["years_left"].tolist() == [5, 5, 10, 10]
    assert (100 * table["required_growth"]).round(1).tolist()[::2] == [57.8, 36.0]
    assert table["faster_than_whole"].iloc[1] == pytest.approx(table["required_growth"].iloc[1] - 0.1)


@pytest.mark.parametrize(("values", "years"), [({}, []), ({2024: 0.0}, []), ({2026: 9.0}, [2030])])
def test_nothing_is_needed_from_nothing_or_for_a_year_that_is_over(values, years):
    share = pd.DataFrame({"year": list(values), "value": list(values.values())})
    assert shares.growth_needed(share, GOALS, SHARE, growth=[0.08])["target_year"].tolist() == years


def test_without_observed_growth_the_usual_rates_are_tried():
    share = pd.DataFrame({"year": [2024], "value": [7.1]})
    assert shares.growth_needed(share, GOALS, SHARE)["growth"].unique().tolist() == list(shares.DEFAULT_GROWTH)
