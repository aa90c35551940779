"""What a history may be, and how peers join it."""

import datetime

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.histories import read_history, revision_error, with_peers
from tests.tables import cases

SHARE, NAN = read_bounds((0, 100)), float("nan")


def read(**columns):
    return read_history(pd.DataFrame(columns), SHARE)


YEAR = datetime.date.today().year
LONG = {"year": range(1990, 2021), "value": [float(year - 1980) for year in range(1990, 2021)]}


@cases("columns expected", {
    "year and value are enough": (
        {"year": [2021, 2020], "value": [12.87, 12.66]}, {"areas": ["series"], "values": [[12.66, 12.87]]}),
    "areas are aligned on their own last year": (
        {"area": ["b", "a", "a"], "year": [2025, 2019, 2021], "value": [3.0, 1.0, 2.0]},
        {"areas": ["a", "b"], "origin": [2021, 2025], "values": [[1.0, NAN, 2.0], [NAN, NAN, 3.0]], "bridged": [1, 0]}),
    "a break leaves out what stands before it": (
        {"year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "other method"]},
        {"count": [1], "cut": [1], "values": [[7.1]]}),
    "the last of several breaks counts and other areas keep their past": (
        {"area": ["a"] * 4 + ["b"] * 2, "year": [2018, 2019, 2020, 2021, 2020, 2021], "value": [1.0, 2, 3, 4, 5, 6],
         "break_before": ["", "x", "y", None, " ", ""]}, {"cut": [2, 0], "values": [[3, 4], [5, 6]]}),
    "a missing value is a gap and never filled": (
        {"year": [2020, 2021, 2022], "value": [1.0, NAN, 3.0]}, {"count": [2], "values": [[1.0, NAN, 3.0]]}),
    "an empty history is an empty panel": ({"year": [], "value": []}, {"areas": []}),
    "so is one whose values are all missing": ({"year": [2020], "value": [NAN]}, {"areas": []}),
    "values at the bounds and of this year are welcome": (
        {"year": [YEAR - 1, YEAR], "value": [0.0, 100.0]}, {"values": [[0.0, 100.0]]}),
    "two areas may have one year": (
        {"area": ["a", "b"], "year": [2020, 2020], "value": [1.0, 1.0]}, {"count": [1, 1]}),
    "25 years are looked at and no more": (
        LONG, {"values": [[float(value) for value in range(16, 41)]], "count": [25], "bridged": [0], "cut": [0]}),
    "a figure farther back is none": ({"year": [1990, 2020], "value": [1.0, 2.0]}, {"values": [[2.0]], "bridged": [0]}),
    "one indicator and definition, with gaps in their names": (
        {"year": [2020, 2021], "value": [1.0, 2.0], "indicator": "a", "definition": ["gso", None]}, {"count": [2]}),
})
def test_what_is_read_of_a_history(columns, expected):
    panel = read(**columns)
    for name, value in expected.items():
        assert getattr(panel, name).shape == np.shape(value), name
        np.testing.assert_array_equal(getattr(panel, name), value, err_msg=name)


WRONG = {"area": ["a", "b", "b"], "year": [2020, 2020, 2021], "value": [1.0, 2.0, 200.0]}


@pytest.mark.parametrize(("columns", "message"), [
    ({"year": [2020], "val": [1.0]}, "no column 'value'"),
    ({"year": [2020, 2020], "value": [1.0, 2.0]}, "has 2020 twice"),
    ({"year": [2020], "value": ["12,5"]}, "has the value '12,5' in 2020"),
    ({"year": [2020], "value": [np.inf]}, "has the value inf in 2020"),
    ({"year": [2020], "value": [101.0]}, "101 in 2020, outside the bounds 0..100"),
    ({"year": [2020], "value": [-0.1]}, "outside the bounds"),
    ({"year": [2020.5], "value": [1.0]}, "Years must be whole numbers"),
    ({"year": ["2020"], "value": [1.0]}, "Years must be whole numbers"),
    ({"year": [YEAR + 1], "value": [1.0]}, "leave projections out"),
    ({"year": [2020, 2021], "value": [1.0, 2.0], "definition": ["gso", "mic"]}, "mixes 2 definitions"),
    ({"year": [2020, 2021], "value": [1.0, 2.0], "indicator": ["a", "b"]}, "mixes 2 indicators"),
    ({"year": [2020], "value": [1.0], "area": [None]}, "row without an area"),
    ({"year": [2020], "value": [True]}, "Give a finite number"),
    ({"year": [np.inf, 2020], "value": [1.0, 2.0]}, "Years must be whole numbers"),
    # the first wrong row is named
    (WRONG, r"of 'b' has 200 in 2021, outside"),
    (WRONG | {"value": [None, "2?", "3"]}, r"of 'b' has the value '2\?' in 2020"),
    (WRONG | {"year": [2020, 2020.5, 2021.5]}, r"of 'b' has the year 2020\.5"),
    (WRONG | {"year": 2020, "value": [1.0, 2.0, 3.0]}, r"of 'b' has 2020 twice"),
    (WRONG | {"year": [2020, 2020, YEAR + 2], "value": 1.0}, rf"of 'b' has the year {YEAR + 2}, after"),
])
def test_what_would_need_a_guess_is_refused_by_name(columns, message):
    with pytest.raises(ValueError, match=message):
        read(**columns)


OWN = pd.DataFrame({"area": "own", "year": [2024, 2025], "value": [1.0, 2.0]})


PEER = pd.DataFrame({"area": ["x"], "year": [2025], "value": [5.0]})


@cases("own peers areas", {
    "the history's own rows win": (OWN, pd.concat([PEER, PEER.assign(area="own", value=9.0)]), ["own", "x"]),
    "no peers": (OWN, None, ["own"]),
    "an empty table of peers": (OWN, pd.DataFrame({"year": [], "value": []}), ["own"]),
    "an unnamed definition is no other one": (OWN, PEER.assign(definition="mic"), ["own", "x"]),
    "nor is that of peers": (OWN.assign(definition="gso"), PEER, ["own", "x"]),
    "a history may be empty": (OWN[:0], PEER.assign(definition="mic"), ["x"]),
    "one without areas is one series among its peers": (OWN.drop(columns="area"), PEER, ["series", "x"]),
})
def test_who_is_in_the_panel_of_a_history_and_its_peers(own, peers, areas):
    panel = with_peers(own, peers, SHARE)
    assert panel.areas.tolist() == areas
    assert not len(own) or panel.values[0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("own", "peers", "message"), [
    (OWN, OWN.drop(columns="area"), "no column 'area'"),
    (OWN, PEER.assign(value=120.0), r"The peers' history of 'x' has 120 in 2025"),
    (OWN.assign(definition=[None, "gso"]), PEER.assign(definition="mic"),
     "Peers are measured as 'mic', the history as 'gso'"),
])
def test_peers_that_cannot_be_read_are_refused(own, peers, message):
    with pytest.raises(ValueError, match=message):
        with_peers(own, peers, SHARE)


def test_revisions_count_by_their_root_mean_square():
    assert revision_error(pd.Series([3.0, -4.0])) == pytest.approx((25 / 2) ** 0.5)
    assert (revision_error(0.7), revision_error([])) == (0.7, 0.0)
    with pytest.raises(ValueError, match="all finite"):
        revision_error([float("inf")])
