"""The verdict under every release, and what turned it."""


import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.releases import CAUSES, Judgement, explain_change, pace_ratio
from dxanalysis.analysis.verdicts.verdict import Verdict
from tests.records import SHARE

GOAL = pd.DataFrame({"year": [2025], "value": [20.0]})
FIRST = {2020: 12.66, 2021: 12.87, 2022: 12.63, 2023: 12.33}
REVISED = {2020: 12.66, 2021: 12.87, 2022: 12.83, 2023: 12.87, 2024: 13.17}


def published():
    rows = [("2023-12-29", "gso", year, value) for year, value in FIRST.items()]
    rows += [("2025-01-06", "gso", year, value) for year, value in REVISED.items()]
    rows += [("2024-12-29", "mic", year, value) for year, value in {2021: 11.91, 2022: 14.26, 2024: 18.3}.items()]
    return pd.DataFrame(rows, columns=["vintage", "definition", "period", "value"])


def test_viet_nams_share_is_judged_oppositely_by_two_releases_of_the_same_years():
    table = analysis.verdicts_by_release(published(), GOAL, SHARE, through=2023)
    gso = table[table["definition"] == "gso"]
    assert gso["as_of"].tolist() == ["2023-12-29", "2025-01-06"]
    assert gso["value"].round(2).tolist() == [-0.09, 0.06]
    assert gso["status"].tolist() == ["deterioration", "limited_progress"]
    assert gso["last_year"].tolist() == [2023, 2023]


def test_with_the_new_year_the_revised_ratio_is_a_tenth():
    table = analysis.verdicts_by_release(published(), GOAL, SHARE)
    last = table[table["as_of"] == "2025-01-06"].iloc[0]
    assert (round(last["value"], 2), last["n"], last["first"], last["last"]) == (0.10, 5, 12.66, 13.17)


def test_the_published_vintages_reproduce_the_table(shared):
    vintages = pd.read_csv(shared / "oracles/vn_digital_economy_share_vintages.csv")
    dates = vintages["vintage"].str.extract(r"(\d{4}-\d{2}-\d{2})")[0]
    observed = pd.DataFrame({"vintage": dates, "year": vintages["year"], "value": vintages["share_of_gdp_pct"]})
    table = analysis.verdicts_by_release(observed, GOAL, SHARE, through=2023).set_index("as_of")
    assert table["value"].dropna().round(2).to_dict() == {"2023-12-29": -0.09, "2025-01-06": 0.06}
    assert table.loc["2023-12-04", "reason"] == "one_point"


def test_definitions_are_judged_apart():
    table = analysis.verdicts_by_release(published(), GOAL, SHARE).set_index("definition")
    assert table.loc["mic", "step"] == "on_track"
    assert table.loc["mic", "n"] == 3
    mixed = analysis.verdicts_by_release(published().iloc[::-1], GOAL, SHARE)
    assert mixed["definition"].tolist() == ["gso", "gso", "mic"], "in the order of names, however they came"


def test_the_columns_stand_in_the_agreed_order():
    agreed = "as_of definition target_year target n first_year last_year first last statistic value step"
    assert list(analysis.verdicts_by_release(published(), GOAL, SHARE).columns)[:12] == agreed.split()


def test_histories_by_release_may_be_given():
    histories = {
        "2023-12-29": pd.DataFrame({"year": list(FIRST), "value": list(FIRST.values())}),
        ("gso", "2025-01-06"): pd.DataFrame({"year": list(REVISED), "value": list(REVISED.values())}),
    }
    table = analysis.verdicts_by_release(histories, GOAL, SHARE)
    assert table["definition"].tolist() == ["", "gso"]
    assert table["value"].round(2).tolist() == [-0.09, 0.10]


def test_a_release_without_data_up_to_the_year_says_so():
    table = analysis.verdicts_by_release(published(), GOAL, SHARE, through=2019)
    assert set(table["reason"]) == {"no_data"}


def test_another_method_can_be_shown():
    table = analysis.verdicts_by_release(published(), GOAL, SHARE, method="destatis")
    assert set(table["statistic"]) <= {"miss", ""}


def test_both_milestones_are_judged_at_each_release():
    two = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    table = analysis.verdicts_by_release(published(), two, SHARE)
    assert table["target_year"].tolist() == [2025, 2030] * 3


def test_half_years_and_conflicting_values_are_left_out():
    odd = pd.DataFrame({
        "vintage": "2025-01-06", "definition": "gso", "period": ["2022-H1", "2023"], "value": [10.4, 25.0],
        "conflict": ["", "printed wrongly"],
    })
    table = analysis.verdicts_by_release(pd.concat([published(), odd]), GOAL, SHARE)
    assert table["value"].round(2).tolist()[:2] == [-0.09, 0.10]


def test_a_table_without_release_dates_is_refused():
    with pytest.raises(ValueError, match="no column 'vintage'"):
        analysis.verdicts_by_release(published().drop(columns="vintage"), GOAL, SHARE)


def effects(before, after):
    return explain_change(before, after).set_index("cause")


def test_new_data_and_revision_share_the_change_exactly():
    table = effects(Judgement(FIRST, 20, 2025, 1), Judgement(REVISED, 20, 2025, 1))
    assert table["percent"].sum() == pytest.approx(100)
    change = table["after"].iloc[0] - table["before"].iloc[0]
    assert table["effect"].sum() == pytest.approx(change, abs=1e-12)
    assert table.loc["new_data", "effect"] > table.loc["revision", "effect"] > 0
    assert table.loc[["target", "method"], "effect"].tolist() == [0.0, 0.0]
    assert (table["step_before"].iloc[0], table["step_after"].iloc[0]) == ("moving_away", "limited_progress")


@pytest.mark.parametrize(("after", "cause"), [
    (Judgement(FIRST | {2023: 12.87}, 20, 2025, 1), "revision"),
    (Judgement(FIRST | {2024: 13.17}, 20, 2025, 1), "new_data"),
    (Judgement(FIRST, 15, 2025, 1), "target"),
    (Judgement(FIRST, 20, 2030, 1), "target"),
    (Judgement(FIRST, 20, 2025, 1, method="sdsn_trend"), "method"),
])
def test_a_single_cause_explains_everything(after, cause):
    table = effects(Judgement(FIRST, 20, 2025, 1), after)
    assert table.loc[cause, "percent"] == pytest.approx(100)
    assert table.drop(cause)["effect"].abs().max() < 1e-12


def test_four_causes_at_once_still_add_up():
    after = Judgement(REVISED, 25, 2030, 1, method="un_chart")
    table = effects(Judgement(FIRST, 20, 2025, 1), after)
    assert tuple(table.index) == CAUSES
    assert table["percent"].sum() == pytest.approx(100)
    assert (table["effect"] != 0).all()


def test_no_change_has_no_shares():
    same = Judgement(FIRST, 20, 2025, 1)
    assert effects(same, same)["percent"].isna().all()


def test_a_judgement_without_ratio_is_refused():
    with pytest.raises(ValueError, match=r"'statcan' on 2024-2024 has no pace ratio \(one_point\)"):
        explain_change(Judgement(FIRST, 20, 2025, 1), Judgement({2024: 13.17}, 20, 2025, 1))
    with pytest.raises(ValueError, match="on no years has no pace ratio"):
        explain_change(Judgement({}, 20, 2025, 1), Judgement(FIRST, 20, 2025, 1))


@pytest.mark.parametrize(("statistic", "value", "ratio"), [
    ("ratio", 0.9, 0.9), ("share", 0.9, 0.9), ("miss", 0.1, 0.9), ("index", 9.0, 0.9), ("growth", 0.9, None),
    ("speed", 0.9, None), ("ratio", None, None),
])
def test_each_statistic_becomes_a_pace_ratio(statistic, value, ratio):
    assert pace_ratio(Verdict("x", value, "", None, statistic=statistic)) == pytest.approx(ratio)


def test_the_ratio_before_and_after_are_those_of_the_two_judgements():
    before, after = Judgement(FIRST, 20, 2025, 1), Judgement(FIRST, 15, 2025, 1)
    table = explain_change(before, after)
    assert table["before"].iloc[0] == pytest.approx(before.verdict().value)
    assert table["after"].iloc[0] == pytest.approx(after.verdict().value)
