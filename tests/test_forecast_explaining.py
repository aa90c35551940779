import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecast import explain, forecast, pooled


def panel(areas=8, years=6):
    draw = np.random.default_rng(0)
    values = 10 + np.arange(areas)[:, None] * 2 + np.arange(years) + draw.normal(0, 0.2, (areas, years))
    names = np.repeat([f"p{i}" for i in range(areas)], years)
    return pd.DataFrame({"area": names, "year": np.tile(np.arange(2020, 2020 + years), areas), "value": values.ravel()})


def test_weights_sum_to_one_and_own_and_borrowed_too():
    found = explain(panel(), bounds=(0, 100))
    weights = found[[f"weight_{name}" for name in pooled.TOGETHER]]
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
    assert (row["peers"], row["peers_named"], row["weight_walk"]) == (0, "", 0.0)
    assert row["own_slope_weight"] == 1


def test_it_explains_what_forecast_reports():
    own = panel(1).assign(area="own")
    told = explain(own, 4, bounds=(0, 100), peers=panel()).iloc[0]
    said = forecast(own, 4, bounds=(0, 100), peers=panel()).iloc[0]
    assert told["borrowed"] == pytest.approx(said["borrowed"])
    assert said["method"] == f"{told['method']}, constants {told['constants']}"
