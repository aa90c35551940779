"""Targets as law: what was in force, by which document, of which denominator."""

import pytest

from dxanalysis import facts
from dxanalysis.facts.targets import TARGET

SHARE, NATION, PROVINCE = "digital_economy_share", "viet-nam", "quang-ninh"


def test_the_province_is_judged_by_its_resolution():
    table = facts.load_targets(SHARE, PROVINCE, as_of="2022-12-31")
    assert list(table.columns) == TARGET
    assert table[["year", "value", "comparator", "denominator", "document"]].values.tolist() == [
        [2025, 20.0, ">=", "GRDP", "09-NQ/TU"],
        [2030, 30.0, ">=", "GRDP", "09-NQ/TU"],
    ]
    assert table["issuer_vi"].unique().tolist() == ["Ban Thường vụ Tỉnh ủy Quảng Ninh"]


def test_the_nation_is_judged_by_gdp_and_the_newest_law():
    table = facts.load_targets(SHARE, NATION).set_index("year")
    assert table.loc[2025, ["value", "document", "denominator"]].tolist() == [20.0, "411/QĐ-TTg", "GDP"]
    assert table.loc[2030, ["value", "document"]].tolist() == [30.0, "57-NQ/TW"]


def test_targets_are_those_in_force_on_the_day():
    early = facts.load_targets("egdi_rank", NATION, as_of="2020-12-31").set_index("year")
    late = facts.load_targets("egdi_rank", NATION, as_of="2021-12-31").set_index("year")
    assert (early.loc[2025, "value"], late.loc[2025, "value"]) == (70.0, 50.0)
    assert early.loc[2025, "document"] == "749/QĐ-TTg" and late.loc[2025, "document"] == "942/QĐ-TTg"


def test_before_the_resolution_there_was_no_target():
    assert facts.load_targets(SHARE, PROVINCE, as_of=2021).empty


def test_the_misprinted_targets_are_kept_and_not_used():
    every = facts.load_targets(SHARE, PROVINCE, which="all")
    assert 25.0 in every["value"].tolist() and every.loc[every["value"] == 25.0, "conflict"].ne("").all()
    assert 25.0 not in facts.load_targets(SHARE, PROVINCE)["value"].tolist()


def test_a_merged_province_has_its_own_targets():
    old, new = (
        facts.load_targets(SHARE, area).set_index("year")["value"] for area in ("tuyen-quang", "tuyen-quang-2025")
    )
    assert (old[2030], new[2030]) == (30.0, 20.0)


def test_an_unknown_choice_of_targets_is_refused():
    with pytest.raises(ValueError, match="Unknown choice of targets 'newest'"):
        facts.load_targets(SHARE, PROVINCE, which="newest")
