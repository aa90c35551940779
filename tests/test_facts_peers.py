"""Who is compared with whom: peers, merged provinces, reference panels."""

import gzip
import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis import cli, facts
from dxanalysis.facts.history import load_panel
from dxanalysis.facts.mergers import BREAK, load_reconstruction, merger_table, to_current_areas
from dxanalysis.facts.reference import COLUMNS, REFERENCE, load_reference, reference_panels
from dxanalysis.facts.schema import SHIPPED, fields, read_descriptor
from tests.tables import cases, holds

# ---------- Who the peers of an area are

SHARE = "digital_economy_share"


def test_peers_are_the_other_areas_under_the_same_definition():
    peers = facts.load_peers(facts.load_history(SHARE, "ha-noi", "mic"))
    assert "ha-noi" not in set(peers["area"])
    assert peers["area"].nunique() >= 12
    assert set(peers["definition"]) == {"mic"}


def test_reports_of_their_own_making_have_no_peers():
    assert facts.load_peers(facts.load_history(SHARE, "quang-ninh", "province")).empty


def test_merged_provinces_are_compared_with_merged_ones():
    peers = facts.load_peers(facts.load_history(SHARE, "bac-ninh-2025", "gso"))
    assert {"hai-phong-2025", "ha-noi"} <= set(peers["area"])
    assert "hai-phong" not in set(peers["area"])


def test_a_province_that_was_not_joined_is_set_beside_the_63_until_2024_and_the_34_since():
    peers = facts.load_peers(facts.load_history("grdp_growth", "quang-ninh", "gso"))
    assert "hai-phong" in set(peers.loc[peers["year"] < 2025, "area"])
    assert {"hai-phong-2025", "ha-noi"} <= set(peers.loc[peers["year"] == 2025, "area"])
    assert not {"hai-phong", "quang-ninh"} & set(peers.loc[peers["year"] == 2025, "area"])


def test_the_peers_of_a_nation_are_the_countries_of_a_reference_panel_as_known_on_the_day():
    own = facts.load_history("internet_users_share", "viet-nam", "itu")
    peers = facts.load_peers(own)
    assert peers["area"].nunique() > 150 and "iso:VNM" not in set(peers["area"])
    assert peers.columns.tolist() == own.columns.tolist()
    assert facts.find_area("iso:THA").name_en == "Thailand"
    assert facts.load_peers(own, as_of="2026-02-28").empty and len(facts.load_peers(own, as_of="2026-03-01"))
    assert facts.load_peers(own, through=2010)["year"].max() == 2010
    with pytest.raises(facts.UnknownName, match="No reference panel holds the country 'XXX'"):
        facts.find_area("iso:XXX")


def test_a_nation_without_provinces_stands_in_its_field_beside_its_neighbours():
    nation = facts.find_area("viet-nam")
    field = facts.load_field(facts.load_history("internet_users_share", "viet-nam", "itu"))
    assert {"viet-nam", "iso:THA"} <= set(field["area"]) and field["area"].nunique() == 10
    assert facts.place_of_field(nation, field) == nation


def test_the_nation_and_the_unknown_have_no_peers():
    assert facts.load_peers(facts.load_history(SHARE, "viet-nam")).empty
    assert facts.load_peers(facts.load_history(SHARE, "quang-ninh", as_of=2021)).empty


def test_peers_belong_to_one_series():
    panel = load_panel(SHARE, "mic")
    with pytest.raises(ValueError, match="Peers belong to one series; received"):
        facts.load_peers(panel)


def test_peers_are_as_known_on_the_day():
    own = facts.load_history(SHARE, "ha-noi", "gso", as_of="2025-06-30")
    assert facts.load_peers(own, as_of="2025-06-30")["vintage"].max() <= "2025-06-30"


# ---------- The reference panels: what they hold, what they stand for, and that they are read only when used

def test_the_panels_are_one_table_of_plausible_figures_without_repeats():
    table = load_reference()
    assert table.columns.tolist() == [*COLUMNS, "family"]
    assert table[table["class"] == "economic_share"]["family"].nunique() == 4  # producers
    assert not table.duplicated(["indicator", "area", "year"]).any()
    assert not table.isna().any().any()
    bounded = table[table["class"].isin(["diffusion", "service_coverage"])]
    assert bounded["value"].between(0, 100).all()
    spread = table.groupby("indicator")["value"].max()
    assert (spread > 20).all(), f"a panel whose largest value is so small is in another unit: {spread.idxmin()}"


def test_the_descriptor_tells_the_licence_and_every_column():
    described = read_descriptor(REFERENCE)
    assert [licence["name"] for licence in described["licenses"]] == ["CC-BY-4.0"]
    assert "Gapminder" in described["citation"] and "World Bank" in described["citation"]
    panels = next(one for one in described["resources"] if one["name"] == "panels")
    assert [field["name"] for field in panels["schema"]["fields"]] == COLUMNS
    assert set(reference_panels()["id"]) == set(load_reference()["indicator"])
    assert sum(path.stat().st_size for path in REFERENCE.iterdir()) < 2_000_000


def test_an_independent_reader_finds_the_package_sound(tmp_path):
    frictionless = pytest.importorskip("frictionless", reason="needs the extra 'test'")
    described = read_descriptor(REFERENCE)
    for one in described["resources"]:  # unpacked: the reader leaves a packed file open
        text = (REFERENCE / one["path"]).read_bytes()
        one["path"] = one["path"].removesuffix(".gz")
        (tmp_path / one["path"]).write_bytes(gzip.decompress(text) if one.pop("compression", "") else text)
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


@pytest.mark.parametrize("series", [text for text in reference_panels()["stands_for"] if text])
def test_a_panel_that_stands_for_a_series_of_ours_agrees_with_it_about_viet_nam(series):
    indicator, definition = series.split(":")
    ours = facts.load_history(indicator, "viet-nam", definition).set_index("year")["value"]
    panel = load_reference(series)
    theirs = panel[panel["area"] == "VNM"].set_index("year")["value"]
    both = ours.index.intersection(theirs.index)
    assert len(both) >= 15
    # Per 100 people: the population base was revised between the vintages, by up to 3 %.
    assert ((ours[both] - theirs[both]).abs() <= 0.02 + 0.035 * ours[both]).all()


def test_an_unknown_panel_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"Unknown reference panel 'gdp'\. Panels: "):
        load_reference("gdp")


def test_the_panels_are_read_only_when_used():
    code = (
        "from dxanalysis import facts; from dxanalysis.facts import reference;"
        "facts.load_history('digital_economy_share', 'viet-nam'); print(reference._read.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "0"


def test_the_digest_of_the_data_covers_the_reference_panels(tmp_path):
    from dxanalysis.facts.package import _files

    below = [path.relative_to(SHIPPED).as_posix() for path in _files(SHIPPED) if path.parent != SHIPPED]
    assert below == ["reference/datapackage.json", "reference/indicators.csv", "reference/panels.csv.gz"]
    with gzip.open(REFERENCE / "panels.csv.gz", "rt", encoding="utf-8") as file:
        assert file.readline().strip() == ",".join(COLUMNS)


# ---------- Sixty-three provinces become thirty-four: sums stay sums, shares are weighted, nothing is guessed

CROSS = facts.open_package().tables["crosswalk"]
OLD = CROSS["area_vn63"].tolist()


def table(indicator, values, year=2023, **columns):
    return pd.DataFrame(
        {"indicator": indicator, "area": list(values), "year": year, "value": list(values.values())} | columns
    )


BAC, DA_NANG = ("bac-ninh", "bac-giang"), ("da-nang", "quang-nam")
SHARES = table("digital_economy_share", dict(zip(BAC, (56.83, 42.13), strict=True)), definition="mic")
GRDP = {"bac-ninh": 300.0, "bac-giang": 100.0}
WHOLE = "mean weighted by grdp_nominal"

# figures of the old provinces and weights -> the figure of the new one
MERGED = {
    "counts are summed": (
        table("digital_enterprise_count", {"bac-ninh": 100.0, "bac-giang": 50.0}), None,
        {"area": "bac-ninh-2025", "value": 150.0, "method": "sum", "status": "derived", "members": 2}),
    "shares are weighted by their denominator": (
        SHARES, table("grdp", GRDP),
        {"value": (56.83 * 300 + 42.13 * 100) / 400, "method": WHOLE, "definition": "mic"}),
    "a missing weight is reported and never guessed": (
        SHARES, table("grdp", {"bac-ninh": 300.0}), {"value": math.nan, "missing": "no grdp_nominal: bac-giang"}),
    "nor is that of another year": (
        SHARES, table("grdp", GRDP, year=2022), {"value": math.nan, "missing": "no grdp_nominal: bac-giang, bac-ninh"}),
    "a missing member leaves the new province without a value": (
        table("digital_enterprise_count", {"binh-duong": 9.0, "tp-ho-chi-minh": 20.0}), None,
        {"area": "tp-ho-chi-minh-2025", "value": math.nan, "missing": "no value: ba-ria-vung-tau"}),
    "indices are the simple mean, here the merged score the ministry published": (
        table("dti_total", dict(zip(DA_NANG, (0.8335, 0.5803), strict=True)), year=2024), None,
        {"value": 0.7069, "method": "simple mean (as published)"}),
    "ranks cannot be merged": (
        table("dti_rank", dict(zip(DA_NANG, (2.0, 57.0), strict=True))), None,
        {"value": math.nan, "missing": "ranks and one-off figures cannot be merged"}),
    "rates are weighted by population": (
        table("fixed_broadband_per_100", {"bac-ninh": 30.0, "bac-giang": 10.0}),
        table("population", {"bac-ninh": 1.0, "bac-giang": 3.0}),
        {"value": 15.0, "method": "mean weighted by population"}),
}


@cases("figures weights expected", MERGED)
def test_old_provinces_are_merged_by_the_kind_of_the_indicator(figures, weights, expected):
    found = to_current_areas(figures, weights)
    assert len(found) == 1 and holds(found, expected)


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


def test_the_panel_of_the_ministry_goes_through_whole():
    panel = load_panel("digital_economy_share", "mic", through=2022)
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
    merged = to_current_areas(load_panel("digital_economy_share", "mic", through=2022)).set_index("area")
    assert merged.loc["bac-ninh-2025", "value"] == pytest.approx((56.83 * 300 + 42.13 * 100) / 400)
    assert merged.loc["phu-tho-2025", "missing"] == "no value: hoa-binh, phu-tho"


def test_the_joined_provinces_are_named_with_those_they_took_the_place_of():
    table = merger_table()
    assert (len(table), table["successor"].nunique(), set(table["since"])) == (52, 23, {"2025-07-01"})
    assert table.loc[table["successor"] == "tp-ho-chi-minh-2025", "members"].tolist() == [3, 3, 3]
    assert "quang-ninh" not in set(table["predecessor"]) | set(table["successor"])


def test_the_years_before_the_merger_are_offered_as_ours_and_never_enter_the_history():
    made = load_reconstruction("pci_score", "bac-ninh-2025").set_index("year")
    assert made.loc[2021, "value"] == pytest.approx((69.45 + 64.74) / 2)
    assert set(made["status"]) == {"derived"} and set(made["caveats"]) == {"computed"}
    assert made.loc[2024, "missing"] == "no value: bac-ninh"
    assert facts.load_history("pci_score", "bac-ninh-2025").empty
    assert load_reconstruction("pci_score", "quang-ninh").empty
    assert load_reconstruction("pci_score", "bac-ninh-2025", as_of="2020-01-01")["year"].max() < 2020


def test_the_command_tells_what_became_of_a_province_and_offers_what_can_be_recomputed(capsys):
    cli.main(["data", "show", "pci_score", "bac-ninh"])
    assert "its successor is bac-ninh-2025" in capsys.readouterr().out
    cli.main(["data", "show", "pci_score", "bac-ninh-2025"])
    assert "recomputed by us from bac-giang, bac-ninh" in capsys.readouterr().out
