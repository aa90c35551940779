"""Declared relations between indicators, and press arithmetic on printed numbers."""

import csv
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis.facts import relations as arithmetic
from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import DataError
from dxanalysis.facts.relations import load_relations
from tests.tables import cases

# ---------- The declared relations between indicators

@pytest.mark.parametrize("line", [
    "x,guess,a,b,,area,,", "x,sum,,a,,area,,", "x,fraction,a,b,,area,,", "x,sum,a,,,area,,", "x,sum,a,b,,place,,",
])
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


def test_every_shipped_relation_names_known_indicators():
    ids = set(open_package().tables["indicators"]["id"])
    assert {name for r in load_relations() for name in (r.whole, *r.parts) if name} <= ids


# ---------- Press arithmetic on printed numbers: the errors the founding facts hold, and the sums that are right

RELEASES = ["12.66", "12.87", "12.83", "12.87", "13.17"]


@cases("rule given said", {
    "community teams do not add up": (
        arithmetic.sum_problem, ["1,473", ["1,452", "11"]], "1,452 + 11 = 1,463, not 1,473"),
    "nor do seventeen provinces beside five and thirteen": (
        arithmetic.sum_problem, [17, [5, 13]], "5 + 13 = 18, not 17"),
    "a right sum": (arithmetic.sum_problem, [63, [5, 7, 44, 7]], ""),
    "a right sum of rounded numbers": (
        partial(arithmetic.sum_problem, counts=False), ["429.47", ["234.31", "85.42", "109.74"]], ""),
    "OCOP products printed as sixty percent": (
        arithmetic.fraction_problem, [60, 160, 334], "160 / 334 = 47.9 %, not 60 %"),
    "a percentage of another denominator": (
        arithmetic.fraction_problem, ["40.4", 108, 334], "108 / 334 = 32.3 %, not 40.4 %"),
    "a right percentage": (arithmetic.fraction_problem, ["40.4", 108, 267], ""),
    "a percentage of nothing": (arithmetic.fraction_problem, [5, 1, 0], "the denominator is 0"),
    "two printings of one figure": (
        arithmetic.report_problem, ["12.87", "12.88"], "12.87 and 12.88 are printed for one figure"),
    "one figure rounded": (arithmetic.report_problem, ["12.9", "12.87"], ""),
    "a right mean": (arithmetic.mean_problem, ["12.88", RELEASES], ""),
    "the mean of a first release": (arithmetic.mean_problem, ["12.62", ["12.66", "12.87", "12.63", "12.33"]], ""),
    "a wrong mean": (
        arithmetic.mean_problem, ["11.53", RELEASES],
        "the mean of 12.66, 12.87, 12.83, 12.87, 13.17 is 12.88, not 11.53"),
    "a share of a share": (arithmetic.product_problem, ["94.3", ["99.3", 95]], ""),
    "a wrong share of a share": (
        arithmetic.product_problem, [99, ["99.3", 95]], "99.3 % of 95 % is 94.3 %, not 99 %"),
    "a part as large as its whole": (arithmetic.order_problem, [177, 177], ""),
    "a part larger than its whole": (arithmetic.order_problem, [178, 177], "178 is more than its whole, 177"),
})
def test_press_arithmetic_on_printed_numbers(rule, given, said):
    assert rule(*given) == said


def test_the_published_derived_numbers_pass(shared):
    with (shared / "oracles" / "vn_published_derived_numbers.csv").open(encoding="utf-8") as stream:
        rows = {row["quantity"]: row for row in csv.DictReader(stream)}
    counts = [row["published"] for name, row in rows.items() if name.startswith("provinces")]
    assert arithmetic.sum_problem(63, counts) == ""
    growth = arithmetic.exact("0.7955") / arithmetic.exact("0.7326") - 1
    assert round(float(growth) * 100, 1) == 8.6
    core = rows["core digital share of digital economy 2023, %"]["published"]
    assert arithmetic.fraction_problem(core, "7.42", "12.33") == ""


def test_what_is_no_number_is_said():
    with pytest.raises(ValueError, match="'many' is no number"):
        arithmetic.exact("many")
    with pytest.raises(ValueError, match="nan is no finite number"):
        arithmetic.exact(float("nan"))


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
