"""The checkers list every fault with its row and cure, and pass what is sound."""

import pandas as pd
import pytest

from dxanalysis import facts
from dxanalysis.facts import linter
from dxanalysis.facts.checks import check, check_folders, check_links, check_observations, check_table, value_faults
from dxanalysis.facts.linter import check as lint
from dxanalysis.facts.relations import Relation
from dxanalysis.facts.schema import SHIPPED, fields, read_folder
from tests.tables import cases

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


@pytest.mark.parametrize(("column", "values", "said"), [
    ("period", ("24", "2024-13", "2024H1", "2024-Q5", "năm 2024", "2024-"), "not written as it must be. "),
    ("value", ("nan", "inf", "1e", "--1", "1 000", "…", "12.34.5", "٣"), "not a number. "),
    ("value", ("1.234,5",), " Write 1234.5 "),
    ("value", ("9,96",), " Write 9.96 "),
    ("value", ("-0,5",), " Write -0.5 "),
    ("note", (" x", "a\nb"), "blanks or line breaks"),
    ("note", ("e\u0302",), " Save the text as NFC."),
    ("year", ("1899",), "below the minimum 1900. Correct it."),
    ("year", ("20300",), "above the maximum 2100. Correct it."),
])
def test_what_is_wrong_with_a_cell_is_named(column, values, said):
    field = fields("targets" if column == "year" else "observations")[column]
    assert all(said in " ".join(value_faults(value, field)[0]) for value in values)


def test_an_address_is_kept_byte_for_byte():
    assert value_faults("https://a/e\u0302", fields("sources")["url"]) == []


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


def relation(rule, whole, parts=(), constant="", match=("area", "period"), known=()):
    return Relation("r", rule, whole, parts, constant, match, frozenset(known), "")


A, ALL, B, LATER = ("a", "2020", 5), ("all", "2020", 17), ("b", "2020", 13), {"vintage": "2024-06-01"}
PERCENT, CLASSES = {"unit": "percent"}, relation("sum", "", ("a", "b"), "63")
STRICT = relation("sum", "all", ("a", "b"), match=("area", "period", "release"))
POINTS, OCOP = relation("fraction", "share", ("a",), "800"), relation("fraction", "share", ("a", "b"))
MEAN = relation("mean", "share", match=("definition", "area"))
YEARS = [("share", str(2020 + i), value) for i, value in enumerate(["12.66", "12.87", "12.83"])]
ANEW = [A, B, ("all", "2020", 20, {"vintage": "2025-01-01"})]

# figures and a relation between them -> whether each fault that is found was known
FAULTS = {
    "marked by the whole's own report": ([A, (*ALL, {"conflict": "5 + 13 = 18"}), B], SUM, [True]),
    "listed with its relation": ([A, ALL, B], relation("sum", "all", ("a", "b"), known=["viet-nam/2020"]), [True]),
    "a marked report of a part": ([(*A, {"conflict": "misprint"}), ALL, B], SUM, [True]),
    "a mark beside a good report excuses only itself": (
        [A, ("a", "2020", 9, {"conflict": "x"}), ALL, B], SUM, {"sum: whole": False, "reported_twice": True}),
    "other periods are not mixed": ([A, ALL, ("b", "2021", 13)], SUM, []),
    "bounds are not added": ([A, ALL, (*B, {"qualifier": ">"})], SUM, []),
    "one release of the parts agrees": (
        [("a", "2020", 4, LATER), A, ("all", "2020", 18), B, ("b", "2020", 9, LATER)], SUM, []),
    "parts of another release where it must agree": (ANEW, STRICT, []),
    "parts of another release where it need not": (ANEW, SUM, [False]),
    "a constant stands for the whole": ([("a", "2020", 60), ("b", "2020", 3)], CLASSES, []),
    "a constant is not reached": (
        [("a", "2020", 60), ("b", "2020", 4)], CLASSES, "a, viet-nam, 2020: 60 + 4 = 64, not 63"),
    "a constant stands for the denominator": ([("a", "2020", "429.47"), ("share", "2020", 54)], POINTS, []),
    "a share of a constant is wrong": ([("a", "2020", "429.47"), ("share", "2020", 55)], POINTS, [False]),
    "a printed percentage beside its fraction": (
        [("a", "2023", 160), ("b", "2023", 334), ("share", "2023", 60)], OCOP,
        "share, viet-nam, 2023: 160 / 334 = 47.9 %, not 60 %"),
    "a mean over years": ([*YEARS, ("share", "2020-2022", "12.79")], MEAN, []),
    "a wrong mean over years": ([*YEARS, ("share", "2020-2022", "11.53")], MEAN, [False]),
    "a mean is held against the releases of its day": (
        [*YEARS, ("share", "2020", "99", {"vintage": "2025-01-01"}), ("share", "2020-2022", "12.79")], MEAN, []),
    "one figure printed twice in one release": (
        [("share", "2021", "12.87"), ("share", "2021", "12.88")], None, {"reported_twice": False}),
    "one figure rounded twice": ([("share", "2021", "12.87"), ("share", "2021", "12.9")], None, []),
    "beyond the upper bound": ([("share", "2021", 101)], None, {"out_of_bounds": False}),
    "below the lower bound": ([("a", "2021", -1)], None, {"out_of_bounds": False}),
    "whole percentages are rounded": (
        [("a", "2020", 33, PERCENT), ("b", "2020", 33, PERCENT), ("all", "2020", 67, PERCENT)], SUM, []),
    "whole counts are exact": ([("a", "2020", 33), ("b", "2020", 33), ("all", "2020", 67)], SUM, [False]),
    "a count that starts from nothing has no ratio": (
        [("a", "2020", 0, {"area": "hue"}), ("a", "2021", 500, {"area": "hue"}),
         *(("a", str(2010 + i), 10 + i, {"area": "ha-noi"}) for i in range(12))], None, []),
}


@cases("figures relation known", FAULTS)
def test_faults_between_figures_are_found_and_those_of_record_are_known(figures, relation, known):
    problems = found(rows(*figures), *([relation] if relation else []))
    if isinstance(known, dict):
        assert problems.set_index("rule")["known"].to_dict() == known
    elif isinstance(known, str):
        assert problems["received"].tolist() == [known]
    else:
        assert problems["known"].tolist() == known


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
