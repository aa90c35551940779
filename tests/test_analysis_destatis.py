"""The German weather symbols: all sixteen rules of the decision table."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.destatis import average_change, destatis

SIX = range(2019, 2025)


def series(*values, last=2024):
    return {last - len(values) + 1 + i: value for i, value in enumerate(values)}


def rising(step=1.0):
    """Return six points ending at 10 in 2024 with a constant yearly change."""
    return series(*(10 - step * (5 - i) for i in range(6)))


def to_miss(miss):
    """Return a target for 2029 that `rising()` misses by this part of the way still to go (5 points are covered)."""
    return 10 + 5 / (1 - miss)


RULES = [
    ("value target by year", "sun", destatis(rising(), 14.9, 2029), "sun", "on_track"),
    ("value target by year", "just sun", destatis(rising(), to_miss(0.049), 2029), "sun", "on_track"),
    ("value target by year", "5 %", destatis(rising(), to_miss(0.05), 2029), "slightly_cloudy", "on_track"),
    ("value target by year", "20 %", destatis(rising(), to_miss(0.20), 2029), "slightly_cloudy", "on_track"),
    ("value target by year", "more", destatis(rising(), to_miss(0.21), 2029), "cloud", "acceleration_needed"),
    ("value target by year", "far more", destatis(rising(), to_miss(0.5), 2029), "cloud", "limited_progress"),
    ("value target by year", "constant", destatis(series(*[10.0] * 6), 20, 2029), "thunderstorm", "moving_away"),
    ("value target by year", "away", destatis(rising(-1.0), 20, 2029), "thunderstorm", "moving_away"),
    ("value to hold", "met, rising", destatis(rising(), 9, None), "sun", "achieved"),
    ("value to hold", "met, constant", destatis(series(*[10.0] * 6), 9, None), "sun", "achieved"),
    ("value to hold", "met, setback", destatis(rising(-1.0), 9, None), "slightly_cloudy", "achieved"),
    ("value to hold", "missed, towards", destatis(rising(), 11, None), "cloud", "limited_progress"),
    ("value to hold", "missed, constant", destatis(series(*[10.0] * 6), 11, None), "cloud", "limited_progress"),
    ("value to hold", "missed, away", destatis(rising(-1.0), 11, None), "thunderstorm", "moving_away"),
    ("already reached", "no setback", destatis(rising(), 9, 2029), "sun", "achieved"),
    ("already reached", "setback", destatis(rising(-1.0), 9, 2029), "slightly_cloudy", "achieved"),
    ("direction only", "both", destatis(rising()), "sun", "on_track"),
    ("direction only", "last wrong", destatis(series(1, 2, 3, 4, 6, 5)), "slightly_cloudy", "on_track"),
    ("direction only", "last zero", destatis(series(1, 2, 3, 4, 5, 5)), "slightly_cloudy", "on_track"),
    ("direction only", "average wrong", destatis(series(9, 5, 4, 3, 2, 3)), "cloud", "limited_progress"),
    ("direction only", "average zero", destatis(series(3, 5, 4, 3, 2, 3)), "cloud", "limited_progress"),
    ("direction only", "neither", destatis(series(9, 5, 4, 3, 3, 2)), "thunderstorm", "moving_away"),
    ("direction only", "all constant", destatis(series(*[3.0] * 6)), "thunderstorm", "moving_away"),
]


@pytest.mark.parametrize(("kind", "case", "verdict", "status", "step"), RULES, ids=[f"{r[0]}: {r[1]}" for r in RULES])
def test_the_decision_table(kind, case, verdict, status, step):
    assert (verdict.status, verdict.step) == (status, step)


def test_all_sixteen_published_rules_have_a_case(shared):
    table = pd.read_csv(shared / "oracles/destatis_weather_decision_table.csv")
    assert len(table) == 16
    assert table["target_type"].value_counts()["value target by year"] == 4
    words = {"sun": "sun", "sun with small cloud": "slightly_cloudy", "cloud": "cloud", "thunderstorm": "thunderstorm"}
    published = {words[word.split(" (")[0]] for word in table["symbol"].dropna() if word != "worst of"}
    assert published == {verdict.status for _, _, verdict, _, _ in RULES}


def test_of_several_targets_at_once_the_worst_symbol_counts():
    assert destatis(rising(), [14.9, to_miss(0.1), to_miss(0.5)], 2029).status == "cloud"
    assert destatis(rising(), [14.9, to_miss(0.1)], 2029).status == "slightly_cloudy"
    assert destatis(rising(), [to_miss(0.1), 14.9], 2029).status == "slightly_cloudy"
    assert destatis(series(1, 2), [3, 4], 2029).reason == "fewer_than_4_points"
    assert destatis(rising(), [], 2029).reason == "no_target"


@pytest.mark.parametrize(
    ("direction", "target", "status"),
    [(1, (15.0, 40.0), "sun"), (1, (40.0, 15.0), "sun"), (-1, (0.0, 5.0), "sun"), (-1, (0.0, 1.0), "cloud")],
)
def test_of_an_interval_the_weakest_bound_counts(direction, target, status):
    assert destatis(rising(direction), target, 2029, direction).status == status


def test_a_band_is_met_inside_and_warns_when_left():
    inside = series(4, 5, 6, 7, 8, 9)
    assert destatis(inside, (3.0, 20.0), 2029, 0).status == "sun"
    assert destatis(series(4, 5, 6, 7, 8, 25), (3.0, 20.0), 2029, 0).step == "moving_away"
    assert destatis(series(30, 29, 28, 27, 26, 25), (3.0, 20.0), 2029, 0).status == "sun"
    assert destatis(series(30, 29, 28, 27, 26, 25), 20.0, 2029, 0).status == "sun"
    assert destatis(series(30, 29, 28, 27, 26, 25), None, None, 0).reason == "band_without_target"


def test_of_several_target_years_the_next_one_counts():
    assert destatis(rising(), [8.0, 11.0, 90.0], [2020, 2025, 2030]).status == "sun"
    assert destatis(rising(), [11.0, 90.0], [2023, 2030]).status == "cloud"
    assert destatis(rising(), [11.0, 12.0], [2020, 2023]).reason == "target_year_past"
    assert destatis(rising(), [12.0, 12.0, 9.0], [2018, 2020, 2023]).reason == "target_met"
    with pytest.raises(ValueError, match="1 targets were given with 2 years"):
        destatis(rising(), [1.0], [2025, 2030])


def test_only_the_last_six_points_count():
    long = {2000: 500.0, **rising()}
    assert destatis(long, to_miss(0.1), 2029).value == pytest.approx(0.1)


def test_four_consecutive_years_are_needed():
    assert destatis(series(1, 2, 3, 4), 20, 2029).value == pytest.approx((20 - 9) / (20 - 4))
    assert destatis(series(1, 2, 3), 20, 2029).reason == "fewer_than_4_points"
    assert destatis({2015: 1, 2020: 2, 2022: 3, 2024: 4}, 20, 2029).status == "not_available"
    assert destatis({}, 20, 2029).reason == "no_data"


def test_five_points_with_a_gap_use_the_consecutive_ones():
    years, values = np.array([2010, 2021, 2022, 2023, 2024]), np.array([90.0, 1.0, 2.0, 3.0, 5.5])
    assert average_change(years, values) == pytest.approx(1.5)


def test_six_points_with_gaps_are_averaged_over_their_years():
    years, values = np.array([2014, 2016, 2018, 2020, 2022, 2024]), np.array([0.0, 1, 2, 3, 4, 5])
    assert average_change(years, values) == pytest.approx(0.5)


def test_a_missed_target_of_the_past_is_judged_like_a_value_to_hold():
    verdict = destatis(rising(), 12, 2023)
    assert (verdict.status, verdict.reason) == ("cloud", "target_year_past")
    assert destatis(rising(), 12, 2024).reason == "target_year_past"


def test_internet_users_in_viet_nam_are_carried_on_beyond_100_percent():
    share = dict(zip(SIX, [68.6616, 70.3, 74.21, 78.59, 78.08, 84.15], strict=True))
    verdict = destatis(share, 95, 2030)
    assert verdict.projected == pytest.approx(102.7, abs=0.05)
    assert verdict.status == "sun"


def test_the_target_of_a_falling_indicator_mirrors_the_rising_one():
    for miss in (0.04, 0.06, 0.3, 0.5):
        up = destatis(rising(), to_miss(miss), 2029)
        down = destatis({year: -value for year, value in rising().items()}, -to_miss(miss), 2029, -1)
        assert (up.status, up.value) == (down.status, down.value)


def test_the_history_may_be_a_table_a_series_or_pairs():
    expected = destatis(rising(), 15, 2029)
    table = pd.DataFrame({"year": list(rising()), "value": list(rising().values())})
    assert destatis(table, 15, 2029) == expected
    assert destatis(pd.Series(rising()), 15, 2029) == expected
    assert destatis(list(rising().items()), 15, 2029) == expected


def test_a_target_year_already_observed_is_not_the_next_one():
    assert destatis(rising(), [12.0, 14.9], [2024, 2029]).value == pytest.approx((14.9 - 15) / 4.9)
