"""Several series of one indicator, one verdict."""

import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.destatis import DESTATIS
from dxanalysis.analysis.verdicts.open_sdg import EUSTAT, STATCAN, aggregate, eustat, statcan


def scores(*values, maker=STATCAN):
    return [
        maker.verdict(None, "", value, step="on_track" if value is not None else "not_available") for value in values
    ]


def test_all_86_published_indicators_are_reproduced(shared):
    series = pd.read_csv(shared / "oracles/statcan_cif_progress_series.csv")
    published = pd.read_csv(shared / "oracles/statcan_cif_progress_indicator.csv")
    failed = []
    for row in published.itertuples():
        verdicts = [
            statcan(
                one.base_year, one.base_value, one.current_year, one.current_value, target=one.target,
                target_year=one.target_year, direction=one.direction, sign=one.sign, limit=one.limit,
            )
            for one in series[series["indicator"] == row.indicator].itertuples()
        ]
        verdict = aggregate(verdicts, [row.indicator] * len(verdicts))
        status = "not_available" if row.n_series == 0 else row.indicator_status  # set by hand, or not at all
        close = (
            pd.isna(row.indicator_score) if verdict.score is None else abs(verdict.score - row.indicator_score) < 1e-6
        )
        if not (close and verdict.status == status and len(verdicts) == row.n_series):
            failed.append(row.indicator)
    print(f"StatCan indicators reproduced: {len(published) - len(failed)}/{len(published)}")
    assert not failed
    assert len(published) == 86


@pytest.mark.parametrize(("score", "status"), [
    (5, "substantial_progress"), (2.5, "substantial_progress"), (2.49, "moderate_progress"),
    (0, "moderate_progress"), (-0.01, "limited_progress"), (-2.5, "limited_progress"), (-2.51, "deterioration"),
])
def test_the_mean_score_is_graded_by_statcan(score, status):
    assert aggregate(scores(score)).status == status


@pytest.mark.parametrize(("score", "status"), [
    (2.51, "significant_progress"),
    (2.5, "moderate_progress"),
    (0.26, "moderate_progress"),
    (0.25, "no_progress"),
    (-0.25, "no_progress"),
    (-0.26, "moderate_deterioration"),
    (-2.5, "moderate_deterioration"),
    (-2.51, "significant_deterioration"),
])
def test_the_mean_score_is_graded_by_eustat(score, status):
    assert aggregate(scores(score, maker=EUSTAT)).status == status


def test_achieved_needs_every_series():
    done = statcan(2015, 1.0, 2024, 9.0, target=9, target_year=2030)
    nearly = statcan(2015, 1.0, 2024, 8.9, target=9, target_year=2030)
    missing = statcan(2024, 1.0, 2024, 1.0, target=9, target_year=2030)
    assert aggregate([done, done]).status == "target_achieved"
    assert aggregate([done, nearly]).status == "substantial_progress"
    assert aggregate([done, missing]).status == "target_achieved"
    assert aggregate([done, missing]).step == "achieved"


def test_eustat_calls_all_achieved_significant():
    done = eustat(2015, 1.0, 2024, 9.0, target=9, target_year=2030)
    assert (aggregate([done]).status, aggregate([done]).step) == ("significant_progress", "achieved")


def test_groups_are_averaged_first():
    assert aggregate(scores(4, 0, 2)).score == 2.0
    assert aggregate(scores(4, 0, 2), [None, "g", "g"]).score == 2.5
    assert aggregate(scores(4, 0, 2), ["a", "b", "b"]).score == 2.5


def test_groups_nest_to_any_depth():
    nested = aggregate(scores(4, 0, 2, 3), ["a", ("b",), ("b", "x"), ("b", "x")])
    assert nested.score == pytest.approx((4 + (0 + 2.5) / 2) / 2)


def test_series_without_score_are_left_out():
    assert aggregate(scores(4, None, 2)).score == 3.0
    nothing = aggregate(scores(None, None))
    assert (nothing.status, nothing.reason, nothing.score) == ("not_available", "no_score", None)


def test_no_series_give_no_verdict():
    assert (aggregate([]).status, aggregate([]).reason) == ("not_available", "no_series")


def test_methods_are_not_mixed():
    with pytest.raises(ValueError, match="by eustat, statcan cannot be averaged"):
        aggregate(scores(1) + scores(1, maker=EUSTAT))
    with pytest.raises(ValueError, match="by destatis cannot be averaged"):
        aggregate([DESTATIS.verdict(1.0, "sun", None)])


def test_one_label_per_verdict_is_needed():
    with pytest.raises(ValueError, match="2 verdicts were given with 1 groups"):
        aggregate(scores(1, 2), ["a"])


def test_the_mean_is_its_own_borderline():
    assert aggregate(scores(2.51)).borderline
    assert aggregate(scores(2.51)).thresholds == (2.5, 0.0, -2.5)
    assert aggregate(scores(2.51, maker=EUSTAT)).thresholds == (2.5, 0.25, -0.25, -2.5)
    assert not aggregate(scores(1.2)).borderline
