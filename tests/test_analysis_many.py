"""A hundred thousand series at once give the same verdicts as one by one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.many import judge_many
from dxanalysis.analysis.question import METHODS, Question, answer, ask
from dxanalysis.analysis.series import read_history
from dxanalysis.analysis.world_bank import TypicalPath, typical_path

YEARS = np.arange(2015, 2026)


def random_series(count, seed):
    rng = np.random.default_rng(seed)
    walk = rng.uniform(0, 100, (count, 1)) + np.cumsum(rng.normal(0.5, 2, (count, len(YEARS))), axis=1)
    values = np.clip(walk, 0, 100).round(1)
    values[rng.random(values.shape) < rng.uniform(0, 0.9, (count, 1))] = np.nan
    targets = np.where(rng.random(count) < 0.1, np.nan, rng.choice([0, 20, 50, 80, 95, 100.0], count))
    return values, targets, rng.choice([2018, 2024, 2030], count)


def peers(direction):
    rng = np.random.default_rng(5)
    levels = rng.uniform(0, 60, (30, 1)) + np.cumsum(rng.uniform(0.1, 3, (30, len(YEARS))), axis=1)
    table = pd.DataFrame({
        "area": np.repeat([f"p{i}" for i in range(30)], len(YEARS)), "year": np.tile(YEARS, 30),
        "value": levels.ravel() if direction == 1 else 100 - levels.ravel(),
    })  # fmt: skip
    return typical_path(table, direction)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("bounds", [(0.0, 100.0), (None, None)])
def test_every_random_series_gets_the_verdicts_of_the_panel(direction, bounds):
    values, targets, target_years = random_series(50, seed=3 + direction)
    path, (lower, upper) = peers(direction), bounds
    table = judge_many(values, YEARS, targets, target_years, direction, lower=lower, upper=upper, peers=path)
    indicator = SimpleNamespace(direction=direction, lower=lower, upper=upper)
    for row in range(len(values)):
        history = pd.DataFrame({"year": YEARS, "value": values[row]})
        goal = pd.DataFrame({"year": [target_years[row]], "value": [targets[row]]})
        panel = analysis.judge(history, goal, indicator, peers=path).set_index("method")
        for method in METHODS:
            assert table[f"{method}_step"].iloc[row] == panel.loc[method, "step"], (method, values[row], targets[row])
            assert np.isclose(
                table[method].iloc[row], panel.loc[method, "value"], rtol=1e-9, atol=1e-12, equal_nan=True
            ), (method, values[row], targets[row])


def round_series(count, seed, lowest):
    """Return short series of round numbers, straight lines among them, so that cuts and ties are often met."""
    rng = np.random.default_rng(seed)
    values = rng.integers(lowest // 5, 21, (count, len(YEARS))) * 5.0
    lines = rng.integers(lowest // 5, 12, (count, 1)) * 5.0 + rng.integers(-4, 5, (count, 1)) * np.arange(len(YEARS))
    values = np.where(rng.random((count, 1)) < 0.5, lines, values)
    values[rng.random(values.shape) < rng.uniform(0, 0.8, (count, 1))] = np.nan
    targets = np.where(rng.random(count) < 0.4, np.nan, rng.integers(lowest // 5, 21, count) * 5.0)
    return values, targets, rng.integers(2014, 2036, count), rng.choice([1, -1], count)


@pytest.mark.parametrize(("lowest", "bounds"), [(0, (0.0, 100.0)), (0, (None, 100.0)), (-100, (None, None))])
def test_round_numbers_meet_the_same_cuts_together_and_one_by_one(lowest, bounds):
    values, targets, target_years, directions = round_series(200, seed=11, lowest=lowest)
    lower, upper = bounds
    path, seen = peers(1), set()
    table = judge_many(values, YEARS, targets, target_years, directions, lower=lower, upper=upper, peers=path)
    indicator = SimpleNamespace(lower=lower, upper=upper)
    for row, one in enumerate(values):
        series = read_history(pd.DataFrame({"year": YEARS, "value": one})) if row % 4 == 0 else None
        there = ~np.isnan(one)
        if np.isfinite(targets[row]) and (there & (target_years[row] >= YEARS)).any():
            there &= target_years[row] >= YEARS
        asked = Question(
            YEARS[there], one[there], None if np.isnan(targets[row]) else targets[row], int(target_years[row]),
            int(directions[row]), lower, upper, path,
        )  # fmt: skip
        indicator.direction = int(directions[row])
        assert series is None or not np.isfinite(targets[row]) or len(series) == 0 or (
            ask(series, targets[row], int(target_years[row]), indicator).history == asked.history
        )  # fmt: skip
        for method in METHODS:
            single = answer(asked, method)
            value = np.nan if single.value is None else single.value
            assert table[f"{method}_step"].iloc[row] == single.step, (method, asked)
            assert table[method].iloc[row] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (method, asked)
            seen.add((method, single.step))
    assert len(seen) >= 35


def test_the_edges_of_what_is_ours_are_met_together_too():
    years = np.arange(2019, 2025)
    cloud = np.array([0.0, 1, 2, 3, 4, 5.0])  # to 2030: 11 by then; 15 leaves 40 %, 15.1 leaves more
    table = judge_many(np.tile(cloud, (4, 1)), years, np.array([15, 15.1, 12.5, 12.6]), 2030, 1)
    assert table["destatis_step"].tolist() == [
        "acceleration_needed",
        "limited_progress",
        "on_track",
        "acceleration_needed",
    ]


def test_without_peers_the_world_bank_is_not_available():
    values, targets, target_years = random_series(5, seed=1)
    table = judge_many(values, YEARS, targets, target_years, 1)
    assert set(table["world_bank_step"]) == {"not_available"}


def test_a_series_without_observations_has_no_verdict():
    table = judge_many(np.full((1, 3), np.nan), np.array([2020, 2021, 2022]), 20.0, 2030, 1)
    assert {table[f"{method}_step"].iloc[0] for method in METHODS} == {"not_available"}


def test_columns_and_years_must_fit():
    with pytest.raises(ValueError, match="3 columns were given with 2 years"):
        judge_many(np.ones((1, 3)), np.array([2020, 2021]), 20.0, 2030, 1)
    with pytest.raises(ValueError, match="one rising year"):
        judge_many(np.ones((1, 2)), np.array([2021, 2020]), 20.0, 2030, 1)


def test_bands_are_judged_one_by_one():
    with pytest.raises(ValueError, match="neither 1 nor -1"):
        judge_many(np.ones((1, 2)), np.array([2020, 2021]), 20.0, 2030, 0)


@pytest.mark.parametrize(
    ("target_year", "step"),
    [(2035, "on_track"), (2034, "acceleration_needed"), (2031, "acceleration_needed"), (2030, "limited_progress")],
)
def test_the_world_bank_s_cuts_belong_to_the_better_step_for_many_series_too(target_year, step):
    # One point a year, as the typical path, and ten to go: ten years are on track, six the least of the next step.
    path = TypicalPath(np.array([0.0, 100.0]), np.array([1.0, 1.0]), 9, 90)
    values = np.arange(10.0, 21.0)[np.newaxis]
    table = judge_many(values, YEARS, np.array([30.0]), np.array([target_year]), 1, peers=path)
    assert table["world_bank_step"].tolist() == [step]


@pytest.mark.parametrize(
    ("values", "target", "direction", "lower"),
    [
        ([1.0, 2.0, 3.0], 20.0, 1, 0.0),  # one is no zero: growth can be reckoned from it
        ([1.0, 1.5, 2.0], np.nan, 1, 0.0),
        ([9.9, 9.89, 9.88], np.nan, -1, 10.0),  # below the limit from the start: it says nothing of the pace
        ([10.1, 10.09, 10.08], np.nan, -1, 10.0),
    ],
)
def test_a_start_at_one_and_a_start_beyond_the_limit_are_judged_as_one_by_one(values, target, direction, lower):
    years, row = np.array([2020, 2021, 2022]), np.array(values)
    table = judge_many(row[np.newaxis], years, np.array([target]), 2030, direction, lower=lower, upper=100.0)
    goal = None if np.isnan(target) else target
    for method in METHODS:
        single = answer(Question(years, row, goal, 2030, direction, lower, 100.0, None), method)
        assert table[f"{method}_step"].iloc[0] == single.step, method
