import numpy as np

from dxanalysis.forecast.library import library
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds

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
