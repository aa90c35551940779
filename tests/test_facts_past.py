"""A series as it stood after each publication."""

import pytest

from dxanalysis.facts.history import load_history
from dxanalysis.facts.package import annual_figures
from dxanalysis.facts.releases import load_each_definition, load_releases

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
    ever = annual_figures(indicator, area)
    before = []
    for day in sorted(ever.loc[(ever["area"] == area) & (ever["definition"] == chosen), "vintage"].unique()):
        stood = load_history(indicator, area, chosen, day, through=through)
        now = stood[["year", "value", "status"]].to_numpy().tolist()
        assert (day in releases) == (now != before), day
        if day in releases:
            assert releases[day].equals(stood)
        before = now


def test_only_definitions_with_figures_are_returned():
    found = load_each_definition("digital_economy_share", "quang-ninh")
    assert all(len(history) for history in found.values())
    assert len(found) >= 1
