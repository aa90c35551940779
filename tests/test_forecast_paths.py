import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import forecast_paths
from dxanalysis.forecasting.baselines import normal_quantiles
from dxanalysis.forecasting.marginals import Marginals
from dxanalysis.forecasting.paths import _key, _walks, draw_paths, normal_cdf, to_paths_table
from dxanalysis.forecasting.scales import read_bounds


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


def marginals(areas=2, horizon=3):
    """Standard normal errors around 100 times the area's number."""
    levels = np.linspace(0.0005, 0.9995, 1000)
    errors = np.broadcast_to(normal_quantiles(levels), (1, horizon, 1000))
    centre = np.tile(100.0 * np.arange(1, areas + 1)[:, None], (1, horizon))
    names = np.array([f"a{i}" for i in range(areas)])
    return Marginals(names, np.arange(2020, 2020 + areas), centre, np.ones((areas, horizon)), levels, errors,
                     np.zeros(areas, dtype=int), read_bounds(None))  # fmt: skip


def test_the_common_part_is_the_correlation_between_areas():
    for common in (0.0, 0.4, 1.0):
        values = draw_paths(marginals(), 20000, 1, common, 0.2)
        assert values.shape == (2, 20000, 3)
        assert np.corrcoef(values[0, :, 1], values[1, :, 1])[0, 1] == pytest.approx(common, abs=0.03)
        np.testing.assert_allclose(values.std(axis=1), 1, atol=0.03)


def test_a_drift_lengthens_the_memory_of_a_path():
    """Years 1 and 4: (1 + d² · 4) / sqrt((1 + d²)(4 + 16 d²))."""
    walks = _walks(np.random.default_rng(0), (60000,), 4, 0.5)
    expected = (1 + 0.25 * 4) / np.sqrt(1.25 * (4 + 16 * 0.25))
    assert np.corrcoef(walks[:, 0], walks[:, 3])[0, 1] == pytest.approx(expected, abs=0.015)


def test_the_key_of_an_area_depends_on_all_of_its_name():
    assert _key("ab") == (97 + 98 * 256) ^ (195 << 3)
    assert _key("long-name-of-a") != _key("another-me-of-a")
    assert _key("ba") != _key("ab")


def test_paths_are_laid_out_by_area_path_and_year():
    table = to_paths_table(marginals(2, 2), np.arange(12.0).reshape(2, 3, 2))
    assert table["value"].tolist() == list(range(12))
    assert table["area"].tolist() == ["a0"] * 6 + ["a1"] * 6
    assert table["path"].tolist() == [0, 0, 1, 1, 2, 2] * 2
    assert table["year"].tolist() == [2021, 2022] * 3 + [2022, 2023] * 3
