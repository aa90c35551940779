"""Press arithmetic: the errors the founding facts hold, and the sums that are right."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis.facts import arithmetic, linter
from dxanalysis.facts.linter import check
from dxanalysis.facts.records import DataError
from dxanalysis.facts.relations import Relation, load_relations


def test_community_teams_do_not_add_up():
    assert arithmetic.sum_problem("1,473", ["1,452", "11"]) == "1,452 + 11 = 1,463, not 1,473"


def test_seventeen_provinces_beside_five_and_thirteen_do_not_add_up():
    assert arithmetic.sum_problem(17, [5, 13]) == "5 + 13 = 18, not 17"


def test_ocop_products_printed_as_sixty_percent_are_caught():
    assert arithmetic.fraction_problem(60, 160, 334) == "160 / 334 = 47.9 %, not 60 %"
    assert arithmetic.fraction_problem("40.4", 108, 334) == "108 / 334 = 32.3 %, not 40.4 %"
    assert arithmetic.fraction_problem("40.4", 108, 267) == ""


def test_two_printings_of_one_figure_are_caught():
    assert arithmetic.report_problem("12.87", "12.88") == "12.87 and 12.88 are printed for one figure"
    assert arithmetic.report_problem("12.9", "12.87") == ""


def test_right_sums_pass():
    assert arithmetic.sum_problem(63, [5, 7, 44, 7]) == ""
    assert arithmetic.sum_problem("429.47", ["234.31", "85.42", "109.74"], counts=False) == ""


def test_means_of_published_releases_pass_and_a_wrong_one_is_caught():
    members = ["12.66", "12.87", "12.83", "12.87", "13.17"]
    assert arithmetic.mean_problem("12.88", members) == ""
    assert arithmetic.mean_problem("12.62", ["12.66", "12.87", "12.63", "12.33"]) == ""
    assert "not 11.53" in arithmetic.mean_problem("11.53", members)


def test_the_published_derived_numbers_pass(shared):
    with (shared / "oracles" / "vn_published_derived_numbers.csv").open(encoding="utf-8") as stream:
        rows = {row["quantity"]: row for row in csv.DictReader(stream)}
    counts = [row["published"] for name, row in rows.items() if name.startswith("provinces")]
    assert arithmetic.sum_problem(63, counts) == ""
    growth = arithmetic.exact("0.7955") / arithmetic.exact("0.7326") - 1
    assert round(float(growth) * 100, 1) == 8.6
    core = rows["core digital share of digital economy 2023, %"]["published"]
    assert arithmetic.fraction_problem(core, "7.42", "12.33") == ""


def test_a_share_of_a_share():
    assert arithmetic.product_problem("94.3", ["99.3", 95]) == ""
    assert arithmetic.product_problem(99, ["99.3", 95]) == "99.3 % of 95 % is 94.3 %, not 99 %"


def test_a_part_is_never_more_than_its_whole():
    assert arithmetic.order_problem(177, 177) == ""
    assert arithmetic.order_problem(178, 177) == "178 is more than its whole, 177"


def test_what_is_no_number_is_said():
    with pytest.raises(ValueError, match="'many' is no number"):
        arithmetic.exact("many")
    with pytest.raises(ValueError, match="nan is no finite number"):
        arithmetic.exact(float("nan"))
    assert arithmetic.fraction_problem(5, 1, 0) == "the denominator is 0"


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(-5, 5))
def test_counts_agree_only_when_exact(parts, off):
    assert (arithmetic.sum_problem(sum(parts) + off, parts) == "") == (off == 0)


@given(st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=8))
def test_rounded_parts_of_a_rounded_whole_always_pass(parts):
    printed = [f"{part:.2f}" for part in parts]
    assert arithmetic.sum_problem(f"{sum(parts):.2f}", printed, counts=False) == ""
    assert arithmetic.mean_problem(f"{sum(parts) / len(parts):.2f}", printed) == ""


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 3))
def test_a_rounded_percentage_of_a_fraction_always_passes(numerator, denominator, digits):
    assert arithmetic.fraction_problem(f"{100 * numerator / denominator:.{digits}f}", numerator, denominator) == ""


def rows(*figures):
    """Build observations from (indicator, period, value, extra columns)."""
    table = []
    for indicator, period, value, *more in figures:
        row = {"indicator": indicator, "definition": "gso", "area": "viet-nam", "period": period, "value": str(value)}
        row |= {"unit": "count", "vintage": "2024-01-01", "qualifier": "=", "conflict": "", "break_before": ""}
        table.append(row | (more[0] if more else {}))
    return pd.DataFrame(table)


INDICATORS = pd.DataFrame(
    {
        "id": ["all", "a", "b", "share"],
        "unit": ["count", "count", "count", "percent"],
        "lower": "0",
        "upper": ["", "", "", "100"],
    }
)
SUM = Relation("whole", "sum", "all", ("a", "b"), "", ("area", "period"), frozenset(), "parts of one whole")


def found(table, *relations):
    problems = check({"observations": table, "indicators": INDICATORS}, relations=relations)
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


def test_every_shipped_relation_names_known_indicators():
    from dxanalysis.facts.package import open_package

    ids = set(open_package().tables["indicators"]["id"])
    assert {name for r in load_relations() for name in (r.whole, *r.parts) if name} <= ids


@pytest.mark.parametrize(
    "line",
    ["x,guess,a,b,,area,,", "x,sum,,a,,area,,", "x,fraction,a,b,,area,,", "x,sum,a,,,area,,", "x,sum,a,b,,place,,"],
)
def test_an_incomplete_relation_is_refused_with_its_row(tmp_path, line):
    path = tmp_path / "relations.csv"
    path.write_text(f"relation,rule,whole,parts,constant,match,known,note\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"relations\.csv row 2: the relation 'x' is unknown or incomplete"):
        load_relations(path)


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "relations.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has other columns"):
        load_relations(path)
