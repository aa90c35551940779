"""Named scenarios with the condition that must hold."""

from types import SimpleNamespace

import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.scenarios import CONDITIONS
from tests.records import SHARE
from tests.tables import cases

HISTORY = pd.DataFrame({"area": ["qn", "qn"], "year": [2021, 2024], "value": [3.0, 7.1]})
TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
PEERS = pd.DataFrame({
    "area": ["a", "a", "b", "b", "qn", "qn"], "year": [2020, 2023] * 3, "value": [6.0, 9.0, 8.0, 20.0, 3.0, 90.0],
})


@pytest.mark.parametrize(("year", "values"), [
    (2030, {"continue": 15.3, "required_pace": 30.0, "best_peer": 31.1, "halt": 7.1, "slow": 11.2}),
    (2024, dict.fromkeys(["continue", "required_pace", "best_peer", "halt", "slow"], 7.1)),
], ids=["each ends where its condition leads", "each starts at the last observation"])
def test_the_paths(year, values):
    paths = analysis.draw_scenarios(HISTORY, TARGETS, SHARE, peers=PEERS)
    assert paths[paths["year"] == year].set_index("scenario")["value"].round(6).to_dict() == values
    assert paths.query("year == 2025 and scenario == 'required_pace'")["value"].tolist() == [20.0]  # bends there


def test_every_row_names_its_condition():
    paths = analysis.draw_scenarios(HISTORY, TARGETS, SHARE)
    assert {name: CONDITIONS[name] for name in paths["scenario"].unique()} == dict(
        zip(paths["scenario"], paths["condition"], strict=True)
    )
    assert set(paths["area"]) == {"qn"}


LATE = pd.DataFrame({"year": [2021, 2031], "value": [3.0, 7.0]})


@cases("history targets until drawn last", {
    "one point": (HISTORY.iloc[:1], TARGETS, None, ["halt", "required_pace"], 2030),
    "no targets: five years": (HISTORY, TARGETS.iloc[:0], None, ["continue", "halt", "slow"], 2029),
    "no targets ahead": (LATE, TARGETS, 2033, ["continue", "halt", "slow"], 2033),
    "a target of the last observed year": (
        HISTORY, pd.DataFrame({"year": [2024], "value": [20.0]}), 2026, ["continue", "halt", "slow"], 2026),
    "a break": (HISTORY.assign(break_before=["", "another method"]), TARGETS, None, ["halt", "required_pace"], 2030),
    "no observations": (HISTORY.iloc[:0], TARGETS, None, [], None),
})
def test_what_is_drawn_of(history, targets, until, drawn, last):
    paths = analysis.draw_scenarios(history, targets, SHARE, until=until)
    assert sorted(paths["scenario"].unique()) == drawn and (not drawn or paths["year"].max() == last)


BAND = SimpleNamespace(direction=0, lower=0.0, upper=100.0)
UNTOLD = {"continue": "one_point", "required_pace": "", "best_peer": "no_peers", "halt": "", "slow": "one_point"}


@cases("history indicator peers reasons", {
    "a scenario without its number": (HISTORY.iloc[:1], SHARE, None, UNTOLD),
    "no peer from a similar level": (
        HISTORY, SHARE, PEERS.assign(value=PEERS["value"] + 50), {"best_peer": "no_similar_level"}),
    "a band has no best peer": (HISTORY, BAND, PEERS, {"best_peer": "band"}),
    "nothing observed": (HISTORY.iloc[:0], SHARE, None, dict.fromkeys(UNTOLD, "no_data")),
})
def test_the_table_says_why(history, indicator, peers, reasons):
    table = analysis.scenario_table(history, TARGETS, indicator, peers=peers)
    for scenario, rows in table.groupby("scenario"):
        assert set(rows["reason"]) == {reasons.get(scenario, rows["reason"].iloc[0])}
    assert set(reasons) <= set(table["scenario"]) and len(analysis.scenario_table(LATE, TARGETS, SHARE)) == 0


def test_the_table_says_which_target_is_met():
    table = analysis.scenario_table(HISTORY, TARGETS, SHARE, peers=PEERS)
    met = table[table["met"]][["scenario", "target_year"]].to_numpy().tolist()
    assert met == [["required_pace", 2025], ["required_pace", 2030], ["best_peer", 2030]]
    assert table.set_index("scenario").loc["best_peer", "peer_area"].tolist() == ["b", "b"]


def test_a_path_held_at_100_percent_says_so():
    fast = pd.DataFrame({"year": [2021, 2024], "value": [30.0, 90.0]})
    paths = analysis.draw_scenarios(fast, TARGETS.assign(value=[95.0, 99.0]), SHARE)
    last = paths[(paths["scenario"] == "continue") & (paths["year"] == 2030)].iloc[0]
    assert (last["value"], last["capped"]) == (100.0, True)


def test_the_table_gives_the_points_a_year_of_each_scenario():
    table = analysis.scenario_table(HISTORY, TARGETS, SHARE).drop_duplicates("scenario").set_index("scenario")
    assert table["per_year"].round(4).dropna().to_dict() == {
        "continue": 1.3667, "required_pace": 12.9, "halt": 0.0, "slow": 0.6833,
    }
