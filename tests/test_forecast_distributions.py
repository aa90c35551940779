"""Distributions inside their bounds, and paths with these margins."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.forecasting import forecast_paths
from dxanalysis.forecasting.distributions import (
    Marginals,
    _key,
    _walks,
    displace,
    draw_paths,
    normal_cdf,
    read_bounds,
    to_paths_table,
    to_table,
    unfold,
)
from dxanalysis.forecasting.forecasts import normal_quantiles

SHARE = read_bounds((0, 100))


@given(st.floats(0, 100), st.floats(-1e4, 1e4))
@settings(max_examples=200, deadline=None)
def test_no_error_pushes_a_share_out_of_its_bounds(centre, error):
    assert 0 <= displace(np.array(centre), np.array(error), SHARE) <= 100


def test_a_small_error_is_simply_added():
    assert displace(np.array(50.0), np.array(0.1), SHARE) == pytest.approx(50.1, abs=1e-3)


def test_an_error_as_long_as_the_room_leaves_a_third_of_it():
    assert displace(np.array(60.0), np.array(40.0), SHARE) == pytest.approx(100 - 40 * np.exp(-1))


@given(st.floats(1, 99), st.floats(-30, 30))
@settings(max_examples=100, deadline=None)
def test_learning_measures_errors_by_the_inverse(centre, error):
    moved = displace(np.array([[centre]]), np.array([[error]]), SHARE)
    if 0.02 < moved[0, 0] < 99.98 and abs(error) < 4 * min(centre, 100 - centre):
        assert unfold(np.array([[centre]]), moved, SHARE)[0, 0] == pytest.approx(error, rel=1e-6, abs=1e-6)


def test_the_error_whose_displacement_gives_the_actual_value():
    centre = np.array([[60.0, 60.0, 60.0, 60.0]])
    actual = np.array([[100 - 40 * np.exp(-1), 60 * np.exp(-0.5), 100.0, 0.0]])
    np.testing.assert_allclose(unfold(centre, actual, SHARE), [[40, -30, -40 * np.log(0.01), 60 * np.log(0.01)]])
    np.testing.assert_array_equal(unfold(centre, actual, read_bounds(None)), actual - centre)
    ten = read_bounds((10, 20))
    np.testing.assert_allclose(unfold(np.array([[12.0]]), np.array([[10 + 2 * np.exp(-1)]]), ten), -2)


def test_with_one_bound_only_errors_towards_it_are_drawn_out():
    found = unfold(np.array([60.0, 60.0]), np.array([60 * np.exp(-0.5), 99.0]), read_bounds((0, None)))
    np.testing.assert_allclose(found, [-30, 39])


def test_without_bounds_an_error_is_added():
    assert displace(np.array(-5.0), np.array(700.0), read_bounds(None)) == 695.0


def test_an_error_shrinks_the_room_between_any_bounds():
    scale = read_bounds((10, 60))
    assert displace(np.array(20.0), np.array(-5.0), scale) == pytest.approx(10 + 10 * np.exp(-0.5))
    assert displace(np.array(20.0), np.array(8.0), scale) == pytest.approx(60 - 40 * np.exp(-0.2))
    count = read_bounds((0, None))
    assert displace(np.array(20.0), np.array(800.0), count) == 820
    assert displace(np.array(20.0), np.array(-10.0), count) == pytest.approx(20 * np.exp(-0.5))
    assert displace(np.array(100.0), np.array(5.0), SHARE) == 100


def made():
    """Two kinds of errors: one twice as wide in the second year, one lopsided."""
    errors = np.array([[[-1.0, 0, 1], [-2.0, 0, 2]], [[-1.0, 0, 3], [-1.0, 0, 3]]])
    return Marginals(np.array(["a", "b", "c"]), np.array([2020, 2021, 2022]), np.arange(6.0).reshape(3, 2) * 10,
                     np.array([[1.0, 1], [2, 2], [1, 4]]), np.array([0.1, 0.5, 0.9]), errors, np.array([0, 0, 1]),
                     read_bounds(None))


def test_quantiles_are_the_centre_and_the_spread_times_the_error_of_its_kind():
    found = made().quantiles(np.array([0.1, 0.7, 0.9]))
    np.testing.assert_allclose(found[0], [[-1, 0.5, 1], [8, 11, 12]])
    np.testing.assert_allclose(found[1], [[18, 21, 22], [26, 32, 34]])
    np.testing.assert_allclose(found[2], [[39, 41.5, 43], [46, 56, 62]])


def test_a_draw_at_a_probability_is_the_quantile_there():
    uniform = np.array([[[0.1, 0.9], [0.5, 0.7]]] * 3)
    found = made().draw(uniform)
    np.testing.assert_allclose(found, [[[-1, 12], [0, 11]], [[18, 34], [20, 32]], [[39, 62], [40, 56]]])


def test_the_table_is_laid_out_by_area_year_and_quantile():
    table = to_table(made().only(np.array([True, False, True])), np.array([0.1, 0.9]))
    assert table["area"].tolist() == ["a"] * 4 + ["c"] * 4
    assert table["year"].tolist() == [2021, 2021, 2022, 2022, 2023, 2023, 2024, 2024]
    assert table["quantile"].tolist() == [0.1, 0.9] * 4
    np.testing.assert_allclose(table["value"], [-1, 1, 8, 12, 39, 43, 46, 62])


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
                     np.zeros(areas, dtype=int), read_bounds(None))


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
