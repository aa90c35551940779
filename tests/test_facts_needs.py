"""What the figures held allow to be said, and which would have to be asked for."""

import pandas as pd
import pytest

from dxanalysis import cli, facts


def test_each_series_stands_on_the_rung_its_comparable_figures_reach():
    table = facts.evidence("viet-nam", "digital_economy_share").set_index("definition")
    assert table.loc["gso", ["figures", "comparable", "grade", "next_grade", "needed"]].tolist() == [
        6, 6, "forecast", "", 0,
    ]
    assert table.loc["mic", "grade"] == "pace"
    assert table.loc["mic", "needed"] == 6 - table.loc["mic", "comparable"]


def test_figures_before_a_break_do_not_count():
    row = facts.evidence("quang-ninh", "digital_economy_share").set_index("definition").loc["province"]
    assert (row["figures"], row["comparable"], row["years"]) == (2, 1, "2021, 2024")


def test_a_target_without_a_figure_is_listed_apart_from_series():
    table = facts.evidence("quang-ninh")
    only = table[table["figures"] == 0]
    assert {"tfp_contribution", "priority_databases_complete"} <= set(only["indicator"])
    assert (only["targets"] > 0).all() and (only["definition"] == "").all()


def test_what_was_published_later_is_not_known():
    early = facts.evidence("quang-ninh", "digital_economy_share", as_of="2024-12-31")
    assert early["years"].tolist() == ["2021"]


def test_the_request_asks_the_office_that_compiles_and_says_what_is_held():
    asked = facts.needs("quang-ninh", as_of="2026-06-30").set_index(["indicator", "target_year"])
    share = asked.loc[("digital_economy_share", 2025)]
    assert (share["definition"], share["office_basis"], share["held_definition"]) == ("gso", "compiler", "province")
    assert (share["years_wanted"], bool(share["due"]), share["last_value"]) == ("2025", True, 7.1)
    only = asked.loc[("tfp_contribution", 2030)]
    assert only["office_basis"] == "issuer" and "Quảng Ninh" in only["office_vi"]


@pytest.mark.parametrize("area", ["quang-ninh", "viet-nam", "ha-noi", "tuyen-quang-2025"])
def test_a_request_names_years_that_are_over_and_not_held(area):
    for row in facts.needs(area, through=2025).itertuples():
        wanted, held = set(row.years_wanted.split(", ")), set(row.years_held.split(", "))
        assert wanted and not wanted & held
        assert all(int(year) <= 2025 for year in wanted)
        assert row.due == (row.target_year <= 2025 and str(row.target_year) not in held)


def test_an_area_without_targets_asks_nothing():
    assert facts.needs("yen-giang").columns.tolist() == facts.needs("quang-ninh").columns.tolist()
    assert not len(facts.needs("asia"))


def test_the_commands_print_and_write_the_request(capsys, tmp_path):
    assert cli.main(["data", "needs", "--areas", "quang-ninh,ha-long", "--lang", "en"]) == 0
    assert "General Statistics Office" in capsys.readouterr().out
    path = tmp_path / "asked.csv"
    assert cli.main(["data", "needs", "--areas", "quang-ninh", "--to", str(path)]) == 0
    assert pd.read_csv(path)["indicator"].tolist() == facts.needs("quang-ninh")["indicator"].tolist()
    assert cli.main(["data", "list", "--areas", "quang-ninh"]) == 0
    assert "Targets only" in capsys.readouterr().out
