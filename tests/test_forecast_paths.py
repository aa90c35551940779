import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecast import forecast_paths
from dxanalysis.forecast.paths import _walks, normal_cdf


def provinces(areas=10):
    draw = np.random.default_rng(3)
    values = 10 + np.arange(6) * 0.8 + draw.normal(0, 0.5, (areas, 6))
    names = np.repeat([f"p{i}" for i in range(areas)], 6)
    return pd.DataFrame({"area": names, "year": np.tile(np.arange(2020, 2026), areas), "value": values.ravel()})


def test_shocks_of_every_year_are_standard_normal():
    walks = _walks(np.random.default_rng(0), (40000,), 5, 0.3)
    np.testing.assert_allclose(walks.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(walks.std(axis=0), 1, atol=0.02)


def test_without_drift_the_memory_is_that_of_a_random_walk():
    walks = _walks(np.random.default_rng(0), (40000,), 4, 0.0)
    assert np.corrcoef(walks[:, 0], walks[:, 3])[0, 1] == pytest.approx(0.5, abs=0.02)  # sqrt(1/4)


def test_areas_share_shocks_so_joint_counts_spread_wider_than_independent_ones():
    paths = forecast_paths(provinces(), 4, bounds=(0, 100), n_paths=4000)
    last = paths[paths["year"] == 2029]
    met = last["value"] >= last.groupby("area")["value"].transform("median")
    count = met.groupby(last["path"]).sum()
    assert count.mean() == pytest.approx(5, abs=0.2)
    assert count.std() > 1.15 * np.sqrt(10 * 0.25)


def test_an_areas_paths_do_not_depend_on_which_others_are_asked_for():
    table = provinces()
    one = forecast_paths(table[table["area"] == "p3"], 3, bounds=(0, 100), n_paths=20, peers=table)
    every = forecast_paths(table, 3, bounds=(0, 100), n_paths=20)
    np.testing.assert_allclose(one["value"], every[every["area"] == "p3"]["value"])


def test_the_normal_distribution_function_is_a_half_at_zero():
    assert normal_cdf(np.array([0.0])).tolist() == [0.5]
