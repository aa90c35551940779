"""Named scenarios with the condition that must hold."""

from types import SimpleNamespace

import pandas as pd

from dxanalysis import analysis
from dxanalysis.analysis.scenarios import CONDITIONS

SHARE = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
HISTORY = pd.DataFrame({"area": ["qn", "qn"], "year": [2021, 2024], "value": [3.0, 7.1]})
TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
PEERS = pd.DataFrame({
    "area": ["a", "a", "b", "b", "qn", "qn"], "year": [2020, 2023] * 3, "value": [6.0, 9.0, 8.0, 20.0, 3.0, 90.0],
})


def at(year, **more):
    paths = analysis.draw_scenarios(HISTORY, TARGETS, SHARE, **more)
    return paths[paths["year"] == year].set_index("scenario")["value"].round(6).to_dict()


def test_each_scenario_ends_where_its_condition_leads():
    ends = at(2030, peers=PEERS, fixed=1.5)
    assert ends == {
        "continue": 15.3, "required_pace": 30.0, "best_peer": 31.1, "halt": 7.1, "slow": 11.2, "fixed_change": 16.1,
    }


def test_every_path_starts_at_the_last_observation():
    assert set(at(2024, peers=PEERS, fixed=1.0).values()) == {7.1}


def test_every_row_names_its_condition():
    paths = analysis.draw_scenarios(HISTORY, TARGETS, SHARE)
    assert {name: CONDITIONS[name] for name in paths["scenario"].unique()} == dict(
        zip(paths["scenario"], paths["condition"], strict=True)
    )
    assert set(paths["area"]) == {"qn"}


def test_the_required_path_bends_at_the_milestone():
    assert at(2025)["required_pace"] == 20.0


def test_a_scenario_without_its_number_is_left_out_and_the_table_says_why():
    table = analysis.scenario_table(HISTORY.iloc[:1], TARGETS, SHARE)
    first = table[table["target_year"] == 2025].set_index("scenario")
    assert first["reason"].to_dict() == {
        "continue": "one_point", "required_pace": "", "best_peer": "no_peers", "halt": "", "slow": "one_point",
        "fixed_change": "no_change_given",
    }
    drawn = analysis.draw_scenarios(HISTORY.iloc[:1], TARGETS, SHARE)
    assert sorted(drawn["scenario"].unique()) == ["halt", "required_pace"]


def test_the_table_says_which_target_is_met():
    table = analysis.scenario_table(HISTORY, TARGETS, SHARE, peers=PEERS)
    met = table[table["met"]][["scenario", "target_year"]].to_numpy().tolist()
    assert met == [["required_pace", 2025], ["required_pace", 2030], ["best_peer", 2030]]
    assert table.set_index("scenario").loc["best_peer", "peer_area"].tolist() == ["b", "b"]


def test_no_peer_from_a_similar_level_is_told():
    far = PEERS.assign(value=PEERS["value"] + 50)
    table = analysis.scenario_table(HISTORY, TARGETS, SHARE, peers=far).set_index("scenario")
    assert set(table.loc["best_peer", "reason"]) == {"no_similar_level"}


def test_a_path_held_at_100_percent_says_so():
    fast = pd.DataFrame({"year": [2021, 2024], "value": [30.0, 90.0]})
    paths = analysis.draw_scenarios(fast, TARGETS.assign(value=[95.0, 99.0]), SHARE)
    last = paths[(paths["scenario"] == "continue") & (paths["year"] == 2030)].iloc[0]
    assert (last["value"], last["capped"]) == (100.0, True)


def test_without_targets_ahead_there_is_no_required_pace():
    late = pd.DataFrame({"year": [2021, 2031], "value": [3.0, 7.0]})
    drawn = analysis.draw_scenarios(late, TARGETS, SHARE, until=2033)
    assert sorted(drawn["scenario"].unique()) == ["continue", "halt", "slow"]
    assert drawn["year"].max() == 2033
    assert len(analysis.scenario_table(late, TARGETS, SHARE)) == 0


def test_without_targets_five_years_are_drawn():
    assert analysis.draw_scenarios(HISTORY, TARGETS.iloc[:0], SHARE)["year"].max() == 2029


def test_without_observations_nothing_is_drawn_and_the_table_says_so():
    assert len(analysis.draw_scenarios(HISTORY.iloc[:0], TARGETS, SHARE)) == 0
    assert set(analysis.scenario_table(HISTORY.iloc[:0], TARGETS, SHARE)["reason"]) == {"no_data"}


def test_the_observed_pace_never_crosses_a_break():
    broken = HISTORY.assign(break_before=["", "another method"])
    assert "continue" not in set(analysis.draw_scenarios(broken, TARGETS, SHARE)["scenario"])


def test_a_band_has_no_best_peer():
    band = SimpleNamespace(direction=0, lower=0.0, upper=100.0)
    table = analysis.scenario_table(HISTORY, TARGETS, band, peers=PEERS).set_index("scenario")
    assert set(table.loc["best_peer", "reason"]) == {"band"}


def test_a_target_of_the_last_observed_year_is_no_longer_ahead():
    drawn = analysis.draw_scenarios(HISTORY, pd.DataFrame({"year": [2024], "value": [20.0]}), SHARE, until=2026)
    assert "required_pace" not in set(drawn["scenario"])


def test_the_table_gives_the_points_a_year_of_each_scenario():
    table = analysis.scenario_table(HISTORY, TARGETS, SHARE).drop_duplicates("scenario").set_index("scenario")
    assert table["per_year"].round(4).dropna().to_dict() == {
        "continue": 1.3667, "required_pace": 12.9, "halt": 0.0, "slow": 0.6833,
    }
