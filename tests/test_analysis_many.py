"""A hundred thousand series at once give the same verdicts as one by one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.many import judge_many
from dxanalysis.analysis.question import METHODS
from dxanalysis.analysis.world_bank import typical_path

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
