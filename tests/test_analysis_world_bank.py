"""The World Bank's speed along the typical path."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.world_bank import TypicalPath, typical_path, world_bank_pace
from tests.tables import cases, holds


def panel(change, areas=4, years=range(2010, 2021), start=10.0):
    return pd.DataFrame([
        {"area": f"area-{i}", "year": year, "value": start + 8 * i + change * (year - 2010)}
        for i in range(areas) for year in years
    ])


STEADY = panel(2.0)


def test_peers_with_one_pace_make_that_pace_typical():
    path = typical_path(STEADY)
    assert path.years_between(10.0, 30.0) == pytest.approx(10.0)
    assert path.years_between(30.0, 10.0) == pytest.approx(-10.0)
    assert (path.areas, path.observed) == (4, 40)


RISE, SLOW = {2015: 12.0, 2020: 17.0}, {2015: 20.0, 2020: 28.0}


@cases("history target more expected", {
    **{f"{pace} a year is {speed} of the typical pace": (
        {2015: 20.0, 2020: 20 + 5 * pace}, 60, {}, {"value": speed})
       for pace, speed in [(2.0, 1.0), (3.0, 1.5), (0.5, 0.25), (-1.0, -0.5)]},
    "the year of attainment follows from the speed": (
        RISE, 27, {"target_year": 2030}, {"status": "future", "projected": 2030.0, "step": "on_track"}),
    **{f"the common scale looks at the target year {year}": (RISE, 27, {"target_year": year}, {"step": step})
       for year, step in [(2031, "on_track"), (2029, "acceleration_needed"), (2024, "limited_progress")]},
    "met since the value never fell below it again": (
        {2010: 20.0, 2012: 26.0, 2014: 24.0, 2016: 25.0, 2020: 30.0}, 25, {},
        {"status": "past", "projected": 2016.0, "step": "achieved"}),
    "met from the first year": ({2010: 30.0, 2020: 40.0}, 25, {}, {"projected": 2010.0}),
    "standing still is never": ({2015: 20.0, 2020: 20.0}, 25, {}, {"status": "never"}),
    "falling is never": ({2015: 20.0, 2020: 15.0}, 25, {}, {"status": "never", "step": "moving_away"}),
    "less than five years give no speed": ({2016: 20.0, 2020: 28.0}, 35, {}, {"reason": "span_under_5_years"}),
    "nothing gives no speed": ({}, 35, {}, {"reason": "no_data"}),
    "a late year is beyond what can be said": ({2015: 20.0, 2020: 20.5}, 60, {}, {"reason": "beyond_2050"}),
    "a target above all peers says so": (
        {2015: 40.0, 2020: 50.0}, 60, {}, {"reason": "beyond_peer_levels", "projected": 2025.0}),
    "without target only the speed is given": (SLOW, None, {}, {
        "status": "speed_only", "value": 0.8, "projected": None, "step": "acceleration_needed"}),
    "a band has no typical direction": (SLOW, 30, {"direction": 0}, {"reason": "band"}),
    "peers that go nowhere give no speed": (
        SLOW, 35, {"peers": panel(-1.0, start=40)}, {"reason": "typical_pace_not_positive"}),
    "a value that fell below its target again meets it in the future": (
        {2015: 20.0, 2019: 28.0, 2020: 26.0}, 27, {}, {"status": "future"}),
    "only the latest value decides": ({2015: 20.0, 2019: 26.0, 2020: 27.0}, 27, {}, {"status": "past"}),
})
def test_the_verdict(history, target, more, expected):
    more = dict(more)
    verdict = world_bank_pace(history, target, more.pop("peers", STEADY), **more)
    assert holds(verdict, expected) and (verdict.reason == "beyond_2050") == ((verdict.projected or 0) > 2050)


def test_lower_is_better_mirrors():
    mirrored = STEADY.assign(value=-STEADY["value"])
    up = world_bank_pace({2015: 12.0, 2020: 17.0}, 27, STEADY, target_year=2029)
    down = world_bank_pace({2015: -12.0, 2020: -17.0}, -27, mirrored, target_year=2029, direction=-1)
    assert (down.value, down.projected, down.step) == (pytest.approx(up.value), up.projected, up.step)


def test_time_is_integrated_over_a_pace_that_depends_on_the_level():
    levels = np.linspace(10, 40, 301)
    path = TypicalPath(levels, 0.1 * levels, 1, 1)  # ten percent a year: doubling takes ln 2 / 0.1 years
    assert path.years_between(10, 20) == pytest.approx(np.log(2) / 0.1, rel=1e-5)
    assert path.years_between(np.array([10, 20]), np.array([20, 40])) == pytest.approx([6.931472] * 2, rel=1e-5)


def test_a_level_where_nobody_moves_cannot_be_passed():
    path = TypicalPath(np.array([0.0, 10, 20, 30]), np.array([1.0, 1, 0, 1]), 1, 1)
    assert np.isnan(path.years_between(5, 25))
    assert path.years_between(0, 10) == pytest.approx(10)
    assert np.isnan(path.years_between(5, 20))


def test_beyond_the_peers_the_last_pace_is_kept():
    path = TypicalPath(np.array([10.0, 20.0]), np.array([1.0, 2.0]), 1, 1)
    assert path.years_between(20, 30) == pytest.approx(5.0)
    assert path.years_between(0, 10) == pytest.approx(10.0)


def test_the_median_ignores_one_wild_peer():
    wild = pd.concat([STEADY, panel(50.0, areas=1).assign(area="wild")])
    assert typical_path(wild).years_between(12, 30) == pytest.approx(9.0, rel=0.05)


@cases("peers message", {
    "changes never cross a break": (
        STEADY.assign(break_before=["new method" * (year == 2020) for year in STEADY["year"]]), "hold 0 changes"),
    "few changes": (panel(1.0, areas=1, years=range(2010, 2014)), "hold 3 changes"),
})
def test_there_is_no_path(peers, message):
    with pytest.raises(ValueError, match=message):
        typical_path(peers)


def test_peers_at_one_level_still_make_a_path():
    flat = pd.DataFrame(
        [{"area": f"{i}", "year": y, "value": 10.0 + (y - 2020)} for i in range(12) for y in (2020, 2021)]
    )
    assert typical_path(flat).years_between(10, 12) == pytest.approx(2.0)


def test_a_target_behind_a_level_where_nobody_moves_has_no_year():
    path = TypicalPath(np.array([0.0, 10, 20, 30]), np.array([1.0, 1, 0, 1]), 1, 1)
    verdict = world_bank_pace({2010: 2.0, 2020: 8.0}, 25, path, target_year=2030)
    assert (verdict.status, verdict.reason) == ("not_available", "typical_pace_not_positive")
    assert world_bank_pace({2010: 2.0, 2020: 8.0}, 10, path, target_year=2030).value == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("target_year", "step"),
    [(2030, "on_track"), (2029, "acceleration_needed"), (2026, "acceleration_needed"), (2025, "limited_progress")],
)
def test_the_way_covered_by_the_target_year_decides_the_step(target_year, step):
    path = TypicalPath(np.array([0.0, 100.0]), np.array([1.0, 1.0]), 9, 90)
    verdict = world_bank_pace({2010: 10.0, 2020: 20.0}, 30, path, target_year=target_year)
    assert (verdict.step, verdict.projected, verdict.value) == (step, 2030.0, 1.0)
