"""The arithmetic of WHO's scenarios, case by case."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis import scenario_paths as paths

BOUNDS = {"lower": 0, "upper": 100}


def line(first, last, start=2010, end=2030):
    years = np.arange(start, end + 1)
    return pd.DataFrame({"year": years, "value": np.linspace(first, last, len(years))})


def grown(history, rate):
    return paths.fixed_rate(history, rate=rate, start_year=2018, end_year=2025, **BOUNDS)


def to_99(history):
    return grown(history, paths.rate_to_target(history, value=99, start_year=2018, target_year=2025))


def baseline(percent):
    more = {"baseline_year": 2010, "target_year": 2030, "start_year": 2018, "end_year": 2025}
    return paths.percent_of_baseline(line(50, 70), percent=percent, **more, **BOUNDS)


def limited():
    history = line(60, 70, 2017, 2027)
    return grown(history, paths.limit_rate(paths.latest_rate(history, start_year=2018), "positive"))


CASES = {
    "fixed_target_linear_68_to_99_by_2025": lambda: paths.fixed_target(
        line(60, 80), value=99, start_year=2018, target_year=2025, **BOUNDS
    ),
    "aroc_latest_negative": lambda: grown(line(100, 80), paths.latest_rate(line(100, 80), start_year=2018)),
    "aroc_latest_gap_negative": lambda: grown(line(60, 20), paths.latest_rate(line(60, 20), start_year=2018)),
    "aroc_target_99_by_2025": lambda: to_99(line(60, 80)),
    "aroc_percent_change_plus3_by_2025": lambda: grown(line(60, 80), paths.rate_of_percent_change(3, 7)),
    "percent_baseline_plus40_2010_2030": lambda: baseline(40),
    "percent_baseline_minus40_2010_2030": lambda: baseline(-40),
    "linear_change_plus1": lambda: paths.linear_change(
        line(80, 100), per_year=1, start_year=2018, end_year=2025, **BOUNDS
    ),
    "aroc_limited_to_non_positive": limited,
}


def test_all_44_published_values_are_reproduced(shared):
    table = pd.read_csv(shared / "oracles/who_billionaire_scenarios.csv")
    drawn = {case: make().set_index("year")["value"] for case, make in CASES.items()}
    failed = [row.case for row in table.itertuples() if abs(drawn[row.case][row.year] - row.expected_value) > 1e-9]
    print(f"WHO scenario values reproduced: {len(table) - len(failed)}/{len(table)}")
    assert not failed
    assert len(table) == 44


def test_a_value_beyond_a_bound_is_held_there_and_marked():
    path = paths.linear_change(line(80, 100), per_year=4, start_year=2018, end_year=2022, **BOUNDS)
    assert path["value"].tolist() == [88, 92, 96, 100, 100]
    assert path["capped"].tolist() == [False, False, False, False, True]
    falling = paths.linear_change(line(80, 100), per_year=-50, start_year=2018, end_year=2020, **BOUNDS)
    assert falling["value"].tolist() == [88, 38, 0]
    assert falling["capped"].tolist() == [False, False, True]


def test_without_bounds_nothing_is_held():
    assert paths.linear_change(line(80, 100), per_year=4, start_year=2018, end_year=2022)["value"].iloc[-1] == 104


def test_halt_is_a_change_of_zero():
    assert set(paths.linear_change(line(80, 100), per_year=0, start_year=2018, end_year=2025)["value"]) == {88.0}


def test_better_reported_values_are_kept_on_request():
    rising = paths.linear_change(line(80, 100), per_year=0.5, start_year=2018, end_year=2020, keep_better=1)
    assert rising["value"].tolist() == [88, 89, 90]
    falling = paths.linear_change(line(80, 100), per_year=0.5, start_year=2018, end_year=2020, keep_better=-1)
    assert falling["value"].tolist() == [88, 88.5, 89]


def test_a_rate_limit_works_in_one_direction():
    assert paths.limit_rate(-0.01, "positive") == -0.01
    assert paths.limit_rate(0.05, "positive", 0.03) == 0.03
    assert paths.limit_rate(-0.05, "negative", -0.03) == -0.03
    with pytest.raises(ValueError, match="direction 'up'"):
        paths.limit_rate(0.1, "up")


def test_a_path_starts_in_an_observed_year():
    with pytest.raises(ValueError, match=r"no value in 2009 \(it has 2010, 2011"):
        paths.linear_change(line(80, 100), per_year=1, start_year=2009, end_year=2025)


def test_an_unknown_limit_is_refused():
    with pytest.raises(ValueError, match="Unknown limit 'ceiling'"):
        paths.linear_change(line(80, 100), per_year=1, start_year=2018, end_year=2025, ceiling=100)


def test_the_cautionary_rate_of_the_unicef_note():
    """The note's own slope of -0.06613 is 6.40 % a year; with all seven points it is -0.0669, which is 6.47 %."""
    assert round(100 * (1 - np.exp(-0.06613)), 2) == 6.40
    assert round(100 * (1 - np.exp(-0.0669)), 2) == 6.47
