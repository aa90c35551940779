import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import errors, forecast_panel, pooled, tails
from dxanalysis.forecasting.constants import shipped
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.scales import read_bounds

LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
#: Borrowed ends: 80 % of errors within 1 below and 2 above, 95 % within 3 below and 5 above, two years alike.
SHAPE, KIND = np.tile(np.array([-3.0, -1, 0, 2, 5]), (1, 2, 1)), np.zeros(100, dtype=int)


def tail(missed, size=1.0):
    return tails.tail(missed, np.full((100, 2), size), SHAPE, KIND, LEVELS)


def exponential(number, scale=1.0):
    """The even quantiles of absolute errors that are exponential: 80 % below log 5, 95 % below log 20."""
    return scale * -np.log(1 - (np.arange(number) + 0.5) / number)


def test_without_a_replayed_past_the_borrowed_shape_is_kept():
    assert tail([]) == 0
    np.testing.assert_allclose(tails.stretch(LEVELS, 0.0, np.ones(2)), 1)


def test_the_tail_is_the_log_ratio_of_the_far_quantile_to_the_near_one_against_the_shape():
    """Hundred upward errors: 80 % below log 5, 95 % below log 20; the shape has 2 and 5 there."""
    rows = np.arange(100)
    expected = np.log(np.log(20) / 5) - np.log(np.log(5) / 2)
    missed = exponential(100)[:, None]
    assert tail([(rows, missed)]) == pytest.approx(expected * 100 / 160, abs=0.02)
    assert tail([(rows, -missed)]) == pytest.approx((np.log(np.log(20) / 3) - np.log(np.log(5))) * 100 / 160, abs=0.02)


def test_the_size_of_the_errors_says_nothing_about_their_tail():
    rows, missed = np.arange(100), exponential(100)[:, None]
    assert tail([(rows, 7 * missed)]) == pytest.approx(tail([(rows, missed)]))
    assert tail([(rows, missed)], size=3.0) == pytest.approx(tail([(rows, missed)]))


def test_every_year_stood_at_counts_alike_and_few_areas_are_hardly_believed():
    rows, missed = np.arange(100), exponential(100)[:, None]
    once, twice = tail([(rows, missed)]), tail([(rows, missed), (rows, np.c_[missed, missed])])
    assert twice / (200 / 260) == pytest.approx(once / (100 / 160))
    ten = np.arange(10)
    assert abs(tail([(ten, exponential(10)[:, None])])) < 0.5 * abs(tail([(rows, missed)]))


def test_a_past_without_errors_or_with_one_leap_stays_within_a_factor_of_two():
    rows = np.arange(100)
    assert tail([(rows, np.zeros((100, 1)))]) == pytest.approx(0)
    leap = np.r_[np.zeros(90), np.full(10, 1e3)][:, None]
    assert tail([(rows, leap)]) == pytest.approx(np.log(2))
    assert tail([(rows, np.where(leap > 0, 3.001, 3.0))]) < 0


def test_only_what_lies_beyond_the_80_percent_interval_is_stretched():
    found = tails.stretch(np.array([0.01, 0.025, 0.05, 0.1, 0.5, 0.9, 0.975]), np.log(2.0), np.array([1.1, 1.4]))
    np.testing.assert_allclose(found, [2.8, 2.8, 1.3 * 2 ** (2 / 3), 1.1, 1.1, 1.1, 2.8])


def panel(leaps, areas=60, years=12):
    """Shares around 50 % that tremble evenly, or rest and now and then leap."""
    draw = np.random.default_rng(5)
    steps = draw.uniform(-1, 1, (areas, years))
    if leaps:
        steps = np.where(draw.uniform(size=steps.shape) < 0.08, 12 * steps, 0.1 * steps)
    values = 50 + np.cumsum(steps, axis=1)
    index = np.indices(values.shape).reshape(2, -1)
    return pd.DataFrame({"area": [f"a{i:02d}" for i in index[0]], "year": 2010 + index[1], "value": values.ravel()})


def test_a_panel_that_trembles_evenly_gets_shorter_tails_than_one_that_leaps():
    scale = read_bounds((0, 100))
    said = []
    for leaps in (False, True):
        found = pooled.fit(read_history(panel(leaps), scale), 5, scale, shipped())
        _, outlook = pooled.outlook_of(found.prepared, 5, shipped())
        learned = shipped().errors_together
        size = errors.sizes(*errors.size_terms(found.prepared, outlook), learned)
        shape, kind = errors.shapes(found.prepared.span, errors.spikiness(found.prepared), 5, learned)
        heavy = tails.tail(outlook.record.missed, size, shape, kind, learned.levels)
        np.testing.assert_allclose(
            found.marginals.errors, shape * tails.stretch(learned.levels, heavy, learned.caution)
        )
        said.append(heavy)
    assert said[0] < -0.1 < 0.1 < said[1]


def test_the_next_year_does_not_depend_on_how_far_ahead_is_asked():
    table = panel(True)
    near, far = (forecast_panel(table, horizon, bounds=(0, 100)) for horizon in (1, 8))
    np.testing.assert_allclose(near["value"], far.loc[far["year"] == 2022, "value"])
