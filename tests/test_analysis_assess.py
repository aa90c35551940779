"""One judgement per target: states, signs, doubts, noise, families and the ladder of evidence."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.evidence import Evidence, noise


def indicator(kind="flow_share", unit="percent", direction=1, lower=0.0, upper=100.0, evidence_class=""):
    return SimpleNamespace(
        id="x", unit=unit, direction=direction, lower=lower, upper=upper, kind=kind, evidence_class=evidence_class
    )


def figures(values, **columns):
    table = {"area": "here", "definition": "gso", "year": list(values), "value": list(values.values())}
    return pd.DataFrame(table | columns)


def goals(*rows, **columns):
    return pd.DataFrame(rows, columns=["year", "value", "comparator"]).assign(**columns)


def judged(values, goal, year=2025, *, kind="flow_share", about=None, known=None, **columns):
    history = figures(values, **columns)
    about = about or indicator(kind)
    return analysis.assess(goals(goal), about, Evidence(history, year, **(known or {}))).iloc[0]


RANK = indicator("rank", "rank", -1, 1.0, None)
RATE = indicator("growth_rate", "percent_per_year", 1, None, None)


@pytest.mark.parametrize(("values", "goal", "state", "missing"), [
    ({2025: 14.02}, (2025, 20.0, ">="), "missed", 5.98),
    ({2025: 23.0}, (2025, 20.0, ">="), "met", -3.0),
    ({2024: 7.1}, (2025, 20.0, ">="), "due", 12.9),
    ({2024: 60.0}, (2025, 50.0, ">="), "due", -10.0),
    ({2025: 60.0}, (2030, 50.0, ">="), "at_level", -10.0),
    ({2025: 14.02}, (2030, 30.0, ">="), "open", 15.98),
    ({2025: 20.0}, (2025, 20.0, ">="), "met", 0.0),
    ({2025: 20.0}, (2025, 20.0, ">"), "cannot_tell", 0.0),
])
def test_the_state_follows_from_the_year_and_the_figure(values, goal, state, missing):
    row = judged(values, goal)
    assert (row["state"], row["missing"]) == (state, pytest.approx(missing))


def test_a_lower_rank_is_a_surplus_and_a_later_year_is_never_met_early():
    row = judged({2024: 17.0}, (2025, 40.0, "<="), about=RANK)
    assert (row["state"], row["missing"]) == ("due", -23.0)
    early = judged({2022: 3.0}, (2025, 3.0, "<="), 2022, about=RANK)
    assert early["state"] == "at_level" and pd.isna(early["expected_year"])
    rate = judged({2023: 11.03}, (2024, 10.0, ">"), 2023, about=RATE)
    assert rate["state"] == "at_level" and math.isnan(rate["required_per_year"])
    assert judged({2023: 11.03, 2024: 8.42}, (2024, 10.0, ">"), 2024, about=RATE)["state"] == "missed"


@pytest.mark.parametrize(("columns", "value", "comparator", "reason"), [
    ({"caveats": "rounded"}, 10.0, ">", "rounded"),
    ({"qualifier": "about"}, 10.0, ">", "rounded"),
    ({"caveats": "period_average"}, 11.34, ">=", "period_average"),
    ({"status": "self-assessed"}, 12.0, ">=", "self_assessed"),
    ({"caveats": "part_year"}, 12.0, ">=", "part_year"),
    ({"qualifier": ">"}, 9.0, ">=", "bound_only"),
])
def test_a_closed_year_cannot_be_told_from_a_doubtful_figure(columns, value, comparator, reason):
    row = judged({2025: value}, (2025, 10.0, comparator), **columns)
    assert (row["state"], row["reason"]) == ("cannot_tell", reason)


@pytest.mark.parametrize(
    ("columns", "value", "state"),
    [
        ({"caveats": "period_average"}, 17.34, "missed"), ({"caveats": "period_average"}, 26.0, "cannot_tell"),
        ({"caveats": "undated"}, 45.0, "met"), ({"status": "self-assessed"}, 17.34, "cannot_tell"),
        ({"status": "self-assessed"}, 14.0, "missed"), ({"status": "self-assessed"}, 55.0, "cannot_tell"),
    ],
)
def test_a_doubtful_figure_far_from_the_line_settles_it_and_keeps_its_caveat(columns, value, state):
    row = judged({2025: value}, (2025, 30.0, ">="), **columns)
    assert row["state"] == state and row["caveats"]
    noisy = {"reports": RELEASED.assign(value=[10.0, 40.0])}
    assert judged({2025: value}, (2025, 30.0, ">="), known=noisy, **columns)["state"] == "cannot_tell"


def test_a_figure_by_another_definition_than_the_targets_settles_nothing():
    table = goals((2025, 10.0, ">="), definition="mic")
    row = analysis.assess(table, indicator(), Evidence(figures({2025: 14.0}), 2025)).iloc[0]
    assert (row["state"], row["reason"]) == ("cannot_tell", "other_definition")


RELEASED = pd.DataFrame(
    {"definition": "gso", "area": "here", "year": [2023, 2023], "vintage": ["a", "b"], "value": [12.33, 12.87]}
)


def test_what_is_smaller_than_the_noise_is_no_change_and_settles_nothing():
    assert noise(RELEASED, "gso", "here") == pytest.approx(0.27)
    known = {"reports": RELEASED}
    close = judged({2025: 19.9}, (2025, 20.0, ">="), known=known)
    assert (close["state"], close["reason"]) == ("cannot_tell", "within_noise")
    flat = judged({2020: 12.66, 2021: 12.7, 2022: 12.6, 2023: 12.65}, (2030, 20.0, ">="), 2023, known=known)
    assert (flat["step"], flat["robust"]) == ("no_clear_change", False)


def test_families_count_a_formula_once_and_methods_speak_of_open_targets_only():
    values = {2020: 12.66, 2021: 12.87, 2022: 12.83, 2023: 12.87, 2024: 13.17}
    row = judged(values, (2030, 30.0, ">="), 2024)
    assert row["judged"] == len(row["families"]) == 3 and row["agree"] <= 3
    closed = judged(values, (2024, 20.0, ">="), 2024)
    assert (closed["state"], closed["judged"], closed["step"], closed["robust"]) == ("missed", 0, "", False)


def test_years_left_and_pace_are_those_of_an_open_target_only():
    row = judged({2024: 7.1}, (2025, 20.0, ">="))
    assert row["years_left"] == 0 and math.isnan(row["required_per_year"])
    ahead = judged({2024: 7.1}, (2030, 30.0, ">="))
    assert ahead["years_left"] == 6 and ahead["required_per_year"] == pytest.approx(22.9 / 6)


def test_nothing_held_is_said_as_nothing_held():
    empty = figures({})
    none = analysis.assess(goals((2025, 1.0, ">=")), indicator(), Evidence(empty, 2025)).iloc[0]
    assert (none["state"], none["n"]) == ("no_figure_held", 0)
    bare = analysis.assess(goals(), indicator(), Evidence(figures({2025: 5.0}), 2025)).iloc[0]
    assert (bare["state"], bare["figure"]) == ("no_target_held", 5.0)


def test_targets_of_an_area_that_ended_are_closed_and_its_successor_is_named():
    known = {"ended": "2025-06-30", "successor": "new"}
    row = judged({2024: 20.69}, (2025, 25.0, ">="), known=known)
    assert (row["state"], row["reason"], row["successor"]) == ("cannot_tell", "area_ended", "new")
    assert judged({2024: 20.69}, (2025, 25.0, ">="), 2024, known=known)["state"] == "open"


@pytest.mark.parametrize(("last", "basis", "low"), [(0.0, "own_series", 0.0), (0.1, "own_series", 0.001),
                                                    (0.0, "panel", 0.001)])
def test_figures_that_never_moved_are_no_sharper_than_a_tenth_unless_peers_did(last, basis, low):
    chances = pd.DataFrame({"target_year": [2030], "target": [10.0], "last_year": [2025], "probability": [0.001],
                            "median": [0.0], "low": [0.0], "high": [0.1], "expected_year": [None],
                            "expected_year_low": [None], "expected_year_high": [None],
                            "basis": [basis], "basis_count": [6]})
    still = dict.fromkeys(range(2018, 2025), 0.0) | {2025: last}
    row = judged(still, (2030, 10.0, ">="), known={"attainment": chances})
    assert (row["outlook_low"], row["outlook_high"]) == ((0.0, 0.1) if low == 0.0 else (low, low))


def test_a_growth_rate_has_bands_and_no_chance_whatever_its_history():
    chances = pd.DataFrame({"target_year": [2030], "target": [12.0], "last_year": [2025], "probability": [0.62],
                            "median": [13.3], "low": [6.3], "high": [20.8], "basis": ["panel"], "basis_count": [19]})
    swings = dict(zip(range(2018, 2026), (12.0, 10.0, 10.3, 10.3, 11.0, 8.4, 10.5, 11.9), strict=True))
    row = judged(swings, (2030, 12.0, ">="), about=RATE, known={"attainment": chances})
    assert (row["outlook_low"], row["outlook_high"]) == (0.1, 0.9) and pd.isna(row["outlook"])


@pytest.mark.parametrize(
    ("bound", "word", "high"), [(0.05, "very_unlikely", 0.1), (0.2, "unlikely", 0.33), (0.5, "", None)]
)
def test_on_one_figure_only_one_sided_words_hold(bound, word, high):
    given = SimpleNamespace(
        share=bound / 3, bound=bound, word=word, episodes=500, half=8.4, fastest=(), basis="economic_share"
    )
    row = judged({2024: 7.1}, (2030, 30.0, ">="), known={"precedents": {2030: given}})
    assert row["word"] == word and math.isnan(row["outlook"]) and row["basis"] == "reference_class"
    assert row["outlook_high"] == high if high else math.isnan(row["outlook_high"])
