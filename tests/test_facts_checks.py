"""The checker lists every fault with its row and cure, and passes what is sound."""

import pandas as pd
import pytest

from dxanalysis.facts.checks import check, check_folders, check_links, check_observations, check_table, value_faults
from dxanalysis.facts.schema import SHIPPED, fields, read_folder

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
