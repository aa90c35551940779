import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.analysis.attainment import ATTAINMENT_COLUMNS, attainment

GSO = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})


def paths(rows, first=2026, area="series"):
    values = np.array(rows, dtype=float)
    frames = [
        pd.DataFrame({"area": area, "path": i, "year": range(first, first + len(row)), "value": row})
        for i, row in enumerate(values)
    ]
    return pd.concat(frames, ignore_index=True)


def targets(years, values, **more):
    return pd.DataFrame({"year": years, "value": values, **more})


FOUR = paths([[15, 20, 19], [15, 16, 21], [14, 13, 12], [20, 22, 25]])


def test_the_table_has_the_columns_of_the_contract_first():
    found = attainment(FOUR, targets([2028], [20.0]), GSO)
    assert tuple(found.columns) == ATTAINMENT_COLUMNS
    assert ATTAINMENT_COLUMNS[:11] == (
        "indicator", "area", "target_year", "target", "median", "low", "high", "probability", "expected_year", "grade",
        "verdict",
    )


def test_probabilities_are_counted_on_the_paths():
    row = attainment(FOUR, targets([2028], [20.0]), GSO).iloc[0]
    assert row["probability"] == 0.5  # paths 2 and 4 stand at 20 or more in 2028
    assert row["reached_by"] == 0.75  # path 1 had reached it in 2027
    assert row["shortfall"] == pytest.approx((1 + 0 + 8 + 0) / 4)
    assert row["median"] == pytest.approx((19 + 21) / 2)
    assert row["verdict"] == "acceleration_needed"


def test_the_expected_year_is_the_median_of_the_first_years_and_may_lie_beyond():
    row = attainment(FOUR, targets([2028], [20.0]), GSO).iloc[0]
    assert row["expected_year"] in (2027, 2028)
    far = attainment(FOUR, targets([2028], [24.0]), GSO).iloc[0]
    assert np.isnan(far["expected_year"])
    assert far["beyond"] == "beyond 2028"
    assert far["expected_year_low"] == 2028


def test_a_target_year_already_observed_is_achieved_or_missed():
    found = attainment(FOUR, targets([2024, 2025], [13.0, 20.0]), GSO)
    assert found["verdict"].tolist() == ["achieved", "missed"]
    assert found["probability"].tolist() == [1.0, 0.0]
    assert found["shortfall"].tolist() == [0.0, pytest.approx(5.98)]


def test_a_past_target_year_without_a_figure_is_not_available():
    row = attainment(FOUR, targets([2023], [10.0]), GSO[GSO["year"] != 2023]).iloc[0]
    assert (row["verdict"], row["reason"]) == ("not_available", "target_year_not_observed")


def test_a_target_met_in_the_past_counts_as_reached():
    once = GSO.assign(value=[12.0, 21.0, 12, 12, 12, 12])
    row = attainment(FOUR, targets([2028], [20.0]), once).iloc[0]
    assert (row["reached_by"], row["expected_year"], row["probability"]) == (1.0, 2028, 0.5)  # lost since 2021


def test_a_figure_before_a_break_does_not_count_as_reached():
    broken = GSO.assign(value=[25.0, 12, 12, 12, 12, 12], break_before=["", "method", "", "", "", ""])
    assert attainment(FOUR, targets([2028], [20.0]), broken)["reached_by"].iloc[0] == 0.75


def test_one_point_gives_a_probability_and_no_verdict():
    row = attainment(FOUR, targets([2028], [20.0]), GSO[-1:]).iloc[0]
    assert (row["grade"], row["verdict"], row["reason"], row["borrowed"]) == (
        "level", "not_available", "one_point", True,
    )
    assert row["probability"] == 0.5


def test_no_point_is_not_available():
    row = attainment(FOUR[:0], targets([2028], [20.0], area="quang-ninh"), GSO[:0]).iloc[0]
    assert (row["area"], row["grade"], row["verdict"], row["reason"]) == (
        "quang-ninh", "none", "not_available", "no_observation",
    )


def test_no_target_gives_an_empty_table():
    assert len(attainment(FOUR, targets([], []), GSO)) == 0


def test_a_target_after_the_paths_says_so():
    row = attainment(FOUR, targets([2035], [20.0]), GSO).iloc[0]
    assert row["reason"] == "target_year_after_paths"
    assert np.isnan(row["probability"])


def test_lower_is_better_and_a_written_comparator_rules():
    falling = attainment(FOUR, targets([2028], [19.0]), GSO, direction=-1).iloc[0]
    assert falling["probability"] == 0.5
    strict = attainment(FOUR, targets([2028], [19.0], comparator=["<"]), GSO, direction=1).iloc[0]
    assert strict["probability"] == 0.25


def test_a_falling_median_with_little_hope_is_moving_away():
    down = paths([[13, 12, 11]] * 9 + [[20, 21, 22]])
    assert attainment(down, targets([2028], [20.0]), GSO)["verdict"].iloc[0] == "moving_away"


def test_a_median_that_stands_still_is_limited_progress_in_either_direction():
    still = paths([[14.02, 14.02, 14.02]] * 9 + [[20, 21, 22]])
    assert attainment(still, targets([2028], [20.0]), GSO)["verdict"].iloc[0] == "limited_progress"
    lower = attainment(paths([[14.02, 14.02, 14.02]]), targets([2028], [9.0]), GSO, direction=-1).iloc[0]
    assert lower["verdict"] == "limited_progress"
    up = attainment(paths([[14.5, 15, 16]]), targets([2028], [9.0]), GSO, direction=-1).iloc[0]
    assert up["verdict"] == "moving_away"


@pytest.mark.parametrize(
    ("hits", "verdict"),
    [(4, "on_track"), (3, "acceleration_needed"), (2, "acceleration_needed"), (1, "limited_progress")],
)
def test_two_in_three_is_on_track_and_one_in_three_needs_acceleration(hits, verdict):
    some = paths([[20, 20, 20]] * hits + [[19, 19, 19]] * (6 - hits))
    row = attainment(some, targets([2028], [20.0]), GSO).iloc[0]
    assert (row["probability"], row["verdict"]) == (pytest.approx(hits / 6), verdict)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="Unknown direction 2"):
        attainment(FOUR, targets([2028], [20.0]), GSO, direction=2)


def test_paths_without_a_column_are_refused():
    with pytest.raises(ValueError, match="Paths has no column 'path'"):
        attainment(FOUR.drop(columns="path"), targets([2028], [20.0]), GSO)


def test_each_area_gets_its_own_target():
    both = pd.concat([FOUR.assign(area="a"), FOUR.assign(area="b")])
    history = pd.concat([GSO.assign(area="a"), GSO.assign(area="b")])
    found = attainment(both, targets([2028, 2028], [20.0, 24.0], area=["a", "b"]), history)
    assert found[["area", "target", "probability"]].values.tolist() == [["a", 20.0, 0.5], ["b", 24.0, 0.25]]


@given(st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=2, max_size=9), st.floats(1, 99))
@settings(max_examples=15, deadline=None)
def test_answers_agree_with_each_other(rows, target):
    found = attainment(paths(rows), targets([2026, 2027, 2028, 2029], [target] * 4), GSO)
    assert (np.diff(found["reached_by"].to_numpy()) >= 0).all()  # by a later year never less likely
    assert (found["probability"] <= found["reached_by"] + 1e-12).all()
    higher = attainment(paths(rows), targets([2026, 2027, 2028, 2029], [target + 1] * 4), GSO)
    assert (higher["probability"] <= found["probability"]).all()  # a higher target never more likely


def test_without_paths_only_what_was_observed_is_known():
    row = attainment(FOUR[:0], targets([2028], [20.0]), GSO).iloc[0]
    assert (row["verdict"], row["reason"]) == ("not_available", "no_paths")
    assert np.isnan(row["probability"]) and np.isnan(row["expected_year"]) and np.isnan(row["expected_year_low"])
    seen = attainment(FOUR[:0], targets([2028], [13.0]), GSO).iloc[0]
    assert (seen["reason"], seen["expected_year"]) == ("no_paths", 2024)


def test_areas_of_one_figure_each_get_their_own_target_too():
    both = pd.concat([FOUR.assign(area="a"), FOUR.assign(area="b")])
    history = pd.DataFrame({"area": ["a", "b"], "year": [2025, 2025], "value": [14.0, 14.0]})
    found = attainment(both, targets([2028, 2028], [20.0, 24.0], area=["a", "b"]), history)
    assert found[["area", "target", "probability"]].values.tolist() == [["a", 20.0, 0.5], ["b", 24.0, 0.25]]


def test_targets_of_one_area_apply_to_every_series():
    found = attainment(FOUR, targets([2028], [20.0], area=["viet-nam"]), GSO)
    assert found[["area", "probability"]].values.tolist() == [["series", 0.5]]
