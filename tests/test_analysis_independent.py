"""The same rules written a second time, from the published texts alone, on thousands of random questions.

Nothing here is taken from the package but the functions under test: a slip would have to be made twice to pass.
"""

import math
import random

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dxanalysis.analysis import verdicts
from dxanalysis.analysis.milestones import national_goal
from dxanalysis.analysis.peers import ranks
from dxanalysis.analysis.series import cagr
from dxanalysis.analysis.shares import required_growth, share_effects
from dxanalysis.analysis.verdicts.united_nations import weighted_trend
from dxanalysis.analysis.verdicts.world_bank import TypicalPath, typical_path
from tests.records import SHARE


def random_question(rng):
    """Return a base, a latest value, perhaps a target and a limit: round numbers, so that ties and cuts are met."""
    level = rng.choice([1, 10, 100, 1000])
    draw = lambda: round(rng.uniform(-0.3, 1) * level, rng.choice([0, 1, 2]))  # noqa: E731
    start = rng.randint(2005, 2020)
    return {
        "base_year": start, "base_value": draw(), "current_year": start + rng.randint(0, 9), "current_value": draw(),
        "target": rng.choice([None, draw(), 0.0]), "target_year": rng.randint(2016, 2035),
        "direction": rng.choice([1, -1]), "limit": rng.choice([None, None, 0.0, float(level)]),
    }


def progress(q):
    """Return R (or growth), the met target, and the factor C, by the text of Open SDG's methodology page."""
    base, value, target, d = q["base_value"], q["current_value"], q["target"], q["direction"]
    if target == 0:
        target = 0.001
    met = target is not None and (value >= target if d == 1 else value <= target)
    limit, factor = q["limit"], 1.0
    if target is None and limit is not None and not (d == -1 and base < limit) and abs(base) < 2 * abs(limit):
        near = abs(base) / abs(limit) if abs(base) <= abs(limit) else (2 * abs(limit) - abs(base)) / abs(limit)
        factor = 1 - near**4.44
    s = -1 if base < 0 else 1
    base = 0.001 if base == 0 else base
    if base * value < 0 or q["current_year"] - q["base_year"] < 1:
        return None, met, factor, target
    g = d * s * ((value / base) ** (1 / (q["current_year"] - q["base_year"])) - 1)
    if target is None:
        return g, met, factor, target
    if base * target < 0 or q["target_year"] <= q["base_year"]:
        return None, met, factor, target
    needed = abs((target / base) ** (1 / (q["target_year"] - q["base_year"])) - 1)
    if needed == 0:
        return (math.copysign(math.inf, g) if g else None), met, factor, target
    return g / needed, met, factor, target


def statcan_again(q):
    v, met, c, target = progress(q)
    if met:
        return "target_achieved", 5.0
    if v is None:
        return "not_available", None
    if target is not None:
        word = ["deterioration", "limited_progress", "moderate_progress", "substantial_progress"]
        score = 7.1429 * v - 4.2857 if v >= 0.6 else 4.1667 * v - 2.5
        return word[(v >= 0) + (v >= 0.6) + (v >= 0.95)], min(5.0, max(-5.0, score))
    if v < 0:
        return "deterioration", max(125 * v - 2.5, -5.0)
    if v >= 0.015 * c:
        return "substantial_progress", 5.0 if c == 0 else min(500 * v / c - 5, 5.0)
    if v >= 0.005 * c:
        return "moderate_progress", 250 * v / c - 1.25
    return "limited_progress", 500 * v / c - 2.5


def eustat_again(q):
    v, met, c, target = progress(q)
    useful = q["limit"] is not None and not (q["direction"] == -1 and q["base_value"] < q["limit"])
    if met or (target is None and useful and q["current_value"] == q["limit"]):
        return "significant_progress", 5.0
    if v is None:
        return "not_available", None
    if target is not None:
        word = "significant_deterioration" if v < 0 else "moderate_deterioration"
        word = "moderate_progress" if v > 0.6 else word
        score = 5 / 0.7 * (v - 0.6) if v >= 0.6 else 5 / 1.2 * (v + 0.6) - 5
        return "significant_progress" if v > 0.95 else word, min(5.0, max(-5.0, score))
    if v > 0.01 * c:
        word = "significant_progress"
    elif v > 0.001 * c:
        word = "moderate_progress"
    elif v >= -0.001:
        word = "no_progress"
    else:
        word = "moderate_deterioration" if v >= -0.01 * c else "significant_deterioration"
    if v < -0.02:
        return word, -5.0
    return word, 5.0 if c == 0 else min(5.0, 250 * v / c) if v >= 0 else 250 * v


@pytest.mark.parametrize(
    ("method", "again"), [(verdicts.statcan, statcan_again), (verdicts.eustat, eustat_again)], ids=["statcan", "eustat"]
)
def test_2500_random_questions_get_the_verdict_of_a_second_reading_of_the_rule(method, again):
    rng, seen = random.Random(3), set()
    for _ in range(2500):
        q = random_question(rng)
        verdict, (status, score) = method(**q), again(q)
        assert (verdict.status, score is None) == (status, verdict.score is None), q
        assert score is None or verdict.score == pytest.approx(score, abs=1e-9), q
        seen.add(status)
    assert len(seen) >= 5


def test_2000_random_questions_get_the_un_charts_share_written_a_second_time():
    rng, judged = random.Random(4), 0
    for _ in range(2000):
        q = random_question(rng) | {"limit": None}
        verdict = verdicts.un_chart(**q)
        base, value, target, d = q["base_value"], q["current_value"], q["target"], q["direction"]
        if verdict.value is None or target is None:
            continue
        yearly = (value / base) ** (1 / (q["current_year"] - q["base_year"]))
        share = (value * yearly ** (q["target_year"] - q["current_year"]) - base) / (target - base)
        assert d * (value - target) < 0
        assert verdict.value == pytest.approx(share, rel=1e-9, abs=1e-12)
        assert verdict.score == (3 if share >= 0.95 else 2 if share >= 0.10 else 1)
        judged += 1
    assert judged > 200


def test_destatis_symbols_follow_from_five_yearly_changes_added_up():
    rng, seen = random.Random(5), set()
    for _ in range(2000):
        values = [round(rng.uniform(0, 100), 1) for _ in range(rng.randint(6, 9))]
        target, d = round(rng.uniform(0, 100), 1), rng.choice([1, -1])
        if d * (values[-1] - target) >= 0:
            continue
        changes = [values[k] - values[k - 1] for k in range(-5, 0)]
        mean, gap = sum(changes) / 5, abs(target - values[-1])
        missing = (gap - d * mean * 6) / gap
        expected = "thunderstorm" if d * mean <= 1e-12 else "sun" if missing < 0.05 else "cloud"
        expected = "slightly_cloudy" if expected == "cloud" and missing <= 0.20 else expected
        if min(abs(missing - 0.05), abs(missing - 0.20), abs(mean)) < 1e-9:
            continue
        verdict = verdicts.destatis(dict(enumerate(values, start=2025 - len(values))), target, 2030, d)
        assert verdict.status == expected
        assert verdict.value == pytest.approx(missing)
        seen.add(expected)
    assert seen == {"sun", "slightly_cloudy", "cloud", "thunderstorm"}


@pytest.mark.parametrize(
    ("change", "status"), [(1.0, "on_track"), (0.5, "moderately_improving"), (0.49, "stagnating"), (0.0, "stagnating")]
)
@pytest.mark.parametrize("start", [0.1, 0.3, 1.1, 12.66, 45.3])
@pytest.mark.parametrize("direction", [1, -1])
def test_exactly_the_needed_change_is_on_track_whatever_the_decimals(start, change, status, direction):
    step = 0.04 * direction
    latest, target = start + 5 * change * step, start + 15 * step
    assert verdicts.sdsn_trend({2015: start, 2020: latest}, target, 2030, direction).status == status


@pytest.mark.parametrize(("base", "value", "status"), [
    (200, 201, "fair_acceleration_needed"),
    (100, 102, "met_or_on_track"),
    (200, 200.9, "stagnation_or_regression"),
    (100, 101.9, "fair_acceleration_needed"),
])
def test_exactly_two_and_half_a_percent_reach_the_un_charts_cuts(base, value, status):
    assert verdicts.un_chart(2020, base, 2021, value).status == status


def test_below_zero_the_un_chart_calls_a_rise_a_rise():
    assert verdicts.un_chart(2015, -100, 2024, -50, direction=1).status == "met_or_on_track"
    assert verdicts.un_chart(2015, -100, 2024, -50, direction=-1).step == "moving_away"


def test_the_weighted_trend_is_the_least_squares_line_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    for _ in range(10):
        years = np.sort(rng.choice(np.arange(2005, 2025), 7, replace=False)).astype(float)
        values = rng.normal(0, 2, 7).cumsum()
        weights = (2030 - years[0]) / (2030 - years)
        fit = sm.WLS(values, sm.add_constant(years - 2030), weights=weights).fit()
        assert weighted_trend(years, values, 2030.0) == pytest.approx(tuple(fit.params), rel=1e-9, abs=1e-9)


def test_ranks_agree_with_scipy():
    rng = np.random.default_rng(7)
    for _ in range(4):
        values, areas = rng.integers(1, 40, 12).astype(float), [f"area-{k:02d}" for k in range(12)]
        placed = ranks(pd.DataFrame({"area": areas, "year": 2024, "value": values}), direction=1).set_index("area")
        assert placed.loc[areas, "rank"].tolist() == stats.rankdata(-values, method="min").tolist()


def test_required_growth_brings_the_share_to_its_target_when_it_is_simulated():
    rng = random.Random(8)
    for _ in range(30):
        share, target, years, growth = (
            rng.uniform(1, 30),
            rng.uniform(1, 60),
            rng.randint(1, 15),
            rng.uniform(-0.05, 0.15),
        )
        whole, part = 100.0, share
        needed = required_growth(share, target, years, growth)
        for _ in range(years):
            whole, part = whole * (1 + growth), part * (1 + needed)
        assert 100 * part / whole == pytest.approx(target)
        assert (1 + cagr(share, target, years)) * (1 + growth) == pytest.approx(1 + needed)


def test_the_effects_on_a_share_add_up_to_its_change_and_each_vanishes_with_its_cause():
    rng = random.Random(9)
    for _ in range(10):
        first, last, growth = rng.uniform(1, 40), rng.uniform(1, 40), rng.uniform(0.5, 2)
        shares = pd.DataFrame({"year": [2020, 2024], "value": [first, last]})
        row = share_effects(shares, pd.DataFrame({"year": [2020, 2024], "value": [1.0, growth]}), SHARE).iloc[0]
        assert row["numerator_effect"] + row["denominator_effect"] == pytest.approx(row["points"], abs=1e-12)
        assert row["denominator_effect"] * (growth - 1) <= 0
        assert row["numerator_growth"] == pytest.approx(last * growth / first - 1)
        still = share_effects(shares, pd.DataFrame({"year": [2020, 2024], "value": [5.0, 5.0]}), SHARE).iloc[0]
        assert (still["denominator_effect"], still["numerator_effect"]) == pytest.approx((0, last - first))


def test_time_on_a_typical_path_is_the_integral_found_by_scipy():
    from scipy.integrate import quad

    path = TypicalPath(np.array([0.0, 10.0, 30.0, 60.0]), np.array([2.0, 4.0, 1.0, 0.5]), 5, 40)
    slowness = lambda level: np.interp(level, path.levels, 1 / path.changes)  # noqa: E731
    for first, last in ((0, 10), (0, 60), (10, 30), (30, 10)):
        expected, _ = quad(slowness, first, last, points=[10, 30], limit=200)
        assert path.years_between(float(first), float(last)) == pytest.approx(expected, rel=1e-6)


def test_the_national_value_is_the_weighted_mean_of_numpy():
    rng = np.random.default_rng(10)
    values, weights = rng.uniform(0, 50, 9), rng.uniform(1, 20, 9)
    area = [f"a{k}" for k in range(9)]
    current, goals, weight = (pd.DataFrame({"area": area, "value": one}) for one in (values / 2, values, weights))
    assert national_goal(current, goals, weight)["points"].sum() == pytest.approx(np.average(values, weights=weights))


def test_the_typical_change_is_the_weighted_median_under_silvermans_kernel():
    rng = np.random.default_rng(12)
    values = rng.uniform(0, 60, (8, 1)) + rng.gamma(2, 1.5, (8, 9)).cumsum(axis=1)
    table = pd.DataFrame(
        {"area": np.repeat(list("abcdefgh"), 9), "year": np.tile(range(2016, 2025), 8), "value": values.ravel()}
    )
    path, starts, changes = typical_path(table), values[:, :-1].ravel(), np.diff(values, axis=1).ravel()
    width = 0.9 * min(starts.std(), stats.iqr(starts) / 1.34) * len(starts) ** -0.2
    assert (path.observed, path.areas) == (64, 8)
    assert (path.levels[0], path.levels[-1]) == (starts.min(), starts.max())
    for place in (0, 57, 200, 333, 399):
        weights = stats.norm.pdf(starts, path.levels[place], width)
        below = lambda change, weights=weights: weights[changes <= change].sum() / weights.sum()  # noqa: E731
        assert path.changes[place] == min(change for change in changes if below(change) >= 0.5)
