"""Sixty-three provinces become thirty-four: sums stay sums, shares are weighted, nothing is guessed."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis import cli, facts
from dxanalysis.facts.mergers import BREAK, to_current_areas
from dxanalysis.facts.schema import fields

CROSS = facts.open_package().tables["crosswalk"]
OLD = CROSS["area_vn63"].tolist()


def table(indicator, values, year=2023, **columns):
    return pd.DataFrame(
        {"indicator": indicator, "area": list(values), "year": year, "value": list(values.values())} | columns
    )


def test_counts_are_summed():
    result = to_current_areas(table("digital_enterprise_count", {"bac-ninh": 100.0, "bac-giang": 50.0}))
    assert result[["area", "value", "method", "status", "members"]].values.tolist() == [
        ["bac-ninh-2025", 150.0, "sum", "derived", 2]
    ]


def test_shares_are_weighted_by_their_denominator():
    shares = table("digital_economy_share", {"bac-ninh": 56.83, "bac-giang": 42.13}, definition="mic")
    grdp = table("grdp", {"bac-ninh": 300.0, "bac-giang": 100.0})
    row = to_current_areas(shares, grdp).iloc[0]
    assert row["value"] == pytest.approx((56.83 * 300 + 42.13 * 100) / 400)
    assert (row["method"], row["definition"]) == ("mean weighted by grdp_nominal", "mic")


def test_missing_weights_are_reported_and_never_guessed():
    shares = table("digital_economy_share", {"bac-ninh": 56.83, "bac-giang": 42.13})
    row = to_current_areas(shares, table("grdp", {"bac-ninh": 300.0})).iloc[0]
    assert math.isnan(row["value"]) and row["missing"] == "no grdp_nominal: bac-giang"
    other_year = to_current_areas(shares, table("grdp", {"bac-ninh": 300.0, "bac-giang": 100.0}, year=2022)).iloc[0]
    assert other_year["missing"] == "no grdp_nominal: bac-giang, bac-ninh"


def test_a_missing_member_leaves_the_new_province_without_a_value():
    row = to_current_areas(table("digital_enterprise_count", {"binh-duong": 9.0, "tp-ho-chi-minh": 20.0})).iloc[0]
    assert math.isnan(row["value"])
    assert (row["area"], row["missing"]) == ("tp-ho-chi-minh-2025", "no value: ba-ria-vung-tau")


def test_indices_are_the_simple_mean_as_published():
    row = to_current_areas(table("dti_total", {"da-nang": 0.8335, "quang-nam": 0.5803}, year=2024)).iloc[0]
    assert row["value"] == pytest.approx(0.7069)  # the merged score the ministry published
    assert row["method"] == "simple mean (as published)"


def test_ranks_cannot_be_merged():
    row = to_current_areas(table("dti_rank", {"da-nang": 2.0, "quang-nam": 57.0})).iloc[0]
    assert math.isnan(row["value"]) and row["missing"] == "ranks and one-off figures cannot be merged"


def test_rates_are_weighted_by_population():
    rates = table("fixed_broadband_per_100", {"bac-ninh": 30.0, "bac-giang": 10.0})
    people = table("population", {"bac-ninh": 1.0, "bac-giang": 3.0})
    row = to_current_areas(rates, people).iloc[0]
    assert (row["value"], row["method"]) == (15.0, "mean weighted by population")


def test_unchanged_provinces_and_the_nation_pass_through():
    result = to_current_areas(table("digital_economy_share", {"quang-ninh": 3.0, "viet-nam": 12.87}, status="official"))
    assert result[["area", "value", "status", "method"]].values.tolist() == [
        ["quang-ninh", 3.0, "official", "unchanged"],
        ["viet-nam", 12.87, "official", "unchanged"],
    ]


def test_a_published_value_of_the_new_province_stands_and_the_break_is_marked():
    before = table("digital_enterprise_count", {"bac-ninh": 100.0, "bac-giang": 50.0}, year=2024)
    same = table("digital_enterprise_count", {"bac-ninh": 110.0, "bac-giang": 50.0}, year=2025)
    after = table("digital_enterprise_count", {"bac-ninh-2025": 175.0}, year=2025)
    later = table("digital_enterprise_count", {"bac-ninh-2025": 180.0}, year=2026)
    result = to_current_areas(pd.concat([before, same, after, later]))
    assert result[["year", "value", "method"]].values.tolist() == [
        [2024, 150.0, "sum"],
        [2025, 175.0, "unchanged"],
        [2026, 180.0, "unchanged"],
    ]
    assert result["break_before"].tolist() == ["", BREAK, ""]


def test_periods_other_than_years_are_merged_too():
    months = (
        table("digital_enterprise_count", {"bac-ninh": 1.0, "bac-giang": 2.0})
        .drop(columns="year")
        .assign(period="2024-06")
    )
    assert to_current_areas(months)[["period", "value"]].values.tolist() == [["2024-06", 3.0]]


def test_two_definitions_of_one_indicator_are_refused():
    both = table("digital_economy_share", {"bac-ninh": 1.0, "bac-giang": 2.0}).assign(definition=["gso", "mic"])
    with pytest.raises(ValueError, match=r"'digital_economy_share' comes with two definitions: \['gso', 'mic'\]"):
        to_current_areas(both)


@pytest.mark.parametrize("column", ["indicator", "area", "value"])
def test_a_missing_column_is_named(column):
    with pytest.raises(ValueError, match=f"no column.*{column}"):
        to_current_areas(table("dti_total", {"da-nang": 0.8}).drop(columns=column))


def test_two_releases_of_one_figure_are_refused():
    releases = pd.concat([table("dti_total", {"da-nang": 0.8}), table("dti_total", {"da-nang": 0.9})])
    with pytest.raises(ValueError, match=r"dti_total / da-nang / 2023 comes twice.*Keep one release"):
        to_current_areas(releases)


def test_a_table_without_time_is_refused():
    with pytest.raises(ValueError, match="neither a column 'year' nor 'period'"):
        to_current_areas(table("dti_total", {"da-nang": 0.8}).drop(columns="year"))


def test_the_panel_of_the_ministry_goes_through_whole():
    panel = facts.load_panel("digital_economy_share", "mic", through=2022)
    result = to_current_areas(panel)
    assert set(result["area"]) <= set(CROSS["area_vn34"])
    assert result.loc[result["value"].isna(), "missing"].ne("").all()


@given(st.lists(st.integers(0, 10**9), min_size=63, max_size=63))
@settings(max_examples=25, deadline=None)
def test_national_totals_are_unchanged_by_the_merger(counts):
    result = to_current_areas(table("digital_enterprise_count", dict(zip(OLD, map(float, counts), strict=True))))
    assert len(result) == 34 and result["value"].sum() == sum(counts)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_national_share_is_unchanged_by_the_merger(seed):
    random = np.random.default_rng(seed)
    grdp = pd.Series(random.uniform(1, 1000, 63), index=OLD)
    share = pd.Series(random.uniform(0, 100, 63), index=OLD)
    result = to_current_areas(table("digital_economy_share", share.to_dict()), table("grdp", grdp.to_dict()))
    new_grdp = grdp.groupby(CROSS.set_index("area_vn63")["area_vn34"]).sum()
    merged = result.set_index("area")["value"]
    assert (merged * new_grdp).sum() / new_grdp.sum() == pytest.approx((share * grdp).sum() / grdp.sum())


def test_weights_held_by_the_packages_in_use_are_taken_without_asking(tmp_path, monkeypatch):
    rows = pd.DataFrame({"area": ["bac-ninh", "bac-giang"], "value": ["300", "100"]}).assign(
        indicator="grdp_nominal", definition="gso", period="2022", unit="vnd_billion", status="official", qualifier="="
    )
    rows = rows.assign(vintage="2023-12-31", source="founding-article", vintage_basis="exact")
    rows.reindex(columns=list(fields("observations"))).to_csv(tmp_path / "observations.csv", index=False)
    described = {"resources": [{"name": "observations", "path": "observations.csv"}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.setenv("DX_DATA", str(tmp_path))
    merged = to_current_areas(facts.load_panel("digital_economy_share", "mic", through=2022)).set_index("area")
    assert merged.loc["bac-ninh-2025", "value"] == pytest.approx((56.83 * 300 + 42.13 * 100) / 400)
    assert merged.loc["phu-tho-2025", "missing"] == "no value: hoa-binh, phu-tho"


def test_the_joined_provinces_are_named_with_those_they_took_the_place_of():
    table = facts.merger_table()
    assert (len(table), table["successor"].nunique(), set(table["since"])) == (52, 23, {"2025-07-01"})
    assert table.loc[table["successor"] == "tp-ho-chi-minh-2025", "members"].tolist() == [3, 3, 3]
    assert "quang-ninh" not in set(table["predecessor"]) | set(table["successor"])


def test_the_years_before_the_merger_are_offered_as_ours_and_never_enter_the_history():
    made = facts.load_reconstruction("pci_score", "bac-ninh-2025").set_index("year")
    assert made.loc[2021, "value"] == pytest.approx((69.45 + 64.74) / 2)
    assert set(made["status"]) == {"derived"} and set(made["caveats"]) == {"computed"}
    assert made.loc[2024, "missing"] == "no value: bac-ninh"
    assert facts.load_history("pci_score", "bac-ninh-2025").empty
    assert facts.load_reconstruction("pci_score", "quang-ninh").empty
    assert facts.load_reconstruction("pci_score", "bac-ninh-2025", as_of="2020-01-01")["year"].max() < 2020


def test_the_command_tells_what_became_of_a_province_and_offers_what_can_be_recomputed(capsys):
    cli.main(["data", "show", "pci_score", "bac-ninh"])
    assert "its successor is bac-ninh-2025" in capsys.readouterr().out
    cli.main(["data", "show", "pci_score", "bac-ninh-2025"])
    assert "recomputed by us from bac-giang, bac-ninh" in capsys.readouterr().out
