import pandas as pd
import pytest

from dxanalysis.forecasting.panels import revision_error, with_peers
from dxanalysis.forecasting.scales import read_bounds

SHARE = read_bounds((0, 100))
OWN = pd.DataFrame({"area": "own", "year": [2024, 2025], "value": [1.0, 2.0]})


def test_the_histories_own_rows_win_over_the_peers():
    peers = pd.DataFrame({"area": ["own", "other"], "year": [2025, 2025], "value": [9.0, 5.0]})
    panel = with_peers(OWN, peers, SHARE)
    assert panel.areas.tolist() == ["other", "own"]
    assert panel.values[1].tolist() == [1.0, 2.0]


def test_peers_without_area_are_refused():
    with pytest.raises(ValueError, match="no column 'area'"):
        with_peers(OWN, OWN.drop(columns="area"), SHARE)


def test_the_peers_errors_name_the_peers():
    with pytest.raises(ValueError, match=r"The peers' history of 'x' has 120 in 2025"):
        with_peers(OWN, pd.DataFrame({"area": ["x"], "year": [2025], "value": [120.0]}), SHARE)


def test_revisions_count_by_their_root_mean_square():
    assert revision_error(pd.Series([3.0, -4.0])) == pytest.approx((25 / 2) ** 0.5)
    assert revision_error(0.7) == 0.7
    assert revision_error([]) == 0.0


def test_an_infinite_revision_is_refused():
    with pytest.raises(ValueError, match="all finite"):
        revision_error([float("inf")])


def test_no_peers_and_an_empty_table_of_peers_are_the_same():
    for none in (None, pd.DataFrame({"year": [], "value": []})):
        panel = with_peers(OWN, none, SHARE)
        assert (panel.areas.tolist(), panel.values.tolist()) == (["own"], [[1.0, 2.0]])


def test_an_unnamed_definition_is_no_other_one_and_a_history_may_be_empty():
    peers = pd.DataFrame({"area": ["x"], "year": [2025], "value": [5.0], "definition": ["mic"]})
    assert with_peers(OWN, peers, SHARE).areas.tolist() == ["own", "x"]
    assert with_peers(OWN.assign(definition="gso"), peers.drop(columns="definition"), SHARE).areas.tolist() == [
        "own",
        "x",
    ]
    assert with_peers(OWN[:0], peers, SHARE).areas.tolist() == ["x"]
    with pytest.raises(ValueError, match="Peers are measured as 'mic', the history as 'gso'"):
        with_peers(OWN.assign(definition=[None, "gso"]), peers, SHARE)


def test_a_history_without_areas_is_one_series_among_its_peers():
    peers = pd.DataFrame({"area": ["x"], "year": [2025], "value": [5.0]})
    assert with_peers(OWN.drop(columns="area"), peers, SHARE).areas.tolist() == ["series", "x"]
