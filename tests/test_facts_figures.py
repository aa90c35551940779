"""The figures of one indicator, whole years apart from other periods, in order of preference."""

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts.package import annual, annual_figures, figures
from dxanalysis.facts.schema import fields


def test_the_figures_of_an_indicator_are_all_of_them_with_all_columns():
    table = figures("digital_economy_share")
    assert list(table.columns) == list(fields("observations"))
    assert table["indicator"].unique().tolist() == ["digital_economy_share"]
    assert (table["conflict"] != "").any() and table["period"].str.contains("H1").any()


def test_the_figures_of_one_area_are_a_part_of_them():
    assert figures("digital_economy_share", "quang-ninh")["value"].tolist() == [3.0, 7.1]
    assert figures("digital_economy_share", "lai-chau").empty


@pytest.mark.parametrize(
    ("indicator", "years"),
    [("digital_economy_share", [2024]), ("fibre_household_share", [2024, 2023])],
)
def test_whole_years_count_and_december_only_of_a_stock(indicator, years):
    periods = ["2024", "2023-12", "2024-06", "2024-H1", "2024-Q4", "2021-2025", "2023-12-31"]
    table = pd.DataFrame({"indicator": indicator, "period": periods})
    assert annual(table)["year"].tolist() == years


def test_reports_come_newest_release_first_and_official_before_press_before_mirror():
    table = annual_figures("digital_economy_share")
    nation = table[(table["area"] == "viet-nam") & (table["definition"] == "gso") & (table["year"] == 2021)]
    assert nation["value"].tolist() == [12.87, 12.87, 12.87, 12.88]  # 2026, 2025, then the press before the mirror
    grades = [facts.source(id).grade for id in nation["source"][-2:]]
    assert grades == ["press", "mirror"]
