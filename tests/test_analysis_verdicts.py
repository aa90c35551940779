"""The names of the issue, every threshold in the list, and properties that hold for any series."""

import inspect
import math
import re

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dxanalysis.analysis import verdicts
from dxanalysis.analysis.question import METHODS, Question, answer
from dxanalysis.analysis.verdicts.verdict import STEPS

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
RANK = {step: len(STEPS) - index for index, step in enumerate(STEPS)}
WITH_TARGET = ("statcan", "eustat", "un_chart", "destatis", "sdsn_trend", "escap")

shares = st.floats(0.5, 99.5).map(lambda value: round(value, 2))
series = st.lists(shares, min_size=2, max_size=10)


def question(values, target, direction=1, target_year=2035, lower=0.0, upper=100.0):
    import numpy as np

    years = np.arange(2025 - len(values), 2025)
    return Question(years, np.array(values, dtype="float64"), target, target_year, direction, lower, upper)


@pytest.mark.parametrize(("name", "parameters"), [
    ("statcan", "base_year base_value current_year current_value target target_year direction sign limit"),
    ("eustat", "base_year base_value current_year current_value target target_year direction limit"),
    ("un_chart", "base_year base_value current_year current_value target target_year direction"),
    ("destatis", "history target target_year direction"),
    ("sdsn_normalise", "values lower upper"),
    ("sdsn_colour", "indicators thresholds"),
    ("sdsn_trend", "history target target_year"),
    ("escap_anticipated", "history target target_year direction bounds"),
    ("world_bank_pace", "history target peers"),
    ("aggregate", "verdicts groups"),
])
def test_every_method_has_the_name_and_arguments_of_the_issue(name, parameters):
    given_names = list(inspect.signature(getattr(verdicts, name)).parameters)
    assert given_names[: len(parameters.split())] == parameters.split()


def test_every_threshold_of_the_list_is_a_threshold_of_a_method(shared):
    table = pd.read_csv(shared / "oracles/method_thresholds.csv")
    assert len(table) == 23
    covered = {
        "statcan_opensdg", "eustat_fork (says it follows Eurostat)", "un_progress_chart_2023", "sdsn", "destatis",
        "escap (UNICEF MENARO implementation)", "escap/unece published", "world_bank_atlas",
    }
    assert set(table["method"]) - covered == {"istat_astat"}


def numbers_in(table, method, case):
    """Return the numbers of the conditions of one method and case, percent as a fraction."""
    rows = table[table["method"].str.startswith(method) & table["case"].fillna("").eq(case)]["condition"]
    text = re.sub(r"(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?) ?%", r"\1% \2%", " ".join(rows.fillna("").astype("str")))
    found = re.findall(r"(-?\d+(?:\.\d+)?) ?(%?)", text)
    return {round(float(number) / (100 if percent else 1), 10) for number, percent in found}


@pytest.mark.parametrize(("method", "case", "judged", "more"), [
    ("statcan", "with target", lambda: verdicts.statcan(2015, 1, 2020, 1.1, target=2), set()),
    ("statcan", "no target", lambda: verdicts.statcan(2015, 1, 2020, 1.1), set()),
    ("eustat", "with target", lambda: verdicts.eustat(2015, 1, 2020, 1.1, target=2), set()),
    ("eustat", "no target", lambda: verdicts.eustat(2015, 1, 2020, 1.1), set()),
    ("un_progress", "with target", lambda: verdicts.un_chart(2015, 1, 2020, 1.1, target=2, target_year=2030), set()),
    ("un_progress", "no target", lambda: verdicts.un_chart(2015, 1, 2020, 1.1), set()),
    ("escap (UNICEF", "with target", lambda: verdicts.escap_anticipated({2015: 1, 2020: 2}, 9, 2030), set()),
    ("sdsn", "", lambda: verdicts.sdsn_trend({2015: 1, 2020: 2}, 9, 2030), {1.0}),
])
def test_a_method_compares_with_exactly_the_listed_numbers(shared, method, case, judged, more):
    listed = numbers_in(pd.read_csv(shared / "oracles/method_thresholds.csv"), method, case)
    assert set(judged().thresholds) | {0.0} == listed | more | {0.0}


def all_verdicts(values, target, direction, **more):
    asked = question(values, target, direction, **more)
    return [answer(asked, method) for method in METHODS[:-1]]


@BOUNDED
@given(series, shares, st.sampled_from([1, -1]))
def test_a_verdict_is_finite_or_says_why_not(values, target, direction):
    for verdict in all_verdicts(values, target, direction):
        assert verdict.step in STEPS
        assert verdict.value is None or math.isfinite(verdict.value)
        assert verdict.score is None or math.isfinite(verdict.score)
        if verdict.status == "not_available":
            assert verdict.reason and verdict.value is None and verdict.score is None
        if verdict.method in ("statcan", "eustat") and verdict.score is not None:
            assert -5 <= verdict.score <= 5


@BOUNDED
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=0, max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1, -1, 0]),
)
def test_no_number_breaks_a_method(values, target, direction):
    for verdict in all_verdicts(values, target, direction, lower=None, upper=None):
        assert verdict.value is None or math.isfinite(verdict.value)
        assert verdict.available or verdict.reason


@BOUNDED
@given(series, shares, shares, st.sampled_from([1, -1]))
def test_a_harder_target_never_gets_a_better_verdict(values, one, other, direction):
    easy, hard = sorted((one, other), key=lambda target: direction * target)
    base = values[0]
    assume(direction * (easy - base) > 0)  # a target behind the base asks another question
    for method in WITH_TARGET:
        soft = answer(question(values, easy, direction), method)
        strict = answer(question(values, hard, direction), method)
        if soft.available and strict.available and soft.step != "achieved":
            assert RANK[strict.step] <= RANK[soft.step], method


@BOUNDED
@given(series, shares, st.sampled_from(["destatis", "sdsn_trend", "escap"]))
def test_lower_is_better_mirrors_higher_is_better(values, target, method):
    up = answer(question(values, target), method)
    down = answer(question([100 - value for value in values], 100 - target, -1), method)
    if up.value is not None and down.value is not None and up.statistic == down.statistic:
        sign = -1 if up.statistic == "average_change" else 1
        assert down.value == pytest.approx(sign * up.value, rel=1e-6, abs=1e-6)
    if not (near_a_cut(up) or near_a_cut(down)):
        assert down.step == up.step


@BOUNDED
@given(series, shares, st.sampled_from([0.001, 0.5, 1000.0]), st.sampled_from([1, -1]))
def test_the_unit_does_not_matter(values, target, unit, direction):
    for method in WITH_TARGET:
        plain = answer(question(values, target, direction, lower=None, upper=None), method)
        scaled_question = question([v * unit for v in values], target * unit, direction, lower=None, upper=None)
        scaled = answer(scaled_question, method)
        if plain.value is not None and scaled.value is not None and plain.statistic != "average_change":
            assert scaled.value == pytest.approx(plain.value, rel=1e-5, abs=1e-6), method
        if not (near_a_cut(plain) or near_a_cut(scaled)) and not any(value == target for value in values):
            assert scaled.step == plain.step, method


@BOUNDED
@given(series, st.sampled_from([1, -1]))
def test_a_met_target_is_never_called_moving_away(values, direction):
    target = values[-1] - 0.25 * direction
    for method in WITH_TARGET:
        verdict = answer(question(values, target, direction), method)
        assert verdict.step in ("achieved", "not_available"), method


@BOUNDED
@given(st.lists(st.tuples(st.floats(-5, 5), st.sampled_from([None, "a", "b", ("b", "c")])), min_size=1, max_size=9))
def test_an_aggregate_lies_between_its_scores(scored):
    from dxanalysis.analysis.verdicts.open_sdg import STATCAN

    given_verdicts = [STATCAN.verdict(None, "", score, step="on_track") for score, _ in scored]
    mean = verdicts.aggregate(given_verdicts, [group for _, group in scored]).score
    low, high = min(score for score, _ in scored), max(score for score, _ in scored)
    assert low - 1e-9 <= mean <= high + 1e-9


@BOUNDED
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(-100, 100), st.floats(0.1, 100))
def test_normalised_scores_stay_between_0_and_100_and_keep_their_order(values, lower, width):
    values = sorted(values)
    scores = [verdicts.sdsn_normalise(value, lower, lower + width) for value in values]
    assert all(0 <= score <= 100 for score in scores)
    assert scores == sorted(scores)


def near_a_cut(verdict):
    """Tell whether rounding may turn the verdict: a value on a threshold, or an average change of nothing."""
    cuts = (*verdict.thresholds, 0.4, 6.0, 0.0)
    return verdict.value is not None and any(abs(verdict.value - cut) < 1e-6 for cut in cuts)


YEARS = pd.DataFrame({"year": ["2015-16", "2016-17", "2017-18", "2018-19"], "value": [1.0, 2.0, 3.0, 4.0]})


def test_a_range_of_years_counts_as_its_first_year_however_it_is_given():
    told = verdicts.statcan("2015-16", 14.5, "2023-24", 10.4, target=7.25, target_year="2030-31", direction=-1)
    assert told == verdicts.statcan(2015, 14.5, 2023, 10.4, target=7.25, target_year=2030, direction=-1)
    pairs = dict(zip(YEARS["year"], YEARS["value"], strict=True))
    for given_as in (YEARS, pairs, list(pairs.items()), pd.Series(pairs)):
        assert verdicts.destatis(given_as, 10, 2030, 1) == verdicts.destatis(
            {2015: 1, 2016: 2, 2017: 3, 2018: 4}, 10, 2030
        )
    with pytest.raises(ValueError, match="has the year spring"):
        verdicts.eustat("spring", 1, 2020, 2)
    with pytest.raises(ValueError, match="has the year spring"):
        verdicts.sdsn_trend({"spring": 1.0, "2016": 2.0}, 9, 2030)


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA])
def test_an_empty_cell_is_no_target_whatever_stands_for_nothing(nothing):
    assert verdicts.statcan(2015, 1, 2020, 1.1, target=nothing) == verdicts.statcan(2015, 1, 2020, 1.1)
    assert verdicts.un_chart(2015, 1, 2020, 1.1, target=nothing).statistic == "growth"
    assert verdicts.destatis(YEARS, nothing, nothing, 1).reason == "direction_only"
    assert verdicts.sdsn_trend(YEARS, nothing, 2030).reason == "no_target"
    assert verdicts.sdsn_trend(YEARS, 9, nothing).reason == "no_target_year"
    assert verdicts.escap_anticipated(YEARS, nothing, 2030).reason == "no_target"
    assert verdicts.escap_anticipated(YEARS, 9, nothing).reason == "no_target_year"
    assert verdicts.world_bank_pace({2010: 1.0, 2016: 8.0}, 15, None).reason == "no_peers"


def test_scores_come_back_as_what_was_given():
    assert verdicts.sdsn_normalise([10, 20, None, 120], 0, 100).tolist() == pytest.approx(
        [10, 20, math.nan, 100], nan_ok=True
    )
    assert verdicts.sdsn_normalise((5, -1), 0, 10).tolist() == [50.0, 0.0]
    named = verdicts.sdsn_normalise(pd.Series([5.0], index=["vn"]), 0, 10)
    assert named.to_dict() == {"vn": 50.0}
    assert isinstance(verdicts.sdsn_normalise(5, 0, 10), float)


def test_thresholds_may_be_given_by_name_in_any_order():
    order = {"a": (0.0, 20.0, 60.0, 100.0), "b": (100.0, 60.0, 20.0, 0.0)}
    long = {
        name: dict(zip(("lower_bound", "red_threshold", "green_threshold", "upper_bound"), row, strict=True))
        for name, row in order.items()
    }
    short = {
        name: dict(zip(("upper", "green", "red", "lower"), reversed(row), strict=True)) for name, row in order.items()
    }
    values = {"a": 50.0, "b": 30.0}
    expected = verdicts.sdsn_colour(values, order)
    assert expected.status == "yellow"
    assert verdicts.sdsn_colour(values, long) == verdicts.sdsn_colour(values, short) == expected
    assert verdicts.sdsn_colour(values, pd.DataFrame(long).T) == expected
