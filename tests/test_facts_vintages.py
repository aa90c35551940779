"""Releases, revisions and definitions side by side."""

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts.releases import REVISION, compare_definitions, releases, revisions

SHARE, NATION = "digital_economy_share", "viet-nam"


def test_the_releases_of_the_statistics_office_come_in_order():
    days = releases(SHARE, NATION, "gso")
    assert {"2023-12-04", "2023-12-29", "2025-01-06", "2026-01-06"} <= set(days)
    assert days == sorted(days)


def test_the_triangle_holds_every_release_of_every_year():
    table = revisions(SHARE, NATION, "gso")
    assert list(table.columns) == REVISION
    triangle = table.pivot(index="year", columns="vintage", values="value")
    assert triangle.loc[2022].dropna().tolist() == [12.86, 12.67, 12.63, 12.83]
    assert triangle.loc[2025].dropna().to_dict() == {"2026-01-06": 14.02}
    assert "2023-12-29" in triangle and pd.isna(triangle.loc[2024, "2023-12-29"])


def test_each_revision_is_the_step_from_the_release_before():
    table = revisions(SHARE, NATION, "gso").set_index(["year", "vintage"])
    first, later = table.loc[(2023, "2023-12-29")], table.loc[(2023, "2025-01-06")]
    assert pd.isna(first["revision"]) and pd.isna(first["previous"])
    assert later["previous"] == 12.33 and later["revision"] == pytest.approx(0.54)
    steps = table.loc[2022]["revision"].dropna().round(2).tolist()
    assert steps == [-0.19, -0.04, 0.20]


def test_a_conflicting_copy_is_no_release():
    assert 12.88 not in revisions(SHARE, NATION, "gso")["value"].tolist()
    later_misprint = revisions("par_index", "hai-phong")  # 91.81 of 26 April 2024 beside 91.87 of 17 April
    assert later_misprint.query("year == 2023")["value"].tolist() == [91.87]
    assert "2024-04-26" not in later_misprint.query("year == 2023")["vintage"].tolist()


def test_the_newest_values_of_the_triangle_are_the_history():
    newest = revisions(SHARE, NATION).groupby("year")["value"].last()
    assert newest.tolist() == facts.load_history(SHARE, NATION)["value"].tolist()


def test_a_series_without_figures_has_no_releases():
    assert releases(SHARE, "quang-ninh", "gso") == []
    assert revisions(SHARE, "quang-ninh", "gso").empty


def test_definitions_stand_side_by_side_and_are_never_joined():
    table = compare_definitions(SHARE, NATION)
    assert list(table.columns) == ["indicator", "area", "year", "gso", "mic", "ptit", "other"]
    assert table["year"].is_unique
    row = table.set_index("year").loc[2024]
    assert (row["gso"], row["mic"]) == (13.17, 18.3) and pd.isna(row["ptit"])


def test_definitions_are_compared_as_of_a_day_and_through_a_year():
    table = compare_definitions(SHARE, NATION, "2023-07-31", through=2022)
    assert list(table.columns) == ["indicator", "area", "year", "mic"]
    assert table["mic"].tolist() == [11.91, 14.26]


def test_a_city_measured_twice_shows_both():
    row = compare_definitions(SHARE, "ha-noi").set_index("year")
    assert (row.loc[2022, "mic"], row.loc[2023, "gso"], row.loc[2024, "province"]) == (17.15, 15.85, 16.0)


def test_nothing_published_gives_no_columns_but_the_keys():
    table = compare_definitions(SHARE, "quang-ninh", as_of=2020)
    assert list(table.columns) == ["indicator", "area", "year"] and table.empty
