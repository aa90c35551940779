from dataclasses import replace

import numpy as np
import pytest

from dxanalysis.forecasting.constants import Errors, shipped
from dxanalysis.forecasting.scales import read_bounds
from tests.benchmarks import forecast_learn_errors as learn_errors
from tests.benchmarks.forecast_learn_errors import LEVELS, Residuals
from tests.benchmarks.forecast_training import Task


def residuals(families=4, rows=60, scale=1.0):
    """Errors that are normal with the size their own change says."""
    draw = np.random.default_rng(0)
    number = families * rows
    own = draw.normal(0, 1, number)
    error = scale * np.exp(own)[:, None] * draw.standard_normal((number, 10))
    names = np.repeat([f"f{i}" for i in range(families)], rows)
    spikes = draw.uniform(0.2, 0.4, number)
    return Residuals(own, np.ones((number, 10, 1)), error, spikes, np.full(number, 6), names, names, nothing(number),
                     np.arange(number) // 10)  # fmt: skip


def nothing(number):
    """The past of rows where nothing could be replayed."""
    zero = np.zeros(1)
    return np.full(number, learn_errors.Past(zero, np.ones((1, 5, 1)), np.ones(1), zero, ()), dtype=object)


def test_the_size_of_errors_is_found_whatever_their_scale():
    one, ten = (learn_errors._fit(residuals(scale=scale)).size[0] for scale in (1.0, 10.0))
    np.testing.assert_allclose(np.exp(ten - one), 10, rtol=0.01)
    np.testing.assert_allclose(np.exp(one), np.sqrt(2 / np.pi), rtol=0.05)  # mean absolute normal error


def test_the_shape_of_normal_errors_is_normal_and_centred():
    found = learn_errors._fit(residuals(rows=400))
    shape = found.shape[4, 1, 1] * np.sqrt(2 / np.pi)
    assert shape[LEVELS == 0.5] == 0
    np.testing.assert_allclose(shape[LEVELS == 0.9], 1.2816, rtol=0.05)


def test_caution_never_narrows():
    middle, tails = learn_errors._caution(residuals())
    assert 1 <= middle < 1.2
    assert 1 <= tails < 1.2


def test_independent_errors_have_no_common_shock():
    found = residuals(rows=400)
    common, _ = learn_errors.learn_shocks(found, learn_errors._fit(found))
    assert common < 0.05


def test_shared_errors_have_one():
    found = residuals(rows=400)
    shock = np.random.default_rng(1).standard_normal((found.cell.max() + 1, 10))[found.cell]
    both = Residuals(found.own, found.terms, np.exp(found.own)[:, None] * shock, *list(vars(found).values())[3:])
    common, _ = learn_errors.learn_shocks(both, learn_errors._fit(both))
    assert common > 0.8


def test_weighted_quantiles_follow_the_weight():
    found = learn_errors._weighted_quantiles(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 1.0, 98.0]]))
    assert found[LEVELS == 0.5] > 2.4


def test_the_shipped_middle_is_what_the_experts_said():
    for kind in (shipped().errors_together, shipped().errors_alone):
        np.testing.assert_allclose(kind.shape[..., kind.levels == 0.5], 0, atol=1e-9)


def test_panels_weigh_alike_at_every_length_and_a_family_of_four_like_two():
    panel = np.array(["a", "a", "a", "b", "c", "d", "e"])
    family, length = np.array(["f"] * 6 + ["g"]), np.array([3, 3, 6, 6, 6, 6, 6])
    zero = np.zeros(7)
    found = Residuals(zero, zero, zero, zero, length, panel, family, zero, zero).weight()
    raw = np.array([1 / 4, 1 / 4, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1])  # two rows of a at three points
    np.testing.assert_allclose(found, raw / raw.sum())


def test_the_share_below_is_a_quantile_by_mass_and_what_is_missing_has_none():
    values, mass = np.array([3.0, np.nan, 1.0, 2.0]), np.array([1.0, 0.0, 1.0, 8.0])
    assert [learn_errors._share_below(values, mass, share) for share in (0.05, 0.5, 0.9, 0.95)] == [1, 2, 2, 3]


def test_the_drift_is_the_one_whose_paths_have_the_correlations_seen():
    draw, years = np.random.default_rng(0), np.arange(1, 7)
    for drift in (0.0, 0.5, 1.0):
        steps, slope = draw.standard_normal((40000, 6)), draw.standard_normal((40000, 1))
        walks = (np.cumsum(steps, axis=1) + drift * slope * years) / np.sqrt(years + (drift * years) ** 2)
        assert learn_errors._drift(walks) == pytest.approx(drift, abs=0.051)


def test_the_common_shock_is_the_mean_product_of_two_areas_over_the_mean_square():
    """One cell of five areas, alike in year one and opposed in year two; a cell of four does not count."""
    normal = np.zeros((9, 10))
    normal[:5, 0] = 2.0
    normal[:5, 1] = [1, 1, -1, -1, 0]
    normal[5:, 0] = 3.0
    cells, names = np.array([0] * 5 + [1] * 4), np.array(["f"] * 9)
    zero = np.zeros(9)
    found = Residuals(zero, zero, normal, zero, zero, names, names, zero, cells)
    pairs = [20 * 4 / 20, (0 - 4) / 20, 0, 0, 0, 0]  # sum over ordered pairs, of 5 * 4
    expected = np.mean(pairs) / np.mean(normal[:, :6] ** 2)
    assert learn_errors._common(normal, found) == pytest.approx(expected)
    assert learn_errors._common(np.ones((9, 10)), found) == 0.9  # at most
    opposed = np.tile(np.array([1.0, -1, 1, -1, 0, 0, 0, 0, 0])[:, None], 10)
    assert learn_errors._common(opposed, found) == 0


def test_an_error_against_its_side_of_the_interval():
    shape = np.broadcast_to(np.where(LEVELS < 0.5, 4 * (LEVELS - 0.5), 2 * (LEVELS - 0.5)), (2, 2, 2, 25))
    nodes = np.array([1.0, 25]), np.array([1.0, 10]), np.array([0.2, 0.4])
    learned = Errors(np.array([0.0]), *nodes, LEVELS, shape, np.ones(2))
    found = Residuals(np.log([2.0]), np.ones((1, 10, 1)), np.array([[1.0, -1, 3, -4] + [0] * 6]), np.array([0.3]),
                      np.array([5]), *(np.array(["x"]),) * 2, nothing(1), np.zeros(1))  # fmt: skip
    against = learn_errors._against_the_interval(found, learned, 0.1)
    np.testing.assert_allclose(against[0, :4], [0.5 / 0.8, 0.5 / 1.6, 1.5 / 0.8, 2 / 1.6])
    low, high = learn_errors._ends(found, learned, 0.025)
    np.testing.assert_allclose((low[0, 0], high[0, 0]), (-1.9, 0.95))


def test_the_caution_is_kept_beside_the_shape_it_widens(monkeypatch):
    found = residuals(rows=20)
    monkeypatch.setattr(learn_errors, "_caution", lambda _: (2.0, 4.0))
    narrow, wide = learn_errors._fit(found), learn_errors.learn_errors(found)
    np.testing.assert_array_equal(wide.shape, narrow.shape)
    assert (narrow.caution.tolist(), wide.caution.tolist()) == ([1, 1], [2, 4])


def test_shocks_are_read_against_the_interval_that_will_be_promised():
    found = residuals(rows=200)
    learned = learn_errors._fit(found)
    shock = np.random.default_rng(1).standard_normal((found.cell.max() + 1, 10))[found.cell]
    both = replace(found, error=3 * found.error + 9 * np.exp(found.own)[:, None] * shock)  # mostly beyond three ends
    said = [learn_errors.learn_shocks(both, replace(learned, caution=np.array([wide, 1.0])))[0] for wide in (1, 12)]
    assert said[1] > said[0] + 0.05


def test_the_interval_a_panel_is_held_against_has_the_tails_of_its_own_past():
    """Past errors of 3 and 30 alone: far tails, so an error at the end of the 95 % interval lies well inside it."""
    found, learned = residuals(rows=60), learn_errors._fit(residuals(rows=60))
    missed = np.where(np.arange(240) % 10 == 0, 30.0, 3.0)[:, None]
    past = learn_errors.Past(np.zeros(240), np.ones((240, 5, 1)), np.full(240, 6), np.full(240, 0.3),
                             ((np.arange(240), missed),))  # fmt: skip
    leaping = replace(found, past=np.full(240, past, dtype=object))
    said = learn_errors._tails(leaping.past, learned)
    assert said.tolist() == [learn_errors._tail(past, learned)] * 240
    assert 0.3 < said[0] <= np.log(2)
    inside, far = (learn_errors._against_the_interval(leaping, learned, outside) for outside in (0.1, 0.025))
    np.testing.assert_array_equal(inside, learn_errors._against_the_interval(found, learned, 0.1))
    np.testing.assert_allclose(far, learn_errors._against_the_interval(found, learned, 0.025) / np.exp(said[0]))


def test_errors_too_wide_for_their_families_ask_for_caution():
    """Each family errs e times as far as the one before, which the others' constants cannot know."""
    found = residuals(rows=200)
    sizes = np.exp(np.array([0, 1, 2, 3])[np.unique(found.family, return_inverse=True)[1]])
    wild = Residuals(found.own, found.terms, found.error * sizes[:, None], *list(vars(found).values())[3:])
    middle, tails = learn_errors._caution(wild)
    assert middle > 1.1
    assert tails > 1.5
    wild.error[:, 5:] = np.nan  # years that have not come have no part in it
    middle, tails = learn_errors._caution(wild)
    assert middle > 1.1
    assert tails > 1.5


def test_neighbours_in_length_years_and_spikes_weigh_by_their_distance(monkeypatch):
    """Two rows at the one node: errors 0 and 1, the second off in one respect; its weight is read from a quantile."""
    monkeypatch.setattr(learn_errors, "POINTS", np.array([2]))
    monkeypatch.setattr(learn_errors, "YEARS", np.array([1]))
    nodes, at = np.array([0.2]), LEVELS == 0.9

    def second(length=2, spikes=0.2):
        standard = np.full((2, 10), np.nan)
        standard[:, 0] = [0.0, 1.0]
        shape = learn_errors._learn_shape(standard, np.array([2, length]), np.array([0.2, spikes]), nodes, np.ones(2))
        return shape[0, 0, 0]

    def expected(weight):
        heap = np.array([1.0, 1.0 + weight])
        raw = np.interp(LEVELS, (heap - 0.5 * np.array([1.0, weight])) / heap[-1], [0.0, 1.0])
        return raw - raw[LEVELS == 0.5]

    np.testing.assert_allclose(second(), expected(1.0))
    np.testing.assert_allclose(second(length=4)[at], expected(np.exp(-0.5 * (np.log(2) / 0.3) ** 2))[at])
    np.testing.assert_allclose(second(spikes=0.3)[at], expected(np.exp(-0.5 * (0.1 / 0.08) ** 2))[at])


def test_neighbouring_years_weigh_by_the_logarithm_of_their_ratio(monkeypatch):
    monkeypatch.setattr(learn_errors, "POINTS", np.array([1]))
    monkeypatch.setattr(learn_errors, "YEARS", np.array([1]))
    standard = np.full((1, 10), np.nan)
    standard[0, :2] = [0.0, 1.0]
    shape = learn_errors._learn_shape(standard, np.ones(1), np.array([0.2]), np.array([0.2]), np.ones(1))[0, 0, 0]
    weight = np.exp(-0.5 * (np.log(2) / 0.4) ** 2)
    raw = np.interp(LEVELS, np.array([0.5, 1 + weight / 2]) / (1 + weight), [0.0, 1.0])
    np.testing.assert_allclose(shape, raw - raw[LEVELS == 0.5])


def test_weights_of_a_thousandth_are_left_out():
    values, weight = np.array([[1.0, 2.0, 99.0]]), np.array([[1.0, 1.0, 0.0009]])
    assert learn_errors._weighted_quantiles(values, weight)[-1] == 2.0
    assert learn_errors._weighted_quantiles(values, np.array([[1.0, 1.0, 0.01]]))[-1] > 50


def test_the_size_has_the_greatest_laplace_likelihood():
    """A constant alone is the log of the weighted mean error; each row counts once however many years it has."""
    error = np.array([[1.0, 3.0], [4.0, np.nan]])
    size = learn_errors._learn_size(np.log([1.0, 2.0]), np.ones((2, 2, 1)), error, np.array([0.25, 0.75]))
    assert size[0] == pytest.approx(np.log(0.25 * 2 + 0.75 * 2), abs=1e-4)
    wild = learn_errors._learn_size(np.zeros(2), np.ones((2, 1, 1)), np.array([[1e6], [10.0]]), np.array([0.5, 0.5]))
    assert wild[0] == pytest.approx(np.log(20), abs=1e-4)  # no error counts for more than 30
    terms = np.stack([np.ones((2, 1)), np.array([[-1.0], [1.0]])], axis=2)
    slope = learn_errors._learn_size(np.zeros(2), terms, np.array([[1.0], [np.e]]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(slope, [0.5, 0.5], atol=2e-4)


def test_the_memory_learns_the_next_change_from_level_and_speed():
    """Logits that rise by 0.1 whatever their level; and one family of many series does not outweigh another."""

    def task(family, count, step):
        start = np.linspace(-1, 1, count)[:, None]
        logit = start + step * np.arange(5)
        share = 100 / (1 + np.exp(-logit))
        return Task(family, "p", read_bounds((0, 100)), share[:, :4], share[:, 4:], np.ones(count))

    level, speed, change, family = learn_errors._steps(task("a", 3, 0.1))
    np.testing.assert_allclose((level, speed, change), ([-0.7, 0.3, 1.3], [0.1] * 3, [0.1] * 3))
    assert family.tolist() == ["a"] * 3
    np.testing.assert_allclose(learn_errors._steps(task("a", 3, 1.2))[2], 1)
    np.testing.assert_allclose(learn_errors._steps(task("a", 3, -1.2))[2], -1)
    found = learn_errors.learn_memory([task("a", 20, 0.1), task("b", 60, 0.1)])
    np.testing.assert_allclose(found["level"], [0.1, 0, 0], atol=2e-3)
    assert len(found["speed"]) == 7
    fair = learn_errors.learn_memory([task("a", 12, 0.1), task("b", 60, 0.3), task("c", 12, 0.1)])
    assert fair["level"][0] == pytest.approx(0.1, abs=0.02)


def test_least_absolute_deviations_find_the_weighted_median():
    design, answer = np.ones((4, 1)), np.array([1.0, 2.0, 3.0, 90.0])
    assert learn_errors._least_absolute(design, answer, np.array([1.0, 1, 3, 1]))[0] == pytest.approx(3.0, abs=0.02)
    assert learn_errors._least_absolute(design, answer, np.array([3.0, 1, 1, 0.5]))[0] == pytest.approx(1.0, abs=0.02)


def test_the_nodes_and_levels_learned_are_those_of_the_shipped_constants():
    assert len(LEVELS) == 25
    np.testing.assert_allclose(LEVELS[[0, 1, 2, 3, 4, -4, -1]], [0.001, 0.01, 0.025, 0.05, 0.1, 0.95, 0.999])
    for kind in (shipped().errors_together, shipped().errors_alone):
        np.testing.assert_array_equal(kind.levels, LEVELS)
        assert kind.points.tolist() == [1, 2, 3, 4, 6, 10, 25] == learn_errors.POINTS.tolist()
        assert kind.years.tolist() == [1, 2, 4, 10] == learn_errors.YEARS.tolist()
        assert kind.size.shape == (18,)
        assert (kind.caution >= 1).all()


def test_a_shock_is_an_error_as_a_part_of_its_side_turned_into_a_normal_one(monkeypatch):
    seen = {}
    monkeypatch.setattr(learn_errors, "_drift", lambda normal: seen.setdefault("normal", normal) is None)
    monkeypatch.setattr(learn_errors, "_common", lambda normal, found: 0.0)
    shape = np.broadcast_to(np.where(LEVELS < 0.5, 4 * (LEVELS - 0.5), 2 * (LEVELS - 0.5)), (2, 2, 2, 25))
    nodes = np.array([1.0, 25]), np.array([1.0, 10]), np.array([0.2, 0.4])
    learned = Errors(np.array([0.0]), *nodes, LEVELS, shape, np.ones(2))
    error = np.array([[0.8, -1.6, 0.4, 99, -99] + [0.0] * 5])
    found = Residuals(np.zeros(1), np.ones((1, 10, 1)), error, np.array([0.3]), np.array([5]), *(np.array(["x"]),) * 2,
                      nothing(1), np.zeros(1))  # fmt: skip
    learn_errors.learn_shocks(found, learned)
    np.testing.assert_allclose(seen["normal"][0, :6], [1.28, -1.28, 0.64, 3, -3, 0], atol=1e-12)


def test_the_nodes_of_spikiness_are_quantiles_in_hundredths():
    found = residuals()
    expected = np.round(np.quantile(found.spikes, [0.15, 0.5, 0.85]), 2)
    np.testing.assert_allclose(learn_errors._fit(found).spikes, expected, rtol=1e-12)
