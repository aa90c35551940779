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
