import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import experts, explain, forecast, pooled
from dxanalysis.forecasting.backtest import _grade
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.widths import shipped

SHARE = read_bounds((0, 100))


def panel(areas=8, years=6):
    draw = np.random.default_rng(0)
    values = 10 + np.arange(areas)[:, None] * 2 + np.arange(years) + draw.normal(0, 0.2, (areas, years))
    names = np.repeat([f"p{i}" for i in range(areas)], years)
    return pd.DataFrame({"area": names, "year": np.tile(np.arange(2020, 2020 + years), areas), "value": values.ravel()})


def test_weights_sum_to_one_and_own_and_borrowed_too():
    found = explain(panel(), bounds=(0, 100))
    weights = found[[f"weight_{name}" for name in experts.TOGETHER]]
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(found["own"] + found["borrowed"], 1)
    assert (found["peers"] == 7).all()
    assert (found["analogues"] > 1).all()


def test_the_nearest_peers_are_named_and_the_area_itself_is_not():
    found = explain(panel(), bounds=(0, 100), named=2).set_index("area")
    assert set(found.loc["p0", "peers_named"].split(", ")) <= {"p1", "p2", "p3"}
    assert "p0" not in found.loc["p0", "peers_named"]


@pytest.mark.parametrize(
    ("points", "grade"), [(1, "level"), (2, "direction"), (3, "direction"), (4, "pace"), (5, "pace"), (6, "forecast")]
)
def test_the_grade_counts_comparable_points(points, grade):
    table = pd.DataFrame({"year": range(2026 - points, 2026), "value": np.linspace(5, 9, points)})
    assert explain(table, bounds=(0, 100))["grade"].tolist() == [grade]


def test_without_peers_no_peer_speaks():
    row = explain(panel(1), bounds=(0, 100)).iloc[0]
    assert (row["peers"], row["peers_named"], row["weight_analogues"]) == (0, "", 0.0)
    assert row["own_slope_weight"] == 1
    assert row["why"] in ("trend_clear", "trend_unclear")


@pytest.mark.parametrize(("table", "bounds", "why"), [
    (panel(), (0, 100), "panel_moves"),
    (panel().assign(value=lambda t: 20 + t["value"] % 1), (0, 100), "panel_rests"),
    (panel(), None, "panel_unbounded"),
    (panel(years=1), (0, 100), "one_figure"),
    (panel(1), (0, 100), "trend_clear"),
    (panel(1).assign(value=[9.0, 12, 8, 11, 9, 10]), (0, 100), "trend_unclear"),
])
def test_why_the_middle_lies_where_it_lies_is_told_with_the_simple_drift(table, bounds, why):
    row = explain(table, 3, bounds=bounds).iloc[0]
    own = table[table["area"] == "p0"]["value"].to_numpy()
    assert row["why"] == why
    assert (row["kept"] >= 50) == (why in ("panel_moves", "panel_unbounded", "trend_clear", "one_figure"))
    whole = forecast(table, 3, bounds=bounds, quantiles=[0.5])
    assert row["middle"] == pytest.approx(whole[whole["area"] == "p0"]["value"].iloc[-1])
    scale = read_bounds(bounds)
    drift = scale.to(own[-1]) + 3 * (scale.to(own[-1]) - scale.to(own[0])) / max(len(own) - 1, 1)
    assert row["drift"] == pytest.approx(float(scale.back(drift)))


def test_it_explains_what_forecast_reports():
    own = panel(1).assign(area="own")
    told = explain(own, 4, bounds=(0, 100), peers=panel()).iloc[0]
    said = forecast(own, 4, bounds=(0, 100), peers=panel()).iloc[0]
    assert told["borrowed"] == pytest.approx(said["borrowed"])
    assert said["method"] == f"{told['method']}, constants {told['constants']}"


def test_the_analogues_are_an_effective_number_and_peers_are_named_by_their_weight():
    table = panel()
    found = pooled.fit(read_history(table, SHARE), 5, SHARE, shipped())
    donors = experts.find_donors(found.prepared)
    told = explain(table, bounds=(0, 100))
    for at in (0, 4):
        weight = experts.donor_weights(found.prepared, donors, at)
        assert told["analogues"].iloc[at] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
        by_area = {row: weight[donors.row == row].sum() for row in range(8) if row != at}
        best = sorted(by_area, key=by_area.get, reverse=True)[:5]
        assert told["peers_named"].iloc[at] == ", ".join(f"p{row}" for row in best)


def test_the_evidence_is_that_of_the_history_and_not_of_the_peers():
    own = pd.DataFrame({"area": "own", "year": [2017, 2018, 2020, 2022, 2023, 2025], "value": [4.0, 5, 7, 8, 8.5, 9],
                        "break_before": ["", "x", "", "", "", ""]})
    row = explain(own, 3, bounds=(0, 100), peers=panel()).iloc[0]
    assert (row["origin"], row["points"], row["bridged"], row["cut"]) == (2025, 5, 3, 1)
    assert row["note"] == "1 point before a break left out"
    assert row["peers"] == 8
    assert "own" not in row["peers_named"]


def test_the_weights_and_slopes_told_are_those_of_the_fit():
    table = panel()
    found = pooled.fit(read_history(table, SHARE), 5, SHARE, shipped())
    told = explain(table, bounds=(0, 100))
    for at, name in enumerate(experts.TOGETHER):
        np.testing.assert_allclose(told[f"weight_{name}"], found.outlook.weights[:, :5, at].mean(axis=1))
    np.testing.assert_allclose(told["own_slope_weight"], found.prepared.shrinkage)
    np.testing.assert_allclose(told["borrowed"], pooled.borrowed(found))


def test_a_panel_of_single_points_has_peers_and_no_analogues():
    told = explain(panel(years=1), bounds=(0, 100))
    assert told["peers"].tolist() == [7] * 8
    assert (told["analogues"] == 0).all()
    few = explain(panel(areas=3), bounds=(0, 100))
    assert few["peers"].tolist() == [0] * 3


def test_peers_of_another_definition_are_not_heard_unasked():
    own, peers = panel(1).assign(area="own", definition="a"), panel().assign(definition="b")
    with pytest.raises(ValueError, match="Peers are measured as 'b', the history as 'a'"):
        explain(own, bounds=(0, 100), peers=peers)
    assert explain(own, bounds=(0, 100), peers=peers, across_definitions=True)["peers"].tolist() == [8]


def test_no_point_at_all_is_no_evidence():
    assert _grade(0) == "none"
