"""The simple rules side by side."""

import pandas as pd
import pytest

from dxanalysis.forecasting.rules import simple_rules

SHARE = pd.DataFrame({"year": range(2020, 2024), "value": [12.66, 12.87, 12.83, 12.87]})


def models(history: pd.DataFrame) -> list[str]:
    return simple_rules(history, 2, bounds=(0, 100))["model"].unique().tolist()


def test_each_rule_speaks_from_its_least_number_of_points_on():
    assert [models(SHARE[:n]) for n in range(5)] == [
        [],
        [],
        ["naive"],
        ["naive", "drift"],
        ["naive", "drift", "damped"],
    ]


def test_only_points_after_a_break_count():
    broken = SHARE.assign(break_before=["", "", "", "another method"])
    assert models(broken) == []


def test_no_change_means_the_last_value():
    table = simple_rules(SHARE, 2, bounds=(0, 100))
    middle = table[(table["model"] == "naive") & (table["quantile"] == 0.5)]
    assert middle["value"].tolist() == pytest.approx([12.87, 12.87])
