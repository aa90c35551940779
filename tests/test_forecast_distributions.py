"""Bounds, levels and horizons, distributions inside their bounds, and paths with these margins."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from dxanalysis.forecasting import forecast_paths
from dxanalysis.forecasting.distributions import (
    EDGE,
    LEVELS,
    Marginals,
    _key,
    _walks,
    check_horizon,
    check_levels,
    displace,
    draw_paths,
    read_bounds,
    to_paths_table,
    to_table,
    unfold,
)

SHARE = read_bounds((0, 100))


@pytest.mark.parametrize(
    ("bounds", "kind"), [((0, 100), "logit"), ((0, None), "plain"), ((None, 5), "plain"), (None, "plain")]
)
def test_two_bounds_make_a_share_and_fewer_leave_the_unit(bounds, kind):
    assert read_bounds(bounds).kind == kind


@given(st.floats(0.1, 99.9))
@settings(max_examples=50, deadline=None)
def test_there_and_back_is_the_same_share(value):
    assert SHARE.back(SHARE.to(value)) == pytest.approx(value)


@pytest.mark.parametrize("wrong", [(100, 0), (5, 5), (0, 1, 2)])
def test_bounds_that_are_no_rising_pair_are_refused(wrong):
    with pytest.raises(ValueError, match="are not a"):
        read_bounds(wrong)


@pytest.mark.parametrize(("bounds", "there", "back"), [
    ((0, 100), {20.0: -np.log(4)}, {}),
    ((0, 100), {}, {float(SHARE.to(0.0)): 100 * EDGE}),  # a share at its bound stays a number
    ((10, 60), {20.0: np.log(0.25)}, {np.log(0.25): 20, -800.0: 10, 800.0: 60}),
    ((0, None), {7.0: 7.0}, {-2.0: 0.0, 3.0: 3.0}),
])
def test_the_working_scale_of_bounds_and_the_way_back(bounds, there, back):
    scale = read_bounds(bounds)
    assert scale.to(np.array([*there])).tolist() == pytest.approx([*there.values()])
    assert scale.back(np.array([*back])).tolist() == pytest.approx([*back.values()])


def test_the_house_has_21_levels_in_steps_of_five_points_between_the_ends_of_the_95_percent_interval():
    assert LEVELS.tolist() == [0.025, *(round(step / 20, 2) for step in range(1, 20)), 0.975]
    assert check_levels([0.9, 0.1, 0.9]).tolist() == [0.1, 0.9]


@pytest.mark.parametrize("wrong", [0.0, 1.0, 95.0, -0.1, float("nan")])
def test_a_level_outside_0_to_1_is_refused(wrong):
    with pytest.raises(ValueError, match="is not between 0 and 1"):
        check_levels([0.5, wrong])
    with pytest.raises(ValueError, match="No quantile level"):
        check_levels([])


@pytest.mark.parametrize("wrong", [0, -1, 61, 2.5, True, "3"])
def test_a_horizon_is_a_number_of_years_from_1_to_60(wrong):
    assert [check_horizon(years) for years in (1, 60)] == [1, 60]
    with pytest.raises(ValueError, match="is not a number of years from 1 to 60"):
        check_horizon(wrong)


@given(st.floats(0, 100), st.floats(-1e4, 1e4))
@settings(max_examples=200, deadline=None)
def test_no_error_pushes_a_share_out_of_its_bounds(centre, error):
    assert 0 <= displace(np.array(centre), np.array(error), SHARE) <= 100


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
    one_bound = unfold(np.array([60.0, 60.0]), np.array([60 * np.exp(-0.5), 99.0]), read_bounds((0, None)))
    np.testing.assert_allclose(one_bound, [-30, 39])


@pytest.mark.parametrize(("bounds", "centre", "error", "moved"), [
    ((0, 100), 50.0, 1e-3, 50.001),  # a small error is simply added
    ((0, 100), 60.0, 40.0, 100 - 40 * np.exp(-1)),  # one as long as the room leaves a third of it
    ((0, 100), 100.0, 5.0, 100),
    (None, -5.0, 700.0, 695.0),
    ((10, 60), 20.0, -5.0, 10 + 10 * np.exp(-0.5)),
    ((10, 60), 20.0, 8.0, 60 - 40 * np.exp(-0.2)),
    ((0, None), 20.0, 800.0, 820),
    ((0, None), 20.0, -10.0, 20 * np.exp(-0.5)),
])
def test_an_error_shrinks_the_room_between_any_bounds(bounds, centre, error, moved):
    assert displace(np.array(centre), np.array(error), read_bounds(bounds)) == pytest.approx(moved, abs=1e-6)


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


@pytest.mark.parametrize("drift", [0.0, 0.5])
def test_shocks_are_standard_normal_with_the_memory_of_a_random_walk_with_drift(drift):
    """Years 1 and 4: (1 + 4 d²) / sqrt((1 + d²)(4 + 16 d²)); without drift sqrt(1/4)."""
    walks = _walks(np.random.default_rng(0), (60000,), 4, drift)
    np.testing.assert_allclose(walks.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(walks.std(axis=0), 1, atol=0.02)
    expected = (1 + 4 * drift**2) / np.sqrt((1 + drift**2) * (4 + 16 * drift**2))
    assert np.corrcoef(walks[:, 0], walks[:, 3])[0, 1] == pytest.approx(expected, abs=0.015)


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


def marginals(areas=2, horizon=3):
    """Standard normal errors around 100 times the area's number."""
    levels = np.linspace(0.0005, 0.9995, 1000)
    errors = np.broadcast_to(ndtri(levels), (1, horizon, 1000))
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
