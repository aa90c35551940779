"""Histories, figures and releases: one definition, one value per year, what was known on the day."""

import datetime as dt

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts.catalogue import OBSERVATION
from dxanalysis.facts.history import HISTORY, load_history, load_panel
from dxanalysis.facts.package import annual, annual_figures, figures
from dxanalysis.facts.releases import (
    REVISION,
    compare_definitions,
    load_each_definition,
    load_releases,
    releases,
    revisions,
)
from dxanalysis.facts.schema import fields
from tests.tables import cases

# ---------- Histories and targets: one definition, one value per year, exactly what was known on the day

SHARE, NATION, PROVINCE = "digital_economy_share", "viet-nam", "quang-ninh"


def by_year(table):
    return dict(zip(table["year"].tolist(), table["value"].tolist(), strict=True))


FLOW = "ops_fullprocess_submission_share"
BROKEN = facts.load_history("dti_total", "provinces-mean")

# a call -> a column of the history and its values
HISTORIES = {
    **{f"as known on {day}": (lambda day=day: facts.load_history(SHARE, NATION, "gso", day), "value", values)
       for day, values in [
           ("2023-12-04", [12.67]), ("2023-12-31", [12.66, 12.87, 12.63, 12.33]),
           ("2025-01-31", [12.66, 12.87, 12.83, 12.87, 13.17]), (None, [12.66, 12.87, 12.83, 12.87, 13.17, 14.02])]},
    "at the end of a year": (
        lambda: facts.load_history(SHARE, NATION, as_of="year-end", through=2023), "value",
        [12.66, 12.87, 12.63, 12.33]),
    "no halves, quarters or spans": (
        lambda: facts.load_history(SHARE, NATION, "mic"), "year", [2021, 2022, 2023, 2024]),
    "no months of a flow, nor its December": (lambda: facts.load_history(FLOW, NATION), "year", []),
    "through a year": (lambda: facts.load_history(SHARE, NATION, through=2022), "year", [2020, 2021, 2022]),
    "through a year before the first choice of definition": (
        lambda: facts.load_history(SHARE, "ha-noi", through=2022), "value", [17.15]),
    "the first definition that has figures": (
        lambda: facts.load_history(SHARE, "ha-noi")[:1], "definition", ["gso"]),
    "the preferred definition": (lambda: facts.load_history(SHARE, NATION)[:1], "definition", ["gso"]),
    "the first that was known on the day": (
        lambda: facts.load_history(SHARE, NATION, as_of="2023-07-31")[:1], "definition", ["mic"]),
    "the only one there is": (lambda: facts.load_history(SHARE, PROVINCE)[:1], "definition", ["province"]),
    "no break before the first value": (lambda: facts.load_history(SHARE, PROVINCE)[:1], "break_before", [""]),
    "nor before the only one": (lambda: facts.load_history("dti_total", "ninh-binh"), "break_before", [""]),
    "breaks of the catalogue mark the first year after them": (
        lambda: BROKEN[BROKEN["break_before"] != ""], "year", [2021, 2024]),
    "the figures of one area": (lambda: facts.observations(SHARE, PROVINCE), "value", [3.0, 7.1]),
    "the figures of an area that has none": (lambda: facts.observations(SHARE, "lai-chau"), "value", []),
}


@cases("call column values", HISTORIES)
def test_a_history_holds_what_was_known_of_one_definition(call, column, values):
    assert call()[column].tolist() == values


def test_half_years_quarters_and_months_are_kept_among_the_observations():
    assert {"2022-H1", "2023-Q2"} <= set(facts.observations(SHARE, NATION, "mic")["period"])
    assert "2023-12" in facts.observations(FLOW, NATION)["period"].tolist()
    assert all(len(history) for history in load_each_definition(SHARE, PROVINCE).values())


def test_the_published_vintages_agree_with_the_oracle(shared):
    oracle = pd.read_csv(shared / "oracles" / "vn_digital_economy_share_vintages.csv")
    held = facts.observations(SHARE, NATION, "gso", conflicts=False)
    for row in oracle.itertuples():
        day = row.vintage.split()[-1]
        same = held[(held["vintage"] == day) & (held["period"] == str(row.year))]
        assert same["value"].tolist() == [row.share_of_gdp_pct], row


def test_the_two_definitions_agree_with_the_oracle(shared):
    oracle = pd.read_csv(shared / "oracles" / "vn_two_definitions.csv").query("definition.str.startswith('MIC policy')")
    known = by_year(facts.load_history(SHARE, NATION, "mic"))
    assert {int(row.year): float(row.value_pct) for row in oracle.itertuples()}.items() <= known.items()


def test_the_provinces_of_the_ministry_agree_with_the_oracle(shared):
    oracle = pd.read_csv(shared / "oracles" / "vn_provincial_digital_share_2022_mic.csv")
    panel = load_panel(SHARE, "mic", through=2022).query("year == 2022").set_index("area")["value"]
    for row in oracle.itertuples():
        assert panel[facts.find_area(row.province).id] == row.share_of_grdp_pct_2022


def test_the_conflicting_copy_never_enters_and_is_shown_beside_the_preferred_value():
    row = facts.load_history(SHARE, NATION, "gso", "2023-12-31").query("year == 2021").iloc[0]
    assert row["value"] == 12.87 and "12.88" in row["conflict"] and "later releases repeat" in row["conflict"]


def test_the_three_percent_is_told_as_what_it_is():
    row = facts.load_history(SHARE, PROVINCE).iloc[0]
    assert (row["year"], row["value"], row["definition"], row["status"]) == (2021, 3.0, "province", "self-assessed")
    assert (row["vintage"], row["vintage_basis"]) == ("2023-10-02", "not-later-than")
    assert "5 February 2022" in row["note"] and "2021 is our label" in row["note"]


def test_the_seven_point_one_percent_carries_its_break_in_both_languages():
    row = facts.load_history(SHARE, PROVINCE).query("year == 2024").iloc[0]
    assert (row["value"], row["status"]) == (7.1, "reported")
    assert "not comparable with the self-assessed 3 %" in row["break_before"]
    assert "không so sánh được" in row["break_before_vi"]


def test_a_history_has_its_columns_in_order_and_one_row_per_year():
    table = facts.load_history(SHARE, NATION)
    assert list(table.columns) == HISTORY
    assert table["year"].is_monotonic_increasing and table["year"].is_unique
    assert table["year"].dtype == "int64" and table["value"].dtype == "float64"


@cases("call columns", {
    "a history": (lambda: facts.load_history(SHARE, PROVINCE, as_of=2021), HISTORY),
    "revisions": (lambda: revisions(SHARE, PROVINCE, "gso"), REVISION),
    "definitions side by side": (
        lambda: compare_definitions(SHARE, PROVINCE, as_of=2020), ["indicator", "area", "year"]),
})
def test_nothing_published_gives_an_empty_table_with_its_columns(call, columns):
    assert call().empty and list(call().columns) == columns and releases(SHARE, PROVINCE, "gso") == []


@cases("call error message", {
    **{f"two definitions in one series: {type(asked).__name__} of {len(asked)}": (
        lambda asked=asked: facts.load_history(SHARE, NATION, asked), ValueError,
        r"never joined in one series.*compare_definitions") for asked in (["gso", "mic"], ("gso",), {"gso", "mic"})},
    "an area": (
        lambda: facts.load_history(SHARE, "quang nnh"), facts.UnknownName, "Did you mean 'quang-ninh'"),
    "a definition": (lambda: facts.load_history(SHARE, NATION, "mof"), facts.UnknownName, "has no definition 'mof'"),
    "a level": (lambda: load_panel(SHARE, level="provinces"), ValueError, "Unknown level 'provinces'"),
    "the end of no year": (lambda: facts.as_of_date("year-end"), ValueError, "'year-end' needs the year"),
    **{f"as_of {text!r}": (
        lambda text=text: facts.as_of_date(text), ValueError,
        r"Cannot read as_of .* Write 'latest', 'year-end', a year")
       for text in ("yesterday", "12/2023", "2023-13-01", "", "٢٠٢٥", "２０２３")},
})
def test_what_is_unknown_is_refused_with_what_there_is(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("as_of", "day"), [
    (None, None),
    ("latest", None),
    (2023, dt.date(2023, 12, 31)),
    ("2023", dt.date(2023, 12, 31)),
    ("2023-06-30", dt.date(2023, 6, 30)),
    (dt.date(2023, 6, 30), dt.date(2023, 6, 30)),
    (dt.datetime(2023, 6, 30, 12), dt.date(2023, 6, 30)),
    ("year-end", dt.date(2021, 12, 31)),
])
def test_as_of_is_read_in_every_writing(as_of, day):
    assert facts.as_of_date(as_of, 2021) == day


def test_a_panel_holds_many_areas_of_one_definition():
    panel = load_panel(SHARE, "mic", through=2022)
    assert panel["definition"].unique().tolist() == ["mic"]
    assert panel.sort_values(["area", "year"]).index.tolist() == panel.index.tolist()
    assert not panel.duplicated(["area", "year"]).any()
    assert "viet-nam" not in set(panel["area"])


def test_a_panel_of_one_code_list_holds_its_areas_only():
    new = set(load_panel(SHARE, "gso", level="vn34")["area"])
    assert {"bac-ninh-2025", "ha-noi"} <= new and "bac-ninh" not in new


def test_observations_keep_all_periods_and_conflicts_unless_told_not_to():
    table = facts.observations(SHARE, NATION)
    assert list(table.columns) == OBSERVATION
    assert (table["conflict"] != "").any()
    assert (facts.observations(SHARE, NATION, conflicts=False)["conflict"] == "").all()
    assert facts.observations(SHARE, as_of=2022)["vintage"].max() <= "2022-12-31"


def test_the_december_figure_of_a_stock_stands_for_its_year_and_says_so():
    table = facts.load_history("fibre_household_share", NATION, "mic").set_index("year")
    assert {2021, 2022, 2024} <= set(table.index)
    assert table.loc[2022, "note"].startswith("figure of December")
    months = facts.observations("fibre_household_share", NATION, "mic").set_index("period")["value"]
    assert table.loc[2022, "value"] == months["2022-12"]


def test_a_figure_of_the_whole_year_goes_before_december_and_other_months_never_enter():
    table = facts.load_history("smartphone_subscription_share", NATION, "mic").set_index("year")
    months = facts.observations("smartphone_subscription_share", NATION, "mic").set_index("period")["value"]
    assert table.loc[2023, "value"] == months["2023"] and not table.loc[2023, "note"].startswith("figure of December")
    assert 2024 not in table.index and "2024-10" in months.index


# ---------- The figures of one indicator, whole years apart from other periods, in order of preference

def test_the_figures_of_an_indicator_are_all_of_them_with_all_columns():
    table = figures("digital_economy_share")
    assert list(table.columns) == list(fields("observations"))
    assert table["indicator"].unique().tolist() == ["digital_economy_share"]
    assert (table["conflict"] != "").any() and table["period"].str.contains("H1").any()


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


# ---------- A series as it stood after each publication

SERIES = (
    ("digital_economy_share", "viet-nam", "gso"),
    ("digital_economy_share", "ha-noi", "mic"),
    ("digital_economy_share", "quang-ninh", "province"),
    ("dti_total", "quang-ninh", "mic"),
    ("internet_users", "viet-nam", "preferred"),
)


@pytest.mark.parametrize(("indicator", "area", "definition"), SERIES)
@pytest.mark.parametrize("through", [None, 2022])
def test_each_release_is_the_history_of_its_day_and_no_change_is_missed(indicator, area, definition, through):
    releases = load_releases(indicator, area, definition, through=through)
    assert releases
    chosen = next(iter(releases.values()))["definition"].iloc[0]
    ever = annual_figures(indicator)
    before = []
    for day in sorted(ever.loc[(ever["area"] == area) & (ever["definition"] == chosen), "vintage"].unique()):
        stood = load_history(indicator, area, chosen, day, through=through)
        now = stood[["year", "value", "status"]].to_numpy().tolist()
        assert (day in releases) == (now != before), day
        if day in releases:
            assert releases[day].equals(stood)
        before = now


# ---------- Releases, revisions and definitions side by side

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
