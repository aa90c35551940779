"""The checkers list every fault with its row and cure, and pass what is sound."""

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts import linter
from dxanalysis.facts.checks import check, check_folders, check_links, check_observations, check_table, value_faults
from dxanalysis.facts.linter import check as lint
from dxanalysis.facts.relations import Relation
from dxanalysis.facts.schema import SHIPPED, fields, read_folder

# ---------- The checker lists every fault with its row and cure, and passes what is sound

FIGURE = {
    "indicator": "digital_economy_share", "definition": "gso", "area": "viet-nam", "period": "2019",
    "value": "11.9", "unit": "percent", "status": "official", "vintage": "2023-12-29", "source": "founding-article",
    "qualifier": "=", "vintage_basis": "exact", "conflict": "", "break_before": "", "fact": "", "note": "",
}


@pytest.fixture(scope="module")
def shipped():
    """Give the shipped tables as text."""
    return read_folder(SHIPPED)


def figures(*changes):
    """Return observations that differ from a sound one, numbered as a spreadsheet does."""
    rows = [FIGURE | change for change in changes]
    return pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype="str")


def told(problems):
    return [(p.row, p.column, p.value) for p in problems]


def test_the_shipped_package_is_clean():
    assert check() == []


def test_a_sound_figure_passes(shipped):
    assert check_table("observations", figures({})) == []
    assert check_observations(figures({}), shipped) == []


def test_every_fault_of_a_table_is_listed_at_once():
    table = figures(
        {"value": "12,87"}, {"status": "offical", "period": "2020"}, {"vintage": "2023-02-30", "source": ""}
    )
    problems = check_table("observations", table)
    assert told(problems) == [
        (2, "value", "12,87"),
        (3, "status", "offical"),
        (4, "vintage", "2023-02-30"),
        (4, "source", ""),
    ]
    cures = " ".join(p.cure for p in problems)
    assert "Decimal comma? Write 12.87" in cures and "Did you mean 'official'?" in cures and "Fill it in." in cures


def test_the_columns_must_be_those_of_the_schema():
    table = figures({}).rename(columns={"period": "year"})
    problems = check_table("observations", table)
    assert told(problems) == [(1, "period", ""), (1, "year", "")]
    assert "The header must be: indicator,definition,area,period" in problems[0].cure


@pytest.mark.parametrize("period", ["2024", "2024-H1", "2024-Q4", "2024-9M", "2024-06", "2023-10-02", "2021-2025"])
def test_periods_are_accepted(period):
    assert value_faults(period, fields("observations")["period"]) == []


@pytest.mark.parametrize("period", ["24", "2024-13", "2024H1", "2024-Q5", "năm 2024", "2024-"])
def test_other_writings_of_a_period_are_refused(period):
    assert value_faults(period, fields("observations")["period"])[0][0] == "not written as it must be."


@pytest.mark.parametrize("value", ["nan", "inf", "1e", "--1", "1 000", "…", "12.34.5", "٣"])
def test_what_only_looks_like_a_number_is_refused(value):
    assert value_faults(value, fields("observations")["value"])[0][0] == "not a number."


@pytest.mark.parametrize(("value", "write"), [("1.234,5", "1234.5"), ("9,96", "9.96"), ("-0,5", "-0.5")])
def test_a_decimal_comma_is_named(value, write):
    assert f"Write {write} " in value_faults(value, fields("observations")["value"])[0][1]


def test_blanks_and_split_accents_are_named():
    note = fields("observations")["note"]
    assert value_faults(" x", note)[0][0].startswith("blanks")
    assert value_faults("a\nb", note)[0][0].startswith("blanks")
    assert value_faults("e\u0302", note)[0][1] == "Save the text as NFC."
    assert value_faults("https://a/e\u0302", fields("sources")["url"]) == []


def test_a_year_outside_its_bounds_is_refused():
    year = fields("targets")["year"]
    assert value_faults("1899", year) == [("below the minimum 1900.", "Correct it.")]
    assert value_faults("20300", year) == [("above the maximum 2100.", "Correct it.")]


def test_a_repeated_key_names_the_row_it_repeats():
    problems = check_table("observations", figures({}, {"period": "2018"}, {}))
    assert [(p.row, p.message) for p in problems] == [(4, "repeats the key of row 2.")]


def test_unknown_ids_are_found_with_the_nearest_one(shipped):
    table = figures({"area": "quang-nin"}, {"indicator": "digital_gdp", "period": "2018"}, {"definition": "gsso"})
    problems = check_links("observations", table, shipped)
    assert (2, "area", "quang-nin") in told(problems)
    assert (4, "indicator+definition", "digital_economy_share / gsso") in told(problems)
    assert "Did you mean 'quang-ninh'?" in " ".join(p.cure for p in problems)


def test_an_empty_link_is_no_fault(shipped):
    table = shipped["breaks"]
    assert "" in table["area"].tolist()
    assert check_links("breaks", table, shipped) == []


@pytest.mark.parametrize(("change", "column", "message"), [
    ({"unit": "points"}, "unit", "not the unit of the indicator"),
    ({"value": "140"}, "value", "beyond the upper bound 100"),
    ({"value": "-1"}, "value", "beyond the lower bound 0"),
    ({"vintage": "2999-01-01"}, "vintage", "lies in the future"),
    ({"period": "2998", "vintage": "2999-01-01"}, "period", "lies in the future"),
    ({"period": "2024", "vintage": "2023-12-29"}, "period", "before the period it describes"),
])
def test_figures_that_break_sense_are_found(shipped, change, column, message):
    problems = check_observations(figures(change), shipped)
    assert any(p.column == column and message in p.message and p.row == 2 for p in problems)


def test_a_projection_may_lie_in_the_future(shipped):
    table = figures({"period": "2030", "status": "projection"})
    assert check_observations(table, shipped) == []


def test_a_fraction_among_percentages_is_suspected_and_said(shipped):
    table = figures({}, {"period": "2020", "value": "12.66"}, {"period": "2021", "value": "0.1287"})
    problems = check_observations(table, shipped)
    assert [(p.row, p.value, p.cure) for p in problems] == [(4, "0.1287", "If 0.1287 means 12.87 %, write 12.87.")]


def test_a_diffusion_that_starts_near_nothing_is_not_suspected(shipped):
    values = ["0.2", "0.4", "0.9", "2", "5", "9", "16", "28"]
    table = figures(
        *({"indicator": "internet_users_share", "period": str(2000 + n), "value": v} for n, v in enumerate(values))
    )
    assert check_observations(table, shipped) == []


def test_two_values_for_one_figure_of_one_release_need_a_word(shipped):
    both = figures({"value": "12.87"}, {"value": "12.88"})
    assert [p.row for p in check_observations(both, shipped)] == [3]
    said = figures({"value": "12.87"}, {"value": "12.88", "conflict": "another copy prints 12.87"})
    assert check_observations(said, shipped) == []


def test_links_may_lead_into_another_package(tmp_path, shipped):
    own = {"observations": figures({"source": "my-survey"})}
    missing = check_folders({SHIPPED: shipped, tmp_path: own})
    assert [p.column for p in missing] == ["source"]
    row = dict.fromkeys(fields("sources"), "") | {"id": "my-survey", "publisher": "we", "published_basis": "unknown"}
    own["sources"] = pd.DataFrame([row | {"read": "2026-01-01", "grade": "press"}], index=[2], dtype="str")
    assert check_folders({SHIPPED: shipped, tmp_path: own}) == []


def test_a_problem_reads_as_one_sentence_with_place_value_and_cure():
    problem = check_table("observations", figures({"value": "12,87"}))[0]
    assert str(problem) == (
        "observations.csv row 2, column 'value': not a number. Received '12,87'. "
        "Decimal comma? Write 12.87 (a point, no thousands marks)."
    )


def test_check_reports_an_unreadable_folder_instead_of_stopping(tmp_path):
    problems = check(tmp_path)
    assert [p.message for p in problems] == ["is missing."]


# ---------- The linter over tables: totals, shares, means, double reports, bounds and jumps, and the faults kept on p

def rows(*figures):
    """Build observations from (indicator, period, value, extra columns)."""
    table = []
    for indicator, period, value, *more in figures:
        row = {"indicator": indicator, "definition": "gso", "area": "viet-nam", "period": period, "value": str(value)}
        row |= {"unit": "count", "vintage": "2024-01-01", "qualifier": "=", "conflict": "", "break_before": ""}
        table.append(row | (more[0] if more else {}))
    return pd.DataFrame(table)


INDICATORS = pd.DataFrame({
    "id": ["all", "a", "b", "share"],
    "unit": ["count", "count", "count", "percent"],
    "lower": "0",
    "upper": ["", "", "", "100"],
})
SUM = Relation("whole", "sum", "all", ("a", "b"), "", ("area", "period"), frozenset(), "parts of one whole")


def found(table, *relations):
    problems = lint({"observations": table, "indicators": INDICATORS}, relations=relations)
    assert problems.columns.tolist() == ["file", "row", "column", "rule", "received", "expected", "cure", "known"]
    return problems


def test_a_wrong_total_is_listed_with_its_row_and_cure():
    (problem,) = found(rows(("a", "2020", 5), ("all", "2020", 17), ("b", "2020", 13)), SUM).to_dict("records")
    assert (problem["row"], problem["rule"], problem["known"]) == (3, "sum: whole", False)
    assert problem["received"] == "all, viet-nam, 2020: 5 + 13 = 18, not 17"
    assert problem["cure"].startswith("Look at the source again")


def test_a_fault_kept_on_purpose_is_known():
    marked = rows(("a", "2020", 5), ("all", "2020", 17, {"conflict": "5 + 13 = 18"}), ("b", "2020", 13))
    assert found(marked, SUM)["known"].tolist() == [True]
    listed = Relation("whole", "sum", "all", ("a", "b"), "", ("area", "period"), frozenset({"viet-nam/2020"}), "")
    assert found(rows(("a", "2020", 5), ("all", "2020", 17), ("b", "2020", 13)), listed)["known"].tolist() == [True]


def test_a_marked_report_of_a_part_excuses_only_itself():
    marked = rows(("a", "2020", 5, {"conflict": "misprint"}), ("all", "2020", 17), ("b", "2020", 13))
    assert found(marked, SUM)["known"].tolist() == [True]
    beside = rows(("a", "2020", 5), ("a", "2020", 9, {"conflict": "x"}), ("all", "2020", 17), ("b", "2020", 13))
    problems = found(beside, SUM)
    assert problems.set_index("rule")["known"].to_dict() == {"sum: whole": False, "reported_twice": True}


def test_other_periods_and_missing_parts_are_not_mixed():
    assert found(rows(("a", "2020", 5), ("all", "2020", 17), ("b", "2021", 13)), SUM).empty


def test_figures_that_are_only_bounds_are_not_added():
    assert found(rows(("a", "2020", 5), ("all", "2020", 17), ("b", "2020", 13, {"qualifier": ">"})), SUM).empty


def test_a_total_stands_when_one_release_of_its_parts_agrees():
    later = {"vintage": "2024-06-01"}
    table = rows(
        ("a", "2020", 4, later), ("a", "2020", 5), ("all", "2020", 18), ("b", "2020", 13), ("b", "2020", 9, later)
    )
    assert found(table, SUM).empty


def test_parts_of_another_release_are_left_out_where_the_release_must_agree():
    strict = Relation("whole", "sum", "all", ("a", "b"), "", ("area", "period", "release"), frozenset(), "")
    table = rows(("a", "2020", 5), ("b", "2020", 13), ("all", "2020", 20, {"vintage": "2025-01-01"}))
    assert found(table, strict).empty
    assert len(found(table, SUM)) == 1


def test_a_constant_stands_for_the_whole_or_the_denominator():
    classes = Relation("all", "sum", "", ("a", "b"), "63", ("area", "period"), frozenset(), "")
    assert found(rows(("a", "2020", 60), ("b", "2020", 3)), classes).empty
    assert found(rows(("a", "2020", 60), ("b", "2020", 4)), classes)["received"].tolist() == [
        "a, viet-nam, 2020: 60 + 4 = 64, not 63"
    ]
    points = Relation("points", "fraction", "share", ("a",), "800", ("area", "period"), frozenset(), "")
    assert found(rows(("a", "2020", "429.47"), ("share", "2020", 54)), points).empty
    assert len(found(rows(("a", "2020", "429.47"), ("share", "2020", 55)), points)) == 1


def test_a_printed_percentage_beside_its_fraction_in_the_tables():
    relation = Relation("ocop", "fraction", "share", ("a", "b"), "", ("area", "period"), frozenset(), "")
    table = rows(("a", "2023", 160), ("b", "2023", 334), ("share", "2023", 60))
    assert found(table, relation)["received"].tolist() == ["share, viet-nam, 2023: 160 / 334 = 47.9 %, not 60 %"]


def test_a_mean_over_years_is_held_against_the_releases_of_its_day():
    mean = Relation("mean", "mean", "share", (), "", ("definition", "area"), frozenset(), "")
    years = [
        ("share", str(year), value) for year, value in zip(range(2020, 2023), ("12.66", "12.87", "12.83"), strict=True)
    ]
    assert found(rows(*years, ("share", "2020-2022", "12.79")), mean).empty
    assert len(found(rows(*years, ("share", "2020-2022", "11.53")), mean)) == 1
    revised = ("share", "2020", "99", {"vintage": "2025-01-01"})
    assert found(rows(*years, revised, ("share", "2020-2022", "12.79")), mean).empty


def test_one_figure_printed_twice_in_one_release_is_listed():
    problems = found(rows(("share", "2021", "12.87"), ("share", "2021", "12.88")))
    assert problems["rule"].tolist() == ["reported_twice"]
    assert found(rows(("share", "2021", "12.87"), ("share", "2021", "12.9"))).empty


def test_values_outside_bounds_are_listed():
    assert found(rows(("share", "2021", 101), ("a", "2021", -1)))["rule"].tolist() == ["out_of_bounds", "out_of_bounds"]


def panel(jump, **more):
    steady = [(f"xa-{i}", year, 10 + i + (year - 2020) * 0.5) for i in range(4) for year in range(2020, 2024)]
    own = [("quang-ninh", 2020, 10), ("quang-ninh", 2021, 10 + jump)]
    return rows(
        *[
            ("share", str(y), v, {"area": a, "unit": "percent"} | (more if (a, y) == ("quang-ninh", 2021) else {}))
            for a, y, v in steady + own
        ]
    )


def test_a_jump_beyond_any_seen_in_peers_is_listed_and_a_usual_change_passes():
    (problem,) = found(panel(30)).to_dict("records")
    assert problem["rule"] == "jump"
    assert "from 10 in 2020 to 40 in 2021: a change of +30 beside at most 0.5 among 12 changes" in problem["received"]
    assert found(panel(0.6)).empty


def test_whole_percentages_are_rounded_but_whole_counts_are_exact():
    percent = {"unit": "percent"}
    assert found(rows(("a", "2020", 33, percent), ("b", "2020", 33, percent), ("all", "2020", 67, percent)), SUM).empty
    assert len(found(rows(("a", "2020", 33), ("b", "2020", 33), ("all", "2020", 67)), SUM)) == 1


def test_a_count_that_starts_from_nothing_has_no_ratio():
    own = [("a", "2020", 0, {"area": "hue"}), ("a", "2021", 500, {"area": "hue"})]
    peers = [("a", str(2010 + i), 10 + i, {"area": "ha-noi"}) for i in range(12)]
    assert found(rows(*own, *peers)).empty


def test_a_jump_with_a_stated_reason_passes():
    assert found(panel(30, break_before="another method")).empty
    accepted = Relation("jumps", "jump", "share", (), "", (), frozenset({"quang-ninh/2021"}), "published so")
    assert found(panel(30), accepted)["known"].tolist() == [True]


def test_the_shipped_package_has_only_known_faults():
    problems = linter.check_folders()
    assert problems[~problems["known"]]["received"].tolist() == []
    known = "\n".join(problems["received"])
    for fault in ("1,452 + 11 = 1,463, not 1,473", "5 + 13 = 18, not 17", "12.87 and 12.88 are printed for one figure"):
        assert fault in known


def test_a_note_that_hides_a_caveat_is_found_in_figures_and_targets():
    figures = pd.DataFrame({
        "note": ["year inferred", "year inferred", "rank from +4", "rank from +4", "of 193 states"],
        "caveats": ["", "inferred_year", "", "", ""], "unit": ["percent", "percent", "rank", "points", "rank"],
        "value": ["1", "2", "3", "4", "5"], "row": [2, 3, 4, 5, 6],
    })
    targets = pd.DataFrame({"note": ["midpoint is ours"], "caveats": [""], "unit": ["percent"]})
    catalogue = pd.DataFrame({"id": ["x"], "unit": ["percent"], "lower": [""], "upper": [""]})
    found = linter.check({"observations": figures, "targets": targets, "indicators": catalogue}, relations=[])
    hidden = found[found["rule"] == "hidden_caveat"]
    assert list(zip(hidden["file"], hidden["row"], hidden["expected"], strict=True)) == [
        ("observations.csv", 2, "the code 'inferred_year'"),
        ("observations.csv", 4, "the code 'inferred_rank'"),
        ("targets.csv", 2, "the code 'our_midpoint'"),
    ]


def test_what_other_columns_say_is_a_caveat_too():
    history = facts.load_history("digital_economy_share", "quang-ninh")
    assert history["caveats"].str.split(";").tolist() == [
        ["inferred_year", "compiler_unknown", "assumed", "self_assessed"],
        ["compiler_unknown", "mirror"],
    ]
    releases = facts.load_releases("dti_rank", "quang-ninh")
    assert "inferred_rank" in releases[max(releases)].set_index("year").loc[2023, "caveats"]


@pytest.mark.parametrize(("indicator", "kind", "evidence", "out_of"), [
    ("digital_economy_share", "flow_share", "economic_share", None),
    ("internet_users_share", "stock_share", "diffusion", None),
    ("mobile_4g_population_coverage", "stock_share", "service_coverage", None),
    ("dti_rank", "rank", "", 63),
    ("papi_score", "index_edition", "", 80),
    ("grdp_growth", "growth_rate", "", None),
    ("personal_payment_accounts", "cumulative_count", "", None),
    ("grdp_nominal", "amount", "", None),
])
def test_each_indicator_has_its_kind(indicator, kind, evidence, out_of):
    record = facts.find_indicator(indicator)
    assert (record.kind, record.evidence_class, record.out_of) == (kind, evidence, out_of)
