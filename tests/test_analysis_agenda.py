"""The agenda judges each target once and says what cannot be judged."""

from types import SimpleNamespace

import pandas as pd

from dxanalysis import analysis

SHARE = SimpleNamespace(id="share", direction=1, lower=0.0, upper=100.0)
RANK = SimpleNamespace(id="rank", direction=-1, lower=1.0, upper=None)


def seen(indicator, years, values):
    return pd.DataFrame({"indicator": indicator, "area": "here", "year": years, "value": values, "status": "official"})


def goals(indicator, years, values):
    return pd.DataFrame({"indicator": indicator, "area": "here", "year": years, "value": values})


def test_a_past_target_is_missed_only_when_its_year_was_observed():
    goal = goals("share", [2025], [20.0])
    unseen = analysis.agenda_table(seen("share", [2021, 2024], [3.0, 7.1]), goal, [SHARE], year=2025)
    observed = analysis.agenda_table(seen("share", [2021, 2025], [3.0, 8.5]), goal, [SHARE], year=2025)
    assert unseen[["step", "reason"]].values.tolist() == [["not_available", "not_observed_in_year"]]
    assert observed["step"].tolist() == ["missed"]


def test_a_rank_is_met_from_below():
    table = analysis.agenda_table(seen("rank", [2022], [4.0]), goals("rank", [2025], [5.0]), [RANK], year=2022)
    assert table["step"].tolist() == ["achieved"]


def test_an_open_target_takes_the_verdict_most_methods_share():
    history = seen("share", range(2018, 2024), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0])
    table = analysis.agenda_table(history, goals("share", [2030], [30.0]), [SHARE], year=2023)
    row = table.iloc[0]
    assert row["judged"] >= row["agree"] > 0
    assert row["grade"] == "forecast"
    assert round(row["required_per_year"], 4) == round(18 / 7, 4)


def test_indicators_without_figures_come_last():
    table = analysis.agenda_table(
        seen("rank", [2022], [9.0]),
        pd.concat([goals("share", [2025], [20.0]), goals("rank", [2025], [5.0])]),
        [SHARE, RANK],
        year=2022,
    )
    assert table["indicator"].tolist() == ["rank", "share"]


def test_no_target_makes_an_empty_agenda():
    table = analysis.agenda_table(seen("share", [2022], [9.0]), goals("share", [], []), [SHARE], year=2022)
    assert table.empty
    assert analysis.next_targets(table, 2022).empty


def test_the_next_target_is_the_first_from_the_year_on():
    rows = pd.DataFrame({"indicator": ["a", "a", "a"], "target_year": [2023, 2025, 2030]})
    assert analysis.next_targets(rows, 2024)["target_year"].tolist() == [2025]
    assert analysis.next_targets(rows, 2031)["target_year"].tolist() == [2030]
