"""Coverage counts what was published by a day, names what contradicts, and fills nothing."""

import pandas as pd
import pytest

from dxanalysis import facts


def test_only_what_had_been_published_by_the_day_is_covered():
    before = facts.coverage("digital_economy_share", "quang-ninh", as_of="2021-12-31")
    after = facts.coverage("digital_economy_share", "quang-ninh", as_of="2023-12-31")
    assert before.empty
    assert after["year"].tolist() == [2021]


def test_projections_and_contradicted_reports_are_no_figures():
    held = facts.coverage()
    assert "projection" not in set(held["status"])
    assert not held.duplicated(["indicator", "definition", "area", "year"]).any()


def test_a_figure_printed_twice_counts_two_releases():
    held = facts.coverage("digital_economy_share", "viet-nam", as_of="2025-01-31")
    row = held[(held["definition"] == "gso") & (held["year"] == 2023)].iloc[0]
    assert row["releases"] == 2
    assert row["vintage"] == "2025-01-06"


def test_the_grid_keeps_the_years_between_without_a_figure():
    held = pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024]})
    assert list(facts.coverage_grid(held, "area").columns) == ["area", "figures", "2021", "2022", "2023", "2024"]


def test_the_grid_of_nothing_is_empty_and_a_strange_column_is_refused():
    assert facts.coverage_grid(pd.DataFrame(columns=["area", "year"]), "area").empty
    with pytest.raises(ValueError, match="cannot be counted by 'month'"):
        facts.coverage_grid(pd.DataFrame({"area": ["a"], "year": [2021]}), "month")


def test_freshness_counts_from_the_year_asked():
    held = facts.coverage("digital_economy_share", "quang-ninh")
    table = facts.freshness(held, 2027)
    assert table["years_behind"].tolist() == [3]
    assert facts.freshness(held[:0], 2027).empty


def test_grades_of_pages_add_up_to_all_figures():
    held = facts.coverage(area="quang-ninh")
    assert facts.source_grades(held)["figures"].sum() == len(held)
    assert facts.source_grades(held[:0])["figures"].sum() == 0


def test_disputed_reports_give_their_reason_and_respect_the_year():
    table = facts.disputed("dti_economy", "quang-ninh")
    assert (table["conflict"] != "").all()
    assert facts.disputed("dti_economy", "quang-ninh", through=2019).empty


def test_definitions_come_in_the_order_of_preference():
    assert facts.definition_table("digital_economy_share")["definition"].tolist()[:2] == ["gso", "mic"]


def test_who_measures_an_indicator_and_how_is_told_in_vietnamese_too():
    vietnamese = facts.definition_table("digital_economy_share", "vi")
    assert vietnamese["method"][0].startswith("giá trị tăng thêm của kinh tế số")
    assert vietnamese["note"][0].startswith("tính thử nghiệm năm 2023")
    assert (vietnamese["method"] != facts.definition_table("digital_economy_share")["method"]).all()
    with pytest.raises(ValueError, match="Unknown language 'fr'"):
        facts.definition_table("digital_economy_share", "fr")


def test_an_interval_is_told_until_a_figure_of_its_definition_is_held():
    known = facts.load_intervals("digital_economy_share", "quang-ninh")
    assert known[["definition", "year", "lower", "upper", "basis"]].values.tolist() == [
        ["mic", 2022, 5.78, 17.15, "inferred"],
    ]
    assert facts.load_intervals("digital_economy_share", "quang-ninh", as_of="2023-06-30").empty
    assert facts.load_intervals("digital_economy_share", "quang-ninh", through=2021).empty
    assert facts.load_intervals("ecommerce_share_retail", "viet-nam").empty  # a figure, our midpoint, is held


def test_intervals_hold_no_area_whose_figure_is_printed():
    spans = facts.load_intervals("grdp_growth")
    held = facts.load_panel("grdp_growth", "gso", level="vn34").query("year == 2025")
    assert len(spans) == 34 - len(held) and not set(spans["area"]) & set(held["area"])
    assert (spans["lower"] < spans["upper"]).all()
