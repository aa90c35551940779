"""Who the peers of an area are."""

import pytest

from dxanalysis import facts

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
    panel = facts.load_panel(SHARE, "mic")
    with pytest.raises(ValueError, match="Peers belong to one series; received"):
        facts.load_peers(panel)


def test_peers_are_as_known_on_the_day():
    own = facts.load_history(SHARE, "ha-noi", "gso", as_of="2025-06-30")
    assert facts.load_peers(own, as_of="2025-06-30")["vintage"].max() <= "2025-06-30"
