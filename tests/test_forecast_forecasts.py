"""What users call: forecasts of one series and of panels, paths, textbook models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import dxanalysis as dx
from dxanalysis import facts
from dxanalysis.forecasting import backtest, forecast, forecast_panel, forecast_paths
from dxanalysis.forecasting.distributions import LEVELS, read_bounds
from dxanalysis.forecasting.forecasts import fitted
from dxanalysis.forecasting.histories import errors_to_come, read_history, with_peers
from dxanalysis.forecasting.widths import shipped
from tests.tables import cases

GSO = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
SHARE = (0, 100)


def panel(areas=8, years=6, seed=0):
    """Shares that diffuse at different speeds, with noise."""
    draw = np.random.default_rng(seed)
    time = np.arange(years) + draw.uniform(0, 8, (areas, 1))
    values = 100 / (1 + np.exp(-(time - 8) * 0.4)) + draw.normal(0, 0.4, (areas, years))
    names = np.repeat([f"area-{i:02d}" for i in range(areas)], years)
    frame = {"area": names, "year": np.tile(np.arange(2026 - years, 2026), areas)}
    return pd.DataFrame(frame | {"value": np.clip(values, 0, 100).ravel()})


def cube(table):
    return table.sort_values(["area", "year", "quantile"])["value"].to_numpy().reshape(-1, table["quantile"].nunique())


def test_the_panel_forecast_has_every_area_year_and_quantile_in_order():
    found = forecast_panel(panel(), 3, bounds=SHARE)
    assert found.columns.tolist() == ["area", "year", "quantile", "value"]
    assert len(found) == 8 * 3 * 21
    assert found.equals(found.sort_values(["area", "year", "quantile"], ignore_index=True))
    assert sorted(found["year"].unique()) == [2026, 2027, 2028]
    assert set(found.attrs) == {"method", "constants"}


def test_the_house_table_names_its_evidence():
    found = forecast(GSO.assign(indicator="digital_economy_share", definition="gso", area="viet-nam"), 5, bounds=SHARE)
    assert found.columns[:8].tolist() == [
        "indicator", "definition", "area", "model", "origin", "year", "quantile", "value"
    ]
    row = found.iloc[0]
    assert (row["area"], row["origin"], row["points"], row["model"]) == ("viet-nam", 2025, 6, "pooled")
    assert 0 <= row["borrowed"] < 1
    assert "constants" in row["method"]


@pytest.mark.parametrize("points", [*range(1, 13), 25, 40])
def test_it_works_from_one_point_to_forty(points):
    years = np.arange(2026 - points, 2026)
    found = forecast(pd.DataFrame({"year": years, "value": np.linspace(3, 14, points)}), 6, bounds=SHARE)
    values = cube(found)
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=1) >= 0).all()


def test_one_point_is_wholly_borrowed_and_says_so():
    found = forecast(pd.DataFrame({"year": [2024], "value": [7.1]}), 2, bounds=SHARE)
    assert (found["borrowed"] == 1).all()
    assert found["note"].str.contains("one point: level only").all()


@pytest.mark.parametrize("value", [0.0, 100.0, 42.0])
def test_a_constant_series_gets_an_interval_and_a_note(value):
    found = forecast(GSO.assign(value=value), 3, bounds=SHARE)
    assert found["value"].between(0, 100).all()
    assert found["note"].str.contains("nothing ever moved").all()
    assert (found["borrowed"] == 1).all()
    one = forecast(GSO[-1:].assign(value=value), 3, bounds=SHARE)
    pd.testing.assert_series_equal(found["value"], one["value"])  # it tells its level only


def test_a_gap_is_bridged_in_the_model_and_counted():
    found = forecast(GSO[GSO["year"] != 2022], 2, bounds=SHARE)
    assert (found["bridged"] == 1).all()
    assert (found["points"] == 5).all()


def test_rows_before_a_break_change_nothing():
    broken = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "method"]})
    kept, alone = forecast(broken, 3, bounds=SHARE), forecast(broken[1:], 3, bounds=SHARE)
    np.testing.assert_array_equal(kept["value"], alone["value"])
    assert kept["note"].str.contains("1 point before a break left out").all()


def test_fewer_than_five_areas_do_not_inform_each_other():
    few = panel(4)
    one = few[few["area"] == "area-00"]
    together = forecast(few, 3, bounds=SHARE)
    alone = forecast(one, 3, bounds=SHARE)
    np.testing.assert_allclose(together[together["area"] == "area-00"]["value"], alone["value"])
    assert together["note"].str.contains("fewer than 5 areas").all()


def test_peers_change_the_forecast_and_stay_out_of_the_result():
    own = GSO.assign(area="viet-nam")
    found = forecast(own, 3, bounds=SHARE, peers=panel())
    assert found["area"].unique().tolist() == ["viet-nam"]
    assert not np.allclose(found["value"], forecast(own, 3, bounds=SHARE)["value"])


def test_an_empty_history_gives_an_empty_forecast():
    empty = GSO[:0]
    assert len(forecast(empty, 3, bounds=SHARE)) == 0
    assert len(forecast_panel(empty, 3, bounds=SHARE)) == 0
    assert len(forecast_paths(empty, 3, bounds=SHARE)) == 0


def test_revisions_still_to_come_widen_the_interval():
    def width(**more):
        found = forecast(GSO, 2, bounds=SHARE, quantiles=[0.1, 0.9], **more)
        return np.diff(cube(found), axis=1).ravel()

    assert (width(revisions=1.0) > width()).all()
    assert (width(revisions=[0.5, -0.5]) > width()).all()
    assert (width(revisions=2.0) > width(revisions=1.0)).all()


def test_a_provisional_last_figure_is_where_the_forecast_begins():
    rising = GSO.assign(value=[12.66, 12.87, 12.83, 12.87, 13.17, 14.02], status="estimate")
    assert forecast(rising, 1, bounds=SHARE, quantiles=[0.5])["value"].iloc[0] > 14.02


@pytest.mark.parametrize("model", ["naive", "drift", "damped"])
def test_the_textbook_models_keep_the_bounds_and_start_at_the_last_figure(model):
    found = forecast(GSO, 5, model=model, bounds=SHARE)
    assert found["value"].between(0, 100).all()
    assert (found["method"] == "textbook").all()
    median = found[found["quantile"] == 0.5]["value"].to_numpy()
    if model == "naive":
        np.testing.assert_allclose(median, 14.02)
    if model == "drift":
        logit = np.log(np.array([12.66, 14.02]) / (100 - np.array([12.66, 14.02])))
        expected = logit[1] + np.diff(logit) / 5 * np.arange(1, 6)
        np.testing.assert_allclose(median, 100 / (1 + np.exp(-expected)), rtol=1e-3)


OWN, OTHERS = GSO.assign(area="viet-nam", definition="gso"), panel().assign(definition="mic")


@cases("call message", {
    "a textbook model without enough points": (
        lambda: forecast(GSO[:2], 1, model="drift", bounds=SHARE), "needs 3 points and the history has 2"),
    "an unknown model": (lambda: forecast(GSO, 1, model="prophet"), "Unknown model 'prophet'"),
    "peers of another definition": (
        lambda: forecast(OWN, 2, bounds=SHARE, peers=OTHERS), "Peers are measured as 'mic'"),
    "paths with peers of another definition": (
        lambda: forecast_paths(OWN, 2, bounds=SHARE, peers=OTHERS), "Peers are measured as 'mic'"),
    "fewer than one path": (lambda: forecast_paths(GSO, 3, n_paths=0), "is not at least 1"),
})
def test_what_cannot_be_forecast_is_refused_with_what_is_needed(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_peers_of_another_definition_may_be_asked_for():
    assert len(forecast(OWN, 2, bounds=SHARE, peers=OTHERS, across_definitions=True)) == 2 * 21


def test_the_same_input_gives_the_same_output_in_any_order_of_rows():
    table = panel()
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(forecast_panel(table, 4, bounds=SHARE), forecast_panel(shuffled, 4, bounds=SHARE))


@given(st.integers(-1000, 1000), st.sampled_from([0.01, 0.5, 3.0, 100.0]), st.integers(0, 5))
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_unbounded_forecasts_shift_and_stretch_with_the_data(shift, stretch, seed):
    table = panel(6, seed=seed)
    moved = table.assign(value=table["value"] * stretch + shift)
    plain, other = forecast_panel(table, 4), forecast_panel(moved, 4)
    np.testing.assert_allclose(other["value"], plain["value"] * stretch + shift, rtol=1e-6, atol=1e-5 * stretch)


@given(st.lists(st.lists(st.floats(0, 100), min_size=1, max_size=9), min_size=1, max_size=9), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_quantiles_of_any_panel_are_sorted_and_inside_the_bounds(rows, horizon):
    frames = [
        pd.DataFrame({"area": f"a{i}", "year": range(2026 - len(row), 2026), "value": row})
        for i, row in enumerate(rows)
    ]
    values = cube(forecast_panel(pd.concat(frames), horizon, bounds=SHARE))
    assert values.shape == (len(rows) * horizon, len(LEVELS))
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=1) >= -1e-9).all()
    assert values.min() >= 0
    assert values.max() <= 100


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=9), st.sampled_from([(0, None), None, (None, 2e6)]))
@settings(max_examples=40, deadline=None)
def test_counts_keep_their_one_bound(row, bounds):
    table = pd.DataFrame({"year": range(2026 - len(row), 2026), "value": row})
    values = cube(forecast(table, 6, bounds=bounds))
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=1) >= -1e-6).all()
    assert bounds is None or bounds[0] is None or values.min() >= 0


def test_a_poisoned_future_changes_no_forecast_made_before_it():
    table = panel(8, 9)
    poisoned = table.assign(value=table["value"].where(table["year"] <= 2022, 99.0))
    (clean, other) = (
        backtest(history, 3, bounds=SHARE, models=["pooled"]).query("origin == 2022").set_index(["area", "year"])
        for history in (table, poisoned)
    )
    assert (other["actual"] == 99.0).all()
    assert (clean["actual"] < 99.0).any()
    columns = ["median", "scale", "threshold", "probability"]
    pd.testing.assert_frame_equal(clean[columns], other[columns])


@pytest.mark.parametrize("years", [2, 6])
def test_the_next_years_do_not_depend_on_how_many_are_asked_for(years):
    table = panel(years=years)
    few, many = forecast_panel(table, 2, bounds=SHARE), forecast_panel(table, 9, bounds=SHARE)
    pd.testing.assert_frame_equal(few, many[many["year"] <= 2027].reset_index(drop=True))


def test_areas_may_change_their_names_and_their_order():
    table = panel()
    names = dict(zip(sorted(table["area"].unique()), ["g", "c", "a", "h", "b", "e", "d", "f"], strict=True))
    renamed = forecast_panel(table.assign(area=table["area"].map(names)), 4, bounds=SHARE)
    plain = forecast_panel(table, 4, bounds=SHARE)
    plain = plain.assign(area=plain["area"].map(names)).sort_values(["area", "year", "quantile"])
    np.testing.assert_allclose(renamed["value"], plain["value"], rtol=1e-6)
    assert renamed["area"].tolist() == plain["area"].tolist()


def test_paths_have_the_quantiles_of_the_forecast():
    table = forecast(GSO, 4, bounds=SHARE, quantiles=[0.1, 0.5, 0.9])
    paths = forecast_paths(GSO, 4, bounds=SHARE, n_paths=20000)
    found = paths.groupby("year")["value"].quantile([0.1, 0.5, 0.9]).to_numpy()
    np.testing.assert_allclose(found, table["value"], rtol=0.02)


def test_paths_are_the_same_for_the_same_seed_and_differ_for_another():
    one, two, other = (forecast_paths(GSO, 3, bounds=SHARE, n_paths=50, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not np.allclose(one["value"], other["value"])


def test_paths_to_2050_stay_inside_the_bounds_and_widen():
    paths = forecast_paths(GSO, 25, bounds=SHARE, n_paths=500)
    width = paths.groupby("year")["value"].quantile(0.9) - paths.groupby("year")["value"].quantile(0.1)
    assert paths["value"].between(0, 100).all()
    assert width.loc[2050] > width.loc[2035] > width.loc[2027]


def test_each_area_keeps_its_own_evidence():
    two = pd.concat([GSO.assign(area="b"), GSO[1:4].assign(area="a"), GSO[GSO["year"] != 2022].assign(area="c")])
    found = forecast(two, 2, bounds=SHARE, quantiles=[0.5])
    rows = found[found["year"] == found["origin"] + 1].set_index("area")
    assert rows["origin"].to_dict() == {"a": 2023, "b": 2025, "c": 2025}
    assert rows["points"].to_dict() == {"a": 3, "b": 6, "c": 5}
    assert rows["bridged"].to_dict() == {"a": 0, "b": 0, "c": 1}
    for area in "abc":
        alone = forecast(two[two["area"] == area], 2, bounds=SHARE, quantiles=[0.5])
        assert rows.loc[area, "borrowed"] == pytest.approx(alone["borrowed"].iloc[0])


def test_revisions_are_the_own_areas_only_and_known_ones_need_not_be_given():
    mine, scale = GSO.assign(area="own"), read_bounds(SHARE)
    own, whole = read_history(mine, scale), with_peers(mine, panel(3), scale)
    assert errors_to_come(mine, own, whole, 2.0).tolist() == [0, 0, 0, 2]
    mine.attrs["revision_error"] = {"own": 1.5, "a0": 9.0}
    assert errors_to_come(mine, own, whole, None).tolist() == [0, 0, 0, 1.5]
    assert errors_to_come(mine, own, whole, 0.0).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("ask", [
    lambda table: np.ptp(forecast(table, 1, bounds=SHARE, quantiles=[0.1, 0.9])["value"]),
    lambda table: np.ptp(forecast_paths(table, 1, bounds=SHARE)["value"].quantile([0.1, 0.9])),
    lambda table: dx.attainment(table, {2026: 16.0}, indicator="digital_economy_share")["probability"].iloc[0],
    lambda table: dx.assess(table, {2026: 16.0}, "digital_economy_share")["outlook"].iloc[0],
])
def test_what_is_known_of_revisions_widens_everything_that_is_asked(ask):
    history = facts.load_history("digital_economy_share", "viet-nam", "gso")
    known, silent = history.attrs["revision_error"]["viet-nam"], history.copy()
    silent.attrs = {}
    assert known == pytest.approx(((0.54**2 + 0.03**2) / 4) ** 0.5, abs=1e-4)  # four years were printed twice
    assert ask(history) > ask(silent)


def test_the_same_question_is_answered_once():
    scale = read_bounds(SHARE)
    first, again = (fitted(GSO.copy(), 3, scale)[0] for _ in range(2))
    assert first is again
    assert fitted(GSO.assign(value=GSO["value"] + 0.01), 3, scale)[0] is not first
    assert fitted(GSO, 3, scale, revisions=0.2)[0] is not first


def test_there_are_two_thousand_paths_of_seed_nought_unless_asked_otherwise():
    found = forecast_paths(GSO, 1, bounds=SHARE)
    assert found["path"].nunique() == 2000
    pd.testing.assert_frame_equal(found, forecast_paths(GSO, 1, bounds=SHARE, seed=0))
    assert forecast_paths(GSO, 1, n_paths=1)["path"].tolist() == [0]


def test_constants_other_than_the_shipped_ones_are_used_and_named():
    learned = shipped()
    wide = replace(learned.alone, shape=2 * learned.alone.shape)
    other = replace(learned, alone=wide, version="other")
    plain, found = (forecast_panel(GSO, 1, quantiles=[0.5, 0.9], constants=one) for one in (None, other))
    assert found.attrs["constants"] == "other"
    np.testing.assert_allclose(np.diff(found["value"]), 2 * np.diff(plain["value"]))
