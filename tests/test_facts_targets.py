"""Targets as law: what was in force, by which document, of which denominator."""

import json

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts.schema import fields
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


REPORTS = pd.DataFrame({
    "document": ["nq-1", "nq-2", "kh-3", "nq-4"],
    "date": ["2023-01-01", "2024-01-01", "2025-01-01", "2026-01-01"],
    "role": ["sets", "sets", "repeats", "sets"],
    "value": ["25", "26", "27", "28"],
    "conflict": ["", "", "", "misprint"],
})


@pytest.fixture
def four_reports(tmp_path, monkeypatch):
    """Add four reports of one target: it is set, set anew, repeated and misprinted."""
    names = {"title_vi": "t", "title_en": "t", "issuer_vi": "i", "issuer_en": "i"}
    documents = REPORTS.rename(columns={"document": "id"}).assign(number="1/NQ", date_basis="exact", scope="province")
    targets = REPORTS.assign(indicator=SHARE, area=PROVINCE, year="2028", comparator=">=", unit="percent")
    targets = targets.assign(source="founding-article", wording_vi="w", wording_en="w")
    for name, table in (("documents", documents.assign(**names)), ("targets", targets)):
        table.reindex(columns=list(fields(name))).to_csv(tmp_path / f"{name}.csv", index=False)
    described = {"resources": [{"name": name, "path": f"{name}.csv"} for name in ("documents", "targets")]}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.setenv("DX_DATA", str(tmp_path))


@pytest.mark.parametrize(("as_of", "value"), [("2023-06-30", 25.0), ("2024-06-30", 26.0), (None, 26.0)])
def test_the_newest_document_that_sets_a_target_counts_not_one_that_repeats_or_misprints_it(four_reports, as_of, value):
    assert facts.load_targets(SHARE, PROVINCE, as_of).set_index("year").loc[2028, "value"] == value


def test_every_report_of_a_target_can_be_seen(four_reports):
    every = facts.load_targets(SHARE, PROVINCE, which="all").query("year == 2028")
    assert every["value"].tolist() == [25.0, 26.0, 27.0, 28.0]
