"""import dxanalysis as dx: a handful of verbs for people who think in DataFrames."""

import doctest
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import api
from dxanalysis.cli import lab
from dxanalysis.facts.understand import frames, template, yearly

OWN = pd.DataFrame({"year": [2019, 2020, 2021, 2022, 2023], "value": [30.0, 34.0, 41.0, 47.5, 52.0]})


@pytest.mark.parametrize("module", [dx, api, frames, template, lab], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL)
    assert result.attempted
    assert result.failed == 0


def test_importing_the_package_loads_no_tables():
    code = "import sys, dxanalysis; dir(dxanalysis); print('pandas' in sys.modules, 'ipywidgets' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "False"]


def test_completion_offers_the_verbs_and_the_rooms_only():
    assert {"history", "targets", "forecast", "attainment", "judge", "plot", "show", "read"} <= set(dir(dx))
    assert not [name for name in dir(dx) if name.startswith("_") and name != "__version__"]


def test_an_unknown_verb_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"dxanalysis has no 'histroy'.*history"):
        dx.histroy  # noqa: B018


def test_the_verb_and_the_room_have_names_of_their_own_whichever_is_imported_first():
    for first in ("import dxanalysis.forecasting", "from dxanalysis import forecast", "pass"):
        code = f"{first}; import dxanalysis as dx; print(callable(dx.forecast), callable(dx.forecasting.explain))"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert shown.stdout.split() == ["True", "True"]


def test_a_table_with_year_and_value_is_enough_for_every_verb():
    goals = {2023: 50.0, 2030: 80.0}
    assert list(dx.forecast(OWN, 3, quantiles=[0.5])["year"]) == [2024, 2025, 2026]
    attained = dx.attainment(OWN, goals)
    assert attained["verdict"].iloc[0] == "achieved"
    assert 0 <= attained["probability"].iloc[1] <= 1
    assert set(dx.judge(OWN, goals)["target_year"]) == {2023, 2030}
    for kind in api.PICTURES:
        assert dx.plot(OWN, goals, kind=kind, lang="en").get_label()


def test_a_forecast_keeps_within_the_bounds_of_what_is_measured():
    high = pd.DataFrame({"year": [2021, 2022, 2023], "value": [90.0, 95.0, 99.0]})
    share = dx.measure("Hồ sơ trực tuyến", title_en="Online files")
    assert dx.forecast(high, 5, indicator=share)["value"].max() <= 100


def test_the_verbs_give_plain_tables():
    history = dx.history("digital_economy_share", "Việt Nam")
    targets = dx.targets("digital_economy_share", "Việt Nam")
    for table in (history, targets, dx.forecast(history), dx.attainment(history, targets), dx.judge(history, targets)):
        assert type(table) is pd.DataFrame


def test_lower_is_better_where_the_measure_says_so():
    days = dx.measure("Thời gian xử lý", unit="ngày", direction=-1)
    falling = pd.DataFrame({"year": [2021, 2022, 2023], "value": [9.0, 7.0, 4.0]})
    assert dx.attainment(falling, {2023: 5.0}, indicator=days)["verdict"].tolist() == ["achieved"]


def test_a_shown_table_names_unit_definition_and_sources_and_escapes_them():
    markup = dx.show(dx.history("digital_economy_share", "viet-nam"))._repr_html_()
    assert "(%)" in markup
    assert 'href="https://' in markup
    nasty = dx.measure("<script>alert(1)</script>")
    assert "<script>" not in dx.show(OWN, indicator=nasty)._repr_html_()


def test_a_table_without_years_is_refused_with_the_cure():
    with pytest.raises(ValueError, match=r"no 'year'. Rename: table.rename\(columns=\{'k': 'year'\}\)"):
        dx.judge(OWN.rename(columns={"year": "k"}), {2030: 80.0})


def test_something_that_is_no_table_is_refused():
    with pytest.raises(TypeError, match=r"The history is a list\. Give a table with year and value"):
        dx.forecast([1, 2, 3])


@pytest.mark.parametrize("shape", [
    pd.Series([30.0, 34.0, 41.0, 47.5, 52.0], index=[2019, 2020, 2021, 2022, 2023]),
    OWN.set_index("year"),
    OWN.assign(indicator="my_own", area="Phường 1", definition="x"),
], ids=["series", "years as index", "names that no catalogue knows"])  # fmt: skip
def test_a_series_and_an_index_of_years_and_names_of_ones_own_are_understood(shape):
    pd.testing.assert_series_equal(dx.forecast(shape, 2)["value"], dx.forecast(OWN, 2)["value"])
    assert dx.judge(shape, pd.Series({2030: 80.0}))["step"].tolist() == dx.judge(OWN, {2030: 80.0})["step"].tolist()


CURES = [
    (OWN.rename(columns={"value": "gia", "year": "k"}), r"has the columns .* and no 'year'. Rename"),
    (pd.DataFrame({"value": [1.0]}), r"no 'year'. Add it"),
    (pd.concat([OWN, OWN]), r"2019 twice"),
    (pd.Series([30.0, 34.0, 41.0]), r"\[0, 1, 2\] is no years"),
    (pd.concat([OWN, OWN["value"]], axis=1), r"2 columns 'value'. Keep one: table.loc"),
    (OWN.assign(value=[True, False, True, True, False]), r"true and false"),
    (OWN.assign(value=[1j, 2, 3, 4, 5]), r"complex numbers"),
    (OWN.assign(value=[1e308, 1, 2, 3, 4]), r"cannot be computed with"),
    (OWN.assign(year=[1, 2, 3, 4, 5]), r"is no year"),
]


@pytest.mark.parametrize(("table", "cure"), CURES, ids=[cure for _, cure in CURES])
def test_what_cannot_be_computed_with_is_refused_with_the_cure(table, cure):
    for verb in (dx.judge, dx.attainment, dx.plot):
        with pytest.raises(ValueError, match=cure):
            verb(table, {2030: 80.0})
    with pytest.raises(ValueError, match=cure):
        dx.forecast(table, 2)


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"Direction 5 is none\. \+1"):
        dx.measure("x", direction=5)


def test_an_example_workbook_is_read_back_as_it_was(tmp_path):
    published = dx.history("digital_economy_share", "viet-nam")
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    columns = ["indicator", "definition", "area", "year", "value", "status", "source"]
    pd.testing.assert_frame_equal(history[columns], published[columns])


def test_an_example_gives_an_undated_page_the_day_its_figures_count_as_known(tmp_path):
    published = dx.history("pci_score", "bac-ninh")
    undated = [not dx.facts.source(one).published for one in published["source"]]
    assert any(undated)
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    assert history.loc[undated, "vintage"].tolist() == published.loc[undated, "vintage"].tolist()


def test_a_template_without_figures_gives_an_empty_history(tmp_path):
    published = dx.history("digital_economy_share", "viet-nam")[:0]
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    assert list(history.columns) == yearly.HISTORY
    assert history.empty


def test_a_plain_file_of_ones_own_is_read(tmp_path):
    file = tmp_path / "của tôi.csv"
    file.write_text("Năm;Giá trị\n2023;7,1\n2024;8,25\n", encoding="utf-8")
    history = dx.read(file, indicator="digital_economy_share", area="Quảng Ninh", through=2023)
    assert history[["area", "year", "value"]].values.tolist() == [["quang-ninh", 2023, 7.1]]


def test_a_file_that_leaves_a_question_says_how_to_answer_it(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("Năm;Giá trị\n2023;7,1\n2024;8,25\n", encoding="utf-8")
    with pytest.raises(dx.Unclear, match="Answer with area=") as asked:
        dx.read(file, indicator="digital_economy_share")
    assert (asked.value.question, asked.value.keyword) == ("area", "area")


def workbook(path: Path, rows: list[list[object]], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_of_ones_own_with_a_title_and_vietnamese_headers_is_read(tmp_path):
    rows = [["BÁO CÁO CHUYỂN ĐỔI SỐ"], [], ["Năm", "Giá trị (%)"], [2023, "7,1"], [2024, 8.25]]
    file = workbook(tmp_path / "của tôi.xlsx", rows, sheet="Số liệu")  # the name of the template's sheet, by chance
    history = dx.read(file, indicator="digital_economy_share", area="Quảng Ninh")
    assert history[["area", "year", "value"]].values.tolist() == [["quang-ninh", 2023, 7.1], ["quang-ninh", 2024, 8.25]]


def test_of_a_wide_workbook_of_many_places_the_asked_one_is_taken(tmp_path):
    rows = [["Tỉnh, thành phố", "2023", "2024"], ["Hải Phòng", 14, 16], ["Quảng Ninh", 5.6, 7.1]]
    history = dx.read(workbook(tmp_path / "w.xlsx", rows), indicator="digital_economy_share", area="Quảng Ninh")
    assert history[["area", "year", "value"]].values.tolist() == [["quang-ninh", 2023, 5.6], ["quang-ninh", 2024, 7.1]]


def test_a_workbook_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(dx.facts.DataError, match=r"nowhere\.xlsx: is not a file"):
        dx.facts.own_workbook("nowhere.xlsx", OWN, tmp_path)


def test_options_behind_lab_and_explore_reach_jupyter():
    assert lab.passed_on(["lab", "--no-browser", "--port=1"]) == ["lab", "--", "--no-browser", "--port=1"]
    assert lab.without_mark(["--", "--no-browser"]) == ["--no-browser"]


def test_settings_of_the_researcher_are_never_overwritten(tmp_path):
    lab.write_settings(tmp_path)
    (file,) = tmp_path.rglob("notification*")
    file.write_text("{}", encoding="utf-8")
    lab.write_settings(tmp_path)
    assert file.read_text(encoding="utf-8") == "{}"
