import numpy as np
import pytest

from dxanalysis.forecasting import leaning, pooled
from dxanalysis.forecasting.constants import shipped
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.replays import Replay, Standing
from dxanalysis.forecasting.scales import read_bounds

SHARE, PLAIN = read_bounds((0, 100)), read_bounds(None)


def made(values, together=True, scale=PLAIN):
    values = np.array(values, dtype=float)
    return prepare(values, np.ones_like(values), scale, together)


def standing(came, years=1, areas=5):
    """One expert that stays at nought where `came` (areas or one number) came every year."""
    actual = np.broadcast_to(np.reshape(came, (-1, 1)), (areas, years))
    moves = np.zeros((areas, 1, years))
    return Standing(np.arange(areas), np.zeros(areas), np.ones(areas), np.ones(areas), moves, actual, PLAIN)


def past(*standings):
    return Replay(tuple(standings), np.zeros((1, 1)), np.zeros((1, 1)))


def panel():
    return made(np.arange(5)[:, None] + np.arange(4.0))


def lean(*standings):
    return leaning.lean(panel(), past(*standings), np.ones((5, 5, 1)))


def test_the_lean_is_what_a_year_ahead_was_missing():
    """Three years in which 0.1, 0.2, 0.3 came where nothing was said: 0.1 a year."""
    rising = standing(0.0, years=3)
    object.__setattr__(rising, "actual", np.tile([0.1, 0.2, 0.3], (5, 1)))
    assert leaning._missing(rising, np.ones((1, 5, 1))).tolist() == pytest.approx([0.1] * 5)


def test_years_that_agree_are_believed_and_years_that_do_not_are_not():
    assert lean(standing(0.1), standing(0.1), standing(0.1)) == pytest.approx(0.1)
    said = np.array([0.2, 0.0])  # mean 0.1, squared standard error 0.02 / 2
    assert lean(standing(0.2), standing(0.0)) == pytest.approx(0.1**3 / (0.1**2 + said.var(ddof=1) / 2))
    assert lean(standing(0.2), standing(-0.2)) == 0


def test_a_single_year_is_half_believed():
    assert lean(standing(-0.1)) == pytest.approx(-0.05)


def test_one_area_that_leaps_does_not_lead_the_panel():
    assert lean(standing([9.0, 0, 0, 0, 0])) == pytest.approx(0.25 / 5 / 2)


def test_without_a_panel_or_a_past_nothing_leans():
    assert lean() == 0
    alone = made([[1.0, 2, 4]], together=False)
    assert leaning.lean(alone, past(standing(0.1, areas=1)), np.ones((1, 5, 1))) == 0


def test_a_lean_adds_up_over_the_years_replayed_and_fades_beyond():
    found = leaning.faded(np.array([1, 2, 5, 6, 7, 60]))
    np.testing.assert_allclose(found[:5], [1, 2, 5, 5.9, 6.71])
    assert found[5] < 14


def test_a_panel_that_gathers_speed_is_forecast_higher_than_its_experts_say_and_one_at_rest_is_not():
    draw, years = np.random.default_rng(1), np.arange(12)
    level = 1 / (1 + np.exp(4.5 - 0.04 * years**2 + draw.normal(0, 0.5, (30, 1))))
    faster = made(100 * level, scale=SHARE)
    found = pooled.outlook_of(faster, 3, shipped())[1]
    mixture = np.einsum("ahe,aeh->ah", found.weights, pooled.expert_moves(faster, np.arange(1, 4), shipped().memory))
    assert found.lean > 0.02
    assert (found.centre > SHARE.back(faster.level[:, None] + mixture)).all()


def test_a_panel_at_rest_is_not_moved_by_the_shock_of_its_last_year():
    draw = np.random.default_rng(2)
    values = 45 + draw.normal(0, 2, (30, 12)).cumsum(axis=1)
    values[:, -1] += 4
    resting = made(values, scale=SHARE)
    past, found = pooled.outlook_of(resting, 3, shipped())
    assert leaning.lean(resting, past, found.weights[:, :1].repeat(5, axis=1)) > 0.02
    assert abs(found.lean) < 0.002
