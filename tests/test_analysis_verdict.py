"""The record every method returns, and what counts as borderline."""

import dataclasses
import math

import pytest

from dxanalysis.analysis.verdicts.verdict import Method, Verdict, finite, is_near, number

MAKER = Method("statcan", "1", "somewhere")


def test_a_verdict_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        MAKER.verdict(1.0, "on_track", 5).value = 2.0


def test_the_first_five_fields_are_those_of_the_issue():
    assert [field.name for field in dataclasses.fields(Verdict)][:5] == ["method", "value", "status", "score", "reason"]


def test_a_verdict_carries_version_and_citation_of_its_method():
    verdict = MAKER.not_available("one_point")
    assert (verdict.version, verdict.citation, verdict.reason) == ("1", "somewhere", "one_point")
    assert (verdict.value, verdict.score, verdict.step, verdict.available) == (None, None, "not_available", False)


def test_an_empty_cell_is_none():
    assert MAKER.verdict(math.nan, "x", math.nan).value is None
    assert MAKER.verdict(math.nan, "x", math.nan).score is None
    assert number(2) == 2.0


@pytest.mark.parametrize("value", [0.9504, 0.9526, 0.9406, 0.605, 0.595, 0.004, -0.004])
def test_a_value_within_one_percent_of_a_threshold_is_borderline(value):
    assert Verdict("statcan", value, "", None, thresholds=(0.95, 0.6, 0.0)).borderline


@pytest.mark.parametrize("value", [0.97, 0.93, 0.62, 0.58, 0.02, -0.02, None])
def test_a_value_further_away_is_not(value):
    assert not Verdict("statcan", value, "", None, thresholds=(0.95, 0.6, 0.0)).borderline


def test_near_zero_is_measured_by_the_smallest_other_threshold():
    assert is_near(0.00004, (0.015, 0.005, 0.0))
    assert not is_near(0.00006, (0.015, 0.005, 0.0))
    assert is_near(0.01, (0.0,)) and not is_near(0.02, (0.0,))


def test_without_thresholds_nothing_is_borderline():
    assert not is_near(1.0, ())


def test_finite_wants_every_value():
    assert finite(1.0, 2.0)
    assert not finite(1.0, None)
    assert not finite(1.0, math.inf)


def test_a_value_too_large_for_a_number_is_no_verdict():
    assert MAKER.verdict(math.inf, "on_track", 5, step="on_track") == MAKER.not_available("not_finite")
    met = MAKER.verdict(math.inf, "achieved", 5, step="achieved", projected=math.inf)
    assert (met.status, met.value, met.projected) == ("achieved", None, None)
