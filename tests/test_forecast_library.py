import numpy as np

from dxanalysis.forecasting.library import library, terms, terms_of_level
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.scales import read_bounds

MEMORY = {"speed": [0.1, 0.5, 0, 0, 0, 0, 0], "level": [0.2, 0, 0]}


def moves(rows, bounds=(0, 100)):
    values = np.array(rows, dtype=float)
    return library(prepare(values, np.ones_like(values), read_bounds(bounds), False), np.arange(1, 4), MEMORY)


def test_the_memory_is_walked_year_by_year():
    first = 0.1 + 0.5 * 0.0
    speed = 0 + first / 3
    second = 0.1 + 0.5 * speed
    third = 0.1 + 0.5 * (speed + (second - speed) / 3)
    np.testing.assert_allclose(moves([[50, 50, 50]])[0], [first, first + second, first + second + third])


def test_one_point_moves_by_its_level_alone():
    np.testing.assert_allclose(moves([[50.0]])[0][0], 0.2)


def test_unbounded_data_have_no_memory_and_fade():
    np.testing.assert_allclose(moves([[1.0, 2.0, 3.0]], None)[0][:2], [0.8, 0.8 + 0.64])


def test_the_terms_are_level_over_four_and_speed_with_their_products():
    np.testing.assert_allclose(terms(np.array([2.0]), np.array([-0.5])),
                               [[1, -0.5, 0.5, 0.25, -0.25, -0.125, -0.25]])  # fmt: skip
    np.testing.assert_allclose(terms(np.array([9.0]), np.array([3.0])), [[1, 1, 1.75, 1.75**2, 1.75, 1.75**2, 1]])
    np.testing.assert_allclose(terms(np.array([-9.0]), np.array([-3.0]))[0, :3], [1, -1, -1.75])
    np.testing.assert_allclose(terms_of_level(np.array([2.0, -9.0, 9.0])),
                               [[1, 0.5, 0.25], [1, -1.75, 1.75**2], [1, 1.75, 1.75**2]])  # fmt: skip


def test_no_step_is_steeper_than_one_and_two_points_have_a_speed():
    steep = {"speed": [5.0, 0, 0, 0, 0, 0, 0], "level": [-5.0, 0, 0]}
    values = np.array([[np.nan, 50.0, 50.0], [np.nan, np.nan, 50.0]])
    found = library(prepare(values, np.ones_like(values), read_bounds((0, 100)), False), np.arange(1, 3), steep)
    np.testing.assert_allclose(found, [[1, 2], [-1, -2]])
