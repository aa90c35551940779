"""Every table of data/ is a test case: form, order, links, and the facts it must hold."""

import importlib
import re
import unicodedata

import pandas as pd
import pytest
from maintain.data_readme import readme

from dxanalysis import facts
from dxanalysis.facts.catalogue import method_editions
from dxanalysis.facts.schema import SHIPPED, fields, resource, schema

NAMES = [described["name"] for described in schema()["resources"]]
SORTED_BY = {
    "indicators": ["pillar", "id"],
    "definitions": ["indicator", "order"],
    "breaks": ["indicator", "definition", "area", "year"],
    "crosswalk": ["code_vn63"],
    "sources": ["id"],
    "documents": ["date", "id"],
    "targets": ["indicator", "area", "year", "document", "source"],
    "observations": ["indicator", "definition", "area", "period", "vintage"],
    "facts": ["id"],
    "methods": ["method"],
    "intervals": ["indicator", "definition", "area", "period", "vintage"],
}
CODES_THAT_CHANGED_MEANING = {"15", "24", "44", "52", "80", "82", "91"}


@pytest.fixture(scope="module")
def tables():
    return facts.open_package((SHIPPED,)).tables


def raw_row(table, **wanted):
    """Return the one row that has the wanted cells."""
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1, wanted
    return table.iloc[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_utf8_with_plain_line_ends_composed_letters_and_one_last_newline(name):
    data = (SHIPPED / f"{name}.csv").read_bytes()
    text = data.decode("utf-8")
    assert b"\r" not in data and not data.startswith(b"\xef\xbb\xbf") and text.endswith("\n")
    without_addresses = re.sub(r"https?://[^,\s\"]+", "", text)
    assert unicodedata.is_normalized("NFC", without_addresses)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_its_columns_and_every_column_is_described(name):
    header = (SHIPPED / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.split(",") == list(fields(name))
    assert all(field["description"].endswith(".") for field in fields(name).values())


@pytest.mark.parametrize("name", SORTED_BY)
def test_a_table_is_sorted_so_that_a_change_shows_as_one_line(name, tables):
    rows = tables[name][SORTED_BY[name]]
    assert rows.equals(rows.sort_values(SORTED_BY[name], kind="stable"))


def test_every_csv_file_is_described():
    assert {path.stem for path in SHIPPED.glob("*.csv")} == set(NAMES)
    assert {r["path"] for r in schema()["resources"]} == {f"{name}.csv" for name in NAMES}
    assert {"indicators", "areas", "sources", "targets", "observations"} <= set(NAMES)


def test_an_independent_reader_finds_the_package_valid():
    frictionless = pytest.importorskip("frictionless", reason="needs the extra 'test'")
    report = frictionless.validate(str(SHIPPED / "datapackage.json"))
    assert report.valid, report.flatten(["taskName", "rowNumber", "fieldName", "note"])[:10]
    assert len(report.tasks) >= len(NAMES)


def test_the_readme_says_what_the_tables_hold():
    kept = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert kept == readme(), "run: .venv/bin/python .ci/maintain/data_readme.py"


def test_nothing_lies_about_unused(tables):
    used = set(tables["observations"]["source"]) | set(tables["targets"]["source"])
    spare = set(tables["sources"]["id"]) - used
    # The method paper of the definition gso, and the reference panels.
    assert spare == {i for i in spare if i.startswith(("gso-", "reference-"))}
    assert set(tables["documents"]["id"]) == set(tables["targets"]["document"])
    measured = set(tables["observations"]["indicator"]) | set(tables["targets"]["indicator"])
    assert set(tables["indicators"]["id"]) == measured


def test_every_indicator_has_a_definition_and_every_percentage_says_of_what(tables):
    indicators = tables["indicators"]
    assert set(tables["definitions"]["indicator"]) == set(indicators["id"])
    percent = indicators[indicators["unit"] == "percent"]
    assert percent["share_of_en"].ne("").all() and percent["share_of_vi"].ne("").all()
    assert percent[["lower", "upper"]].eq([0, 100]).all(axis=1).sum() == len(percent) - 1  # turnover may exceed GDP
    assert (indicators.loc[indicators["unit"] == "rank", "direction"] == -1).all()
    weighted = indicators[indicators["merge"].isin(["weighted", "rate"])]
    assert weighted["weight"].ne("").all()


def test_titles_are_distinct_in_both_languages(tables):
    for column in ("title_vi", "title_en", "short_vi", "short_en"):
        doubled = tables["indicators"][tables["indicators"][column].duplicated(keep=False)]
        doubled = doubled[~doubled["unit"].isin(["usd_billion", "vnd_billion"])]
        assert doubled["id"].tolist() == [], column


def test_every_source_is_graded_and_has_an_address_or_says_why_not(tables):
    sources = tables["sources"]
    without = sources[sources["url"] == ""]
    assert len(without) <= 3 and without["note"].ne("").all()
    assert sources["url"][sources["url"] != ""].is_unique
    assert (sources["published"] <= sources["read"]).all()


def test_an_unknown_day_is_never_earlier_than_the_day_the_page_was_read(tables):
    observations = tables["observations"].join(tables["sources"].set_index("id")[["read"]], on="source")
    assert (observations["vintage"] <= observations["read"]).all()


def test_every_definition_tells_its_method_in_both_languages_with_the_same_numbers(tables):
    definitions = tables["definitions"]
    assert definitions["method_vi"].ne("").all() and definitions["method_vi"].ne(definitions["method"]).all()
    assert (definitions["note_vi"] == "").eq(definitions["note"] == "").all()
    assert definitions.groupby("method")["method_vi"].nunique().eq(1).all()
    for row in definitions.itertuples():
        years = [
            set(re.findall(r"\b(?:19|20)\d\d\b", text)) for text in (row.method + row.note, row.method_vi + row.note_vi)
        ]
        assert years[0] == years[1], row


def test_a_figure_has_the_day_of_the_first_dated_page_that_printed_it(tables):
    row = tables["observations"].query("indicator == 'digital_economy_share' and area == 'vinh-phuc'").iloc[0]
    assert (row["value"], row["vintage"], row["vintage_basis"]) == (22.87, "2023-09-22", "exact")


def test_every_target_is_law_not_a_number(tables):
    targets = tables["targets"].drop(columns="note").join(tables["documents"].set_index("id"), on="document")
    for column in ("title_vi", "title_en", "issuer_vi", "issuer_en", "date", "wording_vi", "wording_en", "comparator"):
        assert targets[column].ne("").all(), column
    share = targets[targets["indicator"] == "digital_economy_share"]
    assert (share["denominator"] == share["area"].map(lambda area: "GDP" if area == "viet-nam" else "GRDP")).all()
    assert (targets["superseded_by"] == "").eq(targets["superseded_on"] == "").all()
    replaced = targets[targets["superseded_on"] != ""]
    assert len(replaced) and (replaced["superseded_on"] > replaced["date"]).all()


SAID = {
    "=": ("đạt", "reaches"), ">=": ("tối thiểu", "at least"), ">": ("trên", "more than"),
    "<=": ("dẫn đầu", "among the first"), "about": ("khoảng", "about"),
}


def test_the_wording_of_a_target_says_no_more_and_no_less_than_its_comparator(tables):
    for target in tables["targets"].itertuples():
        vietnamese, english = SAID[target.comparator]
        assert vietnamese in target.wording_vi and english in target.wording_en, target


def test_the_63_and_the_34_are_complete_and_each_code_is_used_once(tables):
    areas, cross = tables["areas"], tables["crosswalk"]
    old, new = areas[areas["code_vn63"] != ""], areas[areas["code_vn34"] != ""]
    assert (len(old), len(new), len(set(old["id"]) & set(new["id"]))) == (63, 34, 11)
    assert old["code_vn63"].is_unique and new["code_vn34"].is_unique
    assert set(cross["area_vn63"]) == set(old["id"]) and set(cross["area_vn34"]) == set(new["id"])
    assert (cross["code_vn63"] == cross["area_vn63"].map(old.set_index("id")["code_vn63"])).all()
    assert (cross["code_vn34"] == cross["area_vn34"].map(new.set_index("id")["code_vn34"])).all()


def test_exactly_seven_codes_mean_another_province_after_the_merger(tables):
    areas = tables["areas"]
    old = areas[areas["code_vn63"] != ""].set_index("code_vn63")["id"]
    new = areas[areas["code_vn34"] != ""].set_index("code_vn34")["id"].str.removesuffix("-2025")
    both = old.index.intersection(new.index)
    assert set(both[old[both].values != new[both].values]) == CODES_THAT_CHANGED_MEANING


def test_the_crosswalk_agrees_with_the_independent_one(tables, shared):
    independent = pd.read_csv(shared / "ecosystem" / "map" / "map63to34.csv", dtype=str)
    ours = tables["crosswalk"].set_index("code_vn63")["code_vn34"]
    assert ours.to_dict() == independent.set_index("code_63")["code_34"].to_dict()


def test_a_province_that_changed_ended_on_the_day_before_its_successor_began(tables):
    areas = tables["areas"].set_index("id")
    for row in tables["crosswalk"].itertuples():
        days = (areas.at[row.area_vn63, "valid_to"], areas.at[row.area_vn34, "valid_from"])
        assert days == (("", "") if row.area_vn63 == row.area_vn34 else ("2025-06-30", "2025-07-01"))


@pytest.mark.parametrize("number", range(1, 42))
def test_each_fact_of_the_founding_article_leads_to_its_record(number, tables):
    fact = raw_row(tables["facts"], id=f"S{number:02d}")
    table = tables[fact["table"]]
    if fact["record"]:
        row = raw_row(table, id=fact["record"])
    else:
        row = raw_row(table, fact=fact["id"])
        assert row["source"] == "founding-article"
    held = row[fact["column"]]
    assert str(held) == fact["value"] or float(held) == float(fact["value"])


def test_the_facts_agree_with_the_list_of_the_pack(tables, shared):
    pack = pd.read_csv(shared / "facts" / "indicators" / "seed_facts.csv", dtype=str, keep_default_na=False)
    ours = tables["facts"].set_index("id")
    assert ours.index.tolist() == pack["fact_id"].tolist()
    for row in pack.itertuples():
        assert ours.at[row.fact_id, "value"] in (row.value, row.value[:4])  # S20: the first year of 2021-2025


@pytest.mark.parametrize("part", ["digital_economy", "dti", "indicators"])
def test_every_figure_of_the_pack_is_held_or_left_out_for_a_reason(part, tables, shared):
    pack = pd.read_csv(shared / "facts" / part / "observations.csv", dtype=str, keep_default_na=False)
    if "edition" in pack.columns:  # targets of the index file are rows of targets.csv
        pack = pack[(pack["status"] != "target") & ~pack["indicator_id"].str.startswith("QN_")]
        pack = pack[(pack["status"] != "conflict") | (pack["indicator_id"] != "EU_EID")]
    printed = [*pack["value"], *pack.get("rank", [])]
    held = set(tables["observations"]["value"].round(6))
    assert [value for value in printed if value and round(float(value), 6) not in held] == []


def test_the_long_series_of_the_pack_are_reproduced(shared):
    best = pd.read_csv(shared / "facts" / "indicators" / "series_best.csv", dtype=str)
    names = {
        "S_internet_users": ("internet_users_share", "itu"),
        "S_mobile_per100": ("mobile_subscriptions_per_100", "itu"),
        "S_fixed_broadband_per100": ("fixed_broadband_per_100", "itu"),
        "S_ecommerce_share": ("ecommerce_share_retail", "moit"),
        "S_gii_rank": ("gii_rank", "wipo"),
    }
    for series, (indicator, definition) in names.items():
        rows = best[best["series_id"] == series]
        ours = facts.load_history(indicator, "viet-nam", definition).set_index("year")["value"]
        if series == "S_ecommerce_share":  # "about 10" of an undated page gave way to the ministry's 12 of January 2026
            rows = rows[rows["period"] != "2025"]
            assert ours[2025] == 12
        assert {int(r.period): float(r.value) for r in rows.itertuples()}.items() <= ours.to_dict().items(), series


def test_the_keys_of_every_table_are_its_own_columns():
    for name in NAMES:
        table = resource(name)["schema"]
        keys = table["primaryKey"] if isinstance(table["primaryKey"], list) else [table["primaryKey"]]
        assert set(keys) <= set(fields(name))


def test_the_methods_are_those_that_judge_and_name_the_edition_every_verdict_names():
    named = {
        "destatis": ["DESTATIS"],
        "open_sdg": ["STATCAN", "EUSTAT"],
        "sdsn": ["SDSN_COLOUR", "SDSN_TREND"],
        "united_nations": ["ESCAP", "UN_CHART"],
        "world_bank": ["WORLD_BANK"],
    }
    modules = {name: importlib.import_module(f"dxanalysis.analysis.verdicts.{name}") for name in named}
    followed = [getattr(modules[name], one) for name, ones in named.items() for one in ones]
    table = method_editions().set_index("method")
    assert {one.name: one.version for one in followed} == table["edition"].to_dict()
    assert table.loc[table["edition"] == table["newest"], "formula"].eq("same").all()
    assert table.loc[table["formula"] == "unknown", ["note", "note_vi"]].ne("").all(axis=None)
