"""How each method picks its base year, and how it is asked."""


import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis.question import METHODS, Question, answer, answers, ask, base_index
from dxanalysis.analysis.series import read_history
from tests.records import SHARE
from tests.tables import cases, holds

YEARS = np.array([2012, 2014, 2018, 2020])


@pytest.mark.parametrize(("base_year", "following", "nearest", "either"), [
    (None, 0, 0, 0),
    (2014, 1, 1, 1),
    (2015, 2, 1, 2),
    (2013, 1, 1, 1),
    (2016, 2, 2, 2),
    (2019, 3, 3, 2),
    (2010, 0, 0, 0),
    (2022, None, 3, 3),
])
def test_a_missing_base_year_is_replaced_by_each_methods_rule(base_year, following, nearest, either):
    assert base_index(YEARS, base_year, "next") == following
    assert base_index(YEARS, base_year, "nearest") == nearest
    assert base_index(YEARS, base_year, "next_or_before") == either


def question(values, target=20.0, target_year=2030, first=2019, **more):
    years = np.arange(first, first + len(values))
    return Question(years, np.array(values, dtype="float64"), target, target_year, 1, 0.0, 100.0, **more)


def test_the_same_data_can_get_different_bases():
    gap = Question(np.array([2014, 2017, 2024]), np.array([4.0, 5.0, 9.0]), 20.0, 2030, 1, base_year=2015)
    statcan, eustat = answer(gap, "statcan"), answer(gap, "eustat")
    assert statcan.value == pytest.approx(((9 / 5) ** (1 / 7) - 1) / ((20 / 5) ** (1 / 13) - 1))
    assert eustat.value == pytest.approx(((9 / 4) ** (1 / 10) - 1) / ((20 / 4) ** (1 / 16) - 1))
    assert answer(gap, "sdsn_trend").value == pytest.approx(0.5 / 1.0)


PATH, LATE = [10, 11, 12, 13, 14], Question(np.array([2014, 2017]), np.array([4.0, 5.0]), 20.0, 2030, 1, base_year=2020)
COUNTS = Question(np.arange(2019, 2022), np.array([90, 95, 99.5]), 100.0, 2030, 1, 0.0, None)


@cases("asked method more expected", {
    "a base year after the data": (LATE, "statcan", [], {"reason": "no_data"}),
    "equality meets at least": (question([*PATH, 20]), "statcan", [">="], {"step": "achieved"}),
    "equality does not exceed": (
        question([*PATH, 20]), "statcan", [">"], {"step": "on_track", "reason": "target_equalled_not_exceeded"}),
    "more exceeds": (question([*PATH, 21]), "statcan", [">"], {"step": "achieved"}),
    "the one-point rule of the UN": (
        question([90, 95, 99.5], target=100.0), "un_chart", [], {"reason": "within_one_point"}),
    "is for percent only": (COUNTS, "un_chart", [], {"reason": ""}),
})
def test_the_answer(asked, method, more, expected):
    assert holds(answer(asked, method, *more), expected)
    with pytest.raises(ValueError, match="Unknown method 'oecd'"):
        answer(asked, "oecd")


def test_all_methods_answer_in_order():
    assert tuple(verdict.method for verdict in answers(question([10, 11, 12, 13, 14, 15]))) == METHODS


def test_without_data_or_peers_or_target_the_reason_is_told():
    empty = question([])
    assert {verdict.reason for verdict in answers(empty)} == {"no_data"}
    assert answer(question([1, 2]), "world_bank").reason == "no_peers"
    free = question([10, 11, 12, 13, 14, 15], target=None, target_year=None)
    reasons = {verdict.method: verdict.reason for verdict in answers(free)}
    assert (reasons["sdsn_trend"], reasons["escap"]) == ("no_target", "no_target")
    assert answer(free, "statcan").statistic == "growth"
    assert answer(free, "destatis").reason == "direction_only"


def test_only_years_up_to_a_past_target_count():
    series = read_history(pd.DataFrame({"year": [2020, 2025, 2026], "value": [1.0, 2.0, 9.0]}))
    assert ask(series, 5.0, 2025, SHARE).years.tolist() == [2020, 2025]
    assert ask(series, 5.0, 2030, SHARE).years.tolist() == [2020, 2025, 2026]
    assert ask(series, 5.0, 2019, SHARE).years.tolist() == [2020, 2025, 2026]


def test_the_natural_limit_is_that_of_the_desired_direction():
    assert question([1]).limit == 100.0
    assert Question(YEARS, YEARS * 1.0, None, None, -1, 0.0, 100.0).limit == 0.0
    assert Question(YEARS, YEARS * 1.0, None, None, 0, 0.0, 100.0).limit is None


def test_numbers_too_large_to_subtract_are_not_judged():
    assert {verdict.reason for verdict in answers(question([1e302, -1e302]))} == {"not_finite"}
    assert {verdict.reason for verdict in answers(question([1.0, 2.0], target=-1e308))} == {"not_finite"}
