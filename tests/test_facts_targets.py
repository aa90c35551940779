"""Targets as law, what is held beside them, and what would have to be asked for."""

import json

import pandas as pd
import pytest

from dxanalysis import cli, facts
from dxanalysis.facts.coverage import load_intervals
from dxanalysis.facts.history import load_panel
from dxanalysis.facts.schema import fields
from dxanalysis.facts.targets import TARGET
from tests.tables import cases

# ---------- Targets as law: what was in force, by which document, of which denominator

SHARE, NATION, PROVINCE = "digital_economy_share", "viet-nam", "quang-ninh"


LAW = [[2025, 20.0, "411/QĐ-TTg"], [2030, 30.0, "57-NQ/TW"], [2045, 50.0, "57-NQ/TW"]]
RESOLUTION = [[2025, 20.0, "09-NQ/TU"], [2030, 30.0, "09-NQ/TU"]]  # plans and the congress only repeat its 30 %


@cases("indicator area day targets", {
    "plans of a year add no milestone between those of the law": (SHARE, NATION, None, LAW),
    "the resolution of the province": (SHARE, PROVINCE, None, RESOLUTION),
    "as in force on a day": (SHARE, PROVINCE, "2022-12-31", RESOLUTION),
    "none before the resolution": (SHARE, PROVINCE, "2021-12-31", []),
    "none in the year before": (SHARE, PROVINCE, 2021, []),
    "a plan of a year may renew a milestone": (SHARE, "hai-phong", None, [[2025, 35.0, "106/KH-UBND"]]),
    "a plan of a year counts where nothing else is set": (
        SHARE, "an-giang-2025", None,
        [[2026, 8.0, "Resolution of the An Giang People's Council on the plan for 2026"]]),
    "an old province has its own": (SHARE, "tuyen-quang", None, {2030: 30.0}),
    "and its successor": (SHARE, "tuyen-quang-2025", None, {2030: 20.0}),
    "a rank as in force on a day": ("egdi_rank", NATION, "2020-12-31", {2025: 70.0, "document": "749/QĐ-TTg"}),
    "a rank as set anew": ("egdi_rank", NATION, "2021-12-31", {2025: 50.0, "document": "942/QĐ-TTg"}),
})
def test_targets_are_those_in_force(indicator, area, day, targets):
    table = facts.load_targets(indicator, area, day)
    assert list(table.columns) == TARGET
    if isinstance(targets, list):
        assert table[["year", "value", "document"]].values.tolist() == targets
    else:
        year = next(iter(targets))
        row = table.set_index("year").loc[year]
        assert row["value"] == targets[year] and row["document"] == targets.get("document", row["document"])


def test_a_target_names_its_issuer_and_what_it_is_a_share_of():
    own, nation = facts.load_targets(SHARE, PROVINCE), facts.load_targets(SHARE, NATION)
    assert own["issuer_vi"].unique().tolist() == ["Ban Thường vụ Tỉnh ủy Quảng Ninh"]
    assert own[["comparator", "denominator"]].values.tolist() == [[">=", "GRDP"]] * 2
    assert nation["denominator"].iloc[0] == "GDP"
    with pytest.raises(ValueError, match="Unknown choice of targets 'newest'"):
        facts.load_targets(SHARE, PROVINCE, which="newest")


def test_the_misprinted_targets_are_kept_and_not_used():
    every = facts.load_targets(SHARE, PROVINCE, which="all")
    assert 25.0 in every["value"].tolist() and every.loc[every["value"] == 25.0, "conflict"].ne("").all()
    assert 25.0 not in facts.load_targets(SHARE, PROVINCE)["value"].tolist()


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


def test_a_projection_is_not_an_observation():
    then = facts.load_history("digital_economy_share", "viet-nam", "mic", as_of="2024-12-31")
    assert then["year"].max() == 2023
    assert "projection" not in set(then["status"])


# ---------- What the figures held allow to be said, and which would have to be asked for

def test_each_series_stands_on_the_rung_its_comparable_figures_since_a_break_reach():
    table = facts.evidence(NATION, SHARE).set_index("definition")
    own = facts.evidence(PROVINCE, SHARE).set_index("definition").loc["province"]
    rung = ["figures", "comparable", "grade", "next_grade", "needed"]
    assert table.loc["gso", rung].tolist() == [6, 6, "forecast", "", 0]
    assert table.loc["mic", "grade"] == "pace"
    assert table.loc["mic", "needed"] == 6 - table.loc["mic", "comparable"]
    assert own[["figures", "comparable", "years"]].tolist() == [2, 1, "2021, 2024"]
    assert facts.evidence(PROVINCE, SHARE, as_of="2024-12-31")["years"].tolist() == ["2021"]  # 7.1 % came later


def test_a_target_without_a_figure_is_listed_apart_from_series():
    table = facts.evidence("quang-ninh")
    only = table[table["figures"] == 0]
    assert {"tfp_contribution", "priority_databases_complete"} <= set(only["indicator"])
    assert (only["targets"] > 0).all() and (only["definition"] == "").all()


def test_the_request_asks_the_office_that_compiles_and_says_what_is_held():
    asked = facts.needs("quang-ninh", as_of="2026-06-30").set_index(["indicator", "target_year"])
    share = asked.loc[("digital_economy_share", 2025)]
    assert (share["definition"], share["office_basis"], share["held_definition"]) == ("gso", "compiler", "province")
    assert (share["years_wanted"], bool(share["due"]), share["last_value"]) == ("2025", True, 7.1)
    only = asked.loc[("tfp_contribution", 2030)]
    assert only["office_basis"] == "issuer" and "Quảng Ninh" in only["office_vi"]


@pytest.mark.parametrize("area", ["quang-ninh", "viet-nam", "ha-noi", "tuyen-quang-2025"])
def test_a_request_names_years_that_are_over_and_not_held(area):
    for row in facts.needs(area, through=2025).itertuples():
        wanted, held = set(row.years_wanted.split(", ")), set(row.years_held.split(", "))
        assert wanted and not wanted & held
        assert all(int(year) <= 2025 for year in wanted)
        assert row.due == (row.target_year <= 2025 and str(row.target_year) not in held)


def test_an_area_without_targets_asks_nothing():
    assert facts.needs("yen-giang").columns.tolist() == facts.needs("quang-ninh").columns.tolist()
    assert not len(facts.needs("asia"))


def test_the_commands_print_and_write_the_request(capsys, tmp_path):
    assert cli.main(["data", "needs", "--areas", "quang-ninh,ha-long", "--lang", "en"]) == 0
    assert "General Statistics Office" in capsys.readouterr().out
    path = tmp_path / "asked.csv"
    assert cli.main(["data", "needs", "--areas", "quang-ninh", "--to", str(path)]) == 0
    assert pd.read_csv(path)["indicator"].tolist() == facts.needs("quang-ninh")["indicator"].tolist()
    assert cli.main(["data", "list", "--areas", "quang-ninh"]) == 0
    assert "Targets only" in capsys.readouterr().out


# ---------- Coverage counts what was published by a day, names what contradicts, and fills nothing

def test_what_had_been_published_by_the_day_is_covered_and_a_figure_printed_twice_counts_two_releases():
    assert facts.coverage(SHARE, PROVINCE, as_of="2021-12-31").empty
    assert facts.coverage(SHARE, PROVINCE, as_of="2023-12-31")["year"].tolist() == [2021]
    held = facts.coverage(SHARE, NATION, as_of="2025-01-31").set_index(["definition", "year"])
    assert held.loc[("gso", 2023), ["releases", "vintage"]].tolist() == [2, "2025-01-06"]


def test_projections_and_contradicted_reports_are_no_figures():
    held = facts.coverage()
    assert "projection" not in set(held["status"])
    assert not held.duplicated(["indicator", "definition", "area", "year"]).any()


def test_tables_of_coverage_count_what_is_held_and_are_empty_of_nothing():
    held, gap = facts.coverage(area="quang-ninh"), pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024]})
    share = held[held["indicator"] == "digital_economy_share"]
    assert list(facts.coverage_grid(gap, "area").columns) == ["area", "figures", "2021", "2022", "2023", "2024"]
    assert facts.freshness(share, 2027)["years_behind"].tolist() == [3]
    assert facts.source_grades(held)["figures"].sum() == len(held)
    assert facts.coverage_grid(gap[:0], "area").empty and facts.freshness(held[:0], 2027).empty
    assert facts.source_grades(held[:0])["figures"].sum() == 0
    with pytest.raises(ValueError, match="cannot be counted by 'month'"):
        facts.coverage_grid(gap, "month")


def test_disputed_reports_give_their_reason_and_respect_the_year():
    table = facts.disputed("dti_economy", "quang-ninh")
    assert (table["conflict"] != "").all()
    assert facts.disputed("dti_economy", "quang-ninh", through=2019).empty


def test_who_measures_an_indicator_and_how_is_told_in_vietnamese_too():
    vietnamese = facts.definition_table("digital_economy_share", "vi")
    assert vietnamese["method"][0].startswith("giá trị tăng thêm của kinh tế số")
    assert vietnamese["note"][0].startswith("tính thử nghiệm năm 2023")
    assert (vietnamese["method"] != facts.definition_table("digital_economy_share")["method"]).all()
    with pytest.raises(ValueError, match="Unknown language 'fr'"):
        facts.definition_table("digital_economy_share", "fr")


def test_an_interval_is_told_until_a_figure_of_its_definition_is_held():
    known = load_intervals("digital_economy_share", "quang-ninh")
    assert known[["definition", "year", "lower", "upper", "basis"]].values.tolist() == [
        ["mic", 2022, 5.78, 17.15, "inferred"],
    ]
    assert load_intervals("digital_economy_share", "quang-ninh", as_of="2023-06-30").empty
    assert load_intervals("digital_economy_share", "quang-ninh", through=2021).empty
    assert load_intervals("ecommerce_share_retail", "viet-nam").empty  # a figure, our midpoint, is held


def test_intervals_hold_no_area_whose_figure_is_printed():
    spans = load_intervals("grdp_growth")
    held = load_panel("grdp_growth", "gso", level="vn34").query("year == 2025")
    assert len(spans) == 34 - len(held) and not set(spans["area"]) & set(held["area"])
    assert (spans["lower"] < spans["upper"]).all()
