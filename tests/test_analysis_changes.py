"""What moved between two analyses is found, and every part of the change is given to what caused it."""


import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.changes import SOURCES
from tests.records import SHARE, agreed

FIRST = {2020: 12.66, 2021: 12.87, 2022: 12.63, 2023: 12.33}
REVISED = {2020: 12.66, 2021: 12.87, 2022: 12.83, 2023: 12.87}


def run(values, goal=20.0, year=2025):
    history = pd.DataFrame({"year": list(values), "value": list(values.values())})
    targets = pd.DataFrame({"year": [year], "value": [goal]})
    panel = analysis.judge(history, targets, SHARE)
    return {"history": history, "targets": targets, "panel": panel, "agreement": agreed(panel)}


def percents(table, **conditions):
    for name, value in conditions.items():
        table = table[table[name] == value]
    return {cause: round(float(table[f"percent_{cause}"].iloc[0]), 6) for cause in SOURCES}


def test_a_revision_turns_the_verdict_and_explains_all_of_it():
    table = analysis.changes(run(FIRST), run(REVISED), SHARE)
    figures = table[table["what"] == "figure"]
    assert figures[["figure_year", "before", "after"]].values.tolist() == [[2022, 12.63, 12.83], [2023, 12.33, 12.87]]
    overall = table[table["what"] == "overall"].iloc[0]
    assert (overall["step_before"], overall["step_after"]) == ("moving_away", "limited_progress")
    assert set(table["cause"]) == {"revision"}
    assert percents(table, what="verdict", method="statcan")["revision"] == pytest.approx(100)


def test_new_data_and_revision_share_the_change_and_add_up_to_the_whole():
    table = analysis.changes(run(FIRST), run(REVISED | {2024: 13.17}), SHARE)
    shares = percents(table, what="verdict", method="statcan")
    assert shares["new_data"] == pytest.approx(61.835, abs=0.001)  # the worked case of explain_change
    assert shares["revision"] == pytest.approx(38.165, abs=0.001)
    assert sum(shares.values()) == pytest.approx(100)
    split = table[[f"percent_{cause}" for cause in SOURCES]].dropna()
    assert split.sum(axis=1).tolist() == pytest.approx([100] * len(split))


def test_a_changed_target_alone_explains_the_verdicts():
    table = analysis.changes(run(FIRST), run(FIRST, goal=15.0), SHARE)
    assert set(table["what"]) == {"verdict"} and set(table["cause"]) == {"target"}


def test_a_value_that_no_input_accounts_for_is_the_code_s():
    other = run(FIRST)
    mine = other["panel"]["method"] == "statcan"
    other["panel"] = other["panel"].assign(value=other["panel"]["value"].where(~mine, 0.5))
    table = analysis.changes(run(FIRST), other, SHARE)
    assert table[["what", "method", "after", "cause"]].values.tolist() == [["verdict", "statcan", 0.5, "code"]]


def test_a_changed_version_of_a_method_takes_what_is_left():
    other = run(FIRST)
    mine = other["panel"]["method"] == "statcan"
    other["panel"] = other["panel"].assign(value=other["panel"]["value"].where(~mine, 0.5),
                                           version=other["panel"]["version"].where(~mine, "next"))
    table = analysis.changes(run(FIRST), other, SHARE)
    assert percents(table, what="verdict", method="statcan")["method"] == pytest.approx(100)


def test_a_forecast_that_moved_gets_no_cause():
    tables = [run(FIRST) | {"attainment": pd.DataFrame({"target_year": [2025], "probability": [p], "median": [12.0]})}
              for p in (0.1, 0.2)]
    table = analysis.changes(*tables, SHARE)
    assert table[["what", "before", "after", "cause"]].values.tolist() == [["probability", 0.1, 0.2, ""]]
    assert table["percent_revision"].isna().all()


def test_the_same_twice_moves_nothing():
    assert analysis.changes(run(FIRST), run(FIRST), SHARE).empty


def test_one_point_and_a_lost_year_are_told_without_a_split():
    table = analysis.changes(run(FIRST), run({2023: 12.33}), SHARE)
    lost = table[table["what"] == "figure"]
    assert lost["after"].isna().tolist() == [True, True, True]
    assert set(lost["cause"]) == {"new_data"}
    assert table.loc[table["what"] == "overall", "cause"].tolist() == ["new_data"]


def test_runs_without_figures_have_no_number_to_compare():
    bare = {"history": pd.DataFrame({"year": [], "value": []}), "targets": pd.DataFrame({"year": [], "value": []})}
    assert analysis.changes(bare, bare, SHARE).empty
